"""The contract of the sources: a folder and both of Garmin's interfaces find and fetch alike."""

import inspect
import io
import json
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from fakes.garmin import FakeGarmin, running, status
from garmin_box import MONDAY, Box, after
from home import fit
from midsole.domain.errors import MidsoleError, NotAnActivity, Retry, Unreachable
from midsole.sources.base import Cursor, Details, File, Found, Source
from midsole.sources.folder import Folder
from midsole.sources.garmin import Garmin
from midsole.sources.garmin_personal import GarminPersonal

EVER = date(1970, 1, 1)
KEY = "fake-personal-key"
PASSWORD, EMAIL = "correct horse battery", "runner@example.org"


class Place(Protocol):
    """Where activities come from, and what may happen there. An activity is named as its file's path is."""

    def source(self) -> Source:
        """A new one, as each look has its own."""

    def add(self, number: int) -> str:
        """The activity of that day; the higher the number, the newer."""

    def recording(self, raw: bytes) -> bytes:
        """The activity's own bytes in what was fetched."""

    def change(self, path: str, raw: bytes) -> None:
        """The same activity has other bytes from now on."""

    def rename(self, path: str) -> None: ...

    def take_away(self, path: str) -> None: ...

    def spoil(self, path: str) -> Callable[[], None]:
        """This file alone can't be had; returns what mends it."""

    def shut(self) -> Callable[[], None]:
        """Nothing can be had; returns what mends it."""

    def known(self, cursor: Cursor, found: Sequence[Found], fetched: Iterable[str]) -> Cursor:
        """The cursor of the next look, where what was found is kept, and these files with it."""

    @property
    def secrets(self) -> list[str]: ...


def recorded(number: int) -> bytes:
    return fit(day(number), 5 + number % 9)


def day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


class Files:
    """A folder; its files hold still."""

    def __init__(self, tmp: Path) -> None:
        self.folder = tmp / "watch"
        self.folder.mkdir()

    @property
    def secrets(self) -> list[str]:
        return []

    def source(self) -> Source:
        return Folder(self.folder, 0.0, lambda _: None)

    def add(self, number: int) -> str:
        name = f"{number:04}.fit"
        (self.folder / name).write_bytes(recorded(number))
        return name

    def recording(self, raw: bytes) -> bytes:
        return raw

    def change(self, path: str, raw: bytes) -> None:
        (self.folder / path).write_bytes(raw)

    def rename(self, path: str) -> None:
        (self.folder / path).rename(self.folder / f"renamed-{path}")

    def take_away(self, path: str) -> None:
        (self.folder / path).unlink()

    def spoil(self, path: str) -> Callable[[], None]:
        """A folder of its name can't be read as a file, by root neither."""
        there = self.folder / path
        there.rename(there.with_suffix(".part"))
        there.mkdir()

        def mend() -> None:
            there.rmdir()
            there.with_suffix(".part").rename(there)

        return mend

    def shut(self) -> Callable[[], None]:
        away = self.folder.with_name("unmounted")
        self.folder.rename(away)

        def mend() -> None:
            away.rename(self.folder)

        return mend

    def known(self, cursor: Cursor, found: Sequence[Found], fetched: Iterable[str]) -> Cursor:
        files, had = {f.path: f for f in found if isinstance(f, File)}, set(fetched)
        seen = {path: (f.size, f.mtime_ns) for path, f in files.items() if path in had}
        return Cursor(seen={**cursor.seen, **seen})


class GarminPlace:
    """Garmin Connect, as the watch's own app reads it."""

    def __init__(self, server: FakeGarmin) -> None:
        self.server = server
        self.box = Box(server, self.secret())

    def secret(self) -> str:
        return self.server.access.token_text()

    @property
    def secrets(self) -> list[str]:
        tokens = json.loads(self.box.secret)
        return [PASSWORD, EMAIL, tokens["di_token"], tokens["di_refresh_token"]]

    def source(self) -> Source:
        return Garmin(self.box, sleep=self.box.slept.append, base_url=self.server.url)

    def add(self, number: int) -> str:
        km = 5 + number % 9
        return f"garmin/{self.server.account.add_run(day(number), km, km * 6, fit=recorded(number))}/original"

    def recording(self, raw: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            (name,) = archive.namelist()
            return archive.read(name)

    def change(self, path: str, raw: bytes) -> None:
        self.server.account.set_file(id_of(path), raw)

    def rename(self, path: str) -> None:
        self.server.account.rename(id_of(path), "Around the lake")

    def take_away(self, path: str) -> None:
        self.server.account.delete(id_of(path))

    def spoil(self, path: str) -> Callable[[], None]:
        self.server.faults.add(f"/download-service/files/activity/{id_of(path)}", status(500), times=None)
        return self.server.faults.clear

    def shut(self) -> Callable[[], None]:
        self.server.faults.unreachable = True
        return self.server.faults.clear

    def known(self, cursor: Cursor, found: Sequence[Found], fetched: Iterable[str]) -> Cursor:
        """A look that did not come to its end is made again from the beginning of time."""
        listed = after(list(found), cursor).listed
        had = {str(id_of(path)) for path in fetched}
        had |= {id_ for id_ in cursor.listed if id_ not in cursor.originals}
        waiting = tuple(id_ for id_ in listed if id_ not in had)
        return Cursor(listed=listed, originals=waiting, since=EVER, today=day(400).date())


class PersonalPlace(GarminPlace):
    """Garmin's official interface."""

    def secret(self) -> str:
        return json.dumps({"key": KEY})

    @property
    def secrets(self) -> list[str]:
        return [PASSWORD, EMAIL, KEY, *filter(None, [json.loads(self.box.secret).get("token")])]

    def source(self) -> Source:
        return GarminPersonal(self.box, self.server.url, sleep=self.box.slept.append)


def id_of(path: str) -> int:
    return int(path.split("/")[1])


@contextmanager
def garmin_place(kind: type[GarminPlace]) -> Iterator[Place]:
    with running(email=EMAIL, password=PASSWORD, personal_key=KEY) as server:
        yield kind(server)


@pytest.fixture(params=["folder", "garmin", "garmin_personal"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "folder":
        yield Files(tmp_path)
        return
    with garmin_place(GarminPlace if request.param == "garmin" else PersonalPlace) as there:
        yield there


def look(place: Place, cursor: Cursor | None = None) -> list[Found]:
    return list(place.source().find(cursor or Cursor()))


def files_in(found: Iterable[Found]) -> list[File]:
    return [one for one in found if isinstance(one, File)]


def paths_in(found: Iterable[Found]) -> list[str]:
    return [file.path for file in files_in(found)]


def names_in(found: Iterable[Found]) -> Counter[tuple[str, str]]:
    """How often each file came, and each line of a list."""
    files = [("file", file.path) for file in files_in(found)]
    lines = [("line", one.external_id) for one in found if isinstance(one, Details) and one.listed]
    return Counter([*files, *lines])


def read(source: Source, file: File) -> bytes:
    with source.fetch(file) as stream:
        return stream.read()


def fetched(
    place: Place, source: Source, files: Iterable[File]
) -> tuple[dict[str, bytes], list[MidsoleError]]:
    """The recordings that came, and why others did not."""
    had, errors = {}, []
    for file in files:
        try:
            had[file.path] = place.recording(read(source, file))
        except MidsoleError as error:
            errors.append(error)
    return had, errors


def assert_tells_no_secret(place: Place, error: BaseException) -> None:
    """Neither in its words, nor in a traceback that somebody prints."""
    told = "".join(traceback.format_exception(error))
    assert not [secret for secret in place.secrets if secret in told]


def assert_is_told_well(place: Place, error: MidsoleError) -> None:
    """In a sentence, without a secret."""
    assert str(error).endswith((".", "?"))
    assert " " in str(error)
    assert_tells_no_secret(place, error)


# what is found


@pytest.mark.parametrize("kind", [Folder, Garmin, GarminPersonal])
def test_a_source_takes_what_the_port_says(kind: type[Source]) -> None:
    for name in ("find", "fetch"):
        wanted, given = (inspect.signature(getattr(one, name)) for one in (Source, kind))
        assert list(given.parameters) == list(wanted.parameters)


def test_what_is_new_is_found_once_and_what_is_known_is_not_found_again(place: Place) -> None:
    added = [place.add(number) for number in range(3)]
    first = look(place)
    assert Counter(paths_in(first)) == Counter(added)
    known = place.known(Cursor(), first, added)
    assert look(place, known) == []
    newest = place.add(3)
    second = look(place, known)
    assert paths_in(second) == [newest]
    assert look(place, place.known(known, second, [newest])) == []


def test_one_source_may_look_more_than_once(place: Place) -> None:
    source = place.source()
    added = [place.add(0)]
    assert paths_in(source.find(Cursor())) == added
    assert paths_in(source.find(Cursor())) == added


def test_an_empty_place_holds_nothing_and_that_is_no_error(place: Place) -> None:
    assert look(place) == []
    assert look(place, place.known(Cursor(), [], [])) == []


def test_many_files_are_all_found_and_each_once(place: Place) -> None:
    added = [place.add(number) for number in range(245)]
    found = look(place)
    assert Counter(paths_in(found)) == Counter(added)
    assert max(names_in(found).values()) == 1
    assert look(place, place.known(Cursor(), found, added)) == []


def test_what_comes_during_a_look_is_found_once_at_last_and_makes_nothing_else_come_twice(
    place: Place,
) -> None:
    added = [place.add(number) for number in range(120)]
    looking = place.source().find(Cursor())
    found = [next(looking)]
    added += [place.add(number) for number in range(120, 125)]
    found += looking
    assert max(names_in(found).values()) == 1
    later = look(place, place.known(Cursor(), found, paths_in(found)))
    assert Counter(paths_in([*found, *later])) == Counter(added)


def test_something_renamed_is_told_once(place: Place) -> None:
    added = [place.add(number) for number in range(3)]
    first = look(place)
    known = place.known(Cursor(), first, added)
    place.rename(added[1])
    second = look(place, known)
    assert len([one for one in second if isinstance(one, File | Details)]) == 1
    assert look(place, place.known(known, second, [*added, *paths_in(second)])) == []


# bytes


def test_the_bytes_of_a_file_come_whole_and_twice_the_same(place: Place) -> None:
    added = {place.add(number): recorded(number) for number in range(3)}
    source = place.source()
    for file in files_in(source.find(Cursor())):
        once = read(source, file)
        assert place.recording(once) == added[file.path]
        assert read(source, file) == once


def test_an_opened_file_can_be_sought_in_and_is_closed_by_its_reader(place: Place) -> None:
    place.add(1)
    source = place.source()
    (file,) = files_in(source.find(Cursor()))
    stream = source.fetch(file)
    whole = stream.read()
    assert stream.seekable()
    assert stream.seek(0, io.SEEK_END) == len(whole)
    stream.seek(3)
    assert stream.read(5) == whole[3:8]
    with stream:
        assert stream.seek(0) == 0
    assert stream.closed


def test_two_files_may_be_open_at_once(place: Place) -> None:
    for number in range(2):
        place.add(number)
    source = place.source()
    one, other = files_in(source.find(Cursor()))
    with source.fetch(one) as first, source.fetch(other) as second:
        assert place.recording(first.read()) != place.recording(second.read())


def test_a_file_found_by_one_source_is_fetched_by_another(place: Place) -> None:
    """What waits for a later look is fetched by that look's own."""
    place.add(1)
    (file,) = files_in(look(place))
    assert place.recording(read(place.source(), file)) == recorded(1)


def test_a_file_whose_bytes_were_replaced_comes_with_its_new_ones(place: Place) -> None:
    path = place.add(1)
    source = place.source()
    (file,) = files_in(source.find(Cursor()))
    read(source, file)
    place.change(path, recorded(2))
    assert place.recording(read(source, file)) == recorded(2)


# what goes wrong


def test_while_the_place_is_unreachable_nothing_is_found_and_afterwards_all_is(place: Place) -> None:
    added = [place.add(number) for number in range(3)]
    mend = place.shut()
    found: list[Found] = []
    with pytest.raises(Retry) as caught:
        found.extend(place.source().find(Cursor()))
    assert found == []
    assert_is_told_well(place, caught.value)
    mend()
    assert Counter(paths_in(look(place))) == Counter(added)


def test_a_place_that_is_reached_no_more_while_files_are_fetched_is_a_retry(place: Place) -> None:
    added = [place.add(number) for number in range(4)]
    source = place.source()
    found = files_in(source.find(Cursor()))
    mend = place.shut()
    for file in found:
        with pytest.raises(Retry) as caught:
            source.fetch(file)
        assert_is_told_well(place, caught.value)
    mend()
    assert {place.recording(read(source, file)) for file in found} == {recorded(n) for n in range(4)}
    assert len(added) == len(found)


def test_one_file_that_cannot_be_had_stops_no_other(place: Place) -> None:
    added = {place.add(number): recorded(number) for number in range(5)}
    source = place.source()
    found = files_in(source.find(Cursor()))
    spoilt = found[2].path
    mend = place.spoil(spoilt)
    had, errors = fetched(place, source, found)
    (error,) = errors
    assert isinstance(error, Retry)
    assert not isinstance(error, Unreachable), "that would say that the others can't be had either"
    assert_is_told_well(place, error)
    assert had == {path: raw for path, raw in added.items() if path != spoilt}

    mend()
    known = place.known(Cursor(), look(place), had)
    again = place.source()
    (missing,) = files_in(again.find(known))
    assert missing.path == spoilt
    assert place.recording(read(again, missing)) == added[spoilt]


def test_a_file_that_is_gone_meanwhile_stops_no_other(place: Place) -> None:
    added = [place.add(number) for number in range(3)]
    source = place.source()
    found = files_in(source.find(Cursor()))
    place.take_away(added[1])
    had, errors = fetched(place, source, found)
    (error,) = errors
    assert isinstance(error, Retry | NotAnActivity)
    assert not isinstance(error, Unreachable)
    assert_is_told_well(place, error)
    assert had.keys() == {added[0], added[2]}
    assert paths_in(look(place)) == [path for path in paths_in(found) if path != added[1]]


@pytest.mark.parametrize("part", [0.1, 0.4, 0.7, 0.95])
def test_a_look_broken_off_in_the_middle_loses_nothing(place: Place, part: float) -> None:
    """Its reader is killed: what it was given so far is kept, and fetched is nothing yet."""
    added = [place.add(number) for number in range(130)]
    whole = look(place)
    looking = place.source().find(Cursor())
    so_far = [next(looking) for _ in range(int(len(whole) * part))]
    if inspect.isgenerator(looking):
        looking.close()
    rest = look(place, place.known(Cursor(), so_far, []))
    assert Counter(paths_in(rest)) == Counter(added)
    told = names_in(so_far) + names_in(rest)
    assert all(times == 1 for (what, _), times in told.items() if what == "line"), "no line is told twice"


def test_a_place_that_goes_away_during_a_look_loses_nothing(place: Place) -> None:
    added = [place.add(number) for number in range(130)]
    so_far: list[Found] = []
    looking = place.source().find(Cursor())
    so_far.append(next(looking))
    mend = place.shut()
    try:
        so_far.extend(looking)
    except Retry as error:
        assert_is_told_well(place, error)
    mend()
    had = paths_in(so_far)
    rest = look(place, place.known(Cursor(), so_far, had))
    assert Counter([*had, *paths_in(rest)]) == Counter(added)
