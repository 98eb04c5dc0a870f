"""Looking inside a file with fitparse, which shares no code with our own reading, and comparing both."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from midsole.actions.box import Box
from midsole.actions.files import named
from midsole.decode.formats import decoder_of
from midsole.decode.inflate import is_gzip
from midsole.decode.unpack import HEAD_BYTES, gunzip, is_container
from midsole.domain.errors import BadInput, MidsoleError, UsageError
from midsole.store import files as files_store
from midsole.store.sources import RawFile

type View = dict[str, Any]


def of_path(path: Path) -> Iterator[View]:
    """Every message of a FIT file in its order. Raises UsageError where it is something else.

    Raises BadInput after the last message that fitparse can read where it refuses the rest."""
    if not path.is_file():
        raise UsageError(f"{path} is no file, and no number of `midsole files --all`.")
    raw = unwrapped(path.read_bytes())
    _refuse_other(raw, str(path), "Any editor shows it.")
    return _messages(raw)


def of_number(box: Box, runner_id: int, number: int) -> Iterator[View]:
    """As `of_path`, of one of the runner's originals."""
    with box.store.read() as tx:
        (file,) = named(tx, runner_id, [number])
    raw = unwrapped(box.originals.read(file.sha256))
    _refuse_other(raw, file.name, f"`midsole files export {number} PATH` writes it out, any editor shows it.")
    return _messages(raw)


def _messages(raw: bytes) -> Iterator[View]:
    from midsole.decode.fit import oracle

    for message in oracle.messages(raw):
        fields = [{"name": n, "value": _plain(value), "units": units} for n, value, units in message.fields]
        yield {"message": message.name, "number": message.number, "fields": fields}


def unwrapped(raw: bytes) -> bytes:
    """What is inside a gzip; an archive of many files, and anything else, as it is."""
    head = raw[:HEAD_BYTES]
    return gunzip(raw) if is_gzip(head) and not is_container(head) else raw


def _refuse_other(raw: bytes, name: str, how_to_look: str) -> None:
    """Only FIT needs a dump: TCX and GPX are text, an archive has its own program."""
    form = _format(raw)
    if form == "fit":
        return
    if form is not None:
        raise UsageError(f"{name} is text ({form}), not FIT. {how_to_look}")
    if is_container(raw[:HEAD_BYTES]):
        raise UsageError(f"{name} is an archive: unpack it, and inspect what is in it.")
    raise UsageError(f"{name} is no FIT file; it begins with {raw[:12]!r}.")


def _format(raw: bytes) -> str | None:
    decoder = decoder_of(raw[:HEAD_BYTES])
    return decoder.name if decoder else None


def _plain(value: Any) -> Any:
    """As JSON can hold it: neither NaN nor infinity."""
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def verify(box: Box, runner_id: int, ids: Sequence[int] | None) -> Iterator[View]:
    """Compare our reading with fitparse's on these originals (None: on every FIT file of the runner)."""
    with box.store.read() as tx:
        chosen = named(tx, runner_id, ids) if ids else files_store.of_runner(tx, runner_id)
    for file in chosen:
        found = _verified(box, file)
        if found is not None:
            yield {"id": file.id, "name": file.name, **found}
        elif ids:
            raise UsageError(f"File {file.id} ({file.name}) is no FIT file; only those are compared.")


def _verified(box: Box, file: RawFile) -> View | None:
    """What the comparison gave; None for a file of another format."""
    from midsole.decode.fit import oracle

    if file.format not in (None, "fit"):
        return None
    try:
        raw = unwrapped(box.originals.read(file.sha256))
    except BadInput:
        return None
    except MidsoleError as lost:
        return _verdict(0, (), str(lost).rstrip("."))
    if _format(raw) != "fit":
        return None
    found = oracle.compare_both(raw)
    return _verdict(found.values, found.differences, found.refused)


def _verdict(values: int, differences: Sequence[str], refused: str | None) -> View:
    """`refused` says why no more was compared."""
    return {
        "same": not differences,
        "values": values,
        "differences": list(differences),
        "refused": refused,
    }
