"""The fake Garmin is proved with the real client: in this process over plain HTTP, in a child over TLS."""

import io
import json
import re
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import garminconnect
import pytest
import requests
from garminconnect import Garmin
from garminconnect.client import constants as garmin_constants
from garminconnect.client import sso as garmin_sso
from garminconnect.client.tokens import _decode_jwt_payload

from fakes import garmin as fake
from fakes.garmin import DROP, FakeGarmin, running
from home import Clock, fit
from midsole.decode import registry

START = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
ORIGINAL = Garmin.ActivityDownloadFormat.ORIGINAL
LIST = "/activitylist-service/activities/search/activities"
TOKEN = "/di-oauth2-service/oauth/token"


@pytest.fixture
def server() -> Iterator[FakeGarmin]:
    with running() as up:
        yield up


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's waits that keep a firewall from taking it for a robot."""
    for which in ("MOBILE", "WIDGET", "LOGIN"):
        for end in ("MIN", "MAX"):
            assert hasattr(garmin_constants, f"{which}_DELAY_{end}_S")
            monkeypatch.setattr(garmin_sso, f"{which}_DELAY_{end}_S", 0.0)


def client(server: FakeGarmin, **settings: Any) -> Garmin:
    """A real client whose hosts are the fake's port; it repeats nothing by itself."""
    made = Garmin(**{"retry_attempts": 0, **settings})
    made.client._connectapi = made.client._sso = server.url
    made.client._di_token_url = server.url + TOKEN
    return made


def logged_in(server: FakeGarmin, **settings: Any) -> Garmin:
    made = client(server, **settings)
    made.client.loads(server.access.token_text())
    return made


def about_to_log_in(server: FakeGarmin, password: str | None = None) -> Garmin:
    access = server.access
    return client(server, email=access.email, password=password or access.password, return_on_mfa=True)


# -- the sign-in ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("hasty")
def test_a_login_waits_for_its_code_and_is_finished_by_another_client(server: FakeGarmin) -> None:
    server.access.accept_mfa("271828")
    said, state = about_to_log_in(server).login()
    assert said == "needs_mfa"
    assert (server.access.logins, server.access.codes_sent) == (1, 1)
    resumed = client(server, email=server.access.email)
    with pytest.raises(garminconnect.GarminConnectAuthenticationError):
        resumed.resume_login(json.loads(json.dumps(state)), "000000")
    resumed.resume_login(state, "271828")
    assert resumed.profile_id == fake.PROFILE_ID
    assert resumed.get_unit_system() == "metric"
    assert (server.access.logins, server.access.codes) == (
        1,
        3,
    )  # the client tries a wrong code at two places


@pytest.mark.usefixtures("hasty")
def test_a_login_without_mfa_is_done_at_once(server: FakeGarmin) -> None:
    mine = about_to_log_in(server)
    mine.login()
    assert mine.get_activities() == []
    assert server.access.logins == 1


@pytest.mark.usefixtures("hasty")
def test_a_wrong_password_is_said_after_one_attempt(server: FakeGarmin) -> None:
    with pytest.raises(garminconnect.GarminConnectAuthenticationError, match="Invalid Username"):
        about_to_log_in(server, "guess").login()
    assert server.access.logins == 1
    assert server.count(TOKEN) == 0


def test_a_browser_that_never_saw_the_page_is_taken_for_a_robot(server: FakeGarmin) -> None:
    told = requests.post(server.url + "/mobile/api/login", json={"username": "a", "password": "b"}, timeout=5)
    assert told.status_code == 429
    assert server.access.logins == 0


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("way", ["mobile+requests", "widget+cffi", "portal+cffi"])
def test_each_way_of_the_client_gets_in_with_a_code(server: FakeGarmin, way: str) -> None:
    server.access.accept_mfa("314159")
    mine = about_to_log_in(server)
    every = {"mobile+cffi", "mobile+requests", "widget+cffi", "portal+cffi", "portal+requests"}
    mine.client.skip_strategies = every - {way}
    _, state = mine.login()
    with pytest.raises(garminconnect.GarminConnectAuthenticationError):
        client(server).resume_login(state, "000000")
    other = client(server)
    other.resume_login(state, "314159")
    assert other.get_activities() == []
    assert server.access.logins == 1
    assert server.access.codes_sent == 1


@pytest.mark.usefixtures("hasty")
def test_the_widget_says_a_wrong_password(server: FakeGarmin) -> None:
    mine = about_to_log_in(server, "guess")
    mine.client.skip_strategies = {"mobile+cffi", "mobile+requests"}
    with pytest.raises(garminconnect.GarminConnectAuthenticationError, match="Invalid sign in"):
        mine.login()
    assert server.access.logins == 1


@pytest.mark.usefixtures("hasty")
def test_the_whole_sign_in_can_be_rate_limited(server: FakeGarmin) -> None:
    server.faults.sso_status = 429
    with pytest.raises(garminconnect.GarminConnectTooManyRequestsError):
        about_to_log_in(server).login()
    assert server.access.logins == 0
    assert server.count(status=429) == len(server.requests())
    server.faults.clear()
    about_to_log_in(server).login()


# -- tokens --------------------------------------------------------------------------------------


def test_refresh_tokens_rotate_and_a_used_one_is_refused_for_ever(server: FakeGarmin) -> None:
    mine = logged_in(server)
    used = mine.client.dumps()
    mine.client._refresh_di_token()
    late = client(server)
    late.client.loads(used)
    for _ in range(2):
        with pytest.raises(garminconnect.GarminConnectAuthenticationError, match="400"):
            late.client._refresh_di_token()
    mine.client._refresh_di_token()
    assert mine.get_activities() == []
    assert server.access.refreshes == 2
    assert server.count(TOKEN, method="POST", status=400) == 2


def test_an_access_token_lives_as_long_as_its_exp_on_the_fakes_clock() -> None:
    clock = Clock()
    with running(now=lambda: clock.at.timestamp(), lifetime_s=60) as server:
        token = json.loads(server.access.token_text())["di_token"]
        claims = _decode_jwt_payload(token)
        assert claims is not None
        assert claims["exp"] == clock.at.timestamp() + 60
        assert claims["client_id"] == fake.CLIENT_ID
        assert bearer(server, LIST, token).status_code == 200
        clock.on(seconds=61)
        assert bearer(server, LIST, token).status_code == 401


def test_a_token_of_seconds_is_refreshed_by_the_client_before_each_call() -> None:
    with running(lifetime_s=5) as server:
        mine = logged_in(server)
        for _ in range(3):
            assert mine.get_activities() == []
        assert server.access.refreshes == 3
        assert server.count(LIST, status=200) == 3


def test_after_a_revocation_the_client_refreshes_and_asks_again(server: FakeGarmin) -> None:
    mine, other = logged_in(server), logged_in(server)
    server.faults.add(LIST, fake.REVOKED)
    assert mine.get_activities() == []
    assert [it.status for it in server.requests()] == [401, 200, 200]
    assert other.get_activities() == []
    assert server.access.refreshes == 2


def test_who_is_logged_out_everywhere_needs_a_login(server: FakeGarmin) -> None:
    mine = logged_in(server)
    server.access.log_out_everywhere()
    with pytest.raises(garminconnect.GarminConnectAuthenticationError):
        mine.get_activities()
    assert server.count(TOKEN, status=400) == 1


def test_a_ticket_is_good_once(server: FakeGarmin) -> None:
    ticket = server.access.ticket()
    mine = client(server)
    mine.client._exchange_service_ticket(ticket)
    assert mine.get_activities() == []
    with pytest.raises(garminconnect.GarminConnectAuthenticationError, match="all client IDs"):
        client(server).client._exchange_service_ticket(ticket)


def test_an_answer_lost_after_the_rotation_burns_the_login(server: FakeGarmin) -> None:
    mine = logged_in(server)
    server.faults.add(TOKEN, fake.DROP_AFTER)
    with pytest.raises(Exception, match=r"closed|reply|reset"):  # curl's own words
        mine.client._refresh_di_token()
    with pytest.raises(garminconnect.GarminConnectAuthenticationError, match="400"):
        mine.client._refresh_di_token()


# -- activities ----------------------------------------------------------------------------------


def test_the_list_is_paged_newest_first(server: FakeGarmin) -> None:
    ids = [server.account.add_run(START - timedelta(days=n), 10, 55) for n in range(45)]
    mine = logged_in(server)
    assert [a["activityId"] for a in mine.get_activities(0, 20)] == ids[:20]
    assert [a["activityId"] for a in mine.get_activities(40, 20)] == ids[40:]
    dated = mine.get_activities_by_date("2026-11-10", "2026-11-12")
    assert [a["startTimeLocal"][:10] for a in dated] == ["2026-11-12", "2026-11-11", "2026-11-10"]
    server.reset_log()
    assert len(mine.get_activities_by_date("2026-01-01")) == 45
    assert server.count(LIST) == 4  # until an empty page comes


def test_an_activity_looks_as_recorded_ones_do(server: FakeGarmin) -> None:
    hour = timedelta(hours=1)
    run = server.account.add_run(
        START, 4.26119, 37.05545, type_key="trail_running", tz_offset=hour, rpe=3, feel=25
    )
    mine = logged_in(server)
    line, whole = mine.get_activities()[0], mine.get_activity(run)
    assert line["distance"] == 4261.18994140625
    assert (line["startTimeLocal"], line["startTimeGMT"]) == ("2026-11-18 07:30:00", "2026-11-18 06:30:00")
    assert (line["activityType"]["typeId"], line["activityType"]["parentTypeId"]) == (6, 1)
    assert not {"directWorkoutRpe", "gear"} & line.keys()
    assert whole["summaryDTO"]["distance"] == 4261.19
    assert whole["summaryDTO"]["startTimeLocal"] == "2026-11-18T07:30:00.0"
    assert (whole["summaryDTO"]["directWorkoutRpe"], whole["summaryDTO"]["directWorkoutFeel"]) == (30, 25)
    assert whole["timeZoneUnitDTO"]["unitKey"] == "Etc/GMT-1"


def test_an_original_is_a_zip_with_the_file_of_the_watch(server: FakeGarmin) -> None:
    account, mine = server.account, logged_in(server)
    run = account.add_run(START, 12.5, 70)
    account.set_distance(run, 12.6)
    name, raw = unpacked(mine.download_activity(run, ORIGINAL))
    assert name == f"{run}_ACTIVITY.fit"
    leg = registry.decode(raw).recordings[0]
    assert (leg.started_at, round(leg.distance_m)) == (START, 12_500)
    own = account.add_run(START, 5, 30, fit=fit(START, 5), member="own.fit")
    assert unpacked(mine.download_activity(own, ORIGINAL)) == ("own.fit", fit(START, 5))
    by_hand = account.add_run(START, 5, 30, manual=True)
    account.set_file(own, None)
    for without in (by_hand, own):
        with pytest.raises(garminconnect.GarminConnectNotFoundError):
            mine.download_activity(without, ORIGINAL)
    assert mine.get_activity(by_hand)["metadataDTO"]["manualActivity"] is True


def test_what_the_owner_changes_is_seen_at_once(server: FakeGarmin) -> None:
    account, mine = server.account, logged_in(server)
    run = account.add_run(START, 10, 55)
    account.rename(run, "Park Run")
    account.retype(run, "walking")
    account.set_distance(run, 9.5)
    account.set_event(run, "race")
    account.set_rpe(run, 8, 75)
    line, told = mine.get_activities()[0], mine.get_activity(run)["summaryDTO"]
    assert (line["activityName"], line["distance"]) == ("Park Run", 9500)
    assert (line["activityType"]["typeKey"], line["eventType"]["typeKey"]) == ("walking", "race")
    assert (told["directWorkoutRpe"], told["directWorkoutFeel"]) == (80, 75)
    account.delete(run)
    assert mine.get_activities() == []
    with pytest.raises(garminconnect.GarminConnectNotFoundError):
        mine.get_activity(run)


def test_a_multisport_container_is_listed_beside_its_children(server: FakeGarmin) -> None:
    legs = [("lap_swimming", 1.5, 30), ("cycling", 40, 75), ("running", 10, 50)]
    parent, children = server.account.add_multisport(START, legs)
    mine = logged_in(server)
    listed = {a["activityId"]: a for a in mine.get_activities()}
    assert [a["parent"] for a in listed.values()].count(True) == 1
    assert listed[parent]["distance"] == 51_500
    assert {listed[child]["parentId"] for child in children} == {parent}
    assert mine.get_activity(parent)["metadataDTO"]["childIds"] == list(children)
    _, raw = unpacked(mine.download_activity(children[2], ORIGINAL))
    assert [round(leg.distance_m) for leg in registry.decode(raw).recordings] == [1500, 40_000, 10_000]


# -- gear, steps ---------------------------------------------------------------------------------


def test_gear_is_told_in_both_generations(server: FakeGarmin) -> None:
    account, mine = server.account, logged_in(server)
    shoe = account.add_gear("Mizuno", "Neo Vista", "tempo", 600_000, date(2026, 3, 18), start_m=1000)
    bike = account.add_gear("Canyon", "Grail", type="BIKE", retired=date(2026, 9, 1))
    run = account.add_run(START, 10, 50, gear=[shoe, bike])
    newer = {g["uuid"].replace("-", ""): g for g in mine.get_gear_list()}
    older = {g["uuid"]: g for g in mine.get_gear(str(fake.PROFILE_ID))}
    assert newer.keys() == older.keys() == {shoe, bike}
    assert newer[shoe]["uuid"].count("-") == 4
    pair = newer[shoe]
    assert (pair["distanceUsedMeters"], pair["numActivitiesLinked"], pair["name"]) == (11_000, 1, "tempo")
    assert "name" not in newer[bike]
    assert (newer[bike]["status"], older[bike]["dateEnd"]) == ("RETIRED", "2026-09-01T00:00:00.0")
    assert (older[shoe]["customMakeModel"], older[shoe]["maximumMeters"]) == ("Mizuno Neo Vista", 600_000)
    assert len(mine.get_activity_gear(run)) == len(mine.get_activity_gear_v2(run)) == 2
    assert [a["activityId"] for a in mine.get_gear_activities(shoe)] == [run]
    assert mine.get_gear_activities(newer[shoe]["uuid"]) == []  # 404: only the older spelling is known there
    assert mine.get_gear_stats(shoe)["totalDistance"] == 11_000
    assert [g["uuid"] for g in mine.get_gear_list(gear_statuses=["ACTIVE"])] == [newer[shoe]["uuid"]]
    assert len(mine.get_gear_list(start=1, limit=1)) == 1


def test_totals_follow_every_change(server: FakeGarmin) -> None:
    account, mine = server.account, logged_in(server)
    old, new = account.add_gear("Asics", "Cumulus"), account.add_gear("Asics", "Nimbus")
    first = account.add_run(START, 10, 50, gear=[old])
    second = account.add_run(START + timedelta(days=1), 5, 30, gear=[old])
    assert account.totals() == {old: (15_000, 2), new: (0, 0)}
    account.reassign(second, new)
    assert account.totals() == {old: (10_000, 1), new: (5_000, 1)}
    account.recount(new, 0)
    shown = {g["model"]: (g["distanceUsedMeters"], g["processing"]) for g in mine.get_gear_list()}
    assert shown == {"Cumulus": (10_000, False), "Nimbus": (0, True)}
    account.delete(first)
    account.delete_gear(new)
    assert account.totals() == {old: (0, 0)}
    assert mine.get_activity_gear_v2(second) == []


def test_gear_is_written_back_unless_the_account_never_agreed(server: FakeGarmin) -> None:
    account, mine = server.account, logged_in(server)
    shoe, run = account.add_gear("Asics", "Nimbus"), account.add_run(START, 10, 50)
    mine.add_gear_to_activity(shoe, run)
    assert account.activities()[0].gear == [shoe]
    mine.remove_gear_from_activity(mine.get_gear_list()[0]["uuid"], run)
    assert account.totals()[shoe] == (0, 0)
    account.eu = True
    with pytest.raises(garminconnect.GarminConnectConnectionError, match="412"):
        mine.add_gear_to_activity(shoe, run)
    account.eu = False
    with pytest.raises(garminconnect.GarminConnectConnectionError, match="not found"):
        mine.add_gear_to_activity("0" * 32, run)


def test_steps_come_for_at_most_28_days(server: FakeGarmin) -> None:
    mine = logged_in(server)
    for n in range(40):
        server.account.set_steps(date(2026, 10, 1) + timedelta(days=n), 1000 + n)
    told = mine.get_daily_steps("2026-10-01", "2026-11-09")
    assert [d["totalSteps"] for d in told] == [1000 + n for n in range(40)]
    assert server.count("/stats/steps/daily/") == 2
    with pytest.raises(garminconnect.GarminConnectConnectionError, match="400"):
        mine.connectapi("/usersummary-service/stats/steps/daily/2026-10-01/2026-10-29")


# -- the Personal API ----------------------------------------------------------------------------


def test_the_personal_api_gives_what_its_key_is_good_for(server: FakeGarmin) -> None:
    run = server.account.add_run(START, 10, 50, rpe=7)
    told = exchange(server, server.access.personal_key)
    assert (told.status_code, told.headers["Content-Type"]) == (200, "text/plain;charset=UTF-8")
    token = told.text
    assert len(bearer(server, f"{LIST}?limit=45", token).json()) == 1
    assert (
        bearer(server, f"/activity-service/activity/{run}", token).json()["summaryDTO"]["directWorkoutRpe"]
        == 70
    )
    for path, status in ((f"{LIST}?limit=46", 500), (LIST, 500), ("/gear-service/gear/v2/list", 404)):
        assert bearer(server, path, token).status_code == status
    original = f"/download-service/files/activity/{run}"
    assert bearer(server, original, token, Accept="application/octet-stream").status_code == 406
    assert unpacked(bearer(server, original, token).content)[1][8:12] == b".FIT"
    server.access.expire_key()
    assert bearer(server, LIST, token).status_code == 401
    assert exchange(server, "fake-personal-key").status_code == 401
    assert server.access.exchanges == 2


def test_a_personal_token_is_nothing_to_the_other_host(server: FakeGarmin) -> None:
    token = exchange(server, server.access.personal_key).text
    assert bearer(server, f"{LIST}?limit=1", token, Host="connectapi.garmin.com").status_code == 401
    assert bearer(server, f"{LIST}?limit=1", token, Host="personal.connectapi.garmin.com").status_code == 200


# -- faults --------------------------------------------------------------------------------------


def test_a_rate_limit_says_when_to_come_back(server: FakeGarmin) -> None:
    server.faults.add(LIST, fake.status(429, retry_after=120))
    mine = logged_in(server)
    with pytest.raises(garminconnect.GarminConnectTooManyRequestsError) as caught:
        mine.get_activities()
    cause: Any = caught.value.__cause__
    assert cause.response.headers["Retry-After"] == "120"
    assert mine.get_activities() == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (fake.status(503), "503"),
        (fake.DROP, "aborted|closed"),
        (fake.HTML, "Expecting value"),
        (fake.EMPTY, "Expecting value"),
        (fake.TRUNCATED, "IncompleteRead|Expecting|broken"),
        (fake.body(b'[{"activityId": 1'), "Expecting|delimiter"),
    ],
)
def test_a_fault_is_seen_once_and_then_all_is_well(server: FakeGarmin, fault: fake.Fault, words: str) -> None:
    server.account.add_run(START, 10, 50)
    server.faults.add(re.compile(r"search/activities\?"), fault)
    mine = logged_in(server)
    with pytest.raises(garminconnect.GarminConnectConnectionError, match=words):
        mine.get_activities()
    assert server.faults.waiting == 0
    assert len(mine.get_activities()) == 1
    assert [it.fault for it in server.requests()] == [True, False]


def test_204_wrong_types_and_changed_payloads_arrive_as_told(server: FakeGarmin) -> None:
    server.account.add_run(START, 10, 50)
    mine = logged_in(server)
    server.faults.add(LIST, fake.NO_CONTENT)
    server.faults.add(LIST, fake.says({"message": "no list"}), times=2)
    assert [mine.get_activities() for _ in range(3)] == [{}, {"message": "no list"}, {"message": "no list"}]
    server.faults.mutate(LIST, lambda lines: [line | {"distance": None} for line in lines])
    assert mine.get_activities()[0]["distance"] is None
    server.faults.clear()
    assert mine.get_activities()[0]["distance"] == 10_000


def test_a_slow_answer_is_late_but_true_and_does_not_hold_up_the_end() -> None:
    with running() as server:
        mine = logged_in(server)
        server.faults.add(LIST, fake.slow(0.2))
        began = time.monotonic()
        assert mine.get_activities() == []
        assert time.monotonic() - began >= 0.2
        server.faults.add(LIST, fake.slow(60))
        with pytest.raises(requests.Timeout):
            bearer(server, LIST, "x", timeout=0.1)
        began = time.monotonic()
    assert time.monotonic() - began < 2


def test_faults_at_random_come_as_often_as_told_and_alike_for_one_seed() -> None:
    def hits(seed: int) -> list[int]:
        with running() as server, requests.Session() as session:
            server.faults.at_random(0.25, seed, [fake.status(503), DROP])
            token = json.loads(server.access.token_text())["di_token"]
            for _ in range(80):
                try:
                    session.get(server.url + LIST, headers={"Authorization": f"Bearer {token}"}, timeout=5)
                except requests.ConnectionError:
                    continue
            return [it.status for it in server.requests()]

    first = hits(3)
    assert first == hits(3)
    assert 10 <= 80 - first.count(200) <= 32
    assert set(first) == {0, 200, 503}


def test_chance_never_loses_a_token_that_was_handed_out(server: FakeGarmin) -> None:
    mine = logged_in(server)
    server.faults.at_random(1.0, kinds=[fake.TRUNCATED], most=1)
    mine.client._refresh_di_token()
    with pytest.raises(garminconnect.GarminConnectConnectionError):
        mine.get_activities()
    assert mine.get_activities() == []


def test_while_garmin_is_unreachable_nothing_is_answered(server: FakeGarmin) -> None:
    server.faults.unreachable = True
    with pytest.raises(garminconnect.GarminConnectConnectionError):
        logged_in(server).get_activities()
    with pytest.raises(requests.exceptions.ConnectionError, match="aborted"):
        through_proxy(server, "https://connectapi.garmin.com/")
    assert server.requests()[0].status == 0


# -- the server itself ---------------------------------------------------------------------------


def test_the_proxy_reaches_garmin_and_nothing_else(server: FakeGarmin) -> None:
    assert through_proxy(server, "https://connectapi.garmin.com/anything").status_code == 401
    assert through_proxy(server, "https://mobile.integration.garmin.com/gcm/ios").status_code == 401
    for outside in ("https://example.org/", "https://notgarmin.com/", "https://garmin.com.example.org/"):
        with pytest.raises(requests.exceptions.ProxyError, match="403"):
            through_proxy(server, outside)
    assert through_proxy(server, "http://connectapi.garmin.com/").status_code == 403
    assert len(server.listener.refused) == 4
    assert {it.host for it in server.requests()} == {"connectapi.garmin.com", "mobile.integration.garmin.com"}


def test_a_caller_who_trusts_nobody_is_not_served(server: FakeGarmin) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get("https://sso.garmin.com/", proxies={"https": server.url}, verify=True, timeout=5)
    assert server.requests() == []


def test_many_callers_at_once_are_all_counted(server: FakeGarmin) -> None:
    server.account.add_run(START, 10, 50)
    mine = [logged_in(server) for _ in range(8)]
    threads = [threading.Thread(target=lambda g=g: [g.get_activities() for _ in range(10)]) for g in mine]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.count(LIST, status=200) == 80


def test_a_server_comes_and_goes_quickly_and_leaves_no_thread_behind() -> None:
    before, began = threading.active_count(), time.monotonic()
    with running() as server, requests.Session() as kept_alive:
        kept_alive.get(server.url + "/", timeout=5)
        started_s = time.monotonic() - began
    assert threading.active_count() == before
    assert started_s < 1
    assert time.monotonic() - began < 3
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=1)


def test_a_fault_of_the_fake_itself_is_not_kept_quiet() -> None:
    server = FakeGarmin()
    server.faults.mutate(LIST, lambda _: 1 / 0)
    with pytest.raises(garminconnect.GarminConnectConnectionError):
        logged_in(server).get_activities()
    with pytest.raises(BaseExceptionGroup) as broken:
        server.stop()
    assert isinstance(broken.value.exceptions[0], ZeroDivisionError)


CHILD = """
import json, sys
from garminconnect import Garmin
email, password, code = sys.argv[1:]
mine = Garmin(email, password, prompt_mfa=lambda: code)
mine.login()
listed = mine.get_activities(0, 100)
packed = mine.download_activity(listed[0]["activityId"], Garmin.ActivityDownloadFormat.ORIGINAL)
kept = mine.client.dumps()
mine.client._refresh_di_token()
gear = mine.get_gear_list()
late = Garmin()
late.client.loads(kept)
try:
    late.client._refresh_di_token()
    refused = ""
except Exception as error:
    refused = str(error)
shoe = mine.get_gear_activities(gear[0]["uuid"].replace("-", ""))
print(json.dumps({"listed": len(listed), "zip": packed[:2].decode(), "shoe": len(shoe), "refused": refused,
                  "metres": gear[0]["distanceUsedMeters"], "profile": mine.profile_id}))
"""


def test_the_unmodified_client_in_a_child_process_needs_only_its_environment() -> None:
    with running(mfa_code="161803") as server:
        shoe = server.account.add_gear("Saucony", "Ride", limit_m=700_000)
        for n in range(3):
            server.account.add_run(START - timedelta(days=n), 10, 55, gear=[shoe])
        access = server.access
        done = subprocess.run(
            [sys.executable, "-c", CHILD, access.email, access.password, "161803"],
            env=fake.environment(server), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {"listed": 3, "zip": "PK", "shoe": 3, "metres": 30_000,
                                           "refused": "DI token refresh failed: 400",
                                           "profile": fake.PROFILE_ID}  # fmt: skip
        assert (access.logins, access.codes, access.refreshes) == (1, 1, 1)
        hosts = {it.host for it in server.requests()}
        assert hosts == {"sso.garmin.com", "diauth.garmin.com", "connectapi.garmin.com"}
        assert server.listener.refused == []


def unpacked(packed: bytes) -> tuple[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as box:
        (name,) = box.namelist()
        return name, box.read(name)


def bearer(
    server: FakeGarmin, path: str, token: str, timeout: float = 5, **headers: str
) -> requests.Response:
    told = {"Authorization": f"Bearer {token}", **headers}
    return requests.get(server.url + path, headers=told, timeout=timeout)


def exchange(server: FakeGarmin, key: str | None) -> requests.Response:
    path = "/personalapitoken-service/personal-api/personal-api-key/token"
    return requests.post(server.url + path, headers={"Authorization": f"ApiKey {key}"}, timeout=5)


def through_proxy(server: FakeGarmin, url: str) -> requests.Response:
    ways = {"http": server.url, "https": server.url}
    return requests.get(url, proxies=ways, verify=str(server.ca_file), timeout=5)
