"""The commands that change something: what they say, what is so afterwards, and how they fail."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fit_writer import fit_run, truncated

from midsole.cli.main import run

type Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIDSOLE_SETTLE_S", "0")
    monkeypatch.setenv("COLUMNS", "250")
    return tmp_path / "home"


@pytest.fixture
def cli(home: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    def call(*arguments: object, at: Path = home) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["--home", str(at), *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def rows(cli: Cli, *arguments: object, at: Path | None = None) -> Any:
    code, out, err = cli(*arguments, "--json", **({"at": at} if at else {}))
    assert code == 0, err
    return json.loads(out)


def write_runs(folder: Path, count: int = 3, **leg: Any) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = []
    for i in range(count):
        started_at = datetime(2026, 3, 1, 7, tzinfo=UTC) + timedelta(days=2 * i)
        path = folder / f"run-{i}.fit"
        path.write_bytes(fit_run(started_at, 10_000 + i, 3_600, **leg))
        paths.append(path)
    return paths


@pytest.fixture
def runs(cli: Cli, tmp_path: Path) -> list[int]:
    write_runs(tmp_path / "files")
    assert cli("import", tmp_path / "files")[0] == 0
    return sorted(row["id"] for row in rows(cli, "activities"))


def test_init_without_questions_keeps_every_answer_and_a_second_one_changes_only_what_it_says(
    cli: Cli, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "watch").mkdir()
    code, out, err = cli(
        *("init", "--no-input", "--runner", "Anna", "--email", "anna@example.org", "--zone", "Europe/Berlin"),
        *("--units", "km", "--first-weekday", "sunday", "--folder", tmp_path / "watch"),
        *("--shoe", "Pegasus", "--shoe-start", "320km", "--longest", "14km", "--usual", "30km", "--no-pain"),
        *("--injury", "2026-05-01"),
    )
    assert code == 0, err
    assert "first pair" in out
    assert "Next" in out
    assert cli("init", "--no-input", "--units", "mi")[0] == 0
    (anna,) = rows(cli, "runners", "list")
    assert (anna["name"], anna["email"], anna["units"], anna["first_weekday"]) == (
        "Anna",
        "anna@example.org",
        "mi",
        "sunday",
    )


def test_init_writes_the_mail_server_beside_the_comments_and_the_password_into_its_own_file(
    cli: Cli, home: Path
) -> None:
    code, _, err = cli(
        *("init", "--no-input", "--email", "a@example.org", "--smtp-host", "127.0.0.1", "--smtp-port", "1"),
        *("--smtp-security", "plain", "--smtp-password", "tiptoe"),
    )
    assert code == 1
    assert "not sent" in err
    assert "kept" in err
    text = (home / "midsole.toml").read_text()
    assert 'smtp_host = "127.0.0.1"' in text
    assert "# The mail server." in text
    assert "tiptoe" not in text
    assert (home / "smtp-password").stat().st_mode & 0o777 == 0o600
    assert cli("mail", "test")[0] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("--zone", "Mars/Base"),
        ("--units", "ells"),
        ("--longest", "far"),
        ("--email", "nobody"),
        ("--smtp-security", "none"),
    ],
)
def test_an_unfit_answer_is_a_usage_error(cli: Cli, wrong: tuple[str, str]) -> None:
    code, _, err = cli("init", "--no-input", *wrong)
    assert code == 2
    assert "Traceback" not in err


def test_one_pass_takes_in_what_lies_in_the_inbox(cli: Cli, home: Path) -> None:
    assert cli("run", "--once")[0] == 0
    write_runs(home / "inbox", 2)
    code, out, _ = cli("run", "--once")
    assert code == 0
    assert "2 new files (0 bad)" in out
    write_runs(home / "inbox", 3)
    assert "1 new file (0 bad)" in cli("run", "--once")[1]
    assert "No SMTP set" in out
    assert len(rows(cli, "activities")) == 3


def test_a_connected_folder_of_one_file_speaks_of_it_as_one(cli: Cli, home: Path, tmp_path: Path) -> None:
    write_runs(tmp_path / "watch", 1)
    cli("init", "--no-input")
    assert "1 file found; it comes in" in cli("connect", "folder", str(tmp_path / "watch"))[1]


def test_one_run_is_called_one_run(cli: Cli, home: Path) -> None:
    cli("run", "--once")
    write_runs(home / "inbox", 1)
    cli("run", "--once")
    assert ": 1 run, 10.0 km" in cli("status")[1]


def test_a_folder_is_connected_counted_and_disconnected(cli: Cli, tmp_path: Path) -> None:
    write_runs(tmp_path / "watch", 2)
    code, out, _ = cli("connect", "folder", tmp_path / "watch")
    assert code == 0
    assert "2 files found" in out
    assert cli("disconnect", "folder", tmp_path / "watch")[0] == 0
    assert cli("disconnect", "folder", tmp_path / "watch")[0] == 2
    assert cli("connect", "folder", tmp_path / "nowhere")[0] == 1


def test_an_import_closes_with_a_table_of_new_known_and_bad(cli: Cli, tmp_path: Path) -> None:
    first, *_ = write_runs(tmp_path / "files", 2)
    (tmp_path / "files" / "broken.fit").write_bytes(b"no activity at all")
    code, out, _ = cli("import", tmp_path / "files")
    assert code == 0
    assert "broken.fit" in out
    code, out, _ = cli("import", first)
    assert [line.split() for line in out.splitlines() if "known" in line] == [["already", "known", "1"]]
    assert cli("import", tmp_path / "nothing")[0] == 2


def test_runners_are_added_edited_listed_and_erased(cli: Cli, tmp_path: Path) -> None:
    assert cli("runners", "add", "Ben", "--zone", "Europe/Paris", "--weekly-mail", "off")[0] == 0
    assert cli("runners", "add", "ben")[0] == 2
    edited = cli("runners", "edit", "Ben", "--limit", "session_warn=1.2", "--quiet-from", "22:00")
    assert edited[0] == 0, edited[2]
    assert cli("runners", "edit", "Ben", "--limit", "week_warn=1.6")[0] == 0
    ben = rows(cli, "runners", "list")[1]
    assert (ben["limits"]["session_warn"], ben["limits"]["week_warn"], ben["quiet_from"]) == (
        1.2,
        1.6,
        "22:00",
    )
    assert cli("runners", "edit", "Ben", "--limit", "speed=9")[0] == 2
    assert cli("runners", "edit", "Ben", "--weekly-mail", "daily")[0] == 2
    assert cli("runners", "erase", "Ben")[0] == 2
    assert cli("runners", "erase", "Ben", "--yes")[0] == 0
    assert [r["name"] for r in rows(cli, "runners", "list")] == ["me"]


def test_the_test_mail_goes_to_the_outbox_until_a_server_is_set(cli: Cli, home: Path) -> None:
    code, out, _ = cli("mail", "test")
    assert code == 0
    assert "outbox" in out
    assert len(list((home / "outbox").glob("*.eml"))) == 1


def test_the_first_pair_is_the_default_and_claims_past_runs_when_told_to(cli: Cli, runs: list[int]) -> None:
    code, out, err = cli("shoes", "add", "Pegasus 41", "--first-used", "2026-02-01", "--limit", "700km")
    assert code == 0, err
    assert "3 past runs (30.0 km)" in out
    assert "3 past runs" in cli("shoes", "claim", "Pegasus")[1]
    assert rows(cli, "shoes")[0]["distance_m"] == 0
    assert cli("shoes", "claim", "Pegasus", "--yes")[0] == 0
    (pair,) = rows(cli, "shoes")
    assert (round(pair["distance_m"]), pair["limit_m"]) == (30_003, 700_000)


def test_runs_are_assigned_by_number_by_filter_and_split(cli: Cli, runs: list[int]) -> None:
    for name in ("Pegasus", "Speedgoat"):
        assert cli("shoes", "add", name)[0] == 0
    assert cli("shoes", "assign", "Speedgoat", *runs[:2])[0] == 0
    split = cli("shoes", "assign", "Pegasus", runs[2], "--then", "Speedgoat", "--until-distance", "5km")
    assert split[0] == 0, split[2]
    worn = {row["name"]: round(row["distance_m"]) for row in rows(cli, "shoes")}
    assert worn == {"Pegasus": 5_000, "Speedgoat": 25_003}
    code, out, _ = cli("shoes", "assign", "Pegasus", "--sport", "running", "--since", "2026-03-03")
    assert code == 0
    assert "2 past runs" in out
    assert cli("shoes", "unassign", runs[0])[0] == 0
    assert cli("shoes", "assign", "Pegasus", 999)[0] == 2
    assert cli("shoes", "assign", "Pegasus")[0] == 2
    assert cli("shoes", "assign", "Nimbus", runs[0])[0] == 2


def test_a_pair_is_edited_retired_taken_back_and_removed(cli: Cli) -> None:
    assert cli("shoes", "add", "Pegasus", "--start", "unknown")[0] == 0
    assert cli("shoes", "add", "Pegasus")[0] == 2
    assert cli("shoes", "add", "Other", "--kind", "boots")[0] == 2
    assert cli("shoes", "edit", "Pegasus", "--start", "100km", "--name", "Peg")[0] == 0
    assert rows(cli, "shoes", "list")[0]["distance_m"] == 100_000
    assert cli("shoes", "retire", "Peg", "--on", "2026-03-01", "--reason", "worn")[0] == 0
    assert cli("shoes", "default", "Peg")[0] == 2
    assert cli("shoes", "unretire", "Peg")[0] == 0
    assert cli("shoes", "default", "Peg", "--sport", "walking")[0] == 0
    assert cli("shoes", "default", "--none", "--sport", "walking")[0] == 0
    assert cli("shoes", "default")[0] == 2
    assert cli("shoes", "remove", "Peg")[0] == 0
    assert "No pair yet" in cli("shoes")[1]


def test_a_pause_is_noted_and_ended(cli: Cli) -> None:
    assert cli("pause", "--from", "2026-03-01", "--reason", "ill")[0] == 0
    assert cli("pause", "--from", "2026-03-05")[0] == 2
    assert cli("pause", "--end", "2026-02-01")[0] == 2
    assert cli("pause", "--end", "2026-03-08")[0] == 0
    assert cli("pause", "--end", "2026-03-08")[0] == 2
    assert cli("pause", "--reason", "lazy")[0] == 2


def test_injuries_and_races_are_noted(cli: Cli) -> None:
    assert cli("injury", "add", "2026-01-01", "--note", "calf")[0] == 0
    assert cli("injury", "add", (date(2100, 1, 1)))[0] == 2
    assert cli("race", "add", "2030-04-01", "--name", "City run")[0] == 0
    assert cli("race", "add", "2030-04-01")[0] == 2
    assert "City run" in cli("race", "list")[1]


def test_a_run_is_entered_edited_excluded_and_counted_again(cli: Cli) -> None:
    cli("shoes", "add", "Pegasus")
    entered = ("activities", "add", "--on", "2026-03-20 07:30", "--distance", "10km", "--time", "52:10")
    code, _, err = cli(*entered, "--surface", "road", "--title", "Lunch", "--shoe", "Pegasus")
    assert code == 0, err
    (run_,) = rows(cli, "activities")
    assert (run_["distance_m"], run_["moving_s"]) == (10_000, 3_130)
    number = run_["id"]
    assert cli("activities", "edit", number, "--distance", "10.2km", "--race")[0] == 0
    assert cli("activities", "exclude", number)[0] == 0
    assert rows(cli, "shoes")[0]["distance_m"] == 0
    assert cli("activities", "exclude", number, "--undo")[0] == 0
    assert rows(cli, "shoes")[0]["distance_m"] == 10_200
    assert cli("activities", "confirm", number)[0] == 0
    assert cli("activities", "edit", number)[0] == 2
    assert cli("activities", "edit", 999, "--sport", "walking")[0] == 2
    assert cli(*entered[:-1], "an hour")[0] == 2


def test_an_alert_is_acknowledged_and_snoozed(cli: Cli) -> None:
    now = datetime.now(UTC)
    cli("shoes", "add", "Old", "--start", "638km")
    when = (now - timedelta(hours=3)).isoformat(timespec="minutes")
    assert cli("activities", "add", "--on", when, "--distance", "5km", "--time", "30:00")[0] == 0
    alerts = rows(cli, "alerts")
    assert alerts
    assert cli("alerts", "snooze", alerts[0]["id"], "--days", "3")[0] == 0
    assert cli("alerts", "ack", alerts[0]["id"])[0] == 0
    assert cli("alerts", "ack", 999)[0] == 2
    assert cli("alerts", "snooze", alerts[0]["id"], "--days", "0")[0] == 2


@pytest.mark.parametrize("name", ["saved.tar", "saved.tar.gz"])
def test_a_backup_restored_elsewhere_holds_the_same(
    cli: Cli, home: Path, tmp_path: Path, runs: list[int], name: str
) -> None:
    cli("shoes", "add", "Pegasus", "--first-used", "2026-02-01")
    cli("shoes", "claim", "Pegasus", "--yes")
    saved, other = tmp_path / name, tmp_path / "other"
    code, _, err = cli("backup", saved)
    assert code == 0, err
    assert saved.stat().st_mode & 0o777 == 0o600
    code, out, err = cli("restore", saved, at=other)
    assert code == 0, err
    assert "3 originals" in out
    for what in ("activities", "shoes"):
        assert rows(cli, what, at=other) == rows(cli, what)
    code, _, err = cli("restore", saved, at=other)
    assert code == 2
    assert "--force" in err
    assert cli("restore", saved, "--force", at=other)[0] == 0
    assert len(list(other.glob("before-restore-*/midsole.db"))) == 1
    assert len(rows(cli, "activities", at=other)) == 3


def test_a_damaged_backup_changes_nothing(cli: Cli, tmp_path: Path, runs: list[int]) -> None:
    saved, other = tmp_path / "saved.tar", tmp_path / "other"
    assert cli("backup", saved)[0] == 0
    saved.write_bytes(truncated(saved.read_bytes()))
    code, _, err = cli("restore", saved, at=other)
    assert code == 1
    assert "Nothing was changed" in err
    assert list(other.iterdir()) == []
    assert cli("restore", tmp_path / "none.tar")[0] == 2
    assert cli("backup", tmp_path / "saved.zip")[0] == 2
    assert cli("backup", tmp_path / "nowhere" / "saved.tar")[0] == 2


@pytest.mark.parametrize(
    "words",
    [
        ("shoes", "unassign", 10**30),
        ("activities", "confirm", 10**30),
        ("alerts", "snooze", 1, "--days", 10**12),
        ("cap", "--on", "9999-12-31"),
        ("weekly", "--week", "0001-01-01"),
        ("activities", "add", "--on", "0001-01-01", "--distance", "10km", "--time", "52:10"),
        ("activities", "add", "--on", "2026-03-01", "--distance", "10km", "--time", f"{10**20}:00:00"),
    ],
)
def test_numbers_and_days_out_of_reach_are_usage_errors_and_leave_nothing(
    cli: Cli, words: tuple[object, ...]
) -> None:
    assert cli(*words)[0] == 2
    assert not any(rows(cli, "status")["raw_files"].values())


def test_a_damaged_database_is_told_in_a_sentence(cli: Cli, home: Path) -> None:
    home.mkdir()
    (home / "midsole.db").write_bytes(b"no database " * 100)
    code, _, err = cli("status")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "midsole --home NEW restore" in err


def test_a_home_that_is_a_file_is_a_usage_error(cli: Cli, home: Path) -> None:
    home.write_text("no folder")
    assert cli("status") == (2, "", f"{home} is no folder. Choose another home with --home.\n")


def test_the_races_are_also_json(cli: Cli) -> None:
    cli("race", "add", "2026-12-01", "--name", "Zürich")
    assert rows(cli, "race", "list") == [{"on": "2026-12-01", "name": "Zürich"}]
