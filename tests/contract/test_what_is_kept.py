"""What people say is kept as far as both databases can hold it, and else refused in words: by the actions."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from math import inf, nan
from typing import Any

import pytest

from home import ME, NOW, Home, a_home
from midsole.actions import activities, inserts, setup, shoe_rules, shoes, telling
from midsole.actions.inserts import Into
from midsole.actions.shoes import Start
from midsole.domain.errors import UsageError
from midsole.domain.kept import FARTHEST_M
from midsole.domain.shoe_rules import Conditions

LONGEST, TOO_LONG = "é" * 100, "é" * 101
EARLY, LATE = date(1899, 12, 31), date(2200, 1, 1)
RUN: dict[str, Any] = {"sport": "running", "surface": "road", "distance_m": 5_000, "timer_s": 1_800}


@pytest.fixture
def home(tmp_path, database_url: str) -> Iterator[Home]:
    with a_home(tmp_path, database_url=database_url) as home:
        yield home


def test_the_longest_and_the_largest_are_kept(home: Home) -> None:
    box, most = home.box, {"limit_m": FARTHEST_M, "price": 1e9}
    pair, _ = shoes.add_shoe(box, ME, LONGEST, "daily", Start(FARTHEST_M), model=LONGEST, **most)
    insert, _ = inserts.add(box, ME, LONGEST, "pad", Into(LONGEST), start_m=FARTHEST_M, **most)
    setup.edit_runner(box, ME, name=LONGEST, email=f"{'x' * 308}@example.org")
    telling.race(box, ME, date(2199, 12, 31), "é" * 200)
    telling.injury(box, ME, date(1900, 1, 1), "é" * 200)
    shoes.retire(box, ME, LONGEST, date(2199, 12, 31), "é" * 200)
    run = activities.add(box, ME, started_at=NOW, title="é" * 200, **RUN)
    assert (pair.name, insert.name, home.runner().name) == (LONGEST, LONGEST, LONGEST)
    assert run.title == "é" * 200


def test_a_name_is_one_line_that_can_be_seen(home: Home) -> None:
    said = "  Ghost\u00a016\tof\nmine \U0001f3c3\u200d\u2642\ufe0f "
    pair, _ = shoes.add_shoe(home.box, ME, said, "daily", Start())
    assert pair.name == "Ghost 16 of mine \U0001f3c3\u200d\u2642\ufe0f"
    assert shoes.edit_shoe(home.box, ME, pair.name, name=" Ghost  17 ").name == "Ghost 17"


def pair(name: str = "New", start: Start | None = None, **details: Any) -> Callable[[Home], object]:
    return lambda home: shoes.add_shoe(home.box, ME, name, "daily", start or Start(), **details)


def edited(**changes: Any) -> Callable[[Home], object]:
    return lambda home: shoes.edit_shoe(home.box, ME, "Pegasus", **changes)


def insert(name: str = "New", into: Into | None = None, **details: Any) -> Callable[[Home], object]:
    return lambda home: inserts.add(home.box, ME, name, "pad", into, **details)


def run(**said: Any) -> Callable[[Home], object]:
    return lambda home: activities.add(home.box, ME, **{**RUN, "started_at": NOW, **said})


REFUSED: dict[str, tuple[Callable[[Home], object], ...]] = {
    "at most": (
        *(pair(TOO_LONG), pair(model=TOO_LONG), pair(price=nan), pair(price=inf), edited(name=TOO_LONG)),
        *(edited(model=TOO_LONG), insert(TOO_LONG), insert(price=1e10), run(title="x" * 201)),
        lambda home: setup.edit_runner(home.box, ME, name=TOO_LONG),
        lambda home: setup.add_runner(home.box, TOO_LONG, "UTC"),
        lambda home: shoes.retire(home.box, ME, "Pegasus", None, "x" * 201),
        lambda home: telling.race(home.box, ME, NOW.date(), "x" * 201),
        lambda home: telling.injury(home.box, ME, NOW.date(), "x" * 201),
    ),
    "needs a name": (pair("\u200d"), edited(name=" "), insert(" "), insert("\u2003")),
    "can't be shown": (
        pair("a\0b"),
        pair("a\ud800"),
        edited(name="\u202eb"),
        insert("\x1b"),
        run(title="\0"),
    ),
    "without a pair": (pair("Barefoot"), pair(" OTHER "), edited(name="barefoot"), edited(name="other")),
    "lies between 0 and": (
        *(pair(limit_m=inf), pair(limit_m=nan), pair(start=Start(inf)), pair(start=Start(-1.0))),
        *(edited(limit_m=1e300), insert(limit_m=inf), insert(start_m=nan), run(distance_m=nan)),
    ),
    "year lies between": (
        *(pair(bought_on=EARLY), pair(start=Start(worn_since=EARLY)), edited(first_used_on=LATE)),
        *(edited(retired_on=LATE), insert(into=Into("Pegasus", EARLY))),
        lambda home: shoes.retire(home.box, ME, "Pegasus", LATE, None),
        lambda home: telling.race(home.box, ME, LATE, None),
        lambda home: telling.pause(home.box, ME, EARLY, None, "ill"),
        lambda home: telling.injury(home.box, ME, EARLY, None),
        lambda home: shoe_rules.add(home.box, ME, "Pegasus", Conditions(is_race=True), EARLY),
        lambda home: setup.edit_runner(home.box, ME, zone="UTC", zone_from=date.min),
    ),
    "start lies between": (
        run(started_at=datetime(1, 1, 1, tzinfo=UTC)),
        lambda home: activities.edit(home.box, ME, 1, started_at=datetime(9999, 12, 31, tzinfo=UTC)),
    ),
    "no mail address": (
        lambda home: setup.edit_runner(home.box, ME, email=f"{'x' * 309}@example.org"),
        lambda home: setup.edit_runner(home.box, ME, email="a\0@example.org"),
    ),
}


def test_what_can_not_be_kept_is_refused_in_words(tmp_path) -> None:
    with a_home(tmp_path) as home:
        shoes.add_shoe(home.box, ME, "Pegasus", "daily", Start())
        activities.add(home.box, ME, started_at=NOW, **RUN)
        for why, doings in REFUSED.items():
            for doing in doings:
                with pytest.raises(UsageError, match=why):
                    doing(home)
        assert [s.name for s in shoes.known(home.box, ME)] == ["Pegasus"]
