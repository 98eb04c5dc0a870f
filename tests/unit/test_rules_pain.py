"""P1, P2, P3: what pain says, from which answer on, and what is said to do; and when a red flag is told."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from build import at, day, facts, run
from midsole.domain.checkins import SIGNS, Body, CheckIn, Plan, SaidOver, Spot
from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding
from midsole.domain.pain import standing
from midsole.domain.past import as_of
from midsole.domain.rules import RULE_BY_ID, RULES, evaluate
from midsole.domain.urgent import next_morning, of_answers, told_at
from midsole.domain.watches import WATCHES

BALL = {"place": "ball-inner", "side": "left"}
KNEE = {"place": "knee", "side": "right"}
OVER = SaidOver(Spot("ball-inner", "left"), day("2026-11-02"), day("2026-11-05"), at("2026-11-05"))
NEVER = ("injury risk", "prevents injury", "safe", "predict", "dangerous", "go for")


def felt(on: str | date, level: int, moment: str = "morning", **more: Any) -> CheckIn:
    where = BALL if level or more.get("signs") else {}
    return CheckIn(day(on), moment, level, **(where | more))


def body_of(*answers: CheckIn, runs: tuple[str, ...] = (), today: str = "2026-11-20", **more: Any) -> Facts:
    return facts([run(on, 5) for on in runs], today=today, body=Body(check_ins=answers, **more))


def pains(f: Facts, *rules: str) -> list[Finding]:
    return [x for x in evaluate(f) if x.rule in (rules or ("P1", "P2", "P3"))]


def one(f: Facts, rule: str) -> Finding:
    (found,) = pains(f, rule)
    return found


# P1


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (felt("2026-11-20", 2, "after"), NOTE),
        (felt("2026-11-20", 3, "after"), WARN),
        (felt("2026-11-20", 5, "after"), WARN),
        (felt("2026-11-20", 6, "after"), ALARM),
        (felt("2026-11-20", 1, "after", kind="sharp"), ALARM),
        (felt("2026-11-20", 1, "after", signs=("limp",)), ALARM),
    ],
)
def test_p1_at_its_edges(answer: CheckIn, level: str) -> None:
    assert one(body_of(answer), "P1").level == level


def test_p1_says_place_level_and_day_and_its_numbers_say_them_again() -> None:
    said = one(body_of(felt("2026-11-20", 4, "after", note="after work", kind="ache")), "P1")
    assert said.text == "Your left inner ball of the foot hurt 4 of 10 after running on 20 Nov."
    assert said.subject == "ball-inner:left:2026-11-20:warn"
    told = {"place": "ball-inner", "side": "left", "level": 4, "day": "2026-11-20", "kind": "ache"}
    assert told.items() <= said.numbers.items()
    assert "work" not in f"{said}"


def test_p1_amber_and_red_have_the_exact_restrictions() -> None:
    assert one(body_of(felt("2026-11-20", 4)), "P1").advice == (
        "Keep runs short, easy, soft and flat in a cushioned pair, no speed and no long run, and stop when "
        "it gets worse."
    )
    assert one(body_of(felt("2026-11-20", 7)), "P1").advice.startswith("Do not run, and see a clinician when")


def test_p1_tells_a_morning_that_is_worse_than_before_the_run() -> None:
    said = one(body_of(felt("2026-11-18", 0), felt("2026-11-19", 1), runs=("2026-11-18",)), "P1")
    assert said.level == WARN
    assert said.text.endswith(
        "1 of 10 on the morning of 19 Nov, more than at its best in the week before the run of 18 Nov."
    )


def test_p1_turns_red_under_a_new_identity_and_tells_the_newest_red_answer() -> None:
    said = one(body_of(felt("2026-11-10", 4), felt("2026-11-12", 8), felt("2026-11-19", 6)), "P1")
    assert (said.subject, said.happened_on) == ("ball-inner:left:2026-11-10:alarm", day("2026-11-19"))
    assert said.text.endswith("The episode began on 10 Nov. Its worst was 8 of 10 on 12 Nov.")


@pytest.mark.parametrize(
    ("morning", "words"),
    [
        ((felt("2026-11-19", 0),), "hurt 2 of 10 after running on 18 Nov and was gone the next morning."),
        ((), "18 Nov; how it was the next morning is not known."),
        ((felt("2026-11-19", 0, signs=("painkiller",), **BALL),), "2 of 10 after running on 18 Nov."),
    ],
)
def test_p1_calls_mild_pain_gone_by_morning_only_where_that_was_answered(
    morning: tuple[CheckIn, ...], words: str
) -> None:
    said = one(body_of(felt("2026-11-18", 2, "after"), *morning, runs=("2026-11-18",)), "P1")
    assert (said.level, said.subject) == (NOTE, "ball-inner:left:2026-11-18")
    assert said.text.endswith(words)


@pytest.mark.parametrize(
    "beside",
    [
        {"check_ins": (felt("2026-11-10", 4), felt("2026-11-20", 3, **KNEE))},
        {
            "check_ins": (felt("2026-11-20", 3, **KNEE),),
            "plans": (Plan(day("2026-10-01"), day("2026-11-01"), "break"),),
        },
    ],
)
def test_new_pain_in_another_place_during_amber_or_a_comeback_asks_to_hold(beside: dict[str, Any]) -> None:
    knee = next(x for x in pains(facts(body=Body(**beside)), "P1") if x.numbers["place"] == "knee")
    assert knee.advice.startswith("Hold: rest until a morning has told how every place feels")


def test_beside_red_pain_no_other_place_allows_a_run() -> None:
    f = body_of(felt("2026-11-19", 8), felt("2026-11-20", 3, **KNEE), felt("2026-11-20", 1, **KNEE))
    assert [x.advice for x in pains(f) if "un" in x.advice and not x.advice.startswith("Do not run")] == []


# P2


def test_p2_notes_one_sore_morning_and_warns_of_the_second_of_three_runs() -> None:
    runs = ("2026-11-14", "2026-11-16", "2026-11-18")
    first, last = felt("2026-11-15", 1), felt("2026-11-19", 2)
    noted = one(body_of(first, runs=runs[:1], today="2026-11-15"), "P2")
    assert (noted.level, noted.subject) == (NOTE, "ball-inner:left:2026-11-15")
    said = one(body_of(first, last, runs=runs), "P2")
    assert (said.level, said.subject) == (WARN, "ball-inner:left:2026-11-19:warn")
    assert said.text == (
        "Your left inner ball of the foot was sore the morning after 2 of your last 3 days with a run: "
        "15 Nov and 19 Nov, 2 of 10 on the last."
    )


# P3


@pytest.mark.parametrize(
    ("answer", "flag"),
    [
        (felt("2026-11-20", 1, "night"), "night"),
        (felt("2026-11-20", 1, "rest"), "rest"),
        *(
            (felt("2026-11-20", 0, signs=(sign,)), sign)
            for sign in SIGNS
            if sign not in ("limp", "painkiller")
        ),
    ],
)
def test_every_red_flag_is_an_alarm_that_sends_to_a_clinician_now(answer: CheckIn, flag: str) -> None:
    said = one(body_of(answer), "P3")
    assert (said.level, said.numbers["flag"], said.happened_on) == (ALARM, flag, day("2026-11-20"))
    assert said.advice == "Do not run, and see a clinician now."
    assert said.text.startswith("Red flag: ")


def test_two_flags_of_one_answer_are_two_alarms() -> None:
    both = felt("2026-11-20", 3, "night", signs=("swelling", "toe"))
    assert {x.numbers["flag"] for x in pains(body_of(both), "P3")} == {"night", "swelling", "toe"}


def test_a_flag_of_another_day_is_told_anew_and_stands_in_place_of_the_older() -> None:
    first, again = felt("2026-11-18", 3, "night"), felt("2026-11-20", 3, "night")
    before = one(body_of(first, today="2026-11-18"), "P3")
    after = one(body_of(first, again), "P3")
    assert before.subject != after.subject
    assert after.happened_on == day("2026-11-20")


@pytest.mark.parametrize("said_at", [at("2026-11-05", "20:00"), at("2026-11-06", "06:00")])
def test_a_flag_after_the_runner_said_that_it_is_over_is_told(said_at: datetime) -> None:
    later = felt(said_at.date(), 2, "night", said_at=said_at)
    f = body_of(felt("2026-11-02", 4), later, said_over=(OVER,), today="2026-11-06")
    assert one(f, "P3").happened_on == said_at.date()
    assert pains(body_of(felt("2026-11-02", 4), said_over=(OVER,), today="2026-11-06")) == []


def test_worse_despite_rest_says_what_it_was_worked_out_of() -> None:
    f = body_of(felt("2026-11-15", 3), felt("2026-11-19", 5))
    said = one(f, "P3")
    assert said.text == (
        "Red flag: worse although you rest, your left inner ball of the foot, on 19 Nov (5 of 10). "
        "It was 3 of 10 on 15 Nov, and no run between them has come in."
    )
    assert of_answers(f) == [], "runs that have not come in yet could have been between"


@pytest.mark.parametrize(
    ("today", "level", "subject"),
    [
        ("2026-11-08", None, None),
        ("2026-11-09", WARN, "ball-inner:left:2026-11-02:day-7"),
        ("2026-11-11", WARN, "ball-inner:left:2026-11-02:day-7"),
        ("2026-11-12", ALARM, "ball-inner:left:2026-11-02:day-10"),
        ("2026-11-16", ALARM, "ball-inner:left:2026-11-02:day-14"),
    ],
)
def test_what_is_still_there_is_told_on_days_7_10_and_14(
    today: str, level: str | None, subject: str | None
) -> None:
    found = pains(body_of(felt("2026-11-02", 4), today=today), "P3")
    assert [(x.level, x.subject) for x in found] == ([(level, subject)] if level else [])
    assert all("You said 4 of 10 on 2 Nov and have not said that it is gone." in x.text for x in found)
    assert [x for x in found if x.level == ALARM and not x.advice.startswith("See a clinician")] == []


def test_beside_a_red_flag_neither_the_level_nor_day_7_lets_the_clinician_wait() -> None:
    found = pains(body_of(felt("2026-11-13", 7, "night"), today="2026-11-20"))
    assert [f.rule for f in found] == ["P1", "P3", "P3"]
    assert {f.advice for f in found} == {"Do not run, and see a clinician now."}


def test_a_painless_answer_before_day_7_holds_it_back_and_a_painkiller_does_not() -> None:
    pain, well = felt("2026-11-02", 4), felt("2026-11-06", 0)
    assert pains(body_of(pain, well, today="2026-11-12"), "P3") == []
    masked = replace(well, signs=("painkiller",))
    assert pains(body_of(pain, masked, today="2026-11-12"), "P3")


def test_pain_that_is_back_after_day_10_is_told_as_day_10() -> None:
    answers = felt("2026-11-02", 4), felt("2026-11-06", 0), felt("2026-11-13", 3)
    assert one(body_of(*answers, today="2026-11-13"), "P3").subject.endswith("day-10")


def test_day_10_stands_to_the_end_of_the_episode_and_says_what_is_newest() -> None:
    said = one(body_of(felt("2026-11-02", 4), felt("2026-11-13", 0), today="2026-11-20"), "P3")
    assert said.subject.endswith("day-10")
    assert said.text.endswith("Your newest answer, of 13 Nov, was painless.")


answers = st.builds(
    felt,
    st.dates(date(2026, 10, 20), date(2026, 11, 20)),
    st.integers(0, 10),
    st.sampled_from(["during", "after", "morning", "rest", "night"]),
    kind=st.sampled_from([None, "sharp", "numb"]),
    signs=st.lists(st.sampled_from(list(SIGNS)), max_size=3, unique=True).map(tuple),
    note=st.just("s3cret"),
    place=st.sampled_from(["ball-inner", "knee", "other"]),
    side=st.sampled_from(["left", "both"]),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(answers, max_size=8), st.lists(st.integers(20, 31), max_size=5))
def test_whatever_hurts_is_said_with_one_sentence_of_advice_and_no_note(
    said: list[CheckIn], run_on: list[int]
) -> None:
    f = body_of(*said, runs=tuple(f"2026-10-{n}" for n in run_on))
    found = pains(f)
    assert len({(x.rule, x.subject) for x in found}) == len(found)
    for x in found:
        assert re.fullmatch(r"[A-Z][^.!?]*\.", x.advice)
        assert not any(word in f"{x.text} {x.advice}".lower() for word in NEVER)
        assert "s3cret" not in f"{x}"
        assert {"place", "side", "level", "day"} <= set(x.numbers)
    levels = {x.level for x in found if x.level != NOTE}
    assert (ALARM in levels) or standing(f) != ALARM
    assert bool(levels) == (standing(f) is not None)


# When it is told

zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Australia/Lord_Howe", "Asia/Kolkata"]
)
moments = st.one_of(
    st.floats(0, 365).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)),
    st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 10, 31), date(2026, 4, 4)]).flatmap(
        lambda on: st.integers(0, 48 * 60).map(
            lambda minutes: datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=minutes)
        )
    ),
)


@settings(max_examples=100, deadline=None)
@given(moments, zones, st.none() | st.times(), st.none() | st.times())
@example(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin", time(22), time(21, 59))
def test_a_red_flag_waits_at_most_until_the_next_seven_in_the_morning(
    now: datetime, zone: str, quiet_from: time | None, quiet_until: time | None
) -> None:
    due = told_at(now, zone, quiet_from, quiet_until)
    here = now.astimezone(ZoneInfo(zone))
    seven = datetime.combine(here.date(), time(7), here.tzinfo)
    if seven.astimezone(UTC) <= now:
        seven = datetime.combine(here.date() + timedelta(days=1), time(7), here.tzinfo)
    assert now <= due <= seven.astimezone(UTC) == next_morning(now, zone)
    if time(7) <= here.time() < time(22) or quiet_from is None:
        assert due == now


# What holds for all


def test_every_rule_is_watched_in_words() -> None:
    assert set(WATCHES) == {rule.id for rule in RULES} == set(RULE_BY_ID)


def test_a_past_day_knows_only_what_had_been_said_by_then() -> None:
    plan = Plan(day("2026-11-03"), day("2026-11-04"), "pain", gate_on=day("2026-11-10"))
    f = body_of(felt("2026-11-02", 4), felt("2026-11-12", 8), plans=(plan,), said_over=(OVER,))
    then = as_of(f, day("2026-11-04"), f.limits).body
    assert [a.level for a in then.check_ins] == [4]
    assert (then.said_over, then.plans[0].gate_on) == ((), None)
    assert as_of(f, day("2026-11-01"), f.limits).body.plans == ()


def test_a_painless_answer_on_day_10_does_not_bring_day_7_back() -> None:
    sore = [felt("2026-11-02", 4), felt("2026-11-09", 3)]
    begun = one(body_of(*sore, today="2026-11-12"), "P3")
    answered = one(body_of(*sore, felt("2026-11-12", 0, "after"), today="2026-11-12"), "P3")
    assert begun.subject == answered.subject
    assert answered.subject.endswith("day-10")
