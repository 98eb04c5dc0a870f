"""Each rule at its edges, and what holds for all of them."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import TODAY, at, day, facts, run, runs_every, shoe, source, walk, weekly, worn
from midsole.domain.facts import ALARM, LEVELS, NOTE, WARN, Facts, Finding, Pause, StartValues
from midsole.domain.rules import RULE_BY_ID, RULES, evaluate

FORBIDDEN = ("injury risk", "prevents injury", "safe", "predict", "dangerous", "go for")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def found(f: Facts, rule: str) -> list[Finding]:
    return [x for x in evaluate(f) if x.rule == rule]


def levels(f: Facts, rule: str) -> list[str]:
    return [x.level for x in found(f, rule)]


def after_tens(km: float, **more: object) -> Facts:
    """Runs of 10 km on every second day, and one of `km` today."""
    return facts([*runs_every(2, 10, until=ago(1), for_days=60), run(TODAY, km)], **more)


# L1


@pytest.mark.parametrize(
    ("km", "level"),
    [
        (10.0, []),
        (10.001, [NOTE]),
        (11.0, [NOTE]),
        (11.001, [WARN]),
        (20.0, [WARN]),
        (20.001, [ALARM]),
    ],
)
def test_l1_speaks_from_one_metre_above_each_edge(km, level):
    assert levels(after_tens(km), "L1") == level


def test_l1_does_not_warn_of_999_metres_more_nor_alarm_below_2_km_more():
    short = runs_every(2, 1.5, until=ago(1), for_days=60)
    assert levels(facts([*short, run(TODAY, 2.499)]), "L1") == [NOTE]
    assert levels(facts([*short, run(TODAY, 2.5)]), "L1") == [WARN]
    assert levels(facts([*short, run(TODAY, 3.499)]), "L1") == [WARN]
    assert levels(facts([*short, run(TODAY, 3.5)]), "L1") == [ALARM]


def test_l1_sees_day_30_and_no_longer_day_31():
    between = [run(ago(n), 5) for n in (20, 12, 5)]
    assert levels(facts([run(ago(30), 15), *between, run(TODAY, 15)]), "L1") == []
    assert levels(facts([run(ago(31), 15), *between, run(TODAY, 15)]), "L1") == [ALARM]


def test_l1_says_the_three_numbers_and_what_to_do():
    runs = [*weekly([28] * 4, last_week_start="2026-11-09"), run("2026-11-02", 14, clock="18:00")]
    (said,) = found(facts([*runs, run("2026-11-20", 17.4)]), "L1")[-1:]
    assert said.text == (
        "This run is 24 % longer than any in the last 30 days (17.4 km; the longest was 14.0 km on 2 Nov). "
        "In a study of 5,205 runners, runs more than 10 % longer were followed by overuse injury about "
        "1.5 times as often. Most such runs still cause no injury."
    )
    assert re.fullmatch(r"Keep the next 7 days at or below \d+\.\d km; check the ball .*\.", said.advice)
    assert (said.happened_on, said.numbers["longest_m"]) == (TODAY, 14_000)


def test_l1_speaks_in_miles_to_who_runs_in_miles():
    (said,) = found(after_tens(12, units="mi"), "L1")
    assert "7.5 mi; the longest was 6.2 mi" in said.text


def test_l1_notes_any_race_and_never_pushes_a_planned_one():
    races = [*runs_every(2, 10, until=ago(1), for_days=60), run(TODAY, 5, is_race=True)]
    assert levels(facts(races), "L1") == [NOTE]
    (planned,) = found(after_tens(15, races=(TODAY,)), "L1")
    assert (planned.level, planned.weekly_only) == (WARN, True)


def test_l1_remembers_every_session_of_30_days():
    assert [x.happened_on for x in found(facts([*after_tens(12).activities]), "L1")] == [TODAY]
    spikes = [*runs_every(2, 8, for_days=80), run(ago(20), 10, clock="19:00"), run(ago(3), 13, clock="19:00")]
    assert [x.happened_on for x in found(facts(spikes), "L1")] == [ago(20), ago(3)]


def test_l1_compares_with_an_earlier_session_of_the_same_day():
    runs = [*runs_every(2, 5, until=ago(1), for_days=60), run(TODAY, 9), run(TODAY, 9, clock="18:00")]
    assert len(found(facts(runs), "L1")) == 1


def test_l1_and_l2_are_silent_until_30_days_are_known_or_start_values_given():
    runs = [run(ago(5), 5), run(TODAY, 15)]
    assert evaluate(facts(runs, known_since=ago(29))) == []
    start = StartValues(longest_m=5_000, usual_week_m=10_000)
    assert levels(facts(runs, known_since=ago(29), start=start), "L1") == [ALARM]


def test_a_pause_silences_notes_but_not_warnings():
    pause = (Pause(ago(1), None, "holiday"),)
    assert levels(after_tens(10.5, pauses=pause), "L1") == []
    assert levels(after_tens(12, pauses=pause), "L1") == [WARN]


# L2


@pytest.mark.parametrize(
    ("kms", "level"),
    [
        ([30, 30, 30, 30, 33.0], []),
        ([30, 30, 30, 30, 33.01], [NOTE]),
        ([30, 30, 30, 30, 45.0], [NOTE]),
        ([30, 30, 30, 30, 45.01], [WARN]),
        ([15, 15, 15, 15, 22.9], [NOTE]),
        ([15, 15, 15, 15, 23.0], [WARN]),
        ([20, 20, 20, 20, 20, 25, 27.0], []),
        ([20, 20, 20, 20, 20, 25, 27.1], [WARN]),
        ([30, 30, 30, 30, 30, 38, 40.0], []),
        ([30, 30, 30, 30, 30, 38, 40.1], [WARN]),
        ([0, 0, 30, 30, 90.0], []),
    ],
)
def test_l2_at_its_edges(kms, level):
    this_week = [x.level for x in found(facts(weekly(kms)), "L2") if x.subject == "2026-11-16"]
    assert this_week == level


def test_l2_says_the_week_against_the_usual_one():
    (said,) = found(facts(weekly([31, 31, 31, 31, 48])), "L2")
    assert said.text == "This week so far: 48.0 km, 55 % above your usual 31.0 km."
    assert said.advice == "Easy or off until Sunday, and at most 31.0 km next week."
    assert (said.subject, said.happened_on) == ("2026-11-16", day("2026-11-16"))


def test_l2_still_speaks_of_last_week_and_the_advice_is_for_this_one():
    (said,) = found(facts(weekly([30, 30, 30, 30, 50]), today="2026-11-23"), "L2")
    assert said.text.startswith("Last week: 50.0 km")
    assert said.advice == "Keep this week at most at 30.0 km."


# L3


def test_l3_notes_two_stressors_and_warns_of_three():
    runs = weekly([30, 30, 30, 30, 34])
    trail = run("2026-11-19", 3, surface="trail")
    assert levels(facts(runs), "L3") == []
    assert levels(facts([*runs, trail]), "L3") == [NOTE]
    new = worn(shoe("Speedgoat", "trail"), [trail])
    (said,) = found(facts([*runs, trail], shoes=(new,)), "L3")
    assert (said.level, said.subject, said.weekly_only) == (WARN, "2026-11-16", True)
    assert "a new surface (trail)" in said.text


def test_l3_counts_fast_minutes_and_descent_against_the_mean_of_four_weeks():
    runs = [replace(a, best_30min_m_per_s=3.5, speed_s={35: 300}, descent_m=50.0) for a in weekly([30] * 12)]
    hard = [replace(a, speed_s={36: 600}, descent_m=150.0) for a in runs[-3:]]
    assert levels(facts(runs), "L3") == []
    (said,) = found(facts([*runs[:-3], *hard]), "L3")
    assert said.text == (
        "Two things were harder this week: 30 fast minutes where 15 were usual, "
        "450 m of descent where 150 m were usual."
    )


# L5


def back(first_km: float, *, more: tuple[float, ...] = ()) -> Facts:
    before = runs_every(2, 10, until=ago(30), for_days=60)
    again = [run(ago(6 - 2 * n), km) for n, km in enumerate((first_km, *more))]
    return facts([*before, *again])


@pytest.mark.parametrize(
    ("f", "level"),
    [
        (back(5.0), NOTE),
        (back(5.001), WARN),
        (back(5, more=(5, 5)), NOTE),
        (back(5, more=(5, 5, 5)), WARN),
        (back(5, more=(10, 10, 10)), WARN),
        (back(5, more=(10, 10, 10.1)), ALARM),
    ],
)
def test_l5_at_its_edges(f, level):
    (said,) = found(f, "L5")
    assert (said.level, said.subject, said.happened_on) == (level, ago(29).isoformat(), ago(6))


def test_l5_waits_for_the_first_run():
    assert found(facts(runs_every(2, 10, until=ago(20), for_days=60)), "L5") == []


# S1-S4


@pytest.mark.parametrize(
    ("km", "level"),
    [
        (447.9, []),
        (448.0, [NOTE]),
        (639.9, [NOTE]),
        (640.0, [NOTE, WARN]),
        (800.0, [NOTE, WARN, ALARM]),
    ],
)
def test_s1_at_its_thresholds(km, level):
    runs = runs_every(2, 5, for_days=60)
    pair = worn(shoe(start_m=km * 1000 - 150_000), runs)
    assert levels(facts(runs, shoes=(pair,)), "S1") == level


def test_s1_is_news_from_the_run_that_passed_the_threshold():
    runs = runs_every(2, 5, for_days=60)
    (said,) = found(facts(runs, shoes=(worn(shoe(start_m=310_000), runs),)), "S1")
    assert (said.subject, said.happened_on) == ("1:70", ago(4))
    older = worn(shoe(start_m=0), runs, worn_m=600_000)
    (said,) = found(facts(runs, shoes=(older,)), "S1")
    assert said.happened_on == ago(200)


def test_s1_is_silent_of_retired_unused_and_unknown_pairs():
    runs = runs_every(2, 5, for_days=60)
    old = [run(ago(61), 5)]
    pairs = (
        worn(shoe(id=1, start_m=700_000, retired_on=TODAY), runs),
        worn(shoe(id=2, start_m=700_000), old),
        worn(shoe(id=3, start_m=None), runs),
    )
    assert found(facts(runs, shoes=pairs), "S1") == []


def test_s1_orders_a_pair_only_if_no_other_of_the_kind_is_fresh():
    runs = runs_every(2, 5, for_days=60)
    tired, fresh = worn(shoe(start_m=310_000), runs), worn(shoe("Ghost", id=2), [])
    assert found(facts(runs, shoes=(tired,)), "S1")[0].advice.startswith("Order the next pair")
    assert found(facts(runs, shoes=(tired, fresh)), "S1")[0].advice.startswith("Alternate the Pegasus")


def test_s2_notes_more_than_90_per_cent_in_one_pair():
    runs = runs_every(5, 10, for_days=50)
    both = (worn(shoe(id=1), runs[:9]), worn(shoe("Ghost", id=2), runs[9:]))
    assert found(facts(runs, shoes=both), "S2") == []
    (said,) = found(facts(runs, shoes=(worn(shoe(), runs),)), "S2")
    assert (said.level, said.subject) == (NOTE, "1")


def test_s3_speaks_for_the_first_50_km_of_a_new_model_and_100_of_a_racing_one():
    runs = runs_every(1, 10, for_days=6)
    assert levels(facts(runs, shoes=(worn(shoe(), runs[2:]),)), "S3") == [NOTE]
    assert levels(facts(runs, shoes=(worn(shoe(), runs[1:]),)), "S3") == []
    assert levels(facts(runs, shoes=(worn(shoe(kind="racing"), runs[1:]),)), "S3") == [NOTE]


def test_s3_is_silent_of_a_model_that_is_known():
    runs = runs_every(1, 10, for_days=4)
    old = worn(shoe(id=1, model="Pegasus"), [], worn_m=600_000)
    assert found(facts(runs, shoes=(old, worn(shoe(id=2, model="Pegasus"), runs))), "S3") == []


def test_s3_warns_of_a_spike_in_a_new_pair():
    spike = run(TODAY, 15)
    runs = [*runs_every(2, 10, until=ago(1), for_days=60), spike]
    (said,) = found(facts(runs, shoes=(worn(shoe("Ghost"), [spike]),)), "S3")
    assert (said.level, said.happened_on) == (WARN, TODAY)


def test_s4_counts_runs_of_28_days_after_the_first_pair():
    runs = [run(ago(29)), run(ago(28)), run(ago(3)), walk(ago(1))]
    ids = tuple(a.id for a in runs)
    (said,) = found(facts(runs, unworn=ids, first_pair_on=ago(100)), "S4")
    assert (said.subject, said.numbers["runs"]) == ("-", 2)
    assert found(facts(runs, unworn=ids, first_pair_on=TODAY), "S4") == []
    assert found(facts(runs, unworn=ids), "S4") == []


# Q1, W1


def test_w1_waits_for_no_run_of_the_days_before_the_source_was_there() -> None:
    new, old = source(created_at=at(ago(10))), source(created_at=at(ago(11)))
    assert found(facts([run(ago(1035))], sources=(new,)), "W1") == []
    (said,) = found(facts([run(ago(1035))], sources=(old,)), "W1")
    assert said.happened_on == TODAY


@pytest.mark.parametrize(
    "strange",
    [
        run(ago(1), 10, flags=("impossible-speed",)),
        run(ago(1), 301),
        run(ago(1), 10, flags=("date",)),
        run(ago(1), 10, flags=("distance-jump",)),
    ],
)
def test_q1_doubts_the_impossible_until_it_is_confirmed(strange):
    (said,) = found(facts([strange]), "Q1")
    assert (said.level, said.subject) == (NOTE, strange.key)
    assert found(facts([replace(strange, confirmed=True)]), "Q1") == []


def test_q1_believes_a_world_record_and_a_long_ride():
    runs = [run(ago(1), 10), run(ago(1), 320, sport="cycling")]
    assert found(facts(runs), "Q1") == []


def test_w1_says_that_a_source_was_not_reached_for_a_day():
    quiet = source(last_success_at=at(ago(1), "17:59"), error="no such folder")
    (said,) = found(facts([run(TODAY)], sources=(quiet,)), "W1")
    assert (said.level, said.subject) == (WARN, "1:look")
    assert found(facts([run(TODAY)], sources=(source(last_success_at=at(ago(1), "18:00")),)), "W1") == []


def test_w1_asks_after_10_days_without_a_run_once_and_not_in_a_pause():
    both = (source(1), source(2, name="garmin"))
    assert found(facts([run(ago(10))], sources=both), "W1") == []
    (said,) = found(facts([run(ago(11))], sources=both), "W1")
    assert (said.subject, said.happened_on) == ("1:runs", TODAY)
    paused = facts([run(ago(11))], sources=both, pauses=(Pause(ago(2), None, "ill"),))
    assert found(paused, "W1") == []


def test_w1_does_not_wait_for_runs_of_a_pause_that_is_over():
    over = Pause(ago(15), ago(1), "holiday")
    assert found(facts([run(ago(16))], sources=(source(),), pauses=(over,)), "W1") == []


# What holds for all


def loud() -> Facts:
    """A runner about whom nearly every rule has something to say."""
    runs = [*weekly([30] * 10 + [60]), run(TODAY, 42, surface="trail", flags=("impossible-speed",))]
    pairs = (worn(shoe(start_m=800_000), runs), worn(shoe("Ghost", id=2), runs[-1:]))
    return facts(runs, shoes=pairs, unworn=(runs[0].id, runs[-1].id), first_pair_on=ago(300))


@pytest.mark.parametrize("f", [loud(), back(9), back(3), facts([run(ago(9))], sources=(source(),))])
def test_every_finding_has_one_sentence_of_advice_and_claims_nothing(f):
    assert evaluate(f)
    for said in evaluate(f):
        assert said.level in LEVELS
        assert re.fullmatch(r"[A-Z].*\.", said.advice)
        assert not re.search(r"[.!?] [A-Z]", said.advice)
        assert not any(word in (said.text + said.advice).lower() for word in FORBIDDEN)
        assert set(said.numbers)


def test_every_rule_has_a_source_a_grade_and_one_sentence():
    assert len(RULE_BY_ID) == len(RULES)
    for rule in RULES:
        assert rule.grade
        assert rule.goes_to in {"push", "weekly", "shown"}
        assert re.fullmatch(r"[A-Z][^.]*\.", rule.advice)
        assert not any(word in (rule.source + rule.advice).lower() for word in FORBIDDEN)


def test_a_finding_disappears_when_its_cause_is_removed():
    f = after_tens(25)
    assert {x.rule for x in evaluate(f)} >= {"L1"}
    excluded = replace(f.activities[-1], excluded=True)
    assert found(replace(f, activities=(*f.activities[:-1], excluded)), "L1") == []


@settings(deadline=None, max_examples=60)
@given(st.permutations(range(len(loud().activities))))
def test_the_order_of_activities_does_not_matter(order):
    f = loud()
    shuffled = replace(f, activities=tuple(f.activities[i] for i in order))
    assert sorted(map(repr, evaluate(shuffled))) == sorted(map(repr, evaluate(f)))


def ramp(first_km: float, growth: float, runs_a_week: int, weeks: int = 14) -> list[Facts]:
    """The facts at the end of each week of a ramp that begins after five steady weeks."""
    kms = [first_km] * 5 + [first_km * growth**n for n in range(1, weeks - 4)]
    runs = weekly(kms, runs_a_week=runs_a_week)
    sundays = [day("2026-11-22") - timedelta(weeks=n) for n in reversed(range(weeks - 5))]
    return [
        facts([a for a in runs if a.local_date <= sunday], today=sunday, known_since=runs[0].local_date)
        for sunday in sundays
    ]


@settings(deadline=None, max_examples=40)
@given(st.floats(10, 80), st.integers(2, 4))
def test_a_steady_ten_per_cent_a_week_never_warns_and_the_week_is_never_noted(km, runs_a_week):
    for f in ramp(km, 1.10, runs_a_week):
        said = [x for x in evaluate(f) if x.rule in {"L1", "L2"}]
        assert [x for x in said if x.level != NOTE or x.rule == "L2"] == []


@settings(deadline=None, max_examples=40)
@given(st.floats(15, 60), st.integers(2, 4))
def test_a_steady_twenty_per_cent_a_week_warns(km, runs_a_week):
    said = [x for f in ramp(km, 1.20, runs_a_week) for x in evaluate(f)]
    assert {x.rule for x in said if x.level == WARN} >= {"L2"}


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 6), st.floats(0.1, 60)), min_size=1, max_size=10))
def test_the_first_week_of_a_new_user_never_alarms(history):
    runs = [run(ago(n), km) for n, km in history]
    f = facts(runs, known_since=min(a.local_date for a in runs), shoes=(worn(shoe(), runs),))
    assert [x for x in evaluate(f) if x.level != NOTE] == []
    said = replace(f, start=StartValues(longest_m=5_000, usual_week_m=20_000))
    assert [x for x in evaluate(said) if x.level == ALARM] == []
