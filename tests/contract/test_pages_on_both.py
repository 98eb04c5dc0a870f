"""Every page and every answer of the API says the same on SQLite and on PostgreSQL."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from fastapi import FastAPI

import postgres
import schema
from home import ME, NOW, Home, a_home, fit
from midsole.actions import (
    activities,
    asking,
    assigning,
    checking_in,
    comebacks,
    episodes,
    inserts,
    routine,
    shoe_rules,
    shoes,
    targets,
    telling,
    uploading,
)
from midsole.actions.inserts import Into
from midsole.actions.uploaded import take_in_uploads
from midsole.domain.checkins import checked
from midsole.domain.shoe_rules import Conditions
from web_home import pages_of, text_of_page

NAMES = ("zebra", "Ábel", "apple", "Zoo", "_under", "10 k", "Éclair", "ghost 17")
MORE = (
    *("/runs?q=%C3%A4PFEL", "/runs?q=100%25", "/runs?sort=longest", "/runs?shoe=none", "/runs?shoe=barefoot"),
    *("/runs?only=flagged", "/runs?from=2026-10-01&until=2026-11-15&sport=running", "/load?weeks=104"),
    *("/api/v1/alerts?resolved=true", "/api/v1/files?all=true", "/api/v1/activities?limit=3"),
)


def fill(home: Home) -> None:
    """A little of all, named so that an order by name would show."""
    box = home.box
    for name in ("Pegasus", *NAMES):
        shoes.add_shoe(box, ME, name, "daily", shoes.Start(known_m=600_000), price=130)
    for days in range(60, 4, -8):
        home.run(NOW - timedelta(days=days), 6 + days % 5)
    home.drop("broken.fit", b"\x0e\x10no fit at all")
    home.once()
    home.run(NOW - timedelta(hours=20), 22)
    home.once()
    activities.edit(box, ME, 1, title="Um den ÄPFELBERG, 100%")
    assigning.assign(box, ME, [1, 2, 3], ["zebra"])
    shoe_rules.add(box, ME, "apple", Conditions(surfaces=("trail",), words=("é",)))
    inserts.add(box, ME, "Sohle é", "pad", Into("zebra"))
    targets.add(box, ME, targets.WEBHOOK, "hook", "https://198.51.100.7/x")
    telling.race(box, ME, date(2027, 4, 4), "Äpfel")
    telling.pause(box, ME, date(2026, 1, 4), date(2026, 1, 14), "ill")
    upload = uploading.begin(box, ME)
    upload.begin_file("sent.fit")
    upload.write(fit(NOW - timedelta(days=200), 5))
    upload.end_file()
    upload.finish()
    take_in_uploads(box)
    fill_body(home)


def fill_body(home: Home) -> None:
    """Answers of three weeks, an episode that is over, red pain with its plan, ticks and a question."""
    box, today = home.box, NOW.date()
    told = (
        (24, "morning", 3, "toes"),
        (23, "after", 1, "toes"),
        (2, "rest", 6, "heel"),
        (1, "night", 4, "heel"),
    )
    for days, moment, level, place in told:
        hurt = checked(today - timedelta(days=days), moment, level, place=place, side="left", note="é")
        checking_in.check_in(box, ME, hurt)
    episodes.say_over(box, ME, 1)
    for days in (21, 14, 1):
        checking_in.check_in(box, ME, checked(today - timedelta(days=days), "after", 0))
    routine.tick(box, ME, "calf-stretch", today - timedelta(days=1))
    routine.choose(box, ME, "towel-scrunch", True)
    routine.set_reminder(box, ME, time(8))
    comebacks.edit(box, ME, days=(1, 3, 5))
    asking.set_ask(box, ME, "every")
    asking.ask_all(box)
    routine.remind_all(box)


def paths_of(app: FastAPI) -> list[str]:
    found = []
    for route in app.routes:
        unfolded = getattr(route, "effective_route_contexts", lambda one=route: [one])
        found += [re.sub(r"\{[^}]+\}", "1", one.path) for one in unfolded() if "GET" in one.methods]
    return found


def told(home: Home) -> dict[str, tuple[int, str]]:
    """Path -> status and words, without what is only this home's."""
    with pages_of(home) as pages:
        answers = {path: pages.get(path) for path in [*paths_of(pages.client.app), *MORE]}
    del answers["/settings/export/everything.zip"]  # its bytes hold times of making
    own = (home.box.store.database_url, str(home.box.home), home.box.secrets.seal("calendar", "1")[:16])
    return {path: (a.status_code, _plain(a, own)) for path, a in answers.items()}


def _plain(answer: object, own: tuple[str, ...]) -> str:
    kind, text = answer.headers.get("content-type", ""), answer.text  # type: ignore[attr-defined]
    words = text_of_page(text) if "html" in kind else text
    for name in own:
        words = words.replace(name, "HOME")
    return words


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[list[Home]]:
    template = schema.postgresql(postgres_server)
    with (
        postgres.fresh_database(postgres_server, template) as url,
        a_home(tmp_path_factory.mktemp("one") / "x") as lite,
        a_home(tmp_path_factory.mktemp("two") / "x", database_url=url) as large,
    ):
        for home in (lite, large):
            fill(home)
        yield [lite, large]


def test_all_that_can_be_read_is_the_same(both: list[Home]) -> None:
    lite, large = map(told, both)
    assert {path: status for path, (status, _) in lite.items() if status >= 500} == {}
    assert len(lite) > 80
    for path, said in lite.items():
        assert large[path] == said, path
    assert "Um den ÄPFELBERG" in lite["/runs?q=%C3%A4PFEL"][1]
    assert "Um den ÄPFELBERG" not in lite["/runs?only=flagged"][1]


def test_without_its_database_a_page_says_that_it_comes_later(tmp_path, postgres_server: str) -> None:
    name, url = postgres.create_database(postgres_server, schema.postgresql(postgres_server))
    with a_home(tmp_path, database_url=url) as home, pages_of(home) as pages:
        assert pages.get("/api/v1/shoes").status_code == 200
        postgres.drop_database(postgres_server, name)
        for path in ("/", "/api/v1/shoes", "/readyz", "/metrics"):
            answer = pages.get(path)
            assert answer.status_code == 503, path
            assert "The database does not answer." in answer.text
        assert pages.get("/healthz").status_code == 200
