"""The weekly mail as data: the verdict, three first lines, then the details.

One source for both parts of a mail: what is said here is what text and HTML print, number for number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from midsole.domain.alerts import ACKNOWLEDGED, LIVE, SNOOZED, AlertState, severity
from midsole.domain.caps import cap
from midsole.domain.comeback import comeback
from midsole.domain.connection import LOGIN_NEEDED, awaited, label, mend
from midsole.domain.exercises import routine_section
from midsole.domain.facts import LEVELS, NOTE, Facts, Finding, Pause, SourceHealth
from midsole.domain.habits import habits_section
from midsole.domain.letter import (
    EVIDENCE_NOTE,
    NO_VERDICT,
    STEADY,
    WARNING,
    WATCH,
    Letter,
    Row,
    Section,
    evidence,
    footer,
    highest_per_pair,
    is_load_or_pain,
    is_of_pain,
    kind_words,
    past_day,
    plain,
    short_words,
)
from midsole.domain.load import Week, weeks
from midsole.domain.mails import AlertMail, Counts, Notice, alert_mail, notice
from midsole.domain.pain_words import feet_section
from midsole.domain.plan_words import comeback_section
from midsole.domain.rules import RULE_BY_ID
from midsole.domain.sections import (
    NOTHING,
    Past,
    also_section,
    answers_section,
    cap_section,
    compared,
    inserts_section,
    pairs_section,
    said,
    short_when_steady,
    sources_section,
    unworn_section,
    weeks_section,
    within_15_lines,
)
from midsole.domain.taps import weekly_links
from midsole.domain.units import percent, short_day
from midsole.domain.weeks import WEEK

WEEKS_SHOWN = 8

_OF_A_WEEK, _OF_A_RUN = ("L2", "L3"), ("L1", "Q1", "P1", "P2")
_SHOWN_ELSEWHERE = frozenset({"S4", "W1", "W2"})
_TITLES = {NO_VERDICT: "NO VERDICT", WARNING: "WARNING", WATCH: "WATCH", STEADY: "STEADY"}


@dataclass(frozen=True, slots=True)
class Digest(Letter):
    """The weekly mail; `verdict` is no-verdict, warning, watch or steady."""

    verdict: str = NO_VERDICT
    week_start: date = date.min


def weekly(
    facts: Facts,
    week_start: date,
    alerts: Sequence[AlertState],
    open_findings: Sequence[Finding],
    *,
    late: Sequence[str] = (),
    unread_files: int = 0,
    unread_news: int = 0,
    first_ever: bool = False,
    stale: bool | None = None,
    episodes: Mapping[tuple[str, str], int] = MappingProxyType({}),
    asked: Section = NOTHING,
) -> Digest:
    """The mail about the week that began on `week_start`; `late` are sentences of runs that arrived late.
    `unread_news` are those of the `unread_files` that came since the last weekly mail; `episodes` are the
    numbers of their pages. `facts` are of the moment of sending, or of the week's last day; `stale` None:
    by the sources."""
    w = _past(facts, week_start, alerts, open_findings, stale)
    w = replace(w, ids={**w.ids, **episodes})
    verdict = verdict_of(w)
    top = top_of(w, verdict)
    sections = [
        answers_section(w, top),
        asked,
        also_section(w, top),
        weeks_section(w, verdict),
        cap_section(w),
        comeback_section(facts, week_start),
        feet_section(facts, week_start),
        routine_section(facts, week_start),
        habits_section(facts, week_start),
        pairs_section(facts, verdict),
        inserts_section(facts, verdict),
        unworn_section(w, verdict),
        Section("Arrived late", tuple(Row(sentence) for sentence in late)),
        sources_section(facts, unread_files, unread_news),
        Section("About these warnings", (Row(EVIDENCE_NOTE),) if first_ever else (), inline=True),
    ]
    shown = [short_when_steady(s, verdict) for s in sections if s.rows]
    below = footer(w.findings, shown)
    return Digest(
        subject=_subject(w, verdict, top),
        tone=verdict,
        headline=_headline(w, verdict),
        why=_why(w, top),
        do_this=_do_this(w, top),
        sections=within_15_lines(shown, verdict),
        footer=(" ".join(below),) if verdict == STEADY else below,
        links=weekly_links(),
        verdict=verdict,
        week_start=week_start,
    )


def _past(
    facts: Facts, start: date, alerts: Sequence[AlertState], findings: Sequence[Finding], stale: bool | None
) -> Past:
    known = {(a.rule, a.subject): a for a in alerts if a.state in LIVE}
    mine = [
        f
        for f in highest_per_pair(findings)
        if _belongs(f, start) and not was_said(f, known.get((f.rule, f.subject)), facts.now, start)
    ]
    return Past(
        facts=facts,
        start=start,
        weeks=_weeks_until(facts, start),
        cap=cap(facts, max(start + WEEK, facts.today)),  # also of a mail that is made late
        findings=tuple(sorted(mine, key=severity)),
        ids={identity: a.id for identity, a in known.items()},
        stale=is_stale(facts, findings) if stale is None else stale,
    )


def _weeks_until(facts: Facts, start: date) -> tuple[Week, ...]:
    later = max(0, (facts.today - start).days // 7)
    known_from = facts.history_from or start
    shown = (w for w in weeks(facts, WEEKS_SHOWN + later) if w.week_start <= start)
    return tuple(w for w in shown if w.week_start + WEEK > known_from or w.week_start == start)


def _belongs(finding: Finding, start: date) -> bool:
    if finding.rule in _OF_A_WEEK:
        return finding.subject == start.isoformat()
    if is_standing_pain(finding):
        return True
    if finding.rule == "L5":  # its first seven days; later the plan and the cap speak
        return start - WEEK < finding.happened_on
    if finding.rule in _OF_A_RUN:
        return start <= finding.happened_on < start + WEEK
    return finding.rule in RULE_BY_ID and finding.rule not in _SHOWN_ELSEWHERE


def is_standing_pain(finding: Finding) -> bool:
    """Of an episode that is open: it is said as long as it is, also when its alert was acknowledged."""
    return is_of_pain(finding) and finding.level != NOTE


def was_said(finding: Finding, alert: AlertState | None, now: datetime, start: date) -> bool:
    """Acknowledged, still snoozed, or a lasting note of an earlier week: not said again."""
    if alert is None or finding.rule in (*_OF_A_WEEK, *_OF_A_RUN) or is_standing_pain(finding):
        return False
    snoozed = alert.state == SNOOZED and (alert.snoozed_until is None or alert.snoozed_until > now)
    old_note = finding.level == NOTE and alert.opened_at.date() < start
    return alert.state == ACKNOWLEDGED or snoozed or old_note


def is_stale(facts: Facts, findings: Sequence[Finding]) -> bool:
    """No run came for days, or a connection that brings runs was not read lately."""
    if any(f.rule == "W1" and f.subject.endswith(":runs") for f in findings):
        return True
    oldest = facts.now - timedelta(hours=facts.limits.silent_look_h)
    return any(
        s.state == LOGIN_NEEDED or s.last_success_at is None or s.last_success_at < oldest
        for s in awaited(facts.sources)
    )


# ---- the verdict and the first three lines


def verdict_of(w: Past) -> str:
    """The first that holds; a load rule that speaks has data enough, and pain needs no run to be sure.

    While pain, or the way back from it, holds the cap, nothing is called steady."""
    if any(map(is_standing_pain, w.findings)):
        return WARNING
    if w.stale:
        return NO_VERDICT
    if _warnings(w):
        return WARNING
    if w.no_run:
        return WATCH
    if w.week.usual_m is None:
        return NO_VERDICT
    return WATCH if _watched(w) or w.cap.held_by else STEADY


def _warnings(w: Past) -> list[Finding]:
    """The most severe level first; in it pain, then the week's own rule, for the mail is about the week.

    Where runs may be missing, pain alone is sure."""
    speaks = is_standing_pain if w.stale else is_load_or_pain
    found = [f for f in w.findings if speaks(f) and f.level != NOTE]
    return sorted(found, key=lambda f: (-LEVELS.index(f.level), not is_of_pain(f), f.rule != "L2"))


def _watched(w: Past) -> list[Finding]:
    """A shoe's warning first, then the notes of L2 and L3."""
    worn = [f for f in w.findings if f.rule.startswith("S") and f.level != NOTE]
    return worn + [f for f in w.findings if f.rule in _OF_A_WEEK and f.level == NOTE]


def top_of(w: Past, verdict: str) -> Finding | None:
    among = _warnings(w) if verdict == WARNING else _watched(w) if verdict == WATCH else []
    return among[0] if among else None


def _subject(w: Past, verdict: str, top: Finding | None) -> str:
    if verdict == NO_VERDICT:
        return f"No verdict: {unknown(w)}"
    if top is None:
        begins = "Watch" if verdict == WATCH else "Steady"
        usual = f", usual {w.number(w.week.usual_m)}" if w.week.usual_m else ""
        return f"{begins}: {_done(w)}{usual}. {_next_run(w)}"
    begins = "Watch" if verdict == WATCH else warning_words(top)
    said = ramp(w) if top.rule == "L2" else short_words(top, w.facts.units)
    return f"{begins}: {said}. {_both_caps(w)}"


def warning_words(finding: Finding) -> str:
    """A week's load is warned of; a red flag stays an alarm."""
    words = kind_words(finding)
    return words if is_of_pain(finding) else words.replace("alarm", "warning")


def _headline(w: Past, verdict: str) -> str:
    days = f"{short_day(w.start)} to {short_day(w.start + timedelta(days=6))}"
    return f"{_TITLES[verdict]}: {_week_said(w)} in the week {days}."


def _why(w: Past, top: Finding | None) -> str:
    if top is not None:
        missing = f" {_sentence(unknown(w))}, so runs may be missing here." if w.stale else ""
        return f"{said(w, top)} Evidence: {evidence(top.rule)}.{missing}"
    if w.stale:
        rested = "" if w.week.runs else " If you rested: rest is part of it."
        return f"{_sentence(unknown(w))}, so runs may be missing here.{rested}"
    if not w.week.runs:
        return _empty_week(w)
    held = f" The cap is held: {plain(w.cap.because)}." if w.cap.held_by else ""
    if w.week.usual_m is None:
        reasons = "; ".join(m.split(": ", 1)[-1] for m in w.week.missing if m.startswith("usual_m"))
        return f"A week is judged against your usual one, and that is not known yet: {reasons}.{held}"
    return f"{_sentence(compared(w))}, and no run went past a limit.{held}"


def _do_this(w: Past, top: Finding | None) -> str:
    if top is not None:
        return _advice(w, top)
    if (account := shut(w.facts)) is not None and w.stale:
        return f"{mend(account.kind).rstrip('.')}; until the runs are in, no cap here is sure."
    if w.stale:
        return "Sync the watch and look at midsole status; until the runs are in, no cap here is sure."
    if w.no_run:
        return _keep(w)
    if _pauses_on(w):
        return "Take the break you planned; when it is over, begin short."
    if _rested(w) and _pause(w) is None:
        return "When you begin again, begin short: midsole cap says how long the first run may be."
    return _keep(w)


def _advice(w: Past, finding: Finding) -> str:
    """Load rules advise until the week's end, which is over: here the caps of the new week."""
    return _keep(w) if finding.rule in ("L1", "L2") else finding.advice


def _keep(w: Past) -> str:
    left, run = w.cap.week_left_m, w.cap.next_run_m
    if w.no_run:
        return f"Do not run for now: {plain(w.cap.because)}."
    if left == 0:
        return _nothing_left(w)
    parts = [f"this week {w.left(left)}"] if left is not None else []
    parts += [f"the next run {w.at_most(run)}"] if run is not None else []
    return f"Keep {', '.join(parts)}." if parts else "Keep the first runs short and easy."


def _nothing_left(w: Past) -> str:
    """A comeback's weeks begin on the weekday of its first run, so a part of it may end within this week."""
    back = comeback(w.facts, w.start + WEEK)
    if back is None or back.first_run_on is None:
        return "Take it off or very easy: nothing is left of this week's cap."
    on = short_day(back.first_run_on + back.week * WEEK)
    return f"Rest until {on}, when the next week of your comeback begins; this one's part is run."


def _next_run(w: Past) -> str:
    if w.cap.next_run_m is None:
        return "No cap yet"
    return "No run for now" if w.no_run else f"Next run {w.at_most(w.cap.next_run_m)}"


def _both_caps(w: Past) -> str:
    left, run = w.cap.week_left_m, w.cap.next_run_m
    if left is None or w.no_run:
        return _next_run(w)
    if left == 0:
        return "Nothing is left of this week's cap"
    longest = f", longest {w.at_most(run).removeprefix('at most ')}" if run is not None and run < left else ""
    return f"This week {w.left(left)}{longest}"


def unknown(w: Past) -> str:
    """What is missing: by the last sync that worked, for up to that day everything is known."""
    if not w.stale:
        return f"{_done(w)}, and your usual week is not known yet"
    if (account := shut(w.facts)) is not None:
        return f"{label(account.kind, account.name)} wants you to connect it again"
    times = [s.last_success_at for s in w.facts.sources if s.last_success_at is not None]
    if not times:
        return "nothing synced yet"
    looked_lately = max(times) > w.facts.now - timedelta(hours=w.facts.limits.silent_look_h)
    if looked_lately and w.facts.last_run_on is not None:
        return f"no run has come in since {past_day(w.facts.last_run_on, w.facts.today)}"
    return f"nothing synced since {past_day(max(times).date(), w.facts.today)}"


def shut(facts: Facts) -> SourceHealth | None:
    return next((s for s in awaited(facts.sources) if s.state == LOGIN_NEEDED), None)


def _done(w: Past) -> str:
    return w.km(w.week.distance_m) if w.week.runs else "no run last week"


def _week_said(w: Past) -> str:
    known = " known" if w.stale else ""
    if not w.week.runs:
        return f"no run{known}"
    runs = "1 run" if w.week.runs == 1 else f"{w.week.runs} runs"
    return f"{w.km(w.week.distance_m)}{known} in {runs}"


def ramp(w: Past) -> str:
    """The week, how far it is from usual, and usual: the three numbers of L2."""
    if w.week.usual_m is None or w.week.ramp is None:
        return w.km(w.week.distance_m)
    more = f"{percent(abs(w.week.ramp))} {'above' if w.week.ramp >= 0 else 'below'}"
    return f"{w.km(w.week.distance_m)}, {more} your usual {w.number(w.week.usual_m)}"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _empty_week(w: Past) -> str:
    paused = _pause(w)
    if paused is not None:
        return f"You said so: {paused.reason} since {short_day(paused.from_date)}. Take the time it needs."
    last = f" The last run was on {short_day(w.facts.last_run_on)}." if w.facts.last_run_on else ""
    return f"A week without a run is nothing lost: rest is part of it.{last}"


def _pause(w: Past) -> Pause | None:
    end = w.start + WEEK - timedelta(days=1)
    return next((p for p in w.facts.pauses if p.from_date <= end and (p.until_date or end) >= w.start), None)


def _pauses_on(w: Past) -> bool:
    """Whether the runner's own word keeps the day of the mail free of running."""
    on = w.start + WEEK
    return any(p.from_date <= on and (p.until_date is None or p.until_date >= on) for p in w.facts.pauses)


def _rested(w: Past) -> bool:
    last = w.facts.last_run_on
    return last is not None and (w.start + WEEK - last).days > w.facts.limits.break_days


__all__ = ["AlertMail", "Counts", "Digest", "Notice", "alert_mail", "notice", "weekly"]
