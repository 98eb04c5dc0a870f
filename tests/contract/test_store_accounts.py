"""What the store promises of connections to accounts and of daily steps, on SQLite and on PostgreSQL."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from midsole.domain.errors import Retry
from midsole.store import accounts, runners, sources, steps
from midsole.store.base import Store, Tx

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
LEASE = timedelta(minutes=10)
KINDS = ("garmin", "garmin_personal")
ME, YOU = "one worker", "another worker"


def add_runner(tx: Tx, name: str = "me") -> int:
    return runners.add(tx, name, "Europe/Berlin", NOW)


def add_account(tx: Tx, runner_id: int, kind: str = "garmin", **columns: Any) -> int:
    account = accounts.make(tx, runner_id, kind, "garmin.com", NOW, "connected")
    if columns:
        accounts.change(tx, account, **columns)
    return account


def held_by(tx: Tx, account: int) -> tuple[datetime | None, str | None]:
    found = accounts.get(tx, account)
    assert found is not None
    return found.busy_until, found.busy_by


def results_of_two(do: Callable[[int], Any]) -> list[Any]:
    """What two threads that start together return."""
    results: dict[int, Any] = {}
    together = threading.Barrier(2)

    def act(n: int) -> None:
        together.wait()
        results[n] = do(n)

    threads = [threading.Thread(target=act, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[n] for n in range(2)]


def test_an_account_is_made_once_and_found_by_runner_and_kind(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        assert accounts.of(tx, me, "garmin") is None
        account = accounts.make(tx, me, "garmin", "garmin.com", NOW, "mfa_pending")
        assert accounts.make(tx, me, "garmin", "garmin.com", NOW + LEASE, "connected") == account
        found = accounts.of(tx, me, "garmin")
        assert found == accounts.get(tx, account)
        assert accounts.of(tx, you, "garmin") is None
        assert accounts.of(tx, me, "garmin_personal") is None
    assert found is not None
    assert (found.state, found.created_at, found.notes, found.failures) == ("mfa_pending", NOW, {}, 0)


def test_the_secret_of_an_account_is_not_in_its_repr(store: Store) -> None:
    with store.write() as tx:
        account = add_account(tx, add_runner(tx))
        accounts.keep_secret(tx, account, "gAAAA-hidden", NOW + LEASE)
        found = accounts.get(tx, account)
    assert found is not None
    assert (found.secret, found.secret_until) == ("gAAAA-hidden", NOW + LEASE)
    assert "hidden" not in repr(found)


def test_a_secret_kept_later_has_no_end_of_the_one_before(store: Store) -> None:
    with store.write() as tx:
        account = add_account(tx, add_runner(tx))
        accounts.keep_secret(tx, account, "waiting", NOW + LEASE)
        accounts.keep_secret(tx, account, "logged in")
        found = accounts.get(tx, account)
    assert found is not None
    assert (found.secret, found.secret_until) == ("logged in", None)


@pytest.mark.parametrize(
    ("state", "is_due"),
    [
        ("disconnected", False),
        ("mfa_pending", False),
        ("connected", True),
        ("degraded", True),
        ("rate_limited", True),
        ("login_needed", False),
    ],
)
def test_an_account_is_due_only_while_asking_it_can_help(store: Store, state: str, is_due: bool) -> None:
    with store.write() as tx:
        account = add_account(tx, add_runner(tx), state=state)
        assert [c.id for c in accounts.due(tx, NOW, KINDS)] == ([account] if is_due else [])


def test_the_longest_due_account_comes_first_and_a_new_one_before_all(store: Store) -> None:
    with store.write() as tx:
        late = add_account(tx, add_runner(tx), next_at=NOW)
        later = add_account(tx, add_runner(tx, "b"), next_at=NOW - LEASE)
        new = add_account(tx, add_runner(tx, "c"))
        add_account(tx, add_runner(tx, "d"), next_at=NOW + timedelta(seconds=1))
        sources.connect(tx, add_runner(tx, "e"), "folder", "/inbox", NOW)
        assert [c.id for c in accounts.due(tx, NOW, KINDS)] == [new, later, late]
        assert accounts.due(tx, NOW, ["garmin_personal"]) == []


def test_an_account_in_use_is_not_due_until_its_lease_ends(store: Store) -> None:
    with store.write() as tx:
        account = add_account(tx, add_runner(tx))
        assert accounts.take(tx, account, NOW, LEASE, ME)
        assert accounts.due(tx, NOW + LEASE - timedelta(seconds=1), KINDS) == []
        assert [c.id for c in accounts.due(tx, NOW + LEASE, KINDS)] == [account]


def test_of_two_workers_one_takes_the_account(store: Store) -> None:
    with store.write() as tx:
        account = add_account(tx, add_runner(tx))

    def take(n: int) -> bool:
        with store.write() as tx:
            return accounts.take(tx, account, NOW, LEASE, f"worker {n}")

    assert sorted(results_of_two(take)) == [False, True]


def test_a_lease_that_ran_out_goes_to_another_and_the_first_must_stop(store: Store) -> None:
    with store.write() as tx:
        account = add_account(tx, add_runner(tx))
        assert accounts.take(tx, account, NOW, LEASE, ME)
        assert not accounts.take(tx, account, NOW + LEASE / 2, LEASE, YOU)
        assert accounts.take(tx, account, NOW + LEASE, LEASE, YOU)
        assert not accounts.hold(tx, account, NOW + LEASE, LEASE, ME)
        accounts.release(tx, account, ME)
        assert held_by(tx, account) == (NOW + 2 * LEASE, YOU)


def test_a_held_account_stays_with_its_worker(store: Store) -> None:
    with store.write() as tx:
        account = add_account(tx, add_runner(tx))
        accounts.take(tx, account, NOW, LEASE, ME)
        assert accounts.hold(tx, account, NOW + LEASE, LEASE, ME)
        assert not accounts.take(tx, account, NOW + LEASE, LEASE, YOU)
        accounts.release(tx, account, ME)
        assert held_by(tx, account) == (None, None)
        assert not accounts.hold(tx, account, NOW, LEASE, ME)
        assert accounts.take(tx, account, NOW, LEASE, YOU)


def test_what_a_dead_worker_held_is_free_and_the_rest_is_not(store: Store) -> None:
    with store.write() as tx:
        one, two = add_account(tx, add_runner(tx)), add_account(tx, add_runner(tx, "you"))
        accounts.take(tx, one, NOW, LEASE, ME)
        accounts.take(tx, two, NOW, LEASE, YOU)
        assert sorted(accounts.holders(tx)) == sorted([ME, YOU])
        accounts.free(tx, ME)
        assert accounts.holders(tx) == [YOU]
        assert held_by(tx, one) == (None, None)
        assert [c.id for c in accounts.due(tx, NOW, KINDS)] == [one]


def test_notes_are_laid_over_and_none_forgets(store: Store) -> None:
    with store.write() as tx:
        account = add_account(tx, add_runner(tx))
        accounts.note(tx, account, profile_id=42, legacy_gear=True)
        accounts.note(tx, account, legacy_gear=None, display_name="Zoë", never=None)
        assert accounts.lock(tx, account).notes == {"profile_id": 42, "display_name": "Zoë"}


def test_two_workers_lose_no_note_of_each_other(store: Store) -> None:
    with store.write() as tx:
        account = add_account(tx, add_runner(tx))

    def jot(n: int) -> None:
        for k in range(10):
            with store.write() as tx:
                accounts.note(tx, account, **{f"{n}.{k}": k})

    results_of_two(jot)
    with store.read() as tx:
        found = accounts.get(tx, account)
    assert found is not None
    assert len(found.notes) == 20


def test_a_forgotten_account_is_gone_with_its_secret_and_its_worker_must_stop(store: Store) -> None:
    with store.write() as tx:
        account = add_account(tx, add_runner(tx), secret="hidden")
        accounts.take(tx, account, NOW, LEASE, ME)
        accounts.forget(tx, account)
        assert accounts.get(tx, account) is None
        assert not accounts.hold(tx, account, NOW, LEASE, ME)
        assert not accounts.take(tx, account, NOW, LEASE, ME)
        with pytest.raises(Retry, match="disconnected"):
            accounts.note(tx, account, profile_id=42)


def test_what_an_account_brought_outlives_it(store: Store) -> None:
    with store.write() as tx:
        runner_id = add_runner(tx)
        account = add_account(tx, runner_id)
        file_id = sources.take_in(tx, runner_id, account, "a" * 64, "a.fit", 10, NOW)
        accounts.forget(tx, account)
        assert file_id is not None
        assert sources.raw_file(tx, file_id).connection_id is None


# steps


def test_the_steps_of_a_day_are_what_was_told_last(store: Store) -> None:
    friday, saturday, sunday = (date(2026, 11, 13) + timedelta(days=n) for n in range(3))
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        steps.tell(tx, me, {friday: 4_000, saturday: 9_000})
        steps.tell(tx, me, {saturday: 12_345, sunday: 0})
        steps.tell(tx, you, {saturday: 1})
        steps.tell(tx, me, {})
        assert steps.between(tx, me, friday, sunday) == {friday: 4_000, saturday: 12_345, sunday: 0}
        assert steps.between(tx, me, saturday, saturday) == {saturday: 12_345}
        assert steps.between(tx, you, friday, sunday) == {saturday: 1}
