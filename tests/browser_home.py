"""A served home, and a real Chromium that looks at it."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from home import ME, NOW, Home, a_home
from midsole.actions import comebacks, episodes, routine, setup, shoes
from midsole.actions.assigning import assign
from midsole.actions.checking_in import check_in
from midsole.actions.shoes import Start
from midsole.config import Settings
from midsole.domain.checkins import checked
from midsole.domain.plan_steps import STEPS
from midsole.domain.plan_words import GATE_OF_FOUR
from midsole.web.server import address, listen, serve_beside
from midsole.worker.schedule import jobs

PHONE, DESKTOP = 360, 1280
WIDTHS = (PHONE, DESKTOP)
GRAVE = ("serious", "critical")
UNFOLD = """() => {
  for (const part of document.querySelectorAll("details")) part.open = true;
  for (const moving of document.getAnimations()) moving.finish();
}"""


def chromium() -> str | None:
    """Debian's Chromium, or the one that CHROMIUM names."""
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass(frozen=True, slots=True)
class Served:
    """A home whose pages a browser finds at `url`."""

    home: Home
    url: str


@contextmanager
def served(home: Home, **settings: Any) -> Iterator[Served]:
    chosen = replace(Settings(home=home.box.home, web_port=0), **settings)
    with listen(chosen) as listening:
        finish = serve_beside(home.box, chosen, listening)
        try:
            yield Served(home, address(listening))
        finally:
            finish()


@contextmanager
def a_served_home(tmp: Path, fill: Callable[[Home], None] | None = None, **settings: Any) -> Iterator[Served]:
    with a_home(tmp, **settings) as home:
        if fill:
            fill(home)
        with served(home) as found:
            yield found


def a_season(home: Home) -> None:
    """Five months on two pairs; two runs of which nobody knows the pair, and one that was too long."""
    box = home.box
    setup.edit_runner(box, 1, name="Ada", email="ada@example.org")
    known = {"kind": "daily", "price": 130.0}
    shoes.add_shoe(box, 1, "Pegasus 41", start=Start(known_m=250_000), **known)
    shoes.add_shoe(box, 1, "Ghost 16", start=Start(known_m=0), **known)
    for day in range(150, 7, -1):
        if day % 7 in (0, 2, 4, 5):
            home.run(NOW - timedelta(days=day, hours=4), 5 + (day * 7) % 5 + (6 if day % 7 == 0 else 0))
    home.once()
    soft = [a.id for a in home.activities() if a.distance_m > 8_500]
    assign(box, 1, soft, ["Ghost 16"], silent=True)
    for day, km in ((5, 8.4), (3, 8.6)):
        home.run(NOW - timedelta(days=day, hours=9), km)
    home.once()
    home.run(NOW - timedelta(hours=20), 21)
    home.once()


BALL = {"place": "ball-inner", "side": "left"}
JOG, WALK = 2.6, 1.4
OFF, GATE_PASSED = 22, 8
ON_THE_WAY = ((6, 1, 0), (4, 2, 2), (2, 3, 0))
"""Days ago, the step that was run, and how sore it was that evening."""


def a_way_back(home: Home) -> None:
    """Three weeks ago the foot hurt at night; by now three steps of the plan are done."""
    today = NOW.date()
    setup.edit_runner(home.box, ME, name="Ada", email="ada@example.org")
    shoes.add_shoe(home.box, ME, "Ghost 16", kind="daily", start=Start(known_m=120_000))
    for ago in range(100, OFF, -2):
        home.run(NOW - timedelta(days=ago, hours=4), 6 + ago % 3, records_every_s=None)
    _say(home, today - timedelta(days=OFF), "night", 5)
    for ago in range(OFF - 2, GATE_PASSED, -2):
        _say(home, today - timedelta(days=ago), "morning", 2 if ago > OFF - 5 else 0)
    if told := episodes.episodes(home.box, ME):
        episodes.say_over(home.box, ME, told[0]["id"])
    home.clock.at = _at(today - timedelta(days=GATE_PASSED), 12)
    home.once()
    comebacks.pass_gate(home.box, ME, tuple(GATE_OF_FOUR))
    for ago, step, sore in ON_THE_WAY:
        _run_step(home, today - timedelta(days=ago), step, sore)
    home.clock.at = NOW
    home.once()


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def _say(home: Home, day: date, moment: str, level: int) -> None:
    home.clock.at = _at(day, {"morning": 8, "after": 20, "night": 23}[moment])
    home.once()
    check_in(home.box, ME, checked(day, moment, level, **(BALL if level else {})))


def _run_step(home: Home, day: date, step: int, sore: int) -> None:
    asked = STEPS[step - 1]
    jog_s, walk_s = asked.jog_min * 60, asked.walk_min * 60

    def along(second: float) -> float:
        rounds, rest = divmod(second, jog_s + walk_s)
        return rounds * (jog_s * JOG + walk_s * WALK) + min(rest, jog_s) * JOG + max(0, rest - jog_s) * WALK

    lasts_s = asked.jog_s + asked.walk_s
    how = {"timer_s": lasts_s, "along": along, "records_every_s": 10, "sub_sport": "trail"}
    home.run(_at(day, 7), along(lasts_s) / 1000, **how)
    _say(home, day, "after", sore)
    for exercise in ("calf-stretch", "heel-drop"):
        routine.tick(home.box, ME, exercise, day)
    _say(home, day + timedelta(days=1), "morning", 0)


@dataclass(slots=True)
class Look:
    """One window: what it asked for, and what it complained about."""

    page: Page
    url: str
    scripts: bool = True
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> int:
        """Go there; the status of the answer."""
        self.requests.clear()
        answer = self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        return answer.status

    def foreign(self) -> list[str]:
        """Requests to other places than the house."""
        own = urlsplit(self.url).netloc
        return [r.url for r in self.requests if urlsplit(r.url).netloc != own]

    def is_too_wide(self) -> bool:
        """Whether the page itself must be scrolled sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def faults(self) -> list[str]:
        """What axe-core calls serious or critical."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(Axe().axe_script)
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [
            f"{v['id']}: {v['help']}: {[n['html'][:120] for n in v['nodes'][:3]]}"
            for v in found
            if v["impact"] in GRAVE
        ]

    def be(self, width: int, colours: str) -> None:
        """Another window that shows the same page."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]

    def unfold(self) -> None:
        """Open whatever is folded in, and wait until what appears has appeared."""
        self.page.evaluate(UNFOLD)

    def must_be_well(self) -> None:
        """Whatever page this is: it fits, asks nobody else, and complains of nothing."""
        assert not self.is_too_wide(), self.page.url
        assert self.foreign() == []
        assert self.complaints == []

    def must_be_for_all(self) -> None:
        """And nobody is kept from it; what looks for that is itself a script."""
        self.must_be_well()
        assert not self.scripts or self.faults() == []


@contextmanager
def a_worker(home: Home) -> Iterator[None]:
    """What the worker does, again and again beside the pages, on a clock that stands still."""
    over = threading.Event()

    def working() -> None:
        while not over.wait(0.3):
            for job in jobs(60):
                job.run(home.box)

    thread = threading.Thread(target=working, name="worker")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def is_complaint(said: ConsoleMessage) -> bool:
    """A form that is shown again with its error is none: the browser notes its status alone."""
    return said.type == "error" and "status of 422" not in said.text


@contextmanager
def looking(browser: Browser, url: str, width: int = DESKTOP, **how: Any) -> Iterator[Look]:
    """A fresh window, as of somebody who was never here."""
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": 900}, **how)
    try:
        page = context.new_page()
        page.set_default_timeout(10_000)
        look = Look(page, url, how.get("java_script_enabled", True))
        page.on("request", lambda request: look.requests.append(request))
        page.on("pageerror", lambda error: look.complaints.append(str(error)))
        page.on("console", lambda said: look.complaints.append(said.text) if is_complaint(said) else None)
        yield look
    finally:
        context.close()
