"""The secrets of accounts, encrypted with keys that lie in a file of their own."""

import hmac
import os
import stat
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from midsole.domain.errors import MidsoleError, NeedsRunner

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


@dataclass(frozen=True, slots=True)
class Secrets:
    """A key file: one key a line, of which the first encrypts and all decrypt; # begins a remark.

    The file is made when something is encrypted for the first time."""

    path: Path

    def encrypt(self, text: str) -> str:
        from cryptography.fernet import MultiFernet

        if not _is_there(self.path):
            _create(self.path)
        return MultiFernet(self._keys()).encrypt(text.encode("utf-8", "surrogatepass")).decode("ascii")

    def decrypt(self, token: str) -> str:
        from cryptography.fernet import InvalidToken, MultiFernet

        keys = MultiFernet(self._keys())
        try:
            return keys.decrypt(token.encode("utf-8", "replace")).decode("utf-8", "surrogatepass")
        except InvalidToken:
            raise NeedsRunner(
                f"The key file {self.path} has changed, so the stored log-in can't be read. "
                "Bring the old file back, or connect the account again."
            ) from None

    def seal(self, purpose: str, message: str) -> str:
        """A mark that only this box can make, and that holds for this purpose alone."""
        if not _is_there(self.path):
            _create(self.path)
        return _sealed(self._key_lines()[0], purpose, message)

    def is_sealed(self, purpose: str, message: str, mark: str) -> bool:
        """Whether one of the keys made the mark; false where there is no key yet."""
        if not _is_there(self.path):
            return False
        given = mark.encode("utf-8", "replace")
        made = (_sealed(line, purpose, message).encode() for line in self._key_lines())
        return any(hmac.compare_digest(one, given) for one in made)

    def problem(self) -> str | None:
        """What is wrong with the key file, in a sentence; a file that isn't there yet is no problem."""
        if not _is_there(self.path):
            return None
        try:
            self._keys()
        except MidsoleError as error:
            return str(error)
        if bad := [number for number, line in self._lines() if not _fernets([line])]:
            return f"Line {bad[0]} of the key file {self.path} is no key. Mend it or take it away."
        if stat.S_IMODE(self.path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
            return f"Others can read or change the key file {self.path}. Close it: chmod 600 {self.path}."
        return None

    def _keys(self) -> list["Fernet"]:
        keys = _fernets(line for _, line in self._lines())
        if not keys:
            raise MidsoleError(
                f"The key file {self.path} holds no valid key. Bring back the one of a backup, "
                "or remove it and connect the accounts again."
            )
        return keys

    def _key_lines(self) -> list[str]:
        lines = [line for _, line in self._lines()]
        if not lines:
            raise MidsoleError(f"The key file {self.path} holds no key. Bring back the one of a backup.")
        return lines

    def _lines(self) -> list[tuple[int, str]]:
        """The lines that should be keys, with their numbers."""
        try:
            lines = self.path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        except FileNotFoundError:
            raise NeedsRunner(
                f"The key file {self.path} is missing, so the stored log-in can't be read. "
                "Bring the file back, or connect the account again."
            ) from None
        except OSError as error:
            raise MidsoleError(
                f"The key file {self.path} can't be read: {error.strerror}. Check its owner and permissions."
            ) from error
        numbered = ((number, line.strip()) for number, line in enumerate(lines, 1))
        return [(number, line) for number, line in numbered if line and not line.startswith("#")]


def _sealed(key: str, purpose: str, message: str) -> str:
    """160 bits of HMAC-SHA256, as letters that need no escaping in an address."""
    digest = hmac.digest(key.encode(), f"{purpose}\0{message}".encode(), "sha256")
    return urlsafe_b64encode(digest[:20]).decode().rstrip("=")


def _is_there(path: Path) -> bool:
    """Also where it can't be looked at: then reading it says why."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _fernets(lines: Iterable[str]) -> list["Fernet"]:
    """Those of the lines that are keys."""
    from cryptography.fernet import Fernet

    found = []
    for line in lines:
        with suppress(ValueError):
            found.append(Fernet(line))
    return found


def _create(path: Path) -> None:
    """A new key, whole on the disk before it has its name; where another process was first, its key stays."""
    from cryptography.fernet import Fernet

    key = Fernet.generate_key() + b"\n"
    with _write_errors_told(path), suppress(FileExistsError):
        part = path.with_name(f".{path.name}.{token_hex(8)}")
        try:
            _write(part, key)
            _name(part, path, key)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)


def _name(part: Path, path: Path, key: bytes) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # some file systems (exFAT, a few shares) know no second names
        _write(path, key)


def _write(path: Path, content: bytes) -> None:
    """A file that is new, and that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _write_errors_told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MidsoleError(
            f"The key file {path} can't be made: {error.strerror}. "
            "Check the folder, or name another file with secret_key_file."
        ) from error
