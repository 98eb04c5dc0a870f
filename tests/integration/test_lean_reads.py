"""Reads that bring only what a page shows find what whole reads find, and work nothing out twice."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

import build
from home import ME, NOW, Home, a_home
from midsole.actions import alert_view
from midsole.domain.facts import WARN, Finding
from midsole.domain.load import read_log
from midsole.domain.wearing import whole
from midsole.store import activities, messages, shoes
from midsole.store.activities import OF_LOAD, SPEEDS
from midsole.store.engine import _read_json
from web_home import pages_of

TODAY = NOW.date()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with a_home(tmp_path_factory.mktemp("lean")) as found:
        for days in (40, 9, 2):
            found.run(NOW - timedelta(days=days), 10)
        found.once()
        yield found


def test_what_a_load_is_made_of_is_the_same_in_the_lean_read(home: Home):
    with home.box.store.read() as tx:
        whole = activities.between(tx, ME, TODAY - timedelta(days=30), TODAY)
        lean = activities.of_load(tx, ME, TODAY - timedelta(days=30), TODAY, speeds=True)
    assert len(lean) == 2
    names = (*OF_LOAD, *SPEEDS)
    assert [[getattr(a, n) for n in names] for a in lean] == [[getattr(a, n) for n in names] for a in whole]


def test_the_ends_of_a_history_are_those_of_its_span(home: Home):
    with home.box.store.read() as tx:
        assert activities.ends(tx, ME) == activities.span(tx, ME)[:2]


def test_a_pair_without_dates_came_into_use_when_it_was_first_worn(home: Home):
    with home.box.store.tried() as tx:
        pair = shoes.add(tx, ME, NOW, name="P", kind="daily", limit_m=6e5, start_m=0.0, start_how="known")
        assert shoes.first_pair_on(tx, ME) is None
        second = activities.between(tx, ME)[1]
        shoes.wear_all(tx, ME, {second.id: whole(pair, "default")}, NOW)
        assert shoes.first_pair_on(tx, ME) == second.local_date


def test_alerts_about_pair_1_are_not_those_about_pair_12(home: Home):
    with home.box.store.tried() as tx:
        for pair in (1, 12):
            told = Finding("S1", WARN, f"{pair}:100", TODAY, "Worn.", "Look.", {"shoe": pair, "ratio": 1.0})
            messages.open_alert(tx, ME, told, "open", NOW, TODAY)
        about = alert_view.about(tx, ME, "shoe", 1)
    assert [a["subject"] for a in about] == ["1:100"]
    assert about[0]["advice"] == "Look."


def test_the_log_of_facts_is_worked_out_once_and_of_other_facts_anew():
    facts = build.facts(build.runs_every(2, 10))
    assert read_log(facts) is read_log(facts)
    fewer = replace(facts, activities=facts.activities[:3])
    assert len(read_log(fewer).runs) == 3


@pytest.mark.parametrize("text", ["[]", "[1, 2]", '{"a": null}', ' {"a": 1}\n', '"x"', "3 "])
def test_json_of_a_column_reads_as_json_does(text: str):
    assert _read_json(text) == json.loads(text)


def test_all_forms_of_a_page_share_one_key_and_the_next_page_has_another(home: Home):
    with pages_of(home) as pages:
        first, second = (re.findall(r'name="csrf" value="([^"]+)"', pages.see("/settings")) for _ in range(2))
    assert len(first) > len(set(first)) == 1
    assert set(first) != set(second)
