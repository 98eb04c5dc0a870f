"""A home in which one runner has a bit of everything, in words that no other page could hold by chance."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from home import NOW, Home, a_home
from midsole.actions import activities, checking_in, entering, setup
from midsole.actions.passwords import NOBODYS
from midsole.domain.alerts import Finding
from midsole.domain.checkins import Plan, checked
from midsole.domain.facts import Pause
from midsole.domain.shoe_rules import Conditions
from midsole.domain.wearing import whole
from midsole.store import body, change_log, entered, messages, runners, shoe_rules, shoes, sources
from midsole.store import tables as t
from midsole.store.base import Tx, insert_id
from midsole.store.change_log import Kept

NAME = "Vesperina"
WORDS = (
    NAME,
    "vesper@victim.example",
    "Zephyrglider",
    "Quillpad",
    "Marmalade",
    "Obsidian",
    "thistlebone",
    "Periwinkle",
    "pumpernickel",
    "gopherbell",
    "kazootoken",
    "Lanternphone",
    "Rhubarb",
    "spinachfile",
    "marzipanheel",
)
"""Names, titles, addresses, places and sentences that are the victim's alone."""
OWNER, VICTIM, OTHER = 1, 2, 3


@dataclass(frozen=True, slots=True)
class TwoRunners:
    """The home, and the numbers of the victim's things by the names of path parameters."""

    home: Home
    ids: dict[str, int]

    def rows(self, runner_id: int | None = None) -> dict[str, list[Any]]:
        """What all tables hold; of one runner: without what is plainly another one's."""
        with self.home.box.store.read() as tx:
            found = {table.name: tx.execute(select(table)).all() for table in t.metadata.sorted_tables}
        if runner_id is None:
            return found
        return {name: [r for r in rows if _is_of(name, r, runner_id)] for name, rows in found.items()}

    def session(self, runner_id: int, device: str = "Firefox on Linux") -> str:
        """The token of a log-in that has just happened."""
        with self.home.box.store.write() as tx:
            return entering.start_session(tx, runner_id, device, self.home.clock.now())

    def open_up(self) -> list[Any]:
        """As if nobody had ever set a password; returns those that there were."""
        with self.home.box.store.write() as tx:
            return list(tx.execute(delete(t.login).returning(t.login)))

    def close_again(self, kept: list[Any]) -> None:
        with self.home.box.store.write() as tx:
            tx.execute(insert(t.login), [row._asdict() for row in kept])


def _is_of(table: str, row: Any, runner_id: int) -> bool:
    if table in ("attempt", "slot"):
        return False
    if table == "runner":
        return bool(row.id == runner_id)
    return bool(getattr(row, "runner_id", runner_id) == runner_id)


@contextmanager
def two_runners(tmp: Path) -> Iterator[TwoRunners]:
    """Everyone has a password; the victim is neither the first runner nor the last."""
    with a_home(tmp) as home:
        box = home.box
        setup.add_runner(box, NAME, "UTC", email="vesper@victim.example")
        setup.add_runner(box, "other", "UTC")
        activity = activities.add(
            box,
            VICTIM,
            sport="running",
            surface="road",
            started_at=datetime(2026, 11, 16, 7, tzinfo=UTC),
            distance_m=12_345,
            timer_s=4_321,
            title="Marmalade Canyon",
        )
        ids = _fill_body(home)
        with box.store.write() as tx:
            ids |= _fill(tx, activity.id) | _fill_doors(tx)
            for runner_id in (OWNER, VICTIM, OTHER):
                entered.set_password(tx, runner_id, NOBODYS, NOW)
        yield TwoRunners(home, ids)


def _fill_body(home: Home) -> dict[str, int]:
    """A red answer, the episode that it opens, a plan of the way back, and an exercise."""
    hurts = {"place": "heel", "side": "left", "note": "marzipanheel"}
    said = checking_in.check_in(home.box, VICTIM, checked(NOW.date(), "morning", 6, **hurts))
    with home.box.store.write() as tx:
        body.tick(tx, VICTIM, NOW.date(), "calf-stretch", NOW)
        body.open_plan(tx, VICTIM, Plan(NOW.date(), NOW.date(), "pain"))
        (plan,) = body.plans(tx, VICTIM)
    return {"check_in_id": said.check_in.id, "episode_id": said.episode_id or 0, "plan_id": plan.id}


def _fill(tx: Tx, activity_id: int) -> dict[str, int]:
    """One of each, made in the store: what counts here is whose it is."""
    me = {"runner_id": VICTIM}
    pair = {"name": "Zephyrglider", "kind": "daily", "limit_m": 640_000, "start_m": 0, "start_how": "known"}
    shoe_id = shoes.add(tx, VICTIM, NOW, **pair)
    shoes.wear_all(tx, VICTIM, {activity_id: whole(shoe_id, "runner")}, NOW)
    pad = {"name": "Quillpad", "kind": "pad", "limit_m": 480_000, "created_at": NOW}
    insert_number = insert_id(tx, t.shoe_insert, {**me, **pad})
    tx.execute(insert(t.fitting).values(**me, shoe_id=shoe_id, insert_id=insert_number, from_date=NOW.date()))
    rule = shoe_rules.add(tx, VICTIM, shoe_id, Conditions(surfaces=("trail",)), NOW.date(), NOW)
    runners.add_pause(tx, VICTIM, Pause(date(2026, 1, 1), date(2026, 1, 9), "ill"))
    runners.add_injury(tx, VICTIM, date(2026, 3, 1), "thistlebone")
    runners.add_race(tx, VICTIM, date(2027, 1, 1), "Obsidian Half")
    folder = sources.connect(tx, VICTIM, "folder", "/srv/pumpernickel", NOW)
    file_id = sources.take_in(tx, VICTIM, folder, "c" * 64, "spinachfile.fit", 10, NOW)
    assert file_id is not None
    text = "Periwinkle passed its limit"
    finding = Finding("S1", "warn", f"shoe:{shoe_id}", NOW.date(), text, "Retire the Periwinkle.", {})
    alert_id = messages.open_alert(tx, VICTIM, finding, "open", NOW, NOW.date())
    mail = {"kind": "alert", "channel": "outbox", "address": "vesper@victim.example", "subject": "Rhubarb"}
    mail |= {"eml": b"Subject: Rhubarb\n\nRhubarb", "created_at": NOW, "next_at": NOW}
    mail |= {"message_id": "<1@victim.example>", "counts_in_budget": True}
    delivery_id = messages.queue(tx, VICTIM, [alert_id], **mail)
    image = change_log.images(tx, [activity_id])[activity_id]
    change_log.record(tx, VICTIM, "Marmalade on Zephyrglider", [Kept(activity_id, image, image)], NOW)
    place = {"kind": "webhook", "name": "gopherbell", "place": "https://gopherbell.example/", "made_at": NOW}
    files = {"state": "failed", "files": 1, "bytes": 10, "counts": {}, "error": "spinachfile is torn"}
    files |= {"made_at": NOW, "next_at": NOW, "done_at": NOW}
    photo = {"image": b"Zephyrglider", "media_type": "image/webp", "made_at": NOW}
    tx.execute(insert(t.shoe_photo).values(**me, shoe_id=shoe_id, **photo))
    target_id = insert_id(tx, t.target, {**me, **place})
    return {
        "activity_id": activity_id,
        "shoe_id": shoe_id,
        "insert_id": insert_number,
        "rule_id": rule.id,
        "alert_id": alert_id,
        "delivery_id": int(delivery_id),
        "change_id": int(tx.scalar(select(t.change_set.c.id)) or 0),
        "connection_id": folder,
        "target_id": target_id,
        "webhook_id": target_id,
        "upload_id": insert_id(tx, t.upload, {**me, **files}),
        "runner_id": VICTIM,
    }


def _fill_doors(tx: Tx) -> dict[str, int]:
    later = NOW + timedelta(days=30)
    code_id = entered.add_code(tx, VICTIM, "invite", "c" * 64, NOW, timedelta(days=7))
    return {
        "session_id": entered.add_session(tx, VICTIM, "s" * 64, "Lanternphone", NOW, later),
        "token_id": entered.add_api_token(tx, VICTIM, "kazootoken", "t" * 64, ["read"], NOW),
        "code_id": code_id,
    }
