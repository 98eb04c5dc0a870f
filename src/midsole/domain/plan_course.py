"""A comeback's course: how its phase and its step change while the days and the runs go by."""

from dataclasses import dataclass, field
from datetime import date

from midsole.domain.plan_edits import LAST_STEP, Edits
from midsole.domain.plan_judge import BACK, ON, Judged
from midsole.domain.plan_steps import STEPS, Step
from midsole.domain.weeks import DAY

IN_A_ROW = 3
PHASE_DAYS = 7
GATE, IN_STEPS, THREE_TWO, FOUR_ONE, DONE, LEFT = "gate", "steps", "three-two", "four-one", "done", "left"
PHASES = {
    GATE: "The gate of four",
    IN_STEPS: "Run and walk",
    THREE_TWO: "3 runs and 2 cross-trainings a week",
    FOUR_ONE: "4 runs and 1 cross-training a week",
    DONE: "Done",
    LEFT: "Left",
}
RUNS_OF = {THREE_TWO: 3, FOUR_ONE: 4}


@dataclass(slots=True)
class Course:
    """Where the plan stands while the days go by."""

    edits: Edits
    phase: str = IN_STEPS
    number: int = 1
    in_a_row: int = 0
    since: date | None = None
    ended_on: date | None = None
    judged: list[Judged] = field(default_factory=list)
    painless: set[date] = field(default_factory=set)
    is_set_until: date = date.min
    was_set: bool = False
    """The runner set the step, and has not run since."""

    @property
    def step(self) -> Step | None:
        return STEPS[self.number - 1] if self.phase == IN_STEPS else None

    def begin(self, day: date) -> None:
        """What happens by the mere coming of a day: weeks end, and what the runner set begins."""
        self._end_weeks(day)
        self.set_until(day)

    def set_until(self, day: date) -> None:
        """A step that was set after that day's run is kept for the next day, and shown at once."""
        for on, number in sorted(self.edits.steps):
            if self.is_set_until < on <= day and self.phase != DONE:
                self.phase, self.number, self.in_a_row, self.since = IN_STEPS, number, 0, None
                self.was_set = True
        self.is_set_until = max(self.is_set_until, day)

    def _end_weeks(self, day: date) -> None:
        while self.since is not None and self.phase in RUNS_OF and day >= self.since + PHASE_DAYS * DAY:
            end = self.since + PHASE_DAYS * DAY
            runs = [j for j in self.judged if self.since <= j.on_day < end]
            well = all(j.on_day in self.painless and j.verdict == ON for j in runs)
            self.since = end
            if well and len(runs) >= RUNS_OF[self.phase] and not self.edits.holds_on(end - DAY):
                self._rise(end)

    def _rise(self, on: date) -> None:
        if self.phase == THREE_TWO:
            self.phase = FOUR_ONE
        else:
            self.phase, self.since, self.ended_on = DONE, None, on

    def take(self, run: Judged, is_painless: bool) -> None:
        self.judged.append(run)
        self.was_set = False
        if is_painless:
            self.painless.add(run.on_day)
        if run.verdict == BACK:
            self._back(run.on_day)
        elif self.phase == IN_STEPS:
            self._step(run, is_painless)

    def _back(self, day: date) -> None:
        self.in_a_row = 0
        if self.phase == FOUR_ONE:
            self.phase, self.since = THREE_TWO, day + DAY
        elif self.phase == THREE_TWO:
            self.phase, self.number, self.since = IN_STEPS, LAST_STEP, None
        else:
            self.number = max(1, self.number - 1)

    def _step(self, run: Judged, is_painless: bool) -> None:
        if self.number < LAST_STEP:
            self.number += run.verdict == ON
        elif run.verdict == ON and is_painless:
            self.in_a_row += 1
            if self.in_a_row >= IN_A_ROW:
                self.phase, self.since = THREE_TWO, run.on_day + DAY
        elif not run.is_well or not is_painless:
            self.in_a_row = 0
