"""The documentation can't rot: what is written is compared with what is there."""

import re
from pathlib import Path

import pytest
import typer

from midsole import config
from midsole.cli.main import app
from midsole.domain.alerts import NEWS
from midsole.domain.rules import RULES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GOES = {"push": "a mail of its own", "weekly": "the weekly mail", "shown": "shown, never sent"}


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_the_readme_has_every_rule_word_for_word(rule):
    row = f"| {rule.id} | {rule.name} | {rule.grade} | {GOES[rule.goes_to]} | {rule.advice} | {rule.source} |"
    assert row in README


def test_the_readme_has_no_rule_that_is_not_there():
    assert set(re.findall(r"^\| ([A-Z]\d) \|", README, re.M)) == {rule.id for rule in RULES}


def test_every_rule_that_can_be_news_says_when():
    assert {rule.id for rule in RULES if rule.goes_to != "shown"} <= set(NEWS)


def test_the_readme_has_every_command_and_no_other():
    written = set(re.findall(r"^\| `midsole (\w+)` \|", README, re.M))
    assert written == set(typer.main.get_command(app).commands)


def test_the_example_has_every_setting_with_its_default():
    example = config.example()
    for name in (*config.SETTINGS, "smtp_password_file"):
        assert re.search(rf"^#{name} = ", example, re.M), f"{name} is not in config/midsole.example.toml"
    values = dict(re.findall(r"^#(\w+) = (.*)$", example, re.M))
    defaults = config.Settings(home=Path())
    for name in config.SETTINGS:
        default = getattr(defaults, name)
        assert values[name] == (f'"{default}"' if isinstance(default, str) else str(default))


def test_no_setting_of_the_example_is_unknown():
    known = {*config.SETTINGS, "smtp_password_file"}
    assert set(re.findall(r"^#(\w+) = ", config.example(), re.M)) == known


def test_every_file_that_the_readme_names_is_there():
    named = re.findall(r"`((?:scripts|config|docs|src)/[\w./-]+)`", README)
    assert named
    assert [name for name in named if not (ROOT / name.rstrip("/")).exists()] == []


def test_the_readme_shows_every_picture_that_is_there_small_and_no_other():
    shown = set(re.findall(r'(?:src|srcset)="(docs/screenshots/[\w-]+\.png)"', README))
    there = [*(ROOT / "docs" / "screenshots").iterdir()]
    assert shown == {str(picture.relative_to(ROOT)) for picture in there}
    assert [picture.name for picture in there if picture.stat().st_size > 120_000] == []
