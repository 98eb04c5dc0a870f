"""The steps of the way back to 30 minutes of running, and how a run compares with one."""

from dataclasses import dataclass

from midsole.domain.checkins import RunWalk

LEAST_SHARE = 0.9
"""Of the step's jogging, and of its longest part: watches and breath are no metronomes."""
MORE_SHARE, MORE_S = 1.3, 120
EASY_START_S = 16 * 60
"""The other form of step 1: 10-15 minutes easy on soft ground, a minute for the clock."""
WHOLE_S = 30 * 60 - 30


@dataclass(frozen=True, slots=True)
class Step:
    """So many times jog, then walk; no walk: without stopping."""

    number: int
    times: int
    jog_min: int
    walk_min: int

    @property
    def jog_s(self) -> int:
        return self.times * self.jog_min * 60

    @property
    def walk_s(self) -> int:
        return self.times * self.walk_min * 60

    @property
    def words(self) -> str:
        """ "5 x (1 min jog, 1 min walk)"."""
        if self.times == 1:
            return f"{self.jog_min} min without stopping"
        return f"{self.times} x ({self.jog_min} min jog, {self.walk_min} min walk)"


# RULES.md names the first and the last; those between are ours: each is at most 7 minutes more of jogging.
STEPS = (
    Step(1, 5, 1, 1),
    Step(2, 5, 2, 1),
    Step(3, 5, 3, 1),
    Step(4, 4, 5, 1),
    Step(5, 3, 8, 1),
    Step(6, 2, 13, 1),
    Step(7, 1, 30, 0),
)


def did(step: Step, how: RunWalk) -> bool:
    """Whether the run was at least the step. Without known bouts the whole of the jogging decides."""
    if step.number == len(STEPS):
        return how.longest_s >= WHOLE_S
    if how.running_s < LEAST_SHARE * step.jog_s:
        return False
    return not how.bouts or how.longest_s >= LEAST_SHARE * step.jog_min * 60


def is_more(step: Step, how: RunWalk) -> bool:
    """Clearly more than the step: more jogging in all, or a far longer part of it at once."""
    if step.number == 1 and how.running_s <= EASY_START_S:
        return False
    in_all = how.running_s > max(MORE_SHARE * step.jog_s, step.jog_s + MORE_S)
    at_once = how.longest_s > max(MORE_SHARE * step.jog_min * 60, step.jog_min * 60 + MORE_S)
    return in_all or at_once


def words_of(how: RunWalk) -> str:
    """ "14 min running in 5 parts, the longest 3 min"; "31 min running without stopping"."""
    running = f"{minutes(how.running_s)} running"
    if not how.bouts:
        return f"about {running}, by its mean speed"
    if how.bouts == 1:
        return f"{running} without stopping"
    return f"{running} in {how.bouts} parts, the longest {minutes(how.longest_s)}"


def minutes(seconds: float) -> str:
    return f"{round(seconds / 60)} min"
