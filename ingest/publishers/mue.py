"""NCCI medically unlikely edits (MUE): practitioner, outpatient hospital and DME supplier services.

Layout (inspected copies of the 2026 Q3 files): Windows-1252 CSV or a workbook. Record 1 is a quoted notice over several lines; record 2
is the header, with a line break inside its first cell: ``HCPCS/ CPT Code | <Setting> Services MUE Values | MUE Adjudication Indicator |
MUE Rationale``. The setting stands in the header; the effective date only in the name (``..._Eff_07-01-2026``). The adjudication
indicator is a digit and its text: ``1 Line Edit``, ``2 Date of Service Edit: Policy``, ``3 Date of Service Edit: Clinical``.

Derived copies with the header ``code, mue_value, mai, rationale`` are read as well; their setting stands in the name.

Not every limit is published: a code that is absent has no known limit, never none (CMS NCCI Policy Manual, chapter I).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from ingest.publishers import Format, Piece, Quarter, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Columns, Layout, procedure_code
from ingest.publishers.sample import Sample
from knowledge.errors import RefusedFile, UnreadableFile
from knowledge.records import Licence, Mue, Setting
from knowledge.writing import EditionDraft

__all__ = ["TABLE"]

LARGEST_VALUE = 1_000_000
"""Units; the largest published value is 90,000."""
FEWEST_ROWS = 500

_LAYOUT = Layout(
    "NCCI MUE table",
    required={
        "code": r"(?:hcpcs ?/ ?cpt|cpt ?/ ?hcpcs|hcpcs)?[ _]?code",
        "value": r"(?:.* services )?mue[ _]values?",
        "adjudication": r"mue adjudication indicator|mai",
        "rationale": r"(?:mue )?rationale",
    },
    optional={},
)
_SETTINGS = {"practitioner": Setting.PRACTITIONER, "hospital": Setting.OUTPATIENT_HOSPITAL, "dme": Setting.DME}


def _recognises(sample: Sample) -> bool:
    return sample.tabular and _LAYOUT.find(sample.rows) is not None


def _read(sample: Sample, settings: ReadSettings) -> Piece:
    if re.search(r"medicaid|\bmcd[-_]", f"{sample.named} {sample.banner}"):
        raise RefusedFile(f"{sample.place}: these are Medicaid MUEs; only Medicare's are loaded, since the two differ")
    columns, header = _LAYOUT.header_of(sample.rows, sample.place)
    in_header = _settings_in(" ".join(sample.rows[header].cells))
    in_name = _settings_in(sample.file.name) or _settings_in(sample.named)
    if len(in_header or in_name) != 1 or (in_header and in_name and in_header != in_name):
        raise RefusedFile(
            f"{sample.place}: expected one setting (practitioner, outpatient hospital, DME supplier) in header and name, "
            f"got {sorted(in_header)} in the header and {sorted(in_name)} in the name"
        )
    setting = next(iter(in_header or in_name))
    start = _effective(sample)
    quarter = Quarter.of(start)
    tally = Tally(sample.place)
    draft = EditionDraft(
        table="mue",
        publisher="CMS",
        title=f"NCCI MUE {setting}",
        label=quarter.label,
        effective_from=start,
        effective_to=quarter.last_day,
        complete=True,
        licence=Licence.AMA_CODES,
        source=sample.place,
        sha256=sample.file.sha256,
        setting=setting,
    )
    rows = TableRows(draft, lambda: _rows(sample, columns, setting, tally), fewest=FEWEST_ROWS)
    return Piece(sample.file, f"NCCI MUE, {setting}", (rows,), tally, rank=1 if sample.workbook else 0)


def _rows(sample: Sample, columns: Columns, setting: Setting, tally: Tally) -> Iterator[Mue]:
    first_sheet = sample.rows[0].sheet
    for row in sample.all_rows():
        if row.line <= columns.header_line or row.sheet != first_sheet or not any(cell.strip() for cell in row.cells):
            continue
        tally.line, tally.read = row.line, tally.read + 1
        code = procedure_code(columns.get(row, "code"), tally)
        value = columns.get(row, "value").replace(",", "").removesuffix(".0")
        indicator = columns.get(row, "adjudication")
        if not code:
            tally.reject(f"expected a CPT or HCPCS code, got {columns.get(row, 'code')[:12]!r}")
        elif not value.isdigit() or int(value) > LARGEST_VALUE:
            tally.reject(f"expected whole units up to {LARGEST_VALUE:,}, got {value[:12]!r}")
        elif not re.match(r"[123]\b", indicator):
            tally.reject(f"expected adjudication indicator 1, 2 or 3, got {indicator[:12]!r}")
        else:
            yield Mue(code, setting, int(value), int(indicator[0]), columns.get(row, "rationale"))


def _settings_in(text: str) -> set[Setting]:
    told = text.lower()
    return {setting for word, setting in _SETTINGS.items() if word in told}


def _effective(sample: Sample) -> date:
    named = sample.named
    if match := re.search(r"(\d{2})[-_](\d{2})[-_](20\d\d)", named):
        return date(int(match[3]), int(match[1]), int(match[2]))
    if match := re.search(r"(20\d\d)-(\d{2})-(\d{2})", named):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := re.search(r"(20\d\d)[-_ ]?q([1-4])", named):
        return Quarter(int(match[1]), int(match[2])).first_day
    raise UnreadableFile(
        f"{sample.place}: expected the effective date in the name, such as Eff_07-01-2026, since the file does not state it: keep CMS's name"
    )


TABLE = Format("NCCI MUE table", _recognises, _read)
