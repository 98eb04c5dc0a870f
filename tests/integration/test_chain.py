"""From the file in the folder to the mail, in one process on a clock that stands still."""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.channel import FakeChannel
from home import ME, NOW, Clock, Home, a_home, fit, text_of
from midsole.actions import setup
from midsole.actions.activities import edit
from midsole.actions.assigning import assign
from midsole.actions.shoes import Start, add_shoe, set_default
from midsole.actions.sync import connect_folder
from midsole.store import facts as facts_store
from midsole.store import runners
from midsole.store import shoes as shoe_store

ROUTE = b"<?xml version='1.0'?><gpx version='1.1' xmlns='http://www.topografix.com/GPX/1/1'><rte/></gpx>"
MORNING = NOW.replace(hour=6)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path) as home:
        yield home


def history(until: datetime = MORNING - timedelta(days=1)) -> list[tuple[datetime, float]]:
    """60 runs over two years: sparse with two old spikes, then 8 steady weeks of three runs of 10 km."""
    steady = [until - timedelta(days=7 * week + day) for week in range(8) for day in (0, 3, 5)]
    first = min(steady)
    old = [first - timedelta(days=18 * n) for n in range(1, 37)]
    return [(at, 25.0 if n in (10, 20) else 8.0) for n, at in enumerate(old)] + [(at, 10.0) for at in steady]


def drop_history(home: Home) -> None:
    for at, km in history():
        home.run(at, km)


@pytest.fixture
def settled(home: Home) -> Home:
    """A runner with two years behind them and one pair, a few passes after the first import."""
    add_shoe(home.box, ME, "Pegasus", "daily", Start(), limit_m=2_000_000)
    drop_history(home)
    home.once()
    home.once()
    return home


def pair_m(home: Home, runner_id: int = ME) -> dict[str, float]:
    with home.box.store.read() as tx:
        facts = facts_store.load(tx, runners.get(tx, runner_id), home.clock.now())
    return {pair.shoe.name: round(pair.distance_m or 0, 3) for pair in facts.shoes}


def kinds(home: Home) -> list[str]:
    return [d.kind for d in home.deliveries()]


def test_a_file_in_the_inbox_puts_its_kilometres_on_the_right_pair(home: Home) -> None:
    add_shoe(home.box, ME, "Pegasus", "daily", Start(known_m=100_000))
    add_shoe(home.box, ME, "Speedgoat", "trail", Start())
    set_default(home.box, ME, "Speedgoat", "running", "trail")
    home.run(NOW - timedelta(hours=30), 10)
    home.run(NOW - timedelta(hours=3), 7.5, sub_sport="trail")
    home.run(NOW - timedelta(hours=6), 30, sport="cycling")

    home.once()

    assert pair_m(home) == {"Pegasus": 110_000, "Speedgoat": 7_500}


def test_the_same_file_again_changes_nothing(home: Home) -> None:
    add_shoe(home.box, ME, "Pegasus", "daily", Start())
    path = home.run(NOW - timedelta(hours=3), 10)
    home.once()
    before = (home.activities(), pair_m(home), home.originals())

    home.drop("copy.fit", path.read_bytes())
    path.touch()
    home.once()

    assert (home.activities(), pair_m(home), home.originals()) == before


def test_a_first_import_of_two_years_sends_one_notice_and_nothing_else(settled: Home) -> None:
    for _ in range(3):
        settled.clock.on(hours=1)
        settled.once()

    assert len(settled.activities()) == 60
    assert kinds(settled) == ["notice"]
    assert len(settled.outbox()) == 1
    assert {a.state for a in settled.alerts()} <= {"seen", "resolved"}
    assert "60" in text_of(settled.outbox()[0])


def test_a_spike_after_that_is_one_mail_with_its_numbers(settled: Home) -> None:
    settled.run(NOW - timedelta(hours=2), 12.5)
    for _ in range(4):
        settled.once()
        settled.clock.on(hours=1)

    (alert,) = settled.alerts("L1")
    (mail,) = settled.deliveries("alert")
    assert (alert.level, alert.state) == ("warn", "open")
    for said in ("25 %", "12.5 km", "10", "Do this"):
        assert said in text_of(mail)
    assert kinds(settled) == ["notice", "alert"]
    assert len(settled.outbox()) == 2


def test_a_second_spike_within_7_days_is_not_pushed_but_stands_in_the_weekly_mail(settled: Home) -> None:
    settled.run(NOW - timedelta(hours=2), 12.5)
    settled.once()
    settled.clock.on(days=1)
    settled.run(settled.clock.now() - timedelta(hours=2), 14.5)
    settled.once()
    assert len(settled.alerts("L1")) == 2
    assert len(settled.deliveries("alert")) == 1

    settled.clock.at = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    settled.once()

    (weekly,) = settled.deliveries("weekly")
    assert "14.5 km" in text_of(weekly)
    assert "16 %" in text_of(weekly)


def test_steady_runs_send_nothing(settled: Home) -> None:
    for days in range(0, 5, 2):
        settled.clock.at = NOW + timedelta(days=days)
        settled.run(settled.clock.now() - timedelta(hours=2), 10)
        settled.once()

    assert kinds(settled) == ["notice"]


def test_the_weekly_mail_comes_once_a_week_however_many_passes(settled: Home) -> None:
    for _ in range(19 * 4):
        settled.clock.on(hours=6)
        if settled.clock.at.hour == 12 and settled.clock.at.weekday() in (1, 3, 5):
            settled.run(settled.clock.at - timedelta(hours=2), 10)
        settled.once()

    weekly = settled.deliveries("weekly")
    assert [d.created_at.date().isoformat() for d in weekly] == ["2026-11-23", "2026-11-30", "2026-12-07"]
    assert {d.created_at.hour for d in weekly} == {12}
    assert len({d.message_id for d in weekly}) == 3


def test_a_box_that_was_off_for_48_hours_sends_no_weekly_mail_of_the_past(settled: Home) -> None:
    settled.clock.at = datetime(2026, 11, 25, 7, 1, tzinfo=UTC)
    settled.once()

    assert settled.deliveries("weekly") == []


def test_quiet_hours_hold_an_alert_back_until_the_morning(settled: Home) -> None:
    setup.edit_runner(settled.box, ME, quiet_from=time(22), quiet_until=time(7))
    settled.clock.at = NOW.replace(hour=23)
    settled.run(NOW.replace(hour=20), 12.5)
    settled.once()
    (mail,) = settled.deliveries("alert")
    assert (mail.state, mail.next_at) == ("due", datetime(2026, 11, 19, 7, tzinfo=UTC))

    settled.clock.at = datetime(2026, 11, 19, 6, 59, tzinfo=UTC)
    settled.once()
    assert len(settled.outbox()) == 1, "the notice only"

    settled.clock.at = datetime(2026, 11, 19, 7, tzinfo=UTC)
    settled.once()
    assert len(settled.outbox()) == 2


@pytest.mark.parametrize("said", [{"excluded": True}, {"sport": "cycling"}, {"distance_m": 10_000}])
def test_a_correction_resolves_the_alert_and_withdraws_its_mail(
    settled: Home, said: dict[str, object]
) -> None:
    setup.edit_runner(settled.box, ME, quiet_from=time(22), quiet_until=time(7))
    settled.clock.at = NOW.replace(hour=23)
    settled.run(NOW.replace(hour=20), 12.5)
    settled.once()

    edit(settled.box, ME, settled.activities()[-1].id, **said)
    settled.clock.on(hours=10)
    settled.once()

    assert [a.state for a in settled.alerts("L1")] == ["resolved"]
    assert [d.state for d in settled.deliveries("alert")] == ["withdrawn"]
    assert len(settled.outbox()) == 1


def test_a_pair_that_passes_70_percent_is_one_mail_and_re_assigning_resolves_it(settled: Home) -> None:
    limit_m = (pair_m(settled)["Pegasus"] + 5_000) / 0.7
    with settled.box.store.write() as tx:
        (pegasus,) = shoe_store.pairs(tx, ME)
        shoe_store.change(tx, pegasus.id, limit_m=limit_m)
    settled.once()
    assert kinds(settled) == ["notice"]

    settled.run(NOW - timedelta(hours=2), 10)
    for _ in range(3):
        settled.once()
        settled.clock.on(hours=6)
    (mail,) = settled.deliveries("alert")
    assert "Pegasus" in text_of(mail)
    assert [a.state for a in settled.alerts("S1")] == ["open"]

    add_shoe(settled.box, ME, "Ghost", "daily", Start())
    assign(settled.box, ME, [settled.activities()[-1].id], ["Ghost"])
    settled.once()
    assert [a.state for a in settled.alerts("S1")] == ["resolved"]
    assert len(settled.deliveries("alert")) == 1


def test_bad_and_ignored_files_are_kept_with_reasons_and_stop_nothing(home: Home) -> None:
    home.drop("a-broken.fit", fit(NOW - timedelta(hours=9), 10)[:30])
    home.drop("b-route.gpx", ROUTE)
    home.drop("c-broken.tcx", b"<?xml version='1.0'?><TrainingCenterDatabase><Activities>")
    home.run(NOW - timedelta(hours=3), 10, "d-run.fit")

    home.once()

    found = {f.name: f for f in home.files()}
    assert {name: f.state for name, f in found.items()} == {
        "a-broken.fit": "bad",
        "b-route.gpx": "ignored",
        "c-broken.tcx": "bad",
        "d-run.fit": "done",
    }
    assert all(f.reason for f in found.values() if f.state != "done")
    assert len(home.originals()) == 4
    assert [a.distance_m for a in home.activities()] == [10_000]


def test_two_runners_with_the_same_bytes_share_one_original_until_both_are_gone(
    home: Home, tmp_path: Path
) -> None:
    ann = setup.add_runner(home.box, "ann", "UTC")
    theirs = tmp_path / "ann"
    theirs.mkdir()
    connect_folder(home.box, ann, theirs)
    raw = fit(NOW - timedelta(hours=3), 10)
    home.drop("mine.fit", raw)
    home.drop("hers.fit", raw, theirs)
    home.drop("hers-alone.fit", fit(NOW - timedelta(hours=6), 5), theirs)

    home.once()
    assert [a.distance_m for a in home.activities(ME)] == [10_000]
    assert [a.distance_m for a in home.activities(ann)] == [5_000, 10_000]
    assert len(home.originals()) == 2

    setup.erase_runner(home.box, ann)
    home.once()
    assert [a.distance_m for a in home.activities(ME)] == [10_000]
    assert len(home.originals()) == 1
    assert home.box.originals.read(home.files()[0].sha256) == raw


def test_mail_waits_in_the_outbox_and_a_server_set_later_sends_only_what_is_still_news(settled: Home) -> None:
    settled.run(NOW - timedelta(hours=2), 12.5)
    settled.once()
    assert {d.channel for d in settled.deliveries()} == {"outbox"}
    settled.clock.on(days=4)
    postman = FakeChannel()
    with_mail = Home(replace(settled.box, mail=postman), settled.clock)
    with_mail.once()
    assert postman.sent == [], "a server without an address sends nothing"

    setup.edit_runner(with_mail.box, ME, email="me@example.org")
    with_mail.once()
    with_mail.once()

    assert [to for to, _ in postman.sent] == ["me@example.org"]
    notice, alert = with_mail.deliveries()
    assert (notice.kind, notice.channel, notice.address) == ("notice", "email", "me@example.org")
    assert (alert.kind, alert.channel) == ("alert", "outbox"), "three days are over: no news any more"
    assert len(with_mail.outbox()) == 1


SIX = [fit(NOW - timedelta(days=day, hours=2), 5 + day, serial=1) for day in range(6)]


def ingested(order: list[int]) -> list[tuple[object, ...]]:
    """What stands in the store after these files came, one pass each."""
    with tempfile.TemporaryDirectory() as folder, a_home(Path(folder), Clock()) as home:
        add_shoe(home.box, ME, "Pegasus", "daily", Start())
        for number, file in enumerate(order):
            home.drop(f"{number}.fit", SIX[file])
            if number % 3 == 2:
                home.once()
        home.once()
        with home.box.store.read() as tx:
            worn = shoe_store.wearings(tx, ME)
        on_pairs = lambda id: [(w.shoe_id, w.share) for w in worn.get(id, [])]  # noqa: E731, A006
        rows = [
            (a.started_at, a.local_date, a.sport, a.distance_m, a.counted_m, a.timer_s, on_pairs(a.id))
            for a in home.activities()
        ]
        return [*rows, *pair_m(home).items()]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.permutations(range(6)), again=st.lists(st.integers(0, 5), max_size=3), seed=st.randoms())
def test_the_order_of_ingest_never_matters(order: list[int], again: list[int], seed: random.Random) -> None:
    whole = [*order, *again]
    seed.shuffle(whole)

    assert sorted(map(str, ingested(whole))) == sorted(map(str, ingested(list(range(6)))))
