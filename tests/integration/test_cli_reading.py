"""The reading commands, as a person and as a script meet them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from midsole.actions import activities
from midsole.actions import shoes as pairs
from midsole.actions.box import Box
from midsole.actions.doctor import mount_type
from midsole.actions.setup import add_runner
from midsole.app import open_box
from midsole.cli.main import run
from midsole.config import Settings

ACTIVITY = {
    "id",
    "started_at",
    "local_date",
    "sport",
    "surface",
    "distance_m",
    "distance_from",
    "moving_s",
    "elapsed_s",
    "steps",
    "shoes",
    "sources",
    "flags",
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MIDSOLE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def box(home):
    opened = open_box(settings=Settings(home=home, settle_s=0.0))
    yield opened
    opened.store.close()


def add_run(box: Box, days_ago: int, km: float, runner_id: int = 1, **more):
    at = datetime.now(UTC).replace(hour=0, minute=1, second=0, microsecond=0) - timedelta(days=days_ago)
    values = {"sport": "running", "surface": "road", "distance_m": km * 1000, "timer_s": km * 360}
    return activities.add(box, runner_id, started_at=at, **(values | more))


@pytest.fixture
def filled(box):
    """Six weeks of three runs on one pair, and a walk."""
    pairs.add_shoe(box, 1, "Ghost", "daily", pairs.Start(known_m=100_000), price=140.0)
    for week in range(6):
        for day in (1, 3, 5):
            add_run(box, 7 * week + day, 5 + day)
    add_run(box, 2, 4, sport="walking")
    return box


def told(capfd, *arguments: str, code: int = 0) -> str:
    capfd.readouterr()
    assert run(list(arguments)) == code
    said = capfd.readouterr()
    return said.err if code == 2 else said.out


def read(capfd, *arguments: str, code: int = 0):
    return json.loads(told(capfd, *arguments, "--json", code=code))


def test_an_empty_home_says_what_to_do_next(home, capfd):
    for command in ("status", "activities"):
        said = told(capfd, command)
        assert "No activities yet" in said
        assert str(home / "inbox") in said
    assert "No activities in these weeks" in told(capfd, "load")
    assert "not enough data" in told(capfd, "cap")
    assert "No alerts" in told(capfd, "alerts")


def test_an_empty_home_has_every_shape(home, capfd):
    assert read(capfd, "activities") == []
    assert read(capfd, "alerts") == []
    found = read(capfd, "load", "--weeks", "2")
    assert [w["usual_m"] for w in found["weeks"]] == [None, None]
    assert all(w["missing"] for w in found["weeks"])
    assert found["cap"]["next_run_m"] is None
    assert found["cap"]["missing"]


def test_activities_carry_what_is_documented(filled, capfd):
    rows = read(capfd, "activities")
    assert len(rows) == 19
    assert set(rows[0]) >= ACTIVITY
    assert [r["started_at"] for r in rows] == sorted(r["started_at"] for r in rows)
    newest_run = [r for r in rows if r["sport"] == "running"][-1]
    [worn] = newest_run["shoes"]
    assert (worn["shoe_name"], worn["distance_m"], worn["set_by"]) == ("Ghost", 6000.0, "default")


def test_activities_are_filtered_and_limited(filled, capfd):
    rows = read(capfd, "activities")
    assert {r["sport"] for r in read(capfd, "activities", "--sport", "walking")} == {"walking"}
    assert read(capfd, "activities", "--limit", "2") == rows[-2:]
    day = rows[9]["local_date"]
    assert all(r["local_date"] >= day for r in read(capfd, "activities", "--since", day))
    assert all(r["local_date"] <= day for r in read(capfd, "activities", "--until", day))
    assert read(capfd, "activities", "list") == rows
    assert read(capfd, "activities", "--surface", "trail") == []
    assert "Nothing fits" in told(capfd, "activities", "--surface", "trail")


def test_load_has_weeks_and_the_cap(filled, capfd):
    found = read(capfd, "load", "--weeks", "3")
    names = {"week_start", "iso_week", "distance_m", "usual_m", "runs", "longest_m", "ramp", "acwr"}
    assert len(found["weeks"]) == 3
    assert set(found["weeks"][1]) >= names
    assert found["weeks"][1]["runs"] == 3
    assert found["weeks"][1]["distance_m"] == 24_000
    assert set(found["cap"]) >= {"next_run_m", "week_left_m", "because"}
    assert found["cap"]["next_run_m"] == 11_000


def test_load_of_long_ago_is_counted_too(filled, capfd):
    add_run(filled, 900, 12)
    day = (datetime.now(UTC) - timedelta(days=900)).date().isoformat()
    assert sum(w["distance_m"] for w in read(capfd, "load", "--weeks", "140")["weeks"]) == 156_000
    assert read(capfd, "load", "--weeks", "1", "--until", day)["weeks"][0]["distance_m"] == 12_000


def test_a_cap_names_the_rules_that_a_plan_would_trip(filled, capfd):
    assert "L1" in read(capfd, "cap", "--plan", "30km")["tripped"]
    assert read(capfd, "cap", "--plan", "1km")["tripped"] == []
    assert "would trip L1" in told(capfd, "cap", "--plan", "30km")


def test_an_alert_carries_its_numbers_and_advice(filled, capfd):
    add_run(filled, 0, 30)
    found = [a for a in read(capfd, "alerts") if a["rule"] == "L1"]
    assert set(found[0]) >= {"rule", "level", "subject", "opened_at", "state", "numbers"}
    assert found[0]["numbers"]["distance_m"] == 30_000
    assert found[0]["advice"] in told(capfd, "alerts")


def test_rules_have_their_grade_in_words_and_limits(home, capfd):
    rows = {r["id"]: r for r in read(capfd, "rules")}
    assert rows["L1"]["limits"]["session_warn"] == 1.1
    assert all(r["grade_in_words"] and r["advice"] and r["source"] for r in rows.values())
    assert "Source:" in told(capfd, "rules")


def test_status_counts_files_deliveries_and_waiting_mail(filled, capfd):
    told(capfd, "weekly", "--send")
    found = read(capfd, "status")
    assert found["raw_files"] == {"new": 0, "done": 19, "ignored": 0, "bad": 0}
    assert set(found["deliveries"]) == {"due", "sent", "failed", "given_up", "withdrawn"}
    assert "last_success_at" in found["sources"][0]
    n = found["outbox_waiting"]
    assert n >= 1
    assert f"{n} mail{'s wait' if n > 1 else ' waits'} in outbox, no SMTP set" in told(capfd, "status")


def test_weekly_prints_a_mail_of_any_week(filled, capfd):
    assert told(capfd, "weekly").startswith("Subject: ")
    week = read(capfd, "load", "--weeks", "3")["weeks"][0]
    assert read(capfd, "weekly", "--week", week["iso_week"])["week_start"] == week["week_start"]
    assert "has not begun" in told(capfd, "weekly", "--week", "2999-01-01", code=2)


def test_with_two_runners_a_name_is_needed_before_or_after_the_command(filled, capfd):
    other = add_runner(filled, "Ana", "UTC", units="mi")
    add_run(filled, 1, 3, runner_id=other)
    assert "--runner" in told(capfd, "load", code=2)
    assert len(read(capfd, "--runner", "ana", "activities")) == 1
    assert len(read(capfd, "activities", "--runner", "Ana")) == 1
    assert "1.9 mi" in told(capfd, "activities", "--runner", "Ana")
    assert [r["name"] for r in read(capfd, "status")["runners"]] == ["me", "Ana"]
    assert read(capfd, "status", "--runner", "Ana")["raw_files"]["done"] == 1


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["load", "--runner", "nobody"], "no runner 'nobody'"),
        (["cap", "--plan", "far"], "no distance"),
        (["cap", "--on", "2001-01-01"], "is past"),
        (["activities", "--since", "spring"], "no date"),
        (["activities", "--sport", "chess"], "no sport"),
        (["weekly", "--week", "2026-W99"], "no week"),
        (["load", "--weeks", "0"], "--weeks"),
        (["nothing"], "No such command"),
        (["--nothing"], "No such option"),
    ],
)
def test_a_usage_error_is_a_sentence_and_code_2(home, capfd, arguments, part):
    said = told(capfd, *arguments, code=2)
    assert part in said
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1


def test_a_home_that_cannot_be_made_is_code_1(capfd):
    assert run(["--home", "/proc/no-such-folder/home", "status"]) == 1
    assert "--home" in capfd.readouterr().err


def test_config_masks_secrets_and_says_where_settings_come_from(home, capfd, monkeypatch):
    monkeypatch.setenv("MIDSOLE_SMTP_PASSWORD", "hush-hush")
    monkeypatch.setenv("MIDSOLE_SMTP_HOST", "mail.example")
    assert "hush-hush" not in told(capfd, "config")
    found = read(capfd, "config")
    assert found["from"]["smtp_host"] == "environment"
    assert found["from"]["smtp_port"] == "default"
    assert found["settings"]["smtp_password"] == "********"
    assert "#smtp_host" in told(capfd, "config", "--example")


def test_a_doctor_finds_a_lost_original_and_ends_with_1(filled, capfd):
    assert read(capfd, "doctor")["ok"] is True
    lost = next(p for p in filled.originals.folder.rglob("*") if p.is_file())
    lost.unlink()
    checks = {c["name"]: c for c in read(capfd, "doctor", code=1)["checks"]}
    assert checks["originals"]["state"] == "broken"
    assert "1 of 19 originals is missing" in checks["originals"]["text"]


def test_a_doctor_reports_a_damaged_database(filled, capfd, monkeypatch):
    monkeypatch.setattr(type(filled.store), "check", lambda self: ["page 7 is torn"])
    checks = {c["name"]: c for c in read(capfd, "doctor", code=1)["checks"]}
    assert "page 7 is torn" in checks["database"]["text"]


def test_the_innermost_mount_decides(tmp_path):
    mounts = [("/", "ext4"), (str(tmp_path), "nfs4"), (str(tmp_path / "local"), "xfs")]
    assert mount_type(tmp_path / "home", mounts) == "nfs4"
    assert mount_type(tmp_path / "local" / "home", mounts) == "xfs"
    assert mount_type(tmp_path / "home", []) is None


def test_all_columns_of_load_fit_into_80_letters(filled, capfd, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    add_run(filled, 1, 20, sport="cycling")
    said = told(capfd, "load")
    heading = said.splitlines()[0]
    columns = "week from", "km", "runs", "longest", "usual", "ramp", "ratio", "monotony", "walked", "cross"
    assert [name for name in columns if name not in heading] == []
    assert "…" not in said


def test_load_leaves_out_columns_in_which_nothing_is(box, capfd):
    add_run(box, 1, 5)
    heading = told(capfd, "load").splitlines()[0]
    assert "walked" not in heading
    assert "cross" not in heading


def test_commands_in_a_mail_name_the_runner_where_there_are_several(filled, capfd):
    pairs.edit_shoe(filled, 1, "Ghost", limit_m=100_000.0)
    assert '\n  midsole shoes retire "Ghost"' in told(capfd, "weekly")
    add_runner(filled, "Ana", "UTC")
    assert '\n  midsole --runner "me" shoes retire "Ghost"' in told(capfd, "weekly", "--runner", "me")


def test_the_list_of_pairs_says_which_is_the_default(filled, capfd):
    assert "Default: Ghost (running)." in told(capfd, "shoes")


def test_a_pair_at_its_limit_is_worn_out_now(filled, capfd):
    pairs.edit_shoe(filled, 1, "Ghost", limit_m=100_000.0)
    assert " now" in told(capfd, "shoes")


def test_an_edited_pair_says_what_is_known_of_it(filled, capfd):
    said = told(capfd, "shoes", "edit", "Ghost", "--bought", "2020-05-01", "--price", "99")
    assert "worn 100 km before Midsole, bought on 2020-05-01, price 99.00." in said


def test_the_inbox_shows_the_first_twenty_and_all_when_asked(box, capfd):
    pairs.add_shoe(
        box, 1, "Ghost", "daily", pairs.Start(), first_used_on=datetime.now(UTC).date() - timedelta(99)
    )
    pairs.set_default(box, 1, None, "running", None, datetime.now(UTC).date() - timedelta(99))
    for day in range(1, 23):
        add_run(box, day, 5, surface="unknown")
    said = told(capfd, "shoes", "inbox")
    assert "The first 20 of 22: midsole shoes inbox --all" in said
    assert "unknown" not in said
    assert told(capfd, "shoes", "inbox", "--all").count("5.0 km") == 22
    assert len(read(capfd, "shoes", "inbox")) == 22


def test_parts_of_a_run_are_named_after_their_distances(filled, capfd):
    pairs.add_shoe(filled, 1, "Pegasus 41", "daily", pairs.Start())
    newest = read(capfd, "activities", "--sport", "running")[-1]["id"]
    split = ("--then", "Ghost", "--until-distance", "2km")
    said = told(capfd, "shoes", "assign", "Pegasus", str(newest), *split)
    assert "2.0 km Pegasus 41, 4.0 km Ghost" in said
