"""What the API tells: the same as the commands, by the page, once, and nobody else's."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from api_home import Api, api_of, fill
from home import NOW, Home, a_home
from midsole.actions import setup
from midsole.cli.main import app as commands
from midsole.web.api.answers import cursor

OTHER = 2
MINE_ALONE = (
    "/activities/1",
    "/activities/1/wearings",
    "/shoes/1",
    "/shoes/1/retire",
    "/shoes/1/unretire",
    "/shoes/1/claim",
    "/alerts/1",
    "/alerts/1/acknowledge",
    "/alerts/1/snooze",
    "/changes/1/undo",
    "/uploads/1",
    "/webhooks/1",
    "/webhooks/1/test",
)
LISTS = (
    "/activities",
    "/shoes",
    "/alerts?resolved=true",
    "/files?all=true",
    "/changes",
    "/waiting",
    "/shoe-rules",
    "/inserts",
    "/lives",
    "/proposals",
    "/comparisons",
    "/races",
    "/pauses",
    "/uploads",
    "/webhooks",
    "/sources",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with a_home(tmp_path_factory.mktemp("api")) as home:
        fill(home)
        assert setup.add_runner(home.box, "Jo", "UTC") == OTHER
        yield home


@pytest.fixture(scope="module")
def api(home: Home) -> Iterator[Api]:
    with api_of(home) as api:
        yield api


@pytest.mark.parametrize(
    ("command", "path", "key"),
    [
        ("shoes", "/shoes", "items"),
        ("load --weeks 3", "/load?weeks=3", None),
        ("cap --plan 30km", "/cap?plan_m=30000", None),
        ("rules", "/rules", "items"),
        ("shoes rotation", "/rotation", None),
        ("shoes life", "/lives", "items"),
        ("shoes inbox", "/waiting", "items"),
        ("shoes changes", "/changes", "items"),
        ("race list", "/races", "items"),
        ("inserts", "/inserts", "items"),
    ],
)
def test_the_api_says_what_the_command_says(
    api: Api, monkeypatch: pytest.MonkeyPatch, command: str, path: str, key: str | None
) -> None:
    monkeypatch.setattr("midsole.app.open_box", lambda _home: api.home.box)  # on the test's own clock
    told = CliRunner().invoke(commands, ["--runner", "me", *command.split(), "--json"])
    assert told.exit_code == 0, told.output
    found = api.get(path)
    assert json.loads(told.stdout) == (found[key] if key else found)


def test_a_list_is_paged_to_its_end_and_a_run_that_comes_in_meanwhile_moves_nothing(tmp_path) -> None:
    with a_home(tmp_path) as home, api_of(home) as api:
        for days in range(7):
            home.run(NOW - timedelta(days=days), 5)
        home.once()
        seen, at = [], "/activities?limit=3"
        while at:
            answer = api.ask("GET", at.removeprefix("/api/v1"))
            rows, at = answer.json()["items"], answer.json()["next"]
            assert answer.headers.get("link") == (f'<{at}>; rel="next"' if at else None)
            seen += [row["local_date"] for row in rows]
            home.run(NOW - timedelta(minutes=len(seen) + 40), 1)
            home.once()
        assert seen == [f"{(NOW - timedelta(days=n)).date()}" for n in range(7)]


def test_pages_keep_what_was_asked_for(api: Api) -> None:
    first = api.get("/activities", until="2026-11-10", sport="running", limit=2)
    second = api.get(first["next"].removeprefix("/api/v1"))
    days = [row["local_date"] for row in [*first["items"], *second["items"]]]
    assert days == ["2026-11-06", "2026-10-29", "2026-10-19", "2026-10-09"]
    assert second["next"] is None


def test_files_are_paged_and_those_that_failed_are_told_apart(tmp_path) -> None:
    with a_home(tmp_path) as home, api_of(home) as api:
        for days in range(3):
            home.run(NOW - timedelta(days=days), 5)
        home.drop("broken.fit", b"\x0e\x10no fit at all")
        home.drop("other.fit", b"\x0e\x10nor is this one")
        home.once()
        first = api.get("/files", all=True, limit=4)
        second = api.get(first["next"].removeprefix("/api/v1"))
        numbers = [row["id"] for row in [*first["items"], *second["items"]]]
        assert numbers == sorted(numbers, reverse=True)
        assert len(numbers) == 5
        bad = api.get("/files", bad=True)["items"]
        assert {row["name"] for row in bad} == {"broken.fit", "other.fit"}
        assert api.get("/files")["items"] == bad
        excluded = api.get("/activities")["items"][0]["id"]
        api.send(f"/activities/{excluded}", {"excluded": True}, method="PATCH")
        assert {row["cause"] for row in api.get("/files")["items"]} == {"failed", "excluded"}


@pytest.mark.parametrize(
    "cursor", ["x", "%00", "MTIz", "LTE", "é", "MjAyNi0xMS0yMHwx", "OTk5OTk5OTk5OTk5fDE"]
)
def test_a_cursor_of_nobodys_is_refused(api: Api, cursor: str) -> None:
    assert "none of ours" in api.refused("GET", f"/activities?cursor={cursor}", 422)


def test_who_has_it_already_is_not_sent_it_again(api: Api) -> None:
    first = api.ask("GET", "/shoes")
    again = api.ask("GET", "/shoes", headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert api.ask("GET", "/shoes", headers={"If-None-Match": '"other"'}).status_code == 200
    assert api.ask("GET", "/races", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "how"),
    [
        ("GET", "/nothing", 404, {}),
        ("GET", "/activities/abc", 404, {}),
        ("GET", "/activities/0", 404, {}),
        ("GET", f"/activities/{2**31}", 404, {}),
        ("GET", f"/shoes/{2**63}", 404, {}),
        ("PUT", "/shoes", 405, {}),
        ("GET", "/activities?sinse=2026-01-01", 422, {}),
        ("GET", "/activities?since=20260101", 422, {}),
        ("GET", "/activities?since=1026-01-01", 422, {}),
        ("GET", "/activities?sport=flying", 422, {}),
        ("GET", "/activities?limit=501", 422, {}),
        ("GET", "/cap?plan_m=nan", 422, {}),
        ("GET", "/cap?on=2026-11-01", 422, {}),
        ("GET", "/weekly?week=2030-01-01", 422, {}),
        ("POST", "/plan-check", 422, {"content": b"{", "headers": {"Content-Type": "application/json"}}),
        ("POST", "/plan-check", 422, {"json": {"distance_m": "10", "date": "2026-11-20"}}),
        ("POST", "/plan-check", 422, {"json": {"distance_m": 10, "date": 1_700_000_000}}),
        ("POST", "/plan-check", 422, {"json": {"distance_m": 10, "date": "2026-11-20", "more": 1}}),
        ("POST", "/plan-check", 422, {"content": b'{"distance_m": NaN, "date": "2026-11-20"}'}),
        ("POST", "/plan-check", 415, {"content": b"{}", "headers": {"Content-Type": "text/plain"}}),
        ("POST", "/plan-check", 415, {"data": {"distance_m": "10"}}),
        ("POST", "/races", 413, {"content": b" " * (9 * 2**20)}),
        ("POST", "/races", 400, {"content": b'{"on": ' + b"9" * 5_000 + b"}"}),
        ("POST", "/races", 422, {"content": b'{"on": "2027-01-01", "name": "a\\u0000b"}'}),
        ("POST", "/races", 422, {"content": b'{"on": "2027-01-01", "name": "\\ud800"}'}),
        ("POST", "/races", 422, {"content": b'{"on": "2027-01-01", "\\ud800": 1}'}),
        ("POST", "/wearings", 422, {"json": {"ids": [], "shoe_id": 1}}),
        ("POST", "/wearings", 422, {"json": {"ids": [1]}}),
        ("POST", "/wearings", 404, {"json": {"ids": [99], "shoe_id": 1}}),
        ("POST", "/wearings", 404, {"json": {"ids": [1], "shoe_id": 99}}),
    ],
)
def test_every_trouble_has_one_shape(api: Api, method: str, path: str, status: int, how: dict) -> None:
    if "content" in how:
        how = {**how, "headers": {"Content-Type": "application/json", **how.get("headers", {})}}
    assert api.refused(method, path, status, **how)


def test_another_runner_sees_nothing_of_it_and_is_told_what_is_told_of_nothing(home: Home, api: Api) -> None:
    with api_of(home, OTHER) as other:
        for path in LISTS:
            assert other.get(path)["items"] == [], path
        for path in MINE_ALONE:
            for method in ("GET", "POST", "PATCH", "DELETE"):
                answer = other.ask(method, path, json={"title": "x", "name": "x"})
                nothing = other.ask(method, path.replace("/1", "/77"), json={"title": "x", "name": "x"})
                assert answer.status_code in (404, 405, 422), (method, path)
                assert answer.text.replace("77", "1") == nothing.text.replace("77", "1"), (method, path)
        status = other.get("/status")
        assert [row["name"] for row in status["runners"]] == ["Jo"]
        assert status["home"] is status["inbox"] is status["database"] is None
        assert "Pegasus" not in json.dumps([other.get(p) for p in ("/load", "/cap", "/weekly", "/rotation")])
    assert len(api.get("/shoes")["items"]) == 2
    assert api.get("/status")["home"] == str(home.box.home)


def test_a_browser_may_read_and_changes_nothing_without_a_page_of_ours(home: Home) -> None:
    from web_home import pages_of

    with pages_of(home) as pages:
        assert pages.client.get("/api/v1/shoes").status_code == 200
        elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        refused = pages.client.post("/api/v1/races", json={"on": "2027-05-05"}, headers=elsewhere)
        assert refused.status_code == 403
        assert refused.headers["content-type"] == "application/problem+json"


def test_who_asks_for_the_head_alone_gets_what_a_get_would_tell_of_it(api: Api) -> None:
    told, head = api.ask("GET", "/shoes"), api.ask("HEAD", "/shoes")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length"):
        assert head.headers[name] == told.headers[name]
    assert api.client.head("/healthz").status_code == 200
    assert api.ask("HEAD", "/plan-check").status_code == 405


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2200-01-01T00:00Z"]
)
def test_a_cursor_of_a_time_that_is_none_of_ours_is_refused(api: Api, at: str) -> None:
    api.refused("GET", f"/activities?cursor={cursor(at, 3)}", 422)
