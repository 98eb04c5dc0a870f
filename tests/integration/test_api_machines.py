"""What machines ask: the calendar feed, whether the process is well, and its figures."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from icalendar import Calendar, Event
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from api_home import PROBLEM, Api, api_of
from home import ME, NOW, Home, a_home
from midsole.actions import api_tokens, setup, shoes, telling
from web_home import HERE, OTHERWHERE, pages_of


@pytest.fixture
def home(tmp_path) -> Iterator[Home]:
    with a_home(tmp_path) as home:
        yield home


@pytest.fixture
def api(home: Home) -> Iterator[Api]:
    with api_of(home) as api:
        yield api


def fill(home: Home) -> None:
    first = date(2026, 1, 1)
    shoes.add_shoe(home.box, ME, "Pegasus", "daily", shoes.Start(), limit_m=150_000, first_used_on=first)
    for week in range(9):
        home.run(NOW - timedelta(days=1 + 7 * week), 9 + week % 2)
    home.once()
    telling.race(home.box, ME, date(2026, 12, 6), "Santa run")
    telling.race(home.box, ME, date(2026, 5, 6), "Long past")


def events(api: Api) -> dict[str, Event]:
    answer = api.ask("GET", "/calendar.ics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = Calendar.from_ical(answer.content)
    assert not found.errors
    return {str(event["uid"]).partition(".")[0]: event for event in found.walk("VEVENT")}


def test_the_calendar_says_when_a_pair_is_worn_out_how_far_one_may_run_and_which_race_comes(
    home: Home, api: Api
) -> None:
    fill(home)
    found = events(api)
    pair = api.get("/shoes/1")["forecast"]
    assert set(found) == {"cap", "shoe-1", "race-2026-12-06"}
    assert found["shoe-1"]["dtstart"].dt == date.fromisoformat(pair["p50"])
    assert found["shoe-1"]["dtend"].dt - found["shoe-1"]["dtstart"].dt == timedelta(days=1)
    told = str(found["shoe-1"]["description"])
    for day in (date.fromisoformat(pair[name]) for name in ("p10", "p90")):
        assert f"{day.day} {day:%b %Y}" in told
    assert found["cap"]["dtstart"].dt == NOW.date()
    cap_km = api.get("/cap")["next_run_m"] // 100 / 10
    assert f"at most {cap_km:.1f} km" in str(found["cap"]["summary"])
    assert str(found["race-2026-12-06"]["summary"]) == "Race: Santa run"


def test_the_calendar_is_the_same_all_day_and_its_events_keep_their_names(home: Home, api: Api) -> None:
    fill(home)
    first, names = api.ask("GET", "/calendar.ics"), {str(e["uid"]) for e in events(api).values()}
    home.clock.on(hours=6)
    again = api.ask("GET", "/calendar.ics", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    home.clock.on(days=1)
    assert api.ask("GET", "/calendar.ics").content != first.content
    assert {str(e["uid"]) for e in events(api).values()} == names


def test_the_calendar_is_as_old_as_the_runners_own_day(tmp_path) -> None:
    with a_home(tmp_path, zone="Pacific/Kiritimati") as home, api_of(home) as api:
        telling.race(home.box, ME, date(2026, 12, 6), "Ähre; eins, zwei \U0001f3c3 " + "x" * 150)
        raw = api.ask("GET", "/calendar.ics").content
        assert max(len(line) for line in raw.split(b"\r\n")) <= 75
        found = events(api)
        assert found["race-2026-12-06"]["summary"] == "Race: Ähre; eins, zwei \U0001f3c3 " + "x" * 150
        (made,) = {event["dtstamp"].dt for event in found.values()}
        assert NOW - timedelta(days=1) < made <= NOW
        assert found["cap"]["dtstart"].dt == date(2026, 11, 19)


def test_a_retired_pair_and_no_data_are_no_events(home: Home, api: Api) -> None:
    assert set(events(api)) == {"cap"}
    assert "not enough data" in str(events(api)["cap"]["summary"])
    fill(home)
    shoes.retire(home.box, ME, "Pegasus", None, None)
    assert "shoe-1" not in events(api)


def test_the_calendar_opens_by_a_token_in_its_address_that_is_good_for_nothing_else(home: Home) -> None:
    jo = setup.add_runner(home.box, "Jo", "UTC")
    token = api_tokens.make_token(home.box, jo, "phone", ["calendar"])
    other = api_tokens.make_token(home.box, jo, "reader", ["read"])
    with pages_of(home, OTHERWHERE) as pages:
        answer = pages.get(f"/api/v1/calendar.ics?token={token}")
        assert answer.status_code == 200
        assert "Midsole: Jo" in answer.text
        assert pages.get("/api/v1/calendar.ics").status_code == 401
        assert pages.get("/api/v1/calendar.ics?token=mid_wrong").status_code == 401
        assert pages.get(f"/api/v1/calendar.ics?token={other}").status_code == 403
        assert pages.get(f"/api/v1/shoes?token={token}").status_code == 401
        bearer = {"Authorization": f"Bearer {token}"}
        assert pages.get("/api/v1/calendar.ics", headers=bearer).status_code == 200
        assert pages.get("/api/v1/shoes", headers=bearer).status_code == 403


def test_a_process_that_lost_its_database_is_alive_and_not_ready(home: Home) -> None:
    with pages_of(home, OTHERWHERE, ("192.0.2.7", 50_000)) as pages:
        assert pages.get("/readyz").json() == {"status": "ready"}
        with home.box.store.write() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        stale = pages.get("/readyz")
        assert (stale.status_code, stale.headers["content-type"]) == (503, PROBLEM)
        assert "schema" in stale.json()["detail"]
        home.box.store.close()
        (home.box.home / "midsole.db").write_bytes(b"no database at all " * 400)
        gone = pages.get("/readyz")
        assert gone.status_code == 503
        assert str(home.box.home) not in gone.text
        assert pages.get("/healthz").json() == {"status": "ok"}


def figures(told: str) -> dict[str, float]:
    """As Prometheus writes them; each is explained, and is a gauge in the unit of its name."""
    found = {}
    for family in text_string_to_metric_families(told):
        assert family.name.startswith("midsole_")
        assert (family.type, family.documentation[-1]) == ("gauge", ".")
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            found[sample.name.removeprefix("midsole_") + (f"{{{labels}}}" if labels else "")] = sample.value
    return found


def test_prometheus_reads_ages_queues_and_counts_without_names_and_places(home: Home) -> None:
    home.run(NOW - timedelta(days=1), 9)
    home.drop("broken.fit", b"\x0e\x10no fit at all")
    home.once()
    home.clock.on(hours=2)
    with pages_of(home, HERE) as pages:
        answer = pages.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = figures(answer.text)
    assert found['source_last_success_age_seconds{kind="folder",number="1"}'] == 7_200
    assert (found['raw_files{state="bad"}'], found['raw_files{state="done"}']) == (1, 1)
    assert found['queue_age_seconds{queue="raw_files"}'] == 0
    assert found["runners"] == 1
    assert set(found) >= {
        'deliveries{state="due"}',
        'open_alerts{level="warn"}',
        'queue_age_seconds{queue="uploads"}',
    }
    assert str(home.box.home) not in answer.text
    assert "python_" not in answer.text


def test_figures_are_for_this_machine_and_for_tokens_that_may(home: Home) -> None:
    may = api_tokens.make_token(home.box, ME, "prometheus", ["metrics"])
    may_not = api_tokens.make_token(home.box, ME, "other", ["read", "write"])
    with pages_of(home, OTHERWHERE, ("192.0.2.7", 50_000)) as pages:
        assert pages.get("/metrics").status_code == 401
        assert pages.get("/metrics", headers={"Authorization": f"Bearer {may_not}"}).status_code == 401
        assert pages.get("/metrics", headers={"Authorization": f"Bearer {may}"}).status_code == 200
    with pages_of(home, HERE) as pages:
        assert pages.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 401
