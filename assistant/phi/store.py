"""Placeholder maps at rest: one encrypted file for each conversation, deletable with one call.

Encryption is Fernet of the `cryptography` package (AES-128 in CBC mode with HMAC-SHA256, the Fernet specification, version 0x80). The
key is random, kept in a file of the caller's data folder that only its owner may read (mode 0600), and never derived from anything in the text.
Whoever holds key and files can restore; deleting the key makes every map unreadable for good.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.phi.errors import VaultLocked
from assistant.phi.vault import Vault

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

__all__ = ["VaultStore"]

_KEY_FILE = "vault.key"
_SUFFIX = ".vault"


@dataclass(frozen=True, slots=True)
class VaultStore:
    """Vaults in a folder."""

    folder: Path
    """Where key and maps lie; made with mode 0700 when absent."""

    def save(self, vault: Vault) -> None:
        """Write the vault of a conversation, encrypted, in place of an earlier one."""
        self._write(self._file(vault.conversation), self._cipher(make=True).encrypt(vault.to_json().encode()))

    def load(self, conversation: str) -> Vault | None:
        """Return the vault of a conversation, or None when none is kept.

        Raises:
            VaultLocked: the map was written with another key, or was changed.
        """
        from cryptography.fernet import InvalidToken

        path = self._file(conversation)
        if not path.is_file():
            return None
        try:
            plain = self._cipher(make=False).decrypt(path.read_bytes())
            return Vault.from_json(plain.decode())
        except (InvalidToken, ValueError, KeyError, TypeError):
            # The cause could quote what was decrypted, so it is not chained.
            pass
        raise VaultLocked(
            f"The placeholder map {path.name} cannot be opened with {_KEY_FILE} beside it: restore that key, or forget the conversation."
        )

    def open(self, conversation: str) -> Vault:
        """Return the vault of a conversation, a new one when none is kept.

        Raises:
            VaultLocked: the map was written with another key, or was changed.
        """
        return self.load(conversation) or Vault(conversation)

    def forget(self, conversation: str) -> bool:
        """Delete the map of a conversation, and return whether there was one. Its placeholders can then never be restored."""
        path = self._file(conversation)
        if not path.is_file():
            return False
        _overwrite(path)
        path.unlink()
        return True

    def forget_all(self) -> int:
        """Delete every map and the key, and return how many maps there were."""
        maps = sorted(self.folder.glob(f"*{_SUFFIX}")) if self.folder.is_dir() else []
        for path in (*maps, self.folder / _KEY_FILE):
            if path.is_file():
                _overwrite(path)
                path.unlink()
        return len(maps)

    def _file(self, conversation: str) -> Path:
        # The conversation's name may hold anything, so the file is called by its digest.
        return self.folder / (hashlib.sha256(conversation.encode()).hexdigest()[:32] + _SUFFIX)

    def _cipher(self, *, make: bool) -> Fernet:
        from cryptography.fernet import Fernet

        path = self.folder / _KEY_FILE
        if not path.is_file():
            if not make:
                raise VaultLocked(
                    f"The key {_KEY_FILE} of the placeholder maps is gone: restore it, or forget the conversation."
                )
            self._write(path, Fernet.generate_key())
        try:
            return Fernet(path.read_bytes())
        except ValueError:
            pass
        raise VaultLocked(f"The file {_KEY_FILE} holds no key: restore it, or forget all conversations.")

    def _write(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        finally:
            with suppress(FileNotFoundError):
                aside.unlink()


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
