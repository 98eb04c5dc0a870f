"""Uploads: received piece by piece, taken in like an import, and nothing left of what broke off."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from home import ME, Clock, Home
from many import runs, tarred, zipped
from midsole.actions import setup, uploaded, uploading
from midsole.actions.export import export
from midsole.actions.uploaded import take_in_uploads
from midsole.actions.uploading import clean_name
from midsole.domain.errors import UsageError
from midsole.store import uploads
from web_home import Pages, a_web_home, pages_of, text_of_page

FIRST = runs(3)
LINE = "--line"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pages(tmp_path: Path, clock: Clock) -> Iterator[Pages]:
    with a_web_home(tmp_path, clock) as made:
        yield made


def form(files: dict[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", (name, raw)) for name, raw in files.items()]


def send(pages: Pages, files: dict[str, bytes]) -> Any:
    pages.get("/uploads")
    where = f"/uploads?csrf={pages.made_key()}"
    return pages.client.post(where, files=form(files), follow_redirects=False)


def send_raw(
    pages: Pages, body: bytes | Iterator[bytes], kind: str = "multipart/form-data; boundary=line"
) -> Any:
    pages.get("/uploads")
    where = f"/uploads?csrf={pages.made_key()}"
    return pages.client.post(where, content=body, headers={"content-type": kind}, follow_redirects=False)


def part(name: str, raw: bytes, more: bytes = b"") -> bytes:
    head = f'{LINE}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'.encode()
    return head + more + b"\r\n" + raw + b"\r\n"


def staged(home: Home) -> list[str]:
    return sorted(p.name for p in (home.box.home / "uploads").rglob("*") if p.is_file())


def nothing_is_left(pages: Pages) -> bool:
    here = pages.home.box.home / "uploads"
    return not uploading.latest(pages.home.box, ME) and not (here.is_dir() and any(here.iterdir()))


def test_files_that_are_sent_become_runs_and_their_staging_goes(pages: Pages) -> None:
    answer = send(pages, FIRST)
    assert answer.status_code == 303
    assert staged(pages.home) == sorted(FIRST)
    assert "waits to be read" in pages.see(answer.headers["location"])
    take_in_uploads(pages.home.box)
    assert len(pages.home.activities()) == 3
    assert "3 new activities." in text_of_page(pages.see(answer.headers["location"]))
    assert not list((pages.home.box.home / "uploads").iterdir())


def test_archives_are_opened_and_what_is_known_is_not_counted_twice(pages: Pages) -> None:
    send(pages, FIRST)
    take_in_uploads(pages.home.box)
    more = runs(2, first=3)
    place = send(pages, {"a.zip": zipped(FIRST | more), "b.tar.gz": tarred(more)}).headers["location"]
    take_in_uploads(pages.home.box)
    assert len(pages.home.activities()) == 5
    assert "2 new activities, 5 files known already." in text_of_page(pages.see(place))


def test_two_files_of_one_name_are_two_files(pages: Pages) -> None:
    (one, other) = list(runs(2).values())
    body = part("../../etc/run.fit", one) + part("C:\\watch\\run.fit", other) + f"{LINE}--\r\n".encode()
    assert send_raw(pages, body).status_code == 303
    assert staged(pages.home) == ["run.fit", "run.fit"]
    take_in_uploads(pages.home.box)
    assert len(pages.home.activities()) == 2


def test_what_can_not_be_read_is_named_without_the_folder_it_lay_in(pages: Pages) -> None:
    place = send(pages, {"odd.fit": b"no run at all", "photo.jpg": b"\xff\xd8"}).headers["location"]
    take_in_uploads(pages.home.box)
    text = text_of_page(pages.see(place))
    assert "1 file of another kind, 1 file that could not be read." in text
    assert "odd.fit" in text
    assert str(pages.home.box.home) not in text


def test_uploads_are_history_and_mail_no_alarm(tmp_path: Path) -> None:
    with a_web_home(tmp_path, email="kim@example.org") as pages:
        send(pages, runs(40))
        take_in_uploads(pages.home.box)
        pages.home.once()
        assert [d.kind for d in pages.home.deliveries()] == ["notice"]


@pytest.mark.parametrize(
    "body",
    [
        part("run.fit", b"x" * 400_000),
        part("run.fit", b"x") + b"--lin",
        b"",
        b"nothing of the kind",
        part("run.fit", b"x", more=b"A: b\r\n" * 9) + f"{LINE}--\r\n".encode(),
        part("run.fit", b"x", more=b"A: " + b"b" * 9_000 + b"\r\n") + f"{LINE}--\r\n".encode(),
        part("", b"") + f"{LINE}--\r\n".encode(),
        f"{LINE}--\r\n".encode(),
    ],
    ids=[
        "cut off",
        "cut at the end",
        "empty",
        "no form",
        "many headers",
        "long header",
        "no choice",
        "no part",
    ],
)
def test_a_broken_upload_is_told_and_leaves_nothing(pages: Pages, body: bytes) -> None:
    answer = send_raw(pages, body)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert nothing_is_left(pages)


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "text/plain", "multipart/form-data; boundary=" + "b" * 300]
)
def test_what_is_no_form_with_files_is_refused(pages: Pages, kind: str) -> None:
    assert send_raw(pages, part("run.fit", b"x"), kind).status_code == 422
    assert nothing_is_left(pages)


def test_too_many_files_or_fields_are_refused(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MOST_FILES", 3)
    answer = send(pages, {f"{n}.fit": b"x" for n in range(4)})
    assert (answer.status_code, "More than 3 files" in answer.text) == (422, True)
    field = f'{LINE}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'.encode()
    assert send_raw(pages, field * 1_000 + f"{LINE}--\r\n".encode()).status_code == 422
    assert nothing_is_left(pages)


def test_more_than_is_allowed_is_refused_however_it_is_announced(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as made, pages_of(made.home, web_upload_mb=1) as pages:
        big = part("run.zip", b"PK\x03\x04" + b"x" * 2_000_000) + f"{LINE}--\r\n".encode()
        assert send_raw(pages, big).status_code == 413
        assert send_raw(pages, iter([big[:900_000], big[900_000:]])).status_code == 413
        assert nothing_is_left(pages)


def test_a_loose_file_is_kept_only_until_it_is_seen_to_be_too_large(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "LARGEST_MEMBER_BYTES", 1_000)
    packed = zipped({f"{n}.fit": raw for n, raw in enumerate([*FIRST.values()] * 4)})
    send(pages, {"large.fit": b"x" * 5_000, "packed.zip": packed})
    sizes = {p.name: p.stat().st_size for p in (pages.home.box.home / "uploads").rglob("*.*")}
    assert sizes == {"large.fit": 1_001, "packed.zip": len(packed)}
    assert len(packed) > 1_001


def test_a_full_disk_is_told_and_leaves_nothing(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "SPARE_BYTES", 2**62)
    answer = send(pages, FIRST)
    assert (answer.status_code, "no room" in answer.text) == (507, True)
    assert nothing_is_left(pages)
    monkeypatch.undo()
    (pages.home.box.home / "uploads").rmdir()
    (pages.home.box.home / "uploads").write_bytes(b"in the way")
    assert send(pages, FIRST).status_code == 507
    assert not uploading.latest(pages.home.box, ME)


def test_nobody_sends_files_without_a_form_of_ours(pages: Pages) -> None:
    pages.get("/uploads")
    assert pages.client.post("/uploads").status_code == 403
    assert pages.client.post("/uploads?csrf=guessed.guessed", files=form(FIRST)).status_code == 403
    assert nothing_is_left(pages)


# Kills, and whoever else is there


def test_what_nobody_sends_on_is_dropped_after_an_hour(pages: Pages, clock: Clock) -> None:
    left = uploading.begin(pages.home.box, ME)
    left.begin_file("run.fit")
    left.end_file()
    clock.on(minutes=50)
    take_in_uploads(pages.home.box)
    assert staged(pages.home) == ["run.fit"]
    clock.on(minutes=20)
    take_in_uploads(pages.home.box)
    assert nothing_is_left(pages)
    with pytest.raises(UsageError, match="took too long"):
        left.finish()


def test_a_slow_line_keeps_its_upload(pages: Pages, clock: Clock) -> None:
    slow = uploading.begin(pages.home.box, ME)
    slow.begin_file("run.fit")
    for _ in range(4):
        slow.write(b"x" * 10)
        clock.on(minutes=30)
        take_in_uploads(pages.home.box)
    slow.end_file()
    assert slow.finish().bytes == 40


def test_after_a_kill_the_reading_goes_on(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    place = send(pages, FIRST).headers["location"]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(uploaded, "_note_progress", killed)
    with pytest.raises(KeyboardInterrupt):
        take_in_uploads(pages.home.box)
    monkeypatch.undo()
    take_in_uploads(pages.home.box)
    assert staged(pages.home) == sorted(FIRST), "another worker leaves alone what is leased"
    clock.on(minutes=11)
    take_in_uploads(pages.home.box)
    assert len(pages.home.activities()) == 3
    assert "goes on" not in pages.see(place)
    assert not staged(pages.home)


def test_an_upload_that_ends_the_program_again_and_again_is_given_up(pages: Pages, clock: Clock) -> None:
    place = send(pages, FIRST).headers["location"]
    with pages.home.box.store.write() as tx:
        uploads.change(tx, 1, "due", attempts=4)
    take_in_uploads(pages.home.box)
    assert "broke off too often" in pages.see(place)
    assert not staged(pages.home)


def test_a_worker_that_ends_gives_the_upload_back(pages: Pages) -> None:
    send(pages, FIRST)
    told = iter([False, False, True])
    take_in_uploads(replace(pages.home.box, stopping=lambda: next(told, True)))
    take_in_uploads(pages.home.box)
    assert len(pages.home.activities()) == 3


def test_an_export_of_midsole_itself_is_refused_with_the_way_out(pages: Pages, tmp_path: Path) -> None:
    export(pages.home.box, ME, tmp_path / "mine.zip")
    place = send(pages, {"mine.zip": (tmp_path / "mine.zip").read_bytes()}).headers["location"]
    take_in_uploads(pages.home.box)
    assert "midsole import mine.zip" in pages.see(place)


def test_who_is_erased_leaves_no_upload(pages: Pages) -> None:
    other_id = setup.add_runner(pages.home.box, "Kim", zone="UTC")
    sent = uploading.begin(pages.home.box, other_id)
    sent.begin_file("run.fit")
    sent.end_file()
    sent.finish()
    setup.erase_runner(pages.home.box, other_id)
    assert not staged(pages.home)


def test_an_upload_of_somebody_else_is_no_upload(pages: Pages) -> None:
    other_id = setup.add_runner(pages.home.box, "Kim", zone="UTC")
    theirs = uploading.begin(pages.home.box, other_id)
    for place in (
        f"/uploads/{theirs.id}",
        f"/uploads/{theirs.id}/progress",
        "/uploads/99",
        f"/uploads/{10**20}",
    ):
        assert pages.get(place).status_code == 404
    theirs.drop()


def test_how_far_it_is_can_be_asked(pages: Pages) -> None:
    send(pages, FIRST)
    assert pages.get("/uploads/1/progress").json() == {
        "under_way": True,
        "words": "Here, and waits to be read.",
        "done": 0,
        "of": 0,
    }
    assert 'http-equiv="refresh"' in pages.see("/uploads/1")
    take_in_uploads(pages.home.box)
    assert 'http-equiv="refresh"' not in pages.see("/uploads/1")
    assert "3 new activities" in pages.see("/uploads")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("a/b/run.fit", "run.fit"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\n.fit", "ab.fit"),
        ("what?.fit", "what_.fit"),
        ("\udcff.fit", ".fit"),
    ],
)
def test_names_of_files_are_fit_for_any_disk(said: str, kept: str) -> None:
    assert clean_name(said) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = clean_name("ä" * 400 + ".fit")
    assert name.endswith(".fit")
    assert len(name.encode()) <= 150
