"""Whom a runner who does not own the box may send to: the world, and nothing inside its network."""

import pytest

from midsole.deliver import push
from midsole.deliver.reach import is_public
from midsole.domain.errors import UsageError


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("json://me@127.0.0.1@1.1.1.1/x", "inside its network"),  # apprise reads the first host of the two
        ("jsons://me@10.0.0.1@1.1.1.1/x", "inside its network"),
        ("JSONS://[::ffff:127.0.0.1]/x", "inside its network"),
        ("jsons://1.1.1.1/x#?verify=no", "give more than host"),
        ("json://1.1.1.1?rto=900", "give more than host"),
        ("mailtos://a:b@example.org", "use mailtos"),
        ("json://1.1.1.1/x", "without TLS"),  # by the time of sending the name could be another machine's
        ("ntfy://1.1.1.1/x", "without TLS"),
        ("matrixs://me:secret@1.1.1.1", "use matrixs"),  # asks that host where to send to
    ],
)
def test_a_push_address_that_could_lead_inside_is_the_owners_alone(url: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        push.check(url, anywhere=False)
    if why != "inside its network":
        push.check(url, anywhere=True)


@pytest.mark.parametrize("url", ["ntfy://topic", "ntfys://1.1.1.1/x", "jsons://1.1.1.1:8443/x"])
def test_the_world_is_open_to_every_runner(url: str) -> None:
    push.check(url, anywhere=False)


@pytest.mark.parametrize(
    "number",
    [
        "0.0.0.0",
        "169.254.1.1",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:0:7f00:1",
        "64:ff9b::a00:1",
    ],
)
def test_an_address_that_means_one_inside_is_not_public(number: str) -> None:
    assert not is_public(number)
