"""What a rule is: its name, its evidence, where its findings go, and the check itself."""

from collections.abc import Callable
from dataclasses import dataclass

from midsole.domain.facts import Facts, Finding

PUSH, WEEKLY, SHOWN = "push", "weekly", "shown"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of RULES.md.

    `grade` is A-D, X (evidence against using it as an alarm) or "-"; `advice` is the rule in one generic
    sentence; `news_days` is how long after `happened_on` a finding is news (None: no end)."""

    id: str
    name: str
    grade: str
    source: str
    advice: str
    news_days: int | None
    goes_to: str
    check: Callable[[Facts], list[Finding]]


def shown_only(_facts: Facts) -> list[Finding]:
    """For rules that are values on the page and never a finding."""
    return []
