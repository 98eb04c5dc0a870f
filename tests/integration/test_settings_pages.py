"""Settings by clicks: the runner, mail, limits, shoe rules, export and erasing."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.channel import FakeChannel
from home import ME, NOW, Home, a_home, every_file
from midsole.actions import setup, shoe_rules, shoes, telling
from midsole.domain.errors import MailRefused, NeedsRunner
from midsole.domain.facts import Limits
from midsole.domain.limit_words import GROUPS, LIMITS
from midsole.domain.rules import RULE_BY_ID
from midsole.domain.shoe_rules import Circle, Conditions
from midsole.web.pages import settings_export
from web_home import OTHERWHERE, Pages, a_web_home, pages_of, text_of_page

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """A runner with six runs, two of them long ones, and two pairs; another runner beside."""
    with a_web_home(tmp_path_factory.mktemp("settings")) as made:
        box = made.home.box
        for n in range(6):
            made.home.run(NOW - (20 - 3 * n) * DAY, 18 if n % 3 == 0 else 8)
        shoes.add_shoe(box, ME, "Ghost 16", "daily", shoes.Start(known_m=0))
        shoes.add_shoe(box, ME, "Speedgoat 6", "trail", shoes.Start(known_m=0))
        setup.add_runner(box, "Ada", "UTC")
        made.home.once()
        yield made


def _refused(pages: Pages, path: str, form: dict[str, Any]) -> str:
    answer = pages.post(path, form)
    assert answer.status_code == 422, (path, answer.status_code)
    told = text_of_page(answer.text)
    assert "`midsole" not in told
    return told


def _you(pages: Pages, **other: Any) -> dict[str, Any]:
    me = pages.home.runner()
    days = setup.WEEKDAYS
    return {
        "name": me.name,
        "email": me.email or "",
        "zone": me.zones[-1][1],
        "units": me.units,
        "first_weekday": days[me.first_weekday],
    } | other


# ---- the runner


def test_what_the_runner_is_told_to_be_is_kept(pages: Pages) -> None:
    seen = pages.done("/settings", _you(pages, name="Grace", email="g@example.org", first_weekday="sunday"))
    me = pages.home.runner()
    assert (me.name, me.email, me.first_weekday) == ("Grace", "g@example.org", 6)
    assert 'value="g@example.org"' in seen
    pages.done("/settings", _you(pages, name="me", email="", first_weekday="monday"))
    assert pages.home.runner().email is None


def test_a_name_that_is_taken_is_refused_and_what_was_entered_stays(pages: Pages) -> None:
    answer = pages.post("/settings", _you(pages, name="Ada", email="x@example.org"))
    assert answer.status_code == 422
    assert "There is a runner" in answer.text
    assert 'value="x@example.org"' in answer.text
    assert pages.home.runner().name == "me"


def test_a_zone_holds_from_a_day_on_and_saving_again_moves_nothing(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        pages.home.clock.on(days=30)
        pages.done("/settings", _you(pages, zone="Asia/Tokyo", zone_from="2026-12-01"))
        assert pages.home.runner().zones[-1] == (date(2026, 12, 1), "Asia/Tokyo")
        before = pages.home.runner()
        pages.done("/settings", _you(pages))
        assert pages.home.runner() == before
        assert "Asia/Tokyo since 1 Dec 2026" in text_of_page(pages.see("/settings"))
        assert "There is no zone" in _refused(pages, "/settings", _you(pages, zone="Atlantis"))


def test_start_values_are_in_the_runners_units_and_rest_untouched_keeps_its_metres(pages: Pages) -> None:
    setup.edit_runner(pages.home.box, ME, start_longest_m=14_123.0, start_said_on=date(2026, 11, 1))
    pages.done("/settings/start", {"longest": "14.1", "usual": "30", "pain": "on"})
    start = pages.home.runner().start
    assert (start.longest_m, start.usual_week_m, start.pain_now) == (14_123.0, 30_000.0, True)
    assert start.said_on == NOW.date()
    pages.done("/settings/start", {"longest": "", "usual": "0"})
    start = pages.home.runner().start
    assert (start.longest_m, start.usual_week_m, start.pain_now) == (None, None, False)


def test_a_pause_is_noted_ended_and_removed(pages: Pages) -> None:
    seen = pages.done("/settings/pause", {"reason": "ill", "from": "2026-11-10", "until": ""})
    assert "Ill: 10 Nov 2026 – still open" in text_of_page(seen)
    assert "already" in _refused(pages, "/settings/pause", {"reason": "ill", "from": "2026-11-12"})
    seen = pages.done("/settings/pause/end", {"until": "2026-11-15"})
    assert "10 Nov 2026 to 15 Nov 2026" in text_of_page(seen)
    pages.done("/settings/pause/remove", {"on": "2026-11-10"})
    assert telling.said(pages.home.box, ME).pauses == ()
    assert pages.post("/settings/pause/remove", {"on": "2026-11-10"}).status_code == 422


def test_injuries_and_races_are_noted_and_removed(pages: Pages) -> None:
    seen = text_of_page(pages.done("/settings/injury", {"on": "2026-05-01", "note": "left calf"}))
    assert "1 May 2026: left calf" in seen
    seen = text_of_page(pages.done("/settings/race", {"on": "2027-04-18", "race_name": "Spring Ten"}))
    assert "18 Apr 2027: Spring Ten" in seen
    assert "in the future" in _refused(pages, "/settings/injury", {"on": "2030-01-01"})
    assert "which day" in _refused(pages, "/settings/race", {"on": ""})
    pages.done("/settings/injury/remove", {"on": "2026-05-01"})
    pages.done("/settings/race/remove", {"on": "2027-04-18"})
    said = telling.said(pages.home.box, ME)
    assert (said.injuries, said.races) == ([], [])


# ---- mail


def _with_mail(home: Home, postman: FakeChannel) -> Home:
    return Home(replace(home.box, mail=postman), home.clock)


def test_quiet_hours_need_both_ends_and_can_be_taken_away(pages: Pages) -> None:
    form = {"weekly_mail": "warnings", "alert_mail": "on", "quiet_from": "22:00", "quiet_until": "07:00"}
    pages.done("/settings/mail", form)
    me = pages.home.runner()
    assert (me.weekly_mail, me.quiet_from, me.quiet_until) == ("warnings", time(22), time(7))
    assert "both empty" in _refused(pages, "/settings/mail", {**form, "quiet_until": ""})
    pages.done("/settings/mail", {**form, "weekly_mail": "every", "quiet_from": "", "quiet_until": ""})
    assert pages.home.runner().quiet_from is None


def test_warnings_by_mail_are_ended_and_begun_again(pages: Pages) -> None:
    pages.done("/settings/mail", {"weekly_mail": "every"})
    assert not pages.home.runner().alert_mail
    pages.done("/settings/mail", {"weekly_mail": "every", "alert_mail": "on"})
    assert pages.home.runner().alert_mail


def test_without_a_mail_server_the_test_mail_names_its_file_and_only_the_owner_sees_paths(
    pages: Pages,
) -> None:
    seen = text_of_page(pages.done("/settings/mail/test"))
    assert "No mail server is set, so the test mail was written to" in seen
    assert str(pages.home.box.outbox_folder) in seen
    ada = next(r for r in setup.everyone(pages.home.box) if r.name == "Ada")
    with pages_of(pages.home) as other:
        other.post("/who", {"runner": ada.id})
        assert str(pages.home.box.home) not in other.see("/settings/mail")
        assert str(pages.home.box.home) not in other.see("/settings/export")


def test_the_test_mail_tells_what_the_server_answered(tmp_path: Path) -> None:
    postman = FakeChannel([NeedsRunner("the password is wrong")])
    with a_home(tmp_path, email="me@example.org") as home, pages_of(_with_mail(home, postman)) as pages:
        assert "the password is wrong" in _refused(pages, "/settings/mail/test", {})
        assert "within this minute" in _refused(pages, "/settings/mail/test", {})
        home.clock.on(minutes=1)
        assert "sent to me@example.org through fake" in text_of_page(pages.done("/settings/mail/test"))
    assert [to for to, _ in postman.sent] == ["me@example.org"]


def test_a_mail_that_failed_is_tried_again_at_the_address_that_holds_now(tmp_path: Path) -> None:
    postman = FakeChannel([MailRefused("no such mailbox")])
    with a_home(tmp_path, email="old@example.org") as opened:
        home = _with_mail(opened, postman)
        with pages_of(home) as pages:
            pages.done("/settings/mail/weekly")
            home.once()
            seen = text_of_page(pages.see("/settings/mail"))
            assert "1 failed" in seen
            assert "no such mailbox" in seen
            setup.edit_runner(home.box, ME, email="new@example.org")
            (failed,) = home.deliveries("weekly")
            pages.done(f"/settings/mail/{failed.id}/retry")
            home.once()
            assert [to for to, _ in postman.sent] == ["new@example.org"]
            assert pages.post(f"/settings/mail/{failed.id}/retry").status_code == 422
            assert pages.post("/settings/mail/999/retry").status_code == 404


def test_nobody_retries_a_mail_of_another_runner(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        ada = setup.add_runner(pages.home.box, "Ada", "UTC")
        pages.done("/settings/mail/weekly")
        (mine,) = pages.home.deliveries("weekly")
        pages.post("/who", {"runner": ada})
        assert pages.post(f"/settings/mail/{mine.id}/retry").status_code == 404
        assert mine.subject not in pages.see("/settings/mail")


def test_the_preview_reads_like_the_mail_and_sends_nothing(pages: Pages) -> None:
    before = len(pages.home.deliveries())
    seen = pages.see("/settings/mail/preview")
    assert '<pre class="letter"' in seen
    assert "Subject:" in text_of_page(seen)
    assert len(pages.home.deliveries()) == before


# ---- limits


def test_every_limit_has_its_words_and_a_rule_that_is_known() -> None:
    assert set(LIMITS) == set(Limits.__dataclass_fields__)
    named = {rule for group in GROUPS for limit in group.limits for rule in (group.rule, *limit.rules)}
    assert named <= set(RULE_BY_ID)


def test_a_limit_is_changed_in_its_own_unit_and_put_back(pages: Pages) -> None:
    seen = text_of_page(
        pages.done("/settings/limits", {"session_warn": "20", "new_pair_m": "30", "shoe_note": "80"})
    )
    limits = pages.home.runner().limits
    assert (limits.session_warn, limits.new_pair_m, limits.shoe_note) == (1.2, 30_000.0, 0.8)
    assert "3 limits are changed" in seen
    assert limits.session_alarm == Limits().session_alarm
    pages.done("/settings/limits", {"reset": "session_warn"})
    assert pages.home.runner().limits.session_warn == 1.10
    pages.done("/settings/limits", {"shoe_note": ""})
    assert pages.home.runner().limits.shoe_note == 0.70
    pages.done("/settings/limits", {"reset": "all"})
    assert pages.home.runner().limits == Limits()


def test_a_limit_that_can_not_be_is_named_and_nothing_is_kept(pages: Pages) -> None:
    for wrong in ("many", "0", "-5", "1e9", "nan"):
        told = _refused(pages, "/settings/limits", {"session_warn": "20", "week_note": wrong})
        assert "Note when it is above by" in told
    assert "can't be a limit" in _refused(pages, "/settings/limits", {"break_days": "1.5"})
    assert pages.home.runner().limits == Limits()
    assert pages.post("/settings/limits", {"reset": "nonsense"}).status_code == 404


def test_miles_that_are_not_touched_keep_their_metres(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        setup.edit_runner(pages.home.box, ME, units="mi")
        seen = pages.see("/settings/limits")
        shown = dict(re.findall(r'<input id="\w+" name="(\w+)" value="([^"]*)"', seen))
        assert set(shown) == set(LIMITS)
        pages.done("/settings/limits", shown)
        assert pages.home.runner().limits == Limits()


def test_limits_can_be_tried_on_last_year_without_being_kept(pages: Pages) -> None:
    answer = pages.post("/settings/limits", {"session_warn": "30", "try": "yes"})
    assert answer.headers["location"] == "/alerts/replay?defaults=yes&session_warn=1.3"
    assert pages.home.runner().limits == Limits()


# ---- shoe rules


def _rule(pages: Pages, pair: str = "Speedgoat 6", **asked: Any) -> dict[str, Any]:
    found = next(s for s in shoes.known(pages.home.box, ME) if s.name == pair)
    return {"pair": str(found.id), "sports": ["running"], **asked}


def _rules(pages: Pages) -> list[shoe_rules.Known]:
    return shoe_rules.known(pages.home.box, ME)


def test_every_condition_that_a_form_can_ask_for_is_kept_and_shown_again(pages: Pages) -> None:
    asked = {
        "surfaces": ["trail", "road"], "weekdays": ["5", "6"], "min_distance": "10", "max_distance": "30",
        "min_time": "50min", "max_time": "3:00:00", "faster_than": "7:00", "slower_than": "3:30",
        "min_cadence": "150", "max_cadence": "190", "min_climb": "1", "max_climb": "80", "time_from": "05:30",
        "time_until": "09:00", "near": "48.137, 11.575", "within": "500 m", "device": "fenix", "race": "no",
        "foot_pod": "77", "words": "hills, #trail", "since": "2026-01-01", "until": "2027-01-01",
    }  # fmt: skip
    pages.done("/settings/rules", _rule(pages, **asked))
    (known,) = _rules(pages)
    c = known.rule.conditions
    nothing = Conditions()
    names = Conditions.__dataclass_fields__
    assert [n for n in names if getattr(c, n) == getattr(nothing, n)] == []
    assert (c.near, c.words, c.is_race) == (Circle(48.137, 11.575, 500.0), ("hills", "#trail"), False)
    seen = pages.see("/settings/rules/1")
    shown = dict(re.findall(r'<input id="(\w+)" name="\w+" type="\w+" value="([^"]*)"', seen))
    ticked = {
        n: re.findall(rf'name="{n}" value="(\w+)" checked', seen) for n in ("sports", "surfaces", "weekdays")
    }
    chosen = {"race": "no", "pair": str(known.pair.id)}
    pages.done("/settings/rules/1", shown | ticked | chosen)
    assert _rules(pages)[0].rule == known.rule
    pages.done("/settings/rules/1/remove")
    assert _rules(pages) == []


def test_a_rule_without_a_condition_or_with_a_foreign_pair_is_refused_with_its_form(pages: Pages) -> None:
    told = _refused(pages, "/settings/rules", _rule(pages, sports=[]))
    assert "A rule needs a condition" in told
    assert "--" not in told
    assert "is no pace" in _refused(pages, "/settings/rules", _rule(pages, faster_than="quick"))
    assert "no such pair" in _refused(pages, "/settings/rules", {"pair": "999", "words": "x"})
    assert "There is no activity 999" in _refused(pages, "/settings/rules", _rule(pages, near="999"))
    assert _rules(pages) == []


def test_rules_are_moved_tried_applied_and_undone(pages: Pages) -> None:
    pages.done("/settings/rules", _rule(pages, min_distance="15"))
    pages.done("/settings/rules", _rule(pages, "Ghost 16", words="never"))
    seen = pages.done("/settings/rules/2/move", {"to": "1"})
    assert [k.pair.name for k in _rules(pages)] == ["Ghost 16", "Speedgoat 6"]
    assert "1. Runs with" in text_of_page(seen)
    tried = pages.post("/settings/rules/try", {"number": "2"})
    words = text_of_page(tried.text)
    assert tried.status_code == 200
    assert "2 activities would change" in words
    assert re.search(r"Speedgoat 6: 0[.0]* km would become 36[.0]* km", words)
    assert [k.by_rule for k in _rules(pages)] == [0, 0]
    seen = pages.done("/settings/rules/apply", {"number": "2"})
    assert "2 activities changed." in text_of_page(seen)
    assert [k.by_rule for k in _rules(pages)] == [0, 2]
    undo = re.search(r'action="(/changes/\d+/undo)"', seen)
    assert undo is not None
    pages.done(undo[1], {"back": "/settings/rules"})
    assert [k.by_rule for k in _rules(pages)] == [0, 0]
    for number in (1, 1):
        pages.done(f"/settings/rules/{number}/remove")


def test_a_rule_that_is_not_there_is_not_found(pages: Pages) -> None:
    assert pages.get("/settings/rules/7").status_code == 404
    for form in ("/settings/rules/7", "/settings/rules/7/move", "/settings/rules/7/remove"):
        assert pages.post(form, {"to": "1"}).status_code == 404, form
    assert pages.post("/settings/rules/try", {"number": "7"}).status_code == 404
    assert "before the first" in _refused(
        pages, "/settings/rules/try", {"since": "2026-02-01", "until": "2026-01-01"}
    )


# ---- export


def test_everything_comes_as_one_archive_and_leaves_nothing_behind(pages: Pages) -> None:
    pages.see("/settings/export")
    before = every_file(pages.home.box.home)
    answer = pages.get("/settings/export/everything.zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="midsole-2026-11-18.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert sum(name.startswith("originals/") for name in names) == 6
    assert {"midsole.json", "activities.csv", "README.txt"} <= set(names)
    after = every_file(pages.home.box.home)
    assert {n for n in after if "database" not in n} == {n for n in before if "database" not in n}
    assert [n for n in after if n.startswith(".midsole")] == []


def test_while_one_archive_is_written_another_one_waits(pages: Pages) -> None:
    with settings_export._writing:
        answer = pages.get("/settings/export/everything.zip")
    assert answer.status_code == 503
    assert "Try again in a minute" in answer.text


def test_each_list_is_a_file_of_its_own_and_another_name_is_not_found(pages: Pages) -> None:
    seen = pages.see("/settings/export")
    for name in re.findall(r'href="(/settings/export/\w+\.csv)"', seen):
        assert pages.get(name).status_code == 200, name
    lines = pages.get("/settings/export/activities.csv").text.splitlines()
    assert len(lines) == 7
    assert pages.get("/settings/export/secrets.csv").status_code == 404


def test_a_runner_erases_themself_by_typing_their_name_and_nobody_else(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        box = pages.home.box
        assert "You are the only runner" in text_of_page(pages.see("/settings/export"))
        assert pages.post("/settings/export/erase", {"name": "me"}).status_code == 422
        ada = setup.add_runner(box, "Ada", "UTC")
        with pages_of(pages.home) as hers:
            hers.post("/who", {"runner": ada})
            assert "Only the owner" in _refused(hers, "/settings/export/erase", {"name": "me", "runner": "1"})
            assert "type the name" in _refused(hers, "/settings/export/erase", {"name": "me"})
            hers.post("/settings/export/erase", {"name": "ada"})
        assert [r.name for r in setup.everyone(box)] == ["me"]


def test_the_owner_erases_another_runner(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        ada = setup.add_runner(pages.home.box, "Ada", "UTC")
        seen = pages.done("/settings/export/erase", {"name": "Ada", "runner": str(ada)})
        assert "Ada is erased" in text_of_page(seen)
        assert [r.name for r in setup.everyone(pages.home.box)] == ["me"]


# ---- strangers


def test_a_stranger_sees_no_page_of_settings_and_changes_nothing(pages: Pages) -> None:
    places = ("", "/mail", "/mail/preview", "/limits", "/rules", "/rules/new", "/rules/1", "/export")
    files = ("/export/everything.zip", "/export/activities.csv")
    before = pages.home.runner()
    with pages_of(pages.home, OTHERWHERE, ("203.0.113.9", 9)) as stranger:
        for place in (*places, *files):
            answer = stranger.get(f"/settings{place}")
            assert answer.status_code == 303, place
            assert answer.headers["location"].startswith(("/login", "/setup")), place
        for place in ("", "/start", "/mail", "/limits", "/rules", "/export/erase", "/mail/weekly"):
            assert stranger.post(f"/settings{place}", {"name": "Eve"}).status_code == 303, place
    assert pages.home.runner() == before
