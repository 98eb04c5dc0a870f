"""Health data deleted because the runner says so: from the database, its copies, waiting mail and files."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.deliver.email import outbox_path
from midsole.domain.errors import MidsoleError
from midsole.store import body, erasing, forgetting, runners
from midsole.store.erasing import Who

PATIENCE_S = 10.0
"""How long those who read the database are waited for, and a mail that is being sent."""
LEFTOVERS = (".midsole-export-*", ".midsole-download-*", ".midsole-backup-*", ".restoring-*")
ARCHIVES = ("*.zip", "*.tar", "*.tar.gz", "*.tgz")
LEFTOVER_AFTER = timedelta(hours=1)
OUT_OF_REACH = (
    "Backups and exports that you made, wherever you keep them: delete those yourself.",
    "Mails and push messages that were sent: delete them where they arrived.",
    "What your watch's maker keeps of you, and the runs themselves: nothing of that was touched.",
)
OUT_OF_REACH_POSTGRESQL = (
    "Archives, replicas and dumps of your PostgreSQL server: whoever looks after it must let them expire.",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that has left the box while health data were kept: it may speak of them."""

    kind: str
    channel: str
    to: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What there is to delete: rows by table, messages with their words, those of them that have not left."""

    counts: Mapping[str, int]
    messages: int
    waiting: int
    is_unfinished: bool

    @property
    def is_empty(self) -> bool:
        return not any(self.counts.values()) and not self.messages


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted, what had left the box before, and what could not be reached.

    `left` says what is still there and why: deleting again goes on with it."""

    counts: Mapping[str, int]
    mails: int
    withdrawn: int
    files: int
    copies: int
    sent: tuple[Sent, ...]
    elsewhere: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def is_finished(self) -> bool:
        return not self.left


def held(box: Box, runner_id: int) -> Held:
    with box.store.read() as tx:
        counts = forgetting.counts(tx, runner_id)
        kept, waiting = forgetting.worded(tx, runner_id), forgetting.waiting(tx, runner_id)
    return Held(counts, kept, waiting, _mark(box, runner_id).exists())


def is_told(box: Box, runner_id: int) -> bool:
    """Whether anything was said of the body that a mail of today may speak of."""
    with box.store.read() as tx:
        found = forgetting.counts(tx, runner_id)
        return body.is_known(tx, runner_id) or found["pause"] > 0 or found["alert"] > 0


def what_was_sent(box: Box, runner_id: int) -> list[Sent]:
    """Messages that left while health data were kept, the newest first; no deleting brings them back."""
    with box.store.read() as tx:
        rows = forgetting.told(tx, runner_id)
    return [Sent(row.kind, row.channel, row.target or row.address, row.sent_at) for row in rows]


def forget(box: Box, runner_id: int, *, patience_s: float = PATIENCE_S) -> Forgotten:
    """Delete all of it; done again after a crash, or while something was in the way, it goes on."""
    mark = _mark(box, runner_id)
    mark.touch(mode=0o600)
    _wait_for_mail(box, runner_id, patience_s)
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        counts = forgetting.counts(tx, runner_id)
        taken = forgetting.forget(tx, runner_id, box.now())
        message_ids = forgetting.emptied(tx, runner_id)
        who = Who(runner_id, runner.name, runner.created_at, len(runners.everyone(tx)) == 1)
    evaluate(box, runner_id)
    files = remove_mails(box, message_ids) + _remove_leftovers(box)
    copies, left = _scrub_copies(box, who)
    left += list(_still_there(box, taken.in_flight, patience_s))
    if not left:
        mark.unlink(missing_ok=True)
    sent = tuple(what_was_sent(box, runner_id))
    away = tuple(_elsewhere(box))
    return Forgotten(counts, taken.mails, taken.withdrawn, files, copies, sent, away, tuple(left))


def _mark(box: Box, runner_id: int) -> Path:
    """There while a deletion is not finished: it says who, and nothing of their health."""
    return box.home / f".forgetting-{runner_id}"


def _wait_for_mail(box: Box, runner_id: int, patience_s: float) -> None:
    """What a sender holds in its hands is sent within seconds, and can't be called back meanwhile."""
    for _ in range(int(patience_s)):
        with box.store.read() as tx:
            if not forgetting.in_flight(tx, runner_id, box.now()):
                return
        box.sleep(1.0)


# ---- files


def remove_mails(box: Box, message_ids: list[str]) -> int:
    """Also what a writer that was killed left behind of them."""
    gone = 0
    for message_id in message_ids:
        path = outbox_path(box.outbox_folder, message_id)
        for found in (path, *box.outbox_folder.glob(f".{path.name}.*.tmp")):
            gone += found.exists()
            found.unlink(missing_ok=True)
    return gone


def _leftovers(box: Box) -> Iterator[Path]:
    for pattern in LEFTOVERS:
        yield from (path for path in box.home.glob(pattern) if path.is_dir() and not path.is_symlink())


def _is_old(box: Box, path: Path) -> bool:
    return box.now() - datetime.fromtimestamp(path.stat().st_mtime, UTC) > LEFTOVER_AFTER


def _remove_leftovers(box: Box) -> int:
    """What exports, downloads and backups that were killed left in the home."""
    old = [path for path in _leftovers(box) if _is_old(box, path)]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


def _scrub_copies(box: Box, who: Who) -> tuple[int, list[str]]:
    """How many copies of the database held something of this runner, and which could not be opened."""
    scrubbed, left = 0, []
    erasing.remove_orphans(box.home, box.store)
    for copy in erasing.copies(box.home, box.store):
        try:
            scrubbed += erasing.scrub(copy, who)
        except MidsoleError as error:
            left.append(str(error))
    return scrubbed, left


def _still_there(box: Box, in_flight: int, patience_s: float) -> Iterator[str]:
    if why := erasing.leave_no_trace(box.store, patience_s):
        yield why
    if in_flight:
        yield "A mail was being sent at this moment: what it wrote may still lie in the folder of mails."
    if any(True for _ in _leftovers(box)):
        yield "An export or backup is being written at this moment, and may hold what is deleted now."


def _elsewhere(box: Box) -> Iterator[str]:
    yield from OUT_OF_REACH
    if not box.store.database_url.startswith("sqlite"):
        yield from OUT_OF_REACH_POSTGRESQL
    archives = {path for pattern in ARCHIVES for path in box.home.glob(pattern)}
    if found := sorted(path.name for path in archives | erasing.others(box.home, box.store)):
        yield f"Archives and databases in the home, which may hold it: {', '.join(found)}."


# ---- in words and as JSON


NAMES = {
    "check_in": ("check-in", "check-ins"),
    "episode": ("episode of pain", "episodes of pain"),
    "comeback_plan": ("comeback plan", "comeback plans"),
    "run_walk": (
        "run that was split into running and walking",
        "runs that were split into running and walking",
    ),
    "exercise_tick": ("exercise ticked", "exercises ticked"),
    "exercise_choice": ("exercise chosen or left out", "exercises chosen or left out"),
    "question": ("question that was asked", "questions that were asked"),
    "injury": ("injury noted", "injuries noted"),
    "pause": ("pause for illness or injury", "pauses for illness or injury"),
    "alert": ("alert that speaks of pain", "alerts that speak of pain"),
}


def in_words(counts: Mapping[str, int]) -> list[str]:
    """ "12 check-ins", "1 injury noted": of all that there is any of."""
    return [f"{n:,} {NAMES[name][n != 1]}" for name in NAMES if (n := counts.get(name, 0))]


def health(box: Box, runner_id: int) -> dict[str, Any]:
    """Settings and counts, as JSON has them."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
    found = held(box, runner_id)
    return {
        "ask": runner.check_in_ask,
        "reminder_at": runner.routine_at and f"{runner.routine_at:%H:%M}",
        "counts": dict(found.counts),
        "waiting": found.waiting,
        "sent": len(what_was_sent(box, runner_id)),
        "deleting_unfinished": found.is_unfinished,
    }
