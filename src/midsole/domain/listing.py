"""Which recording a line of an export's list is about: by the name of its file, else by start and size."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from midsole.domain.matching import Closeness, Trace, closeness

FARTHEST_S = 15 * 3600.0
"""A recording with another zone's clock starts so far off at most."""
UNSET_BEFORE_S = 946_684_800.0
"""The year 2000: a watch that has no clock yet says an earlier one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of a list; `file` is the name that it gives."""

    id: str
    sport: str
    started_at: datetime | None
    distance_m: float
    timer_s: float
    elapsed_s: float
    file: str | None = None

    @property
    def trace(self) -> Trace | None:
        """As a recording of its own; None where there is nothing to compare."""
        if self.started_at is None or not (self.distance_m or self.timer_s):
            return None
        totals = (self.started_at.timestamp(), self.timer_s, self.elapsed_s, self.distance_m)
        return Trace(None, None, self.id, 0, None, "list", None, self.sport, *totals, "session", False, 0)


def by_name(wanted: Iterable[Wanted], named: Mapping[str, Sequence[Trace]]) -> dict[str, Trace]:
    """Line -> the recording in the file that it names; of several of that name the nearest in time."""
    found = {}
    for line in wanted:
        may_be = [trace for trace in named.get(line.file or "", ()) if _is_of_that_day(trace, line)]
        if may_be:
            found[line.id] = min(may_be, key=lambda trace: (_gap_s(trace, line), trace.file))
    return found


def _is_of_that_day(trace: Trace, line: Wanted) -> bool:
    """Another app may have numbered its files in the same way."""
    return trace.start_s < UNSET_BEFORE_S or _gap_s(trace, line) <= FARTHEST_S


def _gap_s(trace: Trace, line: Wanted) -> float:
    return 0.0 if line.started_at is None else abs(trace.start_s - line.started_at.timestamp())


def by_start(wanted: Iterable[Wanted], traces: Iterable[Trace]) -> dict[str, Trace]:
    """Line -> the recording that is the same run seen twice, each at most once, the nearest first."""
    order = sorted(traces, key=lambda trace: (trace.start_s, trace.file))
    starts = [trace.start_s for trace in order]
    edges: list[tuple[Closeness, str, str, Trace]] = []
    for line in wanted:
        mine = line.trace
        near = _near(order, starts, mine.start_s) if mine else []
        far = [(closeness(mine, trace), trace) for trace in near if mine]
        edges += [(how, line.id, trace.file, trace) for how, trace in far if how is not None]
    found: dict[str, Trace] = {}
    taken: set[str] = set()
    for _, line_id, file, trace in sorted(edges, key=lambda edge: edge[:3]):
        if line_id not in found and file not in taken:
            found[line_id] = trace
            taken.add(file)
    return found


def _near(order: Sequence[Trace], starts: Sequence[float], start_s: float) -> Sequence[Trace]:
    begin, end = bisect_left(starts, start_s - FARTHEST_S), bisect_left(starts, start_s + FARTHEST_S)
    return order[begin:end]
