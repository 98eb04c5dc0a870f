"""Why a file counts for nothing: it could not be read, it is no activity, or its activity is doubted."""

from collections.abc import Sequence
from dataclasses import dataclass

from midsole.domain.plausible import GONE, QUARANTINE
from midsole.domain.rules.q1_impossible import WORDS_BY_FLAG

WAITING, FAILED, OTHER_KIND, SET_ASIDE = "waiting", "failed", "other kind", "ignored by you"
DOUBTED, EXCLUDED, NO_DISTANCE, UNKNOWN_SPORT = "doubted", "excluded", "no distance", "unknown sport"
DELETED = "deleted"
COUNTED = "counted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an activity makes of a file that was read."""

    activity_id: int
    sport: str
    counted_m: float
    excluded: bool
    confirmed: bool
    flags: Sequence[str]


@dataclass(frozen=True, slots=True)
class Why:
    """The cause in a word or two, and the reason in a sentence without a full stop."""

    cause: str
    reason: str


def why_unread(state: str, reason: str | None, attempts: int, *, set_aside: bool) -> Why | None:
    """Why no activity came of a file; None where it was read."""
    said = (reason or "").rstrip(".")
    if state == "new":
        return Why(WAITING, f"not read yet, tried {attempts} times" if attempts > 1 else "not read yet")
    if state == "bad":
        return Why(FAILED, said)
    if set_aside:
        return Why(SET_ASIDE, said)
    return Why(OTHER_KIND, said) if state == "ignored" else None


def why_uncounted(outcomes: Sequence[Outcome]) -> Why | None:
    """Why what was read counts for nothing, the first leg's cause first; None where all of it counts."""
    found = [(outcome.activity_id, why) for outcome in outcomes if (why := _why(outcome))]
    if not found:
        return None
    if len(outcomes) == 1:
        return found[0][1]
    return Why(found[0][1].cause, "; ".join(f"activity {number}: {why.reason}" for number, why in found))


def _why(outcome: Outcome) -> Why | None:
    if outcome.excluded:
        return Why(EXCLUDED, "you excluded it")
    if outcome.counted_m <= 0 and not outcome.confirmed and GONE in outcome.flags:
        return Why(DELETED, "deleted in Garmin")
    if outcome.counted_m <= 0 and not outcome.confirmed and QUARANTINE & set(outcome.flags):
        words = [WORDS_BY_FLAG[flag] for flag in outcome.flags if flag in QUARANTINE]
        return Why(DOUBTED, " and ".join(words))
    if outcome.sport == "unknown":
        return Why(UNKNOWN_SPORT, "its sport is unknown, so it is counted as no run")
    return Why(NO_DISTANCE, "it holds no distance") if outcome.counted_m <= 0 else None
