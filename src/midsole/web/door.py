"""The house and its door: where it stands, and whether a request comes from inside."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from fastapi import Request

from midsole.actions.box import Box
from midsole.config import Settings

type Address = IPv4Address | IPv6Address

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
SIGNS_OF_A_PROXY = frozenset(
    {
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-host",
        "x-original-url",
        "x-rewrite-url",
        "true-client-ip",
        "x-original-forwarded-for",
        "x-envoy-external-address",
        "x-proxyuser-ip",
        "x-scheme",
        "x-url-scheme",
        "x-arr-log-id",
        "wl-proxy-client-ip",
        "front-end-https",
        "fly-client-ip",
        "fastly-client-ip",
        "cdn-loop",
        "remote-user",
        "x-remote-user",
        "x-webauth-user",
    }
)
SIGNS_BEGIN = ("x-forwarded", "x_forwarded", "cf-", "tailscale-", "ngrok-")

UPLOADS = ("/uploads", "/api/v1/uploads")
"""Where much may be sent; who sends it shows the key before it is read."""


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

    @property
    def is_private(self) -> bool:
        """Neither served nor published elsewhere than at this machine. A proxy may leave no trace in what
        it passes on (nginx as it comes), so an address of its own is enough to count as published."""
        return self.is_loopback and (not self.settings.web_public_url or self.public_host in LOCAL_NAMES)

    @property
    def public_host(self) -> str:
        return _without_port(urlsplit(self.settings.web_public_url).netloc)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    found = _address(host.strip("[]"))
    return found is not None and found.is_loopback


def _address(text: str) -> Address | None:
    """None where the text is no address; an IPv4 address inside an IPv6 one counts as itself."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def is_at_this_machine(house: House, request: Request) -> bool:
    """A proxy or DNS rebinding makes strangers look local: neither address nor name alone is believed."""
    return (
        house.is_private
        and is_loopback(_client(request))
        and host_name(request) in LOCAL_NAMES
        and not came_through_proxy(request)
        and not (house.settings.web_proxy_header and _is_of_proxy(house, _client(request)))
    )


def came_through_proxy(request: Request) -> bool:
    """No browser speaks HTTP 1.0 any more; proxies do, also such that say nothing else of themselves."""
    signs = (name in SIGNS_OF_A_PROXY or name.startswith(SIGNS_BEGIN) for name in request.headers)
    return any(signs) or request.scope.get("http_version") == "1.0"


def host_name(request: Request) -> str:
    """The Host header without its port, in small letters; empty where there is none, or more than one."""
    said = request.headers.getlist("host")
    return _without_port(said[0]) if len(said) == 1 else ""


def _without_port(netloc: str) -> str:
    name, colon, port = netloc.lower().rpartition(":")
    return name if colon and port.isdigit() else netloc.lower()


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _is_of_proxy(house: House, client: str) -> bool:
    """Whether the address is one of web_proxy_from: addresses, or networks as 172.16.0.0/12."""
    address = _address(client)
    return address is not None and any(
        _is_in(address, part.strip()) for part in house.settings.web_proxy_from.split(",") if part.strip()
    )


def _is_in(address: Address, place: str) -> bool:
    one = _address(place)
    if one is not None:
        return address == one
    try:
        return address in ip_network(place, strict=False)
    except ValueError:
        return False


def address_of(house: House, request: Request) -> str:
    """Where the request began, to count tries by: what the trusted proxy adds last, else the sender.

    Of IPv6 the network: whoever has one has 2**64 addresses."""
    client = _client(request)
    told = request.headers.getlist("x-forwarded-for") or request.headers.getlist("x-real-ip")
    if told and _is_of_proxy(house, client):
        client = told[-1].rpartition(",")[2]
    found = _address(client)
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)


def named_by_proxy(house: House, request: Request) -> str | None:
    """The runner that a trusted proxy says has logged in there; None where no proxy is trusted, or names
    nobody. A header that came twice names somebody whom nobody knows: one of the two may be the visitor's."""
    header = house.settings.web_proxy_header.strip()
    if not header or not _is_of_proxy(house, _client(request)):
        return None
    said = [value.strip() for value in request.headers.getlist(header)]
    return None if not any(said) else ", ".join(said)


def is_own_origin(house: House, request: Request) -> bool:
    """Whether the page that sent this is one of ours; programs other than browsers name none."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    said = request.headers.getlist("origin")
    if not said:
        return True
    origin, public = urlsplit(said[0].lower()), urlsplit(house.settings.web_public_url.lower())
    if len(said) > 1 or (house.is_https and origin.netloc == public.netloc and origin.scheme != "https"):
        return False
    return origin.netloc in {request.headers.get("host", "").lower(), public.netloc} - {""}
