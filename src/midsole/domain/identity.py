"""Which recordings are one activity, and which of them leads it: DESIGN.md decision 5.

Everything here looks at the content of the recordings and at the runner's word, never at what came first:
the same set gives the same activities in whatever order and portions it arrives.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations, product, takewhile

from midsole.domain.matching import (
    FARTHEST_S,
    LISTED,
    MEASURES,
    TRUST,
    Closeness,
    Place,
    Trace,
    apart,
    closeness,
    matches,
    measures,
    recording_key,
)

__all__ = ("MEASURES", "Trace", "apart", "matches", "measures", "recording_key")


@dataclass(frozen=True, slots=True)
class Link:
    """The runner's word on two recordings, named by their keys in order: one run, or not."""

    one: str
    other: str
    together: bool

    def partners(self, keys: Set[str]) -> set[str]:
        """The recordings that the link joins to one of these."""
        pair = {self.one, self.other}
        return pair if pair & keys else set()


def components(traces: Iterable[Trace], links: Iterable[Link] = ()) -> list[list[Trace]]:
    """The activities among `traces`: connected by matches, corrected by the runner's links.

    The runner's word first, then the nearest matches; a match that would bring together what may never be
    one is left out. The order depends on the content alone.
    """
    nodes = sorted(traces, key=_by_content)
    partition = _Partition(nodes, _Bars(nodes, list(links)))
    for one, other in _edges(nodes, partition.bars.together):
        partition.join(one, other)
    return partition.groups()


def _by_content(trace: Trace) -> tuple[float, str, int]:
    return trace.start_s, trace.file, trace.leg


def _edges(nodes: Sequence[Trace], together: Iterable[tuple[Trace, Trace]]) -> Iterator[tuple[Trace, Trace]]:
    yield from together
    found: list[tuple[Closeness, int, int]] = []
    for n, one in enumerate(nodes):
        for m in range(n + 1, len(nodes)):
            if nodes[m].start_s - one.start_s > FARTHEST_S:
                break
            if (near := closeness(one, nodes[m])) is not None:
                found.append((near, n, m))
    yield from ((nodes[n], nodes[m]) for _, n, m in sorted(found))


class _Bars:
    """Who may not be one with whom: by the runner's word, or by nature unless they joined just such ones."""

    def __init__(self, nodes: Sequence[Trace], links: Sequence[Link]) -> None:
        by_key = {node.key: node for node in nodes}
        known = [link for link in links if link.one in by_key and link.other in by_key]
        known.sort(key=lambda link: (link.one, link.other))
        self.together = [(by_key[link.one], by_key[link.other]) for link in known if link.together]
        self._apart = {(link.one, link.other) for link in known if not link.together}
        self._waived: dict[Place, set[int]] = (
            self._clusters(nodes) if any(apart(*pair) for pair in self.together) else {}
        )

    def _clusters(self, nodes: Sequence[Trace]) -> dict[Place, set[int]]:
        """For each recording the joined clusters that hold it or one that it matches, of those clusters that
        hold what is apart by nature: there the runner knew better."""
        joined = _Partition([node for pair in self.together for node in pair], None)
        for one, other in self.together:
            joined.join(one, other)
        found: dict[Place, set[int]] = defaultdict(set)
        for n, cluster in enumerate(joined.groups()):
            if any(apart(*pair) for pair in combinations(cluster, 2)):
                for node in nodes:
                    if any(node.place == inside.place or matches(node, inside) for inside in cluster):
                        found[node.place].add(n)
        return found

    def between(self, one: Trace, other: Trace) -> bool:
        if self._apart and tuple(sorted((one.key, other.key))) in self._apart:
            return True
        if not apart(one, other):
            return False
        return not self._waived.get(one.place, set()) & self._waived.get(other.place, set())


class _Partition:
    """Groups that grow together; each is named by its first member."""

    def __init__(self, nodes: Iterable[Trace], bars: _Bars | None) -> None:
        self._group = {node.place: [node] for node in nodes}
        self._bars = bars

    @property
    def bars(self) -> _Bars:
        assert self._bars is not None
        return self._bars

    def join(self, one: Trace, other: Trace) -> None:
        mine, theirs = self._group[one.place], self._group[other.place]
        if mine is theirs or (self._bars and any(self._bars.between(*p) for p in product(mine, theirs))):
            return
        mine.extend(theirs)
        self._group.update((node.place, mine) for node in theirs)

    def groups(self) -> list[list[Trace]]:
        once = {id(group): group for group in self._group.values()}
        return sorted((sorted(g, key=_by_content) for g in once.values()), key=lambda g: _by_content(g[0]))


def matching(candidates: Iterable[Trace], around: Sequence[Trace]) -> list[Trace]:
    """Of the candidates, those that match at least one of the others."""
    order = sorted(around, key=_by_content)
    starts = [trace.start_s for trace in order]
    found = []
    for trace in candidates:
        near = order[bisect_left(starts, trace.start_s - FARTHEST_S) :]
        within = takewhile(lambda other: other.start_s <= trace.start_s + FARTHEST_S, near)  # noqa: B023
        if any(matches(trace, other) for other in within):
            found.append(trace)
    return found


def windows(around: Iterable[Trace]) -> list[tuple[float, float]]:
    """The spans of starts (seconds since 1970) that hold all that could match one of these."""
    found: list[tuple[float, float]] = []
    for start_s in sorted(trace.start_s for trace in around):
        if found and start_s - FARTHEST_S <= found[-1][1]:
            found[-1] = (found[-1][0], start_s + FARTHEST_S)
        else:
            found.append((start_s - FARTHEST_S, start_s + FARTHEST_S))
    return found


def leader(group: Iterable[Trace], chosen: str | None = None) -> Trace:
    """A total order: the runner's choice (a key), complete before recovered, the richer, SHA-256, leg.

    Richer: the sport is known, it is a recording and not an account's line about one, the distance comes from
    a better place, then who has more measures.
    """
    return min(
        group,
        key=lambda t: (
            t.key != chosen,
            t.recovered,
            t.sport == "unknown",
            t.format in LISTED,
            TRUST.get(t.distance_from, 9),
            -t.measures,
            t.file,
            t.leg,
        ),
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """A group, the activity that it is (None: a new one), and those that come into it."""

    group: Sequence[Trace]
    keeps: int | None
    absorbs: Sequence[int]


def settle(groups: Iterable[Sequence[Trace]], key_of: Mapping[int, str]) -> list[Settled]:
    """Which activity lives on in which group, given each one's key.

    An activity goes where the recording is that its key names, else where the leader of its recordings is.
    The oldest that goes to a group lives on there.
    """
    whole = [list(group) for group in groups]
    group_of = {trace.place: n for n, group in enumerate(whole) for trace in group}
    members: dict[int, list[Trace]] = defaultdict(list)
    for trace in (trace for group in whole for trace in group):
        if trace.activity_id is not None:
            members[trace.activity_id].append(trace)
    homes: dict[int, list[int]] = defaultdict(list)
    for activity_id in sorted(members):
        homes[_home(members[activity_id], key_of[activity_id], group_of.__getitem__)].append(activity_id)
    return [
        Settled(group, homes[n][0] if homes[n] else None, tuple(homes[n][1:]))
        for n, group in enumerate(whole)
    ]


def _home(members: Sequence[Trace], key: str, group_of: Callable[[Place], int]) -> int:
    named = [trace for trace in members if trace.key == key]
    return group_of((named or [leader(members)])[0].place)
