"""Searching activities and the rows of uploads, on SQLite and on PostgreSQL."""

from datetime import timedelta

from test_store import LEASE, NOW, add_run, add_runner, add_shoe

from midsole.domain.wearing import whole
from midsole.store import searching, shoes, uploads
from midsole.store.base import Store
from midsole.store.searching import BAREFOOT, NO_PAIR, Search


def test_a_search_finds_what_fits_and_nothing_of_others(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        pair, run = add_shoe(tx, runner), add_run(tx, runner)
        for search in (Search(), Search(shoe=NO_PAIR), Search(sport="running"), Search(until=NOW.date())):
            assert searching.ids(tx, runner.id, search) == [run]
        for search in (Search(shoe=pair), Search(shoe=BAREFOOT), Search(flagged=True), Search(excluded=True)):
            assert searching.count(tx, runner.id, search) == (0, 0.0)
        assert searching.ids(tx, runner.id, Search(words="100%_")) == []
        shoes.wear_all(tx, runner.id, {run: whole(pair, "runner")}, NOW)
        assert searching.ids(tx, runner.id, Search(shoe=pair), "longest", 50) == [run]
        assert [w.shoe_id for w in shoes.wearings(tx, runner.id, [run])[run]] == [pair]
        assert searching.ids(tx, runner.id + 1, Search()) == []
        assert searching.neighbours(tx, runner.id, run) == (None, None)


def test_an_upload_is_taken_by_one_and_forgotten_when_it_is_old(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        upload_id = uploads.begin(tx, runner.id, NOW, NOW + LEASE, "one")
        assert not uploads.change(tx, upload_id, "receiving", "other", state="due")
        assert uploads.change(tx, upload_id, "receiving", "one", state="due", next_at=NOW, claimed_by=None)
        assert uploads.take(tx, upload_id, NOW, LEASE, "one")
        assert not uploads.take(tx, upload_id, NOW, LEASE, "other")
        assert uploads.count(tx, runner.id, uploads.UNDER_WAY) == 1
        uploads.forget_old(tx, NOW + timedelta(days=1))
        assert [u.id for u in uploads.under_way(tx)] == [upload_id]
        uploads.change(tx, upload_id, "due", "one", state="done", counts={"read": 1})
        assert uploads.latest(tx, runner.id, 5)[0].counts == {"read": 1}
        assert uploads.get(tx, runner.id + 1, upload_id) is None
        uploads.forget_old(tx, NOW + timedelta(days=1))
        assert uploads.get(tx, runner.id, upload_id) is None
