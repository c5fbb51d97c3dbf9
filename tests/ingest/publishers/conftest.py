"""Files in the publishers' exact layouts, written by the tests with invented rows, and a loader for them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from ingest.load import LoadReport, load
from ingest.publishers import ReadSettings
from knowledge.home import Home
from knowledge.reference import ReferenceStore

PtpLine = tuple[str, str, str, str, str, str, str]


class Publish:
    """Writes files as CMS, CDC and the AMA publish them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def text(self, name: str, text: str, encoding: str = "cp1252") -> Path:
        """Write a text file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path

    def csv(self, name: str, rows: Iterable[Sequence[str]], encoding: str = "cp1252", end: str = "\r\n") -> Path:
        """Write a CSV file with the line ends CMS uses."""
        file = io.StringIO()
        csv.writer(file, lineterminator=end).writerows(rows)
        return self.text(name, file.getvalue(), encoding)

    def workbook(self, name: str, sheets: dict[str, Iterable[Sequence[object]]]) -> Path:
        """Write a workbook, one sheet for each entry."""
        import openpyxl

        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        path = self.folder / name
        book.save(path)
        return path

    def zip(self, name: str, members: dict[str, bytes | Path]) -> Path:
        """Write a zip of bytes and files."""
        path = self.folder / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content if isinstance(content, bytes) else content.read_bytes())
        return path

    # -- NCCI ------------------------------------------------------------------------------------------------------

    PTP_BANNER = (
        ("CPT only copyright 2025 American Medical Association.  All rights reserved.", "", "", "", "", "", ""),
        ("Column1/Column2 Edits", "", "", "", "", "", ""),
    )
    PTP_HEADER = (
        ("Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier", "PTP Edit Rationale"),
        ("", "", "prior to 1996", "Date", "Date", "0=not allowed", ""),
        ("", "", "", "", "*=no data", "1=allowed", ""),
        ("", "", "", "", "", "9=not applicable", ""),
    )

    def ptp(self, lines: Iterable[Sequence[str]], name: str = "ccipra-v322r0-f1.TXT") -> Path:
        """Write one part of a PTP release as text."""
        rows = (*self.PTP_BANNER, *self.PTP_HEADER, *lines)
        return self.text(name, "".join("\t".join(row) + "\r\n" for row in rows))

    def ptp_workbook(self, lines: Iterable[Sequence[object]], name: str = "ccipra-v322r0-f1.xlsx") -> Path:
        """Write one part of a PTP release as a workbook with a one-row header."""
        header = tuple("\n".join(filter(None, column)) for column in zip(*self.PTP_HEADER, strict=True))
        return self.workbook(name, {"ccipra": (*self.PTP_BANNER, header, *lines)})

    def mue(
        self,
        lines: Iterable[Sequence[str]],
        name: str = "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv",
        setting: str = "Practitioner",
    ) -> Path:
        """Write an MUE table with its notice over several lines."""
        notice = "Codes, descriptions and other data only are copyright.\n\nApplicable FARS/DFARS Restrictions Apply.\n"
        header = ("HCPCS/\nCPT Code", f"{setting} Services MUE Values", "MUE Adjudication Indicator", "MUE Rationale")
        return self.csv(name, ((notice, "", "", ""), header, *lines))

    AOC_HEADER = (
        "AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT", "AOC_Edit_DelDT",
        "Special_Instruction_Notes",
    )  # fmt: skip

    def addon(self, lines: Iterable[Sequence[object]], name: str = "AOC_V2026Q2-MCR.xlsx") -> Path:
        """Write the workbook of add-on code edits."""
        return self.workbook(name, {"AOC": (("AMA notice",), self.AOC_HEADER, *lines)})

    # -- fee schedule ----------------------------------------------------------------------------------------------

    def relative_values(
        self, lines: Sequence[Sequence[str]], *, year: int = 2026, month: str = "July", wide: bool = True
    ) -> list[list[str]]:
        """Return the rows of a relative value file: banner, header stacked over five rows, data; 32 columns where ``wide``."""
        stacked = [
            ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,NON-FACILITY,FACILITY,",
            ",,,,NOT USED,,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED",
            ",,,,FOR,,,NON-FAC,,FACILITY,,,,,,,,,,,,,,,,,SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS",
            ",,,STATUS,MEDICARE ,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,CO-,TEAM,PRIC,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT",
            "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,SURG,SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT",
        ]
        rows = [line.split(",") for line in stacked]
        data = [list(line) for line in lines]
        if not wide:
            rows, data = [row[:23] + row[24:] for row in rows], [row[:23] + row[24:] for row in data]
        width = len(rows[0])
        banner = [
            f"{year} National Physician Fee Schedule Relative Value File {month} Release", "CPT codes and descriptions only are copyright.",
            "Dental codes are copyright.", "", f"RELEASED 06/30/{year}",
        ]  # fmt: skip
        return [["", "", text, *[""] * (width - 3)] for text in banner] + rows + data

    @staticmethod
    def relative_value(
        code: str, modifier: str = "", status: str = "A", work: str = "1.30", nonfacility: str = "1.46", facility: str = "0.33", mp: str = "0.09",
        global_days: str = "XXX", factor: str = "33.4009", nonfacility_na: str = "",
    ) -> list[str]:  # fmt: skip
        """Return one row of a relative value file, 32 columns."""
        return [
            code, modifier, "WORDING OF THE AMA", status, "", work, nonfacility, nonfacility_na, facility, "", mp, "2.85", "1.72", "0", global_days,
            "0.10", "0.80", "0.10", "2", "1", "0", "0", "0", "9", "45378", factor, "09", "0", "99", "0.00", "0.00", "0.00",
        ]  # fmt: skip


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """A writer of published files, in a folder of its own."""
    return Publish(tmp_path / "published")


@pytest.fixture
def load_cut(home: Home) -> Callable[..., LoadReport]:
    """Load files that are cut short on purpose: sizes and known rows are not checked."""

    def run(*paths: Path, licence: str = "") -> LoadReport:
        return load(paths, home, settings=ReadSettings(licence=licence, cut=True))

    return run


@pytest.fixture
def reference(home: Home) -> Iterable[Callable[[], ReferenceStore]]:
    """Open the reference file in use; closed at the end of the test."""
    opened: list[ReferenceStore] = []

    def run() -> ReferenceStore:
        opened.append(ReferenceStore(home.current))
        return opened[-1]

    yield run
    for store in opened:
        with closing(store):
            pass
