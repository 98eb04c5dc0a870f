"""What an answer about the body means at once: red flags first, and nothing that calms without a reason."""

from datetime import date, timedelta
from typing import Any

import pytest

from build import TODAY, at, facts, run
from midsole.domain import check_in_words as words
from midsole.domain.checkins import (
    AFTER,
    LIMP,
    MOMENTS,
    MORNING,
    NIGHT,
    PAINKILLER,
    PLACES,
    REST,
    SIGNS,
    Body,
    CheckIn,
    checked,
)
from midsole.domain.facts import ALARM, NOTE, WARN, Facts

HEEL = {"place": "heel", "side": "right"}
CLINICIAN_NOW = "see a clinician now"


def felt(level: int, moment: str = MORNING, on_day: date = TODAY, **more: Any) -> CheckIn:
    where = HEEL if level or set(more.get("signs", ())) - {PAINKILLER} else {}
    return checked(on_day, moment, level, **(where | more))


def facts_of(*answers: CheckIn, runs: int = 0) -> Facts:
    return facts(
        [run(TODAY - timedelta(days=n), 5) for n in range(1, runs + 1)], body=Body(check_ins=answers)
    )


FLAGS = [
    felt(1, REST),
    felt(1, NIGHT),
    *(felt(1, signs=(sign,)) for sign in SIGNS if sign not in (PAINKILLER, LIMP)),
]


@pytest.mark.parametrize("answer", FLAGS, ids=lambda a: f"{a.moment} {a.signs}")
def test_a_red_flag_is_said_first_with_a_clinician_in_the_same_breath(answer: CheckIn) -> None:
    for said in (words.of_this_answer(answer), words.what_follows(facts_of(answer), answer)):
        assert said[0].lower().count("red flag") == 1
        assert CLINICIAN_NOW in said[0]
        assert sum(CLINICIAN_NOW in sentence for sentence in said) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (felt(6), "6 of 10 is more than 5"),
        (felt(2, kind="sharp"), "Sharp pain"),
        (felt(0, signs=(LIMP,)), "Limping, or it hurts to walk"),
        (felt(8, kind="sharp", signs=(LIMP,)), "8 of 10 is more than 5, sharp pain, limping"),
    ],
)
def test_what_is_red_without_a_flag_says_why_and_not_to_run(answer: CheckIn, why: str) -> None:
    said = words.of_this_answer(answer)
    assert said[0].startswith(why)
    assert "Do not run" in said[0]


def test_the_rules_take_the_place_of_our_own_words() -> None:
    answer = felt(4)
    said = words.what_follows(facts_of(answer), answer)
    assert "hurt 4 of 10" in said[0]
    assert said[-1] == "Noted: right heel, 4 of 10."
    assert len(said) == 2


def test_a_flag_of_long_ago_is_red_by_our_own_words_where_the_rules_are_silent() -> None:
    over = felt(4, NIGHT, TODAY - timedelta(days=60))
    painless = [felt(0, MORNING, TODAY - timedelta(days=n)) for n in range(30, 59)]
    said = words.what_follows(facts_of(over, *painless), over)
    assert said[0].startswith("Pain at night: a red flag.")


def test_who_must_not_run_for_one_place_is_not_told_to_run_easily_by_another() -> None:
    red, mild = felt(4, NIGHT), felt(1, place="knee", side="left")
    said = words.what_follows(facts_of(red, mild), mild)
    assert not any("Run easily" in sentence for sentence in said)
    assert any("Run easily" in sentence for sentence in words.what_follows(facts_of(mild), mild))


def test_all_fine_is_two_words_and_a_painkiller_is_named() -> None:
    assert words.of_this_answer(felt(0)) == ("Noted: all fine.",)
    assert words.of_this_answer(felt(0, **HEEL)) == ("Noted: no pain, right heel.",)
    assert words.of_this_answer(felt(0, signs=(PAINKILLER,)))[1] == words.HIDDEN


def test_red_stays_red_after_a_milder_answer() -> None:
    night = felt(4, NIGHT, TODAY - timedelta(days=2))
    milder = felt(1)
    assert words.level_now(facts_of(milder), milder) == NOTE
    assert words.level_now(facts_of(night, milder), milder) == ALARM
    assert words.level_now(facts_of(felt(3, on_day=TODAY - timedelta(days=2)), milder), milder) == WARN


@pytest.mark.parametrize(
    ("clock", "ran", "day", "moment"),
    [
        ("2026-11-20T07:00", (1,), 0, MORNING),
        ("2026-11-20T09:30", (0, 1), 0, AFTER),
        ("2026-11-20T01:30", (1,), 1, AFTER),
        ("2026-11-20T01:30", (), 0, MORNING),
        ("2026-11-20T21:00", (1,), 0, MORNING),
    ],
)
def test_the_form_begins_with_what_is_most_likely_meant(
    clock: str, ran: tuple[int, ...], day: int, moment: str
) -> None:
    days = {TODAY - timedelta(days=n) for n in ran}
    assert words.asked_about(at(clock), days) == (TODAY - timedelta(days=day), moment)


def test_the_form_never_begins_with_a_red_flag() -> None:
    for hour in range(24):
        for ran in (set(), {TODAY}, {TODAY - timedelta(days=1)}):
            _, moment = words.asked_about(at(TODAY, f"{hour:02}:30"), ran)
            assert moment not in (REST, NIGHT)


def test_the_button_of_one_tap_names_the_day_that_is_not_today() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert words.fine_words(TODAY, MORNING, TODAY) == "All fine this morning"
    assert words.fine_words(TODAY, AFTER, TODAY) == "All fine after today's run"
    assert words.fine_words(yesterday, AFTER, TODAY) == "All fine after the run of 19 Nov"
    assert words.fine_words(yesterday, MORNING, TODAY) == "All fine on the morning of 19 Nov"


def test_every_place_moment_and_sign_can_be_said() -> None:
    for place in PLACES:
        for moment in MOMENTS:
            answer = checked(TODAY, moment, 2, place=place, side="both", signs=tuple(SIGNS), kind="numb")
            assert PLACES[place] in words.in_words(answer)
            assert words.of_this_answer(answer)


def test_what_a_note_asks_for_is_said_once() -> None:
    answer = CheckIn(TODAY, "morning", 2, "knee", "left")
    ran = run(TODAY - timedelta(days=1))
    said = " ".join(words.what_follows(facts([ran], body=Body(check_ins=(answer,))), answer))
    assert said.count("check again tomorrow morning") == 1
