"""What the store promises of one pair's page and photo, on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from midsole.domain.activity import Recording
from midsole.domain.facts import WARN, Finding
from midsole.domain.wearing import Answer
from midsole.store import activities, change_log, messages, one_pair, photos, runners, shoes, sources
from midsole.store import tables as t
from midsole.store.base import Store, Tx
from midsole.store.change_log import Kept

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)


def add_shoe(tx: Tx, runner_id: int, name: str = "Ghost") -> int:
    row = {"kind": "daily", "limit_m": 640_000, "start_m": 0, "start_how": "known"}
    return shoes.add(tx, runner_id, NOW, name=name, **row)


def add_run(tx: Tx, runner: runners.Runner, day: int, *parts: tuple[int, float]) -> int:
    """Ten kilometres in November, on the parts of these pairs."""
    sha256 = f"{runner.id}-{day}".rjust(64, "0")
    file_id = sources.take_in(tx, runner.id, None, sha256, "a.fit", 10, NOW)
    assert file_id is not None
    began = datetime(2026, 11, day, 7, tzinfo=UTC)
    run = Recording(0, "running", "road", began, 10_000, "session", 3_600, 3_500, 3_700)
    (number,) = activities.add_recordings(tx, runner, [(sources.raw_file(tx, file_id), run)])
    if parts:
        shoes.wear_all(tx, runner.id, {number: Answer(parts, "runner")}, NOW)
    return number


def test_runs_come_page_by_page_with_their_part_in_the_pair(store: Store) -> None:
    with store.write() as tx:
        me = runners.get(tx, runners.add(tx, "me", "UTC", NOW))
        ghost, other = add_shoe(tx, me.id), add_shoe(tx, me.id, "Other")
        first = add_run(tx, me, 1, (ghost, 1.0))
        split = add_run(tx, me, 2, (ghost, 0.3), (other, 0.4), (ghost, 0.3))
        bare = add_run(tx, me, 3)
        last = add_run(tx, me, 4, (ghost, 1.0))
        pages = [one_pair.runs(tx, me.id, ghost, 2, offset) for offset in (0, 2)]
        assert [[run.id for run in page] for page in pages] == [[last, split], [first]]
        assert [round(run.distance_m) for run in pages[0]] == [10_000, 6_000]
        assert pages[0][0].moving_s == 3_500
        assert one_pair.count_runs(tx, me.id, ghost) == 3
        found = one_pair.days(tx, me.id, ghost, date(2026, 11, 2))
        assert [(day.day, round(metres), count) for day, metres, count in found] == [
            (2, 6_000, 1),
            (4, 10_000, 1),
        ]
        assert one_pair.without_pair(tx, me.id, date(2026, 11, 1)) == [bare]
        assert one_pair.without_pair(tx, me.id, date(2026, 11, 4)) == []


def test_changes_are_those_in_which_a_run_wore_the_pair_not_those_that_guessed_it(store: Store) -> None:
    with store.write() as tx:
        me = runners.get(tx, runners.add(tx, "me", "UTC", NOW))
        pairs = [add_shoe(tx, me.id, f"pair {n}") for n in range(12)]
        number = add_run(tx, me, 1, (pairs[0], 1.0))
        before = change_log.images(tx, [number])[number]
        shoes.wear_all(tx, me.id, {number: Answer(((pairs[11], 1.0),), "runner")}, NOW)
        after = change_log.images(tx, [number])[number]
        guessed = before | {"guesses": [{"shoe_id": pairs[5], "probability": 0.5}]}
        moved = change_log.record(tx, me.id, "moved", [Kept(number, before, after)], NOW)
        change_log.record(tx, me.id, "guessed", [Kept(number, after, guessed | {"worn": []})], NOW)
        told = {n: [c.what for c in one_pair.changes(tx, me.id, pairs[n], 10)] for n in (0, 1, 5, 11)}
        assert told == {0: ["moved"], 1: [], 5: [], 11: ["guessed", "moved"]}
        change_log.mark_undone(tx, moved, None, NOW)
        (undone,) = one_pair.changes(tx, me.id, pairs[0], 10)
        assert (undone.undone, undone.activities, undone.made_at) == (True, 1, NOW)


def test_messages_are_told_once_with_what_became_of_them(store: Store) -> None:
    mail = {"kind": "alert", "channel": "email", "address": "a@b.c", "eml": b"mail", "next_at": NOW}
    mail |= {"created_at": NOW, "counts_in_budget": True, "message_id": "<1@x>", "subject": "Worn"}
    with store.write() as tx:
        me, other = (runners.add(tx, name, "UTC", NOW) for name in ("me", "other"))
        found = [
            messages.open_alert(
                tx,
                me,
                Finding("S1", WARN, f"1:{n}", NOW.date(), "worn", "retire", {}),
                "open",
                NOW,
                NOW.date(),
            )
            for n in (70, 100)
        ]
        messages.queue(tx, me, found, **mail)
        assert [(s.at, s.subject, s.state) for s in one_pair.sent(tx, me, found)] == [(NOW, "Worn", "due")]
        assert one_pair.sent(tx, other, found) == []
        assert one_pair.sent(tx, me, []) == []


def test_a_photo_is_replaced_and_goes_with_its_pair(store: Store) -> None:
    later = NOW + timedelta(milliseconds=5)
    with store.write() as tx:
        me, other = (runners.add(tx, name, "UTC", NOW) for name in ("me", "other"))
        ghost = add_shoe(tx, me)
        photos.put(tx, me, ghost, b"one", "image/webp", NOW)
        photos.put(tx, me, ghost, b"two", "image/webp", later)
        assert photos.image(tx, me, ghost) == (b"two", later)
        assert photos.made(tx, me) == {ghost: later}
        assert photos.image(tx, other, ghost) is None
        photos.remove(tx, other, ghost)
        assert photos.made(tx, me)
        shoes.remove(tx, ghost)
        assert tx.execute(select(t.shoe_photo)).all() == []
