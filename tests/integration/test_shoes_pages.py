"""The pages of pairs by clicks: added, claimed for, reminded of, retired, photographed, nobody else's."""

import io
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from home import ME, NOW, Home, a_home
from midsole.actions import assigning, changes, photos, setup, shoes, views
from midsole.actions.bring_back import bring_back
from midsole.actions.export import export
from midsole.actions.shoes import Start
from midsole.store import gear
from web_home import Pages, a_web_home, pages_of, text_of_page

TODAY = NOW.date()
FIRST = TODAY - timedelta(days=100)


def photo(color: str = "red") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (900, 600), color).save(kept, "JPEG")
    return kept.getvalue()


def fill(home: Home) -> None:
    """Twelve runs of 10 km on every third day; two pairs in use, one that rests, one retired."""
    for n in range(12):
        home.run(NOW - timedelta(days=1 + 3 * n), 10)
    add = shoes.add_shoe
    add(home.box, ME, "Pegasus", "daily", Start(known_m=570_000), first_used_on=FIRST, price=140.0)
    add(home.box, ME, "Ghost", "daily", Start(), first_used_on=FIRST)
    add(home.box, ME, "Old", "trail", Start(unknown=True), first_used_on=FIRST - timedelta(days=30))
    home.run(NOW - timedelta(days=90), 8)
    add(home.box, ME, "Gone", "racing", Start(known_m=300_000), first_used_on=FIRST)
    home.once()
    ids = [a.id for a in home.activities()]
    assigning.assign(home.box, ME, ids[:1], ["Old"])
    assigning.assign(home.box, ME, ids[1:3], ["Ghost"])
    shoes.retire(home.box, ME, "Gone", TODAY, "worn")


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home and a filled one, to copy: making them takes longer than most tests."""
    folder = tmp_path_factory.mktemp("homes")
    for name in ("empty", "full"):
        with a_home(folder / name) as home:
            if name == "full":
                fill(home)
    return folder


@pytest.fixture(scope="module")
def filled(homes: Path) -> Iterator[Pages]:
    """Of these pages tests only read."""
    shutil.copytree(homes / "full", homes / "read")
    with a_web_home(homes / "read") as pages:
        yield pages


@pytest.fixture
def full(homes: Path, tmp_path: Path) -> Iterator[Pages]:
    """A copy of the filled home, to change."""
    shutil.copytree(homes / "full", tmp_path, dirs_exist_ok=True)
    with a_web_home(tmp_path) as opened:
        yield opened


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Pages]:
    """Nothing in it yet; files in its inbox come in."""
    with a_web_home(tmp_path) as opened:
        yield opened


@pytest.fixture
def pages(homes: Path, tmp_path: Path) -> Iterator[Pages]:
    """Nothing in it yet."""
    shutil.copytree(homes / "empty", tmp_path, dirs_exist_ok=True)
    with a_web_home(tmp_path) as opened:
        yield opened


def pair_id(home: Home, name: str) -> int:
    return next(s.id for s in shoes.known(home.box, ME) if s.name == name)


def refused(fresh: Pages, path: str, form: dict[str, str], **how: object) -> str:
    answer = fresh.post(path, form, **how)
    assert answer.status_code == 422, answer.status_code
    return answer.text


# Looking


def test_the_list_shows_wear_forecast_cost_and_turns_of_pairs_in_use(filled: Pages) -> None:
    text = text_of_page(filled.see("/shoes"))
    assert "Pegasus daily default for running" in text
    assert re.search(r"▲ Worn: at its limit .*670 km of 640 km, 105 %\.", text)
    assert "Past its limit now." in text
    assert "0.21 per km so far" in text
    assert "Ghost daily 20 km of 640 km, 3 %." in text
    assert "Mileage unknown; 8 km since it is here, limit 640 km. If in doubt, replace." in text
    assert "Retired pairs (1)" in text
    assert "dangerous" not in text


def test_pairs_not_worn_for_60_days_are_offered_for_retirement_on_their_last_day(filled: Pages) -> None:
    number = pair_id(filled.home, "Old")
    assert "Not worn for 60 days Old , last worn on 20 Aug 2026." in text_of_page(filled.see("/shoes"))
    asked = filled.see(f"/shoes/{number}/retire")
    assert 'name="on" type="date" value="2026-08-20"' in asked
    assert shoes.known(filled.home.box, ME)[2].retired_on is None


def test_one_pair_shows_its_months_runs_evidence_and_history(filled: Pages) -> None:
    page = filled.see(f"/shoes/{pair_id(filled.home, 'Pegasus')}")
    text = text_of_page(page)
    assert "Distance in the Pegasus by month" in page
    assert "10 in this pair, the newest first" in text
    assert all(f'href="/runs/{a.id}"' in page for a in filled.home.activities()[-9:])
    assert "experts' opinion" in text
    assert "First used, as you said." in text
    assert "Remind me in 50 km" in text


def test_alerts_changes_and_inserts_of_the_pair_are_in_its_history(full: Pages) -> None:
    number = pair_id(full.home, "Pegasus")
    full.done("/inserts/new", {"name": "Blue", "kind": "insole", "shoe_id": str(number), "start": "0"})
    text = text_of_page(full.see(f"/shoes/{number}"))
    assert "The insole Blue was fitted." in text
    assert "Activities 2, 3 on Ghost (2 activities)." in text
    assert "The Pegasus has 670 km: 105 % of its limit of 640 km." in text


def test_a_page_beyond_the_last_one_of_its_runs_is_the_last(filled: Pages) -> None:
    number = pair_id(filled.home, "Pegasus")
    assert "10 in this pair" in filled.see(f"/shoes/{number}?page=99")
    assert "10 in this pair" in filled.see(f"/shoes/{number}?page=many")


def test_miles_are_read_and_shown_as_miles(pages: Pages) -> None:
    setup.edit_runner(pages.home.box, ME, units="mi")
    page = pages.done("/shoes/new", {"name": "Ghost", "kind": "daily", "limit": "400", "start": "100"})
    assert "100 mi of 400 mi, 25 %." in text_of_page(page)
    assert shoes.known(pages.home.box, ME)[0].start_m == pytest.approx(160_934.4)


# Adding and correcting


def test_without_a_pair_the_page_says_what_the_first_one_brings(pages: Pages) -> None:
    text = text_of_page(pages.see("/shoes"))
    assert "No pair yet. Add the pair you run in. It becomes the default for running" in text
    assert "Add your first pair" in text_of_page(pages.see("/shoes/new"))


def test_the_first_pair_becomes_the_default_and_claims_past_runs_which_can_be_undone(fresh: Pages) -> None:
    home = fresh.home
    for n in (20, 30):
        home.run(NOW - timedelta(days=n), 10)
    home.once()
    form = {"name": "Ghost", "kind": "daily", "start_how": "known", "start": "0"}
    asked = text_of_page(fresh.done("/shoes/new", form | {"first_used_on": str(FIRST), "price": "99.50"}))
    assert "As your first pair it is the default for running." in asked
    assert "It may claim 2 past runs without a pair: 20 km, from 19 Oct 2026 to 29 Oct 2026." in asked
    assert views.shoes(home.box, ME)[0]["runs"] == 0
    said = fresh.done(f"/shoes/{pair_id(home, 'Ghost')}/claim")
    assert "2 past runs are on Ghost now. Ghost: 0 km became 20 km." in text_of_page(said)
    undo = re.search(r'action="/changes/(\d+)/undo"', said)
    assert undo
    changes.undo(home.box, ME, int(undo[1]))
    assert views.shoes(home.box, ME)[0]["runs"] == 0


def test_a_wrong_entry_brings_the_form_back_as_it_was_filled_in(pages: Pages) -> None:
    form = {"name": "My Ghost", "kind": "trail", "limit": "far", "start_how": "unknown"}
    page = refused(pages, "/shoes/new", form)
    assert "is no distance" in page
    assert 'value="My Ghost"' in page
    assert re.search(r'value="unknown" checked', page)
    assert '<option value="trail" selected>' in page
    assert shoes.known(pages.home.box, ME) == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": ""}, "Name is missing."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"name": "barefoot"}, "give this one another name"),
        ({"kind": "flying"}, "There is no kind"),
        ({"limit": "9" * 300}, "farther than any pair goes"),
        ({"price": "-1"}, "below 0"),
        ({"price": "nan"}, "no number"),
        ({"start_how": "since"}, "since about which day"),
        ({"start_how": "since", "worn_since": "2027-01-01"}, "future"),
        ({"first_used_on": "yesterday"}, "no date"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_what_no_pair_can_be_is_refused_in_words(filled: Pages, wrong: dict[str, str], why: str) -> None:
    page = refused(filled, "/shoes/new", {"name": "New", "kind": "daily", "start_how": "known"} | wrong)
    assert why in text_of_page(page)


def test_a_pair_worn_since_about_a_day_is_estimated_and_stays_so_when_it_is_edited(fresh: Pages) -> None:
    fresh.home.run(NOW - timedelta(days=40), 10)
    fresh.home.once()
    form = {"name": "Ghost", "kind": "daily", "start_how": "since", "worn_since": "2026-06-01"}
    assert "about" in text_of_page(fresh.done("/shoes/new", form))
    number = pair_id(fresh.home, "Ghost")
    before = shoes.known(fresh.home.box, ME)[0]
    assert before.start_how == "estimated"
    page = fresh.see(f"/shoes/{number}/edit")
    assert re.search(r'value="keep" checked', page)
    fresh.done(f"/shoes/{number}/edit", {"name": "Ghost 2", "kind": "daily", "start_how": "keep"})
    after = shoes.known(fresh.home.box, ME)[0]
    assert (after.name, after.start_m, after.start_how) == ("Ghost 2", before.start_m, "estimated")


def test_an_edit_changes_what_differs_and_empties_what_was_emptied(pages: Pages) -> None:
    box = pages.home.box
    details = {"limit_m": 700_123.4, "model": "Brooks Ghost", "price": 120.0, "bought_on": FIRST}
    shoes.add_shoe(box, ME, "Ghost", "daily", Start(known_m=100_050.25), **details)
    place = f"/shoes/{pair_id(pages.home, 'Ghost')}/edit"
    form = {"name": "Ghost", "kind": "tempo", "limit": "700.123", "start_how": "known", "start": "100.05"}
    pages.done(place, form)
    changed = shoes.known(box, ME)[0]
    assert (changed.kind, changed.limit_m, changed.start_m) == ("tempo", 700_123.4, 100_050.25)
    assert (changed.model, changed.price, changed.bought_on) == (None, None, None)
    assert "Nothing was changed." in pages.done(place, form)


def test_dates_against_ones_own_word_are_refused_on_the_form(full: Pages) -> None:
    number = pair_id(full.home, "Ghost")
    form = {"name": "Ghost", "kind": "daily", "first_used_on": str(TODAY), "start_how": "known", "start": "0"}
    page = refused(full, f"/shoes/{number}/edit", form)
    assert "by your own word" in page
    assert f'value="{TODAY}"' in page


def test_pairs_of_a_spreadsheet_come_in_and_bad_lines_are_named(pages: Pages) -> None:
    listed = b"name,kind,limit_km\nGhost,daily,700\nBad,flying,\n"
    page = pages.done("/shoes/import", files={"list": ("my shoes.csv", listed, "text/csv")})
    text = text_of_page(page)
    assert "Added 1 pair: Ghost. Ghost is the default for running. Line 3:" in text
    broken = pages.post("/shoes/import", files={"list": ("x.csv", b"\0\1", "text/csv")})
    assert broken.status_code == 422
    assert "/tmp" not in broken.text


# Doing


def test_a_pair_is_retired_with_a_day_and_a_reason_and_brought_back(full: Pages) -> None:
    number = pair_id(full.home, "Ghost")
    asked = text_of_page(full.see(f"/shoes/{pair_id(full.home, 'Pegasus')}/retire"))
    assert "It is the default for running" in asked
    text = text_of_page(full.done(f"/shoes/{number}/retire", {"on": str(TODAY), "reason": "lost"}))
    assert "Ghost is retired: its last day was 18 Nov 2026." in text
    assert "retired 18 Nov 2026: lost" in text
    assert "Ghost is in use again." in text_of_page(full.done(f"/shoes/{number}/unretire"))
    too_early = refused(full, f"/shoes/{number}/retire", {"on": str(FIRST), "reason": "lost"})
    assert "by your own word" in too_early
    later = {"on": str(TODAY + timedelta(days=1)), "reason": "lost"}
    assert "lies in the future" in refused(full, f"/shoes/{number}/retire", later)


def test_to_be_reminded_in_50_km_sets_a_limit_that_speaks_up_then(full: Pages) -> None:
    home = full.home
    number = pair_id(home, "Pegasus")
    was_pushed = any(a.subject == f"{number}:100" and a.pushed_at for a in home.alerts("S1"))
    text = text_of_page(full.done(f"/shoes/{number}/remind"))
    assert "You hear of Pegasus again in about 50 km: its limit is" in text
    (limit_m,) = [s.limit_m for s in shoes.known(home.box, ME) if s.id == number]
    assert limit_m * (1.02 if was_pushed else 1.0) == pytest.approx(720_000, abs=600)
    assert not [a for a in home.alerts("S1") if a.subject == f"{number}:100" and a.resolved_at is None]


def test_who_is_far_from_its_limit_is_not_reminded_of(filled: Pages) -> None:
    place = f"/shoes/{pair_id(filled.home, 'Ghost')}"
    assert "Remind me" not in filled.see(place)
    assert "is not near its limit" in refused(filled, f"{place}/remind", {})
    unknown = f"/shoes/{pair_id(filled.home, 'Old')}"
    assert "is unknown" in refused(filled, f"{unknown}/remind", {})
    assert "In the last half-year: 8 km." in text_of_page(filled.see(unknown))


def test_a_retired_default_asks_for_another_one(full: Pages) -> None:
    place = f"/shoes/{pair_id(full.home, 'Pegasus')}/retire"
    text = text_of_page(full.done(place, {"on": str(TODAY), "reason": "worn"}))
    assert "It was the default for running: make another pair the default." in text


def test_another_limit_and_other_defaults_by_clicks(full: Pages) -> None:
    number, box = pair_id(full.home, "Ghost"), full.home.box
    text = text_of_page(full.done(f"/shoes/{number}/limit", {"limit": "700"}))
    assert "The limit of Ghost is 700 km now; it was 640 km." in text
    assert "Say the new limit" in refused(full, f"/shoes/{number}/limit", {"limit": "0"})
    form = {"default_sport": "running", "default_surface": "trail", "default_since": "2026-11-01"}
    text = text_of_page(full.done(f"/shoes/{number}/default", form))
    assert "Ghost is the default for running on trail from 1 Nov 2026 on." in text
    assert "default for running on trail" in text
    full.done(f"/shoes/{number}/default/none", form)
    assert not next(v for v in views.shoes(box, ME) if v["id"] == number)["default_for"]
    wrong = {"default_sport": "flying"}
    assert "Choose a sport" in refused(full, f"/shoes/{number}/default", wrong)


def test_a_pair_takes_a_share_of_the_daily_steps_and_none_any_more(pages: Pages) -> None:
    shoes.add_shoe(pages.home.box, ME, "Ghost", "daily", Start())
    place = f"/shoes/{pair_id(pages.home, 'Ghost')}/everyday"
    said = text_of_page(pages.done(place, {"everyday_share": "50", "everyday_from": ""}))
    assert "Ghost takes 50 % of your daily steps from 18 Nov 2026 on. So far: none known yet." in said
    assert "from 1 to 100" in refused(pages, place, {"everyday_share": "150"})
    assert "takes no daily steps any more" in pages.done(f"{place}/off")


def test_a_pair_is_removed_only_while_nothing_was_worn_in_it(full: Pages) -> None:
    number = pair_id(full.home, "Ghost")
    assert "Ghost was worn: retire it instead." in refused(full, f"/shoes/{number}/remove", {})
    assert "Gone is removed" in full.done(f"/shoes/{pair_id(full.home, 'Gone')}/remove")


# Photos


def test_a_photo_is_shown_kept_by_the_browser_and_removed(pages: Pages) -> None:
    shoes.add_shoe(pages.home.box, ME, "Ghost", "daily", Start())
    place = f"/shoes/{pair_id(pages.home, 'Ghost')}/photo"
    page = pages.done(place, files={"photo": ("a.jpg", photo(), "image/jpeg")})
    (address,) = re.findall(rf'src="({place}\?v=\w+)" alt="The Ghost"', page)
    assert address in pages.see("/shoes")
    shown = pages.get(address)
    assert shown.headers["content-type"] == "image/webp"
    assert shown.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert Image.open(io.BytesIO(shown.content)).size == (640, 427)
    known = {"if-none-match": shown.headers["etag"]}
    assert pages.get(address, headers=known).status_code == 304
    assert pages.get(f"{place}?v=other").headers["cache-control"] == "private, no-cache"
    pages.home.clock.on(seconds=1)
    page = pages.done(place, files={"photo": ("b.png", photo("blue"), "image/png")})
    assert address not in page
    pages.done(f"{place}/remove")
    assert pages.get(place).status_code == 404


def test_what_is_no_photo_is_refused_on_the_form(pages: Pages) -> None:
    shoes.add_shoe(pages.home.box, ME, "Ghost", "daily", Start())
    place = f"/shoes/{pair_id(pages.home, 'Ghost')}/photo"
    page = refused(pages, place, {}, files={"photo": ("a.jpg", b"<script>", "image/jpeg")})
    assert "no photo that can be read" in page
    assert "Choose a photo first." in refused(pages, place, {})
    assert pages.get(place).status_code == 404


def test_photos_go_along_in_an_export(tmp_path: Path) -> None:
    with a_home(tmp_path / "old") as old:
        shoes.add_shoe(old.box, ME, "Ghost", "daily", Start())
        photos.put(old.box, ME, pair_id(old, "Ghost"), photo())
        kept = photos.photo(old.box, ME, pair_id(old, "Ghost"))
        export(old.box, ME, tmp_path / "export.zip")
    with a_home(tmp_path / "new") as new:
        other = setup.add_runner(new.box, "Other", "UTC")
        shoes.add_shoe(new.box, other, "Not mine", "daily", Start())
        bring_back(new.box, ME, tmp_path / "export.zip")
        assert photos.photo(new.box, ME, pair_id(new, "Ghost")) == kept


# Nobody else's


def test_of_another_runners_pair_nothing_is_told_or_changed(pages: Pages) -> None:
    home = pages.home
    other = setup.add_runner(home.box, "Other", "UTC")
    theirs, _ = shoes.add_shoe(home.box, other, "Secret pair", "daily", Start(), first_used_on=FIRST)
    photos.put(home.box, other, theirs.id, photo())
    for name in ("", "/edit", "/retire", "/claim", "/photo"):
        theirs_told = pages.get(f"/shoes/{theirs.id}{name}")
        assert theirs_told.status_code == 404
        nobodys = pages.get(f"/shoes/999{name}")
        assert theirs_told.text == nobodys.text.replace("/shoes/999", f"/shoes/{theirs.id}")
    form = {"name": "Mine", "kind": "daily", "limit": "1", "on": str(TODAY), "default_sport": "running"}
    form |= {"everyday_share": "50", "start_how": "known"}
    posts = ("edit", "retire", "unretire", "remove", "limit", "remind", "default", "default/none", "claim")
    for name in (*posts, "everyday", "everyday/off", "photo/remove"):
        assert (name, pages.post(f"/shoes/{theirs.id}/{name}", form).status_code) == (name, 404)
    files = {"photo": ("a.jpg", photo(), "image/jpeg")}
    assert pages.post(f"/shoes/{theirs.id}/photo", files=files).status_code == 404
    assert shoes.known(home.box, other) == [theirs]
    assert photos.versions(home.box, other)
    assert "Secret" not in pages.see("/shoes")


def test_numbers_that_no_pair_has_are_not_found(filled: Pages) -> None:
    for place in ("/shoes/0", f"/shoes/{2**80}", "/shoes/-1", "/shoes/x", f"/inserts/{2**80}", "/inserts/x"):
        assert filled.get(place).status_code == 404


def test_a_stranger_is_led_to_the_log_in(filled: Pages) -> None:
    with pages_of(filled.home, client=("203.0.113.9", 50_000)) as stranger:
        for place in ("/shoes", "/shoes/1", "/shoes/1/photo", "/shoes/new", "/shoes/accounts", "/inserts"):
            answer = stranger.get(place)
            assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")


def test_a_form_of_another_page_changes_nothing(pages: Pages) -> None:
    shoes.add_shoe(pages.home.box, ME, "Ghost", "daily", Start())
    pages.get("/")
    for form in ({}, {"csrf": "salt.wrong"}):
        answer = pages.client.post("/shoes/1/retire", data=form, follow_redirects=False)
        assert answer.status_code == 403
    assert shoes.known(pages.home.box, ME)[0].retired_on is None


# Pairs of an account


def propose(home: Home, *names: str) -> None:
    """Garmin tells of these pairs, and nobody has said yet whose they are."""
    told = {"origin": "garmin", "brand": None, "model": None, "limit_m": None, "told": "{}", "runs": 3}
    told |= {"first_used_on": FIRST, "retired_on": None, "total_m": 123_000.0}
    with home.box.store.write() as tx:
        gear.tell(tx, ME, [told | {"external_id": f"g-{name}", "name": name} for name in names], NOW)


def test_pairs_of_an_account_are_added_linked_or_left_out(pages: Pages) -> None:
    box, place = pages.home.box, "/shoes/accounts"
    assert "none waits for a word" in text_of_page(pages.see(place))
    mine, _ = shoes.add_shoe(box, ME, "My daily", "daily", Start())
    propose(pages.home, "Clifton", "Speedgoat", "Wellies", "Sandals")
    assert "4 pairs of your account wait for a word" in text_of_page(pages.see("/shoes"))
    assert "Garmin counts 123 km on it." in text_of_page(pages.see(place))
    assert "Added Clifton." in pages.done(f"{place}/accept", {"external_id": "g-Clifton"})
    linked = pages.done(f"{place}/link", {"external_id": "g-Speedgoat", "shoe_id": str(mine.id)})
    assert "Speedgoat there is My daily here." in linked
    assert "Midsole counts" in text_of_page(linked)
    assert "Wellies is left out." in pages.done(f"{place}/decline", {"external_id": "g-Wellies"})
    assert "Added Sandals." in pages.done(f"{place}/accept", {"all": "yes"})
    assert [s.name for s in shoes.known(box, ME)] == ["My daily", "Clifton", "Sandals"]
    assert "Garmin calls it Speedgoat and counts 123 km" in text_of_page(pages.see(f"/shoes/{mine.id}"))


def test_a_pair_that_waits_for_no_word_is_not_found(pages: Pages) -> None:
    propose(pages.home, "Clifton")
    for what in ("accept", "link", "decline"):
        assert pages.post(f"/shoes/accounts/{what}", {"external_id": "g-Cl"}).status_code == 404
    gone = {"external_id": "g-Clifton", "shoe_id": "999"}
    assert pages.post("/shoes/accounts/link", gone).status_code == 404


# Insoles and pads


def test_an_insert_is_added_fitted_moved_taken_out_retired_and_brought_back(full: Pages) -> None:
    pegasus, ghost = (pair_id(full.home, name) for name in ("Pegasus", "Ghost"))
    assert "None yet." in text_of_page(full.see("/inserts"))
    form = {"name": "Blue", "kind": "pad", "limit": "", "start": "20", "price": "30"}
    page = full.done("/inserts/new", form | {"shoe_id": str(pegasus), "from_date": str(FIRST)})
    text = text_of_page(page)
    assert "Added Blue. Blue lies in the Pegasus from 10 Aug 2026 on." in text
    assert "120 km of 480 km, 25 %." in text
    assert "just behind the ball of the foot" in text
    moved = full.done("/inserts/1/fit", {"shoe_id": str(ghost), "from_date": str(TODAY - timedelta(days=3))})
    assert "It lay in the Pegasus until 14 Nov 2026." in text_of_page(moved)
    assert f'<a href="/shoes/{ghost}">Ghost</a>' in full.see("/inserts")
    assert "Blue lies in no pair after 18 Nov 2026" in full.done("/inserts/1/take-out", {"on": ""})
    assert "lies in no pair after" in refused(full, "/inserts/1/take-out", {"on": ""})
    edited = form | {"name": "Blue 2", "price": "", "limit": "500"}
    assert "Blue 2 is changed." in full.done("/inserts/1/edit", edited)
    assert "of 500 km" in text_of_page(full.see("/inserts/1"))
    assert "was worn: retire it instead" in refused(full, "/inserts/1/remove", {})
    assert "Blue 2 is retired" in full.done("/inserts/1/retire", {"on": ""})
    assert "Retired (1)" in text_of_page(full.see("/inserts"))
    assert "Blue 2 is in use again." in full.done("/inserts/1/unretire")


def test_an_insert_can_not_go_into_a_pair_of_another_runner(pages: Pages) -> None:
    other = setup.add_runner(pages.home.box, "Other", "UTC")
    theirs, _ = shoes.add_shoe(pages.home.box, other, "Secret pair", "daily", Start())
    form = {"name": "Blue", "kind": "insole", "start": "0"}
    pages.done("/inserts/new", form)
    assert pages.post("/inserts/1/fit", {"shoe_id": str(theirs.id)}).status_code == 404
    assert pages.post("/inserts/new", form | {"shoe_id": str(theirs.id)}).status_code == 404
    assert "Choose the pair" in refused(pages, "/inserts/1/fit", {"shoe_id": ""})
