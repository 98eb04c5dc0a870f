"""A real mail server on loopback (aiosmtpd) that takes mail, or misbehaves as told."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Mailbox:
    """The handler: what was accepted lies in `accepted`; `mode` may be changed while it runs.

    Modes: accept, rcpt-4xx, rcpt-5xx, data-4xx, data-5xx, stall (never answers DATA), drop (hangs up at
    RCPT), cut (takes the mail and hangs up before its answer to the final dot)."""

    def __init__(self, mode: str = "accept", stall_s: float = 5.0) -> None:
        self.mode, self.stall_s = mode, stall_s
        self.accepted: list[tuple[str, bytes]] = []

    @property
    def messages(self) -> list[Message]:
        return [message_from_bytes(content) for _, content in self.accepted]

    @property
    def message_ids(self) -> set[str]:
        return {str(m["Message-ID"]) for m in self.messages}

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mode == "drop":
            server.transport.abort()
        if self.mode.startswith("rcpt-"):
            return "550 no such user" if self.mode.endswith("5xx") else "450 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.mode == "stall":
            await asyncio.sleep(self.stall_s)
        if self.mode.startswith("data-"):
            return "554 looks like spam" if self.mode.endswith("5xx") else "451 try later"
        self.accepted.append((envelope.rcpt_tos[0], envelope.content or b""))
        if self.mode == "cut":
            server.transport.abort()
        return "250 taken"


@contextmanager
def smtp_server(mode: str = "accept", *, password: str | None = None, stall_s: float = 5.0) -> Iterator[Any]:
    """Yields the controller: `.hostname`, `.port`, and `.handler`, which is the Mailbox."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password.decode() == password, handled=False)

    auth = {"authenticator": check, "auth_require_tls": False} if password else {}
    controller = Controller(Mailbox(mode, stall_s), hostname="127.0.0.1", port=_free_port(), **auth)
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


@contextmanager
def dripping_server(gap_s: float = 0.1) -> Iterator[int]:
    """A port whose greeting comes one byte at a time, for ever: no single read ever times out."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        caller, _ = listener.accept()
        with caller:
            while not over.is_set():
                try:
                    caller.sendall(b"2")
                except OSError:
                    return
                time.sleep(gap_s)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join(2)
        listener.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
