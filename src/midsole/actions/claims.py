"""The files that this process has in hand: claimed in batches, read ahead of the storing, given back."""

import os
import socket
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Self

from midsole.actions.box import Box
from midsole.actions.decoding import MOST_CHILDREN, Outcome, Readers, cores, read
from midsole.actions.taking import ARCHIVE, Taking, expect_silence, take_apart
from midsole.domain.errors import BadInput, MidsoleError
from midsole.store import claiming, sources
from midsole.store.base import Tx
from midsole.store.sources import RawFile

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 4
"""A file that took the program down with it this often is bad: a poison file cannot spin."""
BATCH_FILES = 200
BATCHES_AHEAD = 2
CHILDREN_FROM = 100
"""With fewer files, starting processes takes longer than reading them here."""
THIS_PROCESS = uuid.uuid4().hex[:8]
"""Tells it from an earlier one of its number: a container that starts again begins with the same ones."""

type Read = Sequence[tuple[RawFile, Outcome]]
"""Files of one runner, each with what was read in it."""


class Claims:
    """Due files, a batch of one runner's at a time, and what was read in them.

    Files that nobody tried come first, many at once. One that was tried before may have ended the program:
    those come last, one by one, and are read in a process of their own."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.by = holder(box)
        self.readers: Readers | None = None
        self.in_hand: deque[tuple[list[RawFile], Callable[[], list[Outcome]]]] = deque()

    def __enter__(self) -> Self:
        self._free_what_the_dead_hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self.readers is not None:
            self.readers.close()
        self._let_go(kind)

    def batches(self) -> Iterator[Read]:
        """Each batch is in hand until the next one is asked for."""
        while self._fill():
            yield from self._read_first()

    def one(self, raw_file_id: int) -> Iterator[Read]:
        """This file alone; nothing where another worker has it."""
        with self.box.store.write() as tx:
            files = claiming.claim_one(tx, raw_file_id, self.box.now(), LEASE, self.by)
        if files:
            self.in_hand.append((files, self._start(files)))
            yield from self._read_first()

    def _read_first(self) -> Iterator[Read]:
        files, outcomes = self.in_hand[0]
        yield list(zip(files, outcomes(), strict=True))
        self.in_hand.popleft()

    def _fill(self) -> bool:
        """Claim ahead while there is something untried, so that the readers are never idle."""
        while len(self.in_hand) < (BATCHES_AHEAD if self.readers else 1):
            if not (files := self._claim()):
                break
            self.in_hand.append((files, self._start(files)))
        return bool(self.in_hand)

    def _claim(self) -> list[RawFile]:
        with self.box.store.read() as tx:
            if not sources.due_files(tx, self.box.now(), limit=1):
                return []
        with self.box.store.write() as tx:
            files = claiming.claim_fresh(tx, self.box.now(), LEASE, self.by, BATCH_FILES)
            if files or self.in_hand:
                return files
            return claiming.claim_tried(tx, self.box.now(), LEASE, self.by)

    def _start(self, files: Sequence[RawFile]) -> Callable[[], list[Outcome]]:
        """Begin to read the files; what is returned waits for the outcomes."""
        if files[0].attempts > MOST_ATTEMPTS:
            return lambda: [_too_often(file) for file in files]
        shas = [file.sha256 for file in files if file.format != ARCHIVE]
        alone, many = files[0].attempts > 1, len(shas) >= CHILDREN_FROM and cores() > 1
        if self.readers is None and (alone or many):
            self.readers = Readers(self.box.originals, min(MOST_CHILDREN, cores()))
        if self.readers is not None:
            outcomes = self.readers.start(shas)
        else:
            outcomes = partial(list, (read(self.box.originals, sha256) for sha256 in shas))
        return lambda: self._with_archives(files, outcomes())

    def _with_archives(self, files: Sequence[RawFile], outcomes: list[Outcome]) -> list[Outcome]:
        """An archive that was kept is not read but taken apart: its members are the raw files."""
        rest = iter(outcomes)
        return [self._apart(file) if file.format == ARCHIVE else next(rest) for file in files]

    def _apart(self, archive: RawFile) -> MidsoleError:
        to = Taking(self.box, archive.runner_id, archive.connection_id, self._silence(archive.runner_id))
        try:
            return take_apart(to, archive)
        except MidsoleError as reason:
            return reason

    def _silence(self, runner_id: int) -> Callable[[Tx, int], bool]:
        return lambda tx, files: expect_silence(tx, self.box, runner_id, files)

    def _let_go(self, kind: type[BaseException] | None) -> None:
        """Where the program was told to stop, no file is at fault; where it broke, one in hand may be."""
        if not self.in_hand:
            return
        told = kind is not None and issubclass(kind, KeyboardInterrupt | SystemExit | MidsoleError)
        with self.box.store.write() as tx:
            for number, (files, _) in enumerate(self.in_hand):
                ids = [file.id for file in files]
                if told or number > 0:
                    claiming.give_back(tx, ids, self.by, self.box.now())
                else:
                    claiming.try_alone(tx, ids, self.by, self.box.now(), None)

    def _free_what_the_dead_hold(self) -> None:
        """What a killed process of this machine had in hand need not wait for the end of its lease."""
        with self.box.store.read() as tx:
            gone = [by for by in claiming.holders(tx) if is_gone(by)]
        if gone:
            with self.box.store.write() as tx:
                for by in gone:
                    claiming.free_claims(tx, by, self.box.now())


def holder(box: Box) -> str:
    """The name of this process in claims: its machine, and its name there, which begins with its number."""
    return f"{socket.gethostname()[:30]}/{box.worker}-{THIS_PROCESS}"


def is_gone(by: str) -> bool:
    """Whether it was a process of this machine that runs no more. Of others nobody here can tell."""
    machine, _, worker = by.rpartition("/")
    number = worker.partition("-")[0]
    if machine != socket.gethostname()[:30] or not number.isdecimal():
        return False
    if int(number) == os.getpid():
        return not worker.endswith(THIS_PROCESS)
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _too_often(file: RawFile) -> BadInput:
    how = f" ({file.reason})" if file.reason else ""
    return BadInput(f"Reading it ended the program {MOST_ATTEMPTS} times{how}.")
