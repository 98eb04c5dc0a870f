"""How far a step of the way back goes at one's own pace."""

from datetime import timedelta

from midsole.domain.checkins import Plan
from midsole.domain.facts import Facts
from midsole.domain.plan_steps import Step

EASY_M_PER_S, WALK_M_PER_S = 1000 / 360, 1.6
SPEED_DAYS = 56


def step_m(facts: Facts, plan: Plan, step: Step) -> float:
    return step.jog_s * _own_m_per_s(facts, plan) + step.walk_s * WALK_M_PER_S


def _own_m_per_s(facts: Facts, plan: Plan) -> float:
    """The mean speed of the eight weeks before the break; six minutes a kilometre where none is known."""
    first = plan.began_on - timedelta(days=SPEED_DAYS)
    runs = [a for a in facts.activities if a.is_run and first <= a.local_date < plan.began_on]
    moving_s = sum(a.moving_s for a in runs)
    return sum(a.counted_m for a in runs) / moving_s if moving_s > 0 else EASY_M_PER_S
