"""Settings of health data on their page, from the command line and for programs."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from home import ME, NOW, Home, a_home
from midsole.actions import api_tokens, forgetting, routine, setup
from midsole.actions.bring_back import bring_back
from midsole.actions.evaluate import evaluate
from midsole.actions.export import export
from midsole.actions.post import post
from midsole.cli.main import run as midsole
from midsole.deliver.base import Message
from midsole.domain.checkins import checked
from midsole.domain.errors import UsageError
from midsole.domain.facts import Pause
from midsole.store import body, runners
from midsole.store import tables as t
from web_home import OTHERWHERE, Pages, a_web_home, pages_of, text_of_page

NOTE = "marzipanache, =1+1"
TODAY = NOW.date()


def say(home: Home, runner_id: int = ME) -> None:
    said = checked(TODAY, "morning", 4, place="heel", side="left", signs=["limp"], note=NOTE)
    with home.box.store.write() as tx:
        body.add_check_in(tx, runner_id, said, NOW)
        body.tick(tx, runner_id, TODAY, "heel-drop", NOW)
        runners.add_injury(tx, runner_id, TODAY, "shin")
        runners.add_pause(tx, runner_id, Pause(TODAY, TODAY, "ill"))


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with a_web_home(tmp_path) as made:
        yield made


def test_the_page_says_what_to_do_while_nothing_is_kept(pages: Pages) -> None:
    words = text_of_page(pages.see("/settings/health"))
    assert "Nothing yet. After a run, say how it was: Check in" in words
    assert "There is nothing to delete." in words


def test_how_one_is_asked_and_reminded_is_chosen(pages: Pages) -> None:
    html = pages.done("/settings/health/asking", {"ask": "every"})
    assert 'value="every" aria-describedby="ask-every-hint" checked' in html
    assert pages.home.runner().check_in_ask == "every"
    pages.done("/settings/health/reminder", {"reminder": "18:30"})
    assert pages.home.runner().routine_at == time(18, 30)
    pages.done("/settings/health/reminder", {"reminder": ""})
    assert pages.home.runner().routine_at is None


def test_what_is_no_time_or_no_way_is_refused_beside_its_field(pages: Pages) -> None:
    refused = pages.post("/settings/health/reminder", {"reminder": "soon"})
    assert (refused.status_code, "write it as 18:30" in refused.text) == (422, True)
    assert 'value="soon"' in refused.text
    assert pages.post("/settings/health/asking", {"ask": "loudly"}).status_code == 422


def test_nothing_is_deleted_without_the_word_and_all_of_it_with_it(pages: Pages) -> None:
    say(pages.home)
    words = text_of_page(pages.see("/settings/health"))
    assert "1 check-in" in words
    assert "1 injury noted" in words
    refused = pages.post("/settings/health/delete", {"word": "yes"})
    assert refused.status_code == 422
    assert not forgetting.held(pages.home.box, ME).is_empty
    done = pages.post("/settings/health/delete", {"word": " Delete "})
    said = text_of_page(done.text)
    assert done.status_code == 200
    assert "Your health data are deleted" in said
    assert "1 check-in 1 exercise ticked 1 injury noted 1 pause for illness or injury" in said
    assert "Backups and exports that you made" in said
    assert forgetting.held(pages.home.box, ME).is_empty
    assert "marzipanache" not in str(done.headers)


def test_a_deletion_that_was_cut_short_is_told(pages: Pages) -> None:
    (pages.home.box.home / ".forgetting-1").touch()
    assert "is not finished" in text_of_page(pages.see("/settings/health"))
    pages.post("/settings/health/delete", {"word": "delete"})
    assert "is not finished" not in text_of_page(pages.see("/settings/health"))


def test_the_download_holds_lists_and_all_of_it_and_leaves_nothing_behind(pages: Pages) -> None:
    say(pages.home)
    got = pages.get("/settings/health/health.zip")
    assert got.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        names = set(archive.namelist())
        told = json.loads(archive.read("health.json"))
        (row,) = csv.DictReader(io.StringIO(archive.read("checkins.csv").decode("utf-8-sig")))
    assert names == {"health.json", "checkins.csv", "exercises.csv", "comebacks.csv", "calendar.csv"}
    assert (row["level"], row["place"], row["signs"], row["note"]) == ("4", "heel", "limp", NOTE)
    assert told["tables"]["check_in"][0]["note"] == NOTE
    assert told["tables"]["injury"][0]["note"] == "shin"
    assert not list(pages.home.box.home.glob(".midsole-*"))
    assert "marzipanache" in pages.get("/settings/export/checkins.csv").text


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path) as made:
        yield made


def test_a_token_reads_it_only_with_its_own_scope(home: Home) -> None:
    say(home)
    tokens = {
        scope: api_tokens.make_token(home.box, ME, scope, ["read", scope]) for scope in ("health", "write")
    }

    def ask(pages: Pages, path: str, scope: str) -> Any:
        return pages.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {tokens[scope]}"})

    with pages_of(home, OTHERWHERE) as pages:
        assert ask(pages, "/health-data", "write").status_code == 403
        found = ask(pages, "/health-data", "health").json()
        reasons = {scope: ask(pages, "/pauses", scope).json()["items"][0]["reason"] for scope in tokens}
        with home.box.store.write() as tx:
            post(tx, home.box, runners.get(tx, ME), "alert", Message("Your heel is sore", "x", "<p>x</p>"))
            tx.execute(update(t.delivery).values(state="given_up"))
        mails = {scope: ask(pages, "/status", scope).json()["given_up"][0]["subject"] for scope in tokens}
    assert (found["counts"]["check_in"], found["ask"], found["deleting_unfinished"]) == (1, "rules", False)
    assert reasons == {"health": "ill", "write": "break"}
    assert set(mails.values()) == {"Midsole"}  # a status tells of all who run here


def test_the_command_line_shows_exports_and_deletes(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say(home)
    routine.set_reminder(home.box, ME, time(7))

    def run(*words: str) -> tuple[int, str, str]:
        code = midsole(["--home", str(home.box.home), "health", *words])
        return code, *capsys.readouterr()

    assert "1 check-in" in run()[1]
    assert json.loads(run("--json")[1])["reminder_at"] == "07:00"
    assert run("ask", "none")[1] == "You are asked never.\n"
    assert run("ask", "loudly")[0] == 2
    assert "1 check-in" in run("export", str(tmp_path / "mine.zip"))[1]
    assert (tmp_path / "mine.zip").stat().st_mode & 0o077 == 0
    code, _, why = run("delete")
    assert (code, "Add --yes" in why) == (2, True)
    code, out, _ = run("delete", "--yes")
    assert (code, "Deleted: 1 check-in" in out) == (0, True)
    assert "Kept: nothing." in run()[1]


def test_an_export_brings_it_back_once(home: Home, tmp_path: Path) -> None:
    say(home)
    export(home.box, ME, tmp_path / "all.zip")
    other = setup.add_runner(home.box, "other", "UTC")
    came = bring_back(home.box, other, tmp_path / "all.zip")
    assert (came.rows["check_in"], came.rows["exercise_tick"], came.rows["injury"]) == (1, 1, 1)
    evaluate(home.box, other)
    with home.box.store.read() as tx:
        (said,) = body.check_ins(tx, other)
    assert (said.place, said.signs, said.note) == ("heel", ("limp",), NOTE)
    assert bring_back(home.box, other, tmp_path / "all.zip").rows == {}
    with home.box.store.write() as tx:
        body.add_check_in(tx, other, checked(TODAY, "night", 0), NOW)
    with pytest.raises(UsageError, match="2 check-ins already"):
        bring_back(home.box, other, tmp_path / "all.zip")
