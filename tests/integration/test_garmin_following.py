"""A connected account as its runner sees it: first sync, edits and deletions there, a run by two roads."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fit_writer import fit_run

from fakes.garmin import FakeGarmin, status
from garmin_home import connected_home
from home import ME, NOW, Home, text_of
from midsole.actions import activities, assigning, recordings, shoes
from midsole.actions.deliver import deliver_due
from midsole.actions.evaluate import evaluate_all
from midsole.actions.ingest import ingest_due
from midsole.actions.look import look
from midsole.actions.plan import DUE
from midsole.actions.rebuild import rebuild
from midsole.actions.shoes import Start
from midsole.domain.activity import Activity
from midsole.domain.load import weeks
from midsole.domain.wearing import DEFAULT, RUNNER, SOURCE
from midsole.store import facts as facts_store
from midsole.store import shoes as shoes_store

RUN_AT = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)
TWO_DAYS = timedelta(days=2)


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[tuple[Home, FakeGarmin]]:
    """Connected, and the first look at an account with one run of 10 km is done."""
    with connected_home(tmp_path, email="me@example.org", before=_one_run) as (home, garmin):
        home.once()
        yield home, garmin


def _one_run(garmin: FakeGarmin) -> None:
    garmin.account.add_run(RUN_AT, 10.0, 60.0)


def nightly(home: Home) -> None:
    home.clock.on(days=1)
    home.once()


def the_one(home: Home) -> Activity:
    (activity,) = home.activities()
    return activity


def the_id(garmin: FakeGarmin) -> int:
    return garmin.account.activities()[-1].id


def worn(home: Home, activity_id: int) -> dict[str, tuple[float, str]]:
    """Shoe name -> share and who said so."""
    with home.box.store.read() as tx:
        found = shoes_store.wearings(tx, ME).get(activity_id, [])
    return {w.shoe_name: (w.share, w.set_by) for w in found}


def parts(home: Home, activity_id: int) -> list[str]:
    return sorted(r["format"] for r in recordings.show(home.box, ME, activity_id)["recordings"])


def state(home: Home) -> list[tuple[object, ...]]:
    return [
        (a.id, a.sport, a.title, round(a.counted_m, 3), a.is_race, a.rpe, a.feel, a.flags, worn(home, a.id))
        for a in home.activities()
    ]


def weeks_m(home: Home) -> dict[date, float]:
    """Metres of each of the last weeks, as the load rules see them."""
    with home.box.store.read() as tx:
        found = weeks(facts_store.load(tx, home.runner(), home.box.now()), 20)
    return {week.week_start: round(week.distance_m) for week in found}


# the first sync


def a_backlog(garmin: FakeGarmin, count: int = 120) -> None:
    """A run every other day; the longest lately was a jump that a rule would speak of."""
    for n in range(count):
        km = 21.0 if n == 1 else 8.0 + n % 3
        garmin.account.add_run(RUN_AT - n * TWO_DAYS, km, km * 6)


def account_look(home: Home) -> int:
    """One look and no second; returns how many originals still wait."""
    waiting = look(home.box, home.connection(1), DUE).waiting
    ingest_due(home.box)
    return waiting


def test_after_one_look_every_week_is_known_though_most_originals_are_not_here(tmp_path: Path) -> None:
    with connected_home(tmp_path, email="me@example.org", before=a_backlog) as (home, garmin):
        assert account_look(home) == 70
        assert garmin.count("/download-service/") == 50
        runs = home.activities()
        assert len(runs) == 120
        known = weeks_m(home)
        since = min(known)
        assert sum(known.values()) == round(sum(a.counted_m for a in runs if a.local_date >= since)) > 500_000
        home.clock.on(minutes=2)
        account_look(home)
        home.clock.on(minutes=2)
        assert account_look(home) == 0
        assert garmin.count("/download-service/") == 120
        assert weeks_m(home) == known
        later = home.activities()
        assert [a.id for a in later] == [a.id for a in runs]
        assert max(abs(a.counted_m - b.counted_m) for a, b in zip(later, runs, strict=True)) < 1


def test_the_whole_first_sync_sends_one_notice_and_originals_open_no_alert_anew(tmp_path: Path) -> None:
    with connected_home(tmp_path, email="me@example.org", before=a_backlog) as (home, _):
        account_look(home)
        evaluate_all(home.box)
        deliver_due(home.box)
        assert [d.kind for d in home.deliveries()] == ["notice"]
        assert "120 runs" in text_of(home.deliveries()[0])
        seen = identities(home)
        assert "L1" in {rule for _, rule, _ in seen}
        for _ in range(3):
            home.clock.on(minutes=2)
            home.once()
        nightly(home)
        assert [d.kind for d in home.deliveries() if d.kind != "weekly"] == ["notice"]
        assert identities(home) == seen


def identities(home: Home) -> set[tuple[int, str, str]]:
    return {(a.id, a.rule, a.subject) for a in home.alerts()}


def test_rules_are_silent_until_the_first_look_is_complete(tmp_path: Path) -> None:
    with connected_home(tmp_path, email="me@example.org", before=a_backlog) as (home, garmin):
        garmin.faults.add("start=100", status(429, retry_after=1800))
        home.once()
        assert (home.alerts(), home.deliveries()) == ([], [])
        home.clock.on(minutes=29)
        evaluate_all(home.box)
        assert (home.alerts(), home.deliveries()) == ([], [])
        home.clock.on(hours=1)
        home.once()
        assert [d.kind for d in home.deliveries()] == ["notice"]
        assert "120 runs" in text_of(home.deliveries()[0])


def test_a_first_look_stopped_amid_its_originals_is_told_of_once(tmp_path: Path) -> None:
    with connected_home(tmp_path, email="me@example.org", before=a_backlog) as (home, garmin):
        garmin.faults.add("/download-service/", status(429, retry_after=7200))
        home.once()
        assert [d.kind for d in home.deliveries()] == ["notice"]
        for _ in range(5):
            home.clock.on(minutes=45)
            home.once()
        assert [d.kind for d in home.deliveries()] == ["notice"]
        assert "120 runs" in text_of(home.deliveries()[0])


def test_ten_years_of_history_are_one_notice(tmp_path: Path) -> None:
    def ten_years(garmin: FakeGarmin) -> None:
        for n in range(600):
            garmin.account.add_run(
                RUN_AT - n * timedelta(days=6), 8 + n % 5, (8 + n % 5) * 6.0, manual=n >= 8
            )

    with connected_home(tmp_path, email="me@example.org", before=ten_years) as (home, _):
        home.once()
        assert len(home.activities()) == 600
        assert [d.kind for d in home.deliveries()] == ["notice"]


def test_an_original_leads_its_line_also_where_both_are_read_at_once(tmp_path: Path) -> None:
    """A rebuild must find nothing to change."""

    def three(garmin: FakeGarmin) -> None:
        for days in range(3):
            garmin.account.add_run(RUN_AT - timedelta(days=days), 10.0, 60.0)

    with connected_home(tmp_path, before=three) as (home, _):
        home.once()
        assert [leader(home, a.id) for a in home.activities()] == ["fit"] * 3
        before = home.activities()
        rebuild(home.box, ME)
        assert home.activities() == before


def leader(home: Home, activity_id: int) -> str:
    kept = recordings.show(home.box, ME, activity_id)["recordings"]
    (leading,) = [one["format"] for one in kept if one["leads"]]
    return str(leading)


def test_originals_keep_numbers_edits_and_the_runners_pairs(tmp_path: Path) -> None:
    def two(garmin: FakeGarmin) -> None:
        a_backlog(garmin, 60)

    with connected_home(tmp_path, before=two) as (home, _):
        account_look(home)
        oldest = home.activities()[0]
        assert parts(home, oldest.id) == ["garmin"]
        shoes.add_shoe(home.box, ME, "Mine", "daily", Start(), first_used_on=date(2020, 1, 1))
        assigning.assign(home.box, ME, [oldest.id], ["Mine"])
        activities.edit(home.box, ME, oldest.id, title="The first", distance_m=7_700)
        home.once()
        assert parts(home, oldest.id) == ["fit", "garmin"]
        now = home.activities()[0]
        assert (now.id, now.title, now.counted_m) == (oldest.id, "The first", 7_700)
        assert worn(home, oldest.id) == {"Mine": (1.0, RUNNER)}
        assert len(home.activities()) == 60


@pytest.mark.parametrize("late", [False, True])
def test_a_treadmill_run_corrected_in_garmin_is_one_activity_with_its_original(
    tmp_path: Path, late: bool
) -> None:
    """By 8 per cent: more than two recordings of one run may differ."""

    def corrected(garmin: FakeGarmin) -> None:
        number = garmin.account.add_run(RUN_AT, 10.0, 60.0, type_key="treadmill_running")
        garmin.account.set_distance(number, 10.8)
        if late:
            garmin.faults.add("/download-service/", status(503), times=None)

    with connected_home(tmp_path, before=corrected) as (home, garmin):
        home.once()
        garmin.faults.clear()
        home.clock.on(hours=8)
        home.once()
        activity = the_one(home)
        assert "fit" in parts(home, activity.id)
        assert (round(activity.counted_m), activity.distance_from) == (10_800, "source")
        activities.edit(home.box, ME, activity.id, distance_m=10_300)
        nightly(home)
        assert the_one(home).counted_m == 10_300
        rebuild(home.box, ME)
        assert the_one(home).counted_m == 10_300


# edits and deletions there


def test_a_run_renamed_retyped_and_made_a_race_follows_by_the_nightly_look(
    joined: tuple[Home, FakeGarmin],
) -> None:
    home, garmin = joined
    shoes.add_shoe(home.box, ME, "Road", "daily", Start(), first_used_on=date(2026, 1, 1))
    shoes.add_shoe(home.box, ME, "Pedals", "daily", Start(), first_used_on=date(2026, 1, 1))
    shoes.set_default(home.box, ME, "Pedals", "cycling", None)
    number, run = the_id(garmin), the_one(home)
    activities.edit(home.box, ME, run.id, surface="road")
    assert worn(home, run.id) == {"Road": (1.0, DEFAULT)}
    garmin.account.rename(number, "Ride to work")
    garmin.account.retype(number, "cycling")
    nightly(home)
    ride = the_one(home)
    assert (ride.id, ride.sport, ride.title) == (run.id, "cycling", "Ride to work")
    assert worn(home, ride.id) == {"Pedals": (1.0, DEFAULT)}
    garmin.account.retype(number, "running")
    garmin.account.set_event(number, "race")
    garmin.account.set_distance(number, 10.549)
    nightly(home)
    race = the_one(home)
    assert (race.sport, race.is_race, round(race.counted_m)) == ("running", True, 10_549)
    assert worn(home, race.id) == {"Road": (1.0, DEFAULT)}
    garmin.account.set_event(number, "training")
    garmin.account.set_distance(number, 10.0)
    nightly(home)
    assert (the_one(home).is_race, round(the_one(home).counted_m)) == (False, 10_000)


def test_how_hard_it_was_may_be_entered_two_days_later(joined: tuple[Home, FakeGarmin]) -> None:
    home, garmin = joined
    assert the_one(home).rpe is None
    home.clock.on(hours=2)
    garmin.account.set_rpe(the_id(garmin), 7, 75)
    home.clock.on(hours=14)
    home.once()
    assert (the_one(home).rpe, the_one(home).feel) == (7.0, 75)


def test_what_the_runner_said_here_stays_whatever_is_said_there(joined: tuple[Home, FakeGarmin]) -> None:
    home, garmin = joined
    number, run = the_id(garmin), the_one(home)
    shoes.add_shoe(home.box, ME, "Mine", "daily", Start(), first_used_on=date(2026, 1, 1))
    theirs = garmin.account.add_gear("Nike", "Pegasus 40")
    assigning.assign(home.box, ME, [run.id], ["Mine"])
    activities.edit(home.box, ME, run.id, title="Mine", sport="walking", distance_m=9_000, is_race=False)
    garmin.account.rename(number, "Theirs")
    garmin.account.retype(number, "trail_running")
    garmin.account.set_event(number, "race")
    garmin.account.set_distance(number, 12.0)
    garmin.account.link(theirs, number)
    nightly(home)
    now = the_one(home)
    assert (now.title, now.sport, now.counted_m, now.is_race) == ("Mine", "walking", 9_000, False)
    assert worn(home, run.id) == {"Mine": (1.0, RUNNER)}
    activities.edit(home.box, ME, run.id, excluded=True)
    garmin.account.rename(number, "Again")
    nightly(home)
    assert (the_one(home).excluded, the_one(home).counted_m) == (True, 0)
    before = state(home)
    rebuild(home.box, ME)
    assert state(home) == before


def test_a_run_deleted_there_is_marked_counts_nothing_and_keeps_its_edits(
    joined: tuple[Home, FakeGarmin],
) -> None:
    home, garmin = joined
    activities.edit(home.box, ME, the_one(home).id, title="Mine")
    garmin.account.delete(the_id(garmin))
    nightly(home)
    gone = the_one(home)
    assert (gone.counted_m, gone.flags, gone.title) == (0, ("gone",), "Mine")
    before = state(home)
    rebuild(home.box, ME)
    assert state(home) == before
    activities.edit(home.box, ME, gone.id, confirmed=True)
    assert round(the_one(home).counted_m) == 10_000
    nightly(home)
    assert round(the_one(home).counted_m) == 10_000


def test_a_run_restored_there_counts_again(joined: tuple[Home, FakeGarmin]) -> None:
    home, garmin = joined
    deleted = garmin.account.activity(the_id(garmin))
    assert deleted
    garmin.account.delete(deleted.id)
    nightly(home)
    assert the_one(home).counted_m == 0
    garmin.account._activities[deleted.id] = deleted
    nightly(home)
    assert (round(the_one(home).counted_m), the_one(home).flags) == (10_000, ())


def test_what_was_done_31_days_ago_is_left_alone(tmp_path: Path) -> None:
    def old_and_new(garmin: FakeGarmin) -> None:
        for back in (40, 31, 28):
            garmin.account.add_run(NOW - timedelta(days=back), 10.0, 60.0)

    with connected_home(tmp_path, before=old_and_new) as (home, garmin):
        home.once()
        for activity in garmin.account.activities():
            garmin.account.delete(activity.id)
        garmin.account.add_run(NOW - timedelta(days=1), 5.0, 30.0)
        home.once()
        assert [round(a.counted_m) for a in home.activities()] == [10_000, 10_000, 10_000, 5_000]
        home.clock.on(hours=16)
        home.once()
        assert [round(a.counted_m) for a in home.activities()] == [10_000, 10_000, 0, 5_000]


def test_a_deleted_run_that_came_by_the_folder_too_goes_on_counting_on_its_pair(
    joined: tuple[Home, FakeGarmin],
) -> None:
    home, garmin = joined
    pair = garmin.account.add_gear("Nike", "Pegasus 40")
    garmin.account.link(pair, the_id(garmin))
    home.run(RUN_AT, 10.0, serial=77)
    nightly(home)
    assert worn(home, the_one(home).id) == {"Nike Pegasus 40": (1.0, SOURCE)}
    garmin.account.delete(the_id(garmin))
    nightly(home)
    assert round(the_one(home).counted_m) == 10_000
    assert worn(home, the_one(home).id) == {"Nike Pegasus 40": (1.0, SOURCE)}
    before = state(home)
    rebuild(home.box, ME)
    assert state(home) == before


def test_a_deleted_run_that_the_runner_confirms_counts_on_its_pair(joined: tuple[Home, FakeGarmin]) -> None:
    home, garmin = joined
    pair = garmin.account.add_gear("Nike", "Pegasus 40")
    garmin.account.link(pair, the_id(garmin))
    nightly(home)
    garmin.account.delete(the_id(garmin))
    nightly(home)
    activities.edit(home.box, ME, the_one(home).id, confirmed=True)
    nightly(home)
    assert worn(home, the_one(home).id) == {"Nike Pegasus 40": (1.0, SOURCE)}
    assert round(the_one(home).counted_m) == 10_000


# one run, two roads

LATE_AT = NOW - timedelta(hours=3)


def watch_file(garmin: FakeGarmin, number: int) -> bytes:
    made = garmin.account.activity(number)
    assert made
    assert made.original
    return made.original()


def tcx(started_at: datetime, km: float) -> bytes:
    """As another program tells it: half a minute and 40 m less."""
    points = "".join(
        f"<Trackpoint><Time>{started_at + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}</Time>"
        f"<DistanceMeters>{(km * 1000 - 40) * n / (km * 6):.1f}</DistanceMeters></Trackpoint>"
        for n in range(int(km * 6))
    )
    return (
        '<?xml version="1.0"?><TrainingCenterDatabase><Activities><Activity Sport="Running">'
        f"<Id>{started_at:%Y-%m-%dT%H:%M:%SZ}</Id><Lap><TotalTimeSeconds>{km * 360 - 30}</TotalTimeSeconds>"
        f"<DistanceMeters>{km * 1000 - 40}</DistanceMeters><Track>{points}</Track></Lap></Activity>"
        "</Activities></TrainingCenterDatabase>"
    ).encode()


@pytest.mark.parametrize("folder", ["before", "between", "after"])
@pytest.mark.parametrize("copy", ["identical", "twin", "tcx"])
@pytest.mark.parametrize("corrected", [False, True])
def test_a_run_by_two_roads_is_one_in_every_order(
    joined: tuple[Home, FakeGarmin], folder: str, copy: str, corrected: bool
) -> None:
    home, garmin = joined
    shoes.add_shoe(home.box, ME, "Mine", "daily", Start(), first_used_on=date(2026, 1, 1))
    number = garmin.account.add_run(LATE_AT, 8.0, 48.0, tz_offset=timedelta(hours=1))
    if corrected:
        garmin.account.set_distance(number, 8.7)
    copies = {
        "identical": lambda: watch_file(garmin, number),
        "twin": lambda: fit_run(LATE_AT, 8_000, 48 * 60, serial=4711),
        "tcx": lambda: tcx(LATE_AT, 8.0),
    }

    def by_folder() -> None:
        home.drop("same run", copies[copy]())

    garmin.faults.add("/download-service/" if folder == "between" else "/", status(503), times=None)
    if folder == "before":
        by_folder()
    if folder != "after":
        home.once()
        if folder == "between":
            assert len(home.activities()) == 2
            by_folder()
            home.once()
        said_of_the_newest(home)
    garmin.faults.clear()
    home.clock.on(hours=9)
    home.once()
    if folder == "after":
        said_of_the_newest(home)
        by_folder()
        home.once()
    run = home.activities()[-1]
    assert [a.id for a in home.activities()] == [1, 2]
    assert (run.title, worn(home, run.id)) == ("Mine", {"Mine": (1.0, RUNNER)})
    assert parts(home, run.id).count("garmin") == (folder == "between")
    assert len(parts(home, run.id)) == (folder == "between") + (1 if copy == "identical" else 2)
    assert round(run.counted_m) == 8_700 if corrected else abs(run.counted_m - 8_000) <= 40
    before = state(home)
    done = rebuild(home.box, ME)
    assert (done.changed, state(home)) == (0, before)
    nightly(home)
    assert state(home) == before


def said_of_the_newest(home: Home) -> None:
    run = home.activities()[-1]
    activities.edit(home.box, ME, run.id, title="Mine")
    assigning.assign(home.box, ME, [run.id], ["Mine"])


def test_a_run_of_the_folder_takes_garmins_pair_when_garmin_tells_of_it(
    joined: tuple[Home, FakeGarmin],
) -> None:
    home, garmin = joined
    shoes.add_shoe(home.box, ME, "Default", "daily", Start(), first_used_on=date(2026, 1, 1))
    home.run(LATE_AT, 8.0)
    home.once()
    run_id = home.activities()[-1].id
    assert worn(home, run_id) == {"Default": (1.0, DEFAULT)}
    pair = garmin.account.add_gear("Nike", "Pegasus 40")
    garmin.account.add_run(LATE_AT, 8.0, 48.0, gear=[pair])
    home.clock.on(hours=4)
    home.once()
    assert worn(home, run_id) == {"Nike Pegasus 40": (1.0, SOURCE)}
    before = state(home)
    rebuild(home.box, ME)
    assert state(home) == before


# the runner's word on which is one run


def test_two_runs_merged_by_the_runner_count_once_and_split_again_as_they_were(tmp_path: Path) -> None:
    def phone_and_watch(garmin: FakeGarmin) -> None:
        pair, other = garmin.account.add_gear("Nike", "Pegasus 40"), garmin.account.add_gear("Hoka", "Mach 6")
        garmin.account.add_run(RUN_AT, 10.0, 60.0, gear=[pair])
        phone = fit_run(RUN_AT + timedelta(minutes=3), 9_000, 54 * 60, serial=99)
        garmin.account.add_run(RUN_AT + timedelta(minutes=3), 9.0, 54.0, fit=phone, gear=[other])

    with connected_home(tmp_path, before=phone_and_watch) as (home, _):
        home.once()
        one, other = home.activities()
        merged, came = recordings.merge(home.box, ME, [one.id, other.id], anyway=True)
        assert [a.id for a in home.activities()] == [one.id]
        nightly(home)
        rebuild(home.box, ME)
        assert the_one(home).counted_m == merged.counted_m in (one.counted_m, other.counted_m)
        assert worn(home, one.id) == {"Nike Pegasus 40": (0.5, SOURCE), "Hoka Mach 6": (0.5, SOURCE)}
        recordings.split(home.box, ME, one.id, came)
        nightly(home)
        again = [(a.counted_m, worn(home, a.id)) for a in home.activities()]
        assert again == [
            (one.counted_m, {"Nike Pegasus 40": (1.0, SOURCE)}),
            (other.counted_m, {"Hoka Mach 6": (1.0, SOURCE)}),
        ]
        kept = state(home)
        rebuild(home.box, ME)
        assert state(home) == kept


def test_a_twin_of_the_folder_split_off_keeps_no_pair_of_garmins(joined: tuple[Home, FakeGarmin]) -> None:
    """Two runs at once (a child's watch): Garmin's pair was worn in Garmin's run alone."""
    home, garmin = joined
    pair = garmin.account.add_gear("Nike", "Pegasus 40")
    home.run(LATE_AT, 8.0, serial=5)
    home.once()
    garmin.account.add_run(LATE_AT, 8.0, 48.0, gear=[pair])
    home.clock.on(hours=4)
    home.once()
    run = home.activities()[-1]
    assert worn(home, run.id) == {"Nike Pegasus 40": (1.0, SOURCE)}
    found = recordings.show(home.box, ME, run.id)["recordings"]
    garmins = [r["id"] for r in found if r["came_by"].startswith("garmin")]
    recordings.split(home.box, ME, run.id, garmins)
    _, mine, theirs = home.activities()
    assert (worn(home, mine.id), worn(home, theirs.id)) == ({}, {"Nike Pegasus 40": (1.0, SOURCE)})
    before = state(home)
    rebuild(home.box, ME)
    nightly(home)
    assert state(home) == before
