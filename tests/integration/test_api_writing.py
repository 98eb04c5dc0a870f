"""What programs change through the API: pairs, who wore what, runs, alerts, plans, files."""

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest

from api_home import Api, api_of
from home import NOW, Home, a_home, fit
from midsole.actions.uploaded import take_in_uploads


@pytest.fixture
def home(tmp_path) -> Iterator[Home]:
    with a_home(tmp_path) as home:
        yield home


@pytest.fixture
def api(home: Home) -> Iterator[Api]:
    with api_of(home) as api:
        yield api


@pytest.fixture
def run_in(home: Home, api: Api) -> Api:
    run_some(api)
    return api


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The same for tests in which everything is refused."""
    with a_home(tmp_path_factory.mktemp("api")) as home, api_of(home) as api:
        run_some(api)
        yield api
        assert api.get("/changes")["items"] == []


def run_some(api: Api) -> None:
    """Two pairs, the first of which is the default, and five runs."""
    api.send("/shoes", {"name": "Pegasus", "first_used_on": "2026-01-01"}, status=201)
    api.send("/shoes", {"name": "Ghost", "kind": "tempo", "start_m": 20_000}, status=201)
    for days in (2, 9, 16, 23, 30):
        api.home.run(NOW - timedelta(days=days), 10)
    api.home.once()


def worn(api: Api) -> dict[str, float]:
    return {shoe["name"]: shoe["worn_m"] for shoe in api.get("/shoes")["items"]}


def test_a_pair_is_added_changed_retired_taken_back_and_removed(api: Api) -> None:
    answer = api.ask("POST", "/shoes", json={"name": "Pegasus", "bought_on": "2026-01-02", "price": 120})
    assert answer.status_code == 201
    path = answer.headers["location"].removeprefix("/api/v1")
    assert api.get(path) == answer.json()
    assert answer.json()["default_for"] == [{"sport": "running", "surface": None}]
    said = {"name": "Pegasus 41", "limit_m": 700_000, "price": None, "start_unknown": True}
    changed = api.send(path, said, method="PATCH")
    assert (changed["name"], changed["limit_m"], changed["price"]) == ("Pegasus 41", 700_000, None)
    assert (changed["bought_on"], changed["start_m"], changed["distance_m"]) == ("2026-01-02", None, None)
    retired = api.send(f"{path}/retire", {"on": "2026-11-01", "reason": "worn"})
    assert (retired["retired_on"], retired["retired_reason"]) == ("2026-11-01", "worn")
    assert api.send(f"{path}/unretire")["retired_on"] is None
    api.send(path, method="DELETE", status=204)
    assert api.get("/shoes")["items"] == []


NO_PAIRS = (
    {"name": "  "},
    {"name": "x" * 101},
    {"name": "A", "kind": "flying"},
    {"name": "A", "limit_m": 0},
    {"name": "A", "limit_m": -1},
    {"name": "A", "price": 1e99},
    {"name": "A", "start_m": 5, "start_unknown": True},
    {"name": "A", "bought_on": "yesterday"},
    {"name": "A", "bought_on": 20260101},
    {"name": "Barefoot"},
    {"name": "Pegasus"},
)


def test_no_pair_is_added_that_can_not_be(unchanged: Api) -> None:
    for said in NO_PAIRS:
        unchanged.refused("POST", "/shoes", 422, json=said)
    assert set(worn(unchanged)) == {"Pegasus", "Ghost"}


def test_a_pair_keeps_what_it_can_not_be_without(unchanged: Api) -> None:
    for said in ({"limit_m": None}, {"name": None}, {"kind": None}, {}):
        unchanged.refused("PATCH", "/shoes/1", 422, json=said)
    unchanged.refused("DELETE", "/shoes/1", 422)


def test_many_runs_are_put_on_a_pair_after_a_preview_and_taken_back(run_in: Api) -> None:
    before = worn(run_in)
    said = {"ids": [1, 2, 3], "shoe_id": 2}
    shown = run_in.send("/wearings", {**said, "preview": True})
    assert (shown["preview"], shown["change"], len(shown["changed"])) == (True, None, 3)
    assert worn(run_in) == before
    done = run_in.send("/wearings", said)
    assert done["changed"] == shown["changed"]
    assert {t["shoe_name"]: t["after_m"] - t["before_m"] for t in done["totals"]} == {
        "Ghost": 30_000,
        "Pegasus": -30_000,
    }
    assert worn(run_in) == {"Pegasus": 20_000, "Ghost": 30_000}
    change = run_in.get("/changes")["items"][0]
    assert (change["id"], change["activities"], change["undone_at"]) == (done["change"], 3, None)
    would = run_in.send(f"/changes/{done['change']}/undo", {"preview": True})
    assert len(would["changed"]) == 3
    run_in.send(f"/changes/{done['change']}/undo")
    assert worn(run_in) == before
    assert "undone already" in run_in.refused("POST", f"/changes/{done['change']}/undo", 422)


def test_a_run_is_worn_in_parts_or_barefoot_and_the_word_is_taken_back(run_in: Api) -> None:
    parts = [{"shoe_id": 1, "until_m": 4_000}, {"shoe_id": 2}]
    run_in.send("/activities/1/wearings", {"parts": parts})
    wore = run_in.get("/activities/1")["shoes"]
    assert [(w["shoe"], w["distance_m"], w["set_by"]) for w in wore] == [
        (1, 4_000, "runner"),
        (2, 6_000, "runner"),
    ]
    run_in.send("/activities/1/wearings", {"shoe_id": None})
    assert run_in.get("/activities/1")["shoes"][0]["shoe_name"] == "barefoot"
    run_in.send("/activities/1/wearings", method="DELETE")
    assert run_in.get("/activities/1")["shoes"][0]["set_by"] != "runner"


NO_PARTS = (
    {},
    {"shoe_id": 1, "parts": [{"shoe_id": 1}]},
    {"parts": []},
    {"parts": [{"shoe_id": 1}, {"shoe_id": 2}]},
    {"parts": [{"shoe_id": 1, "until_m": 5_000}]},
    {"parts": [{"shoe_id": 1, "until_m": 5_000, "until_lap": 1}, {"shoe_id": 2}]},
    {"parts": [{"shoe_id": 1, "until_m": 50_000}, {"shoe_id": 2}]},
)


def test_parts_that_are_no_way_along_the_run_are_refused(unchanged: Api) -> None:
    for said in NO_PARTS:
        unchanged.refused("POST", "/activities/1/wearings", 422, json=said)
    assert unchanged.get("/changes")["items"] == []


def test_a_run_is_entered_and_what_is_so_of_it_stays(run_in: Api) -> None:
    said = {
        "started_at": "2026-11-17T07:30:00+01:00",
        "distance_m": 12_000,
        "timer_s": 3_600,
        "title": "Along the river",
        "shoe_id": 2,
    }
    answer = run_in.ask("POST", "/activities", json=said)
    assert answer.status_code == 201
    path = answer.headers["location"].removeprefix("/api/v1")
    found = run_in.get(path)
    assert (found["started_at"], found["title"]) == ("2026-11-17T06:30:00+00:00", "Along the river")
    assert [w["shoe"] for w in found["shoes"]] == [2]
    edited = run_in.send(path, {"distance_m": 12_500, "is_race": True}, method="PATCH")
    assert (edited["counted_m"], edited["is_race"]) == (12_500, True)
    assert run_in.send(path, {"excluded": True}, method="PATCH")["counted_m"] == 0
    run_in.refused("PATCH", path, 422, json={})
    run_in.refused("POST", "/activities", 422, json={**said, "started_at": "2026-11-30T07:30:00+01:00"})
    run_in.refused("POST", "/activities", 422, json={**said, "started_at": "2026-11-17T07:30:00"})


def test_a_planned_run_is_checked_and_nothing_is_kept_of_it(run_in: Api) -> None:
    good = run_in.send("/plan-check", {"distance_m": 1_000, "date": "2026-11-18"})
    far = run_in.send("/plan-check", {"distance_m": 30_000, "date": "2026-11-20"})
    assert good["tripped"] == []
    assert "L1" in far["tripped"]
    assert far["next_run_m"] == run_in.get("/cap", on="2026-11-20")["next_run_m"]
    assert far["next_run_m"] < 30_000
    run_in.refused("POST", "/plan-check", 422, json={"distance_m": 1_000, "date": "2026-11-17"})
    assert len(run_in.get("/activities")["items"]) == 5


def test_an_alert_is_snoozed_and_acknowledged(home: Home, run_in: Api) -> None:
    run_in.send("/shoes/1", {"limit_m": 60_000}, method="PATCH")
    (alert,) = [a for a in run_in.get("/alerts")["items"] if a["rule"] == "S1"]
    path = f"/alerts/{alert['id']}"
    snoozed = run_in.send(f"{path}/snooze", {"days": 3})
    assert (snoozed["state"], snoozed["snoozed_until"]) == ("snoozed", "2026-11-21T12:00:00+00:00")
    assert run_in.send(f"{path}/acknowledge")["state"] == "acknowledged"
    run_in.refused("POST", f"{path}/snooze", 422, json={"days": 0})
    run_in.send("/shoes/1", {"limit_m": 645_000}, method="PATCH")
    home.clock.on(minutes=1)
    assert run_in.get(path)["state"] == "resolved"
    run_in.refused("POST", f"{path}/acknowledge", 404)
    assert alert["id"] not in [a["id"] for a in run_in.get("/alerts")["items"]]
    assert alert["id"] in [a["id"] for a in run_in.get("/alerts", resolved=True)["items"]]


def test_races_and_pauses_are_noted_once(api: Api) -> None:
    api.send("/races", {"on": "2027-04-04", "name": "Spring half"}, status=201)
    api.refused("POST", "/races", 422, json={"on": "2027-04-04"})
    assert api.get("/races")["items"] == [{"on": "2027-04-04", "name": "Spring half"}]
    api.send("/pauses", {"since": "2026-11-10", "reason": "ill"}, status=201)
    api.refused("POST", "/pauses", 422, json={"since": "2026-11-12"})
    ended = api.send("/pauses/end", {"until": "2026-11-15"})["items"]
    assert ended == [{"from": "2026-11-10", "until": "2026-11-15", "reason": "ill"}]


def test_files_and_an_archive_are_sent_at_once_and_read_by_the_worker(home: Home, api: Api) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for days in (2, 3):
            archive.writestr(f"{days}.fit", fit(NOW - timedelta(days=days), 5 + days))
    sent = [
        ("file", ("one.fit", fit(NOW - timedelta(days=1), 5))),
        ("file", ("more.zip", packed.getvalue())),
        ("file", ("broken.fit", b"\x0e\x10no fit at all")),
    ]
    answer = api.ask("POST", "/uploads", files=sent)
    assert answer.status_code == 202, answer.text
    path = answer.headers["location"].removeprefix("/api/v1")
    assert (answer.json()["state"], answer.json()["files"]) == ("due", 3)
    take_in_uploads(home.box)
    done = api.get(path)
    assert (done["state"], done["counts"]["activities"], done["counts"]["bad"]) == ("done", 3, 1)
    assert len(api.get("/activities")["items"]) == 3
    again = api.ask("POST", "/uploads", files=sent[:1])
    take_in_uploads(home.box)
    assert api.get(again.headers["location"].removeprefix("/api/v1"))["counts"]["known"] == 1
    assert len(api.get("/activities")["items"]) == 3
    assert [row["id"] for row in api.get("/uploads")["items"]] == [2, 1]


def test_what_is_no_upload_leaves_nothing(home: Home, api: Api) -> None:
    api.refused("POST", "/uploads", 415, json={})
    api.refused("POST", "/uploads", 422, files={"nothing": ("", b"")})
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    api.refused("POST", "/uploads", 422, content=b"--x\r\nno end", headers=broken)
    assert api.get("/uploads")["items"] == []


def test_an_upload_beyond_the_bound_is_refused(home: Home) -> None:
    with api_of(home, web_upload_mb=1) as api:
        api.refused("POST", "/uploads", 413, files={"file": ("a.fit", b"x" * (2 * 2**20))})
        assert api.get("/uploads")["items"] == []


def test_a_file_that_failed_is_set_aside_and_brought_back(home: Home, api: Api) -> None:
    home.drop("broken.fit", b"\x0e\x10no fit at all")
    home.once()
    assert api.send("/files/ignore", {"ids": [1]})["items"][0]["cause"] == "ignored by you"
    assert api.send("/files/retry", {"ids": [1]})["items"][0]["cause"] == "failed"
    assert [row["id"] for row in api.send("/files/retry", {})["items"]] == [1]
    api.refused("POST", "/files/ignore", 404, json={"ids": [7]})


def test_a_webhook_tells_its_secret_once_and_its_address_never(api: Api) -> None:
    added = api.send("/webhooks", {"name": "my page", "url": "http://127.0.0.1:9/hook"}, status=201)
    assert added["secret"].startswith("whsec_")
    (listed,) = api.get("/webhooks")["items"]
    assert listed == {key: value for key, value in added.items() if key != "secret"}
    assert "9/hook" not in str(listed)
    assert "did not reach" in api.refused("POST", f"/webhooks/{added['id']}/test", 409)
    api.send(f"/webhooks/{added['id']}", method="DELETE", status=204)
    api.refused("DELETE", f"/webhooks/{added['id']}", 404)
    api.refused("POST", "/webhooks", 422, json={"name": "x", "url": "ftp://example.org"})
