"""The comeback plan: what moves it on, what holds it, what takes it back, and where it ends."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import facts, run, shoe, walk, weekly, worn
from midsole.domain.checkins import Body, CheckIn, Plan, RunWalk, SaidOver, Spot
from midsole.domain.comeback import find_comeback, plan_of, to_open
from midsole.domain.facts import ALARM, Facts, Pause
from midsole.domain.load import read_log
from midsole.domain.plan import Progress, progress
from midsole.domain.plan_course import DONE, FOUR_ONE, GATE, IN_STEPS, LEFT, THREE_TWO
from midsole.domain.plan_steps import STEPS
from midsole.domain.plan_words import asks, comeback_section, week_words, what_next
from midsole.domain.rules import l5_comeback

FIRST = date(2026, 10, 1)
BALL = {"place": "ball-inner", "side": "left"}
PLAN = Plan(date(2026, 9, 10), date(2026, 9, 24), "break", 24_000, 12_000, gate_on=date(2026, 9, 30), id=1)


def on(number: int) -> date:
    """The day of the run with that number, every other day."""
    return FIRST + timedelta(days=2 * number)


def ran(number: int, step: int, day_on: date | None = None) -> tuple[Any, RunWalk]:
    """A run of just that step."""
    s = STEPS[step - 1]
    activity = run(
        day_on or on(number), minutes=(s.jog_s + s.walk_s) / 60, km=2, surface="trail", id=100 + number
    )
    return activity, RunWalk(s.jog_s, s.walk_s, s.times, s.jog_min * 60)


def felt(run_on: date, evening: int | None = 0, morning: int | None = 0, **more: Any) -> list[CheckIn]:
    """The two answers after a run; None: none."""
    said = []
    if evening is not None:
        said.append(CheckIn(run_on, "after", evening, **(BALL if evening or more else {}), **more))
    if morning is not None:
        said.append(CheckIn(run_on + timedelta(days=1), "morning", morning, **(BALL if morning else {})))
    return said


def story(
    runs: list[tuple[Any, RunWalk]],
    answers: list[CheckIn],
    plan: Plan = PLAN,
    *,
    today: date | None = None,
    **more: Any,
) -> Facts:
    last = max([r[0].local_date for r in runs], default=FIRST)
    body = Body(tuple(answers), plans=(plan,), run_walks={a.id: how for a, how in runs})
    return facts([a for a, _ in runs], today=today or last + timedelta(days=1), body=replace(body, **more))


def after(
    runs: list[tuple[Any, RunWalk]], answers: list[CheckIn], plan: Plan = PLAN, **more: Any
) -> Progress:
    return progress(story(runs, answers, plan, **more), plan)


def well(*steps: int) -> tuple[list[tuple[Any, RunWalk]], list[CheckIn]]:
    """Runs of those steps in turn, all painless."""
    runs = [ran(n, step) for n, step in enumerate(steps)]
    return runs, [a for r, _ in runs for a in felt(r.local_date)]


def verdicts(at: Progress) -> list[str]:
    return [j.verdict for j in at.judged]


def test_a_painless_run_moves_on_by_one_step() -> None:
    at = after(*well(1))
    assert (at.step.number, verdicts(at)) == (2, ["on"])
    assert "was painless that evening and the next morning" in at.why


def test_fading_soreness_goes_on() -> None:
    assert after([ran(0, 1)], felt(FIRST, 2, 1)).step.number == 2


@pytest.mark.parametrize(
    ("evening", "morning", "said"),
    [
        (1, 2, "hurt more than the evening"),
        (4, 3, "still 3 of 10"),
        (6, 0, "red pain"),
        (None, 4, "still 4 of 10"),
    ],
)
def test_pain_that_is_worse_lingers_or_is_red_goes_back_a_step(evening, morning, said) -> None:
    runs, answers = well(1, 2)
    at = after([*runs, ran(2, 3)], [*answers, *felt(on(2), evening, morning)])
    assert (at.step.number, verdicts(at)[-1]) == (2, "back")
    assert said in at.judged[-1].why


def test_soreness_two_days_later_lingers() -> None:
    later = (
        CheckIn(FIRST + timedelta(days=2), "rest", 0),
        CheckIn(FIRST + timedelta(days=2), "after", 1, **BALL),
    )
    at = after([ran(0, 1)], [*felt(FIRST, 1, 1), *later], today=FIRST + timedelta(days=3))
    assert verdicts(at) == ["back"]


def test_amber_holds() -> None:
    runs, answers = well(1, 2)
    at = after([*runs, ran(2, 3)], [*answers, *felt(on(2), 4, 1)])
    assert (at.step.number, verdicts(at)[-1]) == (3, "hold")
    assert at.why.startswith("Step 3 again: ")


def test_an_unanswered_run_waits_for_the_morning_then_asks() -> None:
    assert verdicts(after([ran(0, 1)], felt(FIRST, 0, None))) == ["wait"]
    at = after([ran(0, 1)], felt(FIRST, 0, None), today=FIRST + timedelta(days=2))
    assert (verdicts(at), at.step.number, at.unanswered) == (["ask"], 1, (FIRST,))
    said = after([ran(0, 1)], felt(FIRST), today=FIRST + timedelta(days=2))
    assert said.step.number == 2


def test_a_painkiller_day_never_advances() -> None:
    answers = [replace(a, signs=("painkiller",)) for a in felt(FIRST)]
    at = after([ran(0, 1)], answers)
    assert (verdicts(at), at.step.number) == (["hold"], 1)


def test_new_pain_in_another_place_holds() -> None:
    runs, _ = well(1)
    knee = [replace(a, place="knee", side="right") for a in felt(on(1), 1, 1)]
    first = felt(FIRST, 1, 0)
    at = after([*runs, ran(1, 2)], [*first, *knee])
    assert (verdicts(at)[-1], at.step.number) == ("hold", 2)
    assert "another place" in at.why


def test_more_than_the_step_is_said_and_moves_on_by_one_only() -> None:
    at = after([ran(0, 7)], felt(FIRST))
    assert (at.step.number, at.judged[0].is_more) == (2, True)


def test_less_than_the_step_is_run_again() -> None:
    runs, answers = well(1, 2, 1)
    at = after(runs, answers)
    assert (at.step.number, verdicts(at)[-1]) == (3, "hold")


def test_a_run_on_the_day_after_another_moves_nothing() -> None:
    runs = [ran(0, 1), ran(1, 2, FIRST + timedelta(days=1))]
    answers = [*felt(FIRST), *felt(FIRST + timedelta(days=1))]
    assert verdicts(after(runs, answers)) == ["on", "hold"]


def test_a_walk_is_no_run() -> None:
    f = story([ran(0, 1)], felt(FIRST))
    with_walk = replace(f, activities=(*f.activities, walk(on(1), 5)))
    assert len(progress(with_walk, PLAN).judged) == 1


def test_it_ends_after_three_painless_half_hours_and_two_painless_weeks() -> None:
    runs, answers = well(1, 2, 3, 4, 5, 6, 7, 7, 7)
    assert after(runs[:-1], answers).in_a_row == 2
    three = after(runs, answers)
    assert three.phase == THREE_TWO
    more, said = well(*[1, 2, 3, 4, 5, 6, 7, 7, 7], *[7] * 8)
    assert progress(story(more, said), PLAN, on(9) + timedelta(days=6)).phase in (THREE_TWO, FOUR_ONE)
    end = after(more, said, today=on(9) + timedelta(days=16))
    assert (end.phase, end.step) == (DONE, None)
    assert end.ended_on == on(8) + timedelta(days=15)


def test_a_sore_half_hour_breaks_the_row() -> None:
    runs, answers = well(1, 2, 3, 4, 5, 6, 7, 7)
    at = after([*runs, ran(8, 7)], [*answers, *felt(on(8), 1, 1)])
    assert (at.in_a_row, at.step.number) == (0, 7)


def test_a_flare_up_in_the_weeks_after_goes_back_to_the_half_hour() -> None:
    runs, answers = well(1, 2, 3, 4, 5, 6, 7, 7, 7)
    at = after([*runs, ran(9, 7)], [*answers, *felt(on(9), 2, 4)])
    assert (at.phase, at.step.number, at.in_a_row) == (IN_STEPS, 7, 0)


# ---- the gate


def test_after_red_pain_nothing_may_be_run_before_the_gate() -> None:
    red = [CheckIn(FIRST, "night", 3, **BALL)]
    runs = [run(FIRST - timedelta(days=n), 8, id=n + 1) for n in range(2, 40, 3)]
    f = facts(runs, today=FIRST, body=Body(tuple(red)))
    plan = to_open(f)
    assert (plan.why, plan.began_on) == ("pain", FIRST)
    assert plan.usual_m
    assert plan.longest_m == 8_000
    opened = replace(f, body=replace(f.body, plans=(plan,)))
    back = find_comeback(read_log(opened), FIRST)
    assert (back.gate_waits, back.why) == (True, "pain")
    assert progress(opened, plan).phase == GATE
    assert to_open(opened) is None
    assert "gate of four" in what_next(opened, progress(opened, plan))


def test_the_gate_opens_the_way_and_a_new_red_answer_shuts_it() -> None:
    red = [CheckIn(FIRST - timedelta(days=9), "night", 3, **BALL)]
    over = SaidOver(
        Spot("ball-inner", "left"), red[0].on_day, FIRST - timedelta(days=3), run(FIRST).started_at
    )
    plan = Plan(red[0].on_day, red[0].on_day, "pain", 20_000, 8_000, gate_on=FIRST - timedelta(days=1))
    at = after([ran(0, 1)], [*red, *felt(FIRST)], plan, said_over=(over,))
    assert (at.gate_waits, at.step.number) == (False, 2)
    again = after([ran(0, 1)], [*red, *felt(FIRST, 7, 0)], plan, said_over=(over,))
    assert (again.gate_waits, again.phase, again.step.number) == (True, GATE, 1)


def test_runs_before_the_gate_move_nothing() -> None:
    red = [CheckIn(FIRST - timedelta(days=9), "night", 3, **BALL)]
    plan = Plan(red[0].on_day, red[0].on_day, "pain", 20_000, 8_000)
    at = after([ran(0, 1)], [*red, *felt(FIRST)], plan)
    assert verdicts(at) == ["hold"]
    assert "before the gate" in at.judged[0].why


@pytest.mark.parametrize(("days", "told"), [(27, 1), (28, 0)])
def test_l5_ends_four_weeks_after_the_first_run_and_the_gate_goes_on(days: int, told: int) -> None:
    red = [CheckIn(FIRST - timedelta(days=9), "night", 3, **BALL)]
    plan = Plan(red[0].on_day, red[0].on_day, "pain", 20_000, 8_000, id=1)
    today = FIRST + timedelta(days=days)
    runs = [run(FIRST + timedelta(days=n), 1, id=n + 1) for n in range(0, days, 7)]
    f = facts(runs, today=today, body=Body(tuple(red), plans=(plan,)))
    assert len(l5_comeback.check(f)) == told
    assert find_comeback(read_log(f), today).gate_waits


def test_no_time_off_opens_the_gate_that_waits_since_red_pain() -> None:
    red, ended = CheckIn(FIRST, "night", 3, **BALL), FIRST + timedelta(days=15)
    over = SaidOver(Spot("ball-inner", "left"), FIRST, ended, run(ended).started_at)
    plan = Plan(FIRST, FIRST, "pain", 20_000, 8_000, id=1)
    runs = [run(FIRST - timedelta(days=3), 8, id=1), run(FIRST + timedelta(days=5), 2, id=2)]
    today = FIRST + timedelta(days=21)
    f = facts(runs, today=today, body=Body((red,), plans=(plan,), said_over=(over,)))
    assert find_comeback(read_log(f), today).gate_waits
    assert (plan_of(f), to_open(f)) == (plan, None)
    passed = replace(plan, gate_on=today, edits={"gates": [today.isoformat()]})
    assert to_open(replace(f, body=replace(f.body, plans=(passed,)))) is None


def test_a_red_answer_that_was_taken_back_locks_nothing() -> None:
    plan = Plan(date(2026, 10, 9), date(2026, 10, 9), "pain", 20_000, 8_000)
    f = replace(off_for(3), body=Body(plans=(plan,)))
    assert find_comeback(read_log(f), f.today) is None


# ---- opening, leaving, weeks


def off_for(days: int, **more: Any) -> Facts:
    history = weekly([20] * 8, last_week_start="2026-10-05")
    last = max(a.local_date for a in history)
    return facts(history, today=last + timedelta(days=days), **more)


def test_a_plan_opens_by_14_days_off_before_the_first_run() -> None:
    assert to_open(off_for(14)) is None
    plan = to_open(off_for(15))
    assert (plan.why, plan.gate_on) == ("break", None)
    assert plan.usual_m == pytest.approx(20_000, rel=0.1)
    assert progress(off_for(15), plan).phase == GATE


def test_history_opens_none() -> None:
    f = off_for(40)
    first = run(f.today - timedelta(days=8), 3)
    assert to_open(replace(f, activities=(*f.activities, first))) is None
    lately = run(f.today - timedelta(days=7), 3)
    assert to_open(replace(f, activities=(*f.activities, lately))) is not None


def test_a_pauses_end_opens_one_and_the_pause_itself_none() -> None:
    ill = Pause(date(2026, 10, 12), date(2026, 10, 15), "ill")
    assert to_open(off_for(3, pauses=(ill,))) is None
    assert to_open(off_for(7, pauses=(ill,))) is not None


def test_an_untouched_plan_leaves_the_four_weeks_as_they_were() -> None:
    f = off_for(30)
    back = find_comeback(read_log(f), f.today)
    planned = replace(f, body=Body(plans=(to_open(f),)))
    assert find_comeback(read_log(planned), f.today) == back


def test_a_plan_that_was_left_means_no_comeback_and_may_be_taken_up_again() -> None:
    f = off_for(30)
    plan = replace(to_open(f), left_on=f.today)
    left = replace(f, body=Body(plans=(plan,)))
    assert find_comeback(read_log(left), f.today) is None
    assert to_open(left) is None
    assert plan_of(left) == plan
    assert progress(left, plan).phase == LEFT
    assert comeback_section(left, f.today).rows == ()


def test_an_engaged_plan_stays_open_beyond_four_weeks() -> None:
    f = story(*well(*[1] * 15))
    back = find_comeback(read_log(f), f.today)
    assert (back.began_on, back.first_run_on, back.week) == (PLAN.began_on, FIRST, 5)
    untouched = replace(f, body=replace(f.body, plans=(replace(PLAN, gate_on=None),)))
    assert find_comeback(read_log(untouched), f.today) is None


def test_the_break_after_a_plans_runs_is_a_new_one() -> None:
    f = story(*well(1, 2), today=on(1) + timedelta(days=15))
    assert to_open(f).began_on == on(1) + timedelta(days=1)
    waiting = story([], [], today=PLAN.gate_on + timedelta(days=30))
    assert to_open(waiting) is None


def test_a_week_grows_by_a_tenth_unless_it_went_back_or_was_held() -> None:
    runs, answers = well(1, 2, 3, 4)
    grown = after(runs, answers, today=FIRST + timedelta(days=7))
    assert (grown.week, grown.cap_week_m) == (2, pytest.approx(13_200))
    sore = after(runs[:3], [*answers[:4], *felt(on(2), 0, 2)], today=FIRST + timedelta(days=7))
    assert sore.cap_week_m == 12_000
    held = replace(PLAN, edits={"holds": [FIRST.isoformat()]})
    at = after(runs, answers, held, today=FIRST + timedelta(days=7))
    assert (at.cap_week_m, at.step.number) == (12_000, 1)


def test_the_runner_may_set_the_step_and_the_days() -> None:
    plan = replace(PLAN, edits={"steps": [[on(1).isoformat(), 5]], "days": [5]})
    at = after(*well(1), plan, today=on(1))
    assert at.step.number == 5
    assert at.next_on.weekday() == 5
    assert {d.weekday() for _, d in at.dates} == {5}


def test_a_step_set_after_todays_run_is_for_the_next_one() -> None:
    plan = replace(PLAN, edits={"steps": [[(FIRST + timedelta(days=1)).isoformat(), 4]]})
    at = after([ran(0, 1)], felt(FIRST, 0, None), plan, today=FIRST)
    assert (at.judged[0].asked.number, at.step.number) == (1, 4)


def test_the_next_run_is_on_every_other_day_at_the_earliest() -> None:
    at = after(*well(1))
    assert at.next_on == FIRST + timedelta(days=2)
    assert [d for _, d in at.dates[:3]] == [on(1), on(2), on(3)]


def test_hard_ground_climbs_and_another_pair_are_said() -> None:
    runs, answers = well(1, 2, 3, 4)
    steep = replace(runs[3][0], surface="road", ascent_m=80, descent_m=80, counted_m=2_000)
    runs[3] = (steep, runs[3][1])
    f = story(runs, answers)
    pairs = (worn(shoe("Pegasus"), [r for r, _ in runs[:3]]), worn(shoe("Vapor", "minimal", id=2), [steep]))
    cautions = " / ".join(progress(replace(f, shoes=pairs), PLAN).judged[3].cautions)
    for word in ("road", "climbs of 40 m per km", "descents", "minimal pair", "another pair than at first"):
        assert word in cautions


def test_hard_training_after_an_illness_is_spoken_of_before_the_second_week() -> None:
    f = off_for(16, pauses=(Pause(date(2026, 10, 12), date(2026, 10, 21), "ill"),))
    back = f.today - timedelta(days=3)
    hard = [
        run(back, 9, id=901),
        run(back + timedelta(days=1), 8, id=902),
        run(back + timedelta(days=2), 8, id=903),
    ]
    (said,) = l5_comeback.check(replace(f, activities=(*f.activities, *hard)))
    assert said.level == ALARM
    assert "125 %" in said.text
    assert said.advice.startswith("Take two days off")


# ---- what holds for every story

ANSWER = st.tuples(st.none() | st.integers(0, 7), st.none() | st.integers(0, 7), st.booleans())
DAYS = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 7), ANSWER), min_size=1, max_size=12)


def told(days: list[Any]) -> tuple[list[tuple[Any, RunWalk]], list[CheckIn]]:
    now, runs, answers = FIRST, list[tuple[Any, RunWalk]](), list[CheckIn]()
    for number, (gap, step, (evening, morning, drugged)) in enumerate(days):
        runs.append(ran(number, step, now))
        said = felt(now, evening, morning)
        answers += [replace(a, signs=("painkiller",)) for a in said] if drugged else said
        now += timedelta(days=gap)
    return runs, answers


@given(DAYS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_arrival_does_not_matter_and_no_step_comes_without_painless_answers(
    days, chance
) -> None:
    runs, answers = told(days)
    at = after(runs, answers)
    mixed, said = list(runs), list(answers)
    chance.shuffle(mixed)
    chance.shuffle(said)
    again = after(mixed, said)
    assert (again.phase, again.step, again.judged) == (at.phase, at.step, at.judged)
    calm = [j for j in at.judged if j.verdict == "on"]
    for j in calm:
        of_run = [a for a in answers if a.on_day == j.on_day and a.moment == "after"]
        assert of_run
        assert max(a.level for a in of_run) <= 2
    if at.step is not None:
        assert at.step.number <= 1 + len(calm)


@given(DAYS)
@settings(max_examples=25, deadline=None)
def test_pain_never_moves_on_and_taking_answers_away_never_moves_further(days) -> None:
    runs, answers = told(days)
    at = after(runs, answers, today=runs[-1][0].local_date + timedelta(days=2))
    for j in at.judged:
        morning = [a for a in answers if a.on_day == j.on_day + timedelta(days=1) and a.moment == "morning"]
        if any(a.level > 2 for a in morning):
            assert j.verdict == "back"
    silent = after(runs, [], today=runs[-1][0].local_date + timedelta(days=2))
    assert (silent.step.number, silent.cap_week_m) == (1, 12_000)


def test_who_ran_at_one_speed_always_may_jog_at_it_again() -> None:
    before = [
        replace(
            run(FIRST - timedelta(days=n), id=n), best_30min_m_per_s=2.78, moving_s=3600, counted_m=10_000
        )
        for n in range(30, 50, 2)
    ]
    jog, how = ran(0, 2)
    easy = replace(jog, speed_s={27: 400.0, 28: 200.0, 15: 300.0})
    fast = replace(jog, speed_s={32: 600.0, 15: 300.0})
    for a, verdict in ((easy, "on"), (fast, "hold")):
        f = story([(a, how)], felt(FIRST), replace(PLAN, edits={"steps": [[FIRST.isoformat(), 2]]}))
        f = replace(f, activities=(*before, *f.activities))
        assert progress(f, f.body.plans[0]).last.verdict == verdict


def test_a_plan_that_was_left_says_what_pain_still_asks_for() -> None:
    def left(*answers: CheckIn) -> tuple[str, str]:
        plan = replace(PLAN, left_on=FIRST)
        f = story([], list(answers), plan, today=FIRST)
        at = progress(f, plan)
        return what_next(f, at), week_words(f, at, 0.0)

    assert left() == ("Your ordinary caps hold. You may take the plan up again.", "")
    said, week = left(CheckIn(FIRST, "night", 2, **BALL))
    assert "ordinary" not in said
    assert "no running" in said
    assert week == ""
    assert "pain is open" in left(CheckIn(FIRST, "after", 3, **BALL))[0]


def test_a_step_that_is_longer_than_the_cap_says_so_and_the_caps_grow_to_30_minutes() -> None:
    short = replace(PLAN, usual_m=7_000, longest_m=3_500)
    f = story(*well(1, 2, 3, 4, 5, 6), short)
    at = progress(f, short)
    assert at.step == STEPS[-1]
    assert "even where that is less than the step" in what_next(f, at)
    months = story(*well(*range(1, 7), *[6] * 40), short)
    assert progress(months, short).cap_run_m >= 1800 / 3.6 * 10
    first = story([], [], short, today=FIRST)
    assert progress(first, short).cap_run_m <= 1_750


def test_no_run_is_suggested_in_a_week_that_is_full() -> None:
    tiny = replace(PLAN, usual_m=7_000, longest_m=6_000)
    f = story(*well(1, 1), tiny)
    at = progress(f, tiny)
    assert at.cap_week_m == 3_500
    assert at.next_on == FIRST + timedelta(days=7)


def test_several_runs_without_an_answer_are_asked_about_in_one_list() -> None:
    runs = [ran(n, 1) for n in range(3)]
    at = after(runs, [], today=on(2) + timedelta(days=2))
    assert (
        asks(at) == "How was it after the runs of 1 Oct, 3 Oct and 5 Oct? Without an answer the plan waits."
    )


def test_the_rules_that_ask_the_log_work_out_no_plan_a_second_time():
    known = facts([run("2026-11-18", 5)])
    plan = Plan(began_on=date(2026, 11, 1), opened_on=date(2026, 11, 15), why="break")
    assert progress(read_log(known).facts, plan) is progress(known, plan)
