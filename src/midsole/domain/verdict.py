"""The verdict of this moment: the weekly mail's levels and words, said of the week that runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from midsole.domain import digest
from midsole.domain.alerts import LIVE, AlertState, severity
from midsole.domain.caps import Cap
from midsole.domain.connection import awaited, label
from midsole.domain.facts import Facts, Finding
from midsole.domain.letter import (
    EVIDENCE_NOTE,
    NO_VERDICT,
    WATCH,
    evidence,
    highest_per_pair,
    plain,
    short_words,
)
from midsole.domain.load import Week, is_paused
from midsole.domain.sections import Past, compared
from midsole.domain.units import distance_down
from midsole.domain.weeks import WEEK, week_start

_OF_A_RUN = ("L1", "Q1", "P1", "P2")
_ELSEWHERE = frozenset({"S4", "W1", "W2", "W3"})
"""Said by the lists of the page itself: runs that wait for a shoe, and the sources."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`tone` is no-verdict, warning, watch or steady; `rule` is the one that spoke, if one did.

    All that is said holds as of the last sync that worked; None: there was none."""

    tone: str
    sentence: str
    why: str
    do_this: str
    rule: str | None
    as_of: datetime | None
    note: str = ""


def verdict(
    facts: Facts,
    alerts: Sequence[AlertState],
    findings: Sequence[Finding],
    weeks: Sequence[Week],
    cap: Cap,
) -> Verdict:
    """`weeks` end with the one that runs, `cap` is today's."""
    w = _now(facts, alerts, findings, weeks, cap)
    tone = digest.verdict_of(w)
    top = digest.top_of(w, tone)
    return Verdict(
        tone=tone,
        sentence=_sentence(w, tone, top),
        why=_why(w, top),
        do_this=_do_this(w, top),
        rule=top.rule if top else None,
        as_of=as_of(facts),
        note=EVIDENCE_NOTE if top and top.rule == "L2" else "",
    )


def _now(
    facts: Facts, alerts: Sequence[AlertState], findings: Sequence[Finding], weeks: Sequence[Week], cap: Cap
) -> Past:
    """The running week as the weekly mail will see it, with the runs of the last seven days."""
    start = week_start(facts.today, facts.first_weekday)
    known = {(a.rule, a.subject): a for a in alerts if a.state in LIVE}
    mine = [
        f
        for f in highest_per_pair(findings)
        if _belongs(f, facts) and not digest.was_said(f, known.get((f.rule, f.subject)), facts.now, start)
    ]
    return Past(
        facts=facts,
        start=start,
        weeks=tuple(weeks),
        cap=cap,
        findings=tuple(sorted(mine, key=severity)),
        ids={identity: a.id for identity, a in known.items()},
        stale=digest.is_stale(facts, findings),
    )


def _belongs(finding: Finding, facts: Facts) -> bool:
    if finding.rule in ("L2", "L3"):
        return finding.subject == week_start(facts.today, facts.first_weekday).isoformat()
    if digest.is_standing_pain(finding):
        return True
    if finding.rule == "L5":
        return finding.happened_on > facts.today - 2 * WEEK
    if finding.rule in _OF_A_RUN:
        return finding.happened_on > facts.today - WEEK
    return finding.rule not in _ELSEWHERE


def as_of(facts: Facts) -> datetime | None:
    """Up to then all is known that the connections have; None: nothing was synced."""
    synced = [s.last_success_at for s in awaited(facts.sources) if s.last_success_at is not None]
    return min(synced, default=None)


def _sentence(w: Past, tone: str, top: Finding | None) -> str:
    if tone == NO_VERDICT:
        return f"No verdict: {digest.unknown(w) if w.stale else 'your usual week is not known yet'}."
    if top is None:
        begins = "Watch" if tone == WATCH else "Steady"
        usual = f", your usual is {w.km(w.week.usual_m)}" if w.week.usual_m else ""
        return f"{begins}: {_so_far(w)}{usual}."
    begins = "Watch" if tone == WATCH else digest.warning_words(top)
    so_far = digest.ramp(w).replace(",", " so far this week,", 1)
    said = so_far if top.rule == "L2" else short_words(top, w.facts.units)
    return f"{begins}: {said}."


def _so_far(w: Past) -> str:
    return f"{w.km(w.week.distance_m)} so far this week" if w.week.runs else "no run yet this week"


def _why(w: Past, top: Finding | None) -> str:
    if top is not None:
        missing = " Runs may be missing here." if w.stale else ""
        return f"{top.text} Evidence: {evidence(top.rule)}.{missing}"
    if w.stale:
        return "Runs may be missing here, so nothing is called fine."
    held = f" The cap is held: {plain(w.cap.because)}." if w.cap.held_by else ""
    if w.week.usual_m is None:
        reasons = [m.split(": ", 1)[-1] for m in w.week.missing if m.startswith("usual_m")]
        return f"A week is judged against your usual one: {'; '.join(reasons)}.{held}"
    if not w.week.runs:
        return f"No run of the last seven days went past a limit.{held}"
    return f"That is {compared(w)} so far, and no run went past a limit.{held}"


def _do_this(w: Past, top: Finding | None) -> str:
    if top is not None and top.rule not in ("L1", "L2"):
        return top.advice
    if top is None and w.stale:
        return _read_again(w)
    if w.no_run:
        return limits_said(w.cap, w.facts.units)
    if is_paused(w.facts, w.facts.today):
        return "Take the break you planned; when it is over, begin short."
    return limits_said(w.cap, w.facts.units)


def _read_again(w: Past) -> str:
    account = digest.shut(w.facts)
    if account is not None:
        return (
            f"Connect {label(account.kind, account.name)} again; until the runs are in, no cap here is sure."
        )
    if not w.facts.sources:
        return "Bring in your runs; until they are here, no cap is sure."
    return "Sync the watch and look at the sources below; until the runs are in, no cap here is sure."


def limits_said(cap: Cap, units: str) -> str:
    """ "Next run at most 14.3 km, and at most 8 km more this week."""
    if cap.next_run_m is None:
        return "Keep the first runs short and easy."
    if cap.next_run_m == 0 and cap.held_by:
        return f"Do not run for now: {plain(cap.because)}."
    if cap.week_left_m == 0:
        return "Take it off or very easy: nothing is left of this week's cap."
    said = f"Next run at most {plain(distance_down(cap.next_run_m, units))}"
    if cap.week_left_m is None:
        return f"{said}."
    return f"{said}, and at most {plain(distance_down(cap.week_left_m, units))} more this week."
