"""The alert mail of a pass, and the closing notice of a first import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from midsole.domain import taps
from midsole.domain.alerts import severity
from midsole.domain.caps import cap
from midsole.domain.facts import NOTE, Facts, Finding
from midsole.domain.letter import (
    STEADY,
    WARNING,
    WATCH,
    Letter,
    Row,
    Section,
    commands,
    evidence,
    footer,
    full_day,
    highest_per_pair,
    in_use,
    is_load_or_pain,
    kind_words,
    pair_row,
    plain,
    said_with_day,
    short_words,
)
from midsole.domain.load import Week, weeks
from midsole.domain.pain import open_episodes, standing
from midsole.domain.pain_words import care_sections, what_holds
from midsole.domain.units import distance, distance_down
from midsole.domain.weeks import WEEK, WEEKDAYS, week_start

NOTICE_FROM_FRACTION = 0.70


@dataclass(frozen=True, slots=True)
class AlertMail(Letter):
    """All alerts of one pass."""

    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice(Letter):
    """The closing notice of a first import."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a first import brought in; distance and days are of the runs."""

    runs: int
    distance_m: float
    from_date: date | None
    until_date: date | None
    activities: int = 0
    known: int = 0
    ignored: int = 0
    bad: int = 0


def alert_mail(
    findings: Sequence[Finding], facts: Facts, *, ids: Mapping[tuple[str, str], int] | None = None
) -> AlertMail:
    """One mail for all alerts of a pass, the most severe first; `ids` are the alerts' by (rule, subject)."""
    ordered = [_beside_pain(f, facts) for f in sorted(highest_per_pair(findings), key=severity)]
    top, rest = ordered[0], ordered[1:]
    said, known = _said(top, facts), ids or {}
    typed = tuple(Row("", command=c) for c in commands(top, known))
    tapped = (Row("", links=taps.answers(top, known, facts)),)
    others = tuple(_other(f, facts, known) for f in rest)
    care = care_sections(ordered, facts)
    sections = (Section("To answer, type", typed, tapped=tapped), *care, Section("Also", others))
    more = f" (and {len(rest)} more)" if rest else ""
    return AlertMail(
        subject=f"{kind_words(top)}: {said}{more}",
        tone=WARNING if top.level != NOTE and is_load_or_pain(top) else WATCH,
        headline=f"{kind_words(top).upper()}: {said if said.endswith('?') else said.rstrip('.') + '.'}",
        why=f"{said_with_day(top)} Evidence: {evidence(top.rule)}.",
        do_this=top.advice,
        sections=tuple(s for s in sections if s.rows),
        footer=footer(ordered),
        links=taps.alert_links(),
        findings=tuple(ordered),
    )


def _beside_pain(finding: Finding, facts: Facts) -> Finding:
    """What a load rule would allow is no advice while pain allows less."""
    level = standing(facts)
    if level is None or not finding.rule.startswith("L"):
        return finding
    first = what_holds(open_episodes(facts), level)
    return replace(finding, advice=f"Pain is open, and that goes first: {first[0].lower()}{first[1:]}")


def _other(finding: Finding, facts: Facts, ids: Mapping[tuple[str, str], int]) -> Row:
    text = f"{said_with_day(finding)} {finding.advice} Evidence: {evidence(finding.rule)}."
    if finding.rule == "L1":
        text = f"{short_words(finding, facts.units)}. {finding.advice}"
    command = next(iter(commands(finding, ids)), None)
    return Row(text, level=finding.level, command=command, links=taps.short_answers(finding, ids, facts))


def _said(finding: Finding, facts: Facts) -> str:
    week = weeks(facts, 1)[-1]
    if finding.rule == "L2" and finding.subject == week.week_start.isoformat() and week.usual_m:
        return _midweek(week, week.usual_m, facts)
    return short_words(finding, facts.units)


def _midweek(week: Week, usual_m: float, facts: Facts) -> str:
    """The load warning of a week that still runs: so far, by which day, usual, and until when to rest."""
    done, usual = (plain(distance(m, facts.units)) for m in (week.distance_m, usual_m))
    last_run = max(
        a.local_date for a in facts.activities if a.is_run and a.local_date < week.week_start + WEEK
    )
    last_day = week.week_start + timedelta(days=6)
    rest = f" Easy or off until {WEEKDAYS[last_day.weekday()]}." if last_run < last_day else ""
    return f"{done} by {WEEKDAYS[last_run.weekday()]}, your usual week is {usual.rsplit(' ', 1)[0]}.{rest}"


def notice(facts: Facts, counts: Counts) -> Notice:
    """What came in, and what is true today: pairs at or above 70 %, this week against usual, the cap."""
    runs = "1 run" if counts.runs == 1 else f"{counts.runs:,} runs"
    km = plain(distance(counts.distance_m, facts.units))
    span = f", {full_day(counts.from_date)} to {full_day(counts.until_date)}" if counts.from_date else ""
    worn = [p for p in in_use(facts) if (p.used_fraction or 0) >= NOTICE_FROM_FRACTION]
    sections = (
        Section("What came in", tuple(Row(text) for text in _came_in(counts))),
        Section("True today", _true_today(facts)),
        Section("Pairs at 70 % of their limit or more", tuple(pair_row(p, facts) for p in worn)),
    )
    return Notice(
        subject=f"Midsole has read {runs}: {km}{span}",
        tone=STEADY,
        headline=f"READ: {runs}, {km}{span}.",
        why="This closes the first look at your history. What is old is no news: no mail tells of it.",
        do_this=_notice_advice(facts),
        sections=tuple(s for s in sections if s.rows),
        footer=footer((), sections),
        links=(taps.OPEN,),
    )


def _came_in(counts: Counts) -> list[str]:
    told = (
        (counts.activities, "activity", "activities", "in all, with walks and rides"),
        (counts.known, "file", "files", "known already"),
        (counts.ignored, "file", "files", "without an activity (courses, settings); kept and left alone"),
        (counts.bad, "file", "files", "that could not be read; midsole files --bad says why"),
    )
    return [f"{n:,} {one if n == 1 else many} {words}" for n, one, many, words in told if n]


def _true_today(facts: Facts) -> tuple[Row, ...]:
    running, ceiling = week_start(facts.today, facts.first_weekday), cap(facts)
    week = next(w for w in weeks(facts, 1) if w.week_start == running)
    usual = (
        f"your usual week is {plain(distance(week.usual_m, facts.units))}"
        if week.usual_m
        else "not yet enough weeks for a usual one"
    )
    rows = [Row(f"This week so far {plain(distance(week.distance_m, facts.units))}; {usual}.")]
    if ceiling.next_run_m is not None:
        most = plain(distance_down(ceiling.next_run_m, facts.units))
        rows.append(Row(f"Next run at most {most}: {plain(ceiling.because)}."))
    return tuple(rows)


def _notice_advice(facts: Facts) -> str:
    if not facts.shoes:
        return 'Add the pair you run in: midsole shoes add "NAME"'
    return "Nothing now; the next mail comes when there is something to say, or after your week."
