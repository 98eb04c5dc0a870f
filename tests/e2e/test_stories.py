"""The stories that Midsole grew from, told in order with synced files and check-ins."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from home import ME, Clock, Home, a_home, text_of
from midsole.actions import telling
from midsole.actions.assigning import assign
from midsole.actions.checking_in import Answered, check_in
from midsole.actions.shoes import Start, add_shoe
from midsole.domain.alerts import AlertState
from midsole.domain.caps import Cap, cap
from midsole.domain.checkins import checked
from midsole.domain.facts import Facts
from midsole.store import facts as facts_store
from web_home import pages_of, text_of_page

MONDAY = date(2026, 8, 3)
DAY = timedelta(days=1)
BALL = {"place": "ball-inner", "side": "left"}
AT = {"during": time(8), "after": time(20), "morning": time(7, 30), "rest": time(21), "night": time(23, 30)}


@dataclass(frozen=True, slots=True)
class Story:
    """A runner whose days go by: runs at seven in the morning, answers when they are felt."""

    home: Home

    def pass_to(self, day: date, at: time = time(12)) -> None:
        """The worker's pass of that moment; time never goes back."""
        self.home.clock.at = max(self.home.clock.at, datetime.combine(day, at, UTC))
        self.home.once()

    def run(self, day: date, km: float, pair: str | None = None, **leg: Any) -> None:
        self.home.run(datetime.combine(day, time(7), UTC), km, **leg)
        self.pass_to(day, time(9))
        if pair:
            newest = max(self.home.activities(), key=lambda a: a.started_at)
            assign(self.home.box, ME, [newest.id], [pair])

    def feel(self, day: date, moment: str, level: int, **more: Any) -> Answered:
        self.pass_to(day, AT[moment])
        where = BALL if level or more.get("signs") else {}
        return check_in(self.home.box, ME, checked(day, moment, level, **(where | more)))

    def alerts(self, rules: str) -> list[AlertState]:
        return [a for a in self.home.alerts() if a.rule.startswith(tuple(rules.split()))]

    def levels(self, rule: str) -> list[str]:
        return [a.level for a in self.home.alerts(rule)]

    def facts(self) -> Facts:
        with self.home.box.store.read() as tx:
            return facts_store.load(tx, self.home.runner(), self.home.clock.now())

    def cap(self) -> Cap:
        return cap(self.facts())

    def mails(self, kind: str) -> list[str]:
        return [text_of(d) for d in self.home.deliveries(kind)]

    def see(self, path: str) -> str:
        with pages_of(self.home) as pages:
            return text_of_page(pages.see(path))


@contextmanager
def a_story(tmp: Path, weeks: int, runs: dict[int, float], **how: Any) -> Iterator[Story]:
    """A steady past of so many weeks, `runs` being km by weekday, read in before the story begins."""
    with a_home(tmp, Clock(datetime.combine(MONDAY, time(3), UTC)), email="me@example.org") as home:
        for week in range(1, weeks + 1):
            for weekday, km in runs.items():
                day = MONDAY - week * 7 * DAY + weekday * DAY
                home.run(datetime.combine(day, time(7), UTC), km, **how)
        home.once()
        yield Story(home)


@pytest.fixture
def pairs() -> tuple[str, str]:
    return "Old Pegasus", "Clifton"


def add_pairs(story: Story, *names: str, **how: Any) -> None:
    for name in names:
        add_shoe(story.home.box, ME, name, "daily", Start(), first_used_on=date(2026, 1, 1), **how)


def test_sore_the_morning_after_at_under_five_miles_a_week(tmp_path: Path, pairs: tuple[str, str]) -> None:
    """Fine on the run, sore the next morning, in one pair only: asking sees what no load rule can."""
    old, other = pairs
    with a_story(tmp_path, 10, {1: 3.5, 5: 3.5}) as story:
        add_pairs(story, old, other)
        for number in range(10):
            on = MONDAY + (number // 2) * 7 * DAY + (1 if number % 2 == 0 else 5) * DAY
            in_old = number % 2 == 0
            story.run(on, 3.5, old if in_old else other)
            story.feel(on, "after", 0)
            story.feel(on + DAY, "morning", 2 if in_old else 0, **(BALL if in_old else {}))
            story.pass_to(on + DAY)
            if number == 0:
                assert "warn" not in story.levels("P2")
            if number == 2:
                assert "warn" in story.levels("P2")
        page = story.see(f"/shoes/{next(w.shoe.id for w in story.facts().shoes if w.shoe.name == old)}")

        assert "5 of 5" in page
        assert "0 of 5" in page
        assert "p = 0.008" in page
        assert story.alerts("L") == []
        assert all("load" not in d.subject.lower() for d in story.home.deliveries("alert"))


def test_back_from_illness_straight_into_hard_training(tmp_path: Path) -> None:
    with a_story(tmp_path, 10, {0: 8, 2: 8, 4: 8, 6: 12}) as story:
        telling.pause(story.home.box, ME, MONDAY, MONDAY + 20 * DAY, "ill")
        back = MONDAY + 21 * DAY
        story.pass_to(back, time(5))
        for days, km in ((0, 10.0), (1, 9.0), (3, 10.0), (5, 11.0)):
            story.run(back + days * DAY, km, timer_s=km * 250, records_every_s=5)
        story.pass_to(back + 6 * DAY, time(20))

        assert {"L3", "L5"} <= {a.rule for a in story.alerts("L")}
        assert set(story.levels("L5")) & {"warn", "alarm"}
        assert story.home.clock.now().date() < back + 7 * DAY


def test_night_pain_is_red_at_once(tmp_path: Path) -> None:
    with a_story(tmp_path, 8, {0: 8, 2: 8, 5: 12}) as story:
        before = story.cap().next_run_m
        said = story.feel(MONDAY + DAY, "night", 2)
        (alert,) = story.alerts("P3")

        assert before
        assert alert.level == "alarm"
        assert said.standing == "alarm"
        assert "clinician" in " ".join(said.said)
        assert story.cap().next_run_m == 0
        assert story.cap().week_left_m == 0
        (mail,) = story.home.deliveries("alert")
        assert mail.next_at <= datetime.combine(MONDAY + 2 * DAY, time(7), UTC)
        assert "clinician" in text_of(mail)
        assert "not medical advice" in text_of(mail).lower()


def test_a_race_in_a_pair_at_125_percent(tmp_path: Path) -> None:
    with a_story(tmp_path, 8, {0: 5, 2: 5, 5: 6}) as story:
        add_pairs(story, "Vaporfly", limit_m=100_000)
        assign(story.home.box, ME, [a.id for a in story.home.activities()], ["Vaporfly"], silent=True)
        telling.race(story.home.box, ME, MONDAY + 5 * DAY, "Town 5 km")
        story.pass_to(MONDAY)
        advice = " ".join(row["advice"] for row in _rows(story, "S1"))
        assert "race" in advice
        story.run(MONDAY + 5 * DAY, 5, "Vaporfly", is_race=True, timer_s=5 * 270)
        story.pass_to(MONDAY + 5 * DAY, time(20))

        assert "alarm" in story.levels("S1")
        assert {"125"} & {a.subject.split(":")[1] for a in story.alerts("S1")}


def _rows(story: Story, rule: str) -> list[dict[str, Any]]:
    from midsole.actions import alert_view
    from midsole.store import messages

    with story.home.box.store.read() as tx:
        found = messages.alerts(tx, ME)
        return [row for row in alert_view.view(tx, ME, found) if row["rule"] == rule]
