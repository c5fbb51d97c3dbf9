"""Code sets: HCPCS Level II, ICD-10-CM, ICD-10-PCS, their indexes, addenda and mappings."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.alphabetic import AlphabeticIndex, Book
from knowledge.codes import Code, CodeSystem
from knowledge.listings import Change, Listings
from knowledge.loaded import Outcome
from knowledge.records import NoteKind

DAY = date(2026, 11, 1)


def hcpcs_line(code: str, sequence: str, record: str, long: str, short: str = "", **fields: str) -> str:
    """One 320-character record of the HCPCS file, at the positions of its record layout."""
    line = [" "] * 320
    places = {
        "coverage": 230,
        "betos": 257,
        "added": 269,
        "action_date": 277,
        "terminated": 285,
        "action": 293,
        "xref": 205,
        "price": 120,
    }
    told = {
        1: code.rjust(5),
        6: sequence,
        11: record,
        12: long,
        92: short,
        **{places[name]: text for name, text in fields.items()},
    }
    for start, text in told.items():
        line[start - 1 : start - 1 + len(text)] = text
    return "".join(line)


HCPCS = [
    hcpcs_line(
        "AD", "00100", "7", "Medical supervision by a physician: more than four", "Md supervision", added="19880101"
    ),
    hcpcs_line("AD", "00200", "8", "procedures"),
    hcpcs_line(
        "A1001",
        "00100",
        "3",
        "Invented item, first line of a long",
        "Inv item",
        coverage="C",
        added="20150101",
        action="N",
        xref="A1002",
    ),
    hcpcs_line("A1001", "00200", "4", "description"),
    hcpcs_line("A1002", "00100", "3", "Ended item", "Ended", added="20100101", terminated="20191231", action="D"),
    hcpcs_line("D0999", "00100", "3", "Wording of the ADA", "Ada wording", added="20100101"),
]


def test_hcpcs_fixed_width(publish, load_cut, reference, home):
    """Continuation lines are joined, modifiers stand apart, a terminated code is valid to its last day, and CDT wording is dropped."""
    (file,) = load_cut(publish.text("HCPC2026_OCT_ANWEB.txt", "***Disclaimers\r\n" + "\r\n".join(HCPCS) + "\r\n")).files
    assert (file.outcome, file.read, file.rejected) == (Outcome.LOADED, 6, 0)
    store = reference()
    item = Code(CodeSystem.HCPCS, "A1001")
    found = store.code(item, DAY)
    assert found is not None and found.record.title == "Invented item, first line of a long description"
    assert [w.record.valid_to for w in store.validity(Code(CodeSystem.HCPCS, "A1002"))] == [date(2019, 12, 31)]
    assert store.modifier("AD", DAY).record.title == "Medical supervision by a physician: more than four procedures"
    detail = Listings(store).hcpcs("A1001", DAY)
    assert detail is not None and (detail.record.coverage, detail.record.cross_references, detail.record.added) == (
        "C",
        "A1002",
        date(2015, 1, 1),
    )
    assert store.code(Code(CodeSystem.HCPCS, "D0999"), DAY).record.title == ""
    assert b"of the ADA" not in home.current.read_bytes()


def test_hcpcs_workbook(publish, load_cut, reference):
    """The workbook gives the same codes as the text; its continuation rows are told by RECID."""
    header = [
        "HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION", "PRICE1", "MULT_PI", "XREF1", "COV", "BETOS", "ADD DT", "ACT EFF DT",
        "TERM DT", "ACTION CD",
    ]  # fmt: skip
    rows = [
        header,
        [
            "A1001",
            "0010",
            3,
            "Invented item, first line of a long",
            "Inv item",
            "00",
            9,
            "A1002",
            "C",
            "D1E",
            20150101,
            20150101,
            "",
            "N",
        ],
        ["A1001", "0020", 4, "description", "", "", "", "", "", "", "", "", "", ""],
        ["   A1", "0010", 7, "Dressing for one wound", "Dressing", "", "", "", "C", "", 20020701, 20020701, "", "N"],
    ]
    load_cut(publish.workbook("HCPC2026_OCT_ANWEB.xlsx", {"A": rows}))
    store = reference()
    assert (
        store.code(Code(CodeSystem.HCPCS, "A1001"), DAY).record.title
        == "Invented item, first line of a long description"
    )
    assert store.modifier("A1", DAY) is not None


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.from_regex(r"[A-CE-V][0-9]{4}", fullmatch=True),
        st.from_regex(r"[A-Za-z][A-Za-z ,]{1,200}[a-z]", fullmatch=True),
        min_size=3,
        max_size=12,
    )
)
def test_hcpcs_round_trip(publish, load_cut, reference, home, titles):
    """A long description cut into lines of eighty characters is put together again word for word."""
    import shutil

    shutil.rmtree(home.root, ignore_errors=True)
    lines, wanted = [], {}
    for code, title in titles.items():
        words = " ".join(title.split())
        parts = _wrapped(words)
        wanted[code] = words
        lines += [
            hcpcs_line(code, f"{i + 1:03}00", "3" if i == 0 else "4", part, "short") for i, part in enumerate(parts)
        ]
    load_cut(publish.text("HCPC2026_OCT_ANWEB.txt", "\r\n".join(lines) + "\r\n"))
    assert dict(reference().connection.execute("SELECT value, title FROM code")) == wanted


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 80, break_long_words=False) if max(map(len, text.split())) <= 80 else [text[:80]]


def order_line(number: int, code: str, flag: int, short: str, long: str) -> str:
    """One line of an ICD-10 order file."""
    return f"{number:05} {code:<7} {flag} {short:<60} {long}"


ORDER = [
    order_line(1, "E11", 0, "Type 2 diabetes mellitus", "Type 2 diabetes mellitus"),
    order_line(
        2, "E112", 0, "Type 2 diabetes w kidney complications", "Type 2 diabetes mellitus with kidney complications"
    ),
    order_line(
        3,
        "E1122",
        1,
        "Type 2 diabetes w diabetic chronic kidney disease",
        "Type 2 diabetes mellitus with diabetic chronic kidney disease",
    ),
    order_line(
        4, "E119", 1, "Type 2 diabetes mellitus without complications", "Type 2 diabetes mellitus without complications"
    ),
]


def test_order_file(publish, load_cut, reference):
    """Codes, billable flags, both titles, parents and the fiscal year's window are read from the positions of the order file."""
    (file,) = load_cut(publish.text("icd10cm_order_2027.txt", "\n".join(ORDER) + "\n", "utf-8")).files
    assert (file.outcome, file.accepted) == (Outcome.LOADED, 4)
    store = reference()
    code = Code(CodeSystem.ICD10CM, "E1122")
    found = store.code(code, DAY)
    assert found is not None and (found.record.billable, found.record.parent) == (True, "E112")
    (window,) = store.validity(code)
    assert (window.record.valid_from, window.record.valid_to) == (date(2026, 10, 1), date(2027, 9, 30))
    assert store.validity(Code(CodeSystem.ICD10CM, "E11")) == ()


def test_fiscal_years_stand_side_by_side(publish, load_cut, reference):
    """A code that ends with a fiscal year is valid before October 1 and not after; the newer file does not erase the older one."""
    load_cut(
        publish.text("icd10cm_order_2026.txt", "\n".join([*ORDER, order_line(5, "E1199", 1, "Gone", "Gone")]), "utf-8"),
        publish.text("icd10cm_order_2027.txt", "\n".join(ORDER), "utf-8"),
    )
    windows = reference().validity(Code(CodeSystem.ICD10CM, "E1199"))
    assert [w.record.valid_to for w in windows] == [date(2026, 9, 30)]


def test_an_april_update_begins_in_april(publish, load_cut, reference):
    """An April update says so in its name and speaks from April 1."""
    load_cut(publish.text("april-1-2026-icd10cm_order_2026.txt", "\n".join(ORDER), "utf-8"))
    assert reference().editions_of("code")[0].effective_from == date(2026, 4, 1)


def test_pcs_order_file(publish, load_cut, reference):
    """An ICD-10-PCS order file is told by its seven-character codes; the stems of its tables are headings, not codes."""
    lines = [
        order_line(1, "0DT", 0, "Gastrointestinal System, Resection", "Gastrointestinal System, Resection"),
        order_line(
            2,
            "0DTJ4ZZ",
            1,
            "Resection of Appendix, Percutaneous Endoscopic Approach",
            "Resection of Appendix, Percutaneous Endoscopic Approach",
        ),
        order_line(3, "0DTJ0ZZ", 1, "Resection of Appendix, Open Approach", "Resection of Appendix, Open Approach"),
    ]
    load_cut(publish.text("icd10pcs_order_2027.txt", "\n".join(lines), "utf-8"))
    found = reference().code(Code(CodeSystem.ICD10PCS, "0DTJ4ZZ"), DAY)
    assert found is not None and found.record.parent == "0DT"


TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2027</version>
<chapter><name>19</name><desc>Injury (S00-T88)</desc>
 <excludes2><note>birth trauma (P10-P15)</note></excludes2>
 <section id="S50-S59"><desc>Injuries to the elbow and forearm (S50-S59)</desc>
  <diag><name>S52</name><desc>Fracture of forearm</desc>
   <excludes1><note>traumatic amputation of forearm (S58.-)</note></excludes1>
   <sevenChrNote><note>The appropriate 7th character is to be added</note></sevenChrNote>
   <sevenChrDef><extension char="A">initial encounter</extension><extension char="D">subsequent encounter</extension></sevenChrDef>
   <diag><name>S52.5</name><desc>Fracture of lower end of radius</desc></diag>
  </diag>
 </section>
</chapter></ICD10CM.tabular>"""


def test_tabular_list(publish, load_cut, reference):
    """Notes are inherited from every level, and seventh characters make codes padded with the placeholder X."""
    (file,) = load_cut(publish.text("tabular.xml", TABULAR, "utf-8")).files
    assert file.outcome is Outcome.LOADED
    store = reference()
    code = Code(CodeSystem.ICD10CM, "S525XXA")
    found = store.code(code, DAY)
    assert found is not None and found.record.title == "Fracture of lower end of radius, initial encounter"
    kinds = {note.kind for note in store.binding_notes(code, DAY)}
    assert {NoteKind.EXCLUDES1, NoteKind.EXCLUDES2} <= kinds


def test_order_file_and_tabular_list_join(publish, load_cut, reference):
    """The order file knows no blocks: loaded beside the tabular list its categories stand below their block, whichever came first."""
    order = [
        order_line(1, "S52", 0, "Fracture of forearm", "Fracture of forearm"),
        order_line(2, "S525", 0, "Fx radius", "Fx radius"),
        order_line(3, "S525XXA", 1, "Fx", "Fracture of radius, init"),
    ]
    load_cut(publish.text("icd10cm_order_2027.txt", "\n".join(order), "utf-8"))
    load_cut(publish.text("tabular.xml", TABULAR, "utf-8"))
    store = reference()
    notes = store.binding_notes(Code(CodeSystem.ICD10CM, "S525XXA"), DAY)
    assert any("birth trauma" in note.text for note in notes)


INDEX = """<?xml version="1.0"?><ICD10CM.index><version>2027</version><title>ICD-10-CM INDEX TO DISEASES and INJURIES</title>
<letter><title>D</title><mainTerm><title>Diabetes, diabetic<nemod>(mellitus) (sugar)</nemod></title><code>E11.9</code>
<term level="1"><title>type 2</title><code>E11.9</code>
 <term level="2"><title>with</title><term level="3"><title>Charcot's joints</title><code>E11.610</code></term></term></term>
<term level="1"><title>in pregnancy</title><see>Pregnancy, complicated by, diabetes</see></term></mainTerm></letter></ICD10CM.index>"""


def test_alphabetic_index(publish, load_cut, reference):
    """Subterms carry their whole path, nonessential modifiers stand apart, cross references are kept; look-ups are by words or by code."""
    (file,) = load_cut(publish.text("index.xml", INDEX, "utf-8")).files
    assert (file.outcome, file.read) == (Outcome.LOADED, 5)
    index = AlphabeticIndex(reference())
    (found,) = index.containing(Book.DISEASES, "charcot diabetes", DAY)
    assert (found.record.path, found.record.code) == ("Diabetes, diabetic, type 2, with, Charcot's joints", "E11610")
    (main,) = index.terms(Book.DISEASES, "Diabetes, diabetic", DAY, limit=1)
    assert main.record.modifiers == "(mellitus) (sugar)"
    assert [term.path for term in index.below(main)] == [
        "Diabetes, diabetic, type 2",
        "Diabetes, diabetic, in pregnancy",
    ]
    assert [f.record.see for f in index.containing(Book.DISEASES, "pregnancy", DAY)] == [
        "Pregnancy, complicated by, diabetes"
    ]
    assert [f.record.level for f in index.leading_to(Book.DISEASES, "E11610", DAY)] == [3]


def test_table_of_drugs(publish, load_cut, reference):
    """A line of the table of drugs has a cell for each column that holds a code; dashes are no codes."""
    text = """<?xml version="1.0"?><ICD10CM.index><version>2027</version><indexHeading><head col="1">Substance</head>
    <head col="2">Poisoning Accidental (unintentional)</head><head col="6">Adverse effect</head></indexHeading>
    <letter><title>A</title><mainTerm><title>Invented drug</title><cell col="2">T50.901</cell><cell col="6">--</cell></mainTerm></letter></ICD10CM.index>"""
    load_cut(publish.text("drugs.xml", text, "utf-8"))
    index = AlphabeticIndex(reference())
    (found,) = index.terms(Book.DRUGS, "invented", DAY)
    assert [(c.heading, c.code) for c in index.line(found).cells] == [
        ("Poisoning Accidental (unintentional)", "T50901")
    ]
    assert [f.record.path for f in index.leading_to(Book.DRUGS, "T50901", DAY)] == ["Invented drug"]


def test_broken_xml_is_refused(publish, load_cut):
    """XML that breaks off is refused in words, whichever list it is."""
    for name, text in (("tabular.xml", TABULAR), ("index.xml", INDEX)):
        (file,) = load_cut(publish.text(name, text[: len(text) // 2], "utf-8")).files
        assert file.outcome is Outcome.REFUSED and "well-formed" in file.reason


def test_addenda(publish, load_cut, reference):
    """Lines of addenda become changes of codes: added, deleted, retitled."""
    lines = [
        "Add:         E11.A  Type 2 diabetes in remission",
        "Delete:      E11.9  Type 2 diabetes",
        "Revise from: E11.2  Old title",
        "Revise to:   E11.2  New title",
    ]
    (file,) = load_cut(publish.text("icd10cm_order_addenda_2027.txt", "\n".join(lines), "utf-8")).files
    assert (file.outcome, file.accepted, file.dropped) == (Outcome.LOADED, 3, 1)
    store = reference()
    (edition,) = store.editions_of("code_change")
    assert [(c.value, c.change, c.title) for c in Listings(store).code_changes(edition)] == [
        ("E112", Change.CHANGED, "New title"), ("E119", Change.DELETED, "Type 2 diabetes"), ("E11A", Change.NEW, "Type 2 diabetes in remission"),
    ]  # fmt: skip


def test_pcs_tables_and_definitions(publish, load_cut, reference):
    """A PCS code can be built when one row of its table allows all its characters; definitions are found by their term."""
    tables = """<?xml version="1.0"?><ICD10PCS.tabular><version>2027</version><pcsTable>
    <axis pos="1" values="1"><title>Section</title><label code="0">Medical and Surgical</label></axis>
    <axis pos="2" values="1"><title>Body System</title><label code="D">Gastrointestinal System</label></axis>
    <axis pos="3" values="1"><title>Operation</title><label code="T">Resection</label></axis>
    <pcsRow codes="2"><axis pos="4" values="1"><title>Body Part</title><label code="J">Appendix</label></axis>
    <axis pos="5" values="2"><title>Approach</title><label code="0">Open</label><label code="4">Percutaneous Endoscopic</label></axis>
    <axis pos="6" values="1"><title>Device</title><label code="Z">No Device</label></axis>
    <axis pos="7" values="1"><title>Qualifier</title><label code="Z">No Qualifier</label></axis></pcsRow></pcsTable></ICD10PCS.tabular>"""
    definitions = """<?xml version="1.0"?><ICD10PCS.definitions><version>2027</version><section code="0"><title>Medical and Surgical</title>
    <axis pos="3"><title>Operation</title><terms><title>Resection</title><definition>Cutting out or off all of a body part</definition>
    <includes>Total lobectomy</includes></terms></axis></section></ICD10PCS.definitions>"""
    load_cut(publish.text("tables.xml", tables, "utf-8"), publish.text("definitions.xml", definitions, "utf-8"))
    lists = Listings(reference())
    assert lists.pcs_builds(Code(CodeSystem.ICD10PCS, "0DTJ4ZZ"), DAY) is True
    assert lists.pcs_builds(Code(CodeSystem.ICD10PCS, "0DTJ7ZZ"), DAY) is False
    (definition,) = lists.pcs_definitions("resection", DAY)
    assert definition.record.definition.startswith("Cutting out")


@pytest.mark.parametrize(
    ("name", "lines", "source", "target"),
    [
        (
            "2018_I10gem.txt",
            ["A000    0010    00000", "A001    0011    00000", "T509    NoDx    11000"],
            CodeSystem.ICD10CM,
            CodeSystem.ICD9CM,
        ),
        (
            "2018_I9gem.txt",
            ["0010    A000    00000", "0011    A001    10000", "V011    Z201    10000"],
            CodeSystem.ICD9CM,
            CodeSystem.ICD10CM,
        ),
        (
            "gem_pcsi9.txt",
            ["0016070 0234    10000", "0016071 0235    10000", "0016072 NoPCS   11000"],
            CodeSystem.ICD10PCS,
            CodeSystem.ICD9PROC,
        ),
    ],
)
def test_mappings(publish, load_cut, reference, name, lines, source, target):
    """Which systems a mapping joins is told by the shapes of its codes; a row without a target says that there is none."""
    (file,) = load_cut(publish.text(name, "\r\n".join(lines) + "\r\n", "utf-8")).files
    assert (file.outcome, file.accepted) == (Outcome.LOADED, 3)
    code = Code(source, lines[0].split()[0])
    (row,) = reference().crosswalk(code, target)
    assert row.record.target == Code(target, lines[0].split()[1])
