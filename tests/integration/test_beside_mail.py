"""Push and webhooks are deliveries like mails: signed, tried again, withdrawn, and quiet about secrets."""

import hashlib
import hmac
import json
import logging
import re
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from home import ME, NOW, Home, a_home
from hook_server import Hooks, hook_server
from midsole.actions import activities, entering, setup, targets
from midsole.actions.deliver import deliver_due
from midsole.actions.doctor import doctor
from midsole.actions.export import export
from midsole.cli.main import run as midsole
from midsole.deliver import push
from midsole.deliver.reach import is_public
from midsole.deliver.webhook import Webhook
from midsole.domain import beside_mail
from midsole.domain.errors import (
    AddressRefused,
    MailRefused,
    MidsoleError,
    NeedsRunner,
    NotThere,
    Retry,
    UsageError,
)
from midsole.domain.facts import ALARM, WARN, Finding
from midsole.store import messages
from smtp_server import dripping_server
from told_home import a_told_home, spike
from web_home import Pages, pages_of, text_of_page

PLACE = "/settings/push"


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with hook_server() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_told_home(tmp_path, web_public_url="https://run.example.org") as home:
        yield home


def hook(home: Home, server: Hooks, name: str = "house", path: str = "/hook?k=s3cret") -> targets.Added:
    return targets.add(home.box, ME, "webhook", name, f"{server.url}{path}")


def beside(home: Home) -> list[Any]:
    return [
        row for row in home.deliveries("alert") if row.target_id is not None or row.channel in targets.KINDS
    ]


def one(home: Home) -> dict[str, Any]:
    (view,) = targets.listed(home.box, ME)
    return view


# Webhooks


def test_an_alert_calls_the_webhook_with_a_signature_that_others_can_check(home: Home, hooks: Hooks) -> None:
    added = hook(home, hooks)
    spike(home)
    (call,) = hooks.calls
    at, mark = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", call.headers["Midsole-Signature"]).groups()
    made = hmac.new(added.secret.encode(), at.encode() + b"." + call.body, hashlib.sha256).hexdigest()
    assert made == mark
    assert int(at) == int(home.clock.now().timestamp())
    (row,) = beside(home)
    assert call.headers["Midsole-Delivery"] == row.message_id
    assert call.path == "/hook?k=s3cret"
    told, alert = json.loads(call.body), home.alerts("L1")[0]
    assert (told["type"], told["runner"], told["id"]) == ("alert", ME, row.message_id.strip("<>"))
    assert (told["alert"]["rule"], told["alert"]["level"], told["alert"]["text"]) == (
        "L1",
        "warn",
        alert.text,
    )
    assert told["alert"]["numbers"]["distance_m"] == 13_000
    assert told["alert"]["happened_on"] == "2026-11-18"
    assert told["alert"]["advice"].startswith("Keep the next 7 days")
    assert row.state == "sent"


def test_a_call_that_failed_is_made_again_with_the_same_body_and_number(home: Home, hooks: Hooks) -> None:
    hook(home, hooks)
    hooks.answers = [503, 0, 204]
    spike(home)
    assert one(home)["error"] == "the webhook answered 503."
    assert beside(home)[0].state == "due"
    home.clock.on(minutes=2)
    deliver_due(home.box)
    assert "could not be called" in one(home)["error"]
    home.clock.on(minutes=5)
    deliver_due(home.box)
    first, second, third = hooks.calls
    assert first.body == second.body == third.body
    assert len({call.headers["Midsole-Delivery"] for call in hooks.calls}) == 1
    assert first.headers["Midsole-Signature"] != third.headers["Midsole-Signature"], "the time is signed too"
    assert (beside(home)[0].state, one(home)["error"]) == ("sent", None)


@pytest.mark.parametrize(("status", "paused"), [(404, False), (302, False), (401, False), (410, True)])
def test_what_is_refused_for_good_is_not_tried_again(home: Home, status: int, paused: bool) -> None:
    with hook_server(status) as server:
        hook(home, server)
        spike(home)
        home.clock.on(days=1)
        deliver_due(home.box)
        assert [call.path for call in server.calls] == ["/hook?k=s3cret"], "no redirect is followed"
    (row,) = beside(home)
    assert row.state == "failed"
    assert str(status) in row.error
    assert one(home)["paused"] is paused


def test_a_target_that_fails_for_three_days_is_paused_and_the_doctor_says_so(
    home: Home, hooks: Hooks
) -> None:
    hook(home, hooks)
    hooks.answers = [500]
    spike(home)
    for _ in range(20):
        home.clock.on(hours=4)
        deliver_due(home.box)
    assert [d.state for d in beside(home)] == ["given_up"]
    assert one(home)["paused"]
    (check,) = [c for c in doctor(home.box) if c.name == "target"]
    assert check.state == "warning"
    assert "house (webhook of me): the webhook answered 500." in check.text
    home.clock.on(days=5)
    spike(home, 20)
    assert len(beside(home)) == 1
    targets.resume(home.box, ME, one(home)["id"])
    assert [c for c in doctor(home.box) if c.name == "target"] == []


def test_a_server_that_never_ends_its_answer_is_left_in_time() -> None:
    with dripping_server() as port:
        slow = Webhook(f"http://127.0.0.1:{port}/", "s", "<1@m>", NOW, True, timeout_s=2, total_s=0.3)
        began = datetime.now(UTC)
        with pytest.raises(Retry):
            slow.send(b"{}", "house")
        assert datetime.now(UTC) - began < timedelta(seconds=2)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:8321/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.1.1/",
        "http://2130706433/",
        "http://0.0.0.0/",
    ],
)
def test_only_the_owner_may_call_addresses_inside_the_network(tmp_path: Path, url: str) -> None:
    with a_home(tmp_path) as home:
        ann = setup.add_runner(home.box, "Ann", "UTC")
        with pytest.raises(UsageError, match="Only the owner"):
            targets.add(home.box, ann, "webhook", "house", url)
        targets.add(home.box, ME, "webhook", "house", url)
        assert entering.is_owner(home.box, ME)


def test_an_address_that_moved_inside_later_is_not_called(hooks: Hooks) -> None:
    moved = Webhook(f"{hooks.url}/", "s", "<1@m>", NOW, anywhere=False)
    with pytest.raises(AddressRefused):
        moved.send(b"{}", "house")
    assert hooks.calls == []


@pytest.mark.parametrize(
    ("number", "public"),
    [("93.184.216.34", True), ("2606:2800:220:1::1", True), ("64:ff9b::a00:1", False), ("224.0.0.1", False)],
)
def test_public_addresses_are_told_from_those_that_lead_inside(number: str, public: bool) -> None:
    assert is_public(number) is public


@pytest.mark.parametrize(
    "url", ["ftp://host/x", "https://", "https://me:pw@host/", "https://host/a b", "https://host:99999/", "x"]
)
def test_an_address_that_is_none_is_refused(home: Home, url: str) -> None:
    with pytest.raises(UsageError, match="Write a webhook's address"):
        targets.add(home.box, ME, "webhook", "house", url)


# Push


def test_a_push_says_one_sentence_and_where_to_read_on(home: Home, hooks: Hooks) -> None:
    targets.add(home.box, ME, "push", "phone", f"json://127.0.0.1:{hooks.port}/push")
    spike(home)
    (call,) = hooks.calls
    told = json.loads(call.body)
    assert told["title"] == "Load warning"
    assert told["message"].splitlines() == [
        "13 km in one run on 18 Nov, 30 % longer than any in 30 days.",
        "https://run.example.org/alerts",
    ]
    assert beside(home)[0].state == "sent"


def test_ntfy_gets_it_as_ntfy_wants_it(home: Home, hooks: Hooks) -> None:
    added = targets.add(home.box, ME, "push", "phone", f"ntfy://127.0.0.1:{hooks.port}/topic-1")
    assert targets.send_test(home.box, ME, added.id) == "The test message was sent to phone."
    assert json.loads(hooks.calls[0].body)["topic"] == "topic-1"


def test_a_service_that_refuses_is_tried_again_and_its_secret_is_in_no_log(
    home: Home, hooks: Hooks, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hooks.answers = [403, 200]
    targets.add(home.box, ME, "push", "phone", f"json://me:tok3n-of-mine@127.0.0.1:{hooks.port}/tok3n")
    spike(home)
    assert one(home)["error"] == "JSON did not take the message (403 Forbidden)."
    assert "tok3n" not in caplog.text
    home.clock.on(minutes=2)
    deliver_due(home.box)
    assert (beside(home)[0].state, one(home)["error"]) == ("sent", None)


def test_a_runner_who_is_not_the_owner_pushes_to_the_world_alone(tmp_path: Path) -> None:
    with a_home(tmp_path) as home:
        ann = setup.add_runner(home.box, "Ann", "UTC")
        with pytest.raises(UsageError, match="Only the owner"):
            targets.add(home.box, ann, "push", "phone", "json://127.0.0.1/x")
        targets.add(home.box, ann, "push", "phone", "ntfys://a-topic-of-hers")


def test_without_the_extra_it_says_what_to_install(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(NeedsRunner, match=re.escape("pip install 'midsole[push]'")):
        targets.add(home.box, ME, "push", "phone", "ntfys://topic")


def test_an_address_that_apprise_does_not_know_is_refused(home: Home) -> None:
    with pytest.raises(UsageError, match="Apprise knows no such address"):
        targets.add(home.box, ME, "push", "phone", "nonsense://x")
    assert push.MISSING


# The same guarantees as mail


def test_one_fact_is_one_mail_of_the_budget_however_many_places_it_goes_to(home: Home, hooks: Hooks) -> None:
    hook(home, hooks, "one")
    hook(home, hooks, "two")
    spike(home)
    assert counted(home) == 1
    assert len(hooks.calls) == 2


def test_where_alerts_are_not_mailed_the_first_push_counts(home: Home, hooks: Hooks) -> None:
    hook(home, hooks, "one")
    hook(home, hooks, "two")
    setup.edit_runner(home.box, ME, alert_mail=False)
    spike(home)
    assert counted(home) == 1
    assert {row.channel for row in home.deliveries("alert")} == {"webhook"}
    assert len(hooks.calls) == 2


def counted(home: Home) -> int:
    with home.box.store.read() as tx:
        return messages.mails_since(tx, ME, home.clock.now() - timedelta(days=7))


def test_quiet_hours_hold_for_every_place_and_what_is_over_by_then_is_withdrawn(
    home: Home, hooks: Hooks
) -> None:
    hook(home, hooks)
    setup.edit_runner(home.box, ME, quiet_from=time(11), quiet_until=time(14))
    spike(home)
    assert hooks.calls == []
    assert {row.next_at for row in home.deliveries("alert")} == {NOW.replace(hour=14)}
    activities.edit(home.box, ME, home.activities()[-1].id, excluded=True)
    assert {row.state for row in home.deliveries("alert")} == {"withdrawn"}
    home.clock.on(hours=3)
    deliver_due(home.box)
    assert hooks.calls == []


@pytest.mark.parametrize("how", [targets.remove, targets.pause])
def test_what_waits_for_a_target_that_is_gone_or_paused_is_withdrawn(
    home: Home, hooks: Hooks, how: Any
) -> None:
    hooks.answers = [500, 200]
    added = hook(home, hooks)
    spike(home)
    how(home.box, ME, added.id)
    home.clock.on(minutes=5)
    deliver_due(home.box)
    assert [row.state for row in beside(home)] == ["withdrawn"]
    assert len(hooks.calls) == 1


def test_a_broken_key_keeps_the_message_waiting(home: Home, hooks: Hooks) -> None:
    hook(home, hooks)
    key = home.box.secrets.path.read_bytes()
    home.box.secrets.path.write_bytes(b"# nothing\n")
    spike(home)
    assert beside(home)[0].state == "due"
    assert "key" in one(home)["error"]
    home.box.secrets.path.write_bytes(key)
    home.clock.on(minutes=5)
    deliver_due(home.box)
    assert len(hooks.calls) == 1


def test_the_address_is_in_no_table_no_export_no_log_and_no_error(
    home: Home, hooks: Hooks, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hooks.answers = [500]
    added = hook(home, hooks, path="/very-s3cret-path")
    spike(home)
    with pytest.raises(MidsoleError) as failed:
        targets.send_test(home.box, ME, added.id)
    export(home.box, ME, tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        exported = b"".join(archive.read(name) for name in archive.namelist())
    database = home.box.home.joinpath("midsole.db").read_bytes()
    log = home.box.home.joinpath("midsole.db-wal")
    kept = database + (log.read_bytes() if log.exists() else b"")
    for place in (exported, kept, caplog.text.encode(), str(failed.value).encode()):
        assert b"very-s3cret" not in place
        assert added.secret.encode() not in place
    assert repr(Webhook("https://s3cret/", "s3cret", "<1>", NOW, True)).count("s3cret") == 0


# Pain


def found(rule: str, text: str, **more: Any) -> Finding:
    said = {"level": WARN, "subject": "1:100", "happened_on": NOW.date(), "advice": "Rest.", "numbers": {}}
    return Finding(rule=rule, text=text, **(said | more))


@pytest.mark.parametrize("rule", ["P1", "S1"])
def test_of_pain_nothing_is_said_but_that_the_page_has_a_word(rule: str) -> None:
    sore = found(rule, "Pain 6 of 10 in the ball of the foot.", level=ALARM, numbers={"level": 6})
    said = json.dumps([beside_mail.alert_words(sore), beside_mail.push_words([sore], "km", "https://x")])
    assert beside_mail.OF_PAIN in said
    assert not re.search(r"6|ball|alarm|Pain", said)


def test_of_several_the_most_severe_is_said_and_the_others_are_counted() -> None:
    several = [found("L1", f"Run {n}.", subject=str(n)) for n in range(3)]
    assert "And 2 more." in beside_mail.push_words(several, "km", "")["body"]


# Page and command line


@contextmanager
def at_home(home: Home) -> Iterator[Pages]:
    with pages_of(home) as pages:
        yield pages


def test_a_webhook_is_added_tried_paused_and_removed_by_clicks(home: Home, hooks: Hooks) -> None:
    with at_home(home) as pages:
        assert "Nowhere yet" in text_of_page(pages.see(PLACE))
        form = {"kind": "webhook", "name": "My house", "url": f"{hooks.url}/s3cret"}
        answer = pages.post(PLACE, form)
        assert answer.status_code == 200
        secret = re.search(r"whsec_[\w-]{40,}", answer.text)[0]
        page = pages.see(PLACE)
        assert "My house" in page
        assert secret not in page
        assert "s3cret" not in page
        target = one(home)["id"]
        assert "was sent to My house" in pages.done(f"{PLACE}/{target}/test")
        assert json.loads(hooks.calls[0].body)["type"] == "test"
        hooks.answers = [500]
        refused = pages.post(f"{PLACE}/{target}/test")
        assert refused.status_code == 422
        assert "did not reach My house: the webhook answered 500." in text_of_page(refused.text)
        assert "Paused." in pages.done(f"{PLACE}/{target}/pause")
        assert "Paused." not in pages.done(f"{PLACE}/{target}/resume")
        assert "Nowhere yet" in pages.done(f"{PLACE}/{target}/remove")


def test_a_form_that_is_wrong_comes_back_with_what_was_entered(home: Home) -> None:
    with at_home(home) as pages:
        answer = pages.post(PLACE, {"kind": "push", "name": "My phone", "url": "nonsense://x"})
        assert answer.status_code == 422
        assert 'value="My phone"' in answer.text
        assert "Apprise knows no such address" in answer.text
        assert targets.listed(home.box, ME) == []


def test_another_runners_target_is_nobodys_and_names_are_each_runners_own(home: Home, hooks: Hooks) -> None:
    mine = hook(home, hooks)
    ann = setup.add_runner(home.box, "Ann", "UTC")
    for act in (targets.remove, targets.pause, targets.resume, targets.send_test, targets.shown):
        said = []
        for number in (mine.id, 999):
            with pytest.raises(NotThere) as refused:
                act(home.box, ann, number)
            said.append(str(refused.value))
        assert said[0] == said[1]
    assert targets.listed(home.box, ann) == []
    with pytest.raises(UsageError, match="already"):
        hook(home, hooks, "HOUSE")
    with pytest.raises(NotThere):
        targets.shown(home.box, ME, mine.id, "push")
    assert hooks.calls == []


def test_the_command_line_does_the_same(home: Home, hooks: Hooks, capsys: pytest.CaptureFixture[str]) -> None:
    def do(*words: str) -> str:
        code = midsole(["--home", str(home.box.home), *words])
        told = capsys.readouterr()
        assert code == 0, told.err
        return str(told.out)

    assert "whsec_" in do("webhook", "add", "house", f"{hooks.url}/x")
    assert "was sent to house" in do("webhook", "test", "house")
    assert "s3cret" not in do("webhook", "list")
    assert json.loads(do("webhook", "list", "--json"))[0]["name"] == "house"
    assert json.loads(do("push", "list", "--json")) == []
    assert "paused" in do("webhook", "pause", "1")
    assert "gets the next alert" in do("webhook", "resume", "house")
    assert "removed" in do("webhook", "remove", "house")
    assert "alert mail False" in do("runners", "edit", "--no-alert-mail")
    assert isinstance(MailRefused("x"), NeedsRunner)
