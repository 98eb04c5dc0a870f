"""The parts of the weekly mail below its verdict: weeks, cap, pairs, runs without a shoe, sources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from midsole.domain import taps
from midsole.domain.activity import Activity
from midsole.domain.caps import Cap
from midsole.domain.connection import WITH_RUNNER, ago, explain_health, label
from midsole.domain.days_off import days_off
from midsole.domain.facts import NOTE, Facts, Finding, SourceHealth
from midsole.domain.letter import (
    STEADY,
    Link,
    Row,
    Section,
    commands,
    in_use,
    insert_row,
    inserts_in_use,
    is_of_pain,
    pair_row,
    plain,
    said_with_day,
    short_words,
)
from midsole.domain.load import Week
from midsole.domain.rotation import run_out_together, together_words
from midsole.domain.units import distance, distance_down, percent, short_day

LINES_OF_WEAR, INSERTS_SHOWN = 2, 2
"""In a STEADY mail: a line a pair; inserts, where there are any, share one line."""
STEADY_LINES = 15 - 5
"""Without the three first lines, the blank one and the footer."""
UNWORN_SHOWN, UNWORN_SHOWN_STEADY = 5, 3
ASSIGN_COMMAND = 'midsole shoes assign "NAME" RUN'
ACCEPT_COMMAND = "midsole shoes inbox accept --all"
SAME_AS_USUAL = 0.005


NOTHING = Section("", ())


@dataclass(frozen=True, slots=True)
class Past:
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

    @property
    def no_run(self) -> bool:
        """Red pain, or its gate that is not yet passed; a cap that is used up is something else."""
        return self.cap.next_run_m == 0 and self.cap.held_by is not None

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


def said(w: Past, finding: Finding) -> str:
    """L2 speaks of a running week; here the week is over."""
    if finding.rule != "L2" or w.week.usual_m is None:
        return said_with_day(finding)
    two = finding.text.split("With the week before", 1)
    more = f" With the week before{two[1]}" if len(two) == 2 else ""
    basis = "the larger of the week before and the mean of the four before"
    return f"The week was {compared(w)} ({basis}).{more}"


def compared(w: Past) -> str:
    usual_m, ramp = w.week.usual_m or 0.0, w.week.ramp or 0.0
    if abs(ramp) < SAME_AS_USUAL:
        return f"as much as your usual {w.km(usual_m)}"
    return f"{percent(abs(ramp))} {'above' if ramp > 0 else 'below'} your usual {w.km(usual_m)}"


def within_15_lines(sections: Sequence[Section], verdict: str) -> tuple[Section, ...]:
    """A STEADY mail with more to say than lines says two things in one, from its end."""
    shown = list(sections)
    while verdict == STEADY and _lines(shown) > STEADY_LINES:
        last = next((n for n in range(len(shown) - 1, 0, -1) if _fold(shown[n - 1 : n + 1])), None)
        if last is None:
            break
        shown[last - 1 : last + 1] = _fold(shown[last - 1 : last + 1])
    return tuple(shown)


def _lines(sections: Sequence[Section]) -> int:
    return sum(1 if s.inline else 1 + len(s.rows) for s in sections)


def _fold(two: Sequence[Section]) -> list[Section]:
    """Both in one line; nothing where one of them has lines or links of its own."""
    if not all(s.inline and not s.tapped and not any(r.links for r in s.rows) for s in two):
        return []
    first, second = two[0], two[1].rows
    begins = replace(second[0], text=f"{two[1].title}: {second[0].label} {second[0].text}", label="")
    return [replace(first, rows=(*first.rows, begins, *second[1:]))]


def short_when_steady(section: Section, verdict: str) -> Section:
    """A STEADY mail has at most 15 lines of text: all but the pairs are one line each."""
    return replace(section, inline=True) if verdict == STEADY and section.title != "Pairs" else section


def answers_section(w: Past, top: Finding | None) -> Section:
    typed = commands(top, w.ids) if top else []
    tapped = (Row("", links=taps.answers(top, w.ids, w.facts)),) if top else ()
    return Section("To answer, type", tuple(Row("", command=c) for c in typed), tapped=tapped)


def also_section(w: Past, top: Finding | None) -> Section:
    """A note of pain is said by the section about the feet."""
    rows = (f for f in w.findings if f is not top and not (is_of_pain(f) and f.level == NOTE))
    return Section("Also", tuple(_finding_row(w, f) for f in rows))


def _finding_row(w: Past, finding: Finding) -> Row:
    advice = f" {finding.advice}" if finding.rule not in ("L1", "L2") else ""
    command = None if finding.level == NOTE else next(iter(commands(finding, w.ids)), None)
    words = f"{short_words(finding, w.facts.units)}." if finding.rule == "L1" else said(w, finding)
    links = taps.short_answers(finding, w.ids, w.facts)
    return Row(f"{words}{advice}", level=finding.level, command=command, links=links)


def weeks_section(w: Past, verdict: str) -> Section:
    most_m = max(week.distance_m for week in w.weeks) or 1.0
    rows = (
        Row(_week_words(w, week, verdict), short_day(week.week_start), week.distance_m / most_m)
        for week in w.weeks
    )
    return Section("Your weeks", tuple(rows))


def _week_words(w: Past, week: Week, verdict: str) -> str:
    if verdict == STEADY or not week.longest_m:
        return w.km(week.distance_m)
    return f"{w.km(week.distance_m)}, longest {w.km(week.longest_m)}"


def cap_section(w: Past) -> Section:
    if w.no_run:
        return Section("Cap", (Row(f"no running for now; {plain(w.cap.because)}."),), inline=True)
    left, run = w.cap.week_left_m, w.cap.next_run_m
    parts = [f"next run {w.at_most(run)}"] if run is not None else []
    parts += [f"this week {w.left(left)}"] if left is not None else []
    words = f"{', '.join(parts)}; {plain(w.cap.because)}." if parts else f"none yet; {w.cap.because}."
    return Section("Cap", (Row(words),), inline=True)


def pairs_section(facts: Facts, verdict: str) -> Section:
    pairs = in_use(facts)
    most = LINES_OF_WEAR - 1 if inserts_in_use(facts) else LINES_OF_WEAR
    rows = _first_when_steady([pair_row(p, facts) for p in pairs], most, "midsole shoes", verdict)
    for both in run_out_together(pairs, facts.today, days_off(facts))[:1]:
        words = together_words([w.shoe.name for w in both.pairs], both.days)
        rows = _said_last(rows, words, verdict)
    return Section("Pairs", tuple(rows))


def inserts_section(facts: Facts, verdict: str) -> Section:
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


def unworn_section(w: Past, verdict: str) -> Section:
    """The surest guess first; then what nobody can guess. One tap each, where there can be links."""
    by_id, likely = {a.id: a for a in w.facts.activities}, w.facts.likely
    runs = [by_id[i] for i in w.facts.unworn if i in by_id]
    guessed = sorted((a for a in runs if a.id in likely), key=lambda a: -likely[a.id][1])
    unknown = [a for a in reversed(runs) if a.id not in likely]
    rows = [_unworn_row(w, guessed, ACCEPT_COMMAND)] if guessed else []
    rows += [_unworn_row(w, unknown, ASSIGN_COMMAND)] if unknown else []
    shown = UNWORN_SHOWN_STEADY if verdict == STEADY else UNWORN_SHOWN
    return Section("Runs without a shoe", tuple(rows), tapped=_tapped(w, [*guessed, *unknown], shown))


def _tapped(w: Past, runs: Sequence[Activity], shown: int) -> tuple[Row, ...]:
    rows = [Row(f"{_unworn_words(w, a)}.", links=(taps.shoe(a.id),)) for a in runs[:shown]]
    if more := len(runs) - len(rows):
        rows.append(Row(f"And {more} more.", links=(Link("See all that wait", place="/runs/waiting"),)))
    return tuple(rows)


def _unworn_row(w: Past, runs: Sequence[Activity], command: str) -> Row:
    named = [f"{_unworn_words(w, a)} (run {a.id})" for a in runs[:UNWORN_SHOWN]]
    more = f" and {len(runs) - len(named)} more" if len(runs) > len(named) else ""
    return Row(f"{', '.join(named)}{more}.", command=command)


def _unworn_words(w: Past, run: Activity) -> str:
    words = f"{w.km(run.counted_m)} on {short_day(run.local_date)}"
    if run.id not in w.facts.likely:
        return words
    name, probability = w.facts.likely[run.id]
    return f"{words}, {percent(probability)} in the {name}"


def sources_section(facts: Facts, unread_files: int, unread_news: int) -> Section:
    """Files that could not be read are named when a new one came, and then no more."""
    rows = [Row(_health(s, facts.now)) for s in facts.sources]
    if unread_news:
        files = f"{unread_news} new file{'s' * (unread_news > 1)} could not be read"
        in_all = f" ({unread_files} in all)" if unread_files > unread_news else ""
        see = Link("See which", place="/settings/sources")
        rows.append(Row(f"{files}{in_all}:", command="midsole files --bad", links=(see,)))
    return Section("Sources", tuple(rows), inline=True)


def _health(source: SourceHealth, now: datetime) -> str:
    name, error = label(source.kind, source.name), f" ({source.error})" if source.error else ""
    if source.state in WITH_RUNNER:
        return explain_health(source, now)
    if source.last_success_at is None:
        return f"{name}: no sync yet{error}"
    return f"{name}: last sync {ago(now - source.last_success_at)} ago{error}"
