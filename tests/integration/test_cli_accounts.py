"""Connecting and reading an account, as a person at a terminal and as a script meet it."""

import io
import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from garminconnect.client import sso

from fakes.garmin import FakeGarmin, environment, running, status
from garmin_home import reachable
from midsole.actions import connecting
from midsole.app import open_box
from midsole.cli import meter
from midsole.cli.main import run
from midsole.domain.connection import ACCOUNTS, GARMIN, GARMIN_PERSONAL
from midsole.store import accounts

EMAIL, PASSWORD, CODE = "runner@example.org", "correct horse battery", "246810"
ME = 1
SRC = str(Path(__file__).parents[2] / "src")
HEAVY = ("garminconnect", "curl_cffi", "requests", "cryptography", "pydantic")


@pytest.fixture
def garmin(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGarmin]:
    for name in ("MOBILE_DELAY", "WIDGET_DELAY"):
        monkeypatch.setattr(sso, f"{name}_MIN_S", 0)
        monkeypatch.setattr(sso, f"{name}_MAX_S", 0)
    with running() as server, reachable(server):
        yield server


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIDSOLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MIDSOLE_SETTLE_S", "0")
    return tmp_path / "home"


@pytest.fixture
def do(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command with these lines on its stdin, which is no terminal; returns all that it printed."""

    def run_it(*arguments: str, given: str | bytes = "", code: int = 0) -> str:
        raw = given if isinstance(given, bytes) else given.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        capfd.readouterr()
        ended = run(list(arguments))
        said = capfd.readouterr()
        assert ended == code, said
        return said.out + said.err

    return run_it


@pytest.fixture
def connected(do: Callable[..., str], garmin: FakeGarmin) -> FakeGarmin:
    do("connect", "garmin", "--tokens", "-", given=garmin.access.token_text())
    return garmin


def change(kind: str = GARMIN, **columns: object) -> None:
    """The connection's row as a look would have left it."""
    box = open_box()
    with box.store.write() as tx:
        found = accounts.of(tx, ME, kind)
        assert found is not None
        accounts.change(tx, found.id, **columns)
    box.store.close()


def notes() -> dict[str, object]:
    box = open_box()
    with box.store.read() as tx:
        found = accounts.of(tx, ME, GARMIN)
    box.store.close()
    assert found is not None
    return dict(found.notes)


def add_runs(garmin: FakeGarmin, count: int) -> None:
    for day in range(count):
        garmin.account.add_run(datetime.now(UTC) - timedelta(days=day + 1), 8.0, 44.0)


# Logging in


def test_a_script_gives_e_mail_and_password_as_lines(do, garmin: FakeGarmin) -> None:
    said = do("connect", "garmin", given=f"{EMAIL}\n{PASSWORD}\n")
    assert "Garmin Connect is connected" in said
    assert "unofficial" in said or "does not support" in said
    assert PASSWORD not in said


def test_a_password_is_taken_with_its_spaces(do, garmin: FakeGarmin) -> None:
    garmin.access.password = " with spaces "
    do("connect", "garmin", "--email", EMAIL, given=" with spaces \n")
    assert garmin.access.logins == 1


def test_what_is_missing_on_stdin_is_said_and_nothing_is_tried(do, garmin: FakeGarmin) -> None:
    assert "Garmin password is missing" in do("connect", "garmin", "--email", EMAIL, code=2)
    assert "Garmin e-mail is missing" in do("connect", "garmin", code=2)
    assert garmin.count() == 0


def test_a_code_may_come_from_another_process(do, garmin: FakeGarmin) -> None:
    garmin.access.accept_mfa(CODE)
    said = do("connect", "garmin", "--email", EMAIL, given=PASSWORD)
    assert "midsole connect garmin --code CODE" in said
    assert "waits for it" in do("status")
    assert "still waits" in do("connect", "garmin", "--code", "1", code=1)
    assert "is connected" in do("connect", "garmin", "--code", CODE)
    assert "No login waits" in do("connect", "garmin", "--code", CODE, code=2)
    assert garmin.access.logins == 1


def test_a_wrong_password_ends_with_1_and_is_not_listed(do, garmin: FakeGarmin) -> None:
    assert "does not know this e-mail and password" in do(
        "connect", "garmin", "--email", EMAIL, given="wrong", code=1
    )
    assert "Garmin Connect" not in do("status").replace("connect garmin", "")


def test_within_the_pause_no_password_is_asked_for(do, garmin: FakeGarmin) -> None:
    garmin.faults.sso_status = 429
    assert "there were too many" in do("connect", "garmin", "--email", EMAIL, given=PASSWORD, code=1)
    asked = garmin.count()
    said = do("connect", "garmin", "--email", EMAIL, code=2)
    assert "possible from" in said
    assert "missing" not in said
    assert garmin.count() == asked
    assert "the next one is possible from" in do("status")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--code", "1", "--tokens", "-"), "leave --tokens out"),
        (("--code", "", "--email", EMAIL), "leave --email out"),
        (("--code", "1", "--china"), "leave --china out"),
        (("--tokens", "-", "--email", EMAIL), "leave --email out"),
    ],
)
def test_options_that_exclude_each_other_are_refused(do, garmin: FakeGarmin, options, why: str) -> None:
    assert why in do("connect", "garmin", *options, given=PASSWORD, code=2)
    assert garmin.count() == 0


# On a terminal


class Terminal:
    """A child process that sits at a terminal of its own."""

    def __init__(self, env: dict[str, str], *arguments: str) -> None:
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            command = [sys.executable, "-m", "midsole", *arguments]
            os.execve(command[0], command, env)
        self.shown = ""

    def wait_for(self, text: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            self.shown += os.read(self.handle, 10_000).decode()

    def type(self, text: str) -> None:
        os.write(self.handle, text.encode() + b"\n")

    def ends(self) -> int:
        try:
            while more := os.read(self.handle, 10_000):
                self.shown += more.decode()
        except OSError:  # Linux: the other side is closed
            pass
        os.close(self.handle)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_a_terminal_is_asked_and_the_password_is_not_shown(home: Path, do) -> None:
    """With the package's real pauses."""
    with running(mfa_code=CODE) as garmin:
        env = environment(garmin) | {"MIDSOLE_HOME": str(home), "PYTHONPATH": SRC, "TERM": "dumb"}
        terminal = Terminal(env, "connect", "garmin")
        terminal.wait_for("Garmin e-mail")
        terminal.type(EMAIL)
        terminal.wait_for("added by themselves")
        terminal.type("n")
        terminal.wait_for("Garmin password")
        time.sleep(0.5)  # until the terminal's echo is off
        terminal.type(PASSWORD)
        terminal.wait_for("The code that Garmin sent you")
        terminal.type("111")
        terminal.wait_for("does not take this code")
        terminal.type(CODE)
        assert terminal.ends() == 0, terminal.shown
        assert garmin.access.logins == 1
    assert "Garmin Connect is connected" in terminal.shown
    assert PASSWORD not in terminal.shown
    assert notes()["adopt"] is False


# Tokens and options


def test_tokens_come_as_a_file_a_folder_or_stdin(do, garmin: FakeGarmin, tmp_path: Path) -> None:
    file = tmp_path / "garmin_tokens.json"
    file.write_text(garmin.access.token_text())
    for path in (str(file), str(tmp_path), "-"):
        said = do("connect", "garmin", "--tokens", path, given=file.read_bytes())
        assert "The tokens are kept" in said
    assert garmin.count() == 0


@pytest.mark.parametrize("given", [b"", b"\xff\xfe\x00", b"hello", b"{" * 300_000])
def test_nonsense_for_tokens_is_refused_in_words(do, garmin: FakeGarmin, given: bytes) -> None:
    assert "not the text of a garmin_tokens.json" in do(
        "connect", "garmin", "--tokens", "-", given=given, code=1
    )


def test_old_tokens_and_missing_files_are_named(do, garmin: FakeGarmin, tmp_path: Path) -> None:
    old = tmp_path / "oauth1_token.json"
    old.write_text('{"oauth_token": "a", "oauth_token_secret": "b"}')
    assert "old format of garth" in do("connect", "garmin", "--tokens", str(old), code=1)
    assert "No such file" in do("connect", "garmin", "--tokens", str(tmp_path / "none"), code=2)
    assert "can't be read" in do("connect", "garmin", "--tokens", str(tmp_path), code=2)


def test_options_alone_change_a_connected_account(do, connected: FakeGarmin) -> None:
    assert "only proposed" in do("connect", "garmin", "--no-shoes")
    assert "is written to Garmin too" in do("connect", "garmin", "--write-back")
    assert (notes()["adopt"], notes()["write_back"]) == (False, True)
    said = do("connect", "garmin", "--shoes", "--no-write-back")
    assert "added by themselves" in said
    assert "stays in Midsole" in said
    assert connected.count() == 0


def test_with_options_a_new_account_is_logged_in_to(do, garmin: FakeGarmin) -> None:
    said = do("connect", "garmin", "--no-shoes", given=f"{EMAIL}\n{PASSWORD}\n")
    assert "is connected" in said
    assert notes()["adopt"] is False


def test_logging_in_again_keeps_what_was_said_of_pairs(do, garmin: FakeGarmin) -> None:
    do("connect", "garmin", "--no-shoes", "--email", EMAIL, given=PASSWORD)
    do("connect", "garmin", "--email", EMAIL, given=PASSWORD)
    assert notes()["adopt"] is False


def test_a_key_comes_from_a_file_or_a_line(do, garmin: FakeGarmin, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("fake-personal-key\n")
    said = do("connect", "garmin-personal", "--key-file", str(tmp_path / "key"))
    assert "say when with --expires" in said
    do("connect", "garmin-personal", "--expires", "2099-01-01", given="fake-personal-key\n")
    (row,) = [s for s in json.loads(do("status", "--json"))["sources"] if s["kind"] == GARMIN_PERSONAL]
    assert row["key_expires_on"] == "2099-01-01"
    assert "does not accept" in do("connect", "garmin-personal", given="another\n", code=1)
    assert "is no date" in do("connect", "garmin-personal", "--expires", "soon", given="x\n", code=2)


def test_disconnecting_says_what_stays(do, connected: FakeGarmin) -> None:
    assert "What came from it stays" in do("disconnect", "garmin")
    assert "is not connected" in do("disconnect", "garmin", code=2)
    assert "is not connected" in do("disconnect", "garmin-personal", code=2)


# Reading now


def test_a_sync_ends_with_0_where_all_is_well(do, connected: FakeGarmin) -> None:
    add_runs(connected, 3)
    assert "Done: 3 new activities, 6 new files (0 bad)." in do("sync")
    assert "Done: 0 new activities, 0 new files (0 bad)." in do("sync")


def test_a_sync_goes_on_past_one_bad_activity(do, connected: FakeGarmin) -> None:
    add_runs(connected, 3)
    bad = connected.account.activities()[1].id
    connected.faults.add(f"/download-service/files/activity/{bad}", status(500), None)
    said = do("sync")
    assert "can't be reached (500)" in said
    assert len(json.loads(do("activities", "--json"))) == 3


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda g: g.faults.add("/activitylist-service/", status(429, retry_after=3600)), "fewer requests"),
        (lambda g: g.faults.add("", status(503), None), "can't be reached"),
        (lambda g: g.access.log_out_everywhere(), "Log in again with midsole connect garmin"),
    ],
    ids=["limited", "outage", "logged out"],
)
def test_a_sync_or_a_pass_that_can_not_be_done_ends_with_1(do, connected: FakeGarmin, spoil, said) -> None:
    spoil(connected)
    for command in (("sync",), ("run", "--once")):
        told = do(*command, code=1)
        assert said in told
        assert "0 new files" in told


def test_a_limit_or_a_needed_login_is_not_tried_against(do, connected: FakeGarmin) -> None:
    connected.faults.add("/activitylist-service/", status(429, retry_after=3600))
    do("sync", code=1)
    connected.access.log_out_everywhere()
    asked = connected.count()
    do("sync", code=1)
    change(state="login_needed", next_at=None)
    do("sync", code=1)
    assert connected.count() == asked


def test_an_account_that_was_disconnected_troubles_no_sync(do, garmin: FakeGarmin) -> None:
    garmin.faults.sso_status = 429
    do("connect", "garmin", "--email", EMAIL, given=PASSWORD, code=1)
    assert "0 new files" in do("sync")
    assert "0 new files" in do("run", "--once")


def test_a_long_sync_tells_how_far_it_is(do, connected: FakeGarmin, monkeypatch) -> None:
    monkeypatch.setattr(meter, "LINE_EVERY_S", 0)
    monkeypatch.setattr("midsole.app.time.sleep", lambda _: None)
    add_runs(connected, 120)
    said = do("sync")
    assert " of " in said
    assert said.count("Garmin Connect: ") >= 2


# How each account stands

NOW = datetime.now(UTC)
AGO, SOON = NOW - timedelta(minutes=30), NOW + timedelta(minutes=30)
STATES = {
    "connected": ({"last_success_at": AGO, "next_at": SOON}, "is connected; it was last read", 0),
    "never read": ({"last_success_at": None}, "The first sync begins with `midsole run`", 0),
    "late": (
        {"last_success_at": NOW - timedelta(hours=30), "next_at": NOW - timedelta(hours=29)},
        "is `midsole run` running?",
        0,
    ),
    "never read for long": (
        {"notes": {"connected_at": (NOW - timedelta(hours=30)).isoformat()}},
        "30 h late",
        0,
    ),
    "degraded": (
        {"state": "degraded", "error": "It does not answer.", "last_success_at": AGO, "next_at": SOON},
        "can't be read now (It does not answer)",
        0,
    ),
    "rate limited": (
        {"state": "rate_limited", "last_success_at": AGO, "next_at": SOON},
        "wants fewer requests; it was last read",
        0,
    ),
    "login needed": (
        {"state": "login_needed", "last_success_at": AGO},
        "Log in again with midsole connect garmin",
        1,
    ),
    "code wanted": ({"state": "mfa_pending", "secret_until": SOON}, "--code CODE", 0),
    "code too late": ({"state": "mfa_pending", "secret_until": AGO}, "To begin again, type midsole", 0),
    "paused": (
        {"state": "disconnected", "secret": None, "login_after": SOON, "logins_refused": 1},
        f"possible from {SOON:%Y-%m-%d %H:%M} UTC",
        0,
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_status_and_doctor_explain_each_state_in_words(do, connected: FakeGarmin, name: str) -> None:
    columns, said, code = STATES[name]
    change(**columns)
    assert said in do("status")
    assert said in do("doctor", code=code)
    (row,) = [s for s in json.loads(do("status", "--json"))["sources"] if s["kind"] in ACCOUNTS]
    assert said in row["explained"]
    assert row["state"] == columns.get("state", "connected")
    asked_for = {
        "late": "warning",
        "never read for long": "warning",
        "degraded": "warning",
        "connected": "ok",
        "login needed": "broken",
    }
    checks = json.loads(do("doctor", "--json", code=code))["checks"]
    found = [c["state"] for c in checks if c["name"] == "source" and "Garmin" in c["text"]]
    assert asked_for.get(name, found[0]) == found[0]


def test_an_account_that_is_not_connected_is_not_listed(do, connected: FakeGarmin) -> None:
    change(state="disconnected", secret=None, login_after=AGO, logins_refused=1)
    assert [s["kind"] for s in json.loads(do("status", "--json"))["sources"]] == ["folder"]
    assert "Garmin Connect is" not in do("doctor")


def test_what_to_do_next_names_garmin(do, garmin: FakeGarmin) -> None:
    assert "midsole connect garmin" in do("status")
    assert "midsole connect garmin" in do("init", "--no-input")
    assert "midsole connect garmin --runner Zoe" in do("runners", "add", "Zoe")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("connect",), ("folder", "garmin", "garmin-personal")),
        (("connect", "garmin"), ("--email", "--code", "--tokens", "--china", "--no-shoes", "--write-back")),
        (("connect", "garmin-personal"), ("--key-file", "--expires", "official")),
        (("disconnect",), ("folder", "garmin", "garmin-personal")),
        (("sync",), ("accounts and folders now",)),
    ],
)
def test_help_names_every_option(do, command, words) -> None:
    said = " ".join(do(*command, "--help").split())
    assert [word for word in words if word not in said] == []


# What is loaded


@pytest.mark.parametrize("arguments", [("--help",), ("status",), ("status", "--json"), ("activities",)])
def test_reading_commands_load_nothing_of_the_accounts(connected: FakeGarmin, arguments) -> None:
    program = (
        "import sys; from midsole.cli.main import run; run(sys.argv[1:]); "
        f"print([n for n in {HEAVY} if n in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": SRC}, capture_output=True, text=True, timeout=60
    )
    assert done.stdout
    assert done.stderr.strip() == "[]"


def test_status_waits_for_no_mail_and_no_decoder(home: Path) -> None:
    program = (
        "import sys; from midsole.cli.main import run; run(['status']); "
        "unneeded = ('deliver.render', 'decode.registry', 'actions.forgetting'); "
        "print([n for n in unneeded if 'midsole.' + n in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": SRC},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (bool(done.stdout), done.stderr.strip()) == (True, "[]")


def test_a_worker_without_accounts_loads_nothing_of_them(home: Path) -> None:
    program = (
        "import sys; from midsole.cli.main import run; assert run(['run', '--once']) == 0; "
        f"print([n for n in {HEAVY} if n in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": SRC}, capture_output=True, text=True, timeout=60
    )
    assert done.stderr.strip().endswith("[]"), done.stderr


def test_the_last_day_of_a_key_is_not_yet_its_end(do, garmin: FakeGarmin) -> None:
    today = date.fromisoformat(f"{datetime.now(UTC):%Y-%m-%d}")
    do("connect", "garmin-personal", "--expires", today.isoformat(), given="fake-personal-key\n")
    box = open_box()
    assert connecting.known(box, ME, GARMIN_PERSONAL) is not None
    box.store.close()
