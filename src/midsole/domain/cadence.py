"""Steps a minute of a run against the runner's own at like pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from midsole.domain.activity import Activity
from midsole.domain.facts import Facts
from midsole.domain.load import read_log, since

OWN_DAYS, LIKE_PACE, LEAST_LIKE = 28, 0.05, 5
LOW_SHARE = 0.95
LAST_RUNS, LOW_RUNS = 5, 3
INDOORS = frozenset({"treadmill", "virtual"})
"""Their distance is less certain, and so is their pace."""
LEAST_SPM, MOST_SPM = 100.0, 250.0
"""Below: a walk, or one foot only."""
WALKED_SHARE = 0.1
"""Of a run; above it the mean cadence is that of a run and a walk mixed."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """A run's mean cadence; `own_spm` is the median of the runs at like pace in the 28 days before it, None
    where those are fewer than five."""

    activity_id: int
    on: date
    spm: float
    m_per_s: float
    own_spm: float | None

    @property
    def is_low(self) -> bool:
        return self.own_spm is not None and self.spm <= LOW_SHARE * self.own_spm


def cadences(facts: Facts, first: date) -> list[Cadence]:
    """Of the runs since that day that tell it, in order of start."""
    runs = since(first - timedelta(days=OWN_DAYS), read_log(facts).runs)
    told = [run for run in runs if tells(facts, run)]
    return [_against_own(run, told) for run in since(first, told)]


def last_cadences(facts: Facts) -> list[Cadence]:
    """The last five that C1 looks at; none of them older than what they are compared with."""
    return cadences(facts, facts.today - timedelta(days=OWN_DAYS))[-LAST_RUNS:]


def low_runs(lately: Sequence[Cadence]) -> list[Cadence]:
    """Those that were low, where three or more of the last five were."""
    low = [c for c in lately[-LAST_RUNS:] if c.is_low]
    return low if len(low) >= LOW_RUNS else []


def are_enough(lately: Sequence[Cadence]) -> bool:
    """Whether C1 could speak at all: three of the last five have something to be compared with."""
    return sum(c.own_spm is not None for c in lately[-LAST_RUNS:]) >= LOW_RUNS


def tells(facts: Facts, run: Activity) -> bool:
    """Whether cadence and pace of the run are known, and are those of running."""
    spm = run.cadence_spm
    if spm is None or run.moving_s <= 0 or run.surface in INDOORS or not LEAST_SPM <= spm <= MOST_SPM:
        return False
    how = facts.body.run_walks.get(run.id)
    return how is None or how.walking_s <= WALKED_SHARE * (how.running_s + how.walking_s)


def _against_own(run: Activity, told: Sequence[Activity]) -> Cadence:
    assert run.cadence_spm is not None
    pace = _m_per_s(run)
    before = since(run.local_date - timedelta(days=OWN_DAYS), told, run.started_at)
    like = [a.cadence_spm for a in before if a.cadence_spm and abs(_m_per_s(a) / pace - 1) <= LIKE_PACE]
    own = median(like) if len(like) >= LEAST_LIKE else None
    return Cadence(run.id, run.local_date, run.cadence_spm, pace, own)


def _m_per_s(run: Activity) -> float:
    return run.counted_m / run.moving_s
