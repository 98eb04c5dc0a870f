"""The door: which addresses, names and headers count as coming from this very machine."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from midsole.actions.box import Box
from midsole.config import Settings
from midsole.web import door
from midsole.web.door import House

SETTINGS = Settings(home=Path("/nowhere"))
LOCAL_HOSTS = (
    "localhost",
    "127.0.0.1",
    "localhost:8321",
    "LOCALHOST:8321",
    "127.0.0.1:8321",
    "[::1]:8321",
    "[::1]",
)
LOCAL_CLIENTS = ("127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1")
SIGNS = (
    "Forwarded",
    "X-Forwarded-For",
    "x-forwarded-host",
    "X-Forwarded-Proto",
    "X-FORWARDED",
    "Via",
    "X-Real-IP",
    "CF-Connecting-IP",
    "CF-Ray",
    "X_Forwarded_For",
    "X-Original-Forwarded-For",
    "Tailscale-User-Name",
    "CDN-Loop",
)


def house(**settings: Any) -> House:
    return House(cast(Box, None), replace(SETTINGS, **settings))


def asked(client: str | None = "127.0.0.1", *headers: tuple[str, str], http_version: str = "1.1") -> Request:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": raw}
    scope |= {"http_version": http_version, "client": None if client is None else (client, 50_000)}
    return Request(scope)


def is_let_in(client: str | None, *headers: tuple[str, str], **settings: Any) -> bool:
    return door.is_at_this_machine(house(**settings), asked(client, *headers))


@pytest.mark.parametrize("client", LOCAL_CLIENTS)
@pytest.mark.parametrize("host", LOCAL_HOSTS)
def test_a_browser_at_this_machine_is_let_in(client: str, host: str) -> None:
    assert is_let_in(client, ("Host", host), ("User-Agent", "Firefox"))


@pytest.mark.parametrize(
    "client", ["192.168.1.5", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "testclient", ""]
)
def test_another_machine_is_not_let_in_whatever_host_it_names(client: str) -> None:
    assert not is_let_in(client, ("Host", "localhost:8321"))


def test_a_sender_without_an_address_is_not_let_in() -> None:
    assert not is_let_in(None, ("Host", "localhost:8321"))


@pytest.mark.parametrize(
    "host",
    [
        "run.example.org",
        "localhost.",
        "localhost.example.org",
        "localhost:8321@example.org",
        "example.org:localhost",
        "127.0.0.1.nip.io",
        "0.0.0.0",
        "2130706433",
        "::1",
        "[::ffff:127.0.0.1]",
        "localhost, example.org",
        "localhost example.org",
        "",
    ],
)
def test_another_name_is_not_let_in_as_dns_can_be_made_to_lie(host: str) -> None:
    assert not is_let_in("127.0.0.1", ("Host", host))


def test_no_host_and_two_hosts_are_not_let_in() -> None:
    assert not is_let_in("127.0.0.1")
    assert not is_let_in("127.0.0.1", ("Host", "localhost"), ("Host", "example.org"))


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("value", ["", "127.0.0.1", "for=127.0.0.1"])
def test_what_came_through_a_proxy_is_not_let_in(sign: str, value: str) -> None:
    assert not is_let_in("127.0.0.1", ("Host", "localhost:8321"), (sign, value))


def test_http_1_0_is_a_proxy_that_says_nothing_of_itself() -> None:
    request = asked("127.0.0.1", ("Host", "127.0.0.1:8321"), http_version="1.0")
    assert not door.is_at_this_machine(house(), request)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "run.example.org", "", "LOCALHOST"])
def test_a_house_served_elsewhere_is_open_to_nobody(host: str) -> None:
    assert not is_let_in("127.0.0.1", ("Host", "localhost:8321"), web_host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]"])
def test_a_house_served_at_this_machine_is_open(host: str) -> None:
    assert is_let_in("127.0.0.1", ("Host", "localhost:8321"), web_host=host)


def test_a_published_house_is_open_to_nobody() -> None:
    host = ("Host", "localhost:8321")
    assert not is_let_in("127.0.0.1", host, web_public_url="https://run.example.org")
    assert is_let_in("127.0.0.1", host, web_public_url="http://localhost:8321/")


def test_where_a_proxy_at_this_machine_says_who_comes_nobody_is_let_in_by_place() -> None:
    host = ("Host", "localhost:8321")
    assert not is_let_in("127.0.0.1", host, web_proxy_header="Remote-User")
    assert is_let_in("127.0.0.1", host, web_proxy_header="Remote-User", web_proxy_from="10.0.0.7")


ANY_HEADER = st.tuples(
    st.sampled_from(["Host", *SIGNS, "Origin", "Referer", "Accept", "X-Requested-With"]),
    st.sampled_from([*LOCAL_HOSTS, "example.org", ""]),
)


@given(
    client=st.sampled_from([*LOCAL_CLIENTS, "192.168.1.5", "2001:db8::1", ""])
    | st.text("abc:.%", max_size=8),
    headers=st.lists(ANY_HEADER, max_size=5),
    web_host=st.sampled_from(["127.0.0.1", "::1", "0.0.0.0", "192.168.1.2"]),
)
def test_whoever_is_let_in_is_local_in_every_way(
    client: str, headers: list[tuple[str, str]], web_host: str
) -> None:
    let_in = is_let_in(client, *headers, web_host=web_host)
    hosts = [value for name, value in headers if name == "Host"]
    signs = {name for name, _ in headers} & set(SIGNS)
    local = client in LOCAL_CLIENTS and len(hosts) == 1 and hosts[0] in LOCAL_HOSTS
    expected = local and not signs and web_host in ("127.0.0.1", "::1")
    assert let_in == expected


def named(client: str, *values: str, **settings: Any) -> str | None:
    chosen = {"web_proxy_header": "Remote-User", "web_proxy_from": "10.0.0.7, 172.16.0.0/12,nonsense"}
    headers = [("Remote-User", value) for value in values]
    return door.named_by_proxy(house(**chosen | settings), asked(client, *headers))


def test_a_trusted_proxy_says_who_comes() -> None:
    assert named("10.0.0.7", " anna ") == "anna"
    assert named("::ffff:10.0.0.7", "anna") == "anna"
    assert named("172.18.0.3", "anna") == "anna"


@pytest.mark.parametrize("client", ["10.0.0.8", "127.0.0.1", "nonsense", ""])
def test_nobody_else_is_believed(client: str) -> None:
    assert named(client, "anna") is None


def test_a_proxy_is_believed_only_if_asked_to_be() -> None:
    assert named("10.0.0.7", "anna", web_proxy_header="") is None
    assert named("10.0.0.7", "anna", web_proxy_from="") is None


def test_a_proxy_that_names_nobody_lets_nobody_in() -> None:
    assert named("10.0.0.7") is None
    assert named("10.0.0.7", "  ") is None


def test_a_name_that_came_beside_the_proxys_own_is_nobodys() -> None:
    assert named("10.0.0.7", "victim", "anna") == "victim, anna"


@pytest.mark.parametrize(
    ("client", "forwarded", "counted"),
    [
        ("192.168.1.5", "9.9.9.9", "192.168.1.5"),
        ("127.0.0.1", "1.1.1.1, 9.9.9.9", "9.9.9.9"),
        ("127.0.0.1", "rubbish", "None"),
        ("::ffff:192.168.1.5", "", "192.168.1.5"),
        ("2001:db8::aaaa", "", "2001:db8::/64"),
    ],
)
def test_tries_count_by_the_address_where_they_begin(client: str, forwarded: str, counted: str) -> None:
    headers = [("X-Forwarded-For", forwarded)] if forwarded else []
    assert door.address_of(house(), asked(client, *headers)) == counted


def test_a_proxy_that_tells_the_address_in_its_own_header_is_heard_too() -> None:
    request = asked("127.0.0.1", ("X-Real-IP", "9.9.9.9"))
    assert door.address_of(house(), request) == "9.9.9.9"


@pytest.mark.parametrize(
    ("origin", "public_url", "own"),
    [
        (None, "", True),
        ("http://localhost:8321", "", True),
        ("http://localhost:9999", "", False),
        ("http://evil.example", "", False),
        ("null", "", False),
        ("", "", False),
        ("https://run.example.org", "https://run.example.org", True),
        ("http://run.example.org", "https://run.example.org", False),
        ("https://run.example.org.evil.example", "https://run.example.org", False),
    ],
)
def test_a_form_comes_from_one_of_our_own_pages(origin: str | None, public_url: str, own: bool) -> None:
    headers = [("Host", "localhost:8321")] + ([] if origin is None else [("Origin", origin)])
    assert door.is_own_origin(house(web_public_url=public_url), asked("127.0.0.1", *headers)) is own


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_the_browser_says_comes_from_another_site_is_not_ours(site: str) -> None:
    request = asked("127.0.0.1", ("Host", "localhost:8321"), ("Sec-Fetch-Site", site))
    assert not door.is_own_origin(house(), request)
