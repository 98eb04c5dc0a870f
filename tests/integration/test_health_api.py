"""A token without the scope `health` finds no word of the body, wherever it asks."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from api_home import Api, api_of, fill
from home import ME, NOW, Home, a_home
from midsole.actions import checking_in, telling, views
from midsole.actions.entering import SCOPES
from midsole.actions.metrics import metrics
from midsole.domain.checkins import checked
from midsole.store import runners
from midsole.store import tables as t
from midsole.web.page import SAID_COOKIE
from web_home import pages_of

OTHERS = tuple(scope for scope in SCOPES if scope != "health")
OF_RULES = ("/rules", "/openapi.json")
"""What holds for everybody."""
TELLS = re.compile(
    r"marzipan|\bpain\w*|\bsore\w*|\bhurt|\byour (?:left|right)\b|\bknee|\bamber|red flag|\blimp|\bswell|"
    r"clinician|\bill\b|\binjured|exercise|\bepisode|\"P[1-4]\"",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A runner who said much: amber, then red, a pause, an old injury; mails of all of it failed."""
    with a_home(tmp_path_factory.mktemp("health"), email="me@example.org") as made:
        fill(made)
        for days, moment, level in ((5, "after", 3), (4, "morning", 4), (2, "during", 5), (1, "morning", 6)):
            say(made, days, moment, level)
        say(made, 0, "night", 6, place="knee", signs=["limp"])
        with made.box.store.write() as tx:
            runners.add_injury(tx, ME, date(2026, 1, 20), "marzipan")
            runners.change(tx, ME, check_in_ask="every")
        telling.pause(made.box, ME, date(2026, 10, 20), date(2026, 11, 3), "injured")
        made.once()
        yield made


def say(home: Home, days: int, moment: str, level: int, place: str = "heel", **more: object) -> None:
    on = NOW.date() - timedelta(days=days)
    said = checked(on, moment, level, place=place, side="left", note="marzipan", **more)
    checking_in.check_in(home.box, ME, said)


@pytest.fixture(scope="module")
def api(home: Home) -> Iterator[Api]:
    with api_of(home, scopes=OTHERS) as made:
        yield made


def test_no_address_of_the_api_tells_it(api: Api) -> None:
    asked = [
        path for path, ways in api.client.get("/api/v1/openapi.json").json()["paths"].items() if "get" in ways
    ]
    told, refused = {}, []
    for path in asked:
        place = re.sub(r"{\w+}", "1", path)
        more = "?resolved=true" if path.endswith("/alerts") else ""
        answer = api.client.get(place + more, headers={"Authorization": f"Bearer {api.token}"})
        refused += [path] if answer.status_code == 403 else []
        if not path.endswith(OF_RULES) and (found := TELLS.findall(answer.text)):
            told[path] = found
        if answer.status_code == 200 and path.endswith("/alerts"):
            assert answer.json()["items"]
    assert len(asked) > 30
    assert told == {}
    assert "/api/v1/weekly" in refused


def test_the_weekly_mail_needs_the_scope_and_is_kept_nowhere(home: Home, api: Api) -> None:
    assert "lacks the scope 'health'" in api.refused("GET", "/weekly", 403)
    with api_of(home) as healer:
        for path in ("/weekly", "/pain", "/checkins"):
            answer = healer.ask("GET", path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    with api_of(home, scopes=["read", "health"]) as other:
        assert "knee" in other.get("/weekly")["text"]


def test_neither_what_a_wearing_opens_nor_how_many_alerts_stand_tells_it(home: Home, api: Api) -> None:
    with api_of(home) as healer:
        known = len([row for row in healer.get("/alerts")["items"] if row["state"] == "open"])
        assert healer.get("/status")["runners"][0]["alerts"] == known
        said = {"shoe_id": None, "preview": True}
        full = healer.send("/activities/6/wearings", said)
    seen = len([row for row in api.get("/alerts")["items"] if row["state"] == "open"])
    assert api.get("/status")["runners"][0]["alerts"] == seen < known
    calm = api.send("/activities/6/wearings", said)
    assert TELLS.search(str(full["alerts_resolved"]))
    assert not TELLS.search(str(calm["alerts_resolved"]))
    assert calm["totals"] == full["totals"]


def test_figures_of_the_box_count_no_alert_of_pain(home: Home) -> None:
    def counted() -> int:
        rows = [line for line in metrics(home.box).decode().splitlines() if "open_alerts{" in line]
        return int(sum(float(row.split()[-1]) for row in rows))

    stands = [alert for alert in home.alerts() if alert.state == "open"]
    assert {alert.rule for alert in stands} >= {"P1", "P3"}
    assert counted() == len([alert for alert in stands if not alert.rule.startswith("P")])


def test_a_mail_that_is_tried_again_names_its_subject_in_no_cookie_and_no_status(home: Home) -> None:
    row = next(row for row in home.deliveries("alert") if TELLS.search(row.subject))
    with home.box.store.write() as tx:
        tx.execute(update(t.delivery).where(t.delivery.c.id == row.id).values(state="failed", error="554"))
    subjects = [mail["subject"] for mail in views.status(home.box)["given_up"]]
    assert subjects
    assert not TELLS.search(str(subjects))
    with pages_of(home) as pages:
        done = pages.post(f"/settings/mail/{row.id}/retry")
    (told,) = (value for name, value in done.cookies.items() if name == SAID_COOKIE)
    assert not TELLS.search(urlsafe_b64decode(told.strip('"')).decode())
