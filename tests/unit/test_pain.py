"""Episodes: when pain opens one, what it is, and when it is over."""

from datetime import date, timedelta
from typing import Any

from build import day, facts, run
from midsole.domain.checkins import Body, CheckIn
from midsole.domain.facts import ALARM, WARN, Facts
from midsole.domain.pain import episodes, is_painless_run, standing

BALL = {"place": "ball-inner", "side": "left"}


def felt(on: str | date, level: int, moment: str = "morning", **more: Any) -> CheckIn:
    where = {} if level == 0 and not more.get("signs") else BALL
    return CheckIn(day(on), moment, level, **(where | more))


def body_of(*answers: CheckIn, runs: tuple[str, ...] = (), today: str = "2026-11-20", **more: Any) -> Facts:
    return facts([run(on, 5) for on in runs], today=today, body=Body(check_ins=answers, **more))


def test_a_three_opens_an_episode_and_a_two_does_not() -> None:
    assert episodes(body_of(felt("2026-11-02", 2))) == ()
    (found,) = episodes(body_of(felt("2026-11-02", 2), felt("2026-11-04", 3)))
    assert (found.opened_on, found.onset_on) == (day("2026-11-04"), day("2026-11-02"))
    assert found.level == WARN


def test_any_red_flag_opens_a_red_episode() -> None:
    assert standing(body_of(felt("2026-11-19", 1, "night"))) == ALARM
    assert standing(body_of(felt("2026-11-19", 0, signs=("swelling",)))) == ALARM
    assert standing(body_of(felt("2026-11-19", 6))) == ALARM
    assert standing(body_of(felt("2026-11-19", 5))) == WARN


def test_the_second_sore_morning_of_three_runs_opens_one() -> None:
    sore = felt("2026-11-03", 2), felt("2026-11-05", 2)
    runs = "2026-11-02", "2026-11-04"
    (found,) = episodes(body_of(*sore, runs=runs))
    assert (found.opened_on, found.level) == (day("2026-11-05"), WARN)
    assert episodes(body_of(sore[0], runs=runs)) == ()


def test_a_morning_worse_than_before_the_run_opens_one() -> None:
    fine, sore = felt("2026-11-02", 0), felt("2026-11-03", 1)
    assert standing(body_of(fine, sore, runs=("2026-11-02",)), day("2026-11-03")) == WARN
    assert standing(body_of(sore, runs=("2026-11-02",)), day("2026-11-03")) is None


def test_fourteen_painless_days_with_five_answers_end_it() -> None:
    answers = [felt("2026-11-01", 4), *(felt(day("2026-11-02") + timedelta(days=n), 0) for n in range(5))]
    (found,) = episodes(body_of(*answers))
    assert (found.ended_on, found.ended_how) == (day("2026-11-15"), "painless")
    (still,) = episodes(body_of(*answers[:5]))
    assert still.ended_on is None


def test_a_painkiller_day_is_no_painless_day() -> None:
    drugged = [felt(f"2026-11-{n:02}", 0, signs=("painkiller",)) for n in range(2, 7)]
    (found,) = episodes(body_of(felt("2026-11-01", 4), *drugged))
    assert found.ended_on is None


def test_no_answer_is_no_painless_run() -> None:
    after, morning = felt("2026-11-02", 0, "after"), felt("2026-11-03", 0)
    assert is_painless_run(Body(check_ins=(after, morning)), day("2026-11-02"))
    assert not is_painless_run(Body(check_ins=(after,)), day("2026-11-02"))
    assert not is_painless_run(Body(check_ins=(morning,)), day("2026-11-02"))


def test_answers_between_two_days_are_those_of_both_and_of_all_between_in_any_order() -> None:
    days = [date(2026, 11, n) for n in (9, 3, 7, 1, 7)]
    body = Body(check_ins=tuple(CheckIn(day, "after", 0, id=n) for n, day in enumerate(days)))
    assert [a.id for a in body.between(date(2026, 11, 3), date(2026, 11, 7))] == [1, 2, 4]
    assert body.between(date(2026, 11, 4), date(2026, 11, 6)) == []
