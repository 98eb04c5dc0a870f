"""Pain as it stands: what an answer means, which episodes there are, and which runs were painless.

RULES.md section 3; docs/decisions/0027-episodes.md says where it had to be made exact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from midsole.domain.checkins import (
    AFTER,
    DURING,
    LIMP,
    MORNING,
    NIGHT,
    NUMB_STAYS,
    REST,
    SHARP,
    SUDDEN,
    SWELLING,
    TOE,
    WORSE_EXERCISE,
    WORSE_RESTING,
    Body,
    CheckIn,
    SaidOver,
    Spot,
)
from midsole.domain.facts import ALARM, NOTE, WARN, Facts
from midsole.domain.weeks import DAY

AMBER_FROM, RED_ABOVE = 3, 5
PAINLESS_DAYS, ANSWERED_DAYS = 14, 5
LAST_RUNS, SORE_MORNINGS = 3, 2
BEFORE_DAYS = 7
"""How old an answer may be that tells how it was before the run."""
RESTED_DAYS = 2
ON_THE_DAY = (MORNING, DURING, AFTER, REST, NIGHT)
FLAG_SIGNS = (SWELLING, NUMB_STAYS, TOE, SUDDEN, WORSE_RESTING, WORSE_EXERCISE)
PAINLESS, SAID = "painless", "said"


@dataclass(frozen=True, slots=True)
class Episode:
    """Pain of one spot. `onset_on` is its first report, also one too mild to open it; `reports` are its
    painful answers in order, `flags` the red flags with their days; `ended_how` is painless or said."""

    spot: Spot
    opened_on: date
    onset_on: date
    reports: tuple[CheckIn, ...]
    red_on: date | None
    flags: tuple[tuple[date, str], ...]
    ended_on: date | None = None
    ended_how: str | None = None

    @property
    def key(self) -> str:
        return key(self.spot, self.opened_on)

    @property
    def level(self) -> str:
        """Of its worst: warn (amber) or alarm (red)."""
        return WARN if self.red_on is None else ALARM

    def is_open_on(self, day: date) -> bool:
        return self.opened_on <= day and (self.ended_on is None or day < self.ended_on)

    def is_red_on(self, day: date) -> bool:
        """From its first red answer to its end: by the runner's word, or after 14 painless days."""
        return self.red_on is not None and self.red_on <= day and self.is_open_on(day)


def key(spot: Spot, opened_on: date) -> str:
    """By which the alerts of an episode are known."""
    return f"{spot.key}:{opened_on}"


# ---- one answer


def flags_of(answer: CheckIn) -> tuple[str, ...]:
    """P3's red flags in it: pain at rest or at night, and the signs that are one."""
    at = (answer.moment,) if answer.moment in (REST, NIGHT) and answer.level > 0 else ()
    return (*at, *(sign for sign in FLAG_SIGNS if sign in answer.signs))


def is_red(answer: CheckIn) -> bool:
    return hurts_red(answer) or bool(flags_of(answer))


def hurts_red(answer: CheckIn) -> bool:
    """P1's red: by its level, sharp or limping."""
    sharp = answer.kind == SHARP and answer.level > 0
    return answer.level > RED_ABOVE or sharp or LIMP in answer.signs


def grade(answer: CheckIn) -> str | None:
    """What P1 and P3 make of the answer alone; None: painless."""
    if answer.is_painless:
        return None
    if is_red(answer):
        return ALARM
    return WARN if answer.level >= AMBER_FROM else NOTE


# ---- episodes


def episodes(facts: Facts) -> tuple[Episode, ...]:
    """All that there were, in order of their opening; the same ones for the same facts."""
    found = facts.counted.get("episodes")
    if not isinstance(found, tuple):
        found = facts.counted["episodes"] = _episodes(facts)
    return found


def _episodes(facts: Facts) -> tuple[Episode, ...]:
    run_days = sorted(days_of_runs(facts))
    spots = sorted({spot for a in all_in_order(facts) if not a.is_painless and (spot := a.spot)})
    found = (e for spot in spots for e in _of_spot(spot, facts, run_days))
    return tuple(sorted(found, key=lambda e: (e.opened_on, e.spot)))


def all_in_order(facts: Facts) -> list[CheckIn]:
    """Every answer; sorted once for the same facts."""
    if "answers" not in facts.counted:
        facts.counted["answers"] = in_order(facts.body.check_ins)
    found: list[CheckIn] = facts.counted["answers"]
    return found


def in_order(answers: Iterable[CheckIn]) -> list[CheckIn]:
    return sorted(answers, key=lambda a: (a.on_day, ON_THE_DAY.index(a.moment), a.id))


def answers_of(facts: Facts, spot: Spot) -> Sequence[CheckIn]:
    """Those that speak of the spot, "all fine" among them, in order."""
    kept = facts.counted.setdefault("answers of", {})
    if spot not in kept:
        kept[spot] = tuple(a for a in all_in_order(facts) if speaks_of(a, spot))
    found: tuple[CheckIn, ...] = kept[spot]
    return found


def _of_spot(spot: Spot, facts: Facts, run_days: Sequence[date]) -> list[Episode]:
    mine = answers_of(facts, spot)
    pains = [a for a in mine if not a.is_painless]
    over = [o for o in facts.body.said_over if o.spot == spot]
    found: list[Episode] = []
    waiting = pains
    while (opening := _first_opening(waiting, mine, pains, run_days)) is not None:
        episode = _lasting(spot, opening, mine, waiting, over, facts)
        found.append(episode)
        if episode.ended_on is None:
            break
        waiting = [a for a in waiting if a not in episode.reports and a.on_day >= episode.ended_on]
    return found


def days_of_runs(facts: Facts) -> set[date]:
    """Also of those too long ago for the rules: an episode stays what it was."""
    if "days of runs" not in facts.counted:
        facts.counted["days of runs"] = {
            a.local_date for a in facts.activities if a.is_run
        } | facts.body.run_days
    found: set[date] = facts.counted["days of runs"]
    return found


def speaks_of(answer: CheckIn, spot: Spot) -> bool:
    """Of it alone, or "all fine" of everything."""
    return answer.spot == spot or (answer.place is None and answer.is_painless)


def _first_opening(
    waiting: Sequence[CheckIn], mine: Sequence[CheckIn], pains: Sequence[CheckIn], run_days: Sequence[date]
) -> CheckIn | None:
    for answer in waiting:
        if grade(answer) in (WARN, ALARM) or is_worse_than_before(answer, mine, run_days):
            return answer
        if is_sore_pattern(answer, pains, run_days):
            return answer
    return None


def is_worse_than_before(answer: CheckIn, mine: Sequence[CheckIn], run_days: Sequence[date]) -> bool:
    """P1: on the morning after a run it hurts more than on the best day of the week before that run.

    The best day, for else a pain told in between could make this morning look mild."""
    run_on = answer.on_day - DAY
    if answer.moment != MORNING or run_on not in run_days:
        return False
    before = [
        a
        for a in mine
        if run_on - timedelta(days=BEFORE_DAYS) <= a.on_day <= run_on
        and (a.on_day < run_on or a.moment == MORNING)
    ]
    return bool(before) and answer.level > min(a.level for a in before)


def sore_runs(pains: Iterable[CheckIn], run_days: Iterable[date]) -> list[date]:
    """Days of runs after which the next morning was sore."""
    mornings = {a.on_day for a in pains if a.moment == MORNING}
    return [day for day in run_days if day + DAY in mornings]


def last_runs(run_days: Iterable[date], before: date) -> list[date]:
    """The days with runs that P2 looks at, before that day."""
    return sorted(day for day in run_days if day < before)[-LAST_RUNS:]


def is_sore_pattern(answer: CheckIn, pains: Sequence[CheckIn], run_days: Sequence[date]) -> bool:
    """P2: with this morning, 2 of the last 3 days with runs were followed by a sore one."""
    if answer.moment != MORNING:
        return False
    last = last_runs(run_days, answer.on_day)
    if answer.on_day - DAY not in last:
        return False
    upto = [a for a in pains if a.on_day <= answer.on_day]
    return len(sore_runs(upto, last)) >= SORE_MORNINGS


def _lasting(
    spot: Spot,
    opening: CheckIn,
    mine: Sequence[CheckIn],
    waiting: Sequence[CheckIn],
    over: Sequence[SaidOver],
    facts: Facts,
) -> Episode:
    """The episode that this answer opens, up to its end or to now."""
    first = waiting.index(opening)
    said = next((o for o in over if o.opened_on == opening.on_day and not _is_after(opening, o)), None)
    later = [a for a in waiting[first:] if said is None or not _is_after(a, said)]
    end, how = _painless_end(later, mine, facts.today), PAINLESS
    if said is not None and (end is None or said.on_day < end):
        end, how = said.on_day, SAID
    kept = [a for a in later if end is None or a.on_day < end or how == SAID]
    earliest = opening.on_day - PAINLESS_DAYS * DAY
    reports = (*(a for a in waiting[:first] if a.on_day >= earliest), *kept)
    flags = _flags(kept, facts)
    return Episode(
        spot=spot,
        opened_on=opening.on_day,
        onset_on=reports[0].on_day,
        reports=reports,
        red_on=min([*(a.on_day for a in kept if is_red(a)), *(day for day, _ in flags)], default=None),
        flags=flags,
        ended_on=end,
        ended_how=None if end is None else how,
    )


def _is_after(answer: CheckIn, over: SaidOver) -> bool:
    if answer.on_day != over.on_day or answer.said_at is None:
        return answer.on_day > over.on_day
    return answer.said_at > over.said_at


def _flags(pains: Sequence[CheckIn], facts: Facts) -> tuple[tuple[date, str], ...]:
    told = [(a.on_day, flag) for a in pains for flag in flags_of(a)]
    return tuple(sorted(told + worse_at_rest(pains, days_of_runs(facts))))


def worse_at_rest(pains: Sequence[CheckIn], run_days: Iterable[date]) -> list[tuple[date, str]]:
    """P3's "worse despite rest": more pain than at least two days before, with no run between."""
    ran = set(run_days)
    found = []
    for earlier, later in pairwise(pains):
        between = {earlier.on_day + DAY * n for n in range((later.on_day - earlier.on_day).days + 1)}
        rested = (later.on_day - earlier.on_day).days >= RESTED_DAYS and not between & ran
        if rested and later.level > earlier.level and later.level >= AMBER_FROM:
            found.append((later.on_day, WORSE_RESTING))
    return found


def _painless_end(pains: Sequence[CheckIn], mine: Sequence[CheckIn], today: date) -> date | None:
    """The first day that ends 14 painless ones, of which at least 5 were answered; before the next pain."""
    for number, last in enumerate(pains):
        next_on = pains[number + 1].on_day if number + 1 < len(pains) else today + DAY
        first = last.on_day + PAINLESS_DAYS * DAY
        if first >= next_on:
            continue
        painless = painless_days(a for a in mine if last.on_day < a.on_day < next_on)
        drugged = {a.on_day for a in mine if a.has_painkiller}
        candidates = [first, *(day for day in sorted(painless) if day > first)]
        for day in candidates:
            window = [d for d in painless if day - PAINLESS_DAYS * DAY < d <= day]
            if day < next_on and day not in drugged and len(window) >= ANSWERED_DAYS:
                return day
    return None


def painless_days(answers: Iterable[CheckIn]) -> set[date]:
    """Days with an answer, all of them painless, and without a painkiller."""
    well: set[date] = set()
    ill: set[date] = set()
    for answer in answers:
        (well if answer.is_well else ill).add(answer.on_day)
    return well - ill


# ---- as it stands


def open_episodes(facts: Facts, on: date | None = None) -> list[Episode]:
    day = on or facts.today
    return [e for e in episodes(facts) if e.is_open_on(day)]


def standing(facts: Facts, on: date | None = None) -> str | None:
    """Alarm while anything is red, warn while anything is open, else None."""
    day = on or facts.today
    found = open_episodes(facts, day)
    if any(e.is_red_on(day) for e in found):
        return ALARM
    return WARN if found else None


def red_days(facts: Facts) -> set[date]:
    """Days on which running was off: no baseline holds them."""
    found: set[date] = set()
    for e in episodes(facts):
        if e.red_on is not None:
            last = facts.today if e.ended_on is None else e.ended_on - DAY
            found |= {e.red_on + DAY * n for n in range((last - e.red_on).days + 1)}
    return found


def is_painless_run(body: Body, run_on: date) -> bool:
    """Answered so for all of the body, after the run and the next morning, and no painkiller that day."""
    those = body.between(run_on, run_on + DAY)
    that_day = [a for a in those if a.on_day == run_on and a.moment != MORNING]
    next_day = [a for a in those if a.on_day > run_on and a.moment == MORNING]
    drugged = any(a.has_painkiller for a in those)
    after = [a for a in that_day if a.moment == AFTER]
    if drugged or not after or not next_day:
        return False
    return all(a.is_painless for a in (*that_day, *next_day))
