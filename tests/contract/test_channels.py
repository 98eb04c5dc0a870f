"""What every channel promises, and what SMTP does when the server does not."""

import time
from datetime import UTC, datetime

import pytest

from fakes.channel import FakeChannel
from midsole.deliver.base import Message, Receipt
from midsole.deliver.email import Outbox, Smtp
from midsole.deliver.render import freeze
from midsole.domain.errors import NeedsRunner, Retry
from smtp_server import dripping_server, smtp_server

TO = "runner@example.org"


def mail(number: int = 1) -> bytes:
    return freeze(
        Message("Steady: 32 km", "32 km.\n.\nstill here\n", "<p>32 km</p>"),
        to=TO,
        sender="Midsole <midsole@example.org>",
        message_id=f"delivery-{number}@box",
        date=datetime(2026, 11, 16, 7, tzinfo=UTC),
        unsubscribe="mailto:midsole@example.org?subject=unsubscribe",
    )


def smtp(server, **more) -> Smtp:
    return Smtp(
        server.hostname, server.port, "plain", **({"timeout_s": 1.0, "sender": "m@example.org"} | more)
    )


@pytest.fixture(params=["fake", "outbox", "smtp"])
def channel(request, tmp_path):
    """The channel, and how many distinct mails have arrived."""
    if request.param == "fake":
        fake = FakeChannel()
        yield fake, lambda: len({eml for _, eml in fake.sent})
    elif request.param == "outbox":
        yield Outbox(tmp_path / "outbox"), lambda: len(list((tmp_path / "outbox").iterdir()))
    else:
        with smtp_server() as server:
            yield smtp(server), lambda: len(server.handler.message_ids)


def test_a_mail_arrives_and_a_receipt_says_where(channel):
    send, arrived = channel
    assert isinstance(send.send(mail(), TO), Receipt)
    assert arrived() == 1


def test_the_same_mail_sent_twice_is_one_mail_by_its_message_id(channel):
    send, arrived = channel
    send.send(mail(), TO)
    send.send(mail(), TO)
    assert arrived() == 1


def test_two_mails_are_two(channel):
    send, arrived = channel
    send.send(mail(1), TO)
    send.send(mail(2), TO)
    assert arrived() == 2


def test_the_outbox_holds_the_bytes_as_frozen_and_no_temporary_file(tmp_path):
    Outbox(tmp_path).send(mail(), TO)
    assert [p.name for p in tmp_path.iterdir()] == ["delivery-1@box.eml"]
    assert (tmp_path / "delivery-1@box.eml").read_bytes() == mail()


def test_an_outbox_that_cannot_be_written_is_tried_again(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Retry, match="outbox"):
        Outbox(tmp_path / "file").send(mail(), TO)


def test_smtp_delivers_every_line_also_a_lone_dot():
    with smtp_server() as server:
        smtp(server).send(mail(), TO)
        (to, content), message = server.handler.accepted[0], server.handler.messages[0]
    assert to == TO
    assert message["Message-ID"] == "<delivery-1@box>"
    assert b"\n.\r\nstill here" in content or b"\n.\nstill here" in content


@pytest.mark.parametrize(
    ("mode", "error", "words"),
    [
        ("rcpt-4xx", Retry, "450"),
        ("rcpt-5xx", NeedsRunner, "address refused: runner@example.org"),
        ("data-4xx", Retry, "451"),
        ("data-5xx", NeedsRunner, "554"),
        ("drop", Retry, "no mail through"),
        ("stall", Retry, "no mail through"),
    ],
)
def test_a_server_that_fails_delivers_nothing_and_says_what_kind_of_failure(mode, error, words):
    with smtp_server(mode, stall_s=1.5) as server:
        with pytest.raises(error, match=words):
            smtp(server, timeout_s=0.4).send(mail(), TO)
        assert mode == "stall" or not server.handler.accepted


def test_a_line_cut_after_the_final_dot_is_tried_again_and_stays_one_message_id():
    with smtp_server("cut") as server:
        with pytest.raises(Retry):
            smtp(server).send(mail(), TO)
        server.handler.mode = "accept"
        smtp(server).send(mail(), TO)
        assert len(server.handler.accepted) == 2
        assert server.handler.message_ids == {"<delivery-1@box>"}


def test_nobody_listening_is_tried_again():
    with pytest.raises(Retry, match=r"127\.0\.0\.1:1"):
        Smtp("127.0.0.1", 1, "plain", timeout_s=0.5).send(mail(), TO)


def test_a_dripping_server_is_cut_off_in_the_end():
    begun = time.monotonic()
    with dripping_server() as port, pytest.raises(Retry):
        Smtp("127.0.0.1", port, "plain", timeout_s=5, total_s=0.6).send(mail(), TO)
    assert time.monotonic() - begun < 4


def test_a_log_in_that_works():
    with smtp_server(password="secret-word") as server:
        smtp(server, user="u", password="secret-word").send(mail(), TO)
        assert len(server.handler.accepted) == 1


def test_a_wrong_password_needs_the_runner_and_is_never_repeated():
    with smtp_server(password="right") as server, pytest.raises(NeedsRunner, match="log in") as told:
        smtp(server, user="u", password="wrong-word", timeout_s=10).send(mail(), TO)
    assert "wrong-word" not in str(told.value)
    assert "wrong-word" not in repr(smtp(server, user="u", password="wrong-word"))


def test_a_server_without_starttls_needs_the_runner():
    with smtp_server() as server, pytest.raises(NeedsRunner, match="STARTTLS"):
        Smtp(server.hostname, server.port, "starttls", timeout_s=1).send(mail(), TO)


def test_tls_to_a_plain_port_needs_the_runner():
    with smtp_server() as server, pytest.raises((NeedsRunner, Retry)):
        Smtp(server.hostname, server.port, "tls", timeout_s=1).send(mail(), TO)


def test_a_password_beyond_ascii_is_not_in_the_error():
    with smtp_server(password="x") as server, pytest.raises((NeedsRunner, Retry)) as told:
        smtp(server, user="u", password="pässwort", timeout_s=10).send(mail(), TO)
    assert "pässwort" not in str(told.value)
