"""The change log and the kept guesses, on SQLite and on PostgreSQL."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from test_store import LEASE, NOW, add_run, add_runner, add_shoe

from midsole.domain.facts import NOTE, Finding
from midsole.domain.guess import Guess
from midsole.domain.wearing import Answer, whole
from midsole.store import change_log, guesses, messages, shoes
from midsole.store import tables as t
from midsole.store.base import Store, Tx
from midsole.store.change_log import Kept

LATER = NOW + timedelta(hours=1)


def everything(tx: Tx) -> dict[str, list[Any]]:
    return {n.name: [tuple(r) for r in tx.execute(select(n))] for n in (t.wearing, t.guess, t.alert)}


def finding(subject: str, text: str = "worn") -> Finding:
    return Finding("S1", NOTE, subject, NOW.date(), text, "retire it", {"used_fraction": 0.7})


def test_wearings_and_guesses_are_put_back_to_the_very_row(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        one, two, run = add_shoe(tx, runner), add_shoe(tx, runner, "Ghost"), add_run(tx, runner)
        shoes.wear_all(tx, runner.id, {run: Answer(((one, 0.25), (None, 0.75)), "runner")}, NOW)
        guesses.keep(tx, runner.id, {run: (Guess(one, 0.7), Guess(two, 0.3))}, NOW)
        before, images = everything(tx), change_log.images(tx, [run])
        shoes.wear_all(tx, runner.id, {run: whole(two, "guess", 0.9)}, LATER)
        guesses.keep(tx, runner.id, {run: ()}, LATER)
        assert everything(tx) != before
        change_log.put_back(tx, runner.id, images)
        assert everything(tx) == before


def test_an_activity_that_nobody_dressed_has_an_empty_image(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        run = add_run(tx, runner)
        assert change_log.images(tx, [run]) == {run: {"worn": [], "guesses": []}}


def test_alerts_are_put_back_where_nobody_changed_them_since(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        run = add_run(tx, runner)
        empty = change_log.images(tx, [run])[run]
        refreshed = messages.open_alert(tx, runner.id, finding("1:70"), "open", NOW, NOW.date())
        touched = messages.open_alert(tx, runner.id, finding("2:70"), "open", NOW, NOW.date())
        start = change_log.picture(tx, runner.id)
        for alert_id, subject in ((refreshed, "1:70"), (touched, "2:70")):
            messages.refresh_alert(tx, alert_id, finding(subject, "more worn"), NOW.date())
        opened = messages.open_alert(tx, runner.id, finding("3:70"), "seen", NOW, NOW.date())
        set_id = change_log.record(tx, runner.id, "a change", [Kept(run, empty, empty)], NOW)
        change_log.note_alerts(tx, set_id, start, change_log.picture(tx, runner.id))
        messages.change_alert(tx, touched, state="acknowledged")
        change_log.put_alerts_back(tx, runner.id, set_id, LATER)
        standing = {a.id: (a.state, a.text) for a in messages.alerts(tx, runner.id)}
    assert standing == {refreshed: ("open", "worn"), touched: ("acknowledged", "more worn")}
    assert opened not in standing


@pytest.mark.parametrize(("hours", "state"), [(1, "due"), (-1, "withdrawn")])
def test_a_withdrawn_mail_waits_again_while_it_is_news(store: Store, hours: int, state: str) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        run = add_run(tx, runner)
        empty = change_log.images(tx, [run])[run]
        alert_id = messages.open_alert(tx, runner.id, finding("1:70"), "open", NOW, NOW.date())
        mail = {
            "kind": "alert",
            "channel": "email",
            "address": "a@b.c",
            "message_id": "<1@x>",
            "subject": "s",
        }
        mail |= {"eml": b"", "created_at": NOW, "next_at": NOW, "counts_in_budget": True}
        news_until = LATER + timedelta(hours=hours)
        delivery = messages.queue(tx, runner.id, [alert_id], **mail, news_until=news_until)
        start = change_log.picture(tx, runner.id)
        messages.resolve_alert(tx, alert_id, NOW)
        set_id = change_log.record(tx, runner.id, "a change", [Kept(run, empty, empty)], NOW)
        change_log.note_alerts(tx, set_id, start, change_log.picture(tx, runner.id))
        assert messages.delivery(tx, delivery).state == "withdrawn"
        change_log.put_alerts_back(tx, runner.id, set_id, LATER)
        assert messages.delivery(tx, delivery).state == state


def test_the_newest_change_comes_first_and_undoing_an_undo_lets_it_stand(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        run = add_run(tx, runner)
        empty = change_log.images(tx, [run])[run]
        first, second, third = (
            change_log.record(tx, runner.id, what, [Kept(run, empty, empty)], NOW + n * LEASE)
            for n, what in enumerate(("one", "two", "three"))
        )
        change_log.mark_undone(tx, first, second, LATER)
        undone = {s.id: s.undone_at is not None for s in change_log.change_sets(tx, runner.id)}
        assert undone == {third: False, second: False, first: True}
        change_log.mark_undone(tx, second, third, LATER)
        undone = {s.id: s.undone_at is not None for s in change_log.change_sets(tx, runner.id)}
        assert undone == {third: False, second: True, first: False}
        assert [s.what for s in change_log.change_sets(tx, runner.id)] == ["three", "two", "one"]


def test_nothing_of_what_is_tried_is_kept(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        run, pair = add_run(tx, runner), add_shoe(tx, runner)
    with store.tried() as tx:
        shoes.wear_all(tx, runner.id, {run: whole(pair, "runner")}, NOW)
        assert shoes.answers(tx, [run])[run].parts == ((pair, 1.0),)
    with store.read() as tx:
        assert shoes.answers(tx, [run]) == {}


def test_the_inbox_holds_runs_without_a_sure_pair_and_walks_that_were_guessed(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        pair = add_shoe(tx, runner, first_used_on=date(2026, 11, 1))
        run, walk, guessed = (
            add_run(tx, runner, started_at=NOW - timedelta(days=n), sport=sport)
            for n, sport in ((3, "running"), (2, "walking"), (1, "walking"))
        )
        guesses.keep(tx, runner.id, {guessed: (Guess(pair, 0.6),)}, NOW)
        since = shoes.first_pair_on(tx, runner.id)
        assert since == date(2026, 11, 1)
        assert shoes.waiting(tx, runner.id, since, 0.8) == (run, guessed)
        shoes.wear_all(tx, runner.id, {run: whole(None, "runner"), guessed: whole(pair, "runner")}, NOW)
        assert shoes.waiting(tx, runner.id, since, 0.8) == ()
        assert walk not in shoes.answers(tx, [run, walk, guessed])


def test_more_activities_than_one_query_may_name_are_looked_at_and_put_back(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        images = change_log.images(tx, range(1, 70_001))
        assert len(images) == 70_000
        change_log.put_back(tx, runner.id, images)
