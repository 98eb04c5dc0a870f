"""A home in a temporary folder, on a clock that the test moves."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from fit_writer import fit_run
from sqlalchemy import select

from midsole.actions import setup
from midsole.actions.box import Box
from midsole.actions.once import Pass, run_once
from midsole.app import open_box
from midsole.config import Settings
from midsole.domain.activity import Activity
from midsole.domain.alerts import AlertState
from midsole.store import activities, messages, runners, sources
from midsole.store import tables as t
from schema import put_sqlite

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
"""A Wednesday noon."""
ME = 1


@dataclass(slots=True)
class Clock:
    """Time stands still until the test says otherwise."""

    at: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def on(self, **delta: float) -> datetime:
        self.at += timedelta(**delta)
        return self.at


@dataclass(frozen=True, slots=True)
class Home:
    """A box with short names for what tests ask of it."""

    box: Box
    clock: Clock

    @property
    def inbox(self) -> Path:
        return self.box.inbox

    def drop(self, name: str, raw: bytes, folder: Path | None = None) -> Path:
        path = (folder or self.inbox) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        return path

    def run(self, started_at: datetime, km: float, name: str | None = None, **leg: Any) -> Path:
        """A FIT file of a run at 6 min/km in the inbox."""
        raw = fit(started_at, km, **leg)
        return self.drop(name or f"{started_at:%Y-%m-%d-%H%M%S}.fit", raw)

    def once(self) -> Pass:
        return run_once(self.box)

    def runner(self, runner_id: int = ME) -> runners.Runner:
        with self.box.store.read() as tx:
            return runners.get(tx, runner_id)

    def activities(self, runner_id: int = ME) -> list[Activity]:
        with self.box.store.read() as tx:
            return activities.between(tx, runner_id)

    def alerts(self, rule: str | None = None, runner_id: int = ME) -> list[AlertState]:
        with self.box.store.read() as tx:
            found = messages.alerts(tx, runner_id)
        return [a for a in found if rule in (None, a.rule)]

    def deliveries(self, kind: str | None = None, runner_id: int | None = None) -> list[Any]:
        query = select(t.delivery).order_by(t.delivery.c.id)
        if kind:
            query = query.where(t.delivery.c.kind == kind)
        if runner_id:
            query = query.where(t.delivery.c.runner_id == runner_id)
        with self.box.store.read() as tx:
            return list(tx.execute(query).all())

    def files(self, runner_id: int = ME) -> list[sources.RawFile]:
        with self.box.store.read() as tx:
            return sources.raw_files(tx, runner_id, ("new", "done", "ignored", "bad"))

    def connection(self, number: int = 0) -> sources.Connection:
        with self.box.store.read() as tx:
            return sources.connections(tx)[number]

    def outbox(self) -> list[EmailMessage]:
        return [read_mail(p.read_bytes()) for p in sorted(self.box.outbox_folder.glob("*.eml"))]

    def originals(self) -> list[str]:
        folder = self.box.originals.folder
        return sorted(p.name for p in folder.rglob("*") if p.is_file())


def fit(started_at: datetime, km: float, **leg: Any) -> bytes:
    return fit_run(started_at, km * 1000, leg.pop("timer_s", km * 360), **leg)


def read_mail(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(mail: EmailMessage | Any) -> str:
    """The plain text part of a mail, or of a delivery's row."""
    parsed = mail if isinstance(mail, EmailMessage) else read_mail(mail.eml)
    body = parsed.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@contextmanager
def a_home(
    tmp: Path, clock: Clock | None = None, *, email: str | None = None, zone: str = "UTC", **settings: Any
) -> Iterator[Home]:
    """An open home whose runner lives in `zone`; closed at the end."""
    ticking = clock or Clock()
    chosen = replace(Settings(home=tmp / "home"), **{"settle_s": 0, **settings})
    if not chosen.database_url:
        put_sqlite(chosen.database_file)
    box = open_box(settings=chosen, now=ticking.now, sleep=ticking.slept.append)
    try:
        setup.edit_runner(box, ME, zone=zone, **({"email": email} if email else {}))
        yield Home(box, ticking)
    finally:
        box.store.close()


def reopened(home: Home, **settings: Any) -> Home:
    """The same home with other settings, as after an edit of the settings file."""
    chosen = replace(Settings(home=home.box.home), **{"settle_s": 0, **settings})
    box = open_box(settings=chosen, now=home.clock.now, sleep=home.clock.slept.append)
    return Home(box, home.clock)


def every_file(folder: Path) -> dict[str, tuple[bytes, int]]:
    """All there is below a folder: name -> bytes and mtime, to see that nothing changed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        kept = b"" if path.is_dir() or not path.exists() else path.read_bytes()
        found[os.fspath(path.relative_to(folder))] = (kept, path.lstat().st_mtime_ns)
    return found
