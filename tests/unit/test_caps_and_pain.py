"""Caps follow pain: what it holds and why, what counts no more, and that no report ever lifts a cap."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import TODAY, at, facts, run, runs_every, shoe, weekly, worn
from midsole.domain.activity import Activity
from midsole.domain.beside_mail import speaks_of_pain
from midsole.domain.caps import Cap, cap
from midsole.domain.checkins import Body, CheckIn, Plan, SaidOver, Spot
from midsole.domain.comeback import plan_of, to_open
from midsole.domain.days_off import days_off
from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding, Pause
from midsole.domain.forecast import forecast
from midsole.domain.load import weeks
from midsole.domain.pain import is_painless_run, standing
from midsole.domain.planned import tripped
from midsole.domain.rules import evaluate

BALL = ("ball-inner", "left")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def felt(days: int, level: int, moment: str = "after", spot: tuple[str, str] = BALL, **more: Any) -> CheckIn:
    where = dict(zip(("place", "side"), spot, strict=True)) if level or more.get("signs") else {}
    return CheckIn(ago(days), moment, level, **(where | more))


def fine(days: int) -> tuple[CheckIn, CheckIn]:
    """The run of that day, painless after it and the next morning."""
    return felt(days, 0), felt(days - 1, 0, "morning")


def hurting(activities: list[Activity], *answers: CheckIn, **more: Any) -> Facts:
    return facts(activities, body=Body(check_ins=answers), **more)


def found(f: Facts, rule: str) -> list[Finding]:
    return [x for x in evaluate(f) if x.rule == rule]


TENS = runs_every(2, 10, until=ago(1), for_days=60)


# ---- amber and red


def test_amber_holds_the_next_run_at_the_longest_painless_one_and_says_why() -> None:
    f = hurting([*TENS, run(ago(10), 5.2), run(ago(6), 4)], *fine(10), *fine(6), felt(3, 4))
    held = cap(f)
    assert (held.next_run_m, held.held_by) == (5_200, "amber")
    assert held.because.startswith(
        "the left inner ball of the foot hurts since 17 Nov; the longest painless run since 3 Nov is 5.2 km"
    )


def test_where_no_painless_run_is_known_it_is_a_quarter_of_an_hour() -> None:
    held = cap(hurting(TENS, felt(3, 4)))
    assert held.next_run_m == 2_000
    assert "about 15 minutes easy, at most 2.0 km" in held.because


def test_a_painless_run_15_days_before_the_onset_is_too_old() -> None:
    older, newer = [run(ago(15), 6), run(ago(2), 3)], [run(ago(14), 6), run(ago(2), 3)]
    assert cap(hurting(older, *fine(15), felt(0, 3))).next_run_m == 2_000
    assert cap(hurting(newer, *fine(14), felt(0, 3))).next_run_m == 6_000


def test_an_amber_week_holds_three_such_runs() -> None:
    assert cap(hurting(weekly([30] * 5)[:-3], felt(3, 4))).week_left_m == 6_000
    assert cap(hurting(weekly([30] * 5), felt(3, 4))).week_left_m == 0


def test_red_is_nothing_at_all_and_names_the_clinician() -> None:
    held = cap(hurting(TENS, felt(1, 2, "night")))
    assert (held.next_run_m, held.week_left_m, held.held_by) == (0, 0, "red")
    assert "no running until it is over; see a clinician" in held.because


def test_an_unanswered_run_in_pain_counts_neither_then_nor_after_the_end() -> None:
    calm = [felt(n, 0, "rest") for n in (18, 17, 16, 15, 14)]
    over = hurting([run(ago(28), 5), run(ago(20), 9), run(ago(9), 4)], felt(22, 4), *calm)
    assert standing(over) is None
    assert cap(over).next_run_m == pytest.approx(5_500)
    answered = replace(over, body=Body(check_ins=(felt(22, 4), *fine(20), *calm)))
    assert cap(answered).next_run_m == pytest.approx(9_900)


def test_a_plan_above_what_pain_allows_is_told_so() -> None:
    f = hurting(TENS, felt(3, 4))
    assert tripped(f, 2_000, TODAY + timedelta(days=3)) == []
    assert tripped(f, 2_500, TODAY + timedelta(days=3)) == ["P1"]


# ---- no report of pain lifts a cap, and no unanswered run does

NOW = at(TODAY, "18:00")
pains = st.builds(
    lambda n, level, moment, spot, kind: felt(n, level, moment, spot, kind=kind),
    st.integers(0, 40),
    st.integers(1, 7),
    st.sampled_from(["morning", "during", "after", "night"]),
    st.sampled_from([BALL, ("knee", "right")]),
    st.sampled_from([None, "sharp", "ache"]),
)
calms = st.builds(
    lambda n, moment: felt(n, 0, moment), st.integers(0, 40), st.sampled_from(["morning", "after"])
)
answers = st.lists(st.one_of(calms, calms, calms, pains), max_size=12)
steady = st.builds(
    lambda every, km, gap: [a for a in runs_every(every, km, for_days=80) if a.local_date not in gap],
    st.integers(1, 4),
    st.floats(2, 12),
    st.builds(lambda n, m: {ago(n - k) for k in range(m)}, st.integers(0, 60), st.integers(0, 20)),
)
sparse = st.lists(st.builds(lambda n, km: run(ago(n), km), st.integers(0, 80), st.floats(1, 30)), max_size=12)


def told(check_ins: list[CheckIn]) -> tuple[CheckIn, ...]:
    said = (min(at(a.on_day, "20:00"), NOW - timedelta(hours=1)) for a in check_ins)
    return tuple(
        replace(a, id=n + 1, said_at=when) for n, (a, when) in enumerate(zip(check_ins, said, strict=True))
    )


def is_lifted(before: Cap, after: Cap) -> bool:
    pairs = (before.next_run_m, after.next_run_m), (before.week_left_m, after.week_left_m)
    return any(was is not None and (now is None or now > was) for was, now in pairs)


@settings(deadline=None, max_examples=60)
@given(st.one_of(steady, sparse), answers, pains)
def test_no_report_of_pain_lifts_a_cap(activities, check_ins, pain):
    said = told(check_ins)
    before = cap(hurting(activities, *said))
    after = cap(hurting(activities, *said, replace(pain, id=99, said_at=NOW)))
    assert not is_lifted(before, after)


@settings(deadline=None, max_examples=60)
@given(st.one_of(steady, sparse), answers, pains, st.integers(0, 60), st.floats(0.5, 40))
def test_no_run_without_a_painless_answer_lifts_a_cap_while_pain_is_open(activities, check_ins, pain, n, km):
    said = told([*check_ins, pain])
    before, late = hurting(activities, *said), run(ago(n), km, received_at=NOW)
    after = hurting([*activities, late], *said)
    if standing(before) is None or is_painless_run(before.body, late.local_date):
        return
    assert not is_lifted(cap(before), cap(after))


# ---- baselines


def test_red_days_are_in_no_mean() -> None:
    runs = [*weekly([30, 30, 30], last_week_start="2026-10-26"), *weekly([20], last_week_start="2026-11-09")]
    over = SaidOver(Spot(*BALL), date(2026, 11, 2), date(2026, 11, 9), at("2026-11-09"))
    red = facts(runs, body=Body(check_ins=(felt(18, 7),), said_over=(over,)))
    assert weeks(facts(runs))[-1].usual_m == pytest.approx(20_000)
    assert weeks(red)[-1].usual_m == pytest.approx(80_000 / 3)
    assert days_off(red) == {date(2026, 11, n): "pain" for n in range(2, 9)}
    assert (cap(red).week_left_m or 0) <= (cap(facts(runs)).week_left_m or 0)


def test_days_off_name_why_and_leave_a_holiday_out() -> None:
    f = facts([], pauses=(Pause(ago(9), ago(8), "ill"), Pause(ago(5), ago(4), "holiday")))
    assert days_off(f) == {ago(9): "ill", ago(8): "ill"}


def test_a_forecast_looks_past_the_days_off() -> None:
    ran = [run(ago(n), 5) for n in range(21, 90)]
    pair, off = worn(shoe(), ran), {ago(n) for n in range(21)}
    assert (forecast(pair, TODAY, off).km_per_week or 0) == pytest.approx(35)
    assert (forecast(pair, TODAY).km_per_week or 0) < 25


# ---- L3 and L5 after an illness, L3 while it hurts


def after_illness() -> Facts:
    """Four weeks of 30 km, 18 days ill, then 28 km with 900 m of descent in the first week."""
    before = weekly([30] * 8, last_week_start="2026-10-19")
    hard = [run(f"2026-11-{n}", 7, descent_m=225.0) for n in (16, 17, 18, 20)]
    pause = Pause(date(2026, 10, 28), date(2026, 11, 14), "ill")
    return facts([*before, *hard], pauses=(pause,))


def test_hard_training_straight_after_an_illness_is_spoken_of_in_its_first_week() -> None:
    (l5,), (l3,) = found(after_illness(), "L5"), found(after_illness(), "L3")
    assert l5.level in (WARN, ALARM)
    assert l3.text == (
        "Two things were harder this week: 28.0 km where the comeback's cap is 15.0 km in 7 days, "
        "900 m of descent."
    )


def test_two_stressors_are_a_warning_while_something_hurts() -> None:
    runs = [*weekly([30, 30, 30, 30, 34]), run("2026-11-19", 3, surface="trail")]
    assert [x.level for x in found(facts(runs), "L3")] == [NOTE]
    (said,) = found(hurting(runs, felt(2, 3)), "L3")
    assert said.level == WARN
    assert speaks_of_pain(said)


# ---- S1


def worn_out(km: float, *answers: CheckIn, **more: Any) -> Finding:
    """A pair of that distance, whose last run of 5 km was yesterday."""
    runs = [run(ago(1), 5)]
    f = hurting(runs, *answers, shoes=(worn(shoe(), runs, worn_m=km * 1000),), **more)
    return max(found(f, "S1"), key=lambda x: float(x.numbers["threshold"] or 0))


def test_pain_after_a_run_above_the_limit_is_an_alarm_that_no_push_tells() -> None:
    for answer in (felt(1, 2), felt(1, 2, "during"), felt(0, 1, "morning")):
        said = worn_out(642, answer)
        assert (said.level, said.numbers["pain_on"]) == (ALARM, answer.on_day.isoformat())
        assert speaks_of_pain(said)
    for none in (felt(1, 0), felt(0, 2, "after"), felt(1, 2, "morning")):
        assert worn_out(642, none).level == WARN
    assert worn_out(630, felt(1, 2)).level == NOTE


def test_a_race_ahead_is_not_for_a_pair_above_its_limit() -> None:
    said = worn_out(801, races=(TODAY + timedelta(days=9),))
    assert said.level == ALARM
    assert (
        said.advice == "Retire the Pegasus, or set another limit, and run the race on 29 Nov in another pair."
    )
    assert "race" not in worn_out(801, races=(TODAY + timedelta(days=15),)).advice


def test_a_cap_as_after_a_break_names_no_break_that_was_none() -> None:
    f = hurting(TENS, felt(20, 4), *(felt(n, 1) for n in range(1, 20, 2)))
    because = cap(f).because
    assert "the break that began" not in because
    assert "was answered painless" in because


def test_two_weeks_off_after_red_pain_on_the_day_of_a_run_do_not_open_the_gate() -> None:
    """The break begins the day after the plan: it is the same one."""
    red_on = date(2026, 10, 1)
    past = [run(red_on - timedelta(days=n), 8) for n in range(0, 60, 3)]
    said = [CheckIn(red_on, "after", 7, place="knee", side="left")]
    said += [CheckIn(red_on + timedelta(days=n), "morning", 0) for n in range(1, 17)]
    plan = Plan(red_on, red_on, "pain", 18_000, 8_000, id=1)
    for days in (14, 15, 16):
        f = facts(past, today=red_on + timedelta(days=days), body=Body(tuple(said), plans=(plan,)))
        assert cap(f).next_run_m == 0
        assert plan_of(f) == plan
        assert to_open(f) is None


def test_while_it_is_red_the_cap_names_the_pain_and_the_clinician_and_only_then_the_gate() -> None:
    plan = Plan(ago(2), ago(2), "pain", 18_000, 8_000, id=1)
    f = hurting(runs_every(3, 8), felt(2, 2, "night"))
    f = replace(f, body=replace(f.body, plans=(plan,)))
    assert (cap(f).next_run_m, cap(f).held_by) == (0, "red")
    assert "see a clinician" in cap(f).because
