"""What the references in cards stand for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from ingest.references import References
from knowledge.codes import Code, CodeSystem
from knowledge.records import (
    AddOnPair,
    AscStatus,
    CodeRecord,
    FeeIndicators,
    Licence,
    Mue,
    OppsStatus,
    Setting,
    Validity,
)
from knowledge.reference import ReferenceStore
from knowledge.schema import OPEN
from knowledge.writing import EditionDraft, PtpRow, ReferenceWriter

DAY = date(2026, 11, 23)


def draft(table: str, title: str, setting: Setting | None = None, system: CodeSystem | None = None) -> EditionDraft:
    """Return an edition of the last quarter of 2026."""
    return EditionDraft(
        table,
        "CMS",
        title,
        "2026 Q4",
        date(2026, 10, 1),
        date(2026, 12, 31),
        True,
        Licence.AMA_CODES,
        "f",
        "",
        setting,
        system=system,
    )


@pytest.fixture
def references(tmp_path: Path) -> Iterator[References]:
    """A store with one row of each kind."""
    path = tmp_path / "reference-1.sqlite"
    cells = ("A", "1", "ZZZ", "3", "2", "", "9", "0", "45378", "01", "99")
    with ReferenceWriter(path) as writer:
        writer.add(draft("fee", "PFS"), [FeeIndicators("11111", "", *cells)])
        writer.add(
            draft("mue", "MUE", Setting.PRACTITIONER),
            [Mue("11111", Setting.PRACTITIONER, 1, 2, ""), Mue("22222", Setting.PRACTITIONER, 0, 3, "")],
        )
        writer.add(
            draft("mue", "MUE OPH", Setting.OUTPATIENT_HOSPITAL), [Mue("11111", Setting.OUTPATIENT_HOSPITAL, 12, 1, "")]
        )
        writer.add(
            draft("ptp", "PTP", Setting.PRACTITIONER),
            [PtpRow("11111", "22222", 0, OPEN, 1, ""), PtpRow("11111", "33333", 20200101, 20211231, 0, "")],
        )
        writer.add(
            draft("addon", "AOC"),
            [AddOnPair("11111", f"2222{n}", 3, None, None) for n in range(8)]
            + [AddOnPair("22222", "CCCCC", 2, None, None)],
        )
        writer.add(
            draft("opps", "OPPS"),
            [OppsStatus("11111", "T", "1234", "", "paid, reduced"), OppsStatus("22222", "S1", "")],
        )
        writer.add(draft("asc", "ASC"), [AscStatus("11111", "AA", "A2"), AscStatus("22222", "EE", "")])
        cm = draft("code", "CM", system=CodeSystem.ICD10CM)
        writer.add(
            cm,
            [
                CodeRecord(Code(CodeSystem.ICD10CM, "Q10"), "Blue knee", node="category"),
                CodeRecord(Code(CodeSystem.ICD10CM, "Q101"), ""),
            ],
        )
        windows = [
            Validity(Code(CodeSystem.ICD10CM, "Q101"), date(2016, 10, 1), None),
            Validity(Code(CodeSystem.ICD10CM, "Q102"), date(2015, 10, 1), date(2026, 9, 30)),
        ]
        writer.add(draft("validity", "VAL", system=CodeSystem.ICD10CM), windows)
        writer.add(
            draft("validity", "CPTV", system=CodeSystem.CPT), [Validity(Code(CodeSystem.CPT, "11111"), date.min, None)]
        )
    with closing(ReferenceStore(path)) as store:
        yield References(store, DAY)


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("status:11111", "status A, active, paid under the fee schedule (PFS, 2026 Q4)"),
        ("pctc:11111", "PC/TC indicator 1, has professional and technical components, 26 and TC apply (PFS, 2026 Q4)"),
        ("global:11111", "ZZZ, add-on, inside the global period of the primary service (PFS, 2026 Q4)"),
        ("multiple:11111", "multiple-procedure indicator 3, endoscopy family (PFS, 2026 Q4)"),
        ("bilateral:11111", "bilateral indicator 2, already priced as bilateral (PFS, 2026 Q4)"),
        ("assistant:11111", None),
        ("cosurgeon:11111", "co-surgeon indicator 9, does not apply (PFS, 2026 Q4)"),
        ("team:11111", "team indicator 0, not permitted (PFS, 2026 Q4)"),
        ("endobase:11111", "45378 (PFS, 2026 Q4)"),
        ("supervision:11111", "supervision indicator 01, general (PFS, 2026 Q4)"),
        ("status:99999", None),
        ("mue:11111", "1 unit, MAI 2, per day, by policy (MUE, 2026 Q4)"),
        ("mue:22222", "not payable: 0 units, MAI 3, per day, clinical benchmark (MUE, 2026 Q4)"),
        ("mue_outpatient:11111", "12 units, MAI 1, per claim line (MUE OPH, 2026 Q4)"),
        ("mue_outpatient:22222", None),
        ("ptp:11111/22222", "column 1 11111, column 2 22222, modifier indicator 1 (PTP, 2026 Q4)"),
        ("ptp:22222/11111", None),
        (
            "ptp:11111/33333",
            "column 1 11111, column 2 33333, modifier indicator 0, deleted, last day 2021-12-31 (PTP, 2026 Q4)",
        ),
        (
            "addon:11111",
            "type 3, open list of primary codes: 22220, 22221, 22222, 22223, 22224, 22225 and 2 more (AOC, 2026 Q4)",
        ),
        ("addon:22222", "type 2, primary codes set by the contractor (AOC, 2026 Q4)"),
        ("opps:11111", "status T, APC 1234, paid, reduced (OPPS, 2026 Q4)"),
        ("opps:22222", "status S1 (OPPS, 2026 Q4)"),
        ("asc:11111", "indicator A2 (ASC, 2026 Q4)"),
        ("asc:22222", "excluded from ASC payment (ASC, 2026 Q4)"),
        ("title:icd10cm:Q10", "Blue knee"),
        ("title:icd10cm:Q10.1", None),
        ("valid:icd10cm:Q10.1", "valid since 2016-10-01 (VAL, 2026 Q4)"),
        ("valid:icd10cm:Q10.2", "valid since 2015-10-01 until 2026-09-30 (VAL, 2026 Q4)"),
        ("valid:cpt:11111", "valid (CPTV, 2026 Q4)"),
        ("valid:weather:11111", None),
        ("title:icd10cm:not a code", None),
        ("colour:11111", None),
        ("mue:", None),
        ("", None),
    ],
)
def test_each_reference_is_value_meaning_and_edition(references: References, inside: str, text: str | None) -> None:
    """A row that is not there is None, never a guess."""
    assert references.resolve(inside) == text


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("Q10.1", None),
        ("Q10", None),
        ("Q10.2", "not valid on 2026-11-23, last valid on 2026-09-30"),
        ("Q19", "is in no loaded code list"),
        ("11111", None),
        ("22222", "is in no loaded code list"),
        ("G0439", "is in no loaded code list"),
        ("hello!", "is not shaped like a code"),
    ],
)
def test_a_code_stands_while_a_window_covers_the_day(references: References, code: str, problem: str | None) -> None:
    """Categories may be written about; ended and unknown codes are told."""
    assert references.stands(code) == problem
