"""After any sequence of changes the books are right, and the last change can be undone."""

import tempfile
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_changes import PAIRS, check_books, fill, ids, rows

from home import ME, NOW, Home, a_home
from midsole.actions import activities, assigning, changes, inserts, recordings, shoe_rules, waiting
from midsole.actions import shoes as pairs
from midsole.actions.assigning import Point, assign, unassign
from midsole.actions.inserts import Into
from midsole.actions.shoe_rules import Past
from midsole.domain.errors import MidsoleError, UsageError
from midsole.domain.shoe_rules import Conditions
from midsole.domain.wearing import RUNNER
from midsole.store import shoes

type Step = Callable[[Home, int, str], object]

TRAIL, LONG = Conditions(surfaces=("trail",)), Conditions(min_distance_m=6_500)


def day(number: int) -> date:
    return (NOW - timedelta(days=number)).date()


def some(home: Home, number: int, many: int = 1) -> list[int]:
    """Activities by their place: there are ten, or fewer once some were joined."""
    known = ids(home)
    return known[number % len(known) :][:many]


def add_rule(home: Home, number: int, name: str) -> None:
    shoe_rules.add(home.box, ME, name, TRAIL if number % 2 else LONG, day(number))


def a_run(home: Home, number: int, _: str) -> None:
    home.run(NOW - timedelta(days=number % 12, hours=number), 4 + number)
    home.once()


def edit(**said: Any) -> Step:
    return lambda home, number, _: activities.edit(home.box, ME, some(home, number)[0], **said)


def unnamed(home: Home, number: int, many: int = 1) -> list[int]:
    """Activities of which the runner did not say the pair: that word stays, on whatever day they lie."""
    found = some(home, number, many)
    with home.box.store.read() as tx:
        said = shoes.answers(tx, found)
    if any(answer.set_by == RUNNER for answer in said.values()):
        raise UsageError("Its pair was said.")
    return found


def edit_start(home: Home, number: int, _: str) -> None:
    said = {"started_at": NOW - timedelta(days=number + 1, hours=3)}
    activities.edit(home.box, ME, unnamed(home, number)[0], **said)


def fit_insert(home: Home, number: int, name: str) -> None:
    inserts.add(home.box, ME, f"Insole {number}", "insole", Into(name, day(number)))


STEPS: Mapping[str, Step] = {
    "assign": lambda home, n, name: assign(home.box, ME, some(home, n, 3), [name], silent=n % 2 == 0),
    "barefoot": lambda home, n, _: assign(home.box, ME, some(home, n), ["barefoot"]),
    "split": lambda home, n, name: assign(home.box, ME, some(home, n), [name, "Pegasus"], [Point(1_500)]),
    "unassign": lambda home, n, _: unassign(home.box, ME, some(home, n, 2)),
    "default": lambda home, n, name: pairs.set_default(home.box, ME, name, "running", None, day(n)),
    "no default": lambda home, n, _: pairs.set_default(home.box, ME, None, "running", None, day(n)),
    "add rule": add_rule,
    "move rule": lambda home, n, _: shoe_rules.move(home.box, ME, 2, 1),
    "remove rule": lambda home, n, _: shoe_rules.remove(home.box, ME, 1),
    "edit rule": lambda home, n, name: shoe_rules.edit(home.box, ME, 1, {}, name=name, from_date=day(n)),
    "apply rules": lambda home, n, _: shoe_rules.apply(home.box, ME, Past(since=day(n))),
    "anew": lambda home, n, _: assigning.ask_anew(home.box, ME, None, None),
    "claim": lambda home, n, name: assigning.claim(home.box, ME, name),
    "accept": lambda home, n, _: assigning.accept(home.box, ME, waiting.guessed(home.box, ME, 0.0)),
    "retire": lambda home, n, name: pairs.retire(home.box, ME, name, day(n), None),
    "unretire": lambda home, n, name: pairs.unretire(home.box, ME, name),
    "bought later": lambda home, n, name: pairs.edit_shoe(home.box, ME, name, first_used_on=day(n)),
    "longer": edit(distance_m=12_000.0),
    "a walk": edit(sport="walking"),
    "left out": edit(excluded=True),
    "another day": edit_start,
    "a new run": a_run,
    "joined": lambda home, n, _: recordings.merge(home.box, ME, unnamed(home, n, 2), anyway=True),
    "parted": lambda home, n, _: recordings.split(home.box, ME, some(home, n)[0]),
    "insole": fit_insert,
    "undo": lambda home, n, _: changes.undo(home.box, ME),
    "undo one": lambda home, n, _: changes.undo(home.box, ME, n % 4 + 1),
}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 20), st.sampled_from(PAIRS)),
        min_size=3,
        max_size=12,
    )
)
def test_after_any_changes_the_books_are_right_and_the_last_can_be_undone(
    steps: list[tuple[str, int, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, a_home(Path(folder)) as home:
        fill(home)
        for what, number, name in steps:
            before = rows(home)
            try:
                STEPS[what](home, number, name)
            except MidsoleError:
                assert rows(home) == before, what
            check_books(home)
        before = rows(home)
        if assigning.ask_anew(home.box, ME, None, None).set_id is None:
            assign(home.box, ME, ids(home), ["barefoot"], silent=True)
        changes.undo(home.box, ME)
        assert rows(home) == before
