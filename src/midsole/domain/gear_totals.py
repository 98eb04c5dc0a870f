"""An account's total of a pair against ours, and every reason for the difference."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from midsole.domain.letter import plain
from midsole.domain.units import distance

UNKNOWN, OTHER_PAIR, EXCLUDED = "unknown", "other pair", "excluded"
"""Why a run is not counted on one side; excluded is only said of ours."""
START, UNTOLD, UNSUMMED = "start", "untold", "below the sum"
THEIRS_UNKNOWN, THEIRS_OTHER_PAIR = "theirs, unknown here", "theirs, other pair here"
THEIRS_EXCLUDED, THEIRS_NO_FILE = "theirs, excluded here", "theirs, no file"
OURS_UNKNOWN, OURS_OTHER_PAIR, MEASURED = "ours, unknown there", "ours, other pair there", "measured"
SHOWN_FROM_M = 50.0
"""Less is no tenth of a kilometre."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A run on this pair, as each side counts it; None where that side does not count it on this pair.

    `why` tells the reason of the side that does not; `activity_id` is anybody's name for it."""

    activity_id: int | str
    local_date: date
    ours_m: float | None
    theirs_m: float | None
    has_original: bool = True
    why: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of the difference: `metres` is what the account counts more, negative where it counts less."""

    kind: str
    metres: float
    runs: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Both totals, ours with its start distance; the reasons add up to theirs less ours.

    `start_m` and `implied_start_m` are what each side begins with, None where that is not known."""

    ours_m: float
    theirs_m: float | None
    start_m: float | None
    implied_start_m: float | None
    reasons: tuple[Reason, ...] = ()

    @property
    def difference_m(self) -> float | None:
        """What the account counts more than we do."""
        return None if self.theirs_m is None else self.theirs_m - self.ours_m

    def sentences(self, units: str) -> list[str]:
        """Each reason that can be seen in the shown numbers."""
        return [_sentence(self, r, units) for r in self.reasons if abs(r.metres) >= SHOWN_FROM_M]


def compare(start_m: float | None, total_m: float | None, runs: Iterable[Counted], *, whole: bool) -> Totals:
    """`total_m` is the account's; `whole`: all the activities that it lists for the pair are among `runs`.

    Then what it counts above their sum was entered there by hand, as the distance the pair began with."""
    counted = list(runs)
    ours_m = (start_m or 0.0) + sum(run.ours_m or 0.0 for run in counted)
    if total_m is None:
        return Totals(ours_m, None, start_m, None)
    rest_m = total_m - sum(run.theirs_m or 0.0 for run in counted)
    reasons = (*_beginning(rest_m, start_m or 0.0, whole), *_by_kind(counted))
    return Totals(ours_m, total_m, start_m, max(rest_m, 0.0) if whole else None, reasons)


def _beginning(rest_m: float, start_m: float, whole: bool) -> list[Reason]:
    """No pair begins below nothing: such a total was made before the account changed its runs."""
    if not whole:
        found = [Reason(UNTOLD, rest_m - start_m)]
    else:
        found = [Reason(START, max(rest_m, 0.0) - start_m), Reason(UNSUMMED, min(rest_m, 0.0))]
    return [reason for reason in found if reason.metres]


def _by_kind(runs: Iterable[Counted]) -> list[Reason]:
    parts: defaultdict[str, list[float]] = defaultdict(list)
    for run in runs:
        parts[_kind(run)].append((run.theirs_m or 0.0) - (run.ours_m or 0.0))
    return [Reason(kind, sum(metres), _seen(metres)) for kind, metres in parts.items() if any(metres)]


def _seen(metres: list[float]) -> int:
    """How many runs differ by a metre or more; by less, all of them together."""
    return sum(abs(m) >= 1 for m in metres) or len(metres)


def _kind(run: Counted) -> str:
    """A run of no metres (doubted until it is confirmed) counts as little as one that is not there."""
    if not run.ours_m:
        if run.why == UNKNOWN and not run.has_original:
            return THEIRS_NO_FILE
        return {OTHER_PAIR: THEIRS_OTHER_PAIR, EXCLUDED: THEIRS_EXCLUDED}.get(run.why, THEIRS_UNKNOWN)
    if not run.theirs_m:
        return OURS_OTHER_PAIR if run.why == OTHER_PAIR else OURS_UNKNOWN
    return MEASURED


def _sentence(totals: Totals, reason: Reason, units: str) -> str:
    much = plain(distance(abs(reason.metres), units))
    one = reason.runs == 1
    runs = "1 run" if one else f"{reason.runs} runs"
    them, theirs = "it" if one else "them", f"{runs} ({much}) count{'s' * one} only at Garmin"
    ours = f"{runs} ({much}) count{'s' * one} only in Midsole"
    return {
        START: _start(totals, units),
        UNTOLD: f"{much} {_more(reason)} at Garmin is not explained: not all of the pair's runs are listed.",
        UNSUMMED: f"Garmin's total is {much} less than the sum of its own runs.",
        THEIRS_UNKNOWN: f"{theirs}: Midsole counts {them} on no pair.",
        THEIRS_OTHER_PAIR: f"{theirs}: Midsole has {them} on another pair.",
        THEIRS_EXCLUDED: f"{theirs}: you excluded {them} in Midsole.",
        THEIRS_NO_FILE: f"{theirs}: there is no file of {them}.",
        OURS_UNKNOWN: f"{ours}: Garmin has {them} on no pair.",
        OURS_OTHER_PAIR: f"{ours}: Garmin has {them} on another pair.",
        MEASURED: f"{runs} {'is' if one else 'are'} measured differently: {much} {_more(reason)} at Garmin.",
    }[reason.kind]


def _more(reason: Reason) -> str:
    return "more" if reason.metres > 0 else "less"


def _start(totals: Totals, units: str) -> str:
    theirs = plain(distance(totals.implied_start_m or 0.0, units))
    if totals.start_m is None:
        return f"Garmin begins with {theirs}; what Midsole begins with is not known."
    return f"Garmin begins with {theirs}, Midsole with {plain(distance(totals.start_m, units))}."
