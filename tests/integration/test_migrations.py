"""The schema goes up, down and up again on filled tables, and nobody's rows are lost on the way."""

import multiprocessing
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import insert, inspect, select, text, update

from midsole.domain.activity import Recording
from midsole.domain.checkins import Plan, RunWalk, Spot, checked
from midsole.domain.errors import MidsoleError
from midsole.domain.facts import WARN, Finding, Pause
from midsole.domain.identity import Link
from midsole.domain.wearing import Answer, Default, whole
from midsole.store import activities, body, change_log, messages, runners, shoes, sources, upgrades
from midsole.store.base import Store, Tx, insert_id, take_slot
from midsole.store.change_log import Kept
from midsole.store.tables import (
    api_token,
    attempt,
    daily_steps,
    delivery,
    fitting,
    gear,
    gear_use,
    guess,
    login,
    metadata,
    pass_code,
    recording,
    remote_activity,
    session,
    shoe_insert,
    shoe_photo,
    shoe_rule,
    target,
    upload,
)

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
SINCE_THEN = (
    *("remote_activity", "gear", "gear_use", "daily_steps"),
    *("shoe_rule", "guess", "change_set", "change", "shoe_insert", "fitting"),
    *("login", "session", "api_token", "pass_code", "attempt", "target", "upload", "shoe_photo"),
    *("check_in", "episode", "comeback_plan", "run_walk", "exercise_tick", "exercise_choice", "question"),
)
ALWAYS = date(1970, 1, 1)
BATCH = """
import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("shoe") as batch:
        batch.add_column(sa.Column("colour", sa.String(20)))
        batch.alter_column("name", type_=sa.String(120), existing_nullable=False)
    {then}


def downgrade():
    with op.batch_alter_table("shoe") as batch:
        batch.drop_column("colour")
        batch.alter_column("name", type_=sa.String(100), existing_nullable=False)
"""


def fill(store: Store) -> None:
    """At least one row in every table."""
    with store.write() as tx:
        runner = runners.get(tx, runners.add(tx, "me", "Europe/Berlin", NOW, limits={"shoe_note": 0.6}))
        connection = sources.connect(tx, runner.id, "folder", "/inbox", NOW)
        sources.remember_all(tx, connection, {"a.fit": (10, 1)})
        file_id = sources.take_in(tx, runner.id, connection, "a" * 64, "a.fit", 10, NOW)
        copy_id = sources.take_in(tx, runner.id, None, "b" * 64, "b.fit", 10, NOW)
        assert file_id is not None
        assert copy_id is not None
        run = Recording(0, "running", "road", NOW, 10_000, "session", 3_600, 3_600, 3_600)
        file = sources.raw_file(tx, file_id)
        copy = sources.raw_file(tx, copy_id)
        (activity_id,) = activities.add_recordings(tx, runner, [(file, run)])
        activities.add_recordings(tx, runner, [(copy, replace(run, cadence_spm=172.5))])
        activities.say_links(tx, runner, [Link(f"{'a' * 16}:0", f"{'b' * 16}:0", together=True)], NOW)
        activities.say(tx, runner, activity_id, NOW, title="mine")
        pair = {"name": "Pegasus", "kind": "daily", "limit_m": 640_000, "start_m": 0, "start_how": "known"}
        shoe_id = shoes.add(tx, runner.id, NOW, **pair)
        shoes.set_default(tx, runner.id, Default("running", None, ALWAYS, shoe_id))
        shoes.wear_all(tx, runner.id, {activity_id: whole(shoe_id, "runner")}, NOW)
        runners.add_pause(tx, runner.id, Pause(date(2026, 1, 1), None, "ill"))
        runners.add_injury(tx, runner.id, date(2025, 1, 1), None)
        runners.add_race(tx, runner.id, date(2027, 1, 1), "5 km")
        finding = Finding("S1", WARN, f"shoe:{shoe_id}", NOW.date(), "worn", "retire it", {})
        alert_id = messages.open_alert(tx, runner.id, finding, "open", NOW, NOW.date())
        mail = {
            "kind": "alert",
            "channel": "outbox",
            "address": "a@b.c",
            "message_id": "<1@x>",
            "subject": "s",
        }
        mail |= {"eml": b"mail", "created_at": NOW, "next_at": NOW, "counts_in_budget": True}
        messages.write_week(
            tx, runner.id, date(2026, 11, 9), "fine", messages.queue(tx, runner.id, [alert_id], **mail), NOW
        )
        take_slot(tx, "look", NOW)
        told = {"runner_id": runner.id, "external_id": "1"}
        listed = {"listed": "{}", "digest": "d", "told": {}, "has_file": True, "original_id": file_id}
        tx.execute(insert(remote_activity).values(**told, **listed))
        pair = {"shoe_id": shoe_id, "state": "linked", "name": "Pegasus", "told": "{}", "told_at": NOW}
        tx.execute(insert(gear).values(**told, **pair))
        tx.execute(insert(gear_use).values(runner_id=runner.id, gear_id="1", activity_id="1"))
        tx.execute(insert(daily_steps).values(runner_id=runner.id, day=NOW.date(), steps=9_000))
        of_pair = {"runner_id": runner.id, "shoe_id": shoe_id}
        rule = {"place": 1, "conditions": {"surfaces": ["trail"]}, "from_date": NOW.date()}
        tx.execute(insert(shoe_rule).values(**of_pair, **rule, created_at=NOW))
        guessed = {"activity_id": activity_id, "probability": 0.7, "made_at": NOW}
        tx.execute(insert(guess).values(**of_pair, **guessed))
        image = change_log.images(tx, [activity_id])[activity_id]
        change_log.record(tx, runner.id, "a change", [Kept(activity_id, image, image)], NOW)
        pad = {"runner_id": runner.id, "name": "pad", "kind": "pad", "limit_m": 480_000, "created_at": NOW}
        insert_id_ = insert_id(tx, shoe_insert, pad)
        tx.execute(insert(fitting).values(**of_pair, insert_id=insert_id_, from_date=NOW.date()))
        fill_doors(tx, runner.id, shoe_id)
        fill_body(tx, runner.id, activity_id)


def fill_doors(tx: Tx, runner_id: int, shoe_id: int) -> None:
    """Who may enter, uploads, photos and targets."""
    mine = {"runner_id": runner_id}
    tx.execute(insert(login).values(**mine, password_hash="h", set_at=NOW))
    life = {"made_at": NOW, "expires_at": NOW}
    tx.execute(insert(session).values(**mine, token_hash=f"{runner_id}", device="d", seen_at=NOW, **life))
    token = {"name": "n", "token_hash": f"{runner_id}", "scopes": ["read"], "made_at": NOW}
    tx.execute(insert(api_token).values(**mine, **token))
    tx.execute(insert(pass_code).values(**mine, purpose="invite", code_hash=f"{runner_id}", **life))
    tx.execute(insert(attempt).values(key="k", at=NOW))
    target_id = insert_id(tx, target, {**mine, "kind": "push", "name": "n", "place": "p", "made_at": NOW})
    tx.execute(update(delivery).where(delivery.c.runner_id == runner_id).values(target_id=target_id))
    files = {"state": "done", "files": 1, "bytes": 10, "counts": {}, "next_at": NOW}
    tx.execute(insert(upload).values(**mine, **files, made_at=NOW))
    photo = {"image": b"p", "media_type": "image/webp", "made_at": NOW}
    tx.execute(insert(shoe_photo).values(**mine, shoe_id=shoe_id, **photo))


def fill_body(tx: Tx, runner_id: int, activity_id: int) -> None:
    """What is said of the body, and what follows from it."""
    spot, today = Spot("ball-inner", "left"), NOW.date()
    said = checked(today, "morning", 4, place=spot.place, side=spot.side, signs=["limp"], note="stiff")
    body.add_check_in(tx, runner_id, said, NOW)
    body.keep_episode(tx, runner_id, spot, today, {"runs": 3})
    body.open_plan(tx, runner_id, Plan(today, today, "pain", edits={"step": 2}))
    body.keep_run_walk(tx, runner_id, activity_id, RunWalk(300, 300, 5, 60))
    body.tick(tx, runner_id, today, "heel-drop", NOW)
    body.choose(tx, runner_id, "heel-drop", wanted=True)
    body.ask(tx, runner_id, today, "morning", NOW)


def content(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.read() as tx:
        tables = metadata.sorted_tables
        return {
            table.name: sorted((tuple(r) for r in tx.execute(select(table))), key=repr) for table in tables
        }


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Where a later program's migrations lie: add 0007 there."""
    later = tmp_path / "migrations"
    shutil.copytree(upgrades.MIGRATIONS, later, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(upgrades, "MIGRATIONS", later)
    return later / "versions" / "0007_colour.py"


def test_up_down_and_up_again_on_filled_tables(store: Store) -> None:
    fill(store)
    assert all(content(store).values())
    command.downgrade(upgrades.alembic_config(store.engine), "base")
    assert inspect(store.engine).get_table_names() == ["alembic_version"]
    store.upgrade()
    fill(store)
    assert all(content(store).values())


def test_the_first_schema_is_brought_to_links_and_cadence_with_all_its_rows(store: Store) -> None:
    fill(store)
    before = content(store)
    command.downgrade(upgrades.alembic_config(store.engine), "0001")
    assert not inspect(store.engine).has_table("link")
    store.upgrade()
    after = content(store)
    new = [c.name in ("cadence_spm", "stance_time_ms", "vertical_oscillation_mm") for c in recording.c]
    older = [tuple(None if n else v for v, n in zip(row, new, strict=True)) for row in before["recording"]]
    unaimed = [(*row[:-2], None, False) for row in before["delivery"]]
    changed = {"link": [], "recording": older, "delivery": unaimed}
    assert after == before | changed | {name: [] for name in SINCE_THEN}


def test_parts_of_a_run_keep_their_shares_through_the_change_of_their_table(store: Store) -> None:
    fill(store)
    with store.write() as tx:
        (activity_id,) = shoes.wearings(tx, 1)
        pair = {"kind": "daily", "limit_m": 640_000, "start_m": 0, "start_how": "known"}
        one, two = (shoes.add(tx, 1, NOW, name=name, **pair) for name in ("one", "two"))
        split = Answer(((two, 0.25), (one, 0.25), (None, 0.5)), "runner")
        shoes.wear_all(tx, 1, {activity_id: split}, NOW)
    command.downgrade(upgrades.alembic_config(store.engine), "0003")
    store.upgrade()
    with store.read() as tx:
        assert shoes.answers(tx, [activity_id])[activity_id].parts == ((one, 0.25), (two, 0.25))
        assert shoes.defaults(tx, 1)[0].from_date == ALWAYS


def test_tables_and_migrations_say_the_same(store: Store) -> None:
    """`alembic check` raises where they differ."""
    command.check(upgrades.alembic_config(store.engine))


def test_rebuilding_the_table_of_shoes_keeps_all_that_hangs_on_it(store: Store, next_version: Path) -> None:
    fill(store)
    before = content(store)
    next_version.write_text(BATCH.format(then="pass"))
    store.upgrade()
    assert content(store) == before
    command.downgrade(upgrades.alembic_config(store.engine), "0006")
    assert content(store) == before
    if store.engine.dialect.name == "sqlite":
        with store.read() as tx:
            assert tx.scalar(text("PRAGMA foreign_keys")) == 1


def test_an_upgrade_that_would_orphan_rows_is_undone(store: Store, next_version: Path) -> None:
    fill(store)
    before = content(store)
    next_version.write_text(BATCH.format(then='op.execute("DELETE FROM shoe")'))
    with pytest.raises(Exception, match=r"without their owner|foreign key"):
        store.upgrade()
    assert content(store) == before
    assert upgrades.revisions(store.engine) == ("0006", "0007")
    if store.engine.dialect.name == "sqlite":
        with store.read() as tx:
            assert tx.scalar(text("PRAGMA foreign_keys")) == 1


def test_an_sqlite_database_is_copied_before_an_upgrade(tmp_path: Path, next_version: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'midsole.db'}")
    store.upgrade()
    assert list(tmp_path.glob("before-*")) == []
    fill(store)
    next_version.write_text(BATCH.format(then="pass"))
    store.upgrade()
    copy = Store(f"sqlite:///{tmp_path / 'before-0006.db'}")
    assert content(copy) == content(store)
    store.close()
    copy.close()


def test_an_older_program_refuses_a_newer_schema(store: Store) -> None:
    with store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MidsoleError, match="newer Midsole"):
        store.upgrade()


def test_a_database_that_cannot_be_opened_is_said_in_a_sentence(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'missing' / 'midsole.db'}")
    with pytest.raises(MidsoleError, match="Check database_url"):
        store.upgrade()
    store.close()


def _upgrade(url: str) -> None:
    store = Store(url)
    store.upgrade()
    store.close()


def test_of_many_upgraders_at_once_one_does_it(empty_database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    upgraders = [spawn.Process(target=_upgrade, args=(empty_database_url,)) for _ in range(4)]
    for upgrader in upgraders:
        upgrader.start()
    for upgrader in upgraders:
        upgrader.join()
    assert [upgrader.exitcode for upgrader in upgraders] == [0, 0, 0, 0]
    store = Store(empty_database_url)
    fill(store)
    store.close()
