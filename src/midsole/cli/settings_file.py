"""Changing the home's midsole.toml without losing its comments."""

import re
from collections.abc import Mapping
from pathlib import Path

from midsole.domain.errors import UsageError


def change(path: Path, values: Mapping[str, str | int]) -> None:
    """Set these settings where their commented default stands; unfit ones leave it as it was."""
    from midsole import config

    before = path.read_text(encoding="utf-8")
    text = before
    for name, value in values.items():
        text = _set(text, name, value)
    _write(path, text)
    try:
        config.read(path.parent)
    except UsageError:
        _write(path, before)
        raise


def _set(text: str, name: str, value: str | int) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    if name in document:
        document[name] = value
        return tomlkit.dumps(document)
    line = f"{name} = {tomlkit.item(value).as_string()}"
    commented = re.compile(rf"^#\s*{name}\s*=.*$", re.MULTILINE)
    if commented.search(text):
        return commented.sub(lambda _: line, text, count=1)
    return f"{text.rstrip()}\n\n{line}\n"


def _write(path: Path, text: str) -> None:
    """A settings file may hold a password, so only its owner reads it."""
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def keep_password(path: Path, password: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(password + "\n", encoding="utf-8")
