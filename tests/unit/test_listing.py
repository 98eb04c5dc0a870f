"""Which recording a line of an export's list is about."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from midsole.domain.listing import Wanted, by_name, by_start
from midsole.domain.matching import Trace

AT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)


def wanted(
    name: str, *, after_s: float = 0, km: float = 10, file: str | None = None, sport: str = "running"
) -> Wanted:
    return Wanted(name, sport, AT + timedelta(seconds=after_s), km * 1_000, km * 360, km * 360, file)


def trace(file: str, *, after_s: float = 0, km: float = 10, sport: str = "running") -> Trace:
    start_s = AT.timestamp() + after_s
    totals = (start_s, km * 360, km * 360, km * 1_000)
    return Trace(1, 1, file, 0, None, "fit", None, sport, *totals, "session", False, 3)


def files(found: dict[str, Trace]) -> dict[str, str]:
    return {line: trace.file for line, trace in found.items()}


def test_the_nearest_in_start_and_size_is_the_run() -> None:
    lines = [wanted("a", after_s=30), wanted("b", after_s=86_400)]
    here = [trace("x"), trace("y", after_s=86_410, km=10.1), trace("z", after_s=40, km=7)]

    assert files(by_start(lines, here)) == {"a": "x", "b": "y"}


def test_two_lines_never_take_one_recording() -> None:
    assert files(by_start([wanted("a", after_s=50), wanted("b", after_s=5)], [trace("x")])) == {"b": "x"}


def test_a_ride_is_no_run_and_a_line_without_size_matches_nothing() -> None:
    assert by_start([wanted("a", sport="cycling"), wanted("b", km=0)], [trace("x")]) == {}


def test_a_name_says_more_than_the_size_but_not_more_than_the_day() -> None:
    lines = [wanted("a", file="1.fit", km=5), wanted("b", file="2.fit"), wanted("c", file="none.fit")]
    named = {
        "1.fit": [trace("far", after_s=3_600), trace("near", after_s=60)],
        "2.fit": [trace("x", after_s=1e6)],
    }

    assert files(by_name(lines, named)) == {"a": "near"}


def test_a_watch_without_a_clock_is_found_by_the_name_of_its_file() -> None:
    unset = trace("x", after_s=-AT.timestamp() + 5e8)

    assert files(by_name([wanted("a", file="1.fit")], {"1.fit": [unset]})) == {"a": "x"}


SPREAD = st.lists(st.tuples(st.integers(0, 4_000), st.integers(5, 12)), max_size=8)


@given(SPREAD, SPREAD, st.randoms())
def test_the_order_of_lines_and_recordings_decides_nothing(one: list, other: list, chance) -> None:
    lines = [wanted(f"l{n}", after_s=s, km=km) for n, (s, km) in enumerate(one)]
    here = [trace(f"t{n}", after_s=s, km=km) for n, (s, km) in enumerate(other)]
    found = files(by_start(lines, here))
    chance.shuffle(lines)
    chance.shuffle(here)

    assert files(by_start(lines, here)) == found
    assert len(set(found.values())) == len(found)
