"""W1: a source that could not be looked at, or a watch that seems not to sync any more."""

from datetime import date, datetime, timedelta

from midsole.domain.connection import ACCOUNTS, LOGIN_NEEDED, RATE_LIMITED, WITH_RUNNER, awaited, label
from midsole.domain.facts import ALARM, WARN, Facts, Finding, SourceHealth
from midsole.domain.load import is_paused
from midsole.domain.pain import standing
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.units import short_day


def check(facts: Facts) -> list[Finding]:
    """Silent sources; else, once, that no run has come for days. A pause silences both.

    Those that wait for the runner are W2's, or were never connected."""
    if is_paused(facts, facts.today):
        return []
    looked_at = [source for source in facts.sources if source.state not in WITH_RUNNER]
    silent = [_no_look(facts, source) for source in looked_at if _is_silent(facts, source)]
    cause_is_known = silent or any(s.state == LOGIN_NEEDED for s in awaited(facts.sources))
    return silent if cause_is_known else _no_runs(facts, looked_at)


def _since(source: SourceHealth) -> datetime:
    """Nobody waits for a look at what was not connected, the time before a new log-in included."""
    known = (source.last_success_at or source.created_at, source.connected_at or source.created_at)
    return max(known)


def _is_silent(facts: Facts, source: SourceHealth) -> bool:
    return facts.now - _since(source) > timedelta(hours=facts.limits.silent_look_h)


def _no_look(facts: Facts, source: SourceHealth) -> Finding:
    hours = int((facts.now - _since(source)).total_seconds() // 3600)
    name = label(source.kind, source.name)
    unknown = "newer runs are" if source in awaited(facts.sources) else "what is newer there is"
    known_until = timedelta(hours=facts.limits.silent_look_h)
    return Finding(
        rule=RULE.id,
        level=WARN,
        subject=f"{source.connection_id}:look",
        happened_on=(_since(source) + known_until).date(),
        text=f"{name} could not be looked at for {hours} hours{_why(source)}; {unknown} not known.",
        advice=_advice(source),
        numbers={"connection": source.connection_id, "source": name, "hours": hours},
    )


def _why(source: SourceHealth) -> str:
    limited = ["it wants fewer requests"] if source.state == RATE_LIMITED else []
    reasons = limited + ([source.error.rstrip(".")] if source.error else [])
    return f" ({': '.join(reasons)})" if reasons else ""


def _advice(source: SourceHealth) -> str:
    if source.kind in ACCOUNTS:
        return "See what midsole status says about it; Midsole goes on trying by itself."
    return "See what midsole status says about it, and mend the connection."


def _no_runs(facts: Facts, looked_at: list[SourceHealth]) -> list[Finding]:
    """Said for the oldest connection only: the runner has one body, however many sources.

    Nobody waits for a run of the days before that connection was made, or of days that were paused."""
    ready = [s for s in looked_at if s.first_look_done]
    last, limit = facts.last_run_on, facts.limits.silent_runs_days
    if not ready or last is None or standing(facts) == ALARM:  # who must not run is not asked for runs
        return []
    source = min(ready, key=lambda s: s.connection_id)
    since = max([last, source.created_at.date(), *_pauses_over(facts)])
    if (facts.today - since).days <= limit:
        return []
    days = (facts.today - last).days
    return [
        Finding(
            rule=RULE.id,
            level=WARN,
            subject=f"{source.connection_id}:runs",
            happened_on=since + timedelta(days=limit + 1),
            text=f"No run has come for {days} days (last: {short_day(last)}): is the watch still syncing?",
            advice="Sync the watch, or tell Midsole of the break with midsole pause.",
            numbers={
                "connection": source.connection_id,
                "source": label(source.kind, source.name),
                "days": days,
            },
        )
    ]


def _pauses_over(facts: Facts) -> list[date]:
    return [p.until_date for p in facts.pauses if p.until_date and p.until_date < facts.today]


RULE = Rule(
    id="W1",
    name="source silent",
    grade="-",
    source="Plumbing: without new files nothing else here can be right.",
    advice="Look whether the watch still syncs and the source can be reached.",
    news_days=None,
    goes_to=PUSH,
    check=check,
)
