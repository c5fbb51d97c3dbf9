"""Which texts of the reference file can be searched, and which of them get a vector.

With a vector: ICD-10-CM titles above the seventh character, inclusion terms and includes notes, HCPCS titles, category labels, aliases of
cards and passages. Found by words and code only: titles of seventh-character codes (their stem is embedded) and ICD-10-PCS titles.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from knowledge.codes import CodeSystem, readings
from knowledge.entries import Entry
from knowledge.passages import Topic
from knowledge.records import Licence, NoteKind

__all__ = ["searchable"]


def searchable(connection: sqlite3.Connection) -> Iterator[Entry]:
    """Yield the entries of everything in the file."""
    yield from _titles(connection)
    yield from _terms(connection)
    yield from _categories(connection)
    yield from _cards(connection)


def _titles(connection: sqlite3.Connection) -> Iterator[Entry]:
    # Wording under the AMA's licence stays out of the index and of the vectors made from it.
    rows = connection.execute(
        "SELECT DISTINCT c.system, c.value, c.title, c.origin <> '' OR EXISTS("
        "  SELECT 1 FROM code o WHERE o.system = c.system AND o.value = c.value AND o.origin = 'composed') "
        "FROM code c JOIN edition e ON e.id = c.edition "
        "WHERE c.title <> '' AND c.node NOT IN ('chapter', 'block') AND c.system IN ('icd10cm', 'icd10pcs', 'hcpcs', 'cpt') AND e.licence <> ? "
        "ORDER BY c.system, c.value",
        (Licence.AMA_TEXT,),
    )
    for system, value, title, seventh in rows:
        embedded = system != CodeSystem.ICD10PCS and not seventh
        yield Entry.for_title(system, value, title, topic=Topic.CODES, embedded=embedded)


def _terms(connection: sqlite3.Connection) -> Iterator[Entry]:
    rows = connection.execute(
        "SELECT DISTINCT n.node, n.text FROM note n WHERE n.kind IN (?, ?) AND EXISTS("
        "  SELECT 1 FROM code c WHERE c.system = 'icd10cm' AND c.value = n.node AND c.node NOT IN ('chapter', 'block')) ORDER BY n.node, n.ord",
        (NoteKind.INCLUSION_TERM, NoteKind.INCLUDES),
    )
    for node, text in rows:
        yield Entry.for_alias(text, system=CodeSystem.ICD10CM, code=node, topic=Topic.CODES)


def _categories(connection: sqlite3.Connection) -> Iterator[Entry]:
    # "... - Other" names what is left over in a group: thousands of codes, nothing anyone asks for.
    rows = connection.execute(
        "SELECT DISTINCT value, label FROM category WHERE label NOT LIKE '%- Other' ORDER BY value"
    )
    for value, label in rows:
        system = CodeSystem.CPT if value[0].isdigit() else CodeSystem.HCPCS
        yield Entry.for_alias(label, system=system, code=value, topic=Topic.CODES)


def _cards(connection: sqlite3.Connection) -> Iterator[Entry]:
    documents = connection.execute("SELECT id, title, kind, topic, codes, aliases FROM document ORDER BY id").fetchall()
    for identity, title, kind, topic, codes, aliases in documents:
        passages = connection.execute(
            "SELECT id, heading, text FROM passage WHERE document = ? ORDER BY ord", (identity,)
        ).fetchall()
        if not passages:
            continue
        system, code = _one_code(kind, json.loads(codes))
        leads_to = {"system": system, "code": code} if code else {"passage_id": passages[0][0]}
        yield Entry.for_alias(title, topic=topic, **leads_to)
        for alias in json.loads(aliases):
            yield Entry.for_alias(alias, topic=topic, **leads_to)
        for passage, heading, text in passages:
            whole = f"{title}. {heading}. {text}" if heading else f"{title}. {text}"
            yield Entry.for_passage(passage, whole, topic=topic, system=system, code=code)


def _one_code(kind: str, codes: list[str]) -> tuple[str, str]:
    if kind != "code" or len(codes) != 1:
        return "", ""
    found = readings(codes[0])
    return (str(found[0].system), found[0].value) if found else ("", "")
