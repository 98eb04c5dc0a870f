"""One file per rule; RULES is the only list of them."""

from midsole.domain.facts import Facts, Finding
from midsole.domain.rules import (
    c1_cadence,
    d1_steps,
    key_expires,
    l0_cap,
    l1_session,
    l2_week,
    l3_stressors,
    l4_ratios,
    l5_comeback,
    l6_novice,
    login_needed,
    p1_level,
    p2_morning,
    p3_red_flags,
    p4_pair,
    q1_impossible,
    s1_worn,
    s2_one_pair,
    s3_new_pair,
    s4_unassigned,
    s5_insert,
    source_silent,
)
from midsole.domain.rules.base import Rule

RULES: tuple[Rule, ...] = (
    l0_cap.RULE,
    l1_session.RULE,
    l2_week.RULE,
    l3_stressors.RULE,
    l4_ratios.RULE,
    l5_comeback.RULE,
    l6_novice.RULE,
    c1_cadence.RULE,
    d1_steps.RULE,
    s1_worn.RULE,
    s2_one_pair.RULE,
    s3_new_pair.RULE,
    s4_unassigned.RULE,
    s5_insert.RULE,
    p1_level.RULE,
    p2_morning.RULE,
    p3_red_flags.RULE,
    p4_pair.RULE,
    q1_impossible.RULE,
    source_silent.RULE,
    login_needed.RULE,
    key_expires.RULE,
)
RULE_BY_ID = {rule.id: rule for rule in RULES}


def evaluate(facts: Facts) -> list[Finding]:
    """Every finding that is true now, in the order of RULES and then of time; pure."""
    return [finding for rule in RULES for finding in rule.check(facts)]


__all__ = ["RULES", "RULE_BY_ID", "Rule", "evaluate"]
