"""`midsole files`: what is not counted and why, trying again, setting aside, looking inside."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fit_writer import fit_run, truncated

from home import ME, Home, a_home, fit, text_of
from midsole.actions import files, setup, weekly
from midsole.actions.activities import edit
from midsole.cli.main import run
from midsole.decode import registry
from midsole.domain.errors import UsageError
from midsole.store import messages

MORNING = datetime(2026, 11, 17, 6, tzinfo=UTC)
COURSE = b"<?xml version='1.0'?><gpx version='1.1' xmlns='http://www.topografix.com/GPX/1/1'><rte/></gpx>"
GPX = b"""<?xml version='1.0'?><gpx version='1.1' xmlns='http://www.topografix.com/GPX/1/1'><trk><trkseg>
<trkpt lat='52.0' lon='13.0'><time>2026-11-10T06:00:00Z</time></trkpt>
<trkpt lat='52.01' lon='13.0'><time>2026-11-10T06:06:00Z</time></trkpt></trkseg></trk></gpx>"""

type Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path) as home:
        yield home


@pytest.fixture
def cli(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["--home", str(home.box.home), *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def rows(cli: Cli, *arguments: object) -> Any:
    code, out, err = cli("files", *arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def named(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in found}


@pytest.fixture
def mixed(home: Home) -> Home:
    """A run that counts, and one file of each kind that does not."""
    home.run(MORNING, 10, "good.fit")
    home.run(MORNING - timedelta(days=1), 8, "excluded.fit")
    home.run(MORNING - timedelta(days=2), 400, "too-long.fit", timer_s=90_000)
    home.run(MORNING - timedelta(days=3), 5, "mystery.fit", sport="generic")
    home.run(MORNING - timedelta(days=4), 0, "yoga.fit", sport="training", timer_s=1_800)
    home.drop("broken.fit", b"no activity at all")
    home.drop("route.gpx", COURSE)
    home.once()
    excluded = next(a for a in home.activities() if a.distance_m == 8_000)
    edit(home.box, ME, excluded.id, excluded=True)
    return home


def test_every_file_that_is_not_counted_is_listed_with_its_cause(mixed: Home, cli: Cli) -> None:
    found = named(rows(cli))
    assert {name: row["cause"] for name, row in found.items()} == {
        "excluded.fit": "excluded",
        "too-long.fit": "doubted",
        "mystery.fit": "unknown sport",
        "yoga.fit": "no distance",
        "broken.fit": "failed",
        "route.gpx": "other kind",
    }
    assert all(row["reason"] for row in found.values())
    assert [row["name"] for row in rows(cli, "--bad")] == ["broken.fit"]
    assert rows(cli, "--limit", 2) == rows(cli)[-2:]


def test_with_all_the_counted_files_are_there_with_their_activity(mixed: Home, cli: Cli) -> None:
    good = named(rows(cli, "--all"))["good.fit"]
    assert (good["cause"], good["reason"], good["format"]) == ("counted", None, "fit")
    assert good["activities"] == [next(a.id for a in mixed.activities() if a.distance_m == 10_000)]


def test_the_list_closes_with_what_to_do(mixed: Home, cli: Cli) -> None:
    _, out, _ = cli("files", "--bad")
    assert "broken.fit" in out
    assert "midsole files retry ID" in out.splitlines()[-1]
    _, out, _ = cli("files")
    assert all(words in out for words in ("midsole activities confirm", "--sport running", "--undo"))


def test_many_files_are_grouped_by_reason(home: Home, cli: Cli) -> None:
    for number in range(25):
        home.drop(f"note-{number}.fit", b"nothing %d" % number)
    home.once()
    _, out, _ = cli("files")
    assert "  25" in out
    assert "note-3.fit" not in out
    assert "`midsole files --limit 25` lists them one by one" in out
    assert "note-3.fit" in cli("files", "--limit", 25)[1]


def test_a_home_without_such_files_says_so(home: Home, cli: Cli) -> None:
    assert "No files yet" in cli("files", "--all")[1]
    home.run(MORNING, 10)
    home.once()
    assert "Every file is counted" in cli("files")[1]
    assert "Every file could be read" in cli("files", "--bad")[1]


def test_a_file_that_waits_says_how_often_it_was_tried(mixed: Home, cli: Cli) -> None:
    with mixed.box.store.write() as tx:
        files.files_store.try_again(tx, named(rows(cli))["broken.fit"]["id"], mixed.clock.now())
    assert named(rows(cli))["broken.fit"]["cause"] == "waiting"


def test_a_retry_says_what_became_of_each(mixed: Home, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    number = named(rows(cli))["broken.fit"]["id"]
    code, out, _ = cli("files", "retry", number)
    assert code == 0
    assert f"{number}  broken.fit: failed" in out
    assert "1 of 1 still can't be read" in out
    raw, told = fit(MORNING - timedelta(days=9), 12), registry.decode
    monkeypatch.setattr(registry, "decode", lambda given: told(raw if given[:2] == b"no" else given))
    _, out, _ = cli("files", "retry", "--all")
    assert "broken.fit: read; activity" in out
    assert 12_000 in [a.distance_m for a in mixed.activities()]
    assert cli("files", "retry", "--all")[1] == "No file failed.\n"


def test_a_retry_asks_which(mixed: Home, cli: Cli) -> None:
    good = named(rows(cli, "--all"))["good.fit"]["id"]
    for wrong in ((), (1, "--all"), (99_999,), (10**30,), (good,)):
        code, _, err = cli("files", "retry", *wrong)
        assert (code, len(err.splitlines())) == (2, 1)


def test_what_the_runner_ignores_leaves_the_number_and_comes_back_on_retry(mixed: Home, cli: Cli) -> None:
    number = named(rows(cli))["broken.fit"]["id"]
    assert json.loads(cli("status", "--json")[1])["unread_files"] == 1
    assert "1 file could not be read: `midsole files --bad`" in cli("status")[1]
    assert f"`midsole files retry {number}` brings it back" in cli("files", "ignore", number)[1]
    assert json.loads(cli("status", "--json")[1])["unread_files"] == 0
    assert "could not be read" not in cli("status")[1]
    row = named(rows(cli))["broken.fit"]
    assert (row["state"], row["cause"]) == ("ignored", "ignored by you")
    assert rows(cli, "--bad") == []
    cli("files", "retry", number)
    assert named(rows(cli))["broken.fit"]["cause"] == "failed"


def test_a_newer_decoder_respects_what_the_runner_ignored(
    mixed: Home, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = named(rows(cli))["broken.fit"]["id"]
    files.ignore(mixed.box, ME, [number])
    monkeypatch.setattr(registry, "VERSION", registry.VERSION + 1)
    mixed.once()
    assert named(rows(cli))["broken.fit"]["cause"] == "ignored by you"
    assert named(rows(cli))["route.gpx"]["cause"] == "other kind"


def test_a_rebuild_respects_what_the_runner_ignored(mixed: Home, cli: Cli) -> None:
    before = rows(cli, "--all")
    files.ignore(mixed.box, ME, [named(before)["broken.fit"]["id"]])
    assert cli("rebuild")[0] == 0
    after = rows(cli, "--all")
    assert {row["name"]: row["cause"] for row in after} == {row["name"]: row["cause"] for row in before} | {
        "broken.fit": "ignored by you"
    }
    assert [row["activities"] for row in after] == [row["activities"] for row in before]


def test_only_what_could_not_be_read_can_be_ignored(mixed: Home, cli: Cli) -> None:
    found = named(rows(cli, "--all"))
    for name, said in (("good.fit", "midsole activities exclude"), ("route.gpx", "there is nothing to do")):
        code, _, err = cli("files", "ignore", found[name]["id"])
        assert code == 2
        assert said in err


def test_what_is_ignored_can_be_ignored_again(mixed: Home, cli: Cli) -> None:
    number = named(rows(cli))["broken.fit"]["id"]
    assert [cli("files", "ignore", number)[0] for _ in range(2)] == [0, 0]
    assert named(rows(cli))["broken.fit"]["cause"] == "ignored by you"


def test_files_of_another_runner_are_out_of_reach(mixed: Home, cli: Cli) -> None:
    other = setup.add_runner(mixed.box, "Ana", "UTC")
    number = mixed.files()[0].id
    assert files.listing(mixed.box, other, everything=True) == []
    for act in (
        lambda: files.retry(mixed.box, other, [number]),
        lambda: files.ignore(mixed.box, other, [number]),
        lambda: files.export(mixed.box, other, number, mixed.box.home),
    ):
        with pytest.raises(UsageError, match=f"There is no file {number}"):
            act()
    assert cli("files", "inspect", number, "--runner", "Ana")[0] == 2
    assert cli("files", "verify", number, "--runner", "Ana")[0] == 2


def test_an_original_is_written_out_as_it_came_and_nothing_is_overwritten(
    mixed: Home, cli: Cli, tmp_path: Path
) -> None:
    number = named(rows(cli))["broken.fit"]["id"]
    assert cli("files", "export", number, tmp_path)[0] == 0
    assert (tmp_path / "broken.fit").read_bytes() == b"no activity at all"
    code, _, err = cli("files", "export", number, tmp_path)
    assert code == 2
    assert "is there already" in err
    assert cli("files", "export", number, tmp_path / "sub" / "x.fit")[0] == 1


@pytest.mark.parametrize("name", ["export.zip/activities/1.fit", "../../1.fit", "C:\\watch\\1.fit"])
def test_an_original_leaves_no_folder_whatever_it_is_called(name: str, mixed: Home, tmp_path: Path) -> None:
    file = mixed.files()[0]
    renamed = type(file)(**{f: getattr(file, f) for f in file.__slots__} | {"name": name})
    assert files.own_name(renamed) in {"1.fit", "C:\\watch\\1.fit"}


# ---- the number in the weekly mail


def weekly_text(home: Home) -> str:
    weekly.weekly_if_due(home.box, ME)
    (newest, *_) = reversed(home.deliveries("weekly"))
    return text_of(newest)


def test_the_weekly_mail_names_new_files_that_could_not_be_read_once(home: Home) -> None:
    home.run(MORNING - timedelta(days=7), 10)
    home.once()
    home.clock.at = datetime(2026, 11, 23, 8, tzinfo=UTC)
    home.drop("broken.fit", b"no activity at all")
    home.once()
    (mail,) = home.deliveries("weekly")
    assert "1 new file could not be read: midsole files --bad" in text_of(mail)
    with home.box.store.read() as tx:
        assert messages.mailed_before(tx, ME, datetime(2026, 11, 23, tzinfo=UTC).date()) is not None
    home.clock.on(days=7)
    home.once()
    assert "could not be read" not in text_of(home.deliveries("weekly")[-1])
    home.drop("other.fit", b"nor here")
    home.clock.on(days=7)
    home.once()
    assert "1 new file could not be read (2 in all)" in text_of(home.deliveries("weekly")[-1])


# ---- inspect and verify


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    path = tmp_path / "run.fit"
    path.write_bytes(fit_run(MORNING, 10_000, 3_600, utc_offset_s=3_600))
    return path


def test_a_fit_file_is_shown_message_by_message_with_names_and_units(cli: Cli, run_file: Path) -> None:
    code, out, _ = cli("files", "inspect", run_file)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("file_id  type=activity, manufacturer=garmin")
    assert len([line for line in lines if line.startswith("record  ")]) == 61
    assert "total_distance=10000.0 m" in out
    assert "timestamp=2026-11-17 06:00:00+00:00" in out
    _, out, _ = cli("files", "inspect", run_file, "--message", "session", "--json")
    (session,) = json.loads(out)
    assert (session["message"], session["number"]) == ("session", 18)
    assert {"name": "total_distance", "value": 10_000.0, "units": "m"} in session["fields"]


def test_a_message_that_the_file_does_not_hold_is_said_to_be_missing(cli: Cli, run_file: Path) -> None:
    code, out, _ = cli("files", "inspect", run_file, "--message", "recrod")
    assert code == 0
    assert out.startswith("The file holds no message 'recrod', but: file_id, ")
    assert "record" in out


def test_a_file_of_the_runner_is_shown_by_its_number(mixed: Home, cli: Cli) -> None:
    found = named(rows(cli, "--all"))
    assert "sport=running" in cli("files", "inspect", found["good.fit"]["id"])[1]
    code, out, err = cli("files", "inspect", found["broken.fit"]["id"])
    assert (code, out) == (2, "")
    assert "no FIT file" in err
    _, _, err = cli("files", "inspect", found["route.gpx"]["id"])
    assert "is text (gpx), not FIT" in err
    assert f"midsole files export {found['route.gpx']['id']}" in err


def test_a_gzip_is_taken_off(cli: Cli, run_file: Path) -> None:
    packed = run_file.with_suffix(".fit.gz")
    packed.write_bytes(gzip.compress(run_file.read_bytes()))
    assert cli("files", "inspect", packed)[1] == cli("files", "inspect", run_file)[1]


def test_a_path_needs_neither_home_nor_runner(mixed: Home, cli: Cli, run_file: Path) -> None:
    setup.add_runner(mixed.box, "Ana", "UTC")
    assert cli("files", "inspect", run_file)[0] == 0
    assert "--runner" in cli("files", "inspect", 1)[2]


def test_chained_parts_are_shown_one_after_the_other(cli: Cli, run_file: Path) -> None:
    one = cli("files", "inspect", run_file)[1]
    run_file.write_bytes(run_file.read_bytes() * 2)
    assert cli("files", "inspect", run_file)[1] == one * 2


def test_of_a_file_cut_off_is_shown_what_was_read_before(cli: Cli, run_file: Path) -> None:
    whole = cli("files", "inspect", run_file)[1].splitlines()
    run_file.write_bytes(truncated(run_file.read_bytes(), 0.5))
    code, out, err = cli("files", "inspect", run_file)
    assert code == 1
    shown = out.splitlines()
    assert 0 < len(shown) < len(whole)
    assert shown == whole[: len(shown)]
    assert err.startswith(f"fitparse read {len(shown)} messages and refuses the rest")
    _, out, _ = cli("files", "inspect", run_file, "--json")
    assert len(json.loads(out)) == len(shown)


@pytest.mark.parametrize("what", ["nowhere.fit", "9" * 40])
def test_what_is_no_file_is_a_usage_error(cli: Cli, what: str) -> None:
    assert cli("files", "inspect", what)[0] == 2


def test_an_archive_is_not_shown(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    assert "is an archive" in cli("files", "inspect", path)[2]


def test_a_gpx_file_says_that_it_is_text(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "run.gpx"
    path.write_bytes(GPX)
    assert "is text (gpx)" in cli("files", "inspect", path)[2]


def test_our_reading_and_that_of_fitparse_are_the_same(mixed: Home, cli: Cli) -> None:
    code, out, _ = cli("files", "verify", "--all")
    assert code == 0
    assert "FIT files: 5 the same, 0 different, 0 not compared." in out
    good = named(rows(cli, "--all"))["good.fit"]["id"]
    (row,) = rows(cli, "verify", good)
    assert (row["same"], row["differences"], row["refused"]) == (True, [], None)
    assert row["values"] > 300


def test_a_difference_is_told_and_ends_with_1(mixed: Home, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from midsole.decode.fit import reading

    told = reading.read
    monkeypatch.setattr(reading, "read", lambda raw: told(fit(MORNING, 11)))
    good = named(rows(cli, "--all"))["good.fit"]["id"]
    code, out, _ = cli("files", "verify", good)
    assert code == 1
    assert (
        "session.total_distance: 1 of 1 differ, first in message 0: fitparse 1000000, Midsole 1100000" in out
    )
    assert "FIT files: 0 the same, 1 different, 0 not compared." in out
    assert "midsole files export ID PATH" in out


def test_a_file_that_fitparse_refuses_is_not_called_the_same(mixed: Home, cli: Cli) -> None:
    raw = fit(MORNING - timedelta(days=5), 9)
    mixed.drop("header.fit", raw[:8] + b"FIT." + raw[12:])
    mixed.once()
    header = named(rows(cli, "--all"))["header.fit"]
    assert header["format"] == "fit"
    code, out, _ = cli("files", "verify", header["id"])
    assert code == 0
    assert "not compared: fitparse reads nothing" in out
    assert "FIT files: 0 the same, 0 different, 1 not compared." in out


def test_only_fit_files_are_compared(mixed: Home, cli: Cli) -> None:
    broken = named(rows(cli))["broken.fit"]["id"]
    assert cli("files", "verify", broken)[0] == 2
    assert cli("files", "verify")[0] == 2


def test_a_lost_original_is_told_and_stops_no_other(mixed: Home, cli: Cli) -> None:
    lost = next(file for file in mixed.files() if file.name == "good.fit")
    mixed.box.originals.path(lost.sha256).unlink()
    code, out, _ = cli("files", "verify", "--all")
    assert code == 0
    assert "is missing" in out
    assert "FIT files: 4 the same, 0 different, 1 not compared." in out
    code, _, err = cli("files", "export", lost.id, mixed.box.home)
    assert (code, len(err.splitlines())) == (1, 1)
