"""Whatever Garmin answers: no look breaks, what is sound arrives, and what was there before stays."""

import io
import json
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fit_writer import fit_run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.garmin import FakeGarmin, body, says, status
from garmin_home import connected_home, reachable
from home import ME, NOW, Home, a_home
from midsole.actions import connecting, views
from midsole.actions.doctor import doctor
from midsole.actions.once import sync_now
from midsole.actions.totals import compare_all
from midsole.actions.totals import lines as compared
from midsole.decode.garmin import GarminDecoder, told_of
from midsole.domain.connection import CONNECTED, DEGRADED, GARMIN_PERSONAL, LOGIN_NEEDED
from midsole.domain.errors import BadInput
from midsole.sources.answers import day_of, is_token
from midsole.store import accounts
from midsole.store.sources import Connection
from odd_json import ODD, by_id, kept, lines, oddities, put

LONG = os.environ.get("MIDSOLE_SOAK") == "long"
LIST, DETAIL, DOWNLOAD = "search/activities", "activity-service/activity/", "download-service/files/activity/"
V2_LIST, V2_OF_ACTIVITY, LEGACY = "gear-service/gear/v2/list", "gear-service/activity/v2/", "gear/filterGear"
STEPS, PROFILE, STATS, REFRESH = "stats/steps", "socialProfile", "gear/stats/", "di-oauth2-service"
OF_PAIR = "/gear?"
KEY_EXCHANGE = "personal-api-key/token"
LINE = (
    *("activityId", "activityName", "activityType", "activityType.typeKey", "activityType.typeId"),
    *("activityType.parentTypeId", "eventType", "eventType.typeKey", "startTimeGMT", "startTimeLocal"),
    *("beginTimestamp", "distance", "duration", "movingDuration", "elapsedDuration", "manualActivity"),
    *("deviceId", "manufacturer", "averageHR", "maxHR", "elevationGain", "elevationLoss", "steps", "parent"),
    *("averageRunningCadenceInStepsPerMinute", "avgGroundContactTime", "avgVerticalOscillation"),
)
SUMMARY = (
    *(
        "activityId",
        "activityName",
        "activityTypeDTO",
        "activityTypeDTO.typeKey",
        "eventTypeDTO",
        "summaryDTO",
    ),
    *("metadataDTO", "metadataDTO.deviceMetaDataDTO", "metadataDTO.manualActivity", "summaryDTO.distance"),
    *("summaryDTO.startTimeGMT", "summaryDTO.duration", "summaryDTO.directWorkoutRpe"),
    *("summaryDTO.directWorkoutFeel", "summaryDTO.averageRunCadence", "summaryDTO.averageHR"),
)
PAIR_V2 = (
    *("uuid", "gearType", "status", "brand", "model", "name", "maxUsageDistanceMeters", "firstUseDate"),
    *("numActivitiesLinked", "distanceUsedMeters", "processing", "createdDate"),
)
PAIR_LEGACY = (
    *("uuid", "gearTypeName", "gearMakeName", "gearModelName", "gearStatusName", "displayName"),
    *("customMakeModel", "dateBegin", "dateEnd", "maximumMeters", "updateDate"),
)
BELIEVED = {("duration", "number"), ("duration", "float"), ("startTimeGMT", "milliseconds")}
"""What may be true is taken for true; an entry by hand has no file that knows better."""
FEW = (
    tuple(ODD) if LONG else ("missing", "null", "text", "true", "full list", "object", "huge", "NUL", "deep")
)
OCTOBER = datetime(2026, 10, 19, 0, 5, tzinfo=UTC)
"""In the nightly look's 30 days, and before the days of which all is asked."""
RECENT = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)


# ---- what each test asks


def connection(home: Home) -> Connection:
    with home.box.store.read() as tx:
        found = accounts.of(tx, ME, "garmin") or accounts.of(tx, ME, GARMIN_PERSONAL)
    assert found is not None
    return found


def stands(home: Home) -> str:
    """The state of the connection, when everything that a runner reads was shown without a fault."""
    box = home.box
    json.dumps([views.status(box), views.activities(box, ME), views.shoes(box, ME)])
    assert all("\0" not in line for one in compare_all(box, ME) for line in compared(one, "km"))
    assert doctor(box)
    return connection(home).state


def look_again(home: Home, **after: float) -> None:
    """All that a nightly look asks, `after` a while."""
    home.clock.on(**(after or {"hours": 1}))
    sync_now(home.box, ME)


def clean(server: FakeGarmin, home: Home, tmp: Path) -> dict[str, Any]:
    """What a home keeps that never heard anything odd."""
    with a_home(tmp / "clean", home.clock) as other:
        connecting.take_tokens(other.box, ME, server.access.token_text())
        other.once()
        return kept(other)


def ran(garmin: FakeGarmin, n: int, **more: Any) -> int:
    """A short run that can be taken for no other."""
    return garmin.account.add_run(
        OCTOBER + timedelta(seconds=197 * n), 0.4 + n / 10_000, 2 + n / 1_000, name=f"Run {n}", **more
    )


def recent_runs(garmin: FakeGarmin, count: int, **more: Any) -> list[int]:
    return [
        garmin.account.add_run(RECENT + timedelta(hours=2 * n), 5 + n / 10, 30 + n, **more)
        for n in range(count)
    ]


def same_apart_from_titles(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return [row[:6] + row[7:] for row in one["activities"]] == [
        row[:6] + row[7:] for row in other["activities"]
    ]


# ---- the list of activities


def test_a_list_of_odd_lines_gives_the_sound_ones_and_mends_itself(tmp_path: Path, database_url: str) -> None:
    odd = list(oddities(LINE))
    change: dict[int, tuple[str, str]] = {}

    def fill(garmin: FakeGarmin) -> None:
        for n in range(len(odd) + 100):
            id_ = ran(garmin, n, manual=True)
            if n < len(odd):
                change[id_] = odd[n]

    with connected_home(tmp_path, before=fill, database_url=database_url) as (home, garmin):
        garmin.faults.mutate(LIST, by_id(change, lambda row: row["activityId"]))
        home.once()
        assert stands(home) == CONNECTED
        expect_sound_lines(home, garmin, change)
        garmin.faults.clear()
        look_again(home)
        assert stands(home) == CONNECTED
        expect_mended(kept(home), clean(garmin, home, tmp_path), change)


def expect_sound_lines(home: Home, garmin: FakeGarmin, change: dict[int, tuple[str, str]]) -> None:
    told, by_title = lines(home), {a.title: a for a in home.activities()}
    assert sum(json.loads(row.listed).get("parent") is not True for row in told.values()) == len(told)
    # A container is not kept, and one odd id is told twice: as a number, and as its digits.
    assert len(told) == len(garmin.account.activities()) - 2
    for run in garmin.account.activities():
        if run.id not in change:
            assert round(by_title[run.name].counted_m, 1) == round(run.distance_m, 1)
            assert by_title[run.name].started_at == run.started_at


def expect_mended(
    found: dict[str, Any], clean_one: dict[str, Any], change: dict[int, tuple[str, str]]
) -> None:
    """Nothing twice, nothing lost; only what was believed stays as it was entered."""
    lost = Counter(map(str, clean_one["activities"])) - Counter(map(str, found["activities"]))
    more = Counter(map(str, found["activities"])) - Counter(map(str, clean_one["activities"]))
    assert len(lost) == len(more) <= sum(what in BELIEVED for what in change.values())
    assert {id_: row for id_, row in found["lines"].items() if id_ in clean_one["lines"]} == clean_one[
        "lines"
    ]


@pytest.mark.parametrize("manual", [True, False], ids=["by hand", "with files"])
def test_known_activities_lose_nothing_by_odd_lines(tmp_path: Path, manual: bool) -> None:
    odd = list(oddities(LINE, FEW if manual else FEW[:2]))
    change: dict[int, tuple[str, str]] = {}

    def fill(garmin: FakeGarmin) -> None:
        pair = garmin.account.add_gear("Brooks", "Ghost", name="Daily", first_use=date(2026, 10, 1))
        change.update((ran(garmin, n, manual=manual, gear=[pair]), what) for n, what in enumerate(odd))

    with connected_home(tmp_path, before=fill) as (home, garmin):
        home.once()
        before = kept(home)
        garmin.faults.mutate(LIST, by_id(change, lambda row: row["activityId"]))
        look_again(home)
        now = kept(home)
        assert stands(home) == CONNECTED
        assert len(now["activities"]) == len(before["activities"])
        assert [row[-1] for row in now["activities"]] == [row[-1] for row in before["activities"]]
        assert not any("gone" in row[-2] for row in now["activities"])
        differ = sum(a[4] != b[4] for a, b in zip(now["activities"], before["activities"], strict=True))
        assert differ <= sum(what in {("distance", "number"), ("distance", "float")} for what in odd)
        garmin.faults.clear()
        look_again(home)
        healed = kept(home)
        assert {**healed, "lines": None} == {**before, "lines": None}


def test_a_page_that_never_ends_ends_the_look(tmp_path: Path) -> None:
    with connected_home(tmp_path, before=lambda g: recent_runs(g, 3)) as (home, garmin):
        home.once()
        garmin.faults.add(LIST, says([{"parent": True}] * 100), None)
        look_again(home)
        assert stands(home) == DEGRADED
        assert garmin.count(LIST) <= 5


def test_a_list_that_breaks_off_in_its_middle_is_read_again_to_its_end(tmp_path: Path) -> None:
    """An empty answer (204) on its second page would otherwise hide all that is older for good."""

    def fill(garmin: FakeGarmin) -> None:
        for n in range(150):
            ran(garmin, n, manual=True)

    with connected_home(tmp_path, before=fill) as (home, garmin):
        garmin.faults.add("start=100", status(204))
        home.once()
        assert (stands(home), len(home.activities())) == (DEGRADED, 100)
        look_again(home)
        assert (stands(home), len(home.activities())) == (CONNECTED, 150)


NO_LIST = [says({"activities": []}), says("x"), says(7), body(b"[" * 100_000), body(b"\xff"), status(404)]


@pytest.mark.parametrize("answer", NO_LIST)
def test_without_a_list_pairs_and_steps_still_arrive(tmp_path: Path, answer: Any) -> None:
    def fill(garmin: FakeGarmin) -> None:
        garmin.account.add_gear("Brooks", "Ghost", name="Daily")
        garmin.account.set_steps(NOW.date(), 7_000)

    with connected_home(tmp_path, before=fill) as (home, garmin):
        garmin.faults.add(LIST, answer, None)
        home.once()
        found = kept(home)
        assert stands(home) == DEGRADED
        assert (len(found["shoes"]), found["steps"]) == (1, {NOW.date(): 7_000})


# ---- ids


def list_row(garmin: FakeGarmin, id_: int, **changes: Any) -> None:
    """This line of the list says so."""

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row, **changes} if row["activityId"] == id_ else row for row in rows]

    garmin.faults.mutate(LIST, change)


@pytest.mark.parametrize("odd", [None, "", "abc", True, 0, -7, 1.5, 10**50, [], {}])
@pytest.mark.parametrize("manual", [True, False], ids=["by hand", "with a file"])
def test_an_activity_that_gets_its_id_later_counts_once(tmp_path: Path, odd: Any, manual: bool) -> None:
    with connected_home(tmp_path) as (home, garmin):
        id_ = garmin.account.add_run(RECENT, 10.0, 60.0, manual=manual)
        list_row(garmin, id_, activityId=odd)
        home.once()
        assert [round(a.counted_m) for a in home.activities()] == [10_000]
        garmin.faults.clear()
        look_again(home)
        assert [round(a.counted_m) for a in home.activities()] == [10_000]
        assert str(id_) in lines(home)
        assert stands(home) == CONNECTED


def test_an_id_of_digits_is_the_same_as_its_number(tmp_path: Path) -> None:
    with connected_home(tmp_path) as (home, garmin):
        (id_,) = recent_runs(garmin, 1)
        home.once()
        list_row(garmin, id_, activityId=str(id_))
        look_again(home)
        assert list(lines(home)) == [str(id_)]
        assert (len(home.activities()), garmin.count(DOWNLOAD)) == (1, 1)


def test_two_lines_with_one_id_are_one_activity(tmp_path: Path) -> None:
    with connected_home(tmp_path) as (home, garmin):
        recent_runs(garmin, 2)
        garmin.faults.mutate(LIST, lambda rows: [*rows, *rows, rows[0]])
        home.once()
        look_again(home)
        assert (len(lines(home)), len(home.activities()), garmin.count(DOWNLOAD)) == (2, 2, 2)


def test_a_container_that_was_listed_as_an_activity_before_adds_no_kilometre(tmp_path: Path) -> None:
    with connected_home(tmp_path) as (home, garmin):
        parent, _ = garmin.account.add_multisport(RECENT, [("cycling", 20, 40), ("running", 5, 25)])
        list_row(garmin, parent, parent=False)
        home.once()
        list_row(garmin, parent, parent=True)
        look_again(home)
        runs = [round(a.counted_m) for a in home.activities() if a.is_run]
        assert runs == [5_000]
        assert stands(home) == CONNECTED


@pytest.mark.parametrize("child_files", [True, False], ids=["whole file", "no file"])
def test_each_leg_of_a_multisport_event_counts_once(tmp_path: Path, child_files: bool) -> None:
    """The original of each child is the file with all of them."""
    with connected_home(tmp_path) as (home, garmin):
        legs = [("running", 5, 25), ("cycling", 20, 40), ("running", 3, 15)]
        garmin.account.add_multisport(RECENT, legs, child_files=child_files)
        home.once()
        look_again(home)
        found = sorted((a.sport, round(a.counted_m)) for a in home.activities())
        assert found == [("cycling", 20_000), ("running", 3_000), ("running", 5_000)]


def test_an_entry_by_hand_that_later_has_a_file_stays_one_activity(tmp_path: Path) -> None:
    with connected_home(tmp_path) as (home, garmin):
        id_ = garmin.account.add_run(RECENT, 10.0, 60.0, manual=True)
        home.once()
        garmin.account.set_file(id_, fit_run(RECENT, 10_000, 3_600), "later.fit")
        list_row(garmin, id_, manualActivity=False)
        look_again(home)
        look_again(home)
        (activity,) = home.activities()
        assert (round(activity.counted_m), activity.distance_from) == (10_000, "session")


# ---- originals


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as box:
        for name, raw in members.items():
            box.writestr(name, raw)
    return packed.getvalue()


COURSE = (
    b"<?xml version='1.0'?><gpx xmlns='http://www.topografix.com/GPX/1/1'>"
    b"<rte><rtept lat='1' lon='1'/></rte></gpx>"
)
RUN = fit_run(RECENT, 10_000, 3_600)
DOWNLOADS = {
    "a run": zipped(a=RUN),
    "a bare file": RUN,
    "a course": zipped(a=COURSE),
    "the run twice": zipped(a=RUN, b=RUN),
    "a run and a course": zipped(a=RUN, b=COURSE),
    "a zip in a zip": zipped(a=zipped(a=RUN)),
    "an empty zip": zipped(),
    "nothing": b"",
    "a web page": b"<!DOCTYPE html><html></html>",
    "half a zip": zipped(a=RUN)[:200],
    "JSON": b'{"message": "no"}',
    "noise": bytes(range(256)) * 40,
    "70 MB": b"\0" * 70 * 2**20,
}


@pytest.mark.parametrize("name", DOWNLOADS)
def test_whatever_the_original_is_the_run_counts_once(tmp_path: Path, name: str) -> None:
    with connected_home(tmp_path) as (home, garmin):
        bad = garmin.account.add_run(RECENT, 10.0, 60.0)
        garmin.account.add_run(RECENT + timedelta(days=1), 7.0, 40.0)
        garmin.faults.add(f"{DOWNLOAD}{bad}", body(DOWNLOADS[name], "application/octet-stream"), None)
        home.once()
        look_again(home)
        assert stands(home) == CONNECTED
        assert [round(a.counted_m, -3) for a in home.activities()] == [10_000, 7_000]
        garmin.faults.clear()
        look_again(home, days=2)
        assert [round(a.counted_m, -3) for a in home.activities()] == [10_000, 7_000]


def test_a_file_that_garmin_does_not_have_is_asked_for_once(tmp_path: Path) -> None:
    with connected_home(tmp_path) as (home, garmin):
        (id_,) = recent_runs(garmin, 1)
        garmin.account.set_file(id_, None)
        home.once()
        look_again(home, days=2)
        assert [round(a.counted_m) for a in home.activities()] == [5_000]
        assert garmin.count(DOWNLOAD) == 1


# ---- all about one activity


def test_odd_documents_about_activities_leave_the_list_as_it_was(tmp_path: Path, database_url: str) -> None:
    odd = list(oddities(SUMMARY, FEW if LONG else FEW[::2]))
    change: dict[int, tuple[str, str]] = {}

    def fill(garmin: FakeGarmin) -> None:
        for n, what in enumerate(odd):
            id_ = garmin.account.add_run(
                RECENT - timedelta(minutes=47 * n), 2 + n / 1_000, 12 + n / 100, manual=True, rpe=4, feel=75
            )
            change[id_] = what

    def changed(payload: dict[str, Any]) -> dict[str, Any]:
        path, value = change[payload["activityId"]]
        return put(payload, path, ODD[value])

    with connected_home(tmp_path, before=fill, database_url=database_url) as (home, garmin):
        garmin.faults.mutate(DETAIL, changed)
        home.once()
        assert stands(home) == CONNECTED
        metres = [round(a.counted_m) for a in reversed(home.activities())]
        assert metres == [round(2_000 + n) for n in range(len(odd))]
        assert all(row.detail for row in lines(home).values())


# ---- pure: every field, every value


def test_every_odd_field_of_a_line_or_document_makes_a_recording_or_a_word_why_not() -> None:
    with connected_home(Path(tempfile.mkdtemp())) as (_, garmin):
        id_ = garmin.account.add_run(RECENT, 10.0, 60.0, rpe=4)
        (line,) = json.loads(answered(garmin, "/activitylist-service/activities/search/activities"))
        document = json.loads(answered(garmin, f"/activity-service/activity/{id_}"))
    for row, paths in ((line, LINE), (document, SUMMARY)):
        for path, value in oddities(paths):
            text = json.dumps(put(row, path, ODD[value]))
            told_of(text, None)
            told_of(None, text)
            try:
                (recording,) = GarminDecoder().decode(text.encode())
            except BadInput:
                continue
            assert 0 <= recording.distance_m <= 1e9


def answered(garmin: FakeGarmin, path: str) -> bytes:
    import requests

    token = json.loads(garmin.access.token_text())["di_token"]
    found = requests.get(garmin.url + path, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    return found.content


@pytest.mark.parametrize("value", list(ODD.values()))
def test_a_day_is_a_day_or_none(value: Any) -> None:
    day = day_of(value)
    assert day is None or isinstance(day, date)


# ---- pairs


@contextmanager
def worn_pairs(tmp: Path, odd: list[tuple[str, str]], url: str, *, legacy: bool) -> Iterator[Any]:
    """Pairs, each with one run, all known already; then each has one odd field."""
    change: dict[str, tuple[str, str]] = {}

    def fill(garmin: FakeGarmin) -> None:
        for n, what in enumerate(odd):
            retired = date(2026, 11, 1) if n % 2 else False
            pair = garmin.account.add_gear("Brooks", f"Ghost {n}", f"Pair {n}", 700_000 + n, retired=retired)
            ran(garmin, 11 * n, manual=True, gear=[pair])
            change[pair] = what
        if legacy:
            refuse_new_gear(garmin)

    with connected_home(tmp, before=fill, database_url=url) as (home, garmin):
        yield home, garmin, change


def refuse_new_gear(garmin: FakeGarmin) -> None:
    garmin.faults.add(V2_LIST, status(403), None)
    garmin.faults.add(V2_OF_ACTIVITY, status(403), None)


def pair_id(row: Any) -> str | None:
    uuid = row.get("uuid") if isinstance(row, dict) else None
    return uuid.replace("-", "") if isinstance(uuid, str) else None


@pytest.mark.parametrize("legacy", [False, True], ids=["v2", "legacy"])
def test_odd_pairs_of_a_first_look_mend_themselves(tmp_path: Path, legacy: bool, database_url: str) -> None:
    odd = list(oddities(PAIR_LEGACY if legacy else PAIR_V2, FEW if LONG else ("null", "huge")))
    with worn_pairs(tmp_path, odd, database_url, legacy=legacy) as (home, garmin, change):
        garmin.faults.mutate(LEGACY if legacy else V2_LIST, by_id(change, pair_id))
        home.once()
        assert stands(home) == CONNECTED
        assert len(home.activities()) == len(odd)
        garmin.faults.clear()
        if legacy:
            refuse_new_gear(garmin)
        look_again(home)
        assert stands(home) == CONNECTED
        wanted, found = clean(garmin, home, tmp_path), kept(home)
        assert found["pairs"].keys() == wanted["pairs"].keys()
        assert {id_: row[5:] for id_, row in found["pairs"].items()} == {
            id_: row[5:] for id_, row in wanted["pairs"].items()
        }


# ---- activities of a pair, gear of an activity


def test_odd_lines_of_a_pair_take_no_activity_from_it(tmp_path: Path, database_url: str) -> None:
    odd = list(oddities(("activityId", "distance")))
    change: dict[int, tuple[str, str]] = {}

    def fill(garmin: FakeGarmin) -> None:
        pair = garmin.account.add_gear("Brooks", "Ghost", "Daily", first_use=date(2026, 10, 1))
        change.update((ran(garmin, n, manual=True, gear=[pair]), what) for n, what in enumerate(odd))

    with connected_home(tmp_path, before=fill, database_url=database_url) as (home, garmin):
        home.once()
        before = kept(home)
        garmin.faults.mutate(OF_PAIR, by_id(change, lambda row: row["activityId"]))
        look_again(home)
        assert stands(home) == CONNECTED
        assert kept(home)["activities"] == before["activities"]
        assert kept(home)["shoes"] == before["shoes"]
        garmin.faults.clear()
        look_again(home)
        healed = {id_: row[:10] for id_, row in kept(home)["pairs"].items()}
        assert healed == {id_: row[:10] for id_, row in before["pairs"].items()}


ODD_ANSWERS = [None, {}, "text", 7, True, {"a": []}, [7], [None], [[]], [{}], ["x"]]


@pytest.mark.parametrize("answer", ODD_ANSWERS)
@pytest.mark.parametrize("legacy", [False, True], ids=["v2", "legacy"])
def test_what_is_no_gear_takes_nothing_away(tmp_path: Path, answer: Any, legacy: bool) -> None:
    def fill(garmin: FakeGarmin) -> None:
        pair = garmin.account.add_gear("Brooks", "Ghost", "Daily", start_m=100_000)
        recent_runs(garmin, 2, gear=[pair])
        garmin.account.set_steps(NOW.date(), 7_000)

    with connected_home(tmp_path, before=fill) as (home, garmin):
        if legacy:
            refuse_new_gear(garmin)
        home.once()
        before = kept(home)
        paths = (LEGACY, STATS) if legacy else (V2_LIST, LEGACY, V2_OF_ACTIVITY)
        for path in (*paths, OF_PAIR):
            garmin.faults.add(path, says(answer), None)
        (late,) = [garmin.account.add_run(NOW - timedelta(hours=2), 6.0, 36.0)]
        garmin.account.set_steps(NOW.date(), 8_000)
        look_again(home)
        assert stands(home) in (CONNECTED, DEGRADED)
        now = kept(home)
        assert [row[-1] for row in now["activities"][:2]] == [row[-1] for row in before["activities"]]
        assert (now["shoes"], now["steps"]) == (before["shoes"], {NOW.date(): 8_000})
        assert lines(home)[str(late)].original_id is not None
        garmin.faults.clear()
        if legacy:
            refuse_new_gear(garmin)
        look_again(home)
        assert (stands(home), kept(home)["pairs"]) == (CONNECTED, before["pairs"])


@pytest.mark.parametrize("value", ODD_ANSWERS)
def test_an_odd_profile_brings_no_gear_but_all_the_rest(tmp_path: Path, value: Any) -> None:
    def fill(garmin: FakeGarmin) -> None:
        refuse_new_gear(garmin)
        garmin.account.add_gear("Brooks", "Ghost", "Daily")
        recent_runs(garmin, 1)

    with connected_home(tmp_path, before=fill) as (home, garmin):
        garmin.faults.add(PROFILE, says(value), None)
        home.once()
        assert (stands(home), len(home.activities()), kept(home)["shoes"]) == (DEGRADED, 1, [])
        assert [f.state for f in home.files()] == ["done"] * len(home.files())
        garmin.faults.clear()
        refuse_new_gear(garmin)
        look_again(home)
        assert (stands(home), len(kept(home)["shoes"])) == (CONNECTED, 1)


# ---- steps


def test_odd_days_of_steps_leave_the_sound_ones(tmp_path: Path, database_url: str) -> None:
    days = [NOW.date() - timedelta(days=n) for n in range(27)]

    def fill(garmin: FakeGarmin) -> None:
        for n, day in enumerate(days):
            garmin.account.set_steps(day, 5_000 + n)

    for path in ("calendarDate", "totalSteps"):
        for first in range(0, len(ODD), 20):
            names = list(ODD)[first : first + 20]
            change = {day.isoformat(): (path, name) for day, name in zip(days, names, strict=False)}
            folder = tmp_path / f"{path}{first}"
            folder.mkdir()
            with connected_home(folder, before=fill) as (home, garmin):
                garmin.faults.mutate(STEPS, by_id(change, lambda row: row["calendarDate"]))
                home.once()
                assert stands(home) == CONNECTED
                sound = {day: 5_000 + n for n, day in enumerate(days) if n >= len(names)}
                assert sound.items() <= kept(home)["steps"].items()
                garmin.faults.clear()


# ---- tokens


TOKEN_FIELDS = ("access_token", "refresh_token", "client_id", "expires_in", "token_type")


@pytest.mark.parametrize("path", TOKEN_FIELDS)
def test_an_odd_answer_to_a_refresh_is_no_log_out(tmp_path: Path, path: str) -> None:
    with connected_home(tmp_path, garmin={"lifetime_s": 600}) as (home, garmin):
        for name in ODD if LONG else FEW:
            garmin.faults.mutate(REFRESH, lambda answer, name=name: put(answer, path, ODD[name]))
            look_again(home)
            # A word that can be a token is one, until Garmin refuses it twice.
            assert stands(home) != LOGIN_NEEDED or (path == "access_token" and is_token(ODD[name])), name
            garmin.faults.clear()
            connecting.take_tokens(home.box, ME, garmin.access.token_text())
        look_again(home)
        assert stands(home) == CONNECTED


ODD_TOKENS = [
    says(None),
    says({}),
    says([]),
    says("x"),
    says(7),
    body(b""),
    body(b"\0"),
    body(b"a b"),
    body(b"a.b.c"),
]


@pytest.mark.parametrize("answer", ODD_TOKENS)
def test_an_odd_answer_instead_of_tokens_is_no_log_out(tmp_path: Path, answer: Any) -> None:
    with connected_home(tmp_path, garmin={"lifetime_s": 600}) as (home, garmin):
        garmin.faults.add(REFRESH, answer)
        look_again(home)
        assert stands(home) == DEGRADED
        look_again(home)
        assert stands(home) == CONNECTED


@contextmanager
def personal_home(tmp: Path) -> Iterator[tuple[Home, FakeGarmin]]:
    """Connected by a key of the Personal API alone."""
    from fakes.garmin import running
    from home import Clock

    clock = Clock()
    with running(now=lambda: clock.at.timestamp()) as server, reachable(server), a_home(tmp, clock) as home:
        connecting.take_key(home.box, ME, "fake-personal-key", None)
        yield home, server


@pytest.mark.parametrize("answer", ODD_TOKENS)
def test_an_odd_token_of_the_personal_api_is_no_refused_key(tmp_path: Path, answer: Any) -> None:
    with personal_home(tmp_path) as (home, garmin):
        recent_runs(garmin, 2)
        home.clock.on(days=2)
        garmin.faults.add(KEY_EXCHANGE, answer)
        look_again(home)
        assert stands(home) == DEGRADED
        look_again(home)
        assert (stands(home), len(home.activities())) == (CONNECTED, 2)


def test_odd_lines_of_the_personal_api_are_read_alike(tmp_path: Path) -> None:
    odd = list(oddities(LINE, FEW[:5]))
    change: dict[int, tuple[str, str]] = {}
    with personal_home(tmp_path) as (home, garmin):
        for n in range(len(odd) + 10):
            id_ = ran(garmin, n, manual=True)
            if n < len(odd):
                change[id_] = odd[n]
        garmin.faults.mutate(LIST, by_id(change, lambda row: row["activityId"]))
        home.once()
        assert stands(home) == CONNECTED
        sound = {a.title for a in home.activities()}
        assert {f"Run {n}" for n in range(len(odd), len(odd) + 10)} <= sound


# ---- anything at all

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(list(ODD.values())[1:]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ("activityId", "uuid", "gearType", "calendarDate", "totalSteps", "distance", "parent")
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
ANSWERS = (LIST, DETAIL, V2_LIST, V2_OF_ACTIVITY, LEGACY, STATS, OF_PAIR, STEPS, PROFILE, DOWNLOAD)


def test_any_json_in_the_place_of_any_answer_loses_nothing(tmp_path: Path) -> None:
    def fill(garmin: FakeGarmin) -> None:
        pair = garmin.account.add_gear("Brooks", "Ghost", "Daily")
        recent_runs(garmin, 2, gear=[pair], rpe=4)
        garmin.account.set_steps(NOW.date(), 7_000)

    with connected_home(tmp_path, before=fill) as (home, garmin):
        home.once()
        before = kept(home)

        @settings(
            max_examples=400 if LONG else 25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.dictionaries(st.sampled_from(ANSWERS), JSON_VALUES, min_size=1, max_size=3))
        def stays(answers: dict[str, Any]) -> None:
            for path, value in answers.items():
                garmin.faults.add(path, says(value), None)
            look_again(home, seconds=61)
            state = stands(home)
            now = kept(home)
            garmin.faults.clear()
            assert state in (CONNECTED, DEGRADED)
            assert [a for a in now["activities"] if a in before["activities"]] == before["activities"]
            assert {s[0] for s in before["shoes"]} <= {s[0] for s in now["shoes"]}

        stays()
        look_again(home)
        healed = kept(home)
        assert stands(home) == CONNECTED
        assert [a for a in healed["activities"] if a in before["activities"]] == before["activities"]
        assert before["lines"].items() <= healed["lines"].items()
