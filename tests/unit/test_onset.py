"""What is kept of the days before pain began, and how it is told."""

import json
from datetime import timedelta
from typing import Any

from build import TODAY, day, facts, run, runs_every, shoe, worn
from midsole.domain.activity import Activity
from midsole.domain.checkins import Body, CheckIn
from midsole.domain.facts import Facts
from midsole.domain.onset import known, sentences
from midsole.domain.pain import episodes

DAY = timedelta(days=1)
HURTS = {"place": "ball-inner", "side": "left"}


def felt_on(activities: list[Activity], moment: str = "morning", **more: Any) -> Facts:
    """Sore today, after these runs."""
    pain = CheckIn(TODAY, moment, 4, **HURTS)  # type: ignore[arg-type]
    return facts(activities, body=Body(check_ins=(pain,)), **more)


def known_of(found: Facts) -> dict[str, Any]:
    (episode,) = episodes(found)
    return known(found, episode)


def told_of(found: Facts) -> str:
    return " ".join(sentences(known_of(found), "km", found.today))


def test_a_steady_runner_has_a_week_like_the_mean_and_no_spike() -> None:
    found = known_of(felt_on(runs_every(2, 8, until=TODAY - DAY)))
    assert (found["runs_until"], found["spikes"], found["longest_off"]) == ("2026-11-19", [], None)
    assert found["week_m"] == 32_000
    assert found["mean_week_m"] == 28_000
    assert found["missing"] == []


def test_a_run_much_longer_than_those_before_is_named_with_its_numbers() -> None:
    found = felt_on([*runs_every(2, 8, until=TODAY - 3 * DAY), run(TODAY - DAY, 14)])
    assert known_of(found)["spikes"] == [
        {"on": "2026-11-19", "distance_m": 14_000, "is_race": False, "longest_m": 8_000, "ratio": 0.75}
    ]
    assert "The run of Thursday was 14 km, 75 % longer than any in the 30 days before it (8 km)." in told_of(
        found
    )


def test_a_spike_fifteen_days_before_is_none_of_the_fourteen() -> None:
    runs = [*runs_every(2, 8, until=TODAY - 17 * DAY), run(TODAY - 15 * DAY, 14), run(TODAY - 3 * DAY, 8)]
    assert known_of(felt_on(runs))["spikes"] == []


def test_a_morning_looks_at_the_day_before_and_an_evening_at_its_own_run() -> None:
    runs = [run(TODAY - 2 * DAY, 5), run(TODAY, 6)]
    assert known_of(felt_on(runs))["last_run"]["distance_m"] == 5_000
    assert known_of(felt_on(runs, "after"))["last_run"]["distance_m"] == 6_000


def test_pairs_are_kept_with_what_they_had_worn_by_then() -> None:
    runs = runs_every(2, 8, until=TODAY - DAY, for_days=20)
    today_run = run(TODAY, 10)
    pair = worn(shoe("Pegasus", start_m=500_000.0), [*runs, today_run])
    (kept,) = known_of(felt_on([*runs, today_run], shoes=(pair,)))["pairs"]
    assert kept["distance_m"] == 580_000
    assert kept["used_fraction"] == 0.9062
    assert (kept["runs_14_days"], kept["is_new"]) == (7, False)


def test_a_new_pair_and_one_of_unknown_mileage_are_said_so() -> None:
    new, old = [run(TODAY - 3 * DAY, 5)], [run(TODAY - DAY, 5)]
    pairs = (worn(shoe("Ghost", id=1), new), worn(shoe("Attic", id=2, start_m=None), old))
    said = told_of(felt_on([*new, *old], shoes=pairs))
    assert "The Ghost was new: in its first 50 km." in said
    assert "The Attic was worn for 1 run in the 14 days before; its mileage is unknown." in said


def test_a_new_surface_counts_only_where_others_were_known() -> None:
    roads = runs_every(3, 8, until=TODAY - 5 * DAY, for_days=100)
    trail = run(TODAY - DAY, 8, surface="trail")
    assert known_of(felt_on([*roads, trail]))["new_surfaces"] == [{"surface": "trail", "from": "2026-11-19"}]
    unknown = [run(TODAY - 9 * DAY, 8, surface="unknown"), trail]
    assert known_of(felt_on(unknown))["new_surfaces"] == []


def test_days_off_are_told_from_five_on() -> None:
    off = felt_on([*runs_every(2, 8, until=TODAY - 12 * DAY), run(TODAY - DAY, 4)])
    assert known_of(off)["longest_off"] == {"days": 10, "from": "2026-11-09", "until": "2026-11-18"}
    assert "No run is known for 10 days, 9 Nov to Wednesday." in told_of(off)


def test_what_lies_out_of_sight_is_missing_and_not_zero() -> None:
    long_ago = TODAY - 190 * DAY
    pain = CheckIn(long_ago, "morning", 4, **HURTS)  # type: ignore[arg-type]
    found = known_of(facts([run(long_ago - DAY, 5)], body=Body(check_ins=(pain,))))
    assert "week_m" not in found
    assert len(found["missing"]) == 2


def test_without_any_run_it_says_that_nothing_is_known() -> None:
    body = Body(check_ins=(CheckIn(day("2026-11-20"), "rest", 4, **HURTS),))  # type: ignore[arg-type]
    found = facts([], body=body, known_since=None)
    assert sentences(known_of(found), "km", found.today) == ["Nothing is known of the runs before it."]


def test_the_facts_are_plain_json_and_read_the_same_in_miles() -> None:
    found = felt_on(runs_every(2, 8, until=TODAY - DAY))
    again = json.loads(json.dumps(known_of(found)))
    assert "The last run before it was 5 mi on Thursday." in sentences(again, "mi", found.today)
