"""Connecting an account and forgetting it: how many attempts are made, and what is left of each."""

import json
import stat
import tarfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from garminconnect.client import sso

from fakes.garmin import FakeGarmin, running, status
from garmin_home import reachable
from home import ME, Clock, Home, a_home, reopened, text_of
from midsole.actions import backup, connecting, pairs
from midsole.actions.account import kept
from midsole.actions.connecting import CODE_NEEDED, CONNECTED
from midsole.actions.doctor import doctor
from midsole.actions.once import run_once, sync_now
from midsole.actions.setup import add_runner
from midsole.actions.standing import explained
from midsole.domain.connection import GARMIN, GARMIN_PERSONAL
from midsole.domain.errors import BadInput, MidsoleError, NeedsRunner, Unreachable, UsageError
from midsole.store import accounts, shoes
from midsole.store.sources import Connection

EMAIL, PASSWORD, CODE, KEY = "runner@example.org", "correct horse battery", "246810", "fake-personal-key"
SIGN_IN = "api/login"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def garmin(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[FakeGarmin]:
    """On the home's clock, and without the package's pauses, which are for Garmin's guards."""
    for name in ("MOBILE_DELAY", "WIDGET_DELAY"):
        monkeypatch.setattr(sso, f"{name}_MIN_S", 0)
        monkeypatch.setattr(sso, f"{name}_MAX_S", 0)
    with running(now=lambda: clock.at.timestamp()) as server, reachable(server):
        yield server


@pytest.fixture
def home(tmp_path: Path, clock: Clock) -> Iterator[Home]:
    with a_home(tmp_path, clock, email="me@example.org") as opened:
        yield opened


def account(home: Home, kind: str = GARMIN, runner_id: int = ME) -> Connection | None:
    with home.box.store.read() as tx:
        return accounts.of(tx, runner_id, kind)


def the(home: Home, kind: str = GARMIN, runner_id: int = ME) -> Connection:
    found = account(home, kind, runner_id)
    assert found is not None
    return found


def log_in(home: Home, password: str = PASSWORD, **more: bool) -> connecting.Asked:
    return connecting.log_in(home.box, ME, EMAIL, password, **more)


def take_tokens(home: Home, garmin: FakeGarmin, runner_id: int = ME) -> None:
    connecting.take_tokens(home.box, runner_id, garmin.access.token_text())


def passwords_sent(garmin: FakeGarmin) -> int:
    return garmin.count("api/login", method="POST") + garmin.count("/sso/signin", method="POST")


def words(home: Home, kind: str = GARMIN) -> str:
    return explained(the(home, kind), home.box.now())


# One confirmation, one attempt


def test_a_login_sends_the_password_once(home: Home, garmin: FakeGarmin) -> None:
    assert log_in(home).state == CONNECTED
    assert passwords_sent(garmin) == garmin.access.logins == 1
    assert the(home).state == "connected"
    assert "The first sync begins" in words(home)


def test_a_wrong_password_is_sent_once_and_leaves_nothing(home: Home, garmin: FakeGarmin) -> None:
    with pytest.raises(BadInput, match="does not know"):
        log_in(home, "wrong")
    assert passwords_sent(garmin) == 1
    assert account(home) is None


def test_an_outage_of_the_login_leaves_nothing_and_no_pause(home: Home, garmin: FakeGarmin) -> None:
    garmin.faults.unreachable = True
    with pytest.raises(Unreachable):
        log_in(home)
    assert account(home) is None
    garmin.faults.clear()
    assert log_in(home).state == CONNECTED


def test_a_login_that_is_blocked_everywhere_sends_no_password(home: Home, garmin: FakeGarmin) -> None:
    garmin.faults.sso_status = 429
    with pytest.raises(NeedsRunner, match="2026-11-18 14:00 UTC"):
        log_in(home)
    assert passwords_sent(garmin) == 0


def test_a_limit_on_the_password_alone_sends_it_twice_at_most(home: Home, garmin: FakeGarmin) -> None:
    for place in (SIGN_IN, "/sso/signin"):
        garmin.faults.add(place, status(429), None)
    with pytest.raises(NeedsRunner, match="next attempt"):
        log_in(home)
    assert passwords_sent(garmin) <= 2


# The pause after a refusal


def refused(home: Home, garmin: FakeGarmin) -> timedelta:
    """How long Garmin's refusal, now, keeps us from trying again."""
    garmin.faults.sso_status = 429
    with pytest.raises(NeedsRunner):
        log_in(home)
    after = the(home).login_after
    assert after is not None
    return after - home.box.now()


def test_the_pause_doubles_up_to_a_day(home: Home, garmin: FakeGarmin) -> None:
    pauses = []
    for _ in range(6):
        pauses.append(refused(home, garmin))
        home.clock.at += pauses[-1]
    assert [p / timedelta(hours=1) for p in pauses] == [2, 4, 8, 16, 24, 24]


def test_an_attempt_within_the_pause_asks_nothing_and_says_when(home: Home, garmin: FakeGarmin) -> None:
    refused(home, garmin)
    asked = garmin.count()
    home.clock.on(minutes=119)
    for attempt in (log_in, lambda h: connecting.refuse_too_early(h.box, ME, GARMIN)):
        with pytest.raises(UsageError, match="2026-11-18 14:00 UTC"):
            attempt(home)
    assert garmin.count() == asked
    assert "the next one is possible from 2026-11-18 14:00 UTC on" in words(home)


def test_the_pause_and_its_doubling_survive_disconnect_and_another_process(
    home: Home, garmin: FakeGarmin
) -> None:
    take_tokens(home, garmin)
    refused(home, garmin)
    connecting.disconnect(home.box, ME, GARMIN)
    other = reopened(home)
    asked = garmin.count()
    with pytest.raises(UsageError, match="14:00"):
        log_in(other)
    assert garmin.count() == asked
    other.clock.on(hours=2)
    take_tokens(other, garmin)
    connecting.disconnect(other.box, ME, GARMIN)
    assert refused(other, garmin) == timedelta(hours=4)
    other.box.store.close()


def test_a_login_that_succeeds_ends_the_doubling(home: Home, garmin: FakeGarmin) -> None:
    home.clock.at += refused(home, garmin)
    garmin.faults.clear()
    log_in(home)
    assert (the(home).login_after, the(home).logins_refused) == (None, 0)
    assert refused(home, garmin) == timedelta(hours=2)


def test_tokens_connect_within_the_pause_but_do_not_end_it(home: Home, garmin: FakeGarmin) -> None:
    refused(home, garmin)
    take_tokens(home, garmin)
    assert the(home).state == "connected"
    with pytest.raises(UsageError, match="14:00"):
        log_in(home)


def test_two_processes_that_confirm_at_once_make_one_attempt_within_the_pause(
    home: Home, garmin: FakeGarmin
) -> None:
    """The second one read the row before the first was refused."""
    before = connecting._prepared(home.box, ME, GARMIN, "garmin.com")
    refused(home, garmin)
    asked = garmin.count()
    with pytest.raises(UsageError, match="14:00"):
        connecting._attempt(home.box, before, lambda: pytest.fail("asked again"))
    assert garmin.count() == asked


# The code


def pending(home: Home, garmin: FakeGarmin) -> None:
    garmin.access.accept_mfa(CODE)
    assert log_in(home).state == CODE_NEEDED


def test_a_wrong_code_leaves_the_login_alive_and_another_process_ends_it(
    home: Home, garmin: FakeGarmin
) -> None:
    pending(home, garmin)
    assert the(home).state == "mfa_pending"
    assert "forgotten in 10 min" in words(home)
    with pytest.raises(BadInput, match="code"):
        connecting.enter_code(home.box, ME, "000000")
    other = reopened(home)
    assert connecting.enter_code(other.box, ME, f" {CODE} ").state == CONNECTED
    other.box.store.close()
    assert garmin.access.logins == 1
    assert set(kept(home.box, the(home))) == {"login"}
    assert the(home).secret_until is None


def test_a_code_that_comes_too_late_is_told_so_and_the_login_is_gone(home: Home, garmin: FakeGarmin) -> None:
    pending(home, garmin)
    home.clock.on(minutes=10)
    assert "no code in time" in words(home)
    asked = garmin.count()
    with pytest.raises(UsageError, match="too long"):
        connecting.enter_code(home.box, ME, CODE)
    assert garmin.count() == asked
    assert account(home) is None


def test_a_login_without_its_code_is_forgotten_also_when_nobody_comes(home: Home, garmin: FakeGarmin) -> None:
    pending(home, garmin)
    home.clock.on(minutes=9)
    connecting.settle(home.box)
    assert the(home).secret
    home.clock.on(minutes=1)
    run_once(home.box)
    assert account(home) is None
    with pytest.raises(UsageError, match="No login waits"):
        connecting.enter_code(home.box, ME, CODE)


def test_a_second_login_takes_the_place_of_the_one_that_waits(home: Home, garmin: FakeGarmin) -> None:
    pending(home, garmin)
    first = kept(home.box, the(home))["pending"]
    home.clock.on(minutes=9)
    pending(home, garmin)
    assert kept(home.box, the(home))["pending"] != first
    home.clock.on(minutes=9)
    assert connecting.enter_code(home.box, ME, CODE).state == CONNECTED
    assert garmin.access.codes_sent == 2


# Connecting again


def lose_password(home: Home, garmin: FakeGarmin) -> None:
    with pytest.raises(BadInput):
        log_in(home, "wrong", china=False)


def be_blocked(home: Home, garmin: FakeGarmin) -> None:
    garmin.faults.sso_status = 429
    with pytest.raises(NeedsRunner):
        log_in(home)
    garmin.faults.clear()


def forget_the_code(home: Home, garmin: FakeGarmin) -> None:
    pending(home, garmin)
    home.clock.on(minutes=11)
    connecting.settle(home.box)


def miss_the_country(home: Home, garmin: FakeGarmin) -> None:
    with pytest.raises(MidsoleError):
        log_in(home, "wrong", china=True)


@pytest.mark.parametrize("fail", [lose_password, be_blocked, forget_the_code, miss_the_country])
def test_a_login_that_fails_leaves_the_working_one_alone(home: Home, garmin: FakeGarmin, fail) -> None:
    garmin.account.add_run(home.clock.at - timedelta(days=1), 10.0, 55.0)
    take_tokens(home, garmin)
    before = the(home)
    fail(home, garmin)
    now = the(home)
    assert (now.state, now.place) == ("connected", "garmin.com")
    assert kept(home.box, now) == kept(home.box, before)
    done = sync_now(home.box, ME)
    assert (done.problems, done.failed, len(home.activities())) == ([], False, 1)


def test_a_login_that_waits_for_its_code_does_not_stop_the_looks(home: Home, garmin: FakeGarmin) -> None:
    take_tokens(home, garmin)
    pending(home, garmin)
    assert the(home).state == "connected"
    assert not sync_now(home.box, ME).failed


def test_a_log_in_that_was_needed_is_needed_still_where_the_code_never_came(
    home: Home, garmin: FakeGarmin
) -> None:
    take_tokens(home, garmin)
    sync_now(home.box, ME)
    garmin.access.log_out_everywhere()
    sync_now(home.box, ME)
    assert the(home).state == "login_needed"
    pending(home, garmin)
    assert the(home).state == "mfa_pending"
    home.clock.on(minutes=10)
    connecting.settle(home.box)
    assert the(home).state == "login_needed"


def test_what_was_said_of_pairs_outlives_another_login(home: Home, garmin: FakeGarmin) -> None:
    log_in(home, adopt=False)
    garmin.account.add_gear("Nike", "Pegasus 41")
    log_in(home)
    sync_now(home.box, ME)
    assert [pair.name for pair, _ in pairs.proposals(home.box, ME)] == ["Nike Pegasus 41"]


# Tokens


@pytest.mark.parametrize(
    "text",
    [
        *("", "hello", "[]", "{}", '{"di_token": 5}', '{"di_token": "a"}', "null", "\udcff", "x" * 300_000),
        '{"oauth_token": "a", "oauth_token_secret": "b"}',
        '{"access_token": "a", "refresh_token": "b"}',
    ],
)
def test_what_is_no_token_changes_nothing(home: Home, garmin: FakeGarmin, text: str) -> None:
    with pytest.raises(BadInput):
        connecting.take_tokens(home.box, ME, text)
    assert account(home) is None
    take_tokens(home, garmin)
    before = kept(home.box, the(home))
    with pytest.raises(BadInput):
        connecting.take_tokens(home.box, ME, text)
    assert kept(home.box, the(home)) == before
    assert garmin.count() == 0


def test_tokens_that_garmin_does_not_know_are_found_out_by_the_first_look(
    home: Home, garmin: FakeGarmin
) -> None:
    text = garmin.access.token_text()
    garmin.access.log_out_everywhere()
    connecting.take_tokens(home.box, ME, text)
    assert sync_now(home.box, ME).failed
    assert the(home).state == "login_needed"
    assert "midsole connect garmin" in words(home)


def test_an_account_of_garmin_cn_is_asked_there_alone(home: Home, garmin: FakeGarmin) -> None:
    connecting.take_tokens(home.box, ME, garmin.access.token_text(), china=True)
    assert the(home).place == "garmin.cn"
    assert sync_now(home.box, ME).problems == []
    hosts = {request.host for request in garmin.requests()}
    assert hosts
    assert all(host.endswith(".garmin.cn") for host in hosts)
    take_tokens(home, garmin)
    assert the(home).place == "garmin.com"


# Several runners


def test_the_account_of_one_runner_is_nothing_to_another(home: Home, garmin: FakeGarmin) -> None:
    other = add_runner(home.box, "Zoe", "UTC")
    garmin.account.add_gear("Nike", "Pegasus 41")
    take_tokens(home, garmin)
    connecting.set_option(home.box, ME, adopt=False)
    sync_now(home.box, ME)
    asked = garmin.count()
    before = the(home)

    assert account(home, runner_id=other) is None
    assert sync_now(home.box, other).problems == []
    assert pairs.proposals(home.box, other) == []
    for attempt in (
        lambda: connecting.enter_code(home.box, other, CODE),
        lambda: connecting.disconnect(home.box, other, GARMIN),
        lambda: connecting.set_option(home.box, other, write_back=True),
        lambda: pairs.decline(home.box, other, "Pegasus 41"),
    ):
        with pytest.raises(UsageError):
            attempt()
    assert garmin.count() == asked
    assert the(home) == before

    take_tokens(home, garmin, other)
    connecting.disconnect(home.box, ME, GARMIN)
    assert the(home, runner_id=other).state == "connected"


def test_a_code_of_one_runner_ends_no_login_of_another(home: Home, garmin: FakeGarmin) -> None:
    other = add_runner(home.box, "Zoe", "UTC")
    pending(home, garmin)
    with pytest.raises(UsageError, match="No login waits"):
        connecting.enter_code(home.box, other, CODE)
    assert garmin.access.codes == 0
    assert connecting.enter_code(home.box, ME, CODE).state == CONNECTED


# The key of the Personal API


def test_a_key_is_tried_once_and_kept_with_its_last_day(home: Home, garmin: FakeGarmin) -> None:
    connecting.take_key(home.box, ME, f" {KEY}\n", date(2027, 2, 19))
    assert garmin.access.exchanges == garmin.count() == 1
    assert the(home, GARMIN_PERSONAL).expires_on == date(2027, 2, 19)
    assert not sync_now(home.box, ME).failed


def test_a_key_that_is_refused_or_can_not_be_tried_is_not_kept(home: Home, garmin: FakeGarmin) -> None:
    with pytest.raises(BadInput, match="does not accept"):
        connecting.take_key(home.box, ME, "another", None)
    with pytest.raises(BadInput, match="no API key"):
        connecting.take_key(home.box, ME, "two words", None)
    with pytest.raises(UsageError, match="ended on 2026-11-17"):
        connecting.take_key(home.box, ME, KEY, date(2026, 11, 17))
    garmin.faults.unreachable = True
    with pytest.raises(Unreachable):
        connecting.take_key(home.box, ME, KEY, None)
    assert account(home, GARMIN_PERSONAL) is None


def test_a_new_key_that_is_refused_leaves_the_old_one(home: Home, garmin: FakeGarmin) -> None:
    connecting.take_key(home.box, ME, KEY, date(2026, 12, 1))
    before = the(home, GARMIN_PERSONAL)
    with pytest.raises(BadInput):
        connecting.take_key(home.box, ME, "another", date(2027, 12, 1))
    assert the(home, GARMIN_PERSONAL) == before


def test_an_end_is_told_14_7_and_1_days_before_until_there_is_a_new_key(
    home: Home, garmin: FakeGarmin
) -> None:
    connecting.take_key(home.box, ME, KEY, date(2026, 12, 10))
    told_on = []
    for _ in range(22):
        run_once(home.box)
        told = [text_of(mail) for mail in home.deliveries("alert")]
        if len(told) > len(told_on):
            told_on.append((date(2026, 12, 10) - home.clock.at.date()).days)
        home.clock.on(days=1)
    assert told_on == [14, 7, 1]
    assert "midsole connect garmin-personal" in told[-1]
    connecting.take_key(home.box, ME, KEY, date(2027, 12, 10))
    run_once(home.box)
    assert home.alerts("W3") == [] or all(a.state != "open" for a in home.alerts("W3"))


def test_a_limit_on_keys_is_waited_out_too(home: Home, garmin: FakeGarmin) -> None:
    garmin.faults.add("/personalapitoken-service/", status(429, retry_after=3 * 3600))
    with pytest.raises(NeedsRunner, match="15:00 UTC"):
        connecting.take_key(home.box, ME, KEY, None)
    asked = garmin.count()
    with pytest.raises(UsageError, match="15:00 UTC"):
        connecting.take_key(home.box, ME, KEY, None)
    assert garmin.count() == asked


# Forgetting


def fill(garmin: FakeGarmin, clock: Clock, runs: int = 6) -> None:
    worn, spare = garmin.account.add_gear("Nike", "Pegasus 41"), garmin.account.add_gear("Nike", "Vomero 18")
    for day in range(runs):
        run = garmin.account.add_run(clock.at - timedelta(days=day + 1), 10.0, 55.0)
        garmin.account.link(worn if day % 2 else spare, run)


def standing(home: Home) -> tuple[object, ...]:
    """Activities with titles, pairs, and who wore what."""
    with home.box.store.read() as tx:
        worn = shoes.wearings(tx, ME)
        known = [(s.name, s.limit_m) for s in shoes.pairs(tx, ME)]
    runs = [(a.id, a.started_at, a.title, round(a.counted_m)) for a in home.activities()]
    return runs, known, {id_: [(w.shoe_name, w.set_by) for w in its] for id_, its in worn.items()}


def test_disconnecting_forgets_the_account_and_keeps_what_came(home: Home, garmin: FakeGarmin) -> None:
    fill(garmin, home.clock)
    take_tokens(home, garmin)
    sync_now(home.box, ME)
    garmin.account.add_gear("Hoka", "Clifton 10")
    connecting.set_option(home.box, ME, adopt=False)
    sync_now(home.box, ME)
    assert len(pairs.proposals(home.box, ME)) == 1
    pending(home, garmin)
    before = standing(home)
    assert len(before[0]) == 6

    connecting.disconnect(home.box, ME, GARMIN)
    run_once(home.box)

    assert account(home) is None
    assert pairs.proposals(home.box, ME) == []
    assert standing(home) == before
    with pytest.raises(UsageError, match="not connected"):
        connecting.disconnect(home.box, ME, GARMIN)
    with pytest.raises(UsageError, match="not connected"):
        connecting.set_option(home.box, ME, adopt=True)


def test_connecting_the_same_account_again_goes_on_without_doubles(home: Home, garmin: FakeGarmin) -> None:
    fill(garmin, home.clock)
    take_tokens(home, garmin)
    sync_now(home.box, ME)
    before = standing(home)
    connecting.disconnect(home.box, ME, GARMIN)
    take_tokens(home, garmin)
    garmin.account.add_run(home.clock.at - timedelta(hours=3), 12.0, 60.0)
    downloads = garmin.count("/download-service/")
    sync_now(home.box, ME)
    after = standing(home)
    assert after[0][:6] == before[0]
    assert (len(after[0]), after[1]) == (7, before[1])
    assert garmin.count("/download-service/") == downloads + 1


def test_disconnecting_the_key_leaves_the_pairs_that_wait(home: Home, garmin: FakeGarmin) -> None:
    fill(garmin, home.clock)
    connecting.take_tokens(home.box, ME, garmin.access.token_text(), adopt=False)
    connecting.take_key(home.box, ME, KEY, None)
    sync_now(home.box, ME)
    connecting.disconnect(home.box, ME, GARMIN_PERSONAL)
    assert len(pairs.proposals(home.box, ME)) == 2


# Secrets at rest


def test_nothing_in_home_or_backup_tells_a_secret(home: Home, garmin: FakeGarmin, tmp_path: Path) -> None:
    login = json.loads(garmin.access.token_text())
    connecting.take_tokens(home.box, ME, json.dumps(login))
    connecting.take_key(home.box, ME, KEY, None)
    pending(home, garmin)
    with pytest.raises(BadInput):
        connecting.enter_code(home.box, ME, "135791")
    state = json.loads(kept(home.box, the(home))["pending"])
    backup.backup(home.box, tmp_path / "saved.tar")

    secrets = [PASSWORD, EMAIL, "135791", KEY, login["di_token"], login["di_refresh_token"]]
    secrets += [cookie["value"] for cookie in state["cookies"]]
    lying = [p for p in [*home.box.home.rglob("*"), tmp_path / "saved.tar"] if p.is_file()]
    assert {"midsole.db", "secret.key", "saved.tar"} <= {p.name for p in lying}
    told = [(p.name, s) for p in lying for s in secrets if str(s).encode() in p.read_bytes()]
    assert told == []
    assert stat.S_IMODE((home.box.home / "secret.key").stat().st_mode) == 0o600


def key_file(home: Home) -> Path:
    return home.box.secrets.path


def broken_by(home: Home) -> str:
    return " ".join(check.text for check in doctor(home.box) if check.name == "secret key")


def remove(path: Path) -> None:
    path.unlink()


def exchange(path: Path) -> None:
    path.write_bytes(Fernet.generate_key())


@pytest.mark.parametrize(("spoil", "said"), [(remove, "is missing"), (exchange, "has changed")])
def test_a_lost_key_is_told_once_and_connecting_again_heals_it(
    home: Home, garmin: FakeGarmin, spoil, said: str
) -> None:
    take_tokens(home, garmin)
    assert "can be read" in broken_by(home)
    spoil(key_file(home))
    assert said in broken_by(home)
    for _ in range(3):
        assert run_once(home.box).failed
        home.clock.on(hours=1)
    assert (the(home).state, garmin.count()) == ("login_needed", 0)
    assert said in words(home)
    assert sum("log in again" in text_of(mail) for mail in home.outbox()) == 1

    pending(home, garmin)
    connecting.enter_code(home.box, ME, CODE)
    assert not sync_now(home.box, ME).failed
    assert "can be read" in broken_by(home)


def test_a_key_file_that_comes_back_needs_no_log_in(home: Home, garmin: FakeGarmin) -> None:
    take_tokens(home, garmin)
    aside = key_file(home).rename(home.box.home / "aside")
    sync_now(home.box, ME)
    assert the(home).state == "login_needed"
    aside.rename(key_file(home))
    assert not sync_now(home.box, ME).failed
    assert the(home).state == "connected"


def test_a_key_is_changed_by_a_new_first_line(home: Home, garmin: FakeGarmin) -> None:
    take_tokens(home, garmin)
    old = key_file(home).read_text()
    key_file(home).write_text(Fernet.generate_key().decode() + "\n" + old)
    assert "can be read" in broken_by(home)
    take_tokens(home, garmin)
    key_file(home).write_text(key_file(home).read_text().splitlines()[0])
    assert "can be read" in broken_by(home)
    assert not sync_now(home.box, ME).failed


def test_a_key_file_that_others_can_read_is_told(home: Home, garmin: FakeGarmin) -> None:
    take_tokens(home, garmin)
    key_file(home).chmod(0o644)
    assert "chmod 600" in broken_by(home)


def test_a_backup_restored_elsewhere_is_still_connected(
    home: Home, garmin: FakeGarmin, tmp_path: Path
) -> None:
    take_tokens(home, garmin)
    backup.backup(home.box, tmp_path / "saved.tar.gz")
    backup.restore(tmp_path / "saved.tar.gz", tmp_path / "moved" / "home", home.box.now())
    with a_home(tmp_path / "moved", home.clock) as moved:
        assert stat.S_IMODE(key_file(moved).stat().st_mode) == 0o600
        assert not sync_now(moved.box, ME).failed


def test_a_backup_says_where_the_key_lies_outside_of_it(
    home: Home, garmin: FakeGarmin, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "keys" / "midsole.key"
    elsewhere.parent.mkdir()
    box = reopened(home, secret_key_file=str(elsewhere)).box
    connecting.take_tokens(box, ME, garmin.access.token_text())
    saved = backup.backup(box, tmp_path / "saved.tar")
    assert any(str(elsewhere) in problem for problem in saved.problems)
    with tarfile.open(tmp_path / "saved.tar") as tar:
        assert "secret.key" not in tar.getnames()
    assert [p.name for p in elsewhere.parent.iterdir()] == ["midsole.key"]
    box.store.close()
