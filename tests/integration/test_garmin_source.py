"""Garmin as a source: the unmodified client against a Garmin of our own, as it is and as it breaks."""

import io
import json
import logging
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from fakes.garmin import (
    DROP,
    EMPTY,
    HTML,
    NO_CONTENT,
    TRUNCATED,
    FakeGarmin,
    Fault,
    body,
    says,
    status,
)
from garmin_box import MONDAY, Box, add_runs, after, of
from midsole.domain.errors import (
    MidsoleError,
    NeedsRunner,
    NotAnActivity,
    Retry,
    Unreachable,
)
from midsole.sources.answers import digest_of
from midsole.sources.base import (
    Cursor,
    Details,
    File,
    Found,
    Gone,
    Known,
    Steps,
)

LIST, ORIGINAL, DETAIL = "search/activities", "/download-service/", "/activity-service/"


def test_all_pages_of_a_first_look_are_told_newest_first(garmin: FakeGarmin, box: Box) -> None:
    ids = add_runs(garmin, 250)

    found = box.look()

    assert [one.external_id for one in of(found, Details)] == ids
    assert [one.path for one in of(found, File)] == [f"garmin/{id_}/original" for id_ in ids]
    assert garmin.count(LIST) == 3


def test_a_look_without_news_makes_one_request(garmin: FakeGarmin, box: Box) -> None:
    add_runs(garmin, 250)
    cursor = after(box.look())
    garmin.reset_log()

    assert box.look(cursor) == []
    assert [it.path for it in garmin.requests()] == ["/activitylist-service/activities/search/activities"]


def test_a_line_is_kept_as_it_came(garmin: FakeGarmin, box: Box) -> None:
    add_runs(garmin, 1, name="Läufchen \U0001f3c3")

    (details,) = of(box.look(), Details)

    assert details.listed is not None
    assert "Läufchen \U0001f3c3" in details.listed
    assert ": " not in details.listed
    assert list(json.loads(details.listed))[:2] == ["activityId", "activityName"]


def test_a_renamed_run_is_told_again_but_its_file_is_not_fetched_again(garmin: FakeGarmin, box: Box) -> None:
    ids = add_runs(garmin, 3)
    cursor = after(box.look())
    garmin.account.rename(int(ids[1]), "Tempo")

    found = box.look(cursor)

    assert [one.external_id for one in found if isinstance(one, Details)] == [ids[1]]
    assert len(found) == 1


def test_legs_of_a_multisport_event_come_without_their_container(garmin: FakeGarmin, box: Box) -> None:
    _, legs = garmin.account.add_multisport(MONDAY, [("cycling", 40.0, 70.0), ("running", 10.0, 50.0)])

    found = box.look()

    assert {one.external_id for one in of(found, Details)} == {str(leg) for leg in legs}
    assert {one.path for one in of(found, File)} == {f"garmin/{leg}/original" for leg in legs}


def test_an_activity_entered_by_hand_has_no_file(garmin: FakeGarmin, box: Box) -> None:
    add_runs(garmin, 1, manual=True)

    found = box.look()

    assert [one.has_file for one in of(found, Details)] == [False]
    assert of(found, File) == []


def test_a_run_that_arrives_between_two_pages_doubles_nothing(garmin: FakeGarmin, box: Box) -> None:
    ids = add_runs(garmin, 150)
    finding = box.source().find(Cursor())

    found: list[Found] = [next(finding)]
    garmin.account.add_run(MONDAY + timedelta(hours=8), 5.0, 30.0)
    found += finding

    assert [one.external_id for one in of(found, Details)] == ids
    assert garmin.count(LIST) == 2


def test_a_server_that_repeats_its_page_is_not_asked_forever(garmin: FakeGarmin, box: Box) -> None:
    garmin.faults.add(LIST, says([{"activityId": n} for n in range(1, 101)]), None)

    assert len(of(box.look(Cursor(since=date(2026, 1, 1))), Details)) == 100
    assert garmin.count(LIST) == 2


@pytest.mark.parametrize(
    "odd_id", [None, True, -4, 0, 10**60, "x7", "9" * 41, 1.5, [1], {"a": 1}, "٣", "1 2"]
)
def test_a_line_without_a_usable_id_is_kept_under_its_digest(
    garmin: FakeGarmin, box: Box, odd_id: object
) -> None:
    garmin.faults.add(LIST, says([{"activityId": odd_id, "distance": 5.0}]))

    (details,) = box.look()

    assert isinstance(details, Details)
    assert details.listed is not None
    assert details.external_id == "?" + digest_of(details.listed)[:16]
    assert not details.has_file


def test_an_id_in_digits_is_an_id(garmin: FakeGarmin, box: Box) -> None:
    garmin.faults.add(LIST, says([{"activityId": "21000000001"}]))

    assert of(box.look(), File) == [File("garmin/21000000001/original")]


def test_what_is_no_activity_is_skipped_and_the_rest_is_read(
    garmin: FakeGarmin, box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    add_runs(garmin, 2)
    garmin.faults.mutate(LIST, lambda rows: [None, *rows, "odd", 7, []])

    with caplog.at_level(logging.WARNING):
        assert len(of(box.look(), Details)) == 2
    assert "skipped" in caplog.text


@pytest.mark.parametrize("odd", [None, True, -1, 10**30, "x" * 10_000, "\ud800", [[]], {"a": None}, 1e308])
def test_no_field_of_a_line_can_stop_a_look(garmin: FakeGarmin, box: Box, odd: object) -> None:
    add_runs(garmin, 1)
    (sample,) = of(box.look(), Details)
    assert sample.listed is not None
    fields = json.loads(sample.listed)
    rows = [{**fields, "activityId": 10 + n, name: odd} for n, name in enumerate(fields) if name != "parent"]
    garmin.faults.mutate(LIST, lambda _: rows)

    found = of(box.look(Cursor(details_from=date(2026, 1, 1))), Details)

    told = [one for one in found if one.listed is not None]
    assert len(told) == len(rows)
    assert all(one.listed and one.listed.encode() for one in told)


def test_no_content_is_an_empty_list(garmin: FakeGarmin, box: Box) -> None:
    add_runs(garmin, 1)
    garmin.faults.add(LIST, NO_CONTENT)

    assert box.look() == []


@pytest.mark.parametrize("fault", [HTML, TRUNCATED, EMPTY, says({"a": 1}), says("x"), body(b"[" * 100_000)])
def test_something_else_than_a_list_is_tried_again(garmin: FakeGarmin, box: Box, fault: Fault) -> None:
    add_runs(garmin, 1)
    garmin.faults.add(LIST, fault)

    with pytest.raises(Retry, match="Garmin"):
        box.look()
    assert garmin.count() == 1


def test_a_deleted_run_is_gone_and_one_that_is_only_missing_is_not(garmin: FakeGarmin, box: Box) -> None:
    ids = add_runs(garmin, 10)
    cursor = replace(after(box.look()), since=date(2026, 10, 20))
    garmin.account.delete(int(ids[2]))
    garmin.faults.mutate(LIST, lambda rows: [row for row in rows if str(row["activityId"]) != ids[5]])

    assert box.look(cursor) == [Gone(ids[2])]


def test_a_short_look_asks_for_nothing_that_is_missing(garmin: FakeGarmin, box: Box) -> None:
    ids = add_runs(garmin, 3)
    cursor = after(box.look())
    garmin.account.delete(int(ids[0]))

    assert box.look(cursor) == []


def test_at_the_edge_of_a_look_nothing_is_called_missing(garmin: FakeGarmin, box: Box) -> None:
    """The list goes by local time, the edge by UTC."""
    ids = add_runs(garmin, 3)
    cursor = replace(after(box.look()), since=(MONDAY - timedelta(days=2)).date())
    garmin.account.delete(int(ids[2]))

    assert box.look(cursor) == []
    assert garmin.count(DETAIL) == 0


def test_a_list_that_lost_too_much_deletes_nothing(garmin: FakeGarmin, box: Box) -> None:
    add_runs(garmin, 30)
    cursor = replace(after(box.look()), since=date(2026, 9, 1))
    garmin.reset_log()
    garmin.faults.add(LIST, says([]))

    found = box.look(cursor)

    assert [one for one in found if isinstance(one, Gone)] == []
    assert garmin.count(DETAIL) == 20


def test_a_long_look_reads_back_to_its_day_and_no_further(garmin: FakeGarmin, box: Box) -> None:
    add_runs(garmin, 350)
    cursor = after(box.look())
    garmin.reset_log()

    box.look(replace(cursor, since=(MONDAY - timedelta(days=150)).date()))

    assert garmin.count(LIST) == 2


def test_all_about_new_runs_from_a_day_on_is_read_and_about_those_asked_for(
    garmin: FakeGarmin, box: Box
) -> None:
    ids = add_runs(garmin, 4)
    garmin.account.add_run(MONDAY + timedelta(hours=2), 30.0, 60.0, type_key="cycling")
    garmin.account.set_rpe(int(ids[0]), 8, 75)

    found = box.look(Cursor(details_from=(MONDAY - timedelta(days=1)).date(), details=(ids[3],)))

    told = {one.external_id: json.loads(one.detail) for one in of(found, Details) if one.detail}
    assert list(told) == [ids[0], ids[1], ids[3]]
    assert told[ids[0]]["summaryDTO"]["directWorkoutRpe"] == 80


@pytest.mark.parametrize("fault", [status(404), HTML, NO_CONTENT, says([1]), status(500), DROP, status(400)])
def test_one_detail_that_fails_is_skipped(garmin: FakeGarmin, box: Box, fault: Fault) -> None:
    ids = add_runs(garmin, 3)
    garmin.faults.add(DETAIL + "activity/" + ids[1], fault)

    found = box.look(Cursor(details_from=date(2026, 1, 1)))

    assert [one.external_id for one in of(found, Details) if one.detail] == [ids[0], ids[2]]
    assert len(of(found, File)) == 3


def test_details_that_fail_one_after_the_other_end_the_look(garmin: FakeGarmin, box: Box) -> None:
    add_runs(garmin, 5)
    garmin.faults.add(DETAIL, status(503), None)

    with pytest.raises(Unreachable):
        box.look(Cursor(details_from=date(2026, 1, 1)))
    assert garmin.count(DETAIL) == 3


def test_tokens_in_the_environment_are_not_used(
    garmin: FakeGarmin, box: Box, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "garmin_tokens.json").write_text(box.secret)
    monkeypatch.setenv("GARMINTOKENS", str(tmp_path))
    box.secret = ""

    with pytest.raises(NeedsRunner):
        box.look()
    assert garmin.count() == 0


def test_an_original_is_the_zip_as_it_came(garmin: FakeGarmin, box: Box) -> None:
    (run,) = add_runs(garmin, 1)
    source = box.source()
    (file,) = of(list(source.find(Cursor())), File)

    with source.fetch(file) as stream, zipfile.ZipFile(io.BytesIO(stream.read())) as archive:
        assert archive.namelist() == [f"{run}_ACTIVITY.fit"]


def test_wanted_originals_are_told_once_with_the_new_ones_newest_first(garmin: FakeGarmin, box: Box) -> None:
    ids = add_runs(garmin, 4)
    known = {id_: Known("stale", (MONDAY - timedelta(days=n)).date()) for n, id_ in enumerate(ids) if n != 2}

    found = box.look(Cursor(listed=known, originals=(ids[1], ids[3], ids[2])))

    assert [one.path.split("/")[1] for one in of(found, File)] == [ids[1], ids[2], ids[3]]


def test_an_activity_without_a_file_says_so_for_good(garmin: FakeGarmin, box: Box) -> None:
    with pytest.raises(NotAnActivity, match="no file"):
        box.source().fetch(File("garmin/77/original"))


@pytest.mark.parametrize("fault", [HTML, EMPTY, TRUNCATED, says({"error": "x"}), status(502), DROP])
def test_one_download_that_fails_can_be_tried_again(garmin: FakeGarmin, box: Box, fault: Fault) -> None:
    (run,) = add_runs(garmin, 1)
    garmin.faults.add(ORIGINAL, fault)
    source = box.source()

    with pytest.raises(Retry) as raised:
        source.fetch(File(f"garmin/{run}/original"))
    assert not isinstance(raised.value, Unreachable)
    assert source.fetch(File(f"garmin/{run}/original")).read(2) == b"PK"


def test_three_downloads_that_fail_in_a_row_end_the_look(garmin: FakeGarmin, box: Box) -> None:
    ids = add_runs(garmin, 6)
    source, outcomes = box.source(), []
    faults = [status(503), status(404), status(503), DROP, status(500)]
    for fault in faults:
        garmin.faults.add(ORIGINAL, fault)
    for id_ in ids[: len(faults)]:
        with pytest.raises(MidsoleError) as raised:
            source.fetch(File(f"garmin/{id_}/original"))
        outcomes.append(raised.type)

    assert outcomes == [Retry, NotAnActivity, Retry, Retry, Unreachable]


def test_steps_are_read_in_pieces_and_days_without_a_number_left_out(garmin: FakeGarmin, box: Box) -> None:
    first, today = date(2026, 9, 20), date(2026, 11, 2)
    for day in range(44):
        garmin.account.set_steps(first + timedelta(days=day), 5000 + day)
    garmin.account.set_steps(date(2026, 10, 5), None)

    found = box.look(Cursor(activities=False, steps_from=first, today=today))

    assert len(found) == 43
    assert found[0] == Steps(first, 5000)
    assert found[-1] == Steps(today, 5043)
    assert garmin.count("/steps/daily/") == 2


@pytest.mark.parametrize("odd", [None, True, -5, 10**30, "7", 1.5, [1]])
def test_odd_steps_are_no_steps(garmin: FakeGarmin, box: Box, odd: object) -> None:
    rows = [{"calendarDate": "2026-11-01", "totalSteps": odd}, {"calendarDate": odd, "totalSteps": 5}, odd]
    garmin.faults.add("/steps/daily/", says(rows))

    assert box.look(Cursor(activities=False, steps_from=date(2026, 11, 1), today=date(2026, 11, 2))) == []
