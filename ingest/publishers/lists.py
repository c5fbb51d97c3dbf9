"""Smaller lists: RBCS, place of service, HCC mappings, Medicare telehealth services.

- RBCS (CMS data catalogue; names cross-checked, spelling uncertain): ``HCPCS_Cd, RBCS_ID, RBCS_Cat, RBCS_Cat_Desc, RBCS_Cat_Subcat, RBCS_Subcat_Desc,
  RBCS_FamNumb, RBCS_Family_Desc, RBCS_Major_Ind, HCPCS_Cd_Add_Dt, HCPCS_Cd_End_Dt, RBCS_Assignment_Eff_Dt, RBCS_Assignment_End_Dt``; a code may have
  several assignments. A derived copy (``hcpcs_code, rbcs_procedure, rbcs_category, ...``) is read as well.
- Place of service: ``pos_code, pos_type, pos_name, pos_description`` (derived copy) or ``Place of Service Code(s), ... Name, ... Description``.
- HCC: derived ``diagnosis_code, cc, model_name`` (payment year in the name); CMS's own ICD-10 mappings (uncertain): ``Diagnosis Code, Description`` and
  a column for each model whose heading names it and ends in ``... Category V28``; headings may be spread over rows.
- Telehealth list (text of 2026): title with the year, then ``HCPCS, Short Descriptor, Proposed Action``, tab-separated. The descriptor is dropped.

Source: CMS, as named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from ingest.publishers import Format, Piece, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Columns, Layout, Row, day_of, procedure_code, squeezed
from ingest.publishers.sample import Sample
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode, UnreadableFile
from knowledge.listings import PlaceOfService, RbcsAssignment, TelehealthService
from knowledge.records import Category, HccMapping, Licence
from knowledge.writing import EditionDraft

__all__ = ["FORMATS"]

NEVER = date(9999, 12, 31)
RBCS = "RBCS"

_RBCS = Layout(
    "RBCS",
    required={"code": "hcpcs_cd|hcpcs_code", "category": "rbcs_cat_desc|rbcs_category", "subcategory": "rbcs_subcat_desc|rbcs_subcategory", "family": "rbcs_family_desc|rbcs_family"},
    optional={
        "id": "rbcs_id", "major": "rbcs_major_ind|rbcs_procedure", "from": "rbcs_assignment_eff_dt|rbcs_date_effective",
        "to": "rbcs_assignment_end_dt|rbcs_date_ended", "ended": "hcpcs_cd_end_dt|hcpcs_date_ended",
    },
)  # fmt: skip
_POS = Layout(
    "place of service codes",
    required={
        "code": r"pos_code|place of service code(?:\(s\))?",
        "name": "pos_name|place of service name",
        "description": "pos_description|place of service description",
    },
    optional={"kind": "pos_type|place of service type"},
)
_HCC = Layout(
    "HCC mapping (derived copy)",
    required={"code": "diagnosis_code", "category": "cc", "model": "model_name"},
    optional={},
)
_HCC_HEAD = Layout(
    "HCC mapping", required={"code": ".*diagnosis code", "description": ".*description.*"}, optional={}, stacked=4
)
_TELEHEALTH = Layout(
    "telehealth list",
    required={"code": "hcpcs|code|hcpcs code", "descriptor": "short descriptor"},
    optional={"action": "proposed action|status|action"},
)


def _below(sample: Sample, columns: Columns, tally: Tally, key: str) -> Iterator[Row]:
    first_sheet = sample.rows[0].sheet
    for row in sample.all_rows():
        if row.line > columns.header_line and row.sheet == first_sheet and columns.get(row, key):
            tally.line, tally.read = row.line, tally.read + 1
            yield row


def _rbcs(sample: Sample, tally: Tally) -> Iterator[RbcsAssignment | Category]:
    columns, _ = _RBCS.header_of(sample.rows, sample.place)
    seen: dict[str, int] = {}
    current: dict[str, tuple[date, Category]] = {}
    for row in _below(sample, columns, tally, "code"):
        code = procedure_code(columns.get(row, "code"), tally)
        told = {field: columns.get(row, field) for field in columns.places}
        try:
            start, end = day_of(told.get("from", "")), day_of(told.get("to", ""))
        except ValueError as error:
            tally.reject(str(error))
            continue
        if not code:
            tally.reject(f"expected a CPT or HCPCS code, got {told['code'][:12]!r}")
            continue
        family = "" if told["family"].lower().startswith("no rbcs family") else told["family"]
        order = seen[code] = seen.get(code, -1) + 1
        yield RbcsAssignment(
            code,
            told.get("id", ""),
            told["category"],
            told["subcategory"],
            family,
            told.get("major", ""),
            start,
            None if end == NEVER else end,
            order,
        )
        label = " - ".join(filter(None, (told["category"], told["subcategory"], family)))
        if code not in current or (start or date.min) > current[code][0]:
            current[code] = start or date.min, Category(code, label, RBCS)
    for _, category in current.values():
        yield category


def _places(sample: Sample, tally: Tally) -> Iterator[PlaceOfService]:
    columns, _ = _POS.header_of(sample.rows, sample.place)
    for row in _below(sample, columns, tally, "code"):
        value = columns.get(row, "code").removesuffix(".0")
        for code in _pos_codes(value):
            yield PlaceOfService(
                code,
                columns.get(row, "name"),
                columns.get(row, "kind"),
                " ".join(columns.get(row, "description").split()),
            )
        if not _pos_codes(value):
            tally.reject(f"expected a place of service code of two digits, got {value[:12]!r}")


def _pos_codes(value: str) -> tuple[str, ...]:
    """Return the codes of a cell; the list writes unassigned ones as ranges (``27-30``)."""
    if match := re.fullmatch(r"(\d{1,2})\s*[-–]\s*(\d{1,2})", value):
        return tuple(f"{number:02}" for number in range(int(match[1]), int(match[2]) + 1))
    return (value.zfill(2),) if re.fullmatch(r"\d{1,2}", value) else ()


def _hcc(sample: Sample, tally: Tally) -> Iterator[HccMapping]:
    columns, _ = _HCC.header_of(sample.rows, sample.place)
    for row in _below(sample, columns, tally, "code"):
        yield from _mapping(columns.get(row, "code"), columns.get(row, "model"), columns.get(row, "category"), tally)


def _hcc_original(sample: Sample, tally: Tally) -> Iterator[HccMapping]:
    columns, last = _HCC_HEAD.header_of(sample.rows, sample.place)
    models = _models(sample, last)
    for row in _below(sample, columns, tally, "code"):
        if not re.fullmatch(r"[A-Z][0-9A-Z]{2,6}\s*", columns.get(row, "code")):
            tally.read -= 1  # footnotes below the table
            continue
        for place, model in models.items():
            cell = row.cells[place].strip().removesuffix(".0") if place < len(row.cells) else ""
            if cell:
                yield from _mapping(columns.get(row, "code"), model, cell, tally)


def _models(sample: Sample, last: int) -> dict[int, str]:
    width = max(len(row.cells) for row in sample.rows[: last + 1])
    names = {
        i: squeezed(" ".join(r.cells[i] for r in sample.rows[max(0, last - 3) : last + 1] if i < len(r.cells)))
        for i in range(width)
    }
    found = {}
    for place, name in names.items():
        if match := re.search(r"(cms-hcc esrd|cms-hcc|rxhcc|pace[\w/ -]*)\b.*?category ?(v\d\d)", name):
            family = {"cms-hcc": "CMS-HCC", "cms-hcc esrd": "CMS-HCC ESRD", "rxhcc": "RxHCC"}.get(
                match[1], match[1].upper()
            )
            found[place] = f"{family} Model {match[2].upper()}"
    return found


def _mapping(diagnosis: str, model: str, category: str, tally: Tally) -> Iterator[HccMapping]:
    try:
        code = Code.parse(diagnosis, CodeSystem.ICD10CM)
    except InvalidCode as error:
        tally.reject(str(error))
        return
    if re.fullmatch(r"\d{1,3}", category):
        yield HccMapping(code.value, model, category, "")
    else:
        tally.reject(f"{diagnosis}: expected a category number, got {category[:12]!r}")


def _telehealth(sample: Sample, tally: Tally) -> Iterator[TelehealthService]:
    columns, _ = _TELEHEALTH.header_of(sample.rows, sample.place)
    for row in _below(sample, columns, tally, "code"):
        code = procedure_code(columns.get(row, "code"), tally)
        if code:
            yield TelehealthService(code, columns.get(row, "action"))
        elif len(columns.get(row, "code")) < 10:
            tally.reject(f"expected a CPT or HCPCS code, got {columns.get(row, 'code')[:12]!r}")
        else:
            tally.read -= 1  # footnotes below the list


def _year(sample: Sample) -> tuple[date, date]:
    match = re.search(
        r"(?:cy|calendar year|payment year|py)?\s*(?<!\d)(20\d\d)(?!\d)",
        f"{sample.banner[:600]} {sample.file.name.lower()}",
    ) or re.search(r"(20\d\d)", sample.named)
    if match is None:
        raise UnreadableFile(f"{sample.place}: expected the year in the title or name: keep CMS's name")
    return date(int(match[1]), 1, 1), date(int(match[1]), 12, 31)


def _month(sample: Sample) -> tuple[date, date | None]:
    if match := re.search(r"(20\d\d)[-_](\d{2})", sample.named):
        return date(int(match[1]), int(match[2]), 1), None
    start, _ = _year(sample)
    return start, None


def _reader(
    table: str, title: str, licence: Licence, when: Callable[[Sample], tuple[date, date | None]], rows: Callable[[Sample, Tally], Iterator[Any]], fewest: int
) -> Callable[[Sample, ReadSettings], Piece]:  # fmt: skip
    def read(sample: Sample, settings: ReadSettings) -> Piece:
        (start, end), tally = when(sample), Tally(sample.place)
        label = str(start.year) if end else f"{start:%B %Y}"
        draft = EditionDraft(table, "CMS", title, label, start, end, True, licence, sample.place, sample.file.sha256)
        return Piece(
            sample.file,
            title,
            (TableRows(draft, lambda: rows(sample, tally), fewest=fewest),),
            tally,
            rank=1 if sample.workbook else 0,
        )

    return read


def _is_hcc_original(sample: Sample) -> bool:
    found = _HCC_HEAD.find(sample.rows[:15]) if sample.tabular else None
    return found is not None and bool(_models(sample, found[1]))


def _is_telehealth(sample: Sample) -> bool:
    return (
        sample.tabular
        and "telehealth" in f"{sample.banner} {sample.named}"
        and _TELEHEALTH.find(sample.rows) is not None
    )


FORMATS = (
    Format("RBCS", lambda s: s.tabular and _RBCS.find(s.rows) is not None, _reader("rbcs", RBCS, Licence.AMA_CODES, _month, _rbcs, 5_000)),
    Format("place of service codes", lambda s: s.tabular and _POS.find(s.rows) is not None, _reader("place_of_service", "Place of service codes", Licence.PUBLIC, _month, _places, 30)),
    Format("HCC mapping (derived copy)", lambda s: s.tabular and _HCC.find(s.rows[:1]) is not None, _reader("hcc", "CMS-HCC ICD-10 mappings", Licence.PUBLIC, _year, _hcc, 5_000)),
    Format("HCC mapping", _is_hcc_original, _reader("hcc", "CMS-HCC ICD-10 mappings", Licence.PUBLIC, _year, _hcc_original, 5_000)),
    Format("telehealth list", _is_telehealth, _reader("telehealth", "Medicare telehealth services", Licence.AMA_CODES, _year, _telehealth, 100)),
)  # fmt: skip
