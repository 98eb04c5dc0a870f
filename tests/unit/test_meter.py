"""What a long command says of itself in a pipe."""

import pytest

from midsole.cli import meter as meters
from midsole.cli.meter import line, meter
from midsole.cli.taking_in import MOST_NAMED, print_refused


def test_a_line_names_the_rate_and_the_time_left() -> None:
    assert line("Reading", 400, 2_000, 2.5) == "Reading: 400 of 2,000 files, 160/s, 0:10 left"
    assert line("Taking in", 1_248, None, 4) == "Taking in: 1,248 files, 312/s"
    assert line("Reading", 0, 2_000, 5) == "Reading: 0 files, 0/s"


def test_a_pipe_gets_a_line_now_and_then_and_none_for_what_is_quick(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.0, 1.0, 4.0, 6.0, 7.0, 12.0, 13.0])
    monkeypatch.setattr(meters.time, "monotonic", lambda: next(seconds))

    with meter() as show:
        for done in (0, 30, 50, 60, 110, 120):
            show("Reading", done, 120)

    assert capsys.readouterr().err.splitlines() == [
        "Reading: 50 of 120 files, 10/s, 0:07 left",
        "Reading: 110 of 120 files, 10/s, 0:01 left",
    ]


def test_few_refused_files_are_named_and_many_are_counted_by_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    courses = [(f"{n}.fit", "ignored", "A course.") for n in range(MOST_NAMED + 1)]
    print_refused([*courses, ("broken.fit", "bad", "Cut off.")])

    told = capsys.readouterr().out
    assert [line.split() for line in told.splitlines() if "." in line] == [
        ["broken.fit", "bad", "Cut", "off."],
        [str(MOST_NAMED + 1), "ignored", "A", "course."],
    ]
