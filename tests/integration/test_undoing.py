"""A change and its undo leave every row as it was, also around mails, alerts and pairs; on both databases."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from home import ME, NOW, Home, a_home
from midsole.actions import assigning, changes, inserts, recordings, shoe_rules, waiting
from midsole.actions.assigning import Point, assign, unassign
from midsole.actions.changes import Effects, undo
from midsole.actions.evaluate import evaluate
from midsole.actions.inserts import Into
from midsole.actions.shoe_rules import Past
from midsole.actions.shoes import Start, add_shoe, edit_shoe, remove, retire, set_default
from midsole.domain.errors import UsageError
from midsole.domain.guess import Guess
from midsole.domain.shoe_rules import Conditions
from midsole.domain.wearing import Answer, whole
from midsole.store import guesses, shoes
from midsole.store import tables as t

ALWAYS = date(1970, 1, 1)
PAIRS = ("Pegasus", "Speedgoat", "Vaporfly")
PEGASUS, _, VAPORFLY = 1, 2, 3
THE_LOG = ("change_set", "change")
A_MONTH_AGO = (NOW - timedelta(days=30)).date()

type Rows = Mapping[str, list[Any]]


@pytest.fixture
def either(database_url: str, tmp_path: Path) -> Iterator[Home]:
    """On SQLite and on PostgreSQL."""
    with a_home(tmp_path, email="me@example.org", database_url=database_url) as home:
        fill(home)
        yield home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path, email="me@example.org") as home:
        fill(home)
        yield home


def fill(home: Home) -> None:
    """Ten runs on the first of three pairs; the last pair is new, nearly worn out and has an insole."""
    for name in PAIRS:
        add_shoe(home.box, ME, name, "daily", Start(), first_used_on=date(2026, 1, 1))
    edit_shoe(home.box, ME, "Vaporfly", limit_m=20_000)
    inserts.add(home.box, ME, "Green", "insole", Into("Vaporfly", date(2026, 1, 1)), limit_m=15_000)
    for n in range(20, 0, -2):
        home.run(NOW - timedelta(days=n), 5 + n % 3, sub_sport="trail" if n % 4 == 0 else "generic")
    home.once()
    evaluate(home.box, ME)


def rows(home: Home) -> Rows:
    """Every row but the change log; of mails that were withdrawn, and of what only they told, nothing."""
    with home.box.store.read() as tx:
        found = {
            table.name: sorted((tuple(row) for row in tx.execute(select(table))), key=repr)
            for table in t.metadata.sorted_tables
            if table.name not in THE_LOG
        }
    found["delivery"] = [row for row in found["delivery"] if "withdrawn" not in row]
    kept = {row[0] for row in found["delivery"]}
    untold = {alert for mail, alert in found["delivery_alert"] if mail not in kept}
    found["delivery_alert"] = [row for row in found["delivery_alert"] if row[0] in kept]
    found["alert"] = [row for row in found["alert"] if not (row[0] in untold and "resolved" in row)]
    return found


def ids(home: Home) -> list[int]:
    return [a.id for a in home.activities()]


def wear(home: Home, activity_id: int, answer: Answer | None, *guessed: Guess) -> None:
    with home.box.store.write() as tx:
        shoes.wear_all(tx, ME, {activity_id: answer}, NOW)
        guesses.keep(tx, ME, {activity_id: guessed}, NOW)
    evaluate(home.box, ME, silent=True)


def check_there_and_back(home: Home, do: Callable[[], Effects]) -> None:
    """Change, undo, undo of the undo, and undo once more."""
    before, made = rows(home), do()
    assert made.set_id is not None
    after = rows(home)
    undone = undo(home.box, ME)
    assert rows(home) == before
    again = undo(home.box, ME, undone.set_id)
    assert rows(home) == after
    undo(home.box, ME, again.set_id)
    assert rows(home) == before


def test_undo_is_exact(either: Home) -> None:
    box, known = either.box, ids(either)
    points = [Point(1_000), Point(2_000)]
    check_there_and_back(either, lambda: assign(box, ME, known, ["Vaporfly"], silent=True))
    check_there_and_back(
        either, lambda: assign(box, ME, known[:3], ["Vaporfly", "barefoot", "Vaporfly"], points)
    )
    check_there_and_back(either, lambda: assign(box, ME, known, ["barefoot"]))
    check_there_and_back(either, lambda: assign(box, ME, known[-1:], ["Vaporfly"]))


def test_rules_and_defaults_and_words_taken_back_are_undone_exactly(either: Home) -> None:
    home = either
    shoe_rules.add(home.box, ME, "Vaporfly", Conditions(surfaces=("trail",)), date(2026, 1, 1))
    check_there_and_back(home, lambda: shoe_rules.apply(home.box, ME, Past()))
    assign(home.box, ME, ids(home)[:3], ["Speedgoat"], silent=True)
    check_there_and_back(home, lambda: unassign(home.box, ME, ids(home)[:2]))
    set_default(home.box, ME, None, "running", None, ALWAYS)
    assigning.ask_anew(home.box, ME, None, None)
    check_there_and_back(home, lambda: assigning.claim(home.box, ME, "Speedgoat"))


def test_alerts_in_any_state_are_again_what_they_were(home: Home) -> None:
    assign(home.box, ME, ids(home)[-3:], ["Vaporfly"])
    for state in ("open", "acknowledged", "snoozed", "seen"):
        until = NOW + timedelta(days=3) if state == "snoozed" else None
        with home.box.store.write() as tx:
            live = update(t.alert).where(t.alert.c.resolved_at.is_(None))
            tx.execute(live.values(state=state, snoozed_until=until))
        evaluate(home.box, ME, silent=True)
        check_there_and_back(home, lambda: assign(home.box, ME, ids(home)[-3:], ["Pegasus"]))
        check_there_and_back(home, lambda: assign(home.box, ME, ids(home), ["Vaporfly"]))


def test_a_mail_that_went_out_stays_and_all_else_is_undone(home: Home) -> None:
    assign(home.box, ME, ids(home)[-3:], ["Vaporfly"])
    home.once()
    assert home.deliveries("alert")[0].state == "sent"
    check_there_and_back(home, lambda: assign(home.box, ME, ids(home)[-3:], ["Pegasus"]))


def test_the_older_of_two_changes_can_be_undone_first(home: Home) -> None:
    before = rows(home)
    one = assign(home.box, ME, ids(home)[:5], ["Vaporfly"], silent=True)
    two = assign(home.box, ME, ids(home)[-5:], ["Vaporfly"], silent=True)
    undo(home.box, ME, one.set_id)
    undo(home.box, ME, two.set_id)
    assert rows(home)["wearing"] == before["wearing"]
    assert not [a for a in home.alerts("S1") if a.state != "resolved"]


def test_a_run_put_on_its_pair_again_after_an_undo_is_news_again(home: Home) -> None:
    for _ in range(2):
        assign(home.box, ME, ids(home)[-3:], ["Vaporfly"])
        assert [d.state for d in home.deliveries("alert")][-1] == "due"
        undo(home.box, ME)
        assert {d.state for d in home.deliveries("alert")} == {"withdrawn"}


# what happened to the pairs since


def test_a_run_is_not_put_on_a_new_pair_that_got_the_number_of_a_removed_one(home: Home) -> None:
    run = ids(home)[:1]
    add_shoe(home.box, ME, "Nimbus", "daily", Start(), first_used_on=date(2026, 1, 1))
    assign(home.box, ME, run, ["Nimbus"])
    off = assign(home.box, ME, run, ["Pegasus"])
    remove(home.box, ME, "Nimbus")
    home.clock.on(minutes=1)
    add_shoe(home.box, ME, "Another", "daily", Start(), first_used_on=date(2026, 1, 1))
    ((_, why),) = undo(home.box, ME, off.set_id).left
    assert why == "wore a pair that was removed since"


def test_what_the_account_said_comes_back_though_the_pair_was_not_in_use_then(home: Home) -> None:
    retire(home.box, ME, "Speedgoat", A_MONTH_AGO, None)
    run = ids(home)[-1]
    wear(home, run, whole(2, "source"))
    check_there_and_back(home, lambda: assign(home.box, ME, [run], ["Pegasus"]))


def test_a_guess_of_a_pair_that_was_removed_or_retired_does_not_come_back(home: Home) -> None:
    run, other = ids(home)[-2:]
    add_shoe(home.box, ME, "Nimbus", "daily", Start(), first_used_on=date(2026, 1, 1))
    for one in (run, other):
        wear(home, one, None, Guess(PEGASUS, 0.5), Guess(VAPORFLY, 0.3), Guess(4, 0.2))
    assigning.accept(home.box, ME, [run, other])
    remove(home.box, ME, "Nimbus")
    retire(home.box, ME, "Vaporfly", A_MONTH_AGO, None)
    assert undo(home.box, ME).left == ()
    found = [[g["shoe_name"] for g in row["guesses"]] for row in waiting.inbox(home.box, ME)]
    assert found == [["Pegasus"], ["Pegasus"]]


def test_what_waits_with_a_pair_that_is_retired_is_asked_anew(home: Home) -> None:
    run = ids(home)[-1]
    wear(home, run, None, Guess(VAPORFLY, 0.7), Guess(PEGASUS, 0.3))
    retire(home.box, ME, "Vaporfly", A_MONTH_AGO, None)
    assert waiting.inbox(home.box, ME) == []
    with home.box.store.read() as tx:
        assert shoes.answers(tx, [run])[run].parts == ((PEGASUS, 1.0),)


@pytest.mark.parametrize("dates", [{"first_used_on": NOW.date()}, {"retired_on": A_MONTH_AGO}])
def test_dates_against_the_runners_own_word_are_refused(home: Home, dates: dict[str, date]) -> None:
    assign(home.box, ME, ids(home)[:1], ["Speedgoat"])
    before, log = rows(home), changes.change_sets(home.box, ME)
    with pytest.raises(UsageError, match="was worn on 2026-10-29 by your own word"):
        edit_shoe(home.box, ME, "Speedgoat", **dates)
    assert (rows(home), changes.change_sets(home.box, ME)) == (before, log)


def test_a_pair_is_removed_or_worn_where_two_want_it_at_once(either: Home) -> None:
    known = ids(either)[:3]
    for n in range(4):
        name = f"Pair {n}"
        add_shoe(either.box, ME, name, "daily", Start(), first_used_on=date(2026, 1, 1))
        deeds = [
            partial(remove, either.box, ME, name),
            partial(assign, either.box, ME, known, [name], silent=True),
        ]
        with ThreadPoolExecutor(2) as pool:
            ended = [doing.exception() for doing in [pool.submit(deed) for deed in deeds]]
        assert [type(error) for error in ended if error] == [UsageError]


def test_joined_with_a_run_of_another_day_it_is_asked_anew(home: Home) -> None:
    early, late = ids(home)[0], ids(home)[-1]
    edit_shoe(home.box, ME, "Speedgoat", first_used_on=(NOW - timedelta(days=5)).date())
    with home.box.store.write() as tx:
        shoes.wear_all(tx, ME, {early: None, late: whole(2, "default")}, NOW)
    recordings.merge(home.box, ME, [early, late], anyway=True)
    with home.box.store.read() as tx:
        worn = shoes.wearings(tx, ME)[early]
    assert [w.shoe_name for w in worn] == ["Pegasus"]
