"""Sessions, codes and attempts in either database."""

from datetime import UTC, datetime, timedelta

from midsole.store import entered, runners
from midsole.store.base import Store

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def a_runner(store: Store, name: str = "me") -> int:
    with store.write() as tx:
        return runners.add(tx, name, "UTC", NOW)


def test_a_code_is_used_once_and_only_while_it_holds(store: Store) -> None:
    me = a_runner(store)
    with store.write() as tx:
        number = entered.add_code(tx, me, "invite", "h", NOW, DAY)
        assert entered.code(tx, "recover", "h", NOW) is None
        assert entered.code(tx, "invite", "h", NOW + DAY) is None
        assert entered.code(tx, "invite", "h", NOW).id == number
        assert entered.use_code(tx, number, NOW)
        assert not entered.use_code(tx, number, NOW)
        assert entered.code(tx, "invite", "h", NOW) is None
        assert not entered.void_code(tx, "invite", me, number)


def test_what_ran_out_is_forgotten_with_the_next_one(store: Store) -> None:
    me = a_runner(store)
    with store.write() as tx:
        entered.add_code(tx, me, "invite", "old", NOW, DAY)
        entered.add_session(tx, me, "old", "phone", NOW, NOW + DAY)
        entered.add_code(tx, me, "invite", "new", NOW + DAY, DAY)
        entered.add_session(tx, me, "new", "phone", NOW + DAY, NOW + 2 * DAY)
        assert len(entered.codes(tx, "invite", NOW, me)) == 1
        assert [row.token_hash for row in entered.sessions(tx, me, NOW)] == ["new"]


def test_sessions_end_one_by_one_or_all_but_one_and_only_ones_own(store: Store) -> None:
    me, you = a_runner(store), a_runner(store, "you")
    with store.write() as tx:
        mine = [entered.add_session(tx, me, f"m{n}", "phone", NOW, NOW + DAY) for n in range(3)]
        yours = entered.add_session(tx, you, "y", "phone", NOW, NOW + DAY)
        assert not entered.end_session(tx, me, yours)
        assert entered.end_session(tx, me, mine[0])
        assert entered.end_sessions(tx, me, but=mine[1]) == 1
        assert [row.id for row in entered.sessions(tx, me, NOW)] == [mine[1]]
        assert entered.end_sessions(tx, you) == 1


def test_attempts_are_counted_by_key_with_their_last_time(store: Store) -> None:
    with store.write() as tx:
        for minutes in (0, 5, 3):
            entered.add_attempt(tx, "a", NOW + timedelta(minutes=minutes))
        entered.add_attempt(tx, "b", NOW)
        assert entered.attempts(tx, "a", NOW - DAY) == (3, NOW + timedelta(minutes=5))
        assert entered.attempts(tx, "c", NOW - DAY) == (0, None)
        entered.forget_attempts(tx, NOW)
        assert entered.attempts(tx, "a", NOW - DAY)[0] == 2
        entered.forgive_attempts(tx, "a")
        assert entered.attempts(tx, "a", NOW - DAY) == (0, None)


def test_a_spare_write_is_kept_and_what_fails_in_it_is_not(store: Store) -> None:
    me = a_runner(store)
    with store.write() as tx:
        number = entered.add_session(tx, me, "h", "phone", NOW, NOW + DAY)
    with entered.write_if_free(store) as spare:
        assert spare is not None
        entered.see_session(spare, number, NOW + timedelta(hours=1), NOW + 2 * DAY)
    with store.read() as tx:
        (row,) = entered.sessions(tx, me, NOW)
    assert (row.seen_at, row.expires_at) == (NOW + timedelta(hours=1), NOW + 2 * DAY)
