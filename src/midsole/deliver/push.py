"""Push out by apprise (ntfy, Telegram, Gotify, ...): the extra `push`, imported only when it is used."""

import json
import logging
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from midsole.deliver.base import Receipt
from midsole.deliver.reach import INSIDE, addresses
from midsole.domain.errors import AddressRefused, NeedsRunner, Retry, UsageError

if TYPE_CHECKING:
    from types import ModuleType

MISSING = "Push needs the extra `push`: pip install 'midsole[push]'."
CONNECT_S, READ_S = 5.0, 10.0
AT_A_HOST = frozenset({"ntfy", "ntfys", "gotify", "gotifys", "json", "jsons"})
AT_NTFY_ITSELF = "cloud"
SERVICES = frozenset({"tgram", "pover", "discord", "slack", "pbul", "join", "threema", "prowl", "simplepush"})
"""What a runner who does not own the box may use: services with a host of their own, or one that is named."""


@dataclass(frozen=True, slots=True)
class Push:
    """One address as apprise writes it; the body of a message is JSON with title and body."""

    url: str = field(repr=False)
    anywhere: bool

    def send(self, eml: bytes, to: str) -> Receipt:  # noqa: ARG002 (the address is a secret of its own)
        apprise = _apprise()
        service = _service(apprise, self.url)
        _refuse_inside(self.url, service, anywhere=self.anywhere)
        words = json.loads(eml)
        sender = apprise.Apprise(asset=_asset(apprise))
        sender.add(service)
        with _Heard() as heard:
            taken = sender.notify(title=words["title"], body=words["body"], body_format="text")
        if not taken:
            raise Retry(f"{service.service_name} did not take the message{heard.status}.")
        return Receipt(str(service.service_name))


def check(url: str, *, anywhere: bool) -> None:
    """Whether apprise knows such an address, and this runner may use it."""
    apprise = _apprise()
    service = _service(apprise, url)
    try:
        _refuse_inside(url, service, anywhere=anywhere)
    except (AddressRefused, Retry) as error:
        raise UsageError(str(error)[:1].upper() + str(error)[1:]) from None


def _apprise() -> "ModuleType":
    try:
        import apprise
    except ImportError:
        raise NeedsRunner(MISSING) from None
    quiet = logging.getLogger("apprise")
    if not quiet.handlers:
        quiet.addHandler(logging.NullHandler())
    quiet.propagate = False  # what it logs may hold the address, which is a secret
    quiet.setLevel(logging.WARNING)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)  # below, it logs paths with tokens
    return apprise


def _asset(apprise: "ModuleType") -> Any:
    """Our name, and no picture from another host."""
    return apprise.AppriseAsset(
        app_id="Midsole",
        app_desc="Midsole",
        app_url="",
        image_url_mask="",
        image_url_logo="",
    )


def _service(apprise: "ModuleType", url: str) -> Any:
    found = apprise.Apprise.instantiate(url, asset=_asset(apprise), suppress_exceptions=True)
    if found is None:
        raise UsageError("Apprise knows no such address. Write it as ntfys://ntfy.sh/TOPIC, for example.")
    # Whatever the address asks for: no longer than the lease, and to no other place than the named one.
    found.socket_connect_timeout, found.socket_read_timeout = CONNECT_S, READ_S
    found.redirects, found.retry = False, 0
    return found


def _refuse_inside(url: str, service: Any, *, anywhere: bool) -> None:
    """By the host that apprise read out of the address, which is not always the one that others read.

    Apprise asks for that host's number once more, and it could be another one by then: a machine inside
    the network has no certificate for it, so only TLS is let through."""
    if anywhere:
        return
    kind = url.partition("://")[0].strip().lower()
    if kind in SERVICES:
        return
    if kind not in AT_A_HOST:
        allowed = ", ".join(sorted(AT_A_HOST | SERVICES))
        raise AddressRefused(f"Only the owner of this box may use {kind}; others: {allowed}.")
    if "?" in url:
        raise AddressRefused(f"{INSIDE.rstrip('.')}, or give more than host and path.")
    if getattr(service, "mode", "") == AT_NTFY_ITSELF:
        return
    host, port = str(service.host).strip("[]"), service.port or (443 if service.secure else 80)
    addresses(host, port, anywhere=False)
    if not (service.secure and service.verify_certificate):
        raise AddressRefused(f"Only the owner of this box may send without TLS: write {kind}s://.")


class _Heard(logging.Handler):
    """The status that a service answered, out of what apprise logs meanwhile; nothing else of it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.status = ""

    def __enter__(self) -> "_Heard":
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("apprise").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        found = re.search(r"error=(\d{3})\b", record.getMessage())
        if found and found[1] in _STATUSES:
            self.status = f" ({found[1]} {_STATUSES[found[1]]})"


_STATUSES = {str(s.value): s.phrase for s in HTTPStatus}
