"""A check-in is kept, judged and told at once: on the page, out of a mail, in the shell, by the API."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from api_home import api_of
from home import ME, NOW, Home
from midsole.actions import checking_in, links
from midsole.actions.logging_in import set_first_password
from midsole.cli import main as cli
from midsole.domain.checkins import AFTER, MORNING, NIGHT, CheckIn, checked
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.facts import ALARM, WARN
from midsole.domain.taps import feel
from midsole.store import tables as t
from told_home import a_told_home, every_row
from web_home import OTHERWHERE, Pages, pages_of, text_of_page

TODAY = NOW.date()
BALL = {"place": "ball-inner", "side": "left"}
CLINICIAN = "see a clinician now"
PUBLIC = {"web_public_url": OTHERWHERE}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_told_home(tmp_path, **PUBLIC) as found:
        yield found


@pytest.fixture
def pages(home: Home) -> Iterator[Pages]:
    with pages_of(home) as found:
        yield found


def said(level: int = 0, moment: str = MORNING, on_day: date = TODAY, **more: Any) -> CheckIn:
    return checked(on_day, moment, level, **(({} if level == 0 else BALL) | more))


def rows(home: Home) -> list[Any]:
    with home.box.store.read() as tx:
        return list(tx.execute(select(t.check_in).order_by(t.check_in.c.id)))


def alerts(home: Home) -> set[str]:
    return {a.rule for a in home.alerts() if a.rule.startswith("P") and a.resolved_at is None}


# The action


def test_the_same_answer_pressed_twice_is_one_row_and_a_minute_later_it_is_two(home: Home) -> None:
    for _ in range(2):
        checking_in.check_in(home.box, ME, said(2))
        home.clock.on(seconds=30)
    assert len(rows(home)) == 1
    home.clock.on(minutes=1)
    checking_in.check_in(home.box, ME, said(2))
    checking_in.check_in(home.box, ME, said(2, AFTER))
    assert len(rows(home)) == 3


def test_all_fine_is_said_once_however_late_it_is_tapped_again_unless_it_hurt_between(home: Home) -> None:
    for hours in (0, 3):
        home.clock.on(hours=hours)
        checking_in.check_in(home.box, ME, said())
    assert len(rows(home)) == 1
    checking_in.check_in(home.box, ME, said(2))
    checking_in.check_in(home.box, ME, said())
    assert [row.level for row in rows(home)] == [0, 2, 0]


def test_a_day_that_has_not_been_or_is_long_gone_is_refused(home: Home) -> None:
    for day, why in ((TODAY + timedelta(days=1), "future"), (TODAY - timedelta(days=401), "too long ago")):
        with pytest.raises(UsageError, match=why):
            checking_in.check_in(home.box, ME, said(2, on_day=day))
    checking_in.check_in(home.box, ME, said(2, on_day=TODAY - timedelta(days=400)))


def test_an_answer_that_was_wrong_takes_all_that_followed_from_it_with_it(home: Home) -> None:
    fine = checking_in.check_in(home.box, ME, said())
    found = checking_in.check_in(home.box, ME, said(4, NIGHT))
    assert (found.level, found.standing, found.cap.next_run_m) == (ALARM, ALARM, 0)
    assert CLINICIAN in found.said[0]
    assert "P3" in alerts(home)
    assert found.episode_id is not None
    checking_in.remove(home.box, ME, found.check_in.id)
    assert alerts(home) == set()
    assert checking_in.one(home.box, ME, fine.check_in.id) == fine
    assert [d.state for d in home.deliveries("alert")] == ["withdrawn"]
    with pytest.raises(NotThere):
        checking_in.remove(home.box, ME, found.check_in.id)


def test_who_looks_at_what_followed_later_is_told_how_it_stands_by_then(home: Home) -> None:
    mild = checking_in.check_in(home.box, ME, said(3)).check_in
    assert checking_in.one(home.box, ME, mild.id).level == WARN
    checking_in.check_in(home.box, ME, said(7))
    assert checking_in.one(home.box, ME, mild.id).level == ALARM
    assert [a.level for a in checking_in.check_ins(home.box, ME)] == [7, 3]


# The page


def test_all_fine_is_one_form_of_one_button(pages: Pages) -> None:
    page = pages.see("/body/check-in")
    form = page[page.index('class="all-fine"') :].split("</form>")[0]
    fields = dict(re.findall(r'name="(do|on_day|moment)" value="([^"]+)"', form))
    assert fields == {"do": "fine", "on_day": str(TODAY), "moment": "morning"}
    assert "Noted: all fine." in pages.done("/body/check-in", fields)
    assert [(row.level, row.place) for row in rows(pages.home)] == [(0, None)]


def test_a_red_flag_is_told_at_once_with_the_cap_first_aid_and_pads(pages: Pages) -> None:
    form = {"spot": "ball-inner:left", "level": "4", "moment": "night", "on_day": str(TODAY)}
    answer = pages.post("/body/check-in", form)
    assert answer.headers["location"] == "/body/check-in/1"
    assert "midsole_said" not in str(answer.headers), "health data goes into no cookie"
    told = text_of_page(pages.see("/body/check-in/1"))
    assert told.index(CLINICIAN) < told.index("Next run: none for now") < told.index("ice it")
    assert "evidence is mixed" in told
    assert "Not medical advice" in told
    assert "evidence is mixed" not in text_of_page(pages.done("/body/check-in", form | {"spot": "knee:left"}))


def test_what_was_filled_in_stays_after_an_error(pages: Pages) -> None:
    form = {"spot": "knee:both", "level": "", "moment": "rest", "kind": "burning", "on_day": "2026-11-17"}
    answer = pages.post("/body/check-in", form | {"signs": "limp", "note": "on the <b>stairs"})
    assert answer.status_code == 422
    assert "choose a number from 0 to 10" in text_of_page(answer.text)
    for value in ("knee:both", "rest", "burning", "limp"):
        assert re.search(rf'value="{value}" checked', answer.text), value
    assert 'value="2026-11-17"' in answer.text
    assert 'value="on the &lt;b&gt;stairs"' in answer.text
    assert rows(pages.home) == []


WRONG = (
    ({"spot": ""}, "Say where it hurts"),
    ({"spot": "elbow:left"}, "no place"),
    ({"spot": "heel:"}, "which side"),
    ({"level": "11"}, "from 0 (not at all) to 10"),
    ({"level": "many"}, "no number"),
    ({"moment": "noon"}, "no moment"),
    ({"on_day": "2026-12-24"}, "future"),
    ({"on_day": "soon"}, "no date"),
    ({"signs": "hunger"}, "no sign"),
    ({"note": "x" * 501}, "at most 500"),
)


def test_what_cannot_be_read_is_refused_in_a_sentence(pages: Pages) -> None:
    form = {"spot": "heel:left", "level": "2", "moment": "morning", "on_day": str(TODAY)}
    for wrong, why in WRONG:
        answer = pages.post("/body/check-in", form | wrong)
        assert answer.status_code == 422, wrong
        assert why in text_of_page(answer.text)
    assert rows(pages.home) == []


def test_an_address_chooses_the_place_and_nonsense_in_it_chooses_nothing(pages: Pages) -> None:
    page = pages.see("/body/check-in?place=heel&side=right&moment=during&on=2026-11-16")
    assert re.search(r'value="heel:right" checked', page)
    assert re.search(r'value="during" checked', page)
    assert 'value="2026-11-16"' in page
    odd = pages.see("/body/check-in?place=%3Cb%3E&side=up&moment=noon&on=never")
    assert 'name="spot" id="at-heel-right" value="heel:right" checked' not in odd
    assert re.search(r'value="morning" checked', odd)


def test_the_list_of_answers_is_paged_and_one_is_taken_back(pages: Pages) -> None:
    assert "Nothing yet" in pages.see("/body/check-ins")
    with pages.home.box.store.write() as tx:
        for n in range(51):
            row = {"level": 1, "place": "heel", "side": "left", "signs": [], "moment": "after"}
            row |= {"runner_id": ME, "said_at": NOW, "on_day": TODAY - timedelta(days=n), "note": f"day-{n}-"}
            tx.execute(t.check_in.insert().values(**row))
    first, second = pages.see("/body/check-ins"), pages.see("/body/check-ins?page=2")
    assert (first.count("day-"), second.count("day-")) == (50, 1)
    page = pages.done("/body/check-ins/1/remove")
    assert "That answer is removed." in page
    assert "day-0-" not in page
    assert pages.post("/body/check-ins/1/remove").status_code == 404
    assert pages.get("/body/check-in/1").status_code == 404


# Behind the link of a mail


@dataclass(frozen=True, slots=True)
class Tapped:
    """A stranger's browser that has nothing but the link."""

    pages: Pages
    path: str

    def send(self, status: int = 200, **form: str) -> str:
        self.pages.client.cookies.clear()
        answer = self.pages.client.post(self.path, data=form)
        assert answer.status_code == status, text_of_page(answer.text)
        return str(answer.text)


@pytest.fixture
def tapped(home: Home) -> Iterator[Tapped]:
    set_first_password(home.box, ME, "a long enough password", "a phone")
    link = feel(TODAY, MORNING)
    made = links.link(home.box, ME, link.purpose, link.about)
    assert made is not None
    with pages_of(home, OTHERWHERE, ("192.0.2.7", 50_000), **PUBLIC) as pages:
        yield Tapped(pages, made.removeprefix(OTHERWHERE))


def test_all_fine_is_one_tap_out_of_the_mail_and_two_taps_are_one(tapped: Tapped, home: Home) -> None:
    before = every_row(home)
    page = tapped.pages.see(tapped.path)
    assert every_row(home) == before, "to look changes nothing"
    assert "All fine this morning" in text_of_page(page)
    for _ in range(2):
        assert "Noted: all fine." in tapped.send(do="fine")
        home.clock.on(hours=5)
    assert [(row.on_day, row.moment, row.level) for row in rows(home)] == [(TODAY, "morning", 0)]


def test_what_was_wrong_is_taken_back_by_whoever_said_it_and_by_nobody_else(
    tapped: Tapped, home: Home
) -> None:
    mine = checking_in.check_in(home.box, ME, said(2)).check_in
    mark = re.findall(r'name="answer" value="([^"]+)"', tapped.send(do="fine"))[0]
    seal = mark.partition(".")[2]
    tapped.send(404, do="undo", answer=f"{mine.id}.{seal}")
    tapped.send(404, do="undo", answer=f"{mine.id}.")
    for _ in range(2):
        assert "It is taken back" in tapped.send(do="undo", answer=mark)
    assert [row.id for row in rows(home)] == [mine.id]


def test_pain_is_said_out_of_the_mail_and_a_red_flag_answered_at_once(tapped: Tapped, home: Home) -> None:
    told = text_of_page(tapped.send(do="said", spot="heel:left", level="3", moment="night"))
    assert CLINICIAN in told
    assert told.index(CLINICIAN) < told.index("ice it")
    (row,) = rows(home)
    assert (row.on_day, row.moment, row.place) == (TODAY, "night", "heel")
    refused = tapped.send(422, do="said", spot="knee:left", level="", note="ouch")
    assert 'value="knee:left" checked' in refused
    assert 'value="ouch"' in refused


def test_a_link_that_was_passed_on_tells_nothing_of_earlier_answers(tapped: Tapped, home: Home) -> None:
    clean = text_of_page(tapped.pages.see(tapped.path))
    fine = text_of_page(tapped.send(do="fine"))
    for moment in (MORNING, NIGHT, AFTER):
        checking_in.check_in(home.box, ME, said(8, moment, note="secretly"))
    assert text_of_page(tapped.pages.see(tapped.path)) == clean
    home.clock.on(minutes=2)
    assert text_of_page(tapped.send(do="fine")) == fine
    assert "secretly" not in tapped.send(do="said", spot="ball-inner:left", level="1")


def test_the_link_of_a_pain_alert_tells_no_pain(tapped: Tapped, home: Home) -> None:
    checking_in.check_in(home.box, ME, said(8))
    alert = next(a for a in home.alerts() if a.rule == "P1")
    made = links.link(home.box, ME, "ack", alert.id) or ""
    page = text_of_page(tapped.pages.see(made.removeprefix(OTHERWHERE)))
    assert "hurt 8 of 10" in alert.text
    assert "8 of 10" not in page
    assert "I have seen it" in page


def test_the_link_runs_out_after_a_week(tapped: Tapped, home: Home) -> None:
    home.clock.on(days=6.9)
    tapped.send(do="fine")
    home.clock.on(days=0.2)
    kept = rows(home)
    assert "has run out" in tapped.send(410, do="fine")
    assert rows(home) == kept


# The shell


@dataclass(frozen=True, slots=True)
class Shell:
    home: Home
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str, code: int = 0) -> str:
        got = cli.run(["--home", str(self.home.box.home), "checkin", *words])
        out = self.capsys.readouterr()
        assert got == code, out.err
        return out.out if code == 0 else out.err


@pytest.fixture
def shell(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    return Shell(home, capsys)


def test_the_shell_takes_a_word_and_tells_red_first(shell: Shell) -> None:
    assert shell("--fine", "--after").startswith("Noted: all fine.")
    told = shell("ball-inner", "left", "4", "--when", "night", "--kind", "ache", "--sign", "limp")
    assert CLINICIAN in told.splitlines()[0]
    assert "Next run: none for now" in told
    listed = shell("list")
    assert "left inner ball of the foot, 4 of 10, an ache" in listed
    assert "all fine" in listed
    number = json.loads(shell("list", "--json"))[0]["id"]
    assert "Removed" in shell("remove", str(number))
    assert "1 more" not in shell("list")
    assert json.loads(shell("heel", "right", "2", "--morning", "--json"))["place"] == "heel"


def test_a_program_that_says_nothing_or_too_little_is_told_how(shell: Shell) -> None:
    for words in ((), ("heel",), ("heel", "left")):
        assert "--fine" in shell(*words, code=2)
    assert "one moment" in shell("--fine", "--after", "--morning", code=2)
    assert "There is no place" in shell("elbow", "left", "2", code=2)
    assert "There is no check-in 77" in shell("remove", "77", code=2)


def test_a_terminal_asks(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["7", "2", "3", "1", "2 8", "1"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **how: how.get("type", str)(next(answers)))
    told = shell()
    (row,) = rows(shell.home)
    assert (row.place, row.side, row.level, row.moment) == ("heel", "right", 3, "morning")
    assert (row.signs, row.kind) == (["swelling", "painkiller"], "ache")
    assert CLINICIAN in told


# The API


def test_a_program_of_the_scope_health_says_reads_and_takes_back(home: Home) -> None:
    with api_of(home, scopes=["health"]) as api:
        new = {"moment": "night", "level": 3, **BALL, "signs": ["limp"], "note": "so it is"}
        made = api.send("/checkins", new, status=201)
        assert CLINICIAN in made["said"][0]
        assert (made["standing"], made["next_run_m"]) == ("alarm", 0)
        assert api.get(f"/checkins/{made['id']}") == made
        api.send("/checkins", {"moment": "morning", "level": 0}, status=201)
        first = api.get("/checkins", limit=1)
        (older,) = api.ask("GET", first["next"].removeprefix("/api/v1")).json()["items"]
        assert ([one["level"] for one in first["items"]], older["id"]) == ([0], made["id"])
        (pain,) = api.get("/pain")["items"]
        assert (pain["id"], pain["is_red"], pain["place"]) == (made["episode_id"], True, "ball-inner")
        assert api.send(f"/pain/{pain['id']}/over")["ended_how"] == "said"
        assert api.send(f"/pain/{pain['id']}/over", method="DELETE")["is_open"]
        assert api.get(f"/pain/{pain['id']}")["known_words"]
        api.send(f"/checkins/{made['id']}", method="DELETE", status=204)
        assert api.get("/pain")["items"] == []


def test_a_program_that_may_read_and_write_all_else_learns_nothing_of_the_body(home: Home) -> None:
    checking_in.check_in(home.box, ME, said(4))
    with api_of(home, scopes=["read", "write"]) as api:
        for method, path in (
            ("GET", "/checkins"),
            ("GET", "/checkins/1"),
            ("GET", "/pain"),
            ("GET", "/pain/1"),
        ):
            assert "health" in api.refused(method, path, 403)
        api.refused("POST", "/checkins", 403, json={"moment": "morning", "level": 0})
        api.refused("DELETE", "/checkins/1", 403)
        api.refused("POST", "/pain/1/over", 403)


def test_a_program_that_says_nonsense_is_told_so(home: Home) -> None:
    with api_of(home, scopes=["health"]) as api:
        for wrong in (
            {"level": 11},
            {"level": "4"},
            {"place": "elbow"},
            {"moment": "noon"},
            {"mood": "good"},
        ):
            api.refused("POST", "/checkins", 422, json={"moment": "morning", "level": 2, **BALL} | wrong)
        assert "where it hurts" in api.refused("POST", "/checkins", 422, json={"moment": "rest", "level": 2})
    assert rows(home) == []


def test_all_fine_with_a_painkiller_can_be_said_by_command(home: Home) -> None:
    at_home = ["--home", str(home.box.home), "checkin", "--fine", "--morning", "--sign"]
    assert "A painkiller can hide pain" in CliRunner().invoke(cli.app, [*at_home, "painkiller"]).output
    assert CliRunner().invoke(cli.app, [*at_home, "limp"]).exit_code != 0
