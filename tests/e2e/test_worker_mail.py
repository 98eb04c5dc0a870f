"""The running worker and a real mail server: one right mail, once, whatever the server does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from home import ME, NOW, Clock, Home, a_home, fit, read_mail, text_of
from midsole.actions import deliver as delivering
from midsole.actions.deliver import deliver_due
from smtp_server import smtp_server

ADDRESS = "me@example.org"
SRC = str(Path(__file__).parents[2] / "src")


@dataclass(frozen=True, slots=True)
class Machine:
    """A home that real processes work on, and the server their mail goes to."""

    home: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        mine = {k: v for k, v in os.environ.items() if not k.startswith("MIDSOLE_")}
        return mine | {
            "PYTHONPATH": SRC,
            "MIDSOLE_LOOK_EVERY_S": "1",
            "MIDSOLE_SETTLE_S": "0.2",
            "MIDSOLE_SMTP_HOST": "127.0.0.1",
            "MIDSOLE_SMTP_PORT": str(self.port),
            "MIDSOLE_SMTP_SECURITY": "plain",
            "MIDSOLE_SMTP_TIMEOUT_S": "1",
            "MIDSOLE_MAIL_FROM": "midsole@example.org",
        }

    def do(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "midsole", "--home", str(self.home), *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "midsole", "--home", str(self.home), "run"]
        with (self.home / "worker.log").open("ab") as log:
            worker = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        try:
            yield worker
        finally:
            if worker.poll() is None:
                worker.kill()
            worker.wait()


def wait_for(true: Callable[[], object], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds:.0f} s"
        time.sleep(0.1)


def make_machine(tmp: Path, port: int) -> Machine:
    """8 steady weeks, imported; the notice of the first import is already out."""
    machine = Machine(tmp / "home", port)
    watch = tmp / "history"
    watch.mkdir()
    today = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0)
    for days in range(2, 58, 2):
        (watch / f"{days}.fit").write_bytes(fit(today - timedelta(days=days), 8))
    machine.home.mkdir()
    with a_home(tmp, Clock(datetime.now(UTC)), email=ADDRESS):
        pass
    machine.do("import", str(watch))
    return machine


def spike() -> bytes:
    return fit(datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2), 10)


def test_a_dropped_file_leads_to_the_right_mail_once_and_sigterm_ends_the_worker_well(
    tmp_path: Path,
) -> None:
    with smtp_server() as server:
        mailbox, machine = server.handler, make_machine(tmp_path, server.port)
        with machine.running() as worker:
            wait_for(lambda: mailbox.accepted)
            before = len(mailbox.accepted)
            (machine.home / "inbox" / "today.fit").write_bytes(spike())
            wait_for(lambda: len(mailbox.accepted) > before)
            time.sleep(4)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(15) == 0

        alerts = [raw for to, raw in mailbox.accepted if b".alert@" in raw]
        assert {to for to, _ in mailbox.accepted} == {ADDRESS}
        assert len(alerts) == 1
        assert "25 %" in text_of(read_mail(alerts[0]))
        assert len(mailbox.accepted) == len(mailbox.message_ids)


def test_a_worker_killed_between_acceptance_and_its_note_sends_the_same_message_id(tmp_path: Path) -> None:
    """The server takes the mail and is slow to say so; the worker dies; the next one knows only its row."""
    with smtp_server() as server, a_home(tmp_path, email=ADDRESS, **mail_to(server.port)) as home:
        queue_an_alert(home)
        script = (
            "import os, signal, sys; from pathlib import Path\n"
            "from datetime import datetime; from midsole import config\n"
            "from midsole.app import open_box; from midsole.actions import deliver\n"
            "deliver._sent = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
            "at = datetime.fromisoformat(sys.argv[2])\n"
            "box = open_box(settings=config.read(Path(sys.argv[1])), now=lambda: at)\n"
            "deliver.deliver_due(box)\n"
        )
        machine = Machine(home.box.home, server.port)
        command = [sys.executable, "-c", script, str(machine.home), home.clock.now().isoformat()]
        killed = subprocess.run(command, env=machine.environment, timeout=60)
        assert killed.returncode == -signal.SIGKILL

        assert deliver_due(home.box) == 0, "still under the dead worker's lease"
        home.clock.on(seconds=delivering.LEASE.total_seconds() + 1)
        assert deliver_due(home.box) == 1

        assert len(server.handler.accepted) == 2
        assert len(server.handler.message_ids) == 1


def mail_to(port: int) -> dict[str, object]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "plain",
        "smtp_timeout_s": 0.3,
        "mail_from": "midsole@example.org",
    }


def queue_an_alert(home: Home) -> None:
    """A judged spike whose mail is due and not yet tried."""
    for days in range(2, 58, 2):
        home.run(NOW - timedelta(days=days), 8)
    without_mail(home)
    home.run(NOW - timedelta(hours=2), 10)
    without_mail(home)
    assert [d.state for d in home.deliveries("alert")] == ["due"]


def without_mail(home: Home) -> None:
    from midsole.actions.evaluate import evaluate
    from midsole.actions.once import take_in
    from midsole.store import tables as t

    take_in(home.box)
    evaluate(home.box, ME)
    with home.box.store.write() as tx:
        tx.execute(t.delivery.update().where(t.delivery.c.kind == "notice").values(state="withdrawn"))


def pass_time(home: Home, hours: float, step_minutes: float = 20) -> None:
    for _ in range(int(hours * 60 / step_minutes)):
        home.clock.on(minutes=step_minutes)
        deliver_due(home.box)


@pytest.mark.parametrize("mode", ["rcpt-4xx", "data-4xx", "stall", "drop", "cut"])
def test_a_server_that_fails_for_a_while_gets_the_mail_later_and_once(tmp_path: Path, mode: str) -> None:
    with (
        smtp_server(mode, stall_s=1) as server,
        a_home(tmp_path, email=ADDRESS, **mail_to(server.port)) as home,
    ):
        queue_an_alert(home)
        deliver_due(home.box)
        deliver_due(home.box)
        (tried,) = home.deliveries("alert")
        assert (tried.state, tried.attempts) == ("due", 1), "the second try waits"
        assert tried.error

        server.handler.mode = "accept"
        pass_time(home, 2)

        assert [d.state for d in home.deliveries("alert")] == ["sent"]
        assert len(server.handler.message_ids) == 1


@pytest.mark.parametrize("mode", ["rcpt-5xx", "data-5xx"])
def test_a_permanent_refusal_is_not_tried_again(tmp_path: Path, mode: str) -> None:
    with smtp_server(mode) as server, a_home(tmp_path, email=ADDRESS, **mail_to(server.port)) as home:
        queue_an_alert(home)
        deliver_due(home.box)
        server.handler.mode = "accept"
        pass_time(home, 4)

        (failed,) = home.deliveries("alert")
        assert (failed.state, failed.attempts) == ("failed", 1)
        assert server.handler.accepted == []
        assert (home.runner().email_refused is not None) == (mode == "rcpt-5xx"), "only the address is marked"


@pytest.mark.parametrize("mode", ["rcpt-4xx", "stall", "drop"])
def test_a_server_that_fails_for_good_is_given_up_and_tried_ever_more_seldom(
    tmp_path: Path, mode: str
) -> None:
    with (
        smtp_server(mode, stall_s=1) as server,
        a_home(tmp_path, email=ADDRESS, **mail_to(server.port)) as home,
    ):
        queue_an_alert(home)
        pass_time(home, 24 * 5, step_minutes=180)

        (ended,) = home.deliveries("alert")
        assert ended.state in ("given_up", "withdrawn")
        assert 5 < ended.attempts < 30
        assert server.handler.accepted == []


def test_a_server_that_always_cuts_the_line_after_the_final_dot_got_one_message_id(tmp_path: Path) -> None:
    with smtp_server("cut") as server, a_home(tmp_path, email=ADDRESS, **mail_to(server.port)) as home:
        queue_an_alert(home)
        pass_time(home, 24 * 4, step_minutes=240)

        assert len(server.handler.accepted) > 1
        assert len(server.handler.message_ids) == 1
