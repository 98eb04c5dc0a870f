"""Health data are deleted: not one byte of them is left in the home, and what was sent is told."""

import base64
import os
import quopri
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import format_exception
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

import postgres
import schema
from home import ME, NOW, Home, a_home, text_of
from midsole.actions import changes, checking_in, deliveries, export, forgetting, setup
from midsole.actions.deliver import deliver_due
from midsole.actions.evaluate import judge
from midsole.actions.post import post
from midsole.actions.weekly import weekly_if_due
from midsole.deliver.base import Message
from midsole.domain import caps
from midsole.domain.checkins import Plan, RunWalk, Spot, checked
from midsole.domain.errors import MidsoleError, UsageError
from midsole.domain.facts import WARN, Finding, Pause
from midsole.domain.wearing import whole
from midsole.store import body, change_log, messages, runners, shoes
from midsole.store import facts as facts_store
from midsole.store import forgetting as store_forgetting
from midsole.store import tables as t
from midsole.store.base import Store
from midsole.store.change_log import Kept
from web_home import pages_of

WORDS = ("Zwetschgenknödel", "thistlebone", "marzipanache", "quincewobble")
"""Of the note of an answer, of an injury, of an alert and of a mail: words that nothing else holds."""
TODAY = NOW.date()
SPOT = Spot("ball-inner", "left")


@pytest.fixture(params=("sqlite", "postgresql"))
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    if request.param == "sqlite":
        with a_home(tmp_path, email="me@example.org") as made:
            yield made
        return
    server = request.getfixturevalue("postgres_server")
    with (
        postgres.fresh_database(server, schema.postgresql(server)) as url,
        a_home(tmp_path, email="me@example.org", database_url=url) as made,
    ):
        yield made


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path, email="me@example.org") as made:
        yield made


def fill(home: Home, runner_id: int = ME) -> None:
    """All that a body leaves behind, and things beside it that stay."""
    home.run(NOW - timedelta(days=3), 8.0)
    home.once()
    with home.box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        said = checked(TODAY, "morning", 4, place="ball-inner", side="left", signs=["limp"], note=WORDS[0])
        body.add_check_in(tx, runner_id, said, NOW)
        body.keep_episode(tx, runner_id, SPOT, TODAY, {"of": WORDS[0]})
        body.open_plan(tx, runner_id, Plan(TODAY, TODAY, "pain", edits={"because": WORDS[0]}))
        activity_id = tx.scalar(select(t.activity.c.id))
        body.keep_run_walk(tx, runner_id, activity_id, RunWalk(300, 300, 5, 60))
        body.tick(tx, runner_id, TODAY, "heel-drop", NOW)
        body.choose(tx, runner_id, "heel-drop", wanted=True)
        body.ask(tx, runner_id, TODAY, "morning", NOW)
        runners.add_pause(tx, runner_id, Pause(date(2026, 1, 1), date(2026, 1, 9), "ill"))
        runners.add_pause(tx, runner_id, Pause(date(2026, 3, 1), date(2026, 3, 9), "holiday"))
        runners.add_injury(tx, runner_id, date(2026, 1, 20), WORDS[1])
        runners.change(tx, runner_id, pain_now=True, routine_at=time(7), check_in_ask="every")
        alert_id = warn(tx, runner_id, "P1", "ball-inner left", f"A {WORDS[2]} of the {SPOT.words}")
        image = change_log.images(tx, [activity_id])[activity_id]
        before = change_log.Picture({}, {})
        set_id = change_log.record(tx, runner_id, "a change", [Kept(activity_id, image, image)], NOW)
        change_log.note_alerts(tx, set_id, before, change_log.picture(tx, runner_id))
        mail(tx, home, runner, [alert_id], at_once=True)


def warn(tx: Any, runner_id: int, rule: str, subject: str, said: str, level: str = WARN) -> int:
    finding = Finding(rule, level, subject, TODAY, said, "Rest.", {})
    return messages.open_alert(tx, runner_id, finding, "open", NOW, TODAY)


def mail(tx: Any, home: Home, runner: Any, alert_ids: list[int], *, at_once: bool = False) -> int:
    said = f"Nach Zwetschgen: {WORDS[3]} é"
    message = Message(f"Your {WORDS[3]}", said, f"<p>{said}</p>")
    return post(tx, home.box, runner, "alert", message, alert_ids=alert_ids, at_once=at_once)


def every_byte(folder: Path) -> bytes:
    """All files below, and what mails among the bytes say in plain words."""
    found = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return found + quopri.decodestring(found.replace(b"=\r\n", b"").replace(b"=\n", b""))


def every_text(url: str) -> bytes:
    """Every row of every table of a PostgreSQL, its statistics among them."""
    with psycopg.connect(url) as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        rows = [
            str(row) for name in names for row in connection.execute(f'SELECT x::text FROM "{name}" AS x')
        ]
        rows += [
            bytes.fromhex(row[0]).decode("utf-8", "replace")
            for row in connection.execute("SELECT encode(eml, 'hex') FROM delivery")
        ]
    return ("\n".join(rows) + samples(url)).encode()


def samples(url: str) -> str:
    """What the server's statistics hold of the columns."""
    columns = "tablename, attname, most_common_vals::text, histogram_bounds::text"
    with psycopg.connect(url) as connection:
        found = connection.execute(f"SELECT {columns} FROM pg_stats WHERE schemaname = 'public'")
        return "\n".join(map(str, found))


def all_there_is(home: Home) -> bytes:
    url = home.box.store.database_url
    kept = b"" if url.startswith("sqlite") else every_text(url)
    return every_byte(home.box.home) + kept


def forms_of(word: str) -> list[bytes]:
    """As it may stand in a file: plain, as JSON escapes it, and in base64 wherever it begins."""
    raw = word.encode()
    shifted = (base64.b64encode(b"x" * n + raw)[4 if n else 0 : -4] for n in range(3))
    return [raw, word.encode("unicode_escape"), *(part[:12] for part in shifted if len(part) > 12)]


def words_in(content: bytes) -> set[str]:
    return {word for word in WORDS if any(form in content for form in forms_of(word))}


def ask_for_statistics(home: Home) -> None:
    """As the server does by itself after a while: it keeps samples of what the columns hold."""
    with home.box.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def an_answer(note: str, level: int = 4, moment: str = "morning") -> Any:
    place = {"place": SPOT.place, "side": SPOT.side} if level else {}
    return checked(TODAY, moment, level, note=note, **place)


def test_not_a_byte_of_it_is_left_and_the_runs_stay(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    is_sqlite = home.box.store.database_url.startswith("sqlite")
    caplog.set_level("DEBUG")
    fill(home)
    deliver_due(home.box)
    assert "Written to outbox" in caplog.text
    with home.box.store.write() as tx:
        mail(tx, home, runners.lock(tx, ME), [])
        for n in range(30):
            body.add_check_in(tx, ME, an_answer(f"{WORDS[0]} {n}"), NOW)
    with home.box.store.write() as tx:  # rows that were taken back leave their bytes in free pages
        tx.execute(t.check_in.delete().where(t.check_in.c.id > 20))
    if not is_sqlite:
        ask_for_statistics(home)
        assert WORDS[0] in samples(home.box.store.database_url)
    assert words_in(all_there_is(home)) == set(WORDS)
    done = forgetting.forget(home.box, ME)
    assert done.is_finished
    assert words_in(all_there_is(home)) == set()
    assert (done.counts["injury"], done.counts["pause"], done.counts["alert"]) == (1, 1, 1)
    assert (done.mails, done.withdrawn, done.files) == (2, 1, 1)
    assert forgetting.held(home.box, ME).is_empty
    assert not forgetting.held(home.box, ME).is_unfinished
    assert len(home.activities()) == 1
    assert (home.runner().check_in_ask, home.runner().routine_at) == ("every", None)
    assert not home.runner().start.pain_now
    with home.box.store.read() as tx:
        assert [pause.reason for pause in runners.pauses(tx, ME)] == ["break", "holiday"]
    assert words_in(caplog.text.encode()) == set()


def test_while_somebody_reads_it_is_not_finished_and_says_so_until_it_is_done_again(home: Home) -> None:
    fill(home)
    reads, may_end = threading.Event(), threading.Event()

    def read_on() -> None:
        with home.box.store.read() as tx:
            tx.execute(select(t.shoe)).all()
            reads.set()
            may_end.wait(20)

    reader = threading.Thread(target=read_on)
    reader.start()
    reads.wait(20)
    first = forgetting.forget(home.box, ME, patience_s=0.05)
    assert not first.is_finished
    assert "The database was in use" in first.left[0]
    assert forgetting.held(home.box, ME).is_unfinished
    may_end.set()
    reader.join()
    assert forgetting.forget(home.box, ME).is_finished
    assert not forgetting.held(home.box, ME).is_unfinished
    assert words_in(all_there_is(home)) == set()


LETTERS = st.text("abcdefgh\u00e4\u00df\u4e2d", min_size=16, max_size=60)
NOTES = st.lists(LETTERS, min_size=1, max_size=4, unique=True)


@given(notes=NOTES, place=st.sampled_from(("heel", "knee", "arch")), level=st.integers(3, 10))
@settings(max_examples=3, deadline=None)
def test_whatever_was_said_nothing_of_it_or_of_what_followed_is_left(
    notes: list[str], place: str, level: int
) -> None:
    with TemporaryDirectory() as folder, a_home(Path(folder), email="me@example.org") as here:
        here.run(NOW - timedelta(days=1), 8.0)
        here.once()
        for note in notes:
            said = checked(TODAY, "night", level, place=place, side="left", note=note)
            checking_in.check_in(here.box, ME, said)
        here.once()
        told = [*(note.encode() for note in notes), f"left {place}".encode()]
        before = every_byte(here.box.home)
        assert all(words in before for words in told)
        assert forgetting.forget(here.box, ME).is_finished
        after = every_byte(here.box.home)
        assert not any(words in after for words in told)


def test_after_a_crash_in_the_middle_it_goes_on_with_what_is_left(here: Home) -> None:
    fill(here)
    deliver_due(here.box)
    with here.box.store.write() as tx:
        store_forgetting.forget(tx, ME, NOW)
    assert words_in(every_byte(here.box.home)) != set()
    assert forgetting.forget(here.box, ME).files == 1
    assert words_in(every_byte(here.box.home)) == set()


def test_beside_a_worker_that_reads_and_writes_all_the_time(here: Home) -> None:
    fill(here)
    ends = threading.Event()
    worker = Store(here.box.store.database_url)

    def work() -> None:
        while not ends.is_set():
            with worker.read() as tx:
                tx.execute(select(t.check_in)).all()
            with worker.write() as tx:
                tx.execute(update(t.runner).values(units="km"))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        done = forgetting.forget(here.box, ME)
    finally:
        ends.set()
        for thread in threads:
            thread.join()
        worker.close()
    assert done.is_finished
    assert words_in(every_byte(here.box.home)) == set()


def test_what_was_sent_is_told_with_its_day_and_to_whom_but_not_its_words(here: Home) -> None:
    fill(here)
    with here.box.store.write() as tx:
        tx.execute(update(t.delivery).values(state="sent", channel="email", sent_at=NOW))
        tx.execute(t.check_in.delete())  # what was taken back still stands in the mail that was sent
    (before,) = forgetting.what_was_sent(here.box, ME)
    assert forgetting.held(here.box, ME).messages == 1
    assert (before.kind, before.channel, before.to, before.sent_at) == (
        "alert",
        "email",
        "me@example.org",
        NOW,
    )
    assert forgetting.forget(here.box, ME).sent == (before,)
    (row,) = here.deliveries()
    assert (row.state, row.eml, row.subject) == ("sent", b"", "(its words were deleted)")
    assert (row.error, row.news_until) == (None, None)


def test_a_mail_that_lay_in_the_folder_is_not_sent_empty_when_a_server_is_set(here: Home) -> None:
    fill(here)
    deliver_due(here.box)
    with here.box.store.write() as tx:
        tx.execute(update(t.delivery).values(news_until=NOW + timedelta(days=1)))
    forgetting.forget(here.box, ME)
    with here.box.store.write() as tx:
        assert messages.reopen_outbox(tx, NOW) == []
    assert here.outbox() == []


def worn_out(home: Home) -> int:
    """A pair whose last run took it past 70 % of its limit, of which nobody has been told."""
    with home.box.store.write() as tx:
        pair = {"name": "Pegasus", "kind": "daily", "limit_m": 640_000, "start_m": 445_000}
        shoe_id = shoes.add(tx, ME, NOW, **pair, start_how="known")
        (activity_id,) = tx.scalars(select(t.activity.c.id)).all()
        shoes.wear_all(tx, ME, {activity_id: whole(shoe_id, "runner")}, NOW)
        tx.execute(t.alert.delete())
        tx.execute(t.delivery.delete())
    return shoe_id


def test_what_else_the_waiting_mail_carried_is_told_once_without_the_pain(here: Home) -> None:
    here.clock.at = NOW.replace(hour=23)
    fill(here)
    worn_out(here)
    with here.box.store.write() as tx:
        runners.change(tx, ME, quiet_from=time(21), quiet_until=time(6))
    with here.box.store.write() as tx:
        judge(tx, here.box, runners.lock(tx, ME))
    (pair,) = here.alerts("S1")
    waits = here.deliveries("alert")[-1]
    assert (waits.state, waits.of_health) == ("due", True)
    forgetting.forget(here.box, ME)
    again = [row for row in here.deliveries("alert") if row.state == "due"]
    assert len(again) == 1
    assert "Pegasus" in text_of(again[0])
    assert not again[0].of_health
    assert [alert.subject for alert in here.alerts("S1")] == [pair.subject]
    forgetting.forget(here.box, ME)
    assert [row.state for row in here.deliveries("alert") if row.id == again[0].id] == ["due"]


def test_what_was_told_is_not_told_again_in_other_words(here: Home) -> None:
    fill(here)
    worn_out(here)
    here.once()
    with here.box.store.write() as tx:
        tx.execute(
            update(t.alert).where(t.alert.c.rule == "S1").values(text=f"{WORDS[2]}: pain in this pair")
        )
    sent = [row.id for row in here.deliveries("alert") if row.state == "sent"]
    assert sent
    forgetting.forget(here.box, ME)
    (alert,) = here.alerts("S1")
    assert alert.text.startswith("The Pegasus")
    assert "pain" not in alert.text
    assert [row.id for row in here.deliveries("alert") if row.state != "withdrawn"] == sent


def test_a_mail_that_is_being_sent_is_waited_for_and_never_goes_out_empty(here: Home) -> None:
    fill(here)
    with here.box.store.write() as tx:
        lease = {"claimed_by": "another", "next_at": NOW + timedelta(minutes=5)}
        tx.execute(update(t.delivery).values(**lease))
    done = forgetting.forget(here.box, ME, patience_s=3)
    assert here.clock.slept[-3:] == [1.0, 1.0, 1.0]
    assert "A mail was being sent" in done.left[0]
    here.clock.on(minutes=6)
    deliver_due(here.box)
    assert [row.state for row in here.deliveries()] == ["withdrawn"]
    assert forgetting.forget(here.box, ME).is_finished


def test_a_weekly_mail_that_waited_is_written_anew(here: Home) -> None:
    fill(here)
    here.clock.at = datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert weekly_if_due(here.box, ME) is not None
    assert weekly_if_due(here.box, ME) is None
    forgetting.forget(here.box, ME)
    assert weekly_if_due(here.box, ME) is not None
    assert [row.state for row in here.deliveries("weekly")] == ["withdrawn", "due"]


def test_another_runners_stays_here_and_in_copies(here: Home) -> None:
    fill(here)
    other = setup.add_runner(here.box, "other", "UTC")
    with here.box.store.write() as tx:
        body.add_check_in(tx, other, an_answer("persimmonlurch"), NOW)
    copy = here.box.home / "before-0006.db"
    here.box.store.copy_to(copy)
    assert forgetting.forget(here.box, ME).copies == 1
    assert words_in(copy.read_bytes()) == set()
    assert b"persimmonlurch" in copy.read_bytes()
    with here.box.store.read() as tx:
        assert [said.note for said in body.check_ins(tx, other)] == ["persimmonlurch"]


def test_old_databases_in_the_home_are_scrubbed_whatever_their_version(here: Home) -> None:
    fill(here)
    home = here.box.home
    here.box.store.copy_to(home / "before-0005.db")
    aside = home / "before-restore-20261101T120000"
    aside.mkdir()
    shutil.copy(home / "before-0005.db", aside / "midsole.db")
    with closing(sqlite3.connect(aside / "midsole.db", autocommit=True)) as old:
        old.execute("PRAGMA journal_mode=WAL")
        old.execute(f"UPDATE injury SET note = '{WORDS[1]} in the log'")
        shutil.copy(aside / "midsole.db-wal", aside / "kept")
    (aside / "kept").rename(aside / "midsole.db-wal")
    with closing(sqlite3.connect(home / "before-0005.db")) as older:
        older.executescript("DROP TABLE check_in; ALTER TABLE delivery DROP COLUMN of_health;")
    (home / "before-0004.db").write_bytes(f"no database {WORDS[0]}".encode())
    done = forgetting.forget(here.box, ME)
    assert (done.copies, done.left) == (3, ())
    assert words_in(every_byte(home)) == set()
    assert sorted(path.name for path in home.rglob("*.db*")) == sorted(
        ["before-0005.db", "midsole.db", "midsole.db", *(p.name for p in home.glob("midsole.db-*"))]
    )


def test_leftovers_of_exports_go_and_archives_are_named(here: Home) -> None:
    fill(here)
    old = here.box.home / ".midsole-download-abc"
    old.mkdir()
    export.export(here.box, ME, old / "export.zip")
    export.export_health(here.box, ME, here.box.home / "mine.zip")
    os.utime(old, (0, 0))
    done = forgetting.forget(here.box, ME)
    assert not old.exists()
    assert "mine.zip" in done.elsewhere[-1]
    young = here.box.home / ".midsole-export-def"
    young.mkdir()
    os.utime(young, (NOW.timestamp(), NOW.timestamp()))
    assert "being written" in forgetting.forget(here.box, ME).left[0]


def cap(home: Home) -> caps.Cap:
    with home.box.store.read() as tx:
        return caps.cap(facts_store.load(tx, home.runner(), NOW))


def test_the_cap_is_worked_out_again_without_it(here: Home) -> None:
    here.run(NOW - timedelta(days=3), 8.0)
    here.once()
    before = cap(here)
    said = checked(TODAY, "night", 6, place="knee", side="left", note=WORDS[0])
    checking_in.check_in(here.box, ME, said)
    assert here.alerts("P3")
    assert cap(here) != before
    forgetting.forget(here.box, ME)
    assert not here.alerts("P3")
    assert cap(here) == before


def test_no_error_of_the_database_tells_a_word_to_the_log(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    is_sqlite = home.box.store.database_url.startswith("sqlite")
    with pages_of(home) as pages:
        pages.see("/body/check-in")
        with home.box.store.write() as tx:
            refuse(tx, is_sqlite=is_sqlite)
        form = {"on_day": str(TODAY), "moment": "morning", "level": "4", "note": WORDS[0]}
        answer = pages.post("/body/check-in", form | {"spot": "knee:left"})
    assert answer.status_code == 500
    assert words_in(answer.content) == set()
    assert "IntegrityError" in caplog.text
    assert words_in(caplog.text.encode()) == set()
    assert "knee" not in caplog.text


def refuse(tx: Any, *, is_sqlite: bool) -> None:
    """From now on the database takes no answer."""
    if is_sqlite:
        never = "BEFORE INSERT ON check_in BEGIN SELECT RAISE(ABORT, 'none'); END"
        tx.execute(text(f"CREATE TRIGGER never {never}"))
    else:
        tx.execute(text("ALTER TABLE check_in ADD CONSTRAINT never CHECK (level < 0)"))


def test_what_a_column_refuses_is_not_told_either(home: Home) -> None:
    with pytest.raises((DBAPIError, StatementError)) as told, home.box.store.write() as tx:
        tx.execute(
            text("INSERT INTO check_in (runner_id, note) VALUES (CAST(:n AS INTEGER) / 0, :n)"),
            {"n": WORDS[0]},
        )
    printed = "".join(format_exception(told.value))
    assert words_in(printed.encode()) == set()


def test_an_undo_makes_no_mail_due_whose_words_were_deleted(here: Home) -> None:
    fill(here)
    with here.box.store.write() as tx:
        (set_id,) = tx.scalars(select(t.change_set.c.id)).all()
        tx.execute(update(t.delivery).values(state="due"))
        before = change_log.picture(tx, ME)
        tx.execute(update(t.delivery).values(state="withdrawn"))
        change_log.note_alerts(tx, set_id, before, change_log.picture(tx, ME))
    forgetting.forget(here.box, ME)
    changes.undo(here.box, ME, set_id)
    assert [row.state for row in here.deliveries()] == ["withdrawn"]


def test_a_mail_that_was_refused_while_its_words_were_deleted_is_not_sent_empty(here: Home) -> None:
    fill(here)
    forgetting.forget(here.box, ME)
    (row,) = here.deliveries()
    with here.box.store.write() as tx:
        tx.execute(update(t.delivery).values(state="failed", error="554 no"))
    with pytest.raises(UsageError, match="words were deleted"):
        deliveries.retry(here.box, ME, row.id)


def test_a_copy_broken_off_a_forsaken_log_and_a_former_database_are_cleaned_too(tmp_path: Path) -> None:
    with a_home(tmp_path, email="me@example.org") as former:
        fill(former)
    home, elsewhere = former.box.home, tmp_path / "elsewhere" / "runs.db"
    elsewhere.parent.mkdir()
    shutil.copy(home / "midsole.db", elsewhere)
    with a_home(tmp_path, database_url=f"sqlite:///{elsewhere}") as here:
        (elsewhere.parent / "before-0007.db").touch()
        (elsewhere.parent / "before-0006.db-wal").write_text(WORDS[0])
        (home / "before-0005.db-journal").write_text(WORDS[1])
        shutil.copy(home / "midsole.db", home / "mine.db")
        done = forgetting.forget(here.box, ME)
    assert (done.copies, done.left) == (1, ())
    assert "mine.db" in done.elsewhere[-1]
    (home / "mine.db").unlink()
    assert words_in(every_byte(tmp_path)) == set()


def test_a_full_disk_is_told_in_words_and_done_again_it_goes_on(here: Home) -> None:
    fill(here)
    with here.box.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # no page more than there are now
    with pytest.raises(MidsoleError, match="disk is full"), here.box.store.write() as tx:
        tx.execute(text("UPDATE delivery SET eml = zeroblob(2000000)"))
    with here.box.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert forgetting.forget(here.box, ME).is_finished
    assert words_in(every_byte(here.box.home)) == set()


def test_a_runner_who_is_erased_leaves_not_a_byte_of_it_either(here: Home) -> None:
    fill(here)
    setup.add_runner(here.box, "other", "UTC")
    deliver_due(here.box)
    here.box.store.copy_to(here.box.home / "before-0007.db")
    assert words_in(every_byte(here.box.home)) == set(WORDS)
    setup.erase_runner(here.box, ME)
    assert words_in(every_byte(here.box.home)) == set()
    assert here.outbox() == []
    assert [runner.name for runner in setup.everyone(here.box)] == ["other"]


def test_while_a_copy_can_not_be_cleaned_the_person_stays_and_can_be_erased_again(here: Home) -> None:
    fill(here)
    setup.add_runner(here.box, "other", "UTC")
    (here.box.home / ".midsole-export-x").mkdir()
    with pytest.raises(MidsoleError, match="Not erased yet"):
        setup.erase_runner(here.box, ME)
    (here.box.home / ".midsole-export-x").rmdir()
    setup.erase_runner(here.box, ME)
    assert not list(here.box.home.glob(".forgetting-*"))
