"""Guideline prose, cut at its own headings; the user's CPT set, kept apart."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.publishers.markup import markdown_of
from knowledge.keywords import KeywordIndex
from knowledge.licensed import AMA_NOTICE, LicensedText
from knowledge.loaded import Outcome

GUIDELINES = """ICD-10-CM Official Guidelines for Coding and Reporting
FY 2027 (October 1, 2026 - September 30, 2027)
Section I. Conventions, general coding guidelines ........ 7
A. Conventions ........ 7
Section I. Conventions, general coding guidelines and chapter specific guidelines
The conventions apply everywhere.
A. Conventions for the ICD-10-CM
1. The Alphabetic Index and Tabular List
The classification has two parts. It is read in order:
1. first the index.
2. Format and Structure
a. Use of codes
Codes have characters.
B. General Coding Guidelines
1. Locating a code
Find the term first.
Section IV. Diagnostic Coding
A. Selection of first-listed condition
The first-listed diagnosis comes first.
"""


def test_guidelines_are_cut_at_their_headings(publish, load_cut, reference):
    """Sections keep their numbers for citation; enumerations and the table of contents make no sections."""
    (file,) = load_cut(publish.text("guidelines.txt", GUIDELINES, "utf-8")).files
    assert file.outcome is Outcome.LOADED
    passages = reference().passages("icd10cm-guidelines-fy2027")
    assert [(p.section, p.heading.split(" > ")[-1]) for p in passages] == [
        ("I", "Conventions, general coding guidelines and chapter specific guidelines"),
        ("I.A.1", "The Alphabetic Index and Tabular List"),
        ("I.A.2.a", "Use of codes"),
        ("I.B.1", "Locating a code"),
        ("IV.A", "Selection of first-listed condition"),
    ]
    assert "first the index" in passages[1].text
    assert passages[0].document.holds_on(date(2026, 10, 1)) and not passages[0].document.holds_on(date(2026, 9, 30))


def test_loaded_prose_is_found_by_words_and_a_new_text_replaces_the_old(publish, load_cut, reference):
    """What was loaded is searched at once; after a corrected text the words of the old one lead nowhere."""
    load_cut(publish.text("guidelines.txt", GUIDELINES, "utf-8"))
    assert KeywordIndex(reference().connection).match("conventions apply everywhere")
    load_cut(publish.text("guidelines.txt", GUIDELINES.replace("apply everywhere", "bind"), "utf-8"))
    words = KeywordIndex(reference().connection)
    assert words.match("conventions bind") and not words.match("everywhere")


def pdf(pages: list[list[str]]) -> bytes:
    """A minimal PDF with one line of text after the other on each page."""
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for lines in pages:
        body = (
            b"BT /F1 10 Tf 14 TL 50 750 Td "
            + b" ".join(
                b"(" + line.encode("latin-1").replace(b"(", b"\\(").replace(b")", b"\\)") + b") Tj T*" for line in lines
            )
            + b" ET"
        )
        objects.append(b"<< /Length %d >>\nstream\n" % len(body) + body + b"\nendstream")
        page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
        objects.append(page % len(objects))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [" + b" ".join(kids) + b"] /Count %d >>" % len(kids)
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + tail


def test_a_manual_in_pdf_keeps_pages_and_drops_running_lines(publish, load_cut, reference):
    """The NCCI manual is cut at chapters and lettered sections; a passage knows its page; the same line on every page is left out."""
    pages = [
        [
            "National Correct Coding Initiative Policy Manual for Medicare Services",
            "Revision Date: 1/1/2026",
            "CHAPTER I",
            "General Correct Coding Policies",
        ],
        ["NCCI Policy Manual page I-1", "A. Introduction", "Codes are reported correctly.", "Revision 1/1/2026"],
        ["NCCI Policy Manual page I-2", "B. Coding Based on Standards", "Standards bind all.", "Revision 1/1/2026"],
        [
            "NCCI Policy Manual page I-3",
            "and continue here.",
            "C. Medical/Surgical Package",
            "The package holds.",
            "Revision 1/1/2026",
        ],
    ]
    path = publish.folder / "ncci-manual-all-chapters.pdf"
    path.write_bytes(pdf(pages))
    (file,) = load_cut(path).files
    assert file.outcome is Outcome.LOADED
    passages = reference().passages("ncci-manual-2026")
    assert [(p.section, p.page, p.text) for p in passages][-3:] == [
        ("I.A", 2, "Codes are reported correctly."), ("I.B", 3, "Standards bind all. and continue here."), ("I.C", 4, "The package holds."),
    ]  # fmt: skip


def test_a_claims_manual_chapter_in_html(publish, load_cut, reference):
    """Headings of HTML are sections, with their numbers; the revision line stays in the text."""
    html = """<html><head><title>x</title></head><body><h1>Medicare Claims Processing Manual</h1><p>Chapter 12 - Physicians</p><p>(Rev. 12345; Issued: 08-01-26)</p>
    <h2>30.6.1 - Selection of Level</h2><p>(Rev. 11842, Issued: 02-09-23)</p><p>Choose by time.</p><ul><li>one</li><li>two</li></ul></body></html>"""
    (file,) = load_cut(publish.text("clm104c12.html", html, "utf-8")).files
    assert file.outcome is Outcome.LOADED
    passages = reference().passages("claims-manual-12-rev12345")
    assert passages[-1].section == "30.6.1" and "(Rev. 11842" in passages[-1].text and "- one" in passages[-1].text


def test_a_broken_pdf_is_not_loaded(publish, load_cut):
    """A PDF that breaks off cannot be told from any other and is reported."""
    path = publish.folder / "manual.pdf"
    path.write_bytes(b"%PDF-1.4\nbroken")
    (file,) = load_cut(path).files
    assert file.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a &amp; b</p><p>c</p>", "a & b\n\nc"),
        ("<h2>Head</h2>text", "## Head\n\ntext"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "| a | b"),
        ("<script>x()</script>kept", "kept"),
    ],
)
def test_markup(html, text):
    """HTML becomes plain text with its paragraphs, headings and cells apart."""
    assert markdown_of(html) == text


BANNER = "CPT data file\nCopyright 2026 American Medical Association\nAll rights reserved\n\n"
LONG = BANNER + "".join(f"{code}\tInvented full descriptor of {code}\n" for code in ("10001", "10002", "0001T"))
SHORT = BANNER + "".join(f"{code} INVENTED {code}\n" for code in ("10001", "10002", "0001T"))
MODIFIERS = (
    BANNER
    + "Appendix A\n\nCPT Level I Modifiers\n\n25 Invented meaning: wrapped\nover two lines\n\nP1: Invented status\n\n"
)


def test_without_a_licence_cpt_text_is_refused(publish, load_cut, home):
    """Without a configured licence the AMA's files are refused and none of their text is on disk."""
    (file,) = load_cut(publish.text("LONGULT.txt", LONG)).files
    assert file.outcome is Outcome.REFUSED and "licence" in file.reason
    assert not any(b"Invented full" in path.read_bytes() for path in home.root.rglob("*") if path.is_file())


def test_with_a_licence_cpt_text_stays_in_its_own_store(publish, load_cut, home, reference):
    """With a licence the text is in the user's own store, readable by the user only, and never in the reference file."""
    report = load_cut(
        publish.text("CPT2027/LONGULT.txt", LONG),
        publish.text("CPT2027/SHORTU.txt", SHORT),
        publish.text("CPT2027/MODUL.txt", MODIFIERS),
        licence="L-1",
    )
    assert [file.outcome for file in report.files] == [Outcome.LOADED] * 3
    told = LicensedText(home)
    assert [(d.kind, d.text) for d in told.descriptors("10001")] == [
        ("long", "Invented full descriptor of 10001"),
        ("short", "INVENTED 10001"),
    ]
    assert [d.text for d in told.descriptors("25")] == ["Invented meaning: wrapped over two lines"]
    assert b"Invented full" not in home.current.read_bytes()
    assert (home.private / "cpt.sqlite").stat().st_mode & 0o077 == 0
    assert "American Medical Association" in AMA_NOTICE
    assert {e.licence for e in reference().editions_of("cpt_text")} == {"AMA licensed text"}


def test_no_licensed_text_loaded(home):
    """Without a licensed file there are no descriptors, and asking creates nothing."""
    assert LicensedText(home).descriptors("99213") == ()
    assert not home.root.exists()
