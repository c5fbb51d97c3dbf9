"""The assistant: named steps over one frozen value, from the question to the checked answer.

::

    read        codes, modifiers, units, dates and setting, from the raw question, on this machine
    redact      identifiers become placeholders; only the redacted text goes on
    standalone  a follow-up is completed from the conversation
    find        the rules that the mentions call for, over dated rows; no model
    retrieve    cards and passages: exact first, then hybrid search
    draft       the composer's answer; with a model, its sentences over the same evidence
    verify      every code, number and verdict must stand in what it cites
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.checks import collect_findings
from assistant.compose import SourceList, compose
from assistant.conversation import complete_follow_up
from assistant.llm import ChatModel, DraftSentence
from assistant.mentions import read_intent, read_mentions
from assistant.prompt import DATE_OF_SERVICE, build_prompt
from assistant.retrieve import PassageSearch, retrieve
from assistant.types import Answer, Evidence, Question, Sentence, Step, Turn
from assistant.verify import check_sentence, removal_notice, verify
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InputError, ModelError
from knowledge.passages import Topic
from knowledge.records import Setting
from knowledge.reference import ReferenceStore

__all__ = ["LONGEST_QUESTION", "Assistant", "Done", "Event", "Stepped", "Wrote"]

LONGEST_QUESTION = 20_000
"""Characters; longer text is a note, not a question."""

Redactor = Callable[[str, Sequence[tuple[int, int]]], tuple[str, int]]
"""Text and protected character ranges in; redacted text and the number of identifiers hidden out."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """A step has ended."""

    step: Step


@dataclass(frozen=True, slots=True)
class Wrote:
    """The model has written a sentence that passed the check."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is whole; ``turn`` goes into the conversation."""

    answer: Answer
    turn: Turn


Event = Stepped | Wrote | Done


@dataclass(frozen=True, slots=True)
class Assistant:
    """Everything an answer needs, put together once and passed in."""

    reference: ReferenceStore
    search: PassageSearch
    redactor: Redactor
    count_tokens: Callable[[str], int]
    model: ChatModel | None = None

    def ask(
        self,
        text: str,
        *,
        on: date | None = None,
        setting: Setting | None = None,
        topics: tuple[Topic, ...] = (),
        history: tuple[Turn, ...] = (),
    ) -> Answer:
        """Return the answer to ``text`` for a service on ``on`` (today when None) in ``setting`` (practitioner when None).

        Raises :class:`~knowledge.errors.InputError` for empty or over-long text.
        """
        for event in self.stream(text, on=on, setting=setting, topics=topics, history=history):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("the chain ended without an answer")

    def stream(
        self,
        text: str,
        *,
        on: date | None = None,
        setting: Setting | None = None,
        topics: tuple[Topic, ...] = (),
        history: tuple[Turn, ...] = (),
    ) -> Iterator[Event]:
        """Yield each step as it ends, the model's sentences as they pass the check, and the answer last."""
        question = _question(text, on, setting, topics)
        turn = Turn(question, history=history)
        for name, step in self._steps():
            turn, ended = _timed(name, step, turn)
            yield Stepped(ended)
        if self.model is not None:
            began = time.perf_counter()
            turn, ended = yield from self._draft_with_model(turn, self.model, began)
            yield Stepped(ended)
        turn, ended = _timed("verify", verify, turn)
        yield Stepped(ended)
        assert turn.answer is not None
        answer = replace(turn.answer, trace=turn.trace)
        # What is kept as conversation holds the redacted text only.
        kept = replace(turn, question=replace(turn.question, text=turn.redacted), answer=answer, history=())
        yield Done(answer, kept)

    def _steps(self) -> tuple[tuple[str, Callable[[Turn], Turn]], ...]:
        return (
            ("read", self._read),
            ("redact", self._redact),
            ("standalone", complete_follow_up),
            ("find", lambda turn: replace(turn, findings=collect_findings(turn, self.reference))),
            ("retrieve", self._retrieve),
            ("draft", lambda turn: replace(turn, answer=compose(turn, self.reference))),
        )

    def _read(self, turn: Turn) -> Turn:
        day = turn.question.on

        def exists(code: Code) -> bool:
            if code.system is CodeSystem.MSDRG:
                return self.reference.drg(code.value, day) is not None
            if code.system is CodeSystem.ICD9CM:
                return bool(self.reference.crosswalk(code, CodeSystem.ICD10CM))
            return self.reference.code(code, day) is not None or bool(self.reference.validity(code))

        def is_modifier(modifier: str) -> bool:
            known = self.reference.modifier(modifier.upper(), day) is not None
            return known or bool(self.reference.documents_about("modifier", modifier.upper(), day))

        mentions = read_mentions(turn.question.text, exists, is_modifier)
        question = turn.question
        if mentions.on and not question.on_was_given:
            question = replace(question, on=mentions.on, on_was_given=True)
        if mentions.setting and not question.setting_was_given:
            question = replace(question, setting=mentions.setting, setting_was_given=True)
        return replace(turn, question=question, mentions=mentions, intent=read_intent(question.text, mentions))

    def _retrieve(self, turn: Turn) -> Turn:
        found = retrieve(turn, self.reference, self.search)
        return replace(turn, passages=found.passages, near=found.near)

    def _redact(self, turn: Turn) -> Turn:
        redacted, hidden = self.redactor(turn.question.text, turn.mentions.spans)
        # A number that no table knows may have been a record number: what redaction took is not named again.
        mentions = replace(
            turn.mentions,
            unknown=tuple(token for token in turn.mentions.unknown if token.split()[-1] in redacted.upper()),
        )
        return replace(
            turn, mentions=mentions, redacted=redacted, hidden=hidden, question=replace(turn.question, text=redacted)
        )

    def _draft_with_model(
        self, turn: Turn, model: ChatModel, began: float
    ) -> Generator[Event, None, tuple[Turn, Step]]:
        prompt = build_prompt(turn, self.count_tokens)
        composed = turn.answer
        assert composed is not None
        sources = SourceList()
        for source in composed.sources:
            sources.number(source.evidence)
        kept: list[Sentence] = []
        asked: list[str] = []
        problems: list[str] = []
        failed = ""
        try:
            for item in model.draft(prompt):
                if isinstance(item, str):
                    asked.append(item)
                    continue
                sentence, found = _checked(item, turn, prompt.evidence, sources)
                problems += found
                if sentence is not None:
                    kept.append(sentence)
                    yield Wrote(sentence)
        except ModelError as error:
            failed = str(error)
        notices = composed.notices + ((removal_notice(problems),) if problems else ())
        if failed or not kept:
            why = failed or f"nothing that the model {model.name} wrote could be supported"
            answer = replace(composed, notices=(*notices, f"Written by the composer: {why}."))
        else:
            answer = replace(
                composed,
                explanation=tuple(kept),
                sources=sources.sources(),
                follow_ups=tuple(q for q in asked if not _names_unknown(q, turn))[:3] or composed.follow_ups,
                notices=notices,
                writer=model.name,
            )
        did = f"{model.name}: {len(kept)} sentences kept, {len(problems)} problems, prompt {prompt.tokens} tokens, {len(prompt.left_out)} passages left out"
        step = Step("model", did, (time.perf_counter() - began) * 1000)
        return replace(turn, answer=answer).with_step(step), step


def _question(text: str, on: date | None, setting: Setting | None, topics: tuple[Topic, ...]) -> Question:
    if not text.strip():
        raise InputError("the question is empty: ask about a code, a modifier, an edit or a rule")
    if len(text) > LONGEST_QUESTION:
        raise InputError(
            f"the question has {len(text):,} characters and at most {LONGEST_QUESTION:,} are read: ask about the part that matters"
        )
    return Question(
        text, on or date.today(), on is not None, setting or Setting.PRACTITIONER, setting is not None, topics
    )


def _timed(name: str, step: Callable[[Turn], Turn], turn: Turn) -> tuple[Turn, Step]:
    began = time.perf_counter()
    turn = step(turn)
    ended = Step(name, _did(name, turn), (time.perf_counter() - began) * 1000)
    return turn.with_step(ended), ended


def _did(name: str, turn: Turn) -> str:
    if name == "read":
        named = [m.code.shown + "".join(f"-{x}" for x in m.modifiers) for m in turn.mentions.codes] + [
            f"modifier {m}" for m in turn.mentions.modifiers
        ]
        return f"{turn.intent}: {', '.join(dict.fromkeys(named)) or 'no code named'}"
    if name == "redact":
        return f"{turn.hidden} identifiers hidden"
    if name == "standalone":
        return "a follow-up, completed" if turn.standalone != turn.redacted else "stands alone"
    if name == "find":
        return "; ".join(f"{f.rule}: {f.verdict}" for f in turn.findings) or "no rule called for"
    if name == "retrieve":
        return ", ".join(dict.fromkeys(p.document.id for p in turn.passages)) or "nothing found"
    if name == "draft":
        return "composed from findings and passages"
    return "every code, number and verdict checked against its source"


def _checked(
    item: DraftSentence, turn: Turn, evidence: dict[str, Evidence], sources: SourceList
) -> tuple[Sentence | None, tuple[str, ...]]:
    unknown = [id_ for id_ in item.evidence if id_ not in evidence]
    cited = [evidence[id_] for id_ in item.evidence if id_ in evidence]
    if unknown:
        return None, (f"it cited {unknown[0][:12]!r}, which was never given",)
    if not cited:
        return None, ("it cited nothing",)
    text = item.text.strip().replace(DATE_OF_SERVICE, turn.question.on.isoformat())
    checked = check_sentence(Sentence(text), turn, cited)
    if checked.sentence is None:
        return None, checked.problems
    return replace(checked.sentence, sources=sources.numbers(cited)), checked.problems


def _names_unknown(question: str, turn: Turn) -> bool:
    from assistant.verify import facts_in

    known = {mention.code.value for mention in turn.mentions.codes} | {
        code.replace(".", "") for p in turn.passages for code in p.document.codes
    }
    return any(kind == "code" and value not in known for kind, value in facts_in(question))
