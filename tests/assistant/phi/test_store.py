"""Placeholder maps at rest: encrypted, readable by the owner only, deletable."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from assistant.phi import Engine, Vault, VaultLocked, VaultStore, redact


def filled(engine: Engine) -> tuple[Vault, str]:
    """Return a vault that holds a person, and the masked text."""
    vault = Vault("talk 1")
    return vault, redact("Ngozi Okafor, MRN 4481120", vault, engine=engine).text


def test_a_map_comes_back(tmp_path: Path, engine: Engine) -> None:
    """What was saved is restored by the conversation's name."""
    vault, masked = filled(engine)
    VaultStore(tmp_path / "maps").save(vault)
    assert VaultStore(tmp_path / "maps").open("talk 1").restore(masked) == "Ngozi Okafor, MRN 4481120"


def test_no_identifier_lies_on_disk(tmp_path: Path, engine: Engine) -> None:
    """No file holds an identifier or the conversation's name, and only the owner may read them."""
    vault, _ = filled(engine)
    VaultStore(tmp_path / "maps").save(vault)
    for path in (tmp_path / "maps").iterdir():
        content = path.read_bytes() + path.name.encode()
        assert not any(secret in content for secret in (b"Okafor", b"okafor", b"4481120", b"talk 1"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_forget(tmp_path: Path, engine: Engine) -> None:
    """A forgotten conversation is gone from disk and starts anew."""
    vault, masked = filled(engine)
    store = VaultStore(tmp_path)
    store.save(vault)
    assert store.forget("talk 1") is True
    assert store.forget("talk 1") is False
    assert store.load("talk 1") is None
    assert store.open("talk 1").restore(masked) == masked


def test_forget_all(tmp_path: Path, engine: Engine) -> None:
    """Forgetting everything deletes the key as well."""
    store = VaultStore(tmp_path)
    store.save(filled(engine)[0])
    store.save(Vault("talk 2"))
    assert store.forget_all() == 2
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_key_is_refused(tmp_path: Path, engine: Engine) -> None:
    """A map under another key, a damaged map and a missing key are refused with a message that tells what to do."""
    store = VaultStore(tmp_path)
    store.save(filled(engine)[0])
    kept = next(tmp_path.glob("*.vault")).read_bytes()
    next(tmp_path.glob("*.vault")).write_bytes(kept[:-8] + b"AAAAAAAA")
    with pytest.raises(VaultLocked, match="forget the conversation"):
        store.load("talk 1")
    (tmp_path / "vault.key").unlink()
    with pytest.raises(VaultLocked, match="is gone"):
        store.load("talk 1")
