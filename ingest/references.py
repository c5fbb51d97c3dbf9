"""What the references in cards stand for: values read from the reference tables, with their meaning and edition.

``{{mue:97110}}`` becomes "6 units, MAI 3, per day, clinical benchmark (NCCI MUE practitioner, 2024 Q3)". Meanings are own words after the
PFS record layout (status, PC/TC, global days and the policy indicators) and the NCCI Policy Manual, chapter I (MAI, modifier indicator).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from knowledge.codes import Code, CodeSystem, readings
from knowledge.errors import InvalidCode
from knowledge.records import Edition, Setting
from knowledge.reference import ReferenceStore

__all__ = ["References"]

_STATUS = {
    "A": "active, paid under the fee schedule", "B": "bundled, never paid on its own", "C": "priced by the contractor",
    "E": "excluded by regulation", "I": "not valid for Medicare", "J": "anesthesia service", "M": "measurement code", "N": "not covered by Medicare",
    "P": "bundled or excluded", "R": "restricted coverage", "T": "paid only when nothing else is payable that day",
    "X": "outside the fee schedule by statute",
}  # fmt: skip
_PCTC = {
    "0": "physician service, 26 and TC do not apply", "1": "has professional and technical components, 26 and TC apply",
    "2": "professional component only", "3": "technical component only", "4": "global service only", "5": "incident-to service",
    "6": "laboratory physician interpretation", "7": "physical therapy service", "8": "physician interpretation of a smear",
    "9": "components do not apply",
}  # fmt: skip
_GLOBAL = {
    "000": "0 days", "010": "10 days", "090": "90 days and the day before", "MMM": "maternity", "XXX": "global days do not apply",
    "YYY": "set by the contractor", "ZZZ": "add-on, inside the global period of the primary service",
}  # fmt: skip
_MULTIPLE = {
    "0": "no reduction", "2": "standard reduction", "3": "endoscopy family", "4": "imaging reduction", "5": "therapy reduction",
    "6": "cardiovascular diagnostic reduction", "7": "ophthalmology diagnostic reduction", "9": "does not apply",
}  # fmt: skip
_BILATERAL = {
    "0": "150 percent does not apply", "1": "150 percent applies", "2": "already priced as bilateral", "3": "each side paid in full",
    "9": "does not apply",
}  # fmt: skip
_ASSISTANT = {
    "0": "paid only when necessity is documented", "1": "not paid, by statute", "2": "may be paid", "9": "does not apply",
}  # fmt: skip
_COSURGEON = {
    "0": "not permitted",
    "1": "with documented necessity",
    "2": "permitted, two specialties",
    "9": "does not apply",
}
_TEAM = {"0": "not permitted", "1": "with documentation, by report", "2": "permitted, by report", "9": "does not apply"}
_SUPERVISION = {"01": "general", "02": "direct", "03": "personal", "09": "does not apply"}
_MAI = {1: "per claim line", 2: "per day, by policy", 3: "per day, clinical benchmark"}
_ADDON = {1: "closed list of primary codes", 2: "primary codes set by the contractor", 3: "open list of primary codes"}

_FEE: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "status": ("status", "status {}", _STATUS),
    "pctc": ("pctc", "PC/TC indicator {}", _PCTC),
    "global": ("global_days", "{}", _GLOBAL),
    "multiple": ("multiple", "multiple-procedure indicator {}", _MULTIPLE),
    "bilateral": ("bilateral", "bilateral indicator {}", _BILATERAL),
    "assistant": ("assistant", "assistant indicator {}", _ASSISTANT),
    "cosurgeon": ("cosurgeon", "co-surgeon indicator {}", _COSURGEON),
    "team": ("team", "team indicator {}", _TEAM),
    "endobase": ("endoscopic_base", "{}", {}),
    "supervision": ("supervision", "supervision indicator {}", _SUPERVISION),
}


@dataclass(frozen=True, slots=True)
class References:
    """Resolves references against ``store`` on ``day``."""

    store: ReferenceStore
    day: date

    def resolve(self, inside: str) -> str | None:
        """Return the text for the inside of a reference (``mue:97110``); None when it is malformed or the table lacks the row.

        Where no edition of the table is loaded at all (its package could not be had), the text says so instead.
        """
        kind, _, argument = (part.strip() for part in inside.partition(":"))
        if kind in _FEE:
            return self._fee(kind, argument) or self._absent("fee", "physician fee schedule")
        finder = self._finders().get(kind)
        if finder is None or not argument:
            return None
        find, table, name = finder
        try:
            return find(argument) or self._absent(table, name)
        except InvalidCode:
            return None

    def stands(self, text: str) -> str | None:
        """Return what is wrong with reporting the code ``text`` on the day, in words; None when it may be reported.

        A code is in order when a validity window covers the day or is still open where its list ends.
        """
        codes = readings(text)
        windows = [window.record for code in codes for window in self.store.validity(code)]
        if not codes:
            return "is not shaped like a code"
        if not any(self.store.editions_of("validity", system=code.system) for code in codes):
            return None
        if any(w.valid_from <= self.day and (w.valid_to is None or self.day <= w.valid_to) for w in windows):
            return None
        if windows:
            ends = [w.valid_to for w in windows if w.valid_to]
            return f"not valid on {self.day}" + (f", last valid on {max(ends)}" if ends else "")
        if any(self.store.code(code, self.day) for code in codes if code.system is CodeSystem.ICD10CM):
            return None  # a category or subcategory: a card may be about it though it cannot be reported
        return "is in no loaded code list"

    def _finders(self) -> dict[str, tuple[Callable[[str], str | None], str, str]]:
        return {
            "mue": (lambda code: self._mue(code, Setting.PRACTITIONER), "mue", "NCCI MUE"),
            "mue_outpatient": (lambda code: self._mue(code, Setting.OUTPATIENT_HOSPITAL), "mue", "NCCI MUE"),
            "addon": (self._addon, "addon", "NCCI add-on codes"),
            "opps": (self._opps, "opps", "OPPS status"),
            "asc": (self._asc, "asc", "ASC payment indicators"),
            "ptp": (self._ptp, "ptp", "NCCI PTP practitioner"),
            "title": (self._title, "code", "code titles"),
            "valid": (self._valid, "validity", "code validity"),
        }

    def _absent(self, table: str, name: str) -> str | None:
        return None if self.store.editions_of(table) else f"no data ({name} not loaded)"

    def _fee(self, kind: str, code: str) -> str | None:
        found = self.store.fee(code, self.day)
        field, phrase, meanings = _FEE[kind]
        value = str(getattr(found.record, field)) if found else ""
        if found is None or not value:
            return None
        meaning = meanings.get(value, "")
        return _cited(phrase.format(value) + (f", {meaning}" if meaning else ""), found.edition)

    def _mue(self, code: str, setting: Setting) -> str | None:
        found = self.store.mue(code, setting, self.day)
        if found is None:
            return None
        mue = found.record
        units = "not payable: 0 units" if mue.value == 0 else f"{mue.value} unit{'s' if mue.value > 1 else ''}"
        return _cited(f"{units}, MAI {mue.adjudication}, {_MAI[mue.adjudication]}", found.edition)

    def _addon(self, code: str) -> str | None:
        pairs = self.store.addon_primaries(code, self.day)
        if not pairs:
            return None
        kind = pairs[0].record.kind
        primaries = [pair.record.primary for pair in pairs if pair.record.primary != "CCCCC"]
        listed = ", ".join(primaries[:6]) + (f" and {len(primaries) - 6} more" if len(primaries) > 6 else "")
        return _cited(f"type {kind}, {_ADDON[kind]}" + (f": {listed}" if listed else ""), pairs[0].edition)

    def _opps(self, code: str) -> str | None:
        found = self.store.opps(code, self.day)
        if found is None:
            return None
        row = found.record
        apc = f", APC {row.apc}" if row.apc else ""
        return _cited(f"status {row.indicator}{apc}" + (f", {row.meaning}" if row.meaning else ""), found.edition)

    def _asc(self, code: str) -> str | None:
        rows = self.store.asc(code, self.day)
        shown = [
            f"indicator {row.record.indicator}" if row.record.indicator else "excluded from ASC payment" for row in rows
        ]
        return _cited(", ".join(dict.fromkeys(shown)), rows[0].edition) if rows else None

    def _ptp(self, pair: str) -> str | None:
        column1, _, column2 = (part.strip() for part in pair.partition("/"))
        found = self.store.ptp(column1, column2, Setting.PRACTITIONER, self.day)
        if found:
            edit, edition = found.record, found.edition
            return _cited(f"column 1 {column1}, column 2 {column2}, modifier indicator {edit.indicator}", edition)
        closed = self.store.ptp_history(column1, column2, Setting.PRACTITIONER)
        if not closed:
            return None
        edit, edition = closed[0].record, closed[0].edition
        return _cited(
            f"column 1 {column1}, column 2 {column2}, modifier indicator {edit.indicator}, deleted, last day {edit.deletion}",
            edition,
        )

    def _title(self, argument: str) -> str | None:
        code = _coded(argument)
        found = self.store.code(code, self.day) if code else None
        # A title is quoted in running text; the code's own page carries its edition.
        return found.record.title if found and found.record.title else None

    def _valid(self, argument: str) -> str | None:
        code = _coded(argument)
        windows = self.store.validity(code) if code else ()
        if not windows:
            return None
        newest = windows[0]
        since = "" if newest.record.valid_from == date.min else f" since {newest.record.valid_from}"
        until = f" until {newest.record.valid_to}" if newest.record.valid_to else ""
        return _cited(f"valid{since}{until}", newest.edition)


def _coded(argument: str) -> Code | None:
    system, _, value = argument.partition(":")
    return Code.parse(value, CodeSystem(system)) if system in set(CodeSystem) else None


def _cited(text: str, edition: Edition) -> str:
    return f"{text} ({edition.cited})"
