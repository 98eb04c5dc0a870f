"""Find: what is new in a watched folder becomes raw files, kept and noted in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from midsole.actions.box import Box
from midsole.actions.taking import Taking, expect_silence, take_in
from midsole.domain.connection import FOLDER
from midsole.domain.errors import MidsoleError, Retry, UsageError
from midsole.observe.logs import log
from midsole.sources.base import Cursor, File
from midsole.sources.folder import Folder
from midsole.store import runners, sources
from midsole.store.base import Tx
from midsole.store.sources import Connection


@dataclass(slots=True)
class Looked:
    """What one look brought; `problems` are sentences about single files."""

    new: int = 0
    known: int = 0
    problems: list[str] = field(default_factory=list)
    waiting: int = 0
    """Originals that wait for the next look, which may follow at once."""


def sync(box: Box, connection: Connection) -> Looked:
    """Look once at a folder. A place that can't be reached is noted, said once, and never an error here."""
    source = Folder(Path(connection.place), box.settle_s, box.sleep)
    try:
        with box.store.read() as tx:
            cursor = Cursor(seen=sources.ledger(tx, connection.id))
        found = [file for file in source.find(cursor) if isinstance(file, File)]
    except Retry as error:
        _note(box, connection, str(error))
        return Looked()
    to = Taking(box, connection.runner_id, connection.id, _silence(box, connection, len(found)))
    taken = take_in(to, found, source.fetch)
    _note(box, connection, None, history=taken.history)
    return Looked(len(taken.ids), taken.known, [why for _, why in taken.problems])


def _silence(box: Box, connection: Connection, found: int) -> Callable[[Tx, int], bool]:
    """A first look or a back-fill is history; an archive counts for as many files as it holds."""

    def silence(tx: Tx, so_far: int) -> bool:
        first = connection.first_look_done_at is None
        return expect_silence(tx, box, connection.runner_id, max(so_far, found), first_look=first)

    return silence


def _note(box: Box, connection: Connection, error: str | None, *, history: bool = False) -> None:
    """Said once when a source breaks and once when it is back; the row holds it for status.

    A look without error is complete: the first one is done, and the history it brought may be judged."""
    if error and error != connection.error:
        log.warning("%s Midsole goes on looking.", error)
    if not error and connection.error:
        log.info("%s %s is back.", connection.kind, connection.place)
    with box.store.write() as tx:
        sources.looked(tx, connection.id, box.now(), error)
        if error is None:
            sources.finish_first_look(tx, connection.id, box.now())
        if history:
            runners.go_on_taking_in(tx, connection.runner_id, None)


def connect_folder(box: Box, runner_id: int, place: Path) -> tuple[int, int]:
    """Connect a readable folder; returns the connection and how many files it holds.

    What lies in it now is history; an empty one has none, and its first file is news."""
    folder = Folder(place.expanduser().absolute(), box.settle_s, box.sleep)
    if folder.place in (box.home, box.outbox_folder, box.originals.folder):
        raise MidsoleError(
            f"{folder.place} is Midsole's own folder; choose one that the watch's files come to."
        )
    files = folder.files()
    with box.store.write() as tx:
        connection = sources.connect(tx, runner_id, FOLDER, str(folder.place), box.now())
        if not files:
            sources.finish_first_look(tx, connection, box.now())
    return connection, len(files)


def disconnect_folder(box: Box, runner_id: int, what: str) -> Connection:
    """Stop looking at a folder, named by its path or number; what came from it stays."""
    place = str(Path(what).expanduser().absolute())
    with box.store.write() as tx:
        mine = [c for c in sources.connections(tx, runner_id) if c.kind == FOLDER]
        found = [c for c in mine if c.place == place or str(c.id) == what]
        if not found:
            known = ", ".join(f"{c.id} {c.place}" for c in mine) or "none"
            raise UsageError(f"{what} is not connected. Connected: {known}.")
        sources.disconnect(tx, found[0].id)
    return found[0]
