"""W2: an account that lets Midsole in no more, until the runner logs in again."""

from midsole.domain.connection import GARMIN_PERSONAL, LOGIN_NEEDED, label, mend
from midsole.domain.facts import WARN, Facts, Finding, SourceHealth
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.units import short_day


def check(facts: Facts) -> list[Finding]:
    """One for each such connection, in a pause too: what is not read then may be gone later."""
    return [_finding(source) for source in facts.sources if source.state == LOGIN_NEEDED]


def _finding(source: SourceHealth) -> Finding:
    name = label(source.kind, source.name)
    since = source.last_success_at or source.created_at
    return Finding(
        rule=RULE.id,
        level=WARN,
        subject=f"{source.connection_id}:log-in",
        happened_on=since.date(),
        text=f"{name} {_wants(source)}. {_why(source)}{_known(source)}",
        advice=mend(source.kind),
        numbers={"connection": source.connection_id, "source": name, "kind": "log-in"},
    )


def _wants(source: SourceHealth) -> str:
    return "wants a new key" if source.kind == GARMIN_PERSONAL else "wants you to log in again"


def _why(source: SourceHealth) -> str:
    return f"{source.error.rstrip('.')}. " if source.error else ""


def _known(source: SourceHealth) -> str:
    if source.last_success_at is None:
        return "Nothing has come from it yet."
    return f"Nothing that came there after {short_day(source.last_success_at.date())} is known here."


RULE = Rule(
    id="W2",
    name="log in again",
    grade="-",
    source="Plumbing: only you have the password, and Midsole does not keep it.",
    advice="Connect the account again, and what is missing comes in by itself.",
    news_days=None,
    goes_to=PUSH,
    check=check,
)
