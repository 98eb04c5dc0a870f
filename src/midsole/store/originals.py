"""The kept originals: content-addressed files that are never changed."""

import hashlib
import os
import tempfile
from pathlib import Path

from midsole.domain.errors import MidsoleError


class Originals:
    """A folder of files named by their SHA-256, two levels deep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def keep(self, raw: bytes) -> str:
        """Write under a temporary name, sync, rename: a crash leaves the whole file or none."""
        sha256 = hashlib.sha256(raw).hexdigest()
        path = self.path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, raw)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes as they came; an error where the disk holds something else."""
        try:
            raw = self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise MidsoleError(f"The original {sha256[:12]} is missing from {self.folder}.") from error
        if hashlib.sha256(raw).hexdigest() != sha256:
            raise MidsoleError(f"The original {sha256[:12]} in {self.folder} was changed or is damaged.")
        return raw

    def remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)


def write_whole(path: Path, raw: bytes) -> None:
    """A file that is there whole or not at all, also after a power cut."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
