"""What every mail is made of: the letter as data, and the words that all mails share."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from midsole.domain.days_off import days_off
from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding
from midsole.domain.forecast import forecast
from midsole.domain.inserts import InsertWorn
from midsole.domain.rules import RULE_BY_ID, wear
from midsole.domain.shoes import START_ESTIMATED, Worn
from midsole.domain.units import distance, percent, short_day
from midsole.domain.weeks import WEEKDAYS

NO_VERDICT, WARNING, WATCH, STEADY = "no-verdict", "warning", "watch", "steady"
EPISODE = "episode"
WEAR_RULES = frozenset({"S1", "S5"})
RETIRED_BY = {"S1": ("shoes", "shoe_name"), "S5": ("inserts", "insert_name")}
"""The group of commands that retires what a rule of wear speaks of, and which number holds its name."""

GRADES = {
    "A": "a trial or several cohorts",
    "B": "one large cohort, or consistent lab data",
    "C": "small or indirect studies",
    "D": "advice of experts and coaches, no trial",
    "X": "studies speak against using it as an alarm",
}
"""The evidence grades in words, RULES.md."""

EVIDENCE = {
    "L1": "one large cohort study",
    "L2": "coaches' pacing advice, with one small study for steep steps; not shown to prevent injury",
    "P3": "clinicians' red flags; days 7, 10 and 14 are advice of coaches, no trial",
    "S1": "the limit is experts' advice; that foam ages is measured in the lab",
    "S5": "experts' advice",
}
EVIDENCE_NOTE = (
    "You asked to be warned of steep weeks, and Midsole does. The weekly rule is coaches' pacing advice, "
    "not shown to prevent injury; the single-run rule has the better evidence."
)
FOOTER = "Midsole counts load and wear. It is not medical advice and predicts no injury."
PAIN_FOOTER = (
    "Pain at rest or at night, swelling, heat, numbness that stays, a toe that drifts, or one step with "
    "sudden sharp pain: stop running and see a clinician now. Pain still there on day 10: see one too."
)


@dataclass(frozen=True, slots=True)
class Link:
    """Where a mail leads: to a page of ours (`place`), or to one tap (`purpose` and what it is `about`).

    `url` is known where the box has an address; there links take the place of commands."""

    words: str
    purpose: str = ""
    about: int | str = ""
    place: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `share` (0 to 1) draws a bar; `command` is what to type."""

    text: str
    label: str = ""
    share: float | None = None
    level: str | None = None
    command: str | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """`inline` sections are one line of the text part; `tapped` are the rows where there can be links."""

    title: str
    rows: tuple[Row, ...]
    inline: bool = False
    tapped: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """What any mail says: the subject, three first lines (headline, why, do this), then the details."""

    subject: str
    tone: str
    headline: str
    why: str
    do_this: str
    sections: tuple[Section, ...] = ()
    footer: tuple[str, ...] = (FOOTER,)
    links: tuple[Link, ...] = ()


# ---- findings


def is_load_or_pain(finding: Finding) -> bool:
    return finding.rule.startswith("L") or is_of_pain(finding)


def is_of_pain(finding: Finding) -> bool:
    return finding.rule.startswith("P")


def highest_per_pair(findings: Sequence[Finding]) -> list[Finding]:
    """Of the thresholds a pair has passed only the highest is said; of pain nothing milder beside its red."""
    findings = _without_milder_pain(findings)
    passed: dict[tuple[str, str], float] = {}
    for f in findings:
        if f.rule in WEAR_RULES:
            pair = (f.rule, f.subject.split(":")[0])
            passed[pair] = max(passed.get(pair, 0.0), _threshold(f))
    return [
        f
        for f in findings
        if f.rule not in WEAR_RULES or _threshold(f) == passed[f.rule, f.subject.split(":")[0]]
    ]


def _without_milder_pain(findings: Sequence[Finding]) -> list[Finding]:
    """Beside its red flag an episode's level is not said again in milder words, nor amber beside red."""
    red = {episode_key(f) for f in findings if is_of_pain(f) and f.level == ALARM}
    flagged = {episode_key(f) for f in findings if is_of_pain(f) and "flag" in f.numbers}

    def is_milder(f: Finding) -> bool:
        amber = f.level == WARN and episode_key(f) in red
        return is_of_pain(f) and (amber or (f.rule == "P1" and episode_key(f) in flagged and f.level != NOTE))

    return [f for f in findings if not is_milder(f)]


def _threshold(finding: Finding) -> float:
    value = finding.numbers.get("threshold")
    return float(value) if isinstance(value, int | float) else 0.0


def said_with_day(finding: Finding) -> str:
    """A mail is read days later, so "This run" gets its day."""
    return re.sub(r"^This (run|race)\b", rf"Your \1 of {short_day(finding.happened_on)}", finding.text)


def short_words(finding: Finding, units: str) -> str:
    """The finding in a subject line: its first sentence without the full stop."""
    run_m, more = finding.numbers.get("distance_m"), finding.numbers.get("ratio")
    if finding.rule == "L1" and isinstance(run_m, int | float) and isinstance(more, int | float) and more > 0:
        on = short_day(finding.happened_on)
        return (
            f"{plain(distance(run_m, units))} in one run on {on}, {percent(more)} longer than any in 30 days"
        )
    first = re.split(r"(?<=[.!?])\s", said_with_day(finding), maxsplit=1)[0]
    return first.removesuffix(".")


def kind_words(finding: Finding) -> str:
    """ "Load warning", "Shoes", ...: what an alert's subject begins with."""
    word = {NOTE: "note", WARN: "warning", ALARM: "alarm"}[finding.level]
    names = {"L": f"Load {word}", "P": f"Pain {word}", "S": "Shoes", "W": "Sync", "Q": "Check a run"}
    names |= {"C": "Cadence"}
    return names.get(finding.rule[0], f"Midsole {word}")


def evidence(rule: str) -> str:
    """How good the evidence is, in words."""
    if rule in EVIDENCE:
        return EVIDENCE[rule]
    known = RULE_BY_ID.get(rule)
    letter = next((c for c in known.grade if c in GRADES), "") if known else ""
    return GRADES.get(letter, "bookkeeping, nothing medical")


def commands(finding: Finding, ids: Mapping[tuple[str, str], int]) -> list[str]:
    """What the runner may type in answer: retire the pair, acknowledge the alert."""
    group, key = RETIRED_BY.get(finding.rule, ("", ""))
    name = str(finding.numbers.get(key))
    said = [f"midsole {group} retire {quoted(name)}"] if group and finding.level != NOTE else []
    alert_id, episode_id = ids.get((finding.rule, finding.subject)), ids.get(episode_key(finding))
    said += [f"midsole alerts ack {alert_id}"] if alert_id is not None else []
    is_old = is_of_pain(finding) and "days" in finding.numbers
    return said + ([f"midsole pain over {episode_id}"] if is_old and episode_id is not None else [])


def episode_key(finding: Finding) -> tuple[str, str]:
    """Among alerts' numbers stand those of the episodes, by this in place of rule and subject."""
    return EPISODE, ":".join(str(finding.numbers.get(key)) for key in ("place", "side", "opened_on"))


def naming[L: Letter](letter: L, runner: str) -> L:
    """The letter with commands that say whose they are, as they must where several run."""
    named = f"midsole --runner {quoted(runner)} "
    sections = (replace(s, rows=tuple(_naming(row, named) for row in s.rows)) for s in letter.sections)
    return replace(letter, sections=tuple(sections))


def _naming(row: Row, named: str) -> Row:
    return replace(row, command=row.command.replace("midsole ", named, 1)) if row.command else row


def linked[L: Letter](letter: L, address: Callable[[Link], str | None]) -> L:
    """The letter with links instead of commands; `address` None: there is no such link."""
    sections = tuple(_linked_section(s, address) for s in letter.sections)
    return replace(letter, sections=sections, links=_addressed(letter.links, address))


def _linked_section(section: Section, address: Callable[[Link], str | None]) -> Section:
    rows = tuple(_linked_row(row, address) for row in section.tapped or section.rows)
    if not any(row.links for row in rows):
        return section
    return replace(section, title=section.title.removesuffix(", type"), rows=rows, inline=False)


def _linked_row(row: Row, address: Callable[[Link], str | None]) -> Row:
    links = _addressed(row.links, address)
    return replace(row, links=links, command=None if links else row.command)


def _addressed(links: Sequence[Link], address: Callable[[Link], str | None]) -> tuple[Link, ...]:
    return tuple(replace(link, url=url) for link in links if (url := address(link)))


def quoted(name: str) -> str:
    """A name as it is typed in a shell."""
    return f'"{name}"' if re.fullmatch(r"[^\"$`\\!]+", name) else shlex.quote(name)


def footer(findings: Sequence[Finding], sections: Sequence[Section] = ()) -> tuple[str, ...]:
    """Who speaks of pain or of sore feet says when to see a clinician."""
    said = [f"{f.text} {f.advice}" for f in findings] + [r.text for s in sections for r in s.rows]
    words = re.search(r"\b(pain|sore|hurt)|ball of the foot", " ".join(said).lower())
    return (FOOTER, PAIN_FOOTER) if words or any(map(is_of_pain, findings)) else (FOOTER,)


# ---- pairs


def in_use(facts: Facts) -> list[Worn]:
    """Not retired and worn in the last 60 days, the most worn first."""
    pairs = [w for w in facts.shoes if wear.is_in_use(w, facts.today)]
    return sorted(pairs, key=lambda w: (-(w.used_fraction or 0.0), w.shoe.name))


def pair_row(worn: Worn, facts: Facts) -> Row:
    """A wear bar with its numbers and the forecast; no percentage where the start is unknown."""
    used, name, units = worn.used_fraction, worn.shoe.name, facts.units
    if used is None or worn.distance_m is None:
        ran = plain(distance(sum(w.distance_m for w in worn.recent), units))
        return Row(f"mileage unknown, {ran} in the last half-year; if in doubt, replace", name)
    about = "about " if worn.shoe.start_how == START_ESTIMATED else ""
    done, limit = (plain(distance(m, units)) for m in (worn.distance_m, worn.shoe.limit_m))
    all_day = plain(wear.all_day_words(worn, units))
    words = f"{about}{done} of {limit}, {percent(used)}{all_day}{_worn_out(worn, facts)}"
    return Row(words, name, min(used, 1.0), _wear_level(used, facts))


def inserts_in_use(facts: Facts) -> list[InsertWorn]:
    """Not retired and worn in the last 60 days, the most worn first."""
    used = [i for i in facts.inserts if wear.is_in_use(i.as_pair, facts.today)]
    return sorted(used, key=lambda i: (-(i.as_pair.used_fraction or 0.0), i.insert.name))


def insert_row(worn: InsertWorn, facts: Facts) -> Row:
    """Like a pair's, with the pair that it lies in."""
    row, fitted = pair_row(worn.as_pair, facts), worn.fitted_on(facts.today)
    lies_in = f"in the {fitted.shoe_name}" if fitted else "in no pair"
    return replace(row, text=f"{row.text}, {lies_in}")


def _wear_level(used: float, facts: Facts) -> str | None:
    if used >= facts.limits.shoe_warn:
        return WARN
    return NOTE if used >= facts.limits.shoe_note else None


def _worn_out(worn: Worn, facts: Facts) -> str:
    if (worn.used_fraction or 0.0) >= 1:
        return ", past its limit"
    today = facts.today
    seen = forecast(worn, today, days_off(facts))
    if seen.p10 is None or seen.p90 is None:
        return ""
    return f", at its limit between {_ahead(seen.p10, today)} and {_ahead(seen.p90, today)}"


def _ahead(day: date, today: date) -> str:
    """The year is said where the month alone could mean two."""
    return short_day(day) if (day - today).days < 300 else full_day(day)


# ---- words


def plain(text: str) -> str:
    """42.0 km reads 42 km."""
    return re.sub(r"(\d)\.0(?= (?:km|mi)\b)", r"\1", text)


def full_day(day: date | None) -> str:
    return f"{short_day(day)} {day.year}" if day else ""


def past_day(day: date, today: date) -> str:
    """ "Tuesday" within the last six days, the date before that."""
    if 0 <= (today - day).days < 7:
        return WEEKDAYS[day.weekday()]
    return short_day(day) if (today - day).days < 300 else full_day(day)
