"""Pages of runs: the list and its filter, many at once with a preview, one run, the inbox, the changes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import pytest

from home import ME, NOW, Home, a_home
from many import imported
from midsole.actions import activities, assigning, setup
from midsole.actions.changes import change_sets
from midsole.actions.shoes import Start, add_shoe
from midsole.store import activities as store
from midsole.store import shoes
from web_home import Pages, a_web_home, text_of_page

ROAD, TRAIL = "Pegasus", "Speedgoat"
BEGAN = date(2026, 1, 1)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pairs, worn by no rule on runs of one kind for eight weeks; then one run of which nobody knows."""
    tmp = tmp_path_factory.mktemp("begun")
    with a_home(tmp) as home:
        for name in (ROAD, TRAIL):
            add_shoe(home.box, ME, name, "daily", Start(), first_used_on=BEGAN, limit_m=3_000_000)
        for days in range(56, 2, -2):
            home.run(NOW - timedelta(days=days, hours=5), 8, records_every_s=600)
        home.once()
        ids = [a.id for a in home.activities()]
        chance = Random(7)
        on_road = set(chance.sample(ids, 14))
        assigning.assign(home.box, ME, [n for n in ids if n in on_road], [ROAD], silent=True)
        assigning.assign(home.box, ME, [n for n in ids if n not in on_road], [TRAIL], silent=True)
        home.run(NOW - timedelta(hours=4), 8.4, lap_every_m=3_000)
        home.once()
    return tmp


@contextmanager
def once_more(begun: Path, tmp: Path) -> Iterator[Pages]:
    copytree(begun, tmp, dirs_exist_ok=True)
    with a_web_home(tmp) as made:
        yield made


@pytest.fixture(scope="module")
def seen(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """For tests that only read."""
    with once_more(begun, tmp_path_factory.mktemp("seen")) as pages:
        others = (("Long walk", "walking", 30_000.0, 6), ("100% Möwe_lauf", "running", 12_000.0, 7))
        for title, sport, metres, day in others:
            started_at = NOW - timedelta(days=day, hours=2)
            entry = {"sport": sport, "surface": "trail", "started_at": started_at, "timer_s": 9_000.0}
            activities.add(pages.home.box, ME, **entry, distance_m=metres, title=title)
        too_fast(pages.home)
        yield pages


@pytest.fixture
def pages(begun: Path, tmp_path: Path) -> Iterator[Pages]:
    with once_more(begun, tmp_path) as made:
        yield made


def too_fast(home: Home) -> int:
    imported(home, home.run(NOW - timedelta(days=9, hours=2), 20, timer_s=1_800))
    return next(a.id for a in home.activities() if a.distance_m == pytest.approx(20_000))


def newest(home: Home) -> int:
    return home.activities()[-1].id


def pair(home: Home, name: str) -> int:
    with home.box.store.read() as tx:
        return next(s.id for s in shoes.pairs(tx, ME) if s.name == name)


def worn(home: Home) -> dict[int, list[str | None]]:
    with home.box.store.read() as tx:
        return {n: [w.shoe_name for w in parts] for n, parts in shoes.wearings(tx, ME).items()}


def on(home: Home, name: str) -> list[int]:
    return sorted(n for n, names in worn(home).items() if names == [name])


def rows(html: str) -> list[str]:
    found = re.findall(r'<tr>\s*<td class="pick">.*?</tr>', html, re.DOTALL)
    return [text_of_page(row) for row in found]


def form_of(html: str, action: str) -> dict[str, Any]:
    """The hidden fields of the form as a browser without script would send them."""
    found = re.search(rf'<form method="post" action="{action}".*?</form>', html, re.DOTALL)
    assert found is not None
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[0]):
        fields.setdefault(name, []).append(value)
    return fields


# The list


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 31),
        ("?sport=walking", 1),
        ("?surface=trail", 2),
        ("?q=möwe", 1),
        ("?q=100%25", 1),
        ("?q=%25", 1),
        ("?q=_", 1),
        ("?from=2026-11-17", 1),
        ("?from=2026-11-11&until=2026-11-12", 3),
        ("?shoe=barefoot", 0),
        ("?only=flagged", 1),
        ("?only=excluded", 0),
        ("?sport=running&shoe=none", 2),
    ],
)
def test_the_list_shows_what_fits_the_filter(seen: Pages, query: str, count: int) -> None:
    html = seen.see(f"/runs{query}")
    assert len(rows(html)) == count
    if count > 1:
        assert f"{count} activities" in text_of_page(html)


def test_a_pair_is_a_filter_too_and_each_row_says_who_named_it(seen: Pages) -> None:
    found = rows(seen.see(f"/runs?shoe={pair(seen.home, TRAIL)}"))
    assert len(found) == 13
    assert all(f"{TRAIL} you said so" in row for row in found)


def test_the_list_is_sorted_by_day_or_distance(seen: Pages) -> None:
    assert "8.4 km" in rows(seen.see("/runs"))[0]
    assert "30 km" in rows(seen.see("/runs?sort=longest"))[0]
    assert "23 Sep" in rows(seen.see("/runs?sort=oldest"))[0]


def test_a_long_list_is_paged_by_fifty(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        for n in range(60):
            pages.home.run(NOW - timedelta(days=n, hours=5), 5 + n / 10, records_every_s=3_600)
        pages.home.once()
        assert len(rows(pages.see("/runs"))) == 50
        last = pages.see("/runs?sort=shortest&page=2")
        assert len(rows(last)) == 10
        assert "10.9 km" in rows(last)[-1]
        assert "sort=shortest&amp;page=1" in last
        assert len(rows(pages.see("/runs?page=999999"))) == 10


@pytest.mark.parametrize(
    "query",
    [
        "?from=soon",
        "?sport=chess",
        "?shoe=x",
        "?shoe=99",
        f"?shoe={10**30}",
        f"?shoe={'0' * 5_000}1",
        "?sort=best",
        "?only=me",
    ],
)
def test_a_filter_that_can_not_be_read_is_told(seen: Pages, query: str) -> None:
    answer = seen.get(f"/runs{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("query", ["?page=x", "?page=-1", f"?page={10**40}", "?q=%00", "?q=" + "a" * 5_000])
def test_an_odd_address_is_no_failure(seen: Pages, query: str) -> None:
    assert seen.get(f"/runs{query}").status_code == 200


def test_an_empty_home_says_what_to_do_next(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        assert "upload files" in text_of_page(pages.see("/runs"))
        assert "Nothing waits" in pages.see("/runs/waiting")
        assert "Nobody changed yet" in pages.see("/changes")


# Many at once


def test_the_ticked_are_put_on_a_pair_after_a_preview_and_one_undo_takes_it_back(pages: Pages) -> None:
    before, ids = worn(pages.home), on(pages.home, ROAD)[:3]
    sent = {"run": [str(n) for n in ids], "to": str(pair(pages.home, TRAIL)), "which": "ticked"}
    preview = pages.post("/runs/assign", sent)
    text = text_of_page(preview.text)
    assert "3 activities would change. Nothing is changed yet." in text
    assert f"{TRAIL} 104 km 128 km" in text
    assert worn(pages.home) == before

    done = pages.done("/runs/assign", form_of(preview.text, "/runs/assign"))
    assert f"3 activities now on: {TRAIL}." in text_of_page(done)
    assert set(ids) <= set(on(pages.home, TRAIL))
    undo = re.search(r'action="(/changes/\d+/undo)"', done)
    assert undo is not None
    assert "3 activities are as before" in pages.done(undo[1], {"back": "/runs"})
    assert worn(pages.home) == before


def test_all_that_fit_the_filter_are_taken_without_a_tick(pages: Pages) -> None:
    count = len(on(pages.home, ROAD))
    sent = {"to": "barefoot", "which": "all", "shoe": str(pair(pages.home, ROAD))}
    preview = pages.post("/runs/assign", sent)
    assert f"{count} activities would change" in text_of_page(preview.text)
    done = pages.done("/runs/assign", form_of(preview.text, "/runs/assign"))
    assert f"{count} activities now on none of your pairs." in text_of_page(done)
    assert not on(pages.home, ROAD)
    (undo,) = re.findall(r'action="(/changes/\d+/undo)"', done)
    fields = form_of(done, undo)
    assert pages.post(undo, fields).headers["location"] == f"/runs?shoe={sent['shoe']}", "still filtered"


def test_what_came_to_fit_after_the_preview_is_previewed_again(pages: Pages) -> None:
    sent = {"to": "barefoot", "which": "all", "shoe": str(pair(pages.home, ROAD))}
    fields = form_of(pages.post("/runs/assign", sent).text, "/runs/assign")
    assigning.assign(pages.home.box, ME, [newest(pages.home)], [ROAD])
    again = pages.post("/runs/assign", fields)
    assert (again.status_code, "Meanwhile something changed" in again.text) == (200, True)
    assert on(pages.home, ROAD)


def test_what_another_tab_did_after_the_preview_is_shown_before_anything_is_done(pages: Pages) -> None:
    first, second = on(pages.home, ROAD)[:2]
    sent = {"run": [str(first), str(second)], "to": "barefoot", "which": "ticked"}
    fields = form_of(pages.post("/runs/assign", sent).text, "/runs/assign")
    assigning.assign(pages.home.box, ME, [first], [TRAIL])
    before, again = worn(pages.home), pages.post("/runs/assign", fields)
    assert (again.status_code, "Meanwhile something changed" in again.text) == (200, True)
    assert worn(pages.home) == before
    pages.done("/runs/assign", form_of(again.text, "/runs/assign"))
    assert worn(pages.home)[first] == worn(pages.home)[second] == [None]
    assert "it stood so already" in pages.done("/runs/assign", fields), "sent twice, done once"


def test_asking_anew_takes_back_what_was_said(pages: Pages) -> None:
    (first, *_) = on(pages.home, ROAD)
    preview = pages.post("/runs/assign", {"run": str(first), "to": "ask", "which": "ticked"})
    pages.done("/runs/assign", form_of(preview.text, "/runs/assign"))
    assert "1 activity asked anew" not in pages.see("/runs"), "it is said once"
    assert change_sets(pages.home.box, ME)[0]["what"].startswith("Your word on activity")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"to": "barefoot", "which": "ticked"}, "Tick one run"),
        ({"run": "1", "to": "", "which": "ticked"}, "Choose a pair first"),
        ({"run": "x", "to": "barefoot", "which": "ticked"}, "no number"),
        ({"run": "9" * 5_000, "to": "barefoot", "which": "ticked"}, "no number"),
        ({"to": "barefoot", "which": "all", "sport": "swimming"}, "Nothing fits"),
        ({"to": "barefoot", "which": "all", "sport": "chess"}, "no sport"),
    ],
)
def test_what_can_not_be_assigned_is_told(seen: Pages, sent: dict[str, str], words: str) -> None:
    answer = seen.post("/runs/assign", sent)
    assert answer.status_code == 422
    assert words in text_of_page(answer.text)


def test_a_pair_that_was_not_in_use_is_refused_in_words(pages: Pages) -> None:
    add_shoe(pages.home.box, ME, "Vaporfly", "racing", Start(), first_used_on=date(2026, 11, 10))
    sent = {"to": str(pair(pages.home, "Vaporfly")), "which": "all"}
    answer = pages.post("/runs/assign", sent)
    assert answer.status_code == 422
    assert "Vaporfly can't have been worn" in text_of_page(answer.text)


# One run


def test_a_run_tells_its_facts_laps_files_and_guess(seen: Pages) -> None:
    run_id = max(a.id for a in seen.home.activities() if round(a.distance_m) == 8_400)
    text = text_of_page(seen.see(f"/runs/{run_id}"))
    for words in ("8.4 km , the total of the recording", "3.00 km", "2.40 km", ".fit", "came from folder"):
        assert words in text
    assert "What the guess says" in text
    assert "The run before" in text
    assert "The run after" not in text


def test_laps_that_no_file_tells_are_said_to_be_missing(seen: Pages) -> None:
    by_hand = max(a.id for a in seen.home.activities() if a.title == "Long walk")
    assert "No laps can be shown" in seen.see(f"/runs/{by_hand}")
    lost = seen.home.activities()[0].id
    with seen.home.box.store.read() as tx:
        (kept,) = store.kept_recordings(tx, ME, [lost])
    seen.home.box.originals.remove(kept.trace.file)
    assert "not in Midsole's home" in text_of_page(seen.see(f"/runs/{lost}"))


def test_a_doubted_run_is_confirmed_or_left_out(pages: Pages) -> None:
    place = f"/runs/{too_fast(pages.home)}"
    assert "It looks wrong: faster than anyone can run." in text_of_page(pages.see(place))
    assert "counts in full" in pages.done(f"{place}/confirm", {"confirmed": "yes"})
    assert "It looks wrong" not in pages.see(place)
    assert "It looks wrong" in pages.done(f"{place}/confirm", {"confirmed": "no"})
    assert "as you left it out" in text_of_page(pages.done(f"{place}/exclude", {"excluded": "yes"}))
    assert "It counts again." in pages.done(f"{place}/exclude", {"excluded": "no"})


def test_only_what_differs_is_said_of_a_run(pages: Pages) -> None:
    place = f"/runs/{newest(pages.home)}"
    shown = dict(
        re.findall(r'<input id="(title|distance|started|time)" .*?value="([^"]*)"', pages.see(place))
    )
    same = {**shown, "sport": "running", "surface": "unknown"}
    assert "Nothing changed" in pages.done(f"{place}/edit", same)
    said = {**same, "title": "By the lake", "distance": "8.6", "race": "on", "time": "50:00"}
    text = text_of_page(pages.done(f"{place}/edit", said))
    assert "You said so far: distance" in text
    run = pages.home.activities()[-1]
    assert (run.title, run.distance_m, run.is_race, run.timer_s) == ("By the lake", 8_600, True, 3_000)
    assert (run.sport, run.distance_from) == ("running", "edit")


@pytest.mark.parametrize(
    "said",
    [
        {"distance": "far"},
        {"distance": ""},
        {"distance": "2000"},
        {"time": "long"},
        {"sport": "chess"},
        {"started": "yesterday"},
        {"started": "2030-01-01T10:00"},
        {"started": "0001-01-01T00:00"},
    ],
)
def test_an_edit_that_can_not_be_is_told_and_keeps_what_was_typed(seen: Pages, said: dict[str, str]) -> None:
    place = f"/runs/{newest(seen.home)}"
    answer = seen.post(f"{place}/edit", {"title": "Typed", **said})
    assert answer.status_code == 422
    assert 'value="Typed"' in answer.text


def test_a_form_that_was_open_while_another_tab_changed_the_run_takes_nothing_of_that_back(
    pages: Pages,
) -> None:
    place = f"/runs/{newest(pages.home)}/edit"
    hidden = form_of(pages.see(place.removesuffix("/edit")), place)
    shown = {name.removeprefix("was-"): value for name, value in hidden.items() if value != [""]}
    pages.done(place, {"distance": "9.1", "race": "on"})
    pages.done(place, hidden | shown | {"title": "Tempo"})
    run = pages.home.activities()[-1]
    assert (run.title, run.distance_m, run.is_race) == ("Tempo", 9_100, True)


def test_one_tap_answers_which_pair_and_leads_back(pages: Pages) -> None:
    run_id = newest(pages.home)
    sent = {"shoe_id": str(pair(pages.home, ROAD)), "back": "/runs/waiting"}
    answer = pages.post(f"/runs/{run_id}/shoe", sent)
    assert answer.headers["location"] == "/runs/waiting"
    assert f"Now on: {ROAD}." in text_of_page(pages.see("/runs/waiting"))
    pages.done(f"/runs/{run_id}/shoe", {"shoe_id": "barefoot"})
    assert worn(pages.home)[run_id] == [None]
    pages.done(f"/runs/{run_id}/shoe", {"shoe_id": "ask"})
    assert run_id not in worn(pages.home)
    elsewhere = pages.post(f"/runs/{run_id}/shoe", {**sent, "back": "//evil.example"})
    assert elsewhere.headers["location"] == f"/runs/{run_id}"


@pytest.mark.parametrize(("by", "at"), [("distance", "3"), ("lap", "1"), ("time", "18:00")])
def test_pairs_that_were_changed_on_the_way_are_previewed_then_kept(pages: Pages, by: str, at: str) -> None:
    place = f"/runs/{newest(pages.home)}"
    sent = {
        "by": by,
        "at-1": at,
        "pair-0": str(pair(pages.home, ROAD)),
        "pair-1": str(pair(pages.home, TRAIL)),
    }
    preview = pages.post(f"{place}/parts", sent)
    assert "What would change" in preview.text
    assert newest(pages.home) not in worn(pages.home)
    text = text_of_page(pages.done(f"{place}/parts", form_of(preview.text, f"{place}/parts")))
    assert f"Now on: {ROAD}, then {TRAIL}." in text
    assert f"{ROAD} 3 km" in text


@pytest.mark.parametrize("sent", [{}, {"at-1": "99"}, {"by": "lap", "at-1": "7"}, {"by": "lap", "at-1": "x"}])
def test_a_change_of_pairs_that_can_not_be_is_told(seen: Pages, sent: dict[str, str]) -> None:
    two = {"pair-0": str(pair(seen.home, ROAD)), "pair-1": str(pair(seen.home, TRAIL)), "by": "distance"}
    answer = seen.post(f"/runs/{newest(seen.home)}/parts", two | sent)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_two_recordings_of_one_run_are_joined_led_and_split(pages: Pages) -> None:
    started_at = NOW - timedelta(hours=4)
    entry = {"sport": "running", "surface": "road", "started_at": started_at + timedelta(minutes=90)}
    other = activities.add(pages.home.box, ME, **entry, distance_m=8_000.0, timer_s=2_800.0)
    run_id = min(newest(pages.home), *(a.id for a in pages.home.activities()[-2:]))
    place, count = f"/runs/{run_id}", len(pages.home.activities())
    assert "The same run was recorded twice?" in pages.see(place)
    joined = pages.done(f"{place}/merge", {"other": str(other.id)})
    assert "They are one run now" in joined
    assert len(pages.home.activities()) == count - 1
    (recording,) = re.findall(r'action="/runs/\d+/lead">.*?name="recording" value="(\d+)"', joined, re.DOTALL)
    assert "leads now" in pages.done(f"{place}/lead", {"recording": recording})
    recordings = re.findall(r'/split">.*?name="recording" value="(\d+)"', pages.see(place), re.DOTALL)
    assert "2 runs now" in pages.done(f"{place}/split", {"recording": recordings[0]})
    assert len(pages.home.activities()) == count


def test_what_can_not_be_joined_is_told(seen: Pages) -> None:
    first, *_, last = [a.id for a in seen.home.activities()]
    for other in ({}, {"other": str(first)}):
        answer = seen.post(f"/runs/{last}/merge", other)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text


# The inbox


def test_the_inbox_chooses_the_likeliest_pair_and_takes_all_answers_at_once(pages: Pages) -> None:
    imported(pages.home, pages.home.run(NOW - timedelta(hours=2), 8.1))
    html = pages.see("/runs/waiting")
    asked = re.findall(r'name="(shoe-\d+)">.*?<option value="(\d+)" selected>', html, re.DOTALL)
    assert len(asked) == 2
    sent = form_of(html, "/runs/waiting") | dict(asked)
    assert "2 runs have their pair now." in pages.done("/runs/waiting", sent)
    assert "Nothing waits" in pages.see("/runs/waiting")
    pages.done(f"/changes/{change_sets(pages.home.box, ME)[0]['id']}/undo")
    assert "2 runs wait" in text_of_page(pages.see("/runs/waiting"))


def test_one_answer_of_the_inbox_leaves_the_others(pages: Pages) -> None:
    imported(pages.home, pages.home.run(NOW - timedelta(hours=2), 8.1))
    run_id, trail = newest(pages.home), str(pair(pages.home, TRAIL))
    sent = form_of(pages.see("/runs/waiting"), "/runs/waiting")
    both = sent | {f"shoe-{n}": trail for n in sent["run"]} | {"only": str(run_id)}
    assert "1 run has its pair now." in pages.done("/runs/waiting", both)
    assert worn(pages.home)[run_id] == [TRAIL]
    assert "1 run waits" in text_of_page(pages.see("/runs/waiting"))


def test_guesses_as_sure_as_that_are_accepted_at_once(pages: Pages) -> None:
    refused = pages.post("/runs/waiting/accept", {"sure": "100"})
    assert (refused.status_code, "guess of 100 %" in refused.text) == (422, True)
    assert pages.post("/runs/waiting/accept", {"sure": "often"}).status_code == 422
    assert "1 run has its pair now." in pages.done("/runs/waiting/accept", {"sure": "1"})


def test_no_answer_is_told(seen: Pages) -> None:
    answer = seen.post("/runs/waiting", {"run": "1", "shoe-1": ""})
    assert (answer.status_code, "Choose a pair for one run" in answer.text) == (422, True)


# Changes


def test_a_change_is_undone_once_and_the_second_time_refused_in_words(pages: Pages) -> None:
    set_id = change_sets(pages.home.box, ME)[0]["id"]
    assert "activities are as before" in pages.done(f"/changes/{set_id}/undo", {"back": "/changes"})
    text = text_of_page(pages.done(f"/changes/{set_id}/undo", {"back": "/changes"}))
    assert f"Change {set_id} is undone already." in text
    assert "midsole" not in text.partition("Changes")[2].partition("Midsole counts")[0]


def test_what_was_changed_since_is_named_and_stays(pages: Pages) -> None:
    set_id = change_sets(pages.home.box, ME)[0]["id"]
    (first, *_) = on(pages.home, TRAIL)
    assigning.assign(pages.home.box, ME, [first], [ROAD])
    text = text_of_page(pages.done(f"/changes/{set_id}/undo", {"back": "/changes"}))
    assert "was changed since" in text
    assert first in on(pages.home, ROAD)


# Somebody else's


def test_nothing_of_another_runner_is_there(pages: Pages) -> None:
    other = setup.add_runner(pages.home.box, "Kim", zone="UTC")
    entry = {"sport": "running", "surface": "road", "started_at": NOW - timedelta(days=1)}
    theirs = activities.add(pages.home.box, other, **entry, distance_m=9_000.0, timer_s=3_000.0).id
    add_shoe(pages.home.box, other, "Theirs", "daily", Start())
    assigning.assign(pages.home.box, other, [theirs], ["Theirs"])
    (theirs_set,) = [s["id"] for s in change_sets(pages.home.box, other)][:1]
    with pages.home.box.store.read() as tx:
        (shoe,) = shoes.pairs(tx, other)
    for place in (f"/runs/{theirs}", f"/runs/{10**20}", "/runs/0"):
        assert pages.get(place).status_code == 404
    for what in ("shoe", "parts", "edit", "exclude", "confirm", "lead", "split", "merge"):
        form = {
            "shoe_id": "barefoot",
            "other": "1",
            "recording": "1",
            "pair-0": "barefoot",
            "pair-1": "barefoot",
        }
        form |= {"at-1": "2", "by": "distance", "title": "x", "excluded": "yes"}
        assert pages.post(f"/runs/{theirs}/{what}", form).status_code == 404, what
    mine = newest(pages.home)
    assert pages.post(f"/runs/{mine}/shoe", {"shoe_id": str(shoe.id)}).status_code == 404
    assert pages.post(f"/runs/{mine}/merge", {"other": str(theirs)}).status_code == 404
    assert pages.post("/runs/assign", {"run": str(theirs), "to": "barefoot"}).status_code == 404
    assert pages.post("/runs/assign", {"run": str(mine), "to": str(shoe.id)}).status_code == 404
    assert pages.post("/runs/waiting", {"run": str(theirs), f"shoe-{theirs}": "barefoot"}).status_code == 404
    assert pages.post(f"/changes/{theirs_set}/undo").status_code == 404
    assert "Theirs" not in pages.see("/runs") + pages.see("/changes") + pages.see(f"/runs/{mine}")
