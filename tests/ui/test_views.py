"""Answers as Markdown and data."""

from __future__ import annotations

import json
from datetime import date

import pytest

from assistant.types import Answer, Row, Sentence, Source, Table, Verdict
from knowledge.passages import Document, DocumentKind, DocumentSource, Passage, Topic
from knowledge.records import Edition, Licence, Setting, Standing
from ui.views import (
    answer_data,
    answer_markdown,
    cell,
    passage_facts,
    prose,
    row_facts,
    source_facts,
    source_label,
    source_text,
    table_markdown,
)

EDITION = Edition(
    1, "ptp", "CMS", "NCCI PTP practitioner", "2026 Q1", Setting.PRACTITIONER, date(2026, 1, 1), date(2026, 3, 31), False, Licence.AMA_CODES,
    "ptp.csv", "ab" * 32,
)  # fmt: skip
ROW = Row("ptp", "45385/45380", (("column1", "45385"), ("indicator", "1")), EDITION, Standing.EARLIER)
DOCUMENT = Document(
    "rule-scope", "Two tools", DocumentKind.RULE_CARD, Topic.NCCI, (), (), (), (DocumentSource("CMS", "Manual", "chapter 6"),), date.min, None,
    date(2026, 1, 15), Licence.OWN, "reviewed 2026-01-15",
)  # fmt: skip
PASSAGE = Passage("rule-scope#0", DOCUMENT, "The rule", "One growth, one code.", 0)
ANSWER = Answer(
    "Can I bill both?", date(2026, 5, 1), False, Setting.PRACTITIONER, Verdict.YES_IF, "Yes, if they were apart.", (1,),
    Table(("code", "units"), (("45385", "1 | 2"),)),
    (Sentence("The pair is an edit.", (1,)), Sentence("- one\n- two", (2,), "The rule"), Sentence("Also 99999.", (2,), flags=("code 99999",))),
    ("two places",), (Sentence("Others differ.", (2,), "Two tools"),), (Source(1, ROW.cited, ROW), Source(2, "card", PASSAGE)),
    ("How many units?",), ("Today is assumed.",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** stays", "**bold** stays"),
        ("costs $5 and $6", "costs \\$5 and \\$6"),
        ("[a](http://example.org)", "[a]\\(http://example.org)"),
        ("![a](http://example.org/x.png)", "![a]\\(http://example.org/x.png)"),
        ("<script>x</script>", "&lt;script>x&lt;/script>"),
        (":red[alarm] and :material/bolt:", "\\:red[alarm] and \\:material/bolt:"),
        ("- a\n- b\nAfter.", "- a\n- b\n\nAfter."),
        ("Before.\n| a |\n|---|\n| 1 |\nAfter.", "Before.\n\n| a |\n|---|\n| 1 |\n\nAfter."),
    ],
)
def test_prose_keeps_lists_but_can_load_and_link_nothing(text: str, shown: str) -> None:
    """Text from cards, tables and models keeps its emphasis and lists and loses images, links, formulas, tags and directives."""
    assert prose(text) == shown


def test_cells_are_text() -> None:
    """A table's cell is one line in which nothing is markup."""
    assert cell("a | b\n*c* <i> $1") == "a \\| b \\*c\\* &lt;i> \\$1"
    assert table_markdown(Table(("x",), (("a|b",),))) == "| x |\n| --- |\n| a\\|b |"


def test_the_answer_reads_in_the_order_of_the_contract() -> None:
    """Verdict, frame, table, explanation, record, payers, sources, notices, next."""
    text = answer_markdown(ANSWER)
    parts = ["Yes, if they were apart.** [1]", "2026-05-01 (today, none given)", "| 45385 | 1 \\| 2 |", "The pair is an edit. [1]",
             "The record must show", "Where payers differ", "**Sources**", "> Today is assumed.", "How many units?"]  # fmt: skip
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)


def test_an_unsupported_sentence_is_marked_where_it_stands() -> None:
    """What the check could not support never reads like the rest."""
    assert "⚠ **Not supported by its source (code 99999):** Also 99999. [2]" in answer_markdown(ANSWER)


def test_a_block_carries_its_number_on_the_heading() -> None:
    """The number of a list's source does not look like the last item's own."""
    assert "**The rule** [2]\n\n- one\n- two" in answer_markdown(ANSWER)


def test_a_source_opens_its_row_or_passage() -> None:
    """A row shows its columns and edition, a passage its text and what it restates."""
    assert source_label(ANSWER.sources[0]).startswith("[1] NCCI PTP practitioner, 2026 Q1, row 45385/45380")
    assert source_label(ANSWER.sources[1]) == "[2] Two tools (card, reviewed 2026-01-15)"
    assert row_facts(ROW) == (("column 1 code", "45385"), ("modifier indicator", "1"))
    facts = dict(source_facts(ROW.edition, ROW.standing))
    assert (facts["dates of service"], facts["licence"], facts["SHA-256"]) == (
        "2026-01-01 to 2026-03-31",
        "AMA codes only",
        "ab" * 32,
    )
    assert "no loaded edition covers it" in facts["standing on the date of service"]
    assert dict(passage_facts(PASSAGE))["restates"] == "CMS, Manual, chapter 6"
    assert "| modifier indicator | 1 |" in source_text(ROW)
    assert (
        source_text(Row("ptp", "1/2: no row", (), EDITION, Standing.IN_FORCE))
        == "The edition holds no row 1/2: no row."
    )


def test_the_answer_as_data_survives_json_with_its_evidence() -> None:
    """`--json` gives the whole answer: verdict, sentences, and each source's row or passage with its edition."""
    data = json.loads(json.dumps(answer_data(ANSWER)))
    assert (data["verdict"], data["on"], data["table"]["rows"]) == ("yes-if", "2026-05-01", [["45385", "1 | 2"]])
    row, passage = data["sources"]
    assert (row["kind"], row["evidence"]["columns"], row["evidence"]["edition"]["label"]) == (
        "row",
        {"column1": "45385", "indicator": "1"},
        "2026 Q1",
    )
    assert (passage["kind"], passage["evidence"]["text"]) == ("passage", "One growth, one code.")
