"""`midsole shoes import`: pairs from a spreadsheet, the good lines in and the bad ones named."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from home import ME, Home, a_home
from midsole.actions import setup, shoes
from midsole.actions.bring import Brought, bring_shoes
from midsole.cli.main import run
from midsole.decode.shoe_list import read_shoes
from midsole.domain.errors import BadInput, UsageError
from midsole.domain.shoes import Shoe


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path) as home:
        yield home


def bring(home: Home, tmp_path: Path, text: str | bytes) -> Brought:
    path = tmp_path / "shoes.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return bring_shoes(home.box, ME, path)


def pairs(home: Home) -> dict[str, Shoe]:
    return {shoe.name: shoe for shoe in shoes.known(home.box, ME)}


def test_every_column_comes_in(home: Home, tmp_path: Path) -> None:
    brought = bring(
        home,
        tmp_path,
        "name,brand,model,kind,limit_km,start_km,bought,first_used,retired,reason,price\n"
        "Old blue,Nike,Pegasus 39,daily,700,12.5,2022-03-01,2022-03-05,2023-05-01,worn out,119.95\n",
    )

    assert (brought.added, brought.bad) == (["Old blue"], [])
    blue = pairs(home)["Old blue"]
    assert (blue.model, blue.kind, blue.limit_m, blue.start_m) == (
        "Nike Pegasus 39",
        "daily",
        700_000,
        12_500,
    )
    assert (blue.bought_on, blue.first_used_on) == (date(2022, 3, 1), date(2022, 3, 5))
    assert (blue.retired_on, blue.retired_reason, blue.price) == (date(2023, 5, 1), "worn out", 119.95)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_separator_and_encoding_of_a_spreadsheet_is_read(
    home: Home, tmp_path: Path, separator: str, encoding: str
) -> None:
    rows = [["Price", "NAME", "First used", "Limit (km)"], ['"129,90"', "Grüne", "2024-05-01", "640"]]
    text = "".join(separator.join(row) + "\r\n" for row in rows)

    bring(home, tmp_path, text.encode(encoding))

    green = pairs(home)["Grüne"]
    assert (green.price, green.first_used_on, green.limit_m) == (129.9, date(2024, 5, 1), 640_000)


def test_the_same_file_again_is_nothing_new(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "shoes.csv"
    path.write_text("name,limit\nOne,700 km\nTwo,400mi\n")
    command = ["--home", str(home.box.home), "shoes", "import", str(path)]

    assert run(command) == 0
    assert "Added 2 pairs: One, Two." in capsys.readouterr().out
    assert run(command) == 0
    assert "Nothing new." in capsys.readouterr().out
    assert pairs(home)["Two"].limit_m == pytest.approx(643_738, abs=1)


def test_good_lines_come_in_and_bad_ones_are_named_with_their_number(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "shoes.csv"
    path.write_text("name,bought\nGood,2024-01-31\nBad,31.01.2024\n,2024-01-31\n")

    assert run(["--home", str(home.box.home), "shoes", "import", str(path)]) == 1

    shown = capsys.readouterr().out
    assert "Added 1 pair: Good." in shown
    assert "Line 3: bought is '31.01.2024', which is no date: write it as 2026-11-16." in shown
    assert "Line 4: A pair needs a name." in shown
    assert list(pairs(home)) == ["Good"]


@pytest.mark.parametrize(
    ("heading", "text", "why"),
    [
        ("limit_km", "0", "above 0"),
        ("limit_km", "far", "no distance"),
        ("limit_km", "1,000", "two ways"),
        ("limit_km", "1.000", "two ways"),
        ("start_km", "-3", "no distance"),
        ("start_km", "1e99", "no distance"),
        ("kind", "slippers", "There is no kind"),
        ("price", "cheap", "no number"),
        ("bought", "2027-01-01", "in the future"),
        ("bought", "2024-02-30", "no date"),
        ("retired", "20240101", "no date"),
    ],
)
def test_what_can_not_be_is_refused(home: Home, tmp_path: Path, heading: str, text: str, why: str) -> None:
    brought = bring(home, tmp_path, f'name,{heading}\nPair,"{text}"\n')

    ((line, said),) = brought.bad
    assert line == 2
    assert why in said
    assert pairs(home) == {}


def test_a_name_that_is_too_long_is_refused(home: Home, tmp_path: Path) -> None:
    assert "longer than" in bring(home, tmp_path, f"name\n{'x' * 101}\n").bad[0][1]


def test_a_pair_can_not_be_retired_before_it_was_bought(home: Home, tmp_path: Path) -> None:
    brought = bring(home, tmp_path, "name,bought,retired\nPair,2024-05-01,2024-01-01\n")

    assert "before it was first used or bought" in brought.bad[0][1]


def test_of_two_lines_of_one_name_the_first_comes_in(home: Home, tmp_path: Path) -> None:
    brought = bring(home, tmp_path, "name\nPair\npair\n")

    assert (brought.added, brought.bad) == (["Pair"], [(3, "'pair' is in line 2, too.")])


def test_an_unknown_column_is_named_and_left_out(home: Home, tmp_path: Path) -> None:
    assert bring(home, tmp_path, "name,colour\nPair,red\n").unknown_columns == ("colour",)


def test_a_pair_without_a_kind_is_what_it_is_called(home: Home, tmp_path: Path) -> None:
    bring(home, tmp_path, "brand,model\nHoka,Speedgoat 5\n")

    assert pairs(home)["Hoka Speedgoat 5"].kind == "trail"


def test_a_pair_still_in_use_becomes_the_default_and_not_a_retired_one(home: Home, tmp_path: Path) -> None:
    assert bring(home, tmp_path, "name,retired\nOld,2020-01-01\nNew,\n").added == ["New", "Old"]


def test_a_start_may_be_unknown(home: Home, tmp_path: Path) -> None:
    bring(home, tmp_path, "name,start\nPair,unknown\n")

    assert pairs(home)["Pair"].start_m is None


def test_a_runner_in_miles_means_miles(home: Home, tmp_path: Path) -> None:
    setup.edit_runner(home.box, ME, units="mi")

    bring(home, tmp_path, "name,limit\nPair,400\n")

    assert pairs(home)["Pair"].limit_m == pytest.approx(643_738, abs=1)


@pytest.mark.parametrize("text", ["", "colour,size\nred,9\n", "name,name\na,b\n", "\0\0\0", '"' * 9])
def test_what_is_no_list_of_pairs_is_refused_with_a_reason(home: Home, tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"shoes\.csv: \w+ "):
        bring(home, tmp_path, text)


def test_a_giant_field_is_a_bad_line_and_a_giant_file_is_refused(home: Home, tmp_path: Path) -> None:
    brought = bring(home, tmp_path, f"name\nGood\n{'x' * 200_000}\n")
    assert (brought.added, len(brought.bad)) == (["Good"], 1)
    with pytest.raises(UsageError, match="more than 5 MB"):
        bring(home, tmp_path, b"name\n" + b"x\n" * 3_000_000)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for begins in (b"", b"name,limit_km\n"):
        try:
            rows = read_shoes(begins + raw).rows
        except BadInput:
            continue
        assert all("\0" not in text for row in rows for text in row.said.values())


def test_the_first_pair_in_use_is_said_to_be_the_default(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "shoes.csv"
    path.write_text("name,retired\nOld,2023-05-01\nNew,\n", "utf-8")
    for expected in (True, False):
        assert run(["--home", str(home.box.home), "shoes", "import", str(path)]) == 0
        assert ("New is now the default for running." in capsys.readouterr().out) is expected
