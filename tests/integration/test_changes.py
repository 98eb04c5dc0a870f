"""Who wore what is changed, previewed and undone; totals, forecasts and alerts follow both ways."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from home import ME, NOW, Home, a_home
from midsole.actions import activities, assigning, changes
from midsole.actions.assigning import Point, assign, unassign
from midsole.actions.changes import undo
from midsole.actions.evaluate import evaluate
from midsole.actions.shoes import Start, add_shoe, edit_shoe, remove, retire, set_default
from midsole.domain.errors import UsageError
from midsole.domain.wearing import Default
from midsole.store import shoes as shoe_store
from midsole.store.tables import metadata, shoe_default

PAIRS = ("Pegasus", "Speedgoat", "Vaporfly")
THE_LOG = ("change_set", "change")
DAYS = 20


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path) as home:
        fill(home)
        yield home


def fill(home: Home) -> None:
    """Three pairs and a run every second day, the first pair the default."""
    for name in PAIRS:
        add_shoe(home.box, ME, name, "daily", Start(), first_used_on=date(2026, 1, 1))
    for n in range(DAYS, 0, -2):
        home.run(NOW - timedelta(days=n), 5 + n % 3, sub_sport="trail" if n % 4 == 0 else "generic")
    home.once()
    evaluate(home.box, ME)


def rows(home: Home) -> dict[str, list[Any]]:
    """Every row of every table but the change log."""
    with home.box.store.read() as tx:
        return {
            table.name: sorted((tuple(row) for row in tx.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name not in THE_LOG
        }


def ids(home: Home) -> list[int]:
    return [a.id for a in home.activities()]


def worn(home: Home) -> dict[str, float]:
    with home.box.store.read() as tx:
        return {w.shoe.name: w.worn_m for w in shoe_store.worn(tx, ME, date.min)}


def pairs_of(home: Home, activity_id: int) -> list[tuple[str | None, float, str]]:
    with home.box.store.read() as tx:
        found = shoe_store.wearings(tx, ME).get(activity_id, [])
    return [(w.shoe_name, round(w.distance_m), w.set_by) for w in found]


def check_books(home: Home) -> None:
    """Each kilometre once: what is worn and what nobody wore together are all that was run."""
    with home.box.store.read() as tx:
        wearings = shoe_store.wearings(tx, ME)
        pairs = {shoe.id: shoe for shoe in shoe_store.pairs(tx, ME)}
    for activity in home.activities():
        parts = wearings.get(activity.id, [])
        assert sum(w.share for w in parts) == pytest.approx(1.0 if parts else 0.0)
        for part in parts:
            assert part.shoe_id is None or pairs[part.shoe_id].can_be_worn_on(activity.local_date)
    booked = sum(w.distance_m for parts in wearings.values() for w in parts if w.shoe_id is not None)
    assert sum(worn(home).values()) == pytest.approx(booked)


# undo


def test_a_change_and_its_undo_leave_every_row_as_it_was(home: Home) -> None:
    before = rows(home)
    assign(home.box, ME, ids(home)[:5], ["Vaporfly"], silent=True)
    assert rows(home) != before
    undo(home.box, ME)
    assert rows(home) == before


def test_undoing_the_undo_makes_the_change_again(home: Home) -> None:
    assign(home.box, ME, ids(home)[:5], ["Vaporfly"], silent=True)
    changed = rows(home)
    undoing = undo(home.box, ME)
    undo(home.box, ME, undoing.set_id)
    assert rows(home) == changed
    log = changes.change_sets(home.box, ME)
    assert [bool(one["undone_at"]) for one in log] == [False, True, False]


def test_undo_takes_back_what_is_unchanged_since_and_names_the_rest(home: Home) -> None:
    first, second, third = ids(home)[:3]
    made = assign(home.box, ME, [first, second, third], ["Vaporfly"])
    assign(home.box, ME, [second], ["Speedgoat"])
    undone = undo(home.box, ME, made.set_id)
    assert [(a.id, why) for a, why in undone.left] == [(second, "was changed since")]
    assert [pairs_of(home, n)[0][0] for n in (first, second, third)] == ["Pegasus", "Speedgoat", "Pegasus"]


def test_what_is_undone_is_not_undone_again(home: Home) -> None:
    made = assign(home.box, ME, ids(home)[:1], ["Vaporfly"])
    undo(home.box, ME)
    with pytest.raises(UsageError, match="undone already"):
        undo(home.box, ME, made.set_id)
    with pytest.raises(UsageError, match="nothing to undo"):
        undo(home.box, ME)
    with pytest.raises(UsageError, match="no change 4711"):
        undo(home.box, ME, 4711)


def test_a_run_is_not_put_back_on_a_pair_that_is_gone_or_was_not_in_use(home: Home) -> None:
    first, last = ids(home)[0], ids(home)[-1]
    assign(home.box, ME, [first], ["Vaporfly"])
    off = assign(home.box, ME, [first], ["Pegasus"])
    remove(home.box, ME, "Vaporfly")
    assert [why for _, why in undo(home.box, ME, off.set_id).left] == ["wore a pair that was removed since"]
    assign(home.box, ME, [last], ["Speedgoat"])
    off = assign(home.box, ME, [last], ["Pegasus"])
    retire(home.box, ME, "Speedgoat", (NOW - timedelta(days=10)).date(), None)
    ((_, why),) = undo(home.box, ME, off.set_id).left
    assert "not in use on that day" in why
    assert pairs_of(home, last)[0][0] == "Pegasus"


def test_a_preview_changes_nothing_and_says_what_the_deed_does(home: Home) -> None:
    before, log = rows(home), changes.change_sets(home.box, ME)
    seen = assign(home.box, ME, ids(home)[:4], ["Vaporfly"], silent=True, preview=True)
    assert rows(home) == before
    assert changes.change_sets(home.box, ME) == log
    done = assign(home.box, ME, ids(home)[:4], ["Vaporfly"], silent=True)
    assert (seen.changed, seen.totals, seen.opened) == (done.changed, done.totals, done.opened)
    preview = undo(home.box, ME, preview=True)
    assert undo(home.box, ME).changed == preview.changed


# alerts and mails


def test_an_alert_comes_with_a_change_and_goes_with_its_undo(home: Home) -> None:
    edit_shoe(home.box, ME, "Vaporfly", limit_m=40_000)
    before = rows(home)
    made = assign(home.box, ME, ids(home)[:7], ["Vaporfly"], silent=True)
    assert any("Vaporfly" in text for text in made.opened)
    assert {a.subject.split(":")[1] for a in home.alerts("S1")} >= {"70", "100"}
    undone = undo(home.box, ME)
    assert set(undone.resolved) == set(made.opened)
    assert rows(home) == before


def test_a_mail_that_waits_is_withdrawn_with_its_cause(tmp_path: Path) -> None:
    with a_home(tmp_path, email="me@example.org") as home:
        fill(home)
        edit_shoe(home.box, ME, "Vaporfly", limit_m=8_000)
        assign(home.box, ME, ids(home)[-1:], ["Vaporfly"])
        assert [d.state for d in home.deliveries("alert")] == ["due"]
        undone = undo(home.box, ME)
        assert undone.withdrawn == 1
        assert [d.state for d in home.deliveries("alert")] == ["withdrawn"]
        assert not [a for a in home.alerts("S1") if a.state == "open"]


def test_a_mail_that_a_change_withdrew_waits_again_after_the_undo(tmp_path: Path) -> None:
    with a_home(tmp_path, email="me@example.org") as home:
        fill(home)
        edit_shoe(home.box, ME, "Vaporfly", limit_m=8_000)
        assign(home.box, ME, ids(home)[-1:], ["Vaporfly"])
        before = rows(home)
        moved = assign(home.box, ME, ids(home)[-1:], ["Pegasus"], silent=True)
        assert moved.withdrawn == 1
        undo(home.box, ME)
        assert [d.state for d in home.deliveries("alert")] == ["due"]
        assert rows(home) == before


# parts of a run


def test_a_run_is_split_over_pairs_in_the_order_they_were_worn(home: Home) -> None:
    run = home.activities()[0]
    points = [Point(distance_m=2_000), Point(distance_m=3_000)]
    assign(home.box, ME, [run.id], ["Vaporfly", "Pegasus", "Vaporfly"], points)
    rest = round(run.counted_m - 3_000)
    assert pairs_of(home, run.id) == [
        ("Vaporfly", 2_000, "runner"),
        ("Pegasus", 1_000, "runner"),
        ("Vaporfly", rest, "runner"),
    ]
    check_books(home)
    with home.box.store.read() as tx:
        vaporfly = next(w for w in shoe_store.worn(tx, ME, date.min) if w.shoe.name == "Vaporfly")
    assert (vaporfly.runs, len(vaporfly.recent)) == (1, 1)


def test_barefoot_is_an_answer_and_counts_on_no_pair(home: Home) -> None:
    run = home.activities()[0]
    before = worn(home)["Pegasus"]
    assign(home.box, ME, [run.id], ["barefoot"])
    assert pairs_of(home, run.id) == [(None, round(run.counted_m), "runner")]
    assert worn(home)["Pegasus"] == pytest.approx(before - run.counted_m)
    home.once()
    assert pairs_of(home, run.id)[0][2] == "runner"
    unassign(home.box, ME, [run.id])
    assert pairs_of(home, run.id)[0][0] == "Pegasus"


@pytest.mark.parametrize(
    ("names", "points", "said"),
    [
        (["Pegasus", "Vaporfly"], [], "where each pair was changed"),
        (["Pegasus"], [Point(distance_m=100)], "where each pair was changed"),
        (["Pegasus", "Vaporfly"], [Point(distance_m=99_000)], "must lie inside"),
        (["Pegasus", "Vaporfly", "Pegasus"], [Point(distance_m=2_000)] * 2, "follow one another"),
        (["Nimbus"], [], "no pair 'Nimbus'"),
    ],
)
def test_a_split_that_can_not_be_is_refused_and_changes_nothing(
    home: Home, names: list[str], points: list[Point], said: str
) -> None:
    before, log = rows(home), changes.change_sets(home.box, ME)
    with pytest.raises(UsageError, match=said):
        assign(home.box, ME, ids(home)[:1], names, points)
    assert (rows(home), changes.change_sets(home.box, ME)) == (before, log)


# history stays, until somebody asks


def test_a_new_default_does_not_dress_history_again(home: Home) -> None:
    before = worn(home)
    set_default(home.box, ME, "Vaporfly", "running", None)
    home.once()
    assert worn(home) == before
    home.run(NOW - timedelta(hours=2), 9)
    home.once()
    assert worn(home) == before | {"Vaporfly": pytest.approx(9_000, abs=1)}


def test_a_default_from_an_earlier_date_dresses_history_only_when_asked(home: Home) -> None:
    since = (NOW - timedelta(days=9)).date()
    set_default(home.box, ME, "Vaporfly", "running", None, since)
    before = rows(home)
    seen = assigning.ask_anew(home.box, ME, None, None, preview=True)
    assert {one.activity.local_date >= since for one in seen.changed} == {True}
    assert rows(home) == before
    assigning.ask_anew(home.box, ME, None, None)
    assert worn(home)["Vaporfly"] > 0
    undo(home.box, ME)
    assert rows(home) == before


def test_a_run_by_the_runners_word_is_never_asked_anew(home: Home) -> None:
    assign(home.box, ME, ids(home)[:3], ["Speedgoat"])
    set_default(home.box, ME, "Vaporfly", "running", None, date(2026, 1, 1))
    assigning.ask_anew(home.box, ME, None, None)
    assert [pairs_of(home, n)[0][0] for n in ids(home)[:4]] == ["Speedgoat"] * 3 + ["Vaporfly"]


def test_after_retiring_a_pair_nobody_guesses_it_later(home: Home) -> None:
    day = (NOW - timedelta(days=9)).date()
    set_default(home.box, ME, "Vaporfly", "running", None, day + timedelta(days=1))
    retire(home.box, ME, "Pegasus", day, "worn")
    check_books(home)
    late = [a for a in home.activities() if a.local_date > day]
    assert {pairs_of(home, a.id)[0][0] for a in late} == {"Vaporfly"}
    assert changes.change_sets(home.box, ME)[0]["activities"] == len(late)


def test_what_a_pair_claimed_stays_where_nobody_else_answers(tmp_path: Path) -> None:
    with a_home(tmp_path) as home:
        for n in range(20, 0, -2):
            home.run(NOW - timedelta(days=n), 8)
        home.once()
        add_shoe(home.box, ME, "Old", "daily", Start(), first_used_on=date(2026, 1, 1))
        assigning.claim(home.box, ME, "Old")
        with home.box.store.write() as tx:
            shoe_store.set_default(tx, ME, Default("running", None, date(1970, 1, 1), None))
            tx.execute(delete(shoe_default))
        before = worn(home)
        assert assigning.ask_anew(home.box, ME, None, None).changed == ()
        assert worn(home) == before


def test_totals_are_the_distances_of_the_pairs_with_their_start(home: Home) -> None:
    edit_shoe(home.box, ME, "Vaporfly", Start(known_m=120_000))
    (moved,) = [a for a in home.activities() if a.id == ids(home)[0]]
    seen = assign(home.box, ME, [moved.id], ["Vaporfly"], preview=True)
    assert ("Vaporfly", 120_000, pytest.approx(120_000 + moved.counted_m)) in seen.totals


def test_a_run_is_not_dated_to_a_day_on_which_its_named_pair_was_not_in_use(home: Home) -> None:
    run = ids(home)[-1]
    edit_shoe(home.box, ME, "Vaporfly", first_used_on=date(2026, 10, 1))
    assign(home.box, ME, [run], ["Vaporfly"])
    with pytest.raises(UsageError, match="Vaporfly was not in use on 2026-09-01"):
        activities.edit(home.box, ME, run, started_at=datetime(2026, 9, 1, 7, tzinfo=UTC))
    assert pairs_of(home, run)[0][0] == "Vaporfly"
