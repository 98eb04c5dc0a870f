"""C1: cadence against the runner's own at like pace, a suggestion only while the forefoot hurts."""

from datetime import date, timedelta

import pytest

from build import TODAY, facts, run
from midsole.domain.cadence import cadences, last_cadences, low_runs
from midsole.domain.checkins import Body, CheckIn, RunWalk
from midsole.domain.facts import NOTE, WARN
from midsole.domain.letter import PAIN_FOOTER, footer
from midsole.domain.rules import evaluate


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def jog(days_ago, spm=170.0, *, min_per_km=6.0, km=8, **more):
    return run(ago(days_ago), km, minutes=km * min_per_km, cadence_spm=spm, **more)


USUAL = [jog(days) for days in range(24, 10, -2)]
"""Seven runs."""


def lately(*spms, **more):
    """The last runs, one every other day up to today."""
    return [jog(2 * n, spm, **more) for n, spm in enumerate(reversed(spms))][::-1]


def c1(runs, **more):
    return [f for f in evaluate(facts(runs, **more)) if f.rule == "C1"]


def hurting(place="ball-middle", level=4):
    return Body(check_ins=(CheckIn(ago(1), "after", level, place, "left"),))


def test_three_of_the_last_five_runs_5_percent_lower_are_a_note_with_their_numbers():
    (said,) = c1([*USUAL, *lately(170, 161, 171, 160, 159)])
    assert (said.level, said.happened_on, said.weekly_only) == (NOTE, TODAY, True)
    assert "(160 against 170; 14 Nov, 18 Nov and 20 Nov; a run counts with its mean)" in said.text
    assert "In 3 of your last 5 runs" in said.text
    assert "gait" in said.advice
    assert "overstriding" in said.advice
    assert "downhill" in said.advice
    assert "pain" not in said.text + said.advice


def test_two_low_runs_or_a_hair_less_than_5_percent_say_nothing():
    assert c1([*USUAL, *lately(170, 170, 171, 160, 159)]) == []
    assert c1([*USUAL, *lately(*[161.6] * 5)]) == []
    assert c1([*USUAL, *lately(170, 170, *[161.5] * 3)]) != []


def test_a_slower_run_is_compared_with_slow_ones_only():
    slow = lately(*[155.0] * 5, min_per_km=7.0)
    assert c1([*USUAL, *slow]) == []
    assert [c.own_spm for c in last_cadences(facts([*USUAL, *slow]))] == [None] * 5
    also_slow = [jog(days, 156, min_per_km=7.2) for days in range(23, 9, -2)]
    assert c1([*USUAL, *also_slow, *slow]) == []
    assert last_cadences(facts([*USUAL, *also_slow, *slow]))[-1].own_spm == 156


def test_fewer_than_five_runs_at_like_pace_are_not_enough():
    assert c1([*USUAL[:2], *lately(*[150.0] * 5)]) == []


@pytest.mark.parametrize(
    "odd",
    [{"surface": "treadmill"}, {"surface": "virtual"}, {"cadence_spm": 82.0}, {"cadence_spm": None}],
)
def test_runs_of_an_unsure_pace_or_cadence_are_left_out(odd):
    strange = [run(ago(n), 8, **{"cadence_spm": 150.0, **odd}) for n in (9, 7, 5, 3, 1)]
    assert c1([*USUAL, *strange]) == []
    assert last_cadences(facts([*USUAL, *strange]))[-1].on == USUAL[-1].local_date


def test_a_run_with_walks_in_between_is_left_out():
    runs = [*USUAL, *lately(*[150.0] * 5)]
    walked = {a.id: RunWalk(600, 300, 10, 60) for a in runs[-5:]}
    assert c1(runs, body=Body(run_walks=walked)) == []
    assert c1(runs, body=Body(run_walks={a.id: RunWalk(2_880, 0, 1, 2_880) for a in runs[-5:]}))


def test_runs_of_a_month_ago_are_no_news():
    old = [jog(days + 30) for days in range(24, 10, -2)]
    low = [jog(30 + n, 150) for n in range(0, 10, 2)]
    assert c1([*old, *low]) == []


def test_while_the_forefoot_is_amber_5_percent_more_of_ones_own_is_suggested():
    (said,) = c1([*USUAL, *lately(170, 170, 160, 160, 160)], body=hurting())
    assert said.level == WARN
    assert "168 steps a minute" in said.advice
    assert "5 % more than your 160" in said.advice
    assert "170-180" not in said.text + said.advice
    assert PAIN_FOOTER in footer([said])


@pytest.mark.parametrize("body", [hurting("knee"), hurting("heel"), hurting(level=8), hurting(level=2)])
def test_elsewhere_or_red_or_closed_it_stays_a_note(body):
    (said,) = c1([*USUAL, *lately(170, 170, 160, 160, 160)], body=body)
    assert said.level == NOTE


def test_a_drop_that_lasts_becomes_ones_own():
    lasting = [jog(days, 160) for days in range(40, -1, -2)]
    assert c1([*(jog(days) for days in range(60, 40, -2)), *lasting]) == []
    assert low_runs(cadences(facts(lasting), ago(30))) == []
