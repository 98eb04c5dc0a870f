"""The runner's own rules for which pair a run wears: what a rule asks, and whether an activity is so."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np

from midsole.domain.activity import Activity
from midsole.domain.samples import haversine_m
from midsole.domain.shoes import Shoe
from midsole.domain.when import Zone, local_at


@dataclass(frozen=True, slots=True)
class Circle:
    """All within so many metres of a point."""

    lat: float
    lon: float
    radius_m: float

    def holds(self, lat: float, lon: float) -> bool:
        apart_m = haversine_m(np.array([self.lat, lat]), np.array([self.lon, lon]))
        return bool(apart_m[0] <= self.radius_m)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an activity must be for a rule to answer; None or empty: not asked.

    `min` and `max` include their own number, `faster_than` and `slower_than` don't. `weekdays` are counted
    from Monday 0; `time_until` is the first minute after, and before `time_from` where the span crosses
    midnight. One of `words` in the title is enough; `#word` asks for the hashtag."""

    sports: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    min_distance_m: float | None = None
    max_distance_m: float | None = None
    min_moving_s: float | None = None
    max_moving_s: float | None = None
    faster_than_s_per_km: float | None = None
    slower_than_s_per_km: float | None = None
    min_cadence_spm: float | None = None
    max_cadence_spm: float | None = None
    min_climb_m_per_km: float | None = None
    max_climb_m_per_km: float | None = None
    weekdays: tuple[int, ...] = ()
    time_from: time | None = None
    time_until: time | None = None
    near: Circle | None = None
    device: str | None = None
    foot_pod: str | None = None
    words: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    is_race: bool | None = None


@dataclass(frozen=True, slots=True)
class ShoeRule:
    """From its day on, what fits the conditions wears the pair; `place` 1 is asked first."""

    id: int
    place: int
    shoe_id: int
    conditions: Conditions
    from_date: date


def local_start(activity: Activity, zone_on: Zone) -> datetime:
    """The wall clock at the start: by the activity's own offset, else in the runner's zone of that day."""
    return local_at(activity.started_at, activity.utc_offset_s, zone_on)


def first(
    rules: Iterable[ShoeRule],
    activity: Activity,
    local_start: datetime,
    shoes: Mapping[int, Shoe],
    *,
    past: bool = False,
) -> ShoeRule | None:
    """The rule that answers: the first in order that has begun, fits, and whose pair can be worn that day.

    `past`: also those that had not begun yet. None where no rule answers."""
    day = activity.local_date
    for rule in sorted(rules, key=lambda rule: rule.place):
        begun = past or rule.from_date <= day
        pair = shoes.get(rule.shoe_id)
        if begun and pair and pair.can_be_worn_on(day) and matches(rule.conditions, activity, local_start):
            return rule
    return None


def matches(conditions: Conditions, activity: Activity, local_start: datetime) -> bool:
    """Whether the activity is all that is asked; what it does not know of itself it is not."""
    return (
        _is_of_kind(conditions, activity)
        and _measures(conditions, activity)
        and _begins_when(conditions, activity.local_date, local_start.time())
        and _begins_where(conditions, activity)
        and _is_recorded_by(conditions, activity)
        and _is_titled(conditions, activity)
    )


def _is_of_kind(asked: Conditions, activity: Activity) -> bool:
    return (
        (not asked.sports or activity.sport in asked.sports)
        and (not asked.surfaces or activity.surface in asked.surfaces)
        and (asked.is_race is None or activity.is_race == asked.is_race)
    )


def _measures(asked: Conditions, activity: Activity) -> bool:
    distance_m = _above_0(activity.distance_m)
    moving_s = _above_0(activity.moving_s)
    climb_m = activity.ascent_m
    return (
        _inside(distance_m, asked.min_distance_m, asked.max_distance_m)
        and _inside(moving_s, asked.min_moving_s, asked.max_moving_s)
        and _inside(_above_0(activity.cadence_spm), asked.min_cadence_spm, asked.max_cadence_spm)
        and _inside(_per_km(climb_m, distance_m), asked.min_climb_m_per_km, asked.max_climb_m_per_km)
        and _is_as_fast(asked, _per_km(moving_s, distance_m))
    )


def _above_0(value: float | None) -> float | None:
    """Nothing covered, no time and no steps are what files say that know none."""
    return value if value is not None and value > 0 else None


def _per_km(value: float | None, distance_m: float | None) -> float | None:
    return None if value is None or distance_m is None else value / (distance_m / 1000)


def _inside(value: float | None, least: float | None, most: float | None) -> bool:
    if least is None and most is None:
        return True
    return value is not None and (least is None or value >= least) and (most is None or value <= most)


def _is_as_fast(asked: Conditions, pace_s: float | None) -> bool:
    slowest_s, fastest_s = asked.faster_than_s_per_km, asked.slower_than_s_per_km
    if slowest_s is None and fastest_s is None:
        return True
    return (
        pace_s is not None
        and (slowest_s is None or pace_s < slowest_s)
        and (fastest_s is None or pace_s > fastest_s)
    )


def _begins_when(asked: Conditions, day: date, clock: time) -> bool:
    return (
        (not asked.weekdays or day.weekday() in asked.weekdays)
        and (asked.since is None or day >= asked.since)
        and (asked.until is None or day <= asked.until)
        and _is_at(clock, asked.time_from, asked.time_until)
    )


def _is_at(clock: time, begins: time | None, ends: time | None) -> bool:
    if begins is None or ends is None:
        return True
    if begins < ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends


def _begins_where(asked: Conditions, activity: Activity) -> bool:
    if asked.near is None:
        return True
    if activity.start_lat is None or activity.start_lon is None:
        return False
    return asked.near.holds(activity.start_lat, activity.start_lon)


def _is_recorded_by(asked: Conditions, activity: Activity) -> bool:
    device, foot_pod = plain(activity.device or ""), plain(activity.foot_pod or "")
    return (asked.device is None or plain(asked.device) in device) and (
        asked.foot_pod is None or plain(asked.foot_pod) == foot_pod
    )


def _is_titled(asked: Conditions, activity: Activity) -> bool:
    title = plain(activity.title or "")
    return not asked.words or any(_has_word(title, plain(word)) for word in asked.words)


def plain(text: str) -> str:
    """The same for what people read as the same, in whatever letters it was typed."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def _has_word(title: str, word: str) -> bool:
    """Whether it stands there as a word of its own: "race" is not in "bracelet", "#race" not in "race"."""
    at = title.find(word)
    while at >= 0:
        before, after = title[at - 1 : at], title[at + len(word) : at + len(word) + 1]
        if not (_is_letter(before) or _is_letter(after)):
            return True
        at = title.find(word, at + 1)
    return False


def _is_letter(character: str) -> bool:
    """A letter, a figure, the accent or vowel sign of one, or what joins words to one; an edge is none."""
    return character == "_" or (character != "" and unicodedata.category(character)[0] in "LNM")
