"""A link of a mail opens without a log-in, changes nothing until it is sent, and gives nothing away."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from home import ME, Clock, Home, a_home, read_mail, reopened, text_of
from midsole.actions import links, setup, weekly
from midsole.actions.deliver import deliver_due
from midsole.actions.doctor import doctor
from midsole.actions.recordings import merge
from midsole.actions.shoes import Start, add_shoe
from midsole.store import shoes
from midsole.web.pages.taps import DOINGS
from smtp_server import smtp_server
from told_home import a_told_home, every_row, mail_to, spike
from web_home import OTHERWHERE, Pages, pages_of, text_of_page

PUBLIC = {"web_public_url": OTHERWHERE}
NAV = 'aria-label="Pages"'


@dataclass(frozen=True, slots=True)
class Told:
    """The home, a stranger's browser, and the mails that a real server took."""

    home: Home
    pages: Pages
    mails: list[EmailMessage]

    def link(self, purpose: str, about: int | str) -> str:
        made = links.link(self.home.box, ME, purpose, about)
        assert made is not None
        return made.removeprefix(OTHERWHERE)

    def tap(self, path: str, **form: str) -> str:
        """Send the page's form as a browser without any cookie does."""
        self.pages.client.cookies.clear()
        answer = self.pages.client.post(path, data=form)
        assert answer.status_code == 200, text_of_page(answer.text)
        return text_of_page(answer.text)


@contextmanager
def told(tmp: Path) -> Iterator[Told]:
    with (
        smtp_server() as server,
        a_told_home(tmp, **PUBLIC, **mail_to(server.port)) as home,
        pages_of(home, OTHERWHERE, **PUBLIC) as pages,
    ):
        spike(home)
        yield Told(home, pages, [read_mail(raw) for _, raw in server.handler.accepted])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Told]:
    with told(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with told(tmp_path_factory.mktemp("told")) as found:
        yield found


def taps(mail: EmailMessage) -> dict[str, str]:
    """Purpose -> path, out of the text that arrived."""
    found = re.findall(rf"{OTHERWHERE}(/t/[\w-]+\.1-\d+-([a-z]+)-\S+)", text_of(mail))
    return {purpose: path for path, purpose in reversed(found)}


def alert_mail(here: Told) -> EmailMessage:
    return next(mail for mail in here.mails if ".alert@" in mail["Message-ID"])


def spike_run(home: Home) -> int:
    return home.activities()[-1].id


# From the mail to the deed


def test_the_link_of_a_real_mail_is_followed_by_a_stranger_and_acts_when_it_is_sent(here: Told) -> None:
    path = taps(alert_mail(here))["ack"]
    page = here.pages.see(path)
    assert "25 % longer" not in page
    assert "longer than any" in page
    assert NAV not in page
    assert here.home.alerts("L1")[0].state == "open"
    assert "Noted." in here.tap(path)
    assert here.home.alerts("L1")[0].state == "acknowledged"


def test_a_mail_has_a_link_for_all_that_may_be_answered_and_the_same_ones_in_both_parts(
    read_only: Told,
) -> None:
    mail = alert_mail(read_only)
    page = mail.get_body(("html",))
    assert page is not None
    in_text = sorted(re.findall(r"https?://\S+", text_of(mail)))
    in_html = sorted(re.findall(r'href="([^"]+)"', page.get_content()))
    assert in_text == in_html
    assert set(taps(mail)) == {"ack", "snooze", "wrong", "stop"}
    assert f"{OTHERWHERE}/alerts/rules#L1" in in_text
    assert f"{OTHERWHERE}/" in in_text
    assert "midsole alerts" not in text_of(mail)


def test_to_look_at_any_kind_of_link_changes_no_row(read_only: Told) -> None:
    run, alert = spike_run(read_only.home), read_only.home.alerts("L1")[0].id
    abouts = {"shoe": run, "wrong": run, "snooze": alert, "ack": alert, "stop": "weekly"}
    abouts |= {"feel": "20261118m", "ticks": "20261118"}
    assert set(abouts) == {purpose for purpose, _ in DOINGS}
    before = every_row(read_only.home)
    for purpose, about in [*abouts.items(), ("stop", "alert")]:
        path = read_only.link(purpose, about)
        assert read_only.pages.get(path).status_code == 200
        assert read_only.pages.get(f"{path}?do=exclude&shoe=1").status_code == 200
        assert read_only.pages.client.head(path).status_code == 200
        assert read_only.pages.client.options(path).status_code == 405
    assert every_row(read_only.home) == before


def test_a_week_of_silence_is_no_longer_when_it_is_tapped_twice_and_can_be_taken_back(here: Told) -> None:
    path = taps(alert_mail(here))["snooze"]
    here.tap(path)
    until = here.home.alerts("L1")[0].snoozed_until
    assert until == here.home.clock.now() + timedelta(days=7)
    here.home.clock.on(days=1)
    assert "Take that back" in here.tap(path)
    assert here.home.alerts("L1")[0].snoozed_until == until
    here.tap(path, do="undo")
    assert here.home.alerts("L1")[0].state == "open"


def test_a_run_that_was_not_mine_is_left_out_and_counted_again(here: Told) -> None:
    path = taps(alert_mail(here))["wrong"]
    assert "It is left out" in here.tap(path, do="exclude")
    assert here.home.activities()[-1].excluded
    assert here.home.alerts("L1")[0].resolved_at is not None
    assert "It counts again" in here.tap(path, do="undo")
    assert not here.home.activities()[-1].excluded


def test_a_wrong_distance_is_put_right_and_a_word_that_is_none_is_refused(here: Told) -> None:
    path = taps(alert_mail(here))["wrong"]
    refused = here.pages.client.post(path, data={"do": "distance", "distance": "far"})
    assert refused.status_code == 422
    assert 'value="far"' in refused.text
    assert "It has 10.2 km now; it had 13 km." in here.tap(path, do="distance", distance="10,2")
    assert here.home.activities()[-1].distance_m == 10_200


def test_a_link_does_only_what_it_was_made_for(here: Told) -> None:
    before = every_row(here.home)
    for purpose, form in (("ack", {"do": "exclude"}), ("snooze", {"do": "distance"}), ("wrong", {})):
        assert here.pages.client.post(taps(alert_mail(here))[purpose], data=form).status_code == 404
    assert every_row(here.home) == before


# The pair of a run


def test_the_weekly_mail_has_one_link_a_run_and_the_pair_can_be_chosen_again(tmp_path: Path) -> None:
    with a_told_home(tmp_path, **PUBLIC) as home, pages_of(home, OTHERWHERE, **PUBLIC) as pages:
        add_shoe(home.box, ME, "Ghost", "daily", Start(), first_used_on=date(2026, 1, 1))
        runs = [a.id for a in home.activities()[-2:]]
        with home.box.store.write() as tx:
            shoes.wear_all(tx, ME, dict.fromkeys(runs), home.clock.now())
        here, mail = Told(home, pages, []), weekly.preview(home.box, ME).message.text
        paths = re.findall(rf"Say which pair: {OTHERWHERE}(/t/\S+)", mail)
        assert len(paths) == 2
        assert "midsole shoes assign" not in mail
        path = next(p for p in paths if f"-shoe-{runs[0]}-" in p)
        names = re.findall(r'name="shoe" value="(\d+)"[^>]*><span>([^<]+)', pages.see(path))
        numbers = {name: number for number, name in names}
        assert next(iter(numbers)) == "Pegasus", "worn last, so likeliest"
        assert "It is on the Ghost." in here.tap(path, shoe=numbers["Ghost"])
        assert worn(home, runs[0]) == "Ghost"
        assert "It is on the Pegasus." in here.tap(path, shoe=numbers["Pegasus"])
        assert "It is on the Pegasus." in here.tap(path, shoe=numbers["Pegasus"])
        assert worn(home, runs[0]) == "Pegasus"
        assert pages.client.post(path, data={"shoe": "77"}).status_code == 404
        assert "on none of your pairs" in here.tap(path, shoe="0")


def worn(home: Home, activity_id: int) -> str | None:
    with home.box.store.read() as tx:
        return shoes.wearings(tx, ME)[activity_id][0].shoe_name


# Ending mails


def test_one_click_of_the_mail_program_ends_the_weekly_mail(here: Told) -> None:
    weekly.send_now(here.home.box, ME)
    (row,) = here.home.deliveries("weekly")
    header = read_mail(row.eml)["List-Unsubscribe"]
    assert b"List-Unsubscribe: <https://run.example.org/t/" in row.eml, "whole, not as an encoded word"
    assert read_mail(row.eml)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "<mailto:m@example.org?subject=unsubscribe%20weekly>" in header
    path = header.split(">")[0].removeprefix(f"<{OTHERWHERE}")
    answer = here.pages.client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.text) == (200, "The weekly mail comes no more.")
    assert here.home.runner().weekly_mail == "off"
    assert "comes again" in here.tap(path, do="undo", before="warnings")
    assert here.home.runner().weekly_mail == "warnings"


def test_who_ends_mails_of_alerts_finds_them_on_the_page_alone(here: Told) -> None:
    here.tap(taps(alert_mail(here))["stop"])
    here.home.clock.on(days=8)
    mails = len(here.home.deliveries("alert"))
    spike(here.home, 20)
    assert len(here.home.deliveries("alert")) == mails
    assert here.home.alerts("L1")[-1].state == "open"
    assert "Alerts are mailed again." in here.tap(here.link("stop", "alert"), do="undo")


def test_over_plain_http_the_link_is_there_but_no_mail_program_clicks_it(tmp_path: Path) -> None:
    with a_told_home(tmp_path, web_public_url="http://nas:8321") as home:
        spike(home)
        mail = read_mail(home.deliveries("alert")[0].eml)
        assert mail["List-Unsubscribe"].startswith("<http://nas:8321/t/")
        assert mail["List-Unsubscribe-Post"] is None


def test_without_an_address_mails_name_the_commands_and_hold_no_link(tmp_path: Path) -> None:
    with a_told_home(tmp_path) as home:
        spike(home)
        (row,) = home.deliveries("alert")
        assert b"http" not in row.eml
        assert "midsole alerts ack" in text_of(row)
        assert links.link(home.box, ME, "ack", home.alerts("L1")[0].id) is None


def test_a_key_file_that_cannot_be_read_costs_the_links_and_not_the_mail(tmp_path: Path) -> None:
    with a_told_home(tmp_path, **PUBLIC) as home:
        home.box.secrets.path.write_text("# nothing\n", encoding="utf-8")
        spike(home)
        (row,) = home.deliveries("alert")
        assert "/t/" not in text_of(row)
        assert "midsole alerts ack" in text_of(row) or "/alerts/rules" in text_of(row)
        assert (
            read_mail(row.eml)["List-Unsubscribe"] == "<mailto:" + read_mail(row.eml)["List-Unsubscribe"][8:]
        )


def test_a_mail_that_waited_for_an_address_keeps_its_way_out_whole(tmp_path: Path) -> None:
    with a_told_home(tmp_path, **PUBLIC) as home, smtp_server() as server:
        spike(home)
        deliver_due(home.box)
        later = reopened(home, **PUBLIC, **mail_to(server.port))
        deliver_due(later.box)
        sent = [raw for _, raw in server.handler.accepted if b".alert@" in raw]
        assert b"List-Unsubscribe: <https://run.example.org/t/" in sent[0]
        later.box.store.close()


# What is no link, and what was one


def test_a_link_that_nobody_made_is_told_by_the_same_words_whether_the_thing_exists_or_not(
    read_only: Told,
) -> None:
    good = taps(alert_mail(read_only))["ack"]
    mark, said = good.removeprefix("/t/").split(".", 1)
    bad = [
        f"/t/{mark[:-1]}{'A' if mark[-1] != 'A' else 'Q'}.{said}",
        good.replace("-ack-", "-snooze-"),
        good.replace(".1-1-", ".1-2-"),
        re.sub(r"-ack-\d+-", "-ack-999999-", good),
        f"/t/{said}",
        f"/t/.{said}",
        f"/t/%C3%A9.{said}",
        f"/t/{mark}",
        "/t/x",
        "/t/AAAAAAAAAAAAAAAAAAAAAAAAAAA.1-1-stop-weekly-99999999999-00000000",
    ]
    answers = {(a.status_code, text_of_page(a.text)) for a in map(read_only.pages.get, bad)}
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    assert {read_only.pages.client.post(path).status_code for path in bad} == {404}


@pytest.mark.parametrize(("purpose", "lasts"), [("ack", 30), ("wrong", 30), ("stop", 365)])
def test_a_link_runs_out(here: Told, purpose: str, lasts: int) -> None:
    path = taps(alert_mail(here))[purpose]
    here.home.clock.on(days=lasts - 0.01)
    assert here.pages.get(path).status_code == 200
    here.home.clock.on(days=0.02)
    answer = here.pages.get(path)
    assert answer.status_code == 410
    assert "has run out" in text_of_page(answer.text)
    before = every_row(here.home)
    assert here.pages.client.post(path).status_code == 410
    assert every_row(here.home) == before


def test_an_alert_that_is_over_is_told_and_left_alone(here: Told) -> None:
    paths = taps(alert_mail(here))
    here.tap(paths["wrong"], do="exclude")
    here.home.clock.on(hours=1)
    before = every_row(here.home)
    for purpose in ("ack", "snooze"):
        answer = here.pages.client.post(paths[purpose])
        assert answer.status_code == 410
        assert "over" in text_of_page(answer.text)
    assert every_row(here.home) == before


def test_a_run_that_was_joined_to_another_is_there_no_more(here: Told) -> None:
    path = taps(alert_mail(here))["wrong"]
    gone = spike_run(here.home)
    merge(here.home.box, ME, [here.home.activities()[-2].id, gone], anyway=True)
    assert gone not in [a.id for a in here.home.activities()]
    assert here.pages.get(path).status_code == 410
    assert here.pages.client.post(path, data={"do": "exclude"}).status_code == 410


def test_a_runner_who_gets_the_number_of_an_erased_one_is_out_of_reach_of_their_links(tmp_path: Path) -> None:
    clock = Clock()
    with a_home(tmp_path, clock, **PUBLIC) as home, pages_of(home, OTHERWHERE, **PUBLIC) as pages:
        erased = setup.add_runner(home.box, "Ann", "UTC")
        path = (links.link(home.box, erased, "stop", "weekly") or "").removeprefix(OTHERWHERE)
        assert pages.get(path).status_code == 200
        setup.erase_runner(home.box, erased)
        assert pages.get(path).status_code == 410
        clock.on(minutes=1)
        assert setup.add_runner(home.box, "Bob", "UTC") == erased
        assert pages.client.post(path).status_code == 410
        assert home.runner(erased).weekly_mail == "every"


def test_a_link_of_another_runner_shows_nothing_of_who_is_logged_in(tmp_path: Path) -> None:
    with a_home(tmp_path) as home, pages_of(home) as pages:
        other = setup.add_runner(home.box, "Ann", "UTC")
        public = replace(home.box, public_url=OTHERWHERE)
        mine, hers = (
            (links.link(public, who, "stop", "weekly") or "").removeprefix(OTHERWHERE) for who in (ME, other)
        )
        assert NAV in pages.see(mine), "at this machine, without passwords: the owner"
        page = pages.see(hers)
        assert NAV not in page
        assert "Ann" not in page
        assert f">{home.runner().name}<" not in page


@pytest.mark.parametrize(
    ("url", "state", "said"),
    [
        ("", "ok", "mails carry no links"),
        ("http://nas:8321", "warning", "not encrypted"),
        (OTHERWHERE, "ok", f"lead to {OTHERWHERE}."),
    ],
)
def test_the_doctor_says_where_links_of_mails_lead(read_only: Told, url: str, state: str, said: str) -> None:
    (check,) = [c for c in doctor(replace(read_only.home.box, public_url=url)) if c.name == "links"]
    assert check.state == state
    assert said in check.text


def test_the_text_of_a_link_ends_its_line(read_only: Told) -> None:
    for line in text_of(alert_mail(read_only)).splitlines():
        if "http" in line:
            assert re.search(r"https://run\.example\.org/\S*$", line)
            assert line.count("http") == 1


def test_a_steady_mail_with_links_stays_short(tmp_path: Path) -> None:
    with a_told_home(tmp_path, **PUBLIC) as home:
        runs = [a.id for a in home.activities()[-6:]]
        with home.box.store.write() as tx:
            shoes.wear_all(tx, ME, dict.fromkeys(runs), home.clock.now())
        written = weekly.preview(home.box, ME, date(2026, 11, 9))
        lines = written.message.text.splitlines()
        with_links = [line for line in lines if "http" in line]
        assert written.verdict == "steady"
        assert len(lines) - len(with_links) <= 15 + 4, "a line for each run named"
        assert "And 3 more." in written.message.text
        assert f"{OTHERWHERE}/runs/waiting" in written.message.text


def test_every_row_that_has_a_command_has_a_link_instead(read_only: Told) -> None:
    written = weekly.preview(read_only.home.box, ME, date(2026, 11, 9))
    assert not re.search(r"\n {6}midsole ", written.message.text)
    assert "midsole alerts ack" not in text_of(alert_mail(read_only))
