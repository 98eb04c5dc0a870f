"""What the runner says of their body: check-ins, and the words that they are made of."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from types import MappingProxyType

from midsole.domain import kept
from midsole.domain.errors import UsageError

PLACES: Mapping[str, str] = MappingProxyType(
    {
        "ball-inner": "inner ball of the foot",
        "ball-middle": "middle ball of the foot",
        "ball-outer": "outer ball of the foot",
        "toes": "toes",
        "arch": "arch",
        "top": "top of the foot",
        "heel": "heel",
        "ankle": "ankle",
        "achilles": "Achilles tendon",
        "calf": "calf",
        "shin": "shin",
        "knee": "knee",
        "hip": "hip",
        "other": "another place",
    }
)
FOREFOOT = frozenset({"ball-inner", "ball-middle", "ball-outer", "toes"})
SIDES: Mapping[str, str] = MappingProxyType({"left": "left", "right": "right", "both": "both sides"})
DURING, AFTER, MORNING, REST, NIGHT = "during", "after", "morning", "rest", "night"
MOMENTS: Mapping[str, str] = MappingProxyType(
    {
        MORNING: "in the morning",
        DURING: "during a run",
        AFTER: "after a run",
        REST: "at rest",
        NIGHT: "at night",
    }
)
"""In the order of a day, as far as it has one."""
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "ache": "an ache",
        "bruised": "bruised",
        "burning": "burning",
        "sharp": "sharp",
        "pebble": "like a pebble in the shoe",
        "cramp": "a cramp",
        "numb": "numb or tingling",
    }
)
SHARP = "sharp"
SWELLING, LIMP, PAINKILLER = "swelling", "limp", "painkiller"
NUMB_STAYS, TOE, SUDDEN = "numb-stays", "toe", "sudden"
WORSE_RESTING, WORSE_EXERCISE = "worse-resting", "worse-exercise"
SIGNS: Mapping[str, str] = MappingProxyType(
    {
        LIMP: "limping, or it hurts to walk",
        SWELLING: "swelling, heat or redness",
        NUMB_STAYS: "numbness that stays",
        TOE: "a toe that drifts or changes its shape",
        SUDDEN: "one step with sudden sharp pain",
        WORSE_RESTING: "worse although I rest",
        WORSE_EXERCISE: "the exercises make it worse",
        PAINKILLER: "I took a painkiller today",
    }
)
WORST = 10
LONGEST_NOTE = 500
_felt_on = attrgetter("on_day")


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One answer. `on_day` is the local day on which it was felt; the run it speaks of is of that day, for
    `morning` of the day before. `place` None: all fine everywhere, at level 0."""

    on_day: date
    moment: str
    level: int
    place: str | None = None
    side: str | None = None
    kind: str | None = None
    signs: tuple[str, ...] = ()
    note: str | None = None
    said_at: datetime | None = None
    id: int = 0

    @property
    def is_painless(self) -> bool:
        return self.level == 0 and (not self.signs or set(self.signs) == {PAINKILLER})

    @property
    def has_painkiller(self) -> bool:
        """It only hides: no day with one counts as painless."""
        return PAINKILLER in self.signs

    @property
    def is_well(self) -> bool:
        return self.is_painless and not self.has_painkiller

    @property
    def spot(self) -> "Spot | None":
        return Spot(self.place, self.side) if self.place and self.side else None


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A place of the body and its side: whose pain is one episode."""

    place: str
    side: str

    @property
    def key(self) -> str:
        """ "heel:left": in the subjects of alerts and the fields of forms."""
        return f"{self.place}:{self.side}"

    @property
    def words(self) -> str:
        """ "left inner ball of the foot"; "knee, both sides"."""
        if self.side == "both":
            return f"{PLACES[self.place]}, both sides"
        return f"{self.side} {PLACES[self.place]}" if self.place != "other" else f"another place, {self.side}"


@dataclass(frozen=True, slots=True)
class SaidOver:
    """The runner's word that an episode has ended, with its local day."""

    spot: Spot
    opened_on: date
    on_day: date
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """A comeback as it is kept; where it stands, domain/plan.py works out of the runs and the answers.

    `began_on` is the break's first day, or that of red pain; `gate_on` the day the gate was passed."""

    began_on: date
    opened_on: date
    why: str
    usual_m: float | None = None
    longest_m: float | None = None
    gate_on: date | None = None
    left_on: date | None = None
    done_on: date | None = None
    edits: Mapping[str, object] = field(default_factory=dict)
    id: int = 0

    @property
    def is_open(self) -> bool:
        return self.left_on is None and self.done_on is None


@dataclass(frozen=True, slots=True)
class RunWalk:
    """How a run was run: seconds running and walking, in how many bouts, the longest of them."""

    running_s: float
    walking_s: float
    bouts: int
    longest_s: float


@dataclass(frozen=True, slots=True)
class Body:
    """All that is known of a runner's body. `plans` in order, the newest last; `ticks` are (day, exercise);
    `wanted` says of an exercise that the runner wants it, or not, whatever is open."""

    check_ins: tuple[CheckIn, ...] = ()
    said_over: tuple[SaidOver, ...] = ()
    plans: tuple[Plan, ...] = ()
    run_walks: Mapping[int, RunWalk] = field(default_factory=dict)
    """Activity id -> how it was run; of runs since a plan was opened."""
    ticks: tuple[tuple[date, str], ...] = ()
    wanted: Mapping[str, bool] = field(default_factory=dict)
    run_days: frozenset[date] = frozenset()
    """Days with runs since a week before the first check-in."""
    ask: str = "rules"
    """rules, every (after every run and the next morning) or none."""
    _by_day: list[CheckIn] = field(default_factory=list, init=False, repr=False, compare=False)

    def between(self, first: date, last: date) -> list[CheckIn]:
        """The answers felt on these days, both included; the others are not looked at."""
        if not self._by_day:
            self._by_day.extend(sorted(self.check_ins, key=_felt_on))
        begin = bisect_left(self._by_day, first, key=_felt_on)
        return self._by_day[begin : bisect_right(self._by_day, last, key=_felt_on)]


def checked(
    on_day: date,
    moment: str,
    level: int,
    *,
    place: str | None = None,
    side: str | None = None,
    kind: str | None = None,
    signs: Iterable[str] = (),
    note: str | None = None,
) -> CheckIn:
    """The answer as it may be kept; a UsageError says what is missing or not known."""
    chosen = tuple(sign for sign in SIGNS if sign in set(signs))
    _known("moment", moment, MOMENTS)
    for what, said, among in (("place", place, PLACES), ("side", side, SIDES), ("kind", kind, KINDS)):
        if said is not None:
            _known(what, said, among)
    for sign in signs:
        _known("sign", sign, SIGNS)
    if not 0 <= level <= WORST:
        raise UsageError("How much it hurts is a number from 0 (not at all) to 10.")
    hurts = level > 0 or bool(set(chosen) - {PAINKILLER})
    if hurts and place is None:
        raise UsageError("Say where it hurts: choose a place.")
    if place is not None and side is None:
        raise UsageError("Say on which side: left, right or both.")
    if place is None and (side is not None or kind is not None):
        raise UsageError("Say where: a side or a kind of pain needs a place.")
    return CheckIn(
        on_day, moment, level, place, side, kind, chosen, kept.text_of("A note", note, LONGEST_NOTE)
    )


def _known(what: str, said: str, among: Mapping[str, str]) -> None:
    if said not in among:
        raise UsageError(f"There is no {what} {said!r}. Known: {', '.join(among)}.")
