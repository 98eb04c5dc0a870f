"""Which questions are open: after which runs, in which moment, for how long, and which run of a week."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import TODAY, at, day, facts, run, shoe, weekly, worn
from midsole.domain.asking import EVERY, is_sore_lately, questions, settled, weekly_pick
from midsole.domain.checkins import AFTER, MORNING, Body, CheckIn, Plan
from midsole.domain.facts import Facts, StartValues

YESTERDAY = TODAY - timedelta(days=1)
STEADY = [run(date(2026, 11, 11) - timedelta(weeks=n), 10) for n in reversed(range(12))]
"""A run of 10 km each Wednesday: the usual longest is 10 km."""


def said(on: str | date, level: int, moment: str = MORNING, **more: Any) -> CheckIn:
    spot = {"place": "ball-inner", "side": "left"} if level else {}
    return CheckIn(day(on), moment, level, **(spot | more))


def clock(time_of_day: str, on: date = TODAY) -> datetime:
    return at(on, time_of_day)


def asked(found: Facts, time_of_day: str) -> list[tuple[date, str]]:
    return [(q.on_day, q.moment) for q in questions(found, clock(time_of_day, found.today))]


def every(*activities: Any, **more: Any) -> Facts:
    return facts(activities, body=Body(ask=EVERY), **more)


def test_whoever_wants_it_is_asked_after_every_run_and_on_the_next_morning() -> None:
    ran_today = every(*STEADY, run(TODAY, 3, clock="07:00"))
    assert asked(ran_today, "06:59") == []
    assert asked(ran_today, "08:00") == [(TODAY, AFTER)]
    ran_yesterday = every(*STEADY, run(YESTERDAY, 3))
    assert asked(ran_yesterday, "11:59") == [(YESTERDAY, AFTER), (TODAY, MORNING)]
    assert asked(ran_yesterday, "12:00") == [(TODAY, MORNING)]
    assert asked(ran_yesterday, "03:59") == [(YESTERDAY, AFTER)]


def test_a_question_is_too_old_after_its_day_and_a_late_run_is_not_asked_about() -> None:
    late = every(*STEADY, run("2026-11-17", 3))
    assert asked(late, "09:00") == []


def test_what_was_answered_is_asked_no_more() -> None:
    answers = (said(TODAY, 0), said(YESTERDAY, 0, AFTER))
    found = facts([*STEADY, run(YESTERDAY, 3)], body=Body(ask=EVERY, check_ins=answers))
    assert asked(found, "09:00") == []


def test_a_steady_runner_is_asked_once_a_week_on_the_morning_after_the_longest_run() -> None:
    monday, wednesday = run("2026-11-16", 5), run("2026-11-18", 10)
    assert asked(facts([*STEADY, monday], today="2026-11-17"), "09:00") == []
    found = facts([*STEADY, monday, wednesday], today="2026-11-19")
    assert asked(found, "09:00") == [(day("2026-11-19"), MORNING)]
    assert asked(facts([*STEADY, monday, wednesday, run("2026-11-19", 10)]), "09:00") == []


def test_nobody_who_did_not_run_and_has_no_pain_is_asked() -> None:
    assert asked(facts(STEADY), "09:00") == []
    assert asked(facts([]), "09:00") == []


@pytest.mark.parametrize(
    ("kms", "picked"),
    [
        ({"16": 5, "18": 9, "21": 10}, "18"),
        ({"16": 5, "18": 8.9, "21": 10}, "21"),
        ({"17": 4, "21": 6, "22": 6}, "21"),
        ({"17": 7, "21": 6, "22": 6.5}, None),
        ({"17": 4}, None),
        ({"22": 2}, "22"),
    ],
)
def test_the_run_picked_is_the_first_that_may_be_the_longest_of_its_week(
    kms: dict[str, float], picked: str | None
) -> None:
    runs = [run(f"2026-11-{on}", km) for on, km in kms.items()]
    found = facts([*STEADY, *runs], today="2026-11-22")
    expected = day(f"2026-11-{picked}") if picked else None
    assert weekly_pick(found, day("2026-11-16")) == expected


def test_the_only_run_of_each_week_is_picked_at_once_and_so_is_the_very_first_one() -> None:
    assert weekly_pick(facts([*STEADY, run("2026-11-18", 10)]), day("2026-11-16")) == day("2026-11-18")
    assert weekly_pick(facts([run("2026-11-17", 2)]), day("2026-11-16")) == day("2026-11-17")


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.integers(0, 6), st.integers(1, 30), max_size=7))
def test_later_runs_never_change_which_day_was_picked(kms: dict[int, int]) -> None:
    monday = day("2026-11-16")
    runs = [run(monday + timedelta(days=n), km) for n, km in sorted(kms.items())]
    whole = weekly_pick(facts([*STEADY, *runs], today="2026-11-22"), monday)
    for count in range(len(runs)):
        so_far = weekly_pick(facts([*STEADY, *runs[:count]], today="2026-11-22"), monday)
        assert so_far is None or so_far == whole


def test_after_a_spike_the_evening_and_the_next_morning_are_asked_about() -> None:
    found = facts([*weekly([30, 30, 30, 30, 0]), run(YESTERDAY, 21)])
    open_now = questions(found, clock("09:00"))
    assert [(q.on_day, q.moment) for q in open_now] == [(YESTERDAY, AFTER), (TODAY, MORNING)]
    assert "longer than any" in open_now[0].why


def test_a_run_in_a_new_pair_is_asked_about_and_one_in_an_old_pair_is_not() -> None:
    ran = run(YESTERDAY, 5)
    new, old = worn(shoe("Azura"), [ran]), worn(shoe("Azura"), [ran], worn_m=51_000)
    open_now = questions(facts([*STEADY, ran], shoes=(new,)), clock("09:00"))
    assert [q.moment for q in open_now] == [AFTER, MORNING]
    assert "Azura" in open_now[0].why
    assert questions(facts([*STEADY, ran], shoes=(old,)), clock("09:00")) == ()


@pytest.mark.parametrize(
    "known",
    [
        {"body": Body(plans=(Plan(day("2026-11-01"), day("2026-11-15"), "pain"),))},
        {"start": StartValues(day("2026-11-10"), pain_now=True)},
    ],
)
def test_on_the_way_back_each_run_is_asked_about(known: dict[str, Any]) -> None:
    found = facts([*STEADY, run(YESTERDAY, 2)], **known)
    assert asked(found, "09:00") == [(YESTERDAY, AFTER), (TODAY, MORNING)]


def test_the_first_run_after_a_break_is_asked_about() -> None:
    found = facts([run("2026-10-01", 10), run("2026-10-03", 10), run(YESTERDAY, 2)])
    assert asked(found, "09:00") == [(YESTERDAY, AFTER), (TODAY, MORNING)]


def test_pain_told_at_the_start_is_over_after_four_weeks() -> None:
    long_ago = StartValues(day("2026-10-01"), pain_now=True)
    assert asked(facts([*STEADY, run(YESTERDAY, 2)], start=long_ago), "09:00") == []


def test_after_a_sore_morning_every_run_is_asked_about_until_three_mornings_were_painless() -> None:
    ran = [*STEADY, run("2026-11-16", 10), run(YESTERDAY, 2)]
    sore = said("2026-11-10", 1)
    fine = [said(f"2026-11-{n}", 0) for n in (12, 13, 14)]
    assert asked(facts(ran, body=Body((sore, *fine[:2]))), "09:00") == [(YESTERDAY, AFTER), (TODAY, MORNING)]
    assert asked(facts(ran, body=Body((sore, *fine))), "09:00") == []
    assert is_sore_lately(Body((*fine, said("2026-11-15", 2))))
    assert not is_sore_lately(Body(tuple(fine)))


def test_a_morning_that_was_sore_and_painless_counts_as_sore() -> None:
    answers = (said("2026-11-10", 0), said("2026-11-10", 2), said("2026-11-11", 0), said("2026-11-12", 0))
    assert is_sore_lately(Body(answers))


def test_while_pain_is_open_each_morning_is_asked_about_also_without_a_run() -> None:
    sore = Body((said("2026-11-12", 4),))
    resting = questions(facts(STEADY, body=sore), clock("09:00"))
    assert [(q.on_day, q.moment, q.after_run) for q in resting] == [(TODAY, MORNING, False)]
    later = facts(STEADY, body=sore, today="2026-12-12")
    assert asked(later, "09:00") == []


def test_never_asked_still_finds_the_card_on_the_page() -> None:
    found = every(*STEADY, run(YESTERDAY, 10))
    never = replace(found, body=replace(found.body, ask="none", check_ins=(said("2026-11-15", 1),)))
    assert asked(never, "09:00") == [(YESTERDAY, AFTER), (TODAY, MORNING)]


def test_the_mail_after_a_run_waits_an_hour_and_that_of_the_morning_until_seven() -> None:
    found = every(*STEADY, run(YESTERDAY, 10), run(TODAY, 10, clock="05:00"))
    mailed_from = {(q.on_day, q.moment): q.mail_from for q in questions(found, clock("06:30"))}
    assert mailed_from[TODAY, MORNING] == at(TODAY, "07:00")
    assert mailed_from[TODAY, AFTER] == at(TODAY, "07:00")
    assert mailed_from[YESTERDAY, AFTER] == at(YESTERDAY, "09:00")


def test_what_is_not_asked_by_its_time_is_settled_for_the_day() -> None:
    ran = facts([*STEADY, run(YESTERDAY, 3), run(TODAY, 10, clock="08:00")])
    assert settled(ran, clock("06:59")) == []
    assert settled(ran, clock("09:59")) == [MORNING]
    assert settled(ran, clock("10:00")) == [MORNING, AFTER]
    assert settled(facts(STEADY), clock("11:59")) == []
