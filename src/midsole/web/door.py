"""The house and its door: where it stands, and whether a request comes from inside."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

from midsole.actions.box import Box
from midsole.config import Settings

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class House:
    """What the web server works with: the box, and the settings that say who may enter."""

    box: Box
    settings: Settings

    @property
    def is_https(self) -> bool:
        return self.settings.web_public_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.settings.web_host)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_at_this_machine(house: House, request: Request) -> bool:
    """A proxy or DNS rebinding makes strangers look local: neither address nor name alone is believed."""
    client = request.client.host if request.client else ""
    return (
        house.is_loopback
        and is_loopback(client)
        and host_name(request) in LOCAL_NAMES
        and not came_through_proxy(request)
    )


def came_through_proxy(request: Request) -> bool:
    return any(name == "forwarded" or name.startswith("x-forwarded-") for name in request.headers)


def host_name(request: Request) -> str:
    """The Host header without its port, in small letters."""
    host = request.headers.get("host", "").lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def named_by_proxy(house: House, request: Request) -> str | None:
    """The runner that a trusted proxy says has logged in there; None where no proxy is trusted."""
    header = house.settings.web_proxy_header
    client = request.client.host if request.client else ""
    trusted = {a.strip() for a in house.settings.web_proxy_from.split(",")}
    if not header or client not in trusted:
        return None
    return request.headers.get(header)


def is_own_origin(house: House, request: Request) -> bool:
    """Whether the page that sent this is one of ours; programs other than browsers name none."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    own = {request.headers.get("host", "").lower(), urlsplit(house.settings.web_public_url).netloc.lower()}
    return urlsplit(origin).netloc.lower() in own - {""}
