"""Placeholders: the same thing has the same one, nothing about the value shows, and everything comes back."""

from __future__ import annotations

import random
import re
from datetime import date

import pytest

from assistant.phi import Engine, Vault, redact


@pytest.fixture
def vault() -> Vault:
    """Return a vault with repeatable numbers and a fixed day."""
    return Vault("test", today=date(2026, 1, 1), chance=random.Random(7))


def numbers(text: str, label: str) -> list[str]:
    """Return the numbers of the placeholders with this label."""
    return re.findall(rf"\[{label}_(\d+)", text)


def test_same_person_same_number(engine: Engine, vault: Vault) -> None:
    """Whole name, surname and title with surname are one person through the conversation."""
    first = redact("Ngozi Okafor had 99213.", vault, engine=engine).text
    second = redact("Does Mrs. Okafor need modifier 25? Okafor asks.", vault, engine=engine).text
    assert len(set(numbers(first, "PERSON") + numbers(second, "PERSON"))) == 1


def test_two_people_two_numbers(engine: Engine, vault: Vault) -> None:
    """Two people who share a given name stay apart."""
    text = redact("Maria Okafor and Maria Tehrani had 99213.", vault, engine=engine).text
    assert len(set(numbers(text, "PERSON"))) == 2


def test_dates_are_told_relative_to_each_other(engine: Engine, vault: Vault) -> None:
    """A day near another is told by its distance; the first says its year."""
    text = redact("Surgery 04/12/2023, visit 04/26/2023.", vault, engine=engine).text
    assert re.fullmatch(r"Surgery \[DATE_(\d+), 2023\], visit \[DATE_\1 \+ 14 days\]\.", text)


def test_another_spelling_of_a_day_gets_a_letter(engine: Engine, vault: Vault) -> None:
    """The same day written otherwise has the same number and comes back as it was written."""
    text = "Seen 04/12/2023, that is April 12, 2023."
    masked = redact(text, vault, engine=engine).text
    assert len(set(numbers(masked, "DATE"))) == 1
    assert vault.restore(masked) == text


def test_an_old_birth_year_is_not_told(engine: Engine, vault: Vault) -> None:
    """A year that tells an age over 89 goes as well."""
    assert "1931" not in redact("DOB 04/12/1931", vault, engine=engine).text
    assert "1951" in redact("DOB 04/12/1951", vault, engine=engine).text


def test_state_and_three_digits_stay(engine: Engine, vault: Vault) -> None:
    """The placeholder of a town says the state, that of a ZIP code its first three digits."""
    text = redact("lives in Kalamazoo, MI 49007", vault, engine=engine).text
    assert re.fullmatch(r"lives in \[CITY_\d+, MI\] \[ZIP_\d+, 490\]", text)


@pytest.mark.parametrize(
    "mangle",
    [
        str,
        str.lower,
        lambda t: t.replace("[", "(").replace("]", ")"),
        lambda t: t.replace("_", " "),
        lambda t: t.replace("_", "\\_"),
    ],
)
def test_mangled_placeholders_come_back(engine: Engine, vault: Vault, mangle) -> None:  # type: ignore[no-untyped-def]
    """Small letters, other brackets, a lost or escaped underscore do not keep a placeholder from being restored."""
    masked = redact("Ngozi Okafor", vault, engine=engine).text
    assert vault.restore(mangle(masked)) == "Ngozi Okafor"


def test_a_reckoned_day_comes_back(engine: Engine, vault: Vault) -> None:
    """A model that counts ninety days from a date gives the user the day."""
    masked = redact("Surgery 04/12/2023.", vault, engine=engine).text
    number = numbers(masked, "DATE")[0]
    assert vault.restore(f"The period ends [DATE_{number} + 90 days].") == "The period ends 07/11/2023."


def test_strange_placeholders_stay(engine: Engine, vault: Vault) -> None:
    """A placeholder that is not of this conversation is left alone and its number is not given out."""
    assert vault.restore("[PERSON_55]") == "[PERSON_55]"
    masked = redact("[PERSON_55] and Ngozi Okafor", vault, engine=engine).text
    assert vault.restore(masked) == "[PERSON_55] and Ngozi Okafor"


def test_numbers_tell_nothing() -> None:
    """Two conversations give the same name different numbers more often than not."""
    hidden = {redact("Ngozi Okafor", Vault()).text for _ in range(30)}
    assert len(hidden) > 10


def test_a_vault_survives_json(engine: Engine, vault: Vault) -> None:
    """A vault read back restores, and keeps giving the same placeholders."""
    masked = redact("Ngozi Okafor seen 04/12/2023", vault, engine=engine).text
    again = Vault.from_json(vault.to_json())
    assert again.restore(masked) == "Ngozi Okafor seen 04/12/2023"
    assert redact("Ngozi Okafor seen 04/12/2023", again, engine=engine).text == masked


def test_nothing_shows_in_its_representation(engine: Engine, vault: Vault) -> None:
    """Printing a vault or a result shows counts only."""
    result = redact("Ngozi Okafor", vault, engine=engine)
    assert "Okafor" not in repr(vault) + repr(result)
