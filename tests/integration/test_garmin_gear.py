"""Gear over the unmodified client: pairs, what wore them, the older service, writing back."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from fakes.garmin import DROP, HTML, NO_CONTENT, PROFILE_ID, FakeGarmin, Fault, says, status
from garmin_box import MONDAY, Box, add_runs, after, of
from midsole.domain.errors import BadInput, Retry
from midsole.sources.answers import NotFound
from midsole.sources.base import ActivityGear, Cursor, GearList, GearUse, Partly

LIST = "search/activities"
WORN, PAIRS = "/gear-service/activity/v2/", "/gear-service/gear/v2/list"


def test_pairs_their_activities_and_the_pairs_of_new_activities_are_told(
    garmin: FakeGarmin, box: Box
) -> None:
    shoes = garmin.account.add_gear("Mizuno", "Neo Vista", limit_m=700_000, start_m=5_000)
    bike = garmin.account.add_gear("Canyon", "Endurace", type="BIKE")
    ids = add_runs(garmin, 2, gear=(shoes, bike))
    garmin.account.add_run(MONDAY + timedelta(hours=2), 30.0, 60.0, type_key="cycling", gear=(bike,))

    found = box.look(Cursor(gear=True))

    assert of(found, ActivityGear) == [ActivityGear(id_, (shoes,)) for id_ in ids]
    ((pair,),) = (one.pairs for one in of(found, GearList))
    assert (pair.external_id, pair.name, pair.limit_m) == (shoes, "Mizuno Neo Vista", 700_000)
    assert (pair.total_m, pair.runs) == (25_000, 2)
    assert of(found, GearUse) == [GearUse(shoes, dict.fromkeys(ids, 10_000.0))]


def test_only_pairs_whose_totals_changed_are_read_again(garmin: FakeGarmin, box: Box) -> None:
    old, new = (garmin.account.add_gear("Asics", model) for model in ("Old", "New"))
    (run,) = add_runs(garmin, 1, gear=(old,))
    idle = garmin.account.add_gear("Asics", "Idle")
    cursor = after(box.look(Cursor(gear=True)), Cursor(gear=True))
    assert of(box.look(cursor), GearUse) == []

    garmin.account.reassign(int(run), new)

    assert {one.gear_id: dict(one.metres) for one in of(box.look(cursor), GearUse)} == {
        old: {},
        new: {run: 10_000},
    }
    assert idle in cursor.pairs


def test_a_long_look_reads_every_pair_in_use(garmin: FakeGarmin, box: Box) -> None:
    used = garmin.account.add_gear("Asics", "Used")
    garmin.account.add_gear("Asics", "Retired", retired=date(2026, 8, 1))
    cursor = after(box.look(Cursor(gear=True)), Cursor(gear=True))

    found = box.look(replace(cursor, since=date(2026, 10, 1)))

    assert [one.gear_id for one in of(found, GearUse)] == [used]
    assert len(of(found, GearList)[0].pairs) == 2


def test_more_pairs_than_a_page_are_all_told(garmin: FakeGarmin, box: Box) -> None:
    made = {garmin.account.add_gear("Asics", f"No. {n}") for n in range(201)}
    cursor = Cursor(gear=True, pairs=dict.fromkeys(made, (0.0, 0)))

    (gear,) = of(box.look(cursor), GearList)

    assert {pair.external_id for pair in gear.pairs} == made
    assert garmin.count(PAIRS) == 3


def test_a_pair_that_is_being_counted_again_loses_no_kilometres(garmin: FakeGarmin, box: Box) -> None:
    shoes = garmin.account.add_gear("Asics", "Nimbus")
    add_runs(garmin, 1, gear=(shoes,))
    cursor = after(box.look(Cursor(gear=True)), Cursor(gear=True))
    garmin.account.recount(shoes, 0.0)

    (told,) = box.look(cursor)

    assert isinstance(told, GearList)
    assert [(pair.total_m, pair.runs) for pair in told.pairs] == [(None, None)]


@pytest.mark.parametrize("fault", [status(403), status(404), HTML, NO_CONTENT, says({"a": 1})])
def test_the_older_gear_service_stands_in_with_the_same_pairs(
    garmin: FakeGarmin, box: Box, fault: Fault
) -> None:
    shoes = garmin.account.add_gear("Asics", "Nimbus", retired=date(2026, 8, 1))
    (run,) = add_runs(garmin, 1, gear=(shoes,))
    for path in (PAIRS, WORN):
        garmin.faults.add(path, fault, None)

    found = box.look(Cursor(gear=True))

    ((pair,),) = (one.pairs for one in of(found, GearList))
    assert (pair.external_id, pair.name, pair.total_m, pair.runs) == (shoes, "Asics Nimbus", 10_000, 1)
    assert pair.retired_on == date(2026, 8, 1)
    assert of(found, ActivityGear) == [ActivityGear(run, (shoes,))]
    assert box.notes == {"profile_id": PROFILE_ID}
    box.look(replace(after(found), gear=True))
    assert garmin.count("socialProfile") == 1


def test_of_a_pair_with_a_thousand_activities_not_all_are_told(garmin: FakeGarmin, box: Box) -> None:
    shoes = garmin.account.add_gear("Asics", "Nimbus")
    garmin.faults.add(f"{shoes}/gear", says([{"activityId": n} for n in range(1, 1001)]))

    (use,) = of(box.look(Cursor(gear=True)), GearUse)

    assert (len(use.metres), use.whole) == (1000, False)


@pytest.mark.parametrize("fault", [status(404), HTML, NO_CONTENT, status(500), DROP])
def test_one_pair_whose_activities_fail_loses_none_and_the_others_are_read(
    garmin: FakeGarmin, box: Box, fault: Fault
) -> None:
    first, second = (garmin.account.add_gear("Asics", model) for model in ("Old", "New"))
    garmin.faults.add(f"{first}/gear", fault, None)

    assert [use.gear_id for use in of(box.look(Cursor(gear=True)), GearUse)] == [second]


def test_pairs_that_fail_one_after_the_other_end_the_look(garmin: FakeGarmin, box: Box) -> None:
    for number in range(5):
        garmin.account.add_gear("Asics", f"No. {number}")
    garmin.faults.add(re.compile("[0-9a-f]{32}/gear"), status(503), None)

    with pytest.raises(Partly):
        box.look(Cursor(gear=True))
    assert garmin.count(status=503) == 3


def test_an_account_without_any_answer_about_gear_loses_no_pair(garmin: FakeGarmin, box: Box) -> None:
    garmin.faults.add("/gear-service/", NO_CONTENT, None)

    with pytest.raises(Retry, match="list of gear"):
        box.look(Cursor(gear=True))


def test_gear_can_be_read_where_another_connection_lists_the_activities(garmin: FakeGarmin, box: Box) -> None:
    shoes = garmin.account.add_gear("Asics", "Nimbus")
    (run,) = add_runs(garmin, 1, gear=(shoes,))

    found = box.look(Cursor(activities=False, gear=True, worn=(run,)))

    assert [type(one) for one in found] == [ActivityGear, GearList, GearUse]
    assert garmin.count(LIST) == 0


def test_a_pair_is_linked_and_unlinked(garmin: FakeGarmin, box: Box) -> None:
    shoes = garmin.account.add_gear("Asics", "Nimbus")
    (run,) = add_runs(garmin, 1)
    source = box.source()

    source.link(shoes, run)
    assert len(garmin.account.wearers(shoes)) == 1
    source.unlink(shoes, run)
    assert garmin.account.wearers(shoes) == []
    with pytest.raises(NotFound):
        source.link("0" * 32, run)


def test_writing_without_consent_tells_what_to_grant(box: Box) -> None:
    box.garmin.account.eu = True
    shoes = box.garmin.account.add_gear("Asics", "Nimbus")

    with pytest.raises(BadInput, match="consent"):
        box.source().link(shoes, "1")
