"""The time line of an episode: pain, runs, pairs, exercises, the plan and days off over the same days."""

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from midsole.actions.episodes import Told
from midsole.domain.story import ELSEWHERE, EXERCISE, FLAG, OFF, PAIN, PAINLESS_ANSWER, PLAN, RUN, Event
from midsole.domain.units import short_day
from midsole.web.charts.timeline import BARS, LEVELS, MARKS, SPANS, Lane, Mark, timeline

MOST_PAIRS = 4
"""Lanes of pairs; the pairs worn less share one."""


def drawn(told: Told) -> Markup:
    episode, story = told.episode, told.story
    return timeline(
        _lanes(told),
        name="story",
        title=f"The time line: {episode.spot.words}",
        desc=_desc(told),
        first=story.first,
        last=story.last,
        onset=episode.onset_on,
        ended=episode.ended_on,
    )


def _desc(told: Told) -> str:
    """What one sees, with the numbers that matter."""
    story, view = told.story, told.view
    runs, pains = story.of(RUN), story.of(PAIN)
    end = f"over on {short_day(told.episode.ended_on)}" if told.episode.ended_on else "open"
    return (
        f"{short_day(story.first)} to {short_day(story.last)}: {len(runs)} runs, {len(pains)} answers with "
        f"pain, at most {view['worst']} of 10; it began on {short_day(told.episode.onset_on)} and is {end}."
    )


def _lanes(told: Told) -> list[Lane]:
    story = told.story
    found = [
        Lane("Pain, 0 to 10", LEVELS, _levels(story.of(PAIN, PAINLESS_ANSWER))),
        Lane("Red flags", MARKS, _marks(story.of(FLAG), "flag")),
        Lane("Pain elsewhere", MARKS, _levels(story.of(ELSEWHERE))),
        Lane("Runs, by distance", BARS, _marks(story.of(RUN), "bar")),
        *_pairs(story.of(RUN)),
        Lane("Exercises", MARKS, _marks(story.of(EXERCISE), "tick")),
        Lane("Comeback plan", MARKS, _marks(story.of(PLAN), "step")),
        Lane("Paused", SPANS, _marks(story.of(OFF), "span")),
    ]
    return [lane for lane in found if lane.marks]


def _said(event: Event) -> str:
    return f"{short_day(event.on)}: {event.words}"


def _marks(events: Sequence[Event], shape: str) -> tuple[Mark, ...]:
    return tuple(Mark(e.on, _said(e), shape, e.value or 0.0, e.until) for e in events)


def _levels(events: Sequence[Event]) -> tuple[Mark, ...]:
    return tuple(Mark(e.on, _said(e), e.level or "painless", e.value or 0.0) for e in events)


def _pairs(runs: Sequence[Event]) -> list[Lane]:
    """A lane a pair, the one worn most first."""
    counts = Counter(name for run in runs for name in run.pairs)
    names = [name for name, _ in counts.most_common()]
    shown = names if len(names) <= MOST_PAIRS else names[: MOST_PAIRS - 1]
    lanes = [Lane(f"In the {n}", MARKS, _marks([r for r in runs if n in r.pairs], "dot")) for n in shown]
    others = [run for run in runs if set(run.pairs) - set(shown)]
    return [*lanes, Lane("In other pairs", MARKS, _marks(others, "dot"))]
