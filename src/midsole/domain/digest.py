"""The weekly mail as data: the verdict, three first lines, then the details.

One source for both parts of a mail: what is said here is what text and HTML print, number for number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from midsole.domain.activity import Activity
from midsole.domain.alerts import ACKNOWLEDGED, LIVE, SNOOZED, AlertState, severity
from midsole.domain.caps import Cap, cap
from midsole.domain.comeback import comeback
from midsole.domain.connection import LOGIN_NEEDED, WITH_RUNNER, ago, awaited, explain_health, label, mend
from midsole.domain.facts import LEVELS, NOTE, Facts, Finding, Pause, SourceHealth
from midsole.domain.letter import (
    EVIDENCE_NOTE,
    NO_VERDICT,
    STEADY,
    WARNING,
    WATCH,
    Letter,
    Row,
    Section,
    commands,
    evidence,
    footer,
    highest_per_pair,
    in_use,
    insert_row,
    inserts_in_use,
    is_load_or_pain,
    kind_words,
    pair_row,
    past_day,
    plain,
    said_with_day,
    short_words,
)
from midsole.domain.load import Week, weeks
from midsole.domain.mails import AlertMail, Counts, Notice, alert_mail, notice
from midsole.domain.rotation import run_out_together, together_words
from midsole.domain.rules import RULE_BY_ID
from midsole.domain.units import distance, distance_down, percent, short_day
from midsole.domain.weeks import WEEK

LINES_OF_WEAR, INSERTS_SHOWN = 2, 2
"""In a STEADY mail: a line a pair; inserts, where there are any, share one line."""
UNWORN_SHOWN = 5
WEEKS_SHOWN = 8
SAME_AS_USUAL = 0.005
ASSIGN_COMMAND = 'midsole shoes assign "NAME" RUN'
ACCEPT_COMMAND = "midsole shoes inbox accept --all"

_OF_A_WEEK, _OF_A_RUN = ("L2", "L3"), ("L1", "Q1", "P1", "P2")
_SHOWN_ELSEWHERE = frozenset({"S4", "W1", "W2"})
_TITLES = {NO_VERDICT: "NO VERDICT", WARNING: "WARNING", WATCH: "WATCH", STEADY: "STEADY"}


@dataclass(frozen=True, slots=True)
class Digest(Letter):
    """The weekly mail; `verdict` is no-verdict, warning, watch or steady."""

    verdict: str = NO_VERDICT
    week_start: date = date.min


@dataclass(frozen=True, slots=True)
class _Past:
    """The week just ended, with all that its mail speaks of; `week` is the last of `weeks`."""

    facts: Facts
    start: date
    weeks: tuple[Week, ...]
    cap: Cap
    findings: tuple[Finding, ...]
    ids: Mapping[tuple[str, str], int]
    stale: bool

    @property
    def week(self) -> Week:
        return self.weeks[-1]

    def km(self, metres: float) -> str:
        return plain(distance(metres, self.facts.units))

    def number(self, metres: float) -> str:
        return self.km(metres).rsplit(" ", 1)[0]

    def at_most(self, metres: float) -> str:
        return f"at most {plain(distance_down(metres, self.facts.units))}"

    def left(self, metres: float) -> str:
        """Of the new week; once something of it is run, what may still come."""
        start = self.start + timedelta(days=7)
        begun = any(a.is_run and a.local_date >= start for a in self.facts.activities)
        return f"{self.at_most(metres)} more" if begun else self.at_most(metres)


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
) -> Digest:
    """The mail about the week that began on `week_start`; `late` are sentences of runs that arrived late.

    `unread_news` are those of the `unread_files` that came since the last weekly mail.

    `facts` are those of the moment of sending, or of the week's last day; `stale` None: by the sources."""
    w = _past(facts, week_start, alerts, open_findings, stale)
    verdict = _verdict(w)
    top = _top(w, verdict)
    sections = (
        _answers(w, top),
        _also(w, top),
        _weeks_section(w, verdict),
        _cap_section(w),
        _pairs_section(facts, verdict),
        _inserts_section(facts, verdict),
        _unworn_section(w),
        Section("Arrived late", tuple(Row(sentence) for sentence in late)),
        _sources_section(facts, unread_files, unread_news),
        Section("About these warnings", (Row(EVIDENCE_NOTE),) if first_ever else (), inline=True),
    )
    return Digest(
        subject=_subject(w, verdict, top),
        tone=verdict,
        headline=_headline(w, verdict),
        why=_why(w, verdict, top),
        do_this=_do_this(w, top),
        sections=tuple(_short_when_steady(s, verdict) for s in sections if s.rows),
        footer=(" ".join(footer(w.findings)),) if verdict == STEADY else footer(w.findings),
        verdict=verdict,
        week_start=week_start,
    )


def _past(
    facts: Facts, start: date, alerts: Sequence[AlertState], findings: Sequence[Finding], stale: bool | None
) -> _Past:
    known = {(a.rule, a.subject): a for a in alerts if a.state in LIVE}
    mine = [
        f
        for f in highest_per_pair(findings)
        if _belongs(f, start) and not _was_said(f, known.get((f.rule, f.subject)), facts.now, start)
    ]
    return _Past(
        facts=facts,
        start=start,
        weeks=_weeks_until(facts, start),
        cap=cap(facts, start + WEEK),
        findings=tuple(sorted(mine, key=severity)),
        ids={identity: a.id for identity, a in known.items()},
        stale=_is_stale(facts, findings) if stale is None else stale,
    )


def _weeks_until(facts: Facts, start: date) -> tuple[Week, ...]:
    later = max(0, (facts.today - start).days // 7)
    known_from = facts.history_from or start
    shown = (w for w in weeks(facts, WEEKS_SHOWN + later) if w.week_start <= start)
    return tuple(w for w in shown if w.week_start + WEEK > known_from or w.week_start == start)


def _belongs(finding: Finding, start: date) -> bool:
    if finding.rule in _OF_A_WEEK:
        return finding.subject == start.isoformat()
    if finding.rule in _OF_A_RUN:
        return start <= finding.happened_on < start + WEEK
    return finding.rule in RULE_BY_ID and finding.rule not in _SHOWN_ELSEWHERE


def _was_said(finding: Finding, alert: AlertState | None, now: datetime, start: date) -> bool:
    """Acknowledged, still snoozed, or a lasting note of an earlier week: not said again."""
    if alert is None or finding.rule in _OF_A_WEEK or finding.rule in _OF_A_RUN:
        return False
    snoozed = alert.state == SNOOZED and (alert.snoozed_until is None or alert.snoozed_until > now)
    old_note = finding.level == NOTE and alert.opened_at.date() < start
    return alert.state == ACKNOWLEDGED or snoozed or old_note


def _is_stale(facts: Facts, findings: Sequence[Finding]) -> bool:
    """No run came for days, or a connection that brings runs was not read lately."""
    if any(f.rule == "W1" and f.subject.endswith(":runs") for f in findings):
        return True
    oldest = facts.now - timedelta(hours=facts.limits.silent_look_h)
    return any(
        s.state == LOGIN_NEEDED or s.last_success_at is None or s.last_success_at < oldest
        for s in awaited(facts.sources)
    )


# ---- the verdict and the first three lines


def _verdict(w: _Past) -> str:
    """The first that holds; a load rule that speaks has data enough."""
    if w.stale:
        return NO_VERDICT
    if _warnings(w):
        return WARNING
    if w.week.usual_m is None:
        return NO_VERDICT
    return WATCH if _watched(w) else STEADY


def _warnings(w: _Past) -> list[Finding]:
    """The most severe level first; in it the week's own rule, for the mail is about the week."""
    found = [f for f in w.findings if is_load_or_pain(f) and f.level != NOTE]
    return sorted(found, key=lambda f: (-LEVELS.index(f.level), f.rule != "L2"))


def _watched(w: _Past) -> list[Finding]:
    """A shoe's warning first, then the notes of L2 and L3."""
    worn = [f for f in w.findings if f.rule.startswith("S") and f.level != NOTE]
    return worn + [f for f in w.findings if f.rule in _OF_A_WEEK and f.level == NOTE]


def _top(w: _Past, verdict: str) -> Finding | None:
    among = _warnings(w) if verdict == WARNING else _watched(w) if verdict == WATCH else []
    return among[0] if among else None


def _subject(w: _Past, verdict: str, top: Finding | None) -> str:
    if verdict == NO_VERDICT:
        return f"No verdict: {_unknown(w)}"
    if top is None:
        return f"Steady: {_done(w)}, usual {w.number(w.week.usual_m or 0)}. {_next_run(w)}"
    begins = "Watch" if verdict == WATCH else kind_words(top).replace("alarm", "warning")
    said = _ramp(w) if top.rule == "L2" else short_words(top, w.facts.units)
    return f"{begins}: {said}. {_both_caps(w)}"


def _headline(w: _Past, verdict: str) -> str:
    days = f"{short_day(w.start)} to {short_day(w.start + timedelta(days=6))}"
    return f"{_TITLES[verdict]}: {_week_said(w)} in the week {days}."


def _why(w: _Past, verdict: str, top: Finding | None) -> str:
    if top is not None:
        return f"{_said(w, top)} Evidence: {evidence(top.rule)}."
    if w.stale:
        rested = "" if w.week.runs else " If you rested: rest is part of it."
        return f"{_sentence(_unknown(w))}, so runs may be missing here.{rested}"
    if not w.week.runs:
        return _empty_week(w)
    if verdict == NO_VERDICT:
        reasons = [m.split(": ", 1)[-1] for m in w.week.missing if m.startswith("usual_m")]
        return f"A week is judged against your usual one, and that is not known yet: {'; '.join(reasons)}."
    return f"{_sentence(_compared(w))}, and no run went past a limit."


def _said(w: _Past, finding: Finding) -> str:
    """L2 speaks of a running week; here the week is over."""
    if finding.rule != "L2" or w.week.usual_m is None:
        return said_with_day(finding)
    two = finding.text.split("With the week before", 1)
    more = f" With the week before{two[1]}" if len(two) == 2 else ""
    basis = "the larger of the week before and the mean of the four before"
    return f"The week was {_compared(w)} ({basis}).{more}"


def _do_this(w: _Past, top: Finding | None) -> str:
    if top is not None:
        return _advice(w, top)
    if (account := _shut(w.facts)) is not None and w.stale:
        return f"{mend(account.kind).rstrip('.')}; until the runs are in, no cap here is sure."
    if w.stale:
        return "Sync the watch and look at midsole status; until the runs are in, no cap here is sure."
    if _pauses_on(w):
        return "Take the break you planned; when it is over, begin short."
    if _rested(w) and _pause(w) is None:
        return "When you begin again, begin short: midsole cap says how long the first run may be."
    return _keep(w)


def _advice(w: _Past, finding: Finding) -> str:
    """Load rules advise until the week's end, which is over: here the caps of the new week."""
    return _keep(w) if finding.rule in ("L1", "L2") else finding.advice


def _keep(w: _Past) -> str:
    left, run = w.cap.week_left_m, w.cap.next_run_m
    if left == 0:
        return _nothing_left(w)
    parts = [f"this week {w.left(left)}"] if left is not None else []
    parts += [f"the next run {w.at_most(run)}"] if run is not None else []
    return f"Keep {', '.join(parts)}." if parts else "Keep the first runs short and easy."


def _nothing_left(w: _Past) -> str:
    """A comeback's weeks begin on the weekday of its first run, so a part of it may end within this week."""
    back = comeback(w.facts, w.start + WEEK)
    if back is None or back.first_run_on is None:
        return "Take it off or very easy: nothing is left of this week's cap."
    on = short_day(back.first_run_on + back.week * WEEK)
    return f"Rest until {on}, when the next week of your comeback begins; this one's part is run."


def _next_run(w: _Past) -> str:
    return f"Next run {w.at_most(w.cap.next_run_m)}" if w.cap.next_run_m is not None else "No cap yet"


def _both_caps(w: _Past) -> str:
    left, run = w.cap.week_left_m, w.cap.next_run_m
    if left is None:
        return _next_run(w)
    if left == 0:
        return "Nothing is left of this week's cap"
    longest = f", longest {w.at_most(run).removeprefix('at most ')}" if run is not None and run < left else ""
    return f"This week {w.left(left)}{longest}"


def _unknown(w: _Past) -> str:
    """What is missing: by the last sync that worked, for up to that day everything is known."""
    if not w.stale:
        return f"{_done(w)}, and your usual week is not known yet"
    if (account := _shut(w.facts)) is not None:
        return f"{label(account.kind, account.name)} wants you to connect it again"
    times = [s.last_success_at for s in w.facts.sources if s.last_success_at is not None]
    if not times:
        return "nothing synced yet"
    looked_lately = max(times) > w.facts.now - timedelta(hours=w.facts.limits.silent_look_h)
    if looked_lately and w.facts.last_run_on is not None:
        return f"no run has come in since {past_day(w.facts.last_run_on, w.facts.today)}"
    return f"nothing synced since {past_day(max(times).date(), w.facts.today)}"


def _shut(facts: Facts) -> SourceHealth | None:
    return next((s for s in awaited(facts.sources) if s.state == LOGIN_NEEDED), None)


def _done(w: _Past) -> str:
    return w.km(w.week.distance_m) if w.week.runs else "no run last week"


def _week_said(w: _Past) -> str:
    known = " known" if w.stale else ""
    if not w.week.runs:
        return f"no run{known}"
    runs = "1 run" if w.week.runs == 1 else f"{w.week.runs} runs"
    return f"{w.km(w.week.distance_m)}{known} in {runs}"


def _ramp(w: _Past) -> str:
    """The week, how far it is from usual, and usual: the three numbers of L2."""
    if w.week.usual_m is None or w.week.ramp is None:
        return w.km(w.week.distance_m)
    more = f"{percent(abs(w.week.ramp))} {'above' if w.week.ramp >= 0 else 'below'}"
    return f"{w.km(w.week.distance_m)}, {more} your usual {w.number(w.week.usual_m)}"


def _compared(w: _Past) -> str:
    usual_m, ramp = w.week.usual_m or 0.0, w.week.ramp or 0.0
    if abs(ramp) < SAME_AS_USUAL:
        return f"as much as your usual {w.km(usual_m)}"
    return f"{percent(abs(ramp))} {'above' if ramp > 0 else 'below'} your usual {w.km(usual_m)}"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _empty_week(w: _Past) -> str:
    paused = _pause(w)
    if paused is not None:
        return f"You said so: {paused.reason} since {short_day(paused.from_date)}. Take the time it needs."
    last = f" The last run was on {short_day(w.facts.last_run_on)}." if w.facts.last_run_on else ""
    return f"A week without a run is nothing lost: rest is part of it.{last}"


def _pause(w: _Past) -> Pause | None:
    end = w.start + WEEK - timedelta(days=1)
    return next((p for p in w.facts.pauses if p.from_date <= end and (p.until_date or end) >= w.start), None)


def _pauses_on(w: _Past) -> bool:
    """Whether the runner's own word keeps the day of the mail free of running."""
    on = w.start + WEEK
    return any(p.from_date <= on and (p.until_date is None or p.until_date >= on) for p in w.facts.pauses)


def _rested(w: _Past) -> bool:
    last = w.facts.last_run_on
    return last is not None and (w.start + WEEK - last).days > w.facts.limits.break_days


# ---- the details


def _short_when_steady(section: Section, verdict: str) -> Section:
    """A STEADY mail has at most 15 lines of text: all but the pairs are one line each."""
    return replace(section, inline=True) if verdict == STEADY and section.title != "Pairs" else section


def _answers(w: _Past, top: Finding | None) -> Section:
    typed = commands(top, w.ids) if top else []
    return Section("To answer, type", tuple(Row("", command=c) for c in typed))


def _also(w: _Past, top: Finding | None) -> Section:
    return Section("Also", tuple(_finding_row(w, f) for f in w.findings if f is not top))


def _finding_row(w: _Past, finding: Finding) -> Row:
    advice = f" {finding.advice}" if finding.rule not in ("L1", "L2") else ""
    command = None if finding.level == NOTE else next(iter(commands(finding, w.ids)), None)
    said = f"{short_words(finding, w.facts.units)}." if finding.rule == "L1" else _said(w, finding)
    return Row(f"{said}{advice}", level=finding.level, command=command)


def _weeks_section(w: _Past, verdict: str) -> Section:
    most_m = max(week.distance_m for week in w.weeks) or 1.0
    rows = (
        Row(_week_words(w, week, verdict), short_day(week.week_start), week.distance_m / most_m)
        for week in w.weeks
    )
    return Section("Your weeks", tuple(rows))


def _week_words(w: _Past, week: Week, verdict: str) -> str:
    if verdict == STEADY or not week.longest_m:
        return w.km(week.distance_m)
    return f"{w.km(week.distance_m)}, longest {w.km(week.longest_m)}"


def _cap_section(w: _Past) -> Section:
    left, run = w.cap.week_left_m, w.cap.next_run_m
    parts = [f"next run {w.at_most(run)}"] if run is not None else []
    parts += [f"this week {w.left(left)}"] if left is not None else []
    words = f"{', '.join(parts)}; {plain(w.cap.because)}." if parts else f"none yet; {w.cap.because}."
    return Section("Cap", (Row(words),), inline=True)


def _pairs_section(facts: Facts, verdict: str) -> Section:
    pairs = in_use(facts)
    most = LINES_OF_WEAR - 1 if inserts_in_use(facts) else LINES_OF_WEAR
    rows = _first_when_steady([pair_row(p, facts) for p in pairs], most, "midsole shoes", verdict)
    for both in run_out_together(pairs, facts.today)[:1]:
        words = together_words([w.shoe.name for w in both.pairs], both.days)
        rows = _said_last(rows, words, verdict)
    return Section("Pairs", tuple(rows))


def _inserts_section(facts: Facts, verdict: str) -> Section:
    rows = [insert_row(i, facts) for i in inserts_in_use(facts)]
    return Section("Inserts", tuple(_first_when_steady(rows, INSERTS_SHOWN, "midsole inserts", verdict)))


def _first_when_steady(rows: list[Row], most: int, command: str, verdict: str) -> list[Row]:
    """The most worn, and how to see the rest."""
    shown = rows[:most] if verdict == STEADY else rows
    if len(shown) == len(rows):
        return rows
    more = f"; {len(rows) - len(shown)} more: {command}"
    return [*shown[:-1], replace(shown[-1], text=shown[-1].text + more)]


def _said_last(rows: list[Row], words: str, verdict: str) -> list[Row]:
    """A line of its own, but in a STEADY mail, which has none to spare."""
    if verdict != STEADY:
        return [*rows, Row(words)]
    return [*rows[:-1], replace(rows[-1], text=f"{rows[-1].text}. {words}")]


def _unworn_section(w: _Past) -> Section:
    """The surest guess first; then what nobody can guess."""
    by_id, likely = {a.id: a for a in w.facts.activities}, w.facts.likely
    runs = [by_id[i] for i in w.facts.unworn if i in by_id]
    guessed = sorted((a for a in runs if a.id in likely), key=lambda a: -likely[a.id][1])
    unknown = [a for a in reversed(runs) if a.id not in likely]
    rows = [_unworn_row(w, guessed, ACCEPT_COMMAND)] if guessed else []
    rows += [_unworn_row(w, unknown, ASSIGN_COMMAND)] if unknown else []
    return Section("Runs without a shoe", tuple(rows))


def _unworn_row(w: _Past, runs: Sequence[Activity], command: str) -> Row:
    named = [f"{_unworn_words(w, a)} (run {a.id})" for a in runs[:UNWORN_SHOWN]]
    more = f" and {len(runs) - len(named)} more" if len(runs) > len(named) else ""
    return Row(f"{', '.join(named)}{more}.", command=command)


def _unworn_words(w: _Past, run: Activity) -> str:
    words = f"{w.km(run.counted_m)} on {short_day(run.local_date)}"
    if run.id not in w.facts.likely:
        return words
    name, probability = w.facts.likely[run.id]
    return f"{words}, {percent(probability)} in the {name}"


def _sources_section(facts: Facts, unread_files: int, unread_news: int) -> Section:
    """Files that could not be read are named when a new one came, and then no more."""
    rows = [Row(_health(s, facts.now)) for s in facts.sources]
    if unread_news:
        files = f"{unread_news} new file{'s' * (unread_news > 1)} could not be read"
        in_all = f" ({unread_files} in all)" if unread_files > unread_news else ""
        rows.append(Row(f"{files}{in_all}:", command="midsole files --bad"))
    return Section("Sources", tuple(rows), inline=True)


def _health(source: SourceHealth, now: datetime) -> str:
    name, error = label(source.kind, source.name), f" ({source.error})" if source.error else ""
    if source.state in WITH_RUNNER:
        return explain_health(source, now)
    if source.last_success_at is None:
        return f"{name}: no sync yet{error}"
    return f"{name}: last sync {ago(now - source.last_success_at)} ago{error}"


__all__ = ["AlertMail", "Counts", "Digest", "Notice", "alert_mail", "notice", "weekly"]
