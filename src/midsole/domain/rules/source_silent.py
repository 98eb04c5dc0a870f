"""W1: a source that could not be looked at, or a watch that seems not to sync any more."""

from datetime import date, datetime, timedelta

from midsole.domain.facts import WARN, Facts, Finding, SourceHealth
from midsole.domain.load import is_paused
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.units import short_day


def check(facts: Facts) -> list[Finding]:
    """Silent sources; else, once, that no run has come for days. A pause silences both."""
    if is_paused(facts, facts.today):
        return []
    silent = [_no_look(facts, source) for source in facts.sources if _is_silent(facts, source)]
    return silent or _no_runs(facts)


def _since(source: SourceHealth) -> datetime:
    return source.last_success_at or source.created_at


def _is_silent(facts: Facts, source: SourceHealth) -> bool:
    return facts.now - _since(source) > timedelta(hours=facts.limits.silent_look_h)


def _no_look(facts: Facts, source: SourceHealth) -> Finding:
    hours = int((facts.now - _since(source)).total_seconds() // 3600)
    error = f" ({source.error.rstrip('.')})" if source.error else ""
    known_until = timedelta(hours=facts.limits.silent_look_h)
    return Finding(
        rule=RULE.id,
        level=WARN,
        subject=f"{source.connection_id}:look",
        happened_on=(_since(source) + known_until).date(),
        text=f"{source.name} could not be looked at for {hours} hours{error}; newer runs are not known.",
        advice="See what midsole status says about it, and mend the connection.",
        numbers={"connection": source.connection_id, "source": source.name, "hours": hours},
    )


def _no_runs(facts: Facts) -> list[Finding]:
    """Said for the oldest connection only: the runner has one body, however many sources.

    Nobody waits for a run of the days before that connection was made, or of days that were paused."""
    ready = [s for s in facts.sources if s.first_look_done]
    last, limit = facts.last_run_on, facts.limits.silent_runs_days
    if not ready or last is None:
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
            numbers={"connection": source.connection_id, "source": source.name, "days": days},
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
