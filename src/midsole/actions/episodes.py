"""Episodes of pain as they are told, and the runner's word that one is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from midsole.actions.box import Box
from midsole.actions.evaluate import judge
from midsole.domain import onset, pain
from midsole.domain.activity import Activity
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.facts import Facts
from midsole.domain.pain import Episode
from midsole.domain.plan import progress
from midsole.domain.rules.p3_red_flags import FLAGS
from midsole.domain.story import Story, span, steps_of, story
from midsole.store import activities, body, runners, shoes
from midsole.store import facts as facts_store
from midsole.store.base import Tx
from midsole.store.body import KeptEpisode

type View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An episode with all that its page tells. `known` is what was kept at its onset."""

    view: View
    episode: Episode
    known: Mapping[str, Any]
    story: Story
    facts: Facts
    late_runs: int
    """Runs up to the onset that came in after that was kept."""


# ---- read


def episodes(box: Box, runner_id: int) -> list[View]:
    """All of them, the newest first."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        return views(tx, runner_id, facts_store.load(tx, runner, box.now()))


def views(tx: Tx, runner_id: int, facts: Facts) -> list[View]:
    kept = {(row.spot, row.opened_on): row for row in body.kept_episodes(tx, runner_id)}
    found = reversed(pain.episodes(facts))
    return [_view(e, row, facts) for e in found if (row := kept.get((e.spot, e.opened_on)))]


def _view(episode: Episode, row: KeptEpisode, facts: Facts) -> View:
    spot, last = episode.spot, episode.reports[-1]
    return {
        "id": row.id,
        "place": spot.place,
        "side": spot.side,
        "words": spot.words,
        "opened_on": episode.opened_on.isoformat(),
        "onset_on": episode.onset_on.isoformat(),
        "ended_on": episode.ended_on.isoformat() if episode.ended_on else None,
        "ended_how": episode.ended_how,
        "is_open": episode.is_open_on(facts.today),
        "is_red": episode.is_red_on(facts.today),
        "level": episode.level,
        "worst": max(answer.level for answer in episode.reports),
        "last_pain_on": last.on_day.isoformat(),
        "last_level": last.level,
        "reports": len(episode.reports),
        "flags": [{"on": day.isoformat(), "flag": flag, "words": FLAGS[flag]} for day, flag in episode.flags],
    }


def one(box: Box, runner_id: int, episode_id: int) -> View:
    """With what was true at its onset, in SI units and in words. Raises NotThere."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        facts = facts_store.load(tx, runner, box.now())
        episode, row = _find(tx, runner_id, facts, episode_id)
        said = onset.sentences(row.known, facts.units, facts.today)
        return _view(episode, row, facts) | {"known": dict(row.known), "known_words": said}


def told(box: Box, runner_id: int, episode_id: int) -> Told:
    """All that its page tells. Raises NotThere."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        facts = facts_store.load(tx, runner, box.now())
        episode, row = _find(tx, runner_id, facts, episode_id)
        first, last = span(episode, facts.today)
        runs = activities.between(tx, runner_id, first, last)
        return Told(
            view=_view(episode, row, facts),
            episode=episode,
            known=row.known,
            story=_story(tx, runner_id, facts, episode, runs),
            facts=facts,
            late_runs=sum(_came_late(run, row.known) for run in runs),
        )


def _story(tx: Tx, runner_id: int, facts: Facts, episode: Episode, runs: list[Activity]) -> Story:
    worn = shoes.wearings(tx, runner_id, [run.id for run in runs])
    pairs = {
        number: [w.shoe_name for w in parts if w.shoe_name is not None] for number, parts in worn.items()
    }
    return story(
        episode,
        facts.body,
        runs,
        pairs,
        facts.pauses,
        today=facts.today,
        units=facts.units,
        steps=[step for plan in facts.body.plans for step in steps_of(progress(facts, plan))],
    )


def _came_late(run: Activity, known: Mapping[str, Any]) -> bool:
    is_before = run.local_date <= date.fromisoformat(known["runs_until"])
    return run.is_run and is_before and run.received_at > datetime.fromisoformat(known["kept_at"])


def _find(tx: Tx, runner_id: int, facts: Facts, episode_id: int) -> tuple[Episode, KeptEpisode]:
    row = next((row for row in body.kept_episodes(tx, runner_id) if row.id == episode_id), None)
    if row is not None:
        for episode in pain.episodes(facts):
            if (episode.spot, episode.opened_on) == (row.spot, row.opened_on):
                return episode, row
    raise NotThere(f"There is no episode {episode_id}.")


# ---- the runner's word


def say_over(box: Box, runner_id: int, episode_id: int) -> View:
    """It is over, says the runner; pain that is reported later is a new episode."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        episode, _ = _find(tx, runner_id, facts_store.load(tx, runner, box.now()), episode_id)
        if episode.ended_on is None:
            body.say_over(tx, runner_id, episode_id, box.now())
            judge(tx, box, runner)
    return one(box, runner_id, episode_id)


def not_over(box: Box, runner_id: int, episode_id: int) -> View:
    """Take that word back. What 14 painless days ended is opened by pain alone."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        episode, _ = _find(tx, runner_id, facts_store.load(tx, runner, box.now()), episode_id)
        if episode.ended_how == pain.PAINLESS:
            raise UsageError(
                "It ended after 14 painless days, not by your word: a new answer with pain opens another one."
            )
        body.say_over(tx, runner_id, episode_id, None)
        judge(tx, box, runner)
    return one(box, runner_id, episode_id)
