"""Which pair of an account is which pair here, and why two totals differ."""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import day, shoe
from midsole.domain.gear import BRANDS, Match, kind_of, likeness, match, may_be, split_name
from midsole.domain.gear_totals import EXCLUDED, OTHER_PAIR, UNKNOWN, Counted, Totals, compare
from midsole.domain.shoes import LIMIT_M_BY_KIND
from midsole.domain.units import METRES_BY_UNIT


@dataclass(frozen=True)
class Told:
    external_id: str
    name: str
    brand: str | None = None
    model: str | None = None
    first_used_on: date | None = None
    retired_on: date | None = None


# brand and model


@pytest.mark.parametrize(
    ("text", "brand", "model"),
    [
        ("Brooks Adrenaline GTS 21", "Brooks", "Adrenaline GTS 21"),
        ("noke pegasus 40", None, "noke pegasus 40"),
        ("nike pegasus 40", "Nike", "pegasus 40"),
        ("Sacuony Ride 17", "Saucony", "Ride 17"),
        ("New Balence 880", "New Balance", "880"),
        ("NewBalance 1080v13", "New Balance", "1080v13"),
        ("Hoka One One Clifton 8", "Hoka", "Clifton 8"),
        ("LA SPORTIVA Bushido", "La Sportiva", "Bushido"),
        ("inov8 trailfly", "Inov-8", "trailfly"),
        ("On Cloudmonster 2", "On", "Cloudmonster 2"),
        ("on the road", None, "on the road"),
        ("Pegasus on sale", None, "Pegasus on sale"),
        ("Ultra Glide 2", None, "Ultra Glide 2"),
        ("Anna's Nike Pegasus", "Nike", "Pegasus"),
        ("Pegasus 40 Nike", "Nike", "Pegasus 40"),
        ("Nike", "Nike", None),
        ("  ", None, None),
        ("", None, None),
    ],
)
def test_a_free_text_is_split_into_brand_and_model(text, brand, model):
    assert split_name(text) == (brand, model)


@pytest.mark.parametrize("brand", BRANDS)
def test_every_brand_is_found_however_it_is_written(brand):
    model = "Cloudy 5" if brand == "On" else "Runner 5"
    assert split_name(f"{brand.upper()} {model}") == (brand, model)


words = st.sampled_from([*" ".join(BRANDS).split(), "on", "Cloud", "Ghost", "14", "é", "-", "ultra"])


@given(st.text(max_size=40) | st.lists(words, max_size=6).map(" ".join))
def test_whatever_is_written_the_model_is_a_part_of_it_and_the_brand_is_known(text):
    brand, model = split_name(text)
    assert brand is None or brand in BRANDS
    assert model is None or model in " ".join(text.split())
    assert (brand, model) != (None, None) or not text.split()
    if brand is None:
        assert (model or "").split() == text.split()


# likeness


@pytest.mark.parametrize(
    ("pair", "ours", "like"),
    [
        (("Daily blue", "Nike", "Pegasus 40"), shoe("daily-BLUE"), "same"),
        (("x", "Nike", "Pegasus 40"), shoe("Nike Pegasus 40"), "same"),
        (("x", "Nike", "Pegasus 40"), shoe("Pegasus 40"), "same"),
        (("x", "Nike", "Pegasus 40"), shoe("Blue", model="Nike Pegasus 40"), "same"),
        (("Pegasus 40", None, None), shoe("Nike Pegasus 40"), "same"),
        (("Nike Pegasus 40", "Nike", "Pegasus 40"), shoe("Pegasus"), "maybe"),
        (("Pegasus", None, "Pegasus"), shoe("Nike Pegasus 40"), "maybe"),
        (("Nike Ghost 14", "Nike", "Ghost 14"), shoe("Brooks Ghost 14"), "no"),
        (("Nike Pegasus 40", "Nike", "Pegasus 40"), shoe("Pegasus 41"), "no"),
        (("Cloud 2", None, None), shoe("2"), "no"),
        (("", None, None), shoe("Pegasus"), "no"),
    ],
)
def test_names_are_the_same_alike_or_others(pair, ours, like):
    assert likeness(*pair, ours) == like


def test_of_one_model_worn_one_after_the_other_are_two_pairs():
    old = shoe("Ghost 14", first_used_on=day("2025-01-01"), retired_on=day("2025-12-31"))
    assert likeness("Ghost 14", None, None, old, first_used_on=day("2026-01-01")) == "no"
    assert likeness("Ghost 14", None, None, old, first_used_on=day("2025-12-31")) == "same"
    assert likeness("Ghost 14", None, None, old, retired_on=day("2024-12-31")) == "no"
    assert likeness("Ghost 14", None, None, old, retired_on=day("2025-01-01")) == "same"
    assert likeness("Ghost 14", None, None, shoe("Ghost 14"), retired_on=day("2024-12-31")) == "same"


# match


def test_each_pair_finds_its_shoe():
    pairs = [Told("a", "Nike Pegasus 40", "Nike", "Pegasus 40"), Told("b", "Brooks Ghost", "Brooks", "Ghost")]
    shoes = [shoe("Ghost 14", id=1), shoe("pegasus 40", id=2), shoe("Cloud", id=3)]
    assert match(pairs, shoes) == {"a": Match(2, sure=True), "b": Match(1, sure=False)}


def test_the_same_name_wins_over_one_that_is_alike():
    pairs = [Told("a", "Pegasus 39"), Told("b", "Pegasus")]
    assert match(pairs, [shoe("Pegasus")]) == {"b": Match(1, sure=True)}


def test_two_of_one_name_are_laid_together_by_age_and_never_for_sure():
    pairs = [
        Told("a", "Ghost", first_used_on=day("2026-05-01")),
        Told("b", "Ghost", first_used_on=day("2026-01-01")),
    ]
    shoes = [
        shoe("Ghost", id=1, first_used_on=day("2026-05-02")),
        shoe("Ghost", id=2, bought_on=day("2026-01-01")),
    ]
    assert match(pairs, shoes) == {"a": Match(1, sure=False), "b": Match(2, sure=False)}
    assert match(pairs[:1], shoes)["a"].sure is False


def test_every_pair_that_is_like_a_free_shoe_may_be_it():
    ours = [shoe(id=1, name="Pegasus"), shoe(id=2, name="Hoka Mach 6")]
    theirs = [
        Told("a", "Nike Pegasus 39"),
        Told("b", "Nike Pegasus 40"),
        Told("c", "Hoka Mach 6"),
        Told("d", "Hoka Mach 6 wide"),
        Told("e", "Brooks Ghost"),
    ]
    assert may_be(theirs, ours) == {
        "a": Match(1, sure=False),
        "b": Match(1, sure=False),
        "c": Match(2, sure=True),
    }


def test_a_pair_that_followed_a_retired_one_of_its_name_is_not_taken_for_it():
    old = shoe("Ghost", id=1, first_used_on=day("2025-01-01"), retired_on=day("2025-12-31"))
    new = shoe("Ghost", id=2, first_used_on=day("2026-01-03"))
    pairs = [
        Told("a", "Ghost", first_used_on=day("2026-01-02")),
        Told("b", "Ghost", first_used_on=day("2025-01-01"), retired_on=day("2025-12-30")),
    ]
    assert match(pairs, [old, new]) == {"a": Match(2, sure=True), "b": Match(1, sure=True)}


names = st.sampled_from(["Ghost", "Brooks Ghost", "Ghost 14", "Nike Pegasus", "Pegasus", ""])
dates = st.none() | st.dates(date(2025, 1, 1), date(2025, 3, 1))
some_pairs = st.lists(
    st.builds(Told, st.uuids().map(str), names, st.none(), st.none(), dates, dates), max_size=5
)
some_shoes = st.lists(st.builds(shoe, names, first_used_on=dates, retired_on=dates), max_size=5).map(
    lambda shoes: [replace(s, id=number) for number, s in enumerate(shoes)]
)


@given(some_pairs, some_shoes, st.randoms())
def test_no_shoe_is_two_pairs_and_the_order_does_not_matter(pairs, shoes, random):
    found = match(pairs, shoes)
    assert len({m.shoe_id for m in found.values()}) == len(found)
    for pair in pairs:
        if pair.external_id in found:
            m = found[pair.external_id]
            like = [
                likeness(
                    pair.name,
                    pair.brand,
                    pair.model,
                    s,
                    first_used_on=pair.first_used_on,
                    retired_on=pair.retired_on,
                )
                for s in shoes
            ]
            assert like[m.shoe_id] != "no"
            assert not m.sure or like.count("same") == 1
    random.shuffle(pairs)
    random.shuffle(shoes)
    assert match(pairs, shoes) == found


# kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Nike VaporflyNext% 3", "racing"),
        ("Adidas Adizero Adios Pro 3", "racing"),
        ("Adidas Adizero Adios 8", "tempo"),
        ("Asics Metaspeed Sky+", "racing"),
        ("Brooks Hyperion Elite 4", "racing"),
        ("Brooks Hyperion 2", "tempo"),
        ("Saucony Endorphin Speed 4", "tempo"),
        ("Nike Pegasus Trail 4", "trail"),
        ("Hoka Speedgoat 5", "trail"),
        ("La Sportiva Akyra", "trail"),
        ("Merrell Trail Glove 7", "minimal"),
        ("Vivobarefoot Primus", "minimal"),
        ("New Balance 877 Walking", "walking"),
        ("Brooks Machine", "daily"),
        ("Asics Gel-Nimbus 26", "daily"),
        ("", "daily"),
    ],
)
def test_the_kind_is_guessed_from_well_known_names(name, kind):
    assert kind_of(*split_name(name)) == kind


@given(st.none() | st.text(), st.none() | st.text())
def test_any_name_has_a_kind_with_a_limit(brand, model):
    assert kind_of(brand, model) in LIMIT_M_BY_KIND


# totals


def ran(ours_km, theirs_km, **more) -> Counted:
    metres = (None if km is None else km * 1000 for km in (ours_km, theirs_km))
    return Counted("1", day("2026-11-01"), *metres, **more)


def reasons(start_km, total_km, *runs, whole=True) -> list[str]:
    return compare(start_km * 1000, total_km * 1000, runs, whole=whole).sentences("km")


def test_equal_totals_need_no_reason():
    assert reasons(0, 20, ran(10, 10), ran(10, 10)) == []
    assert compare(0, 20_000, [ran(10, 10), ran(10, 10)], whole=True).difference_m == 0


@pytest.mark.parametrize(
    ("start_km", "total_km", "runs", "sentence"),
    [
        (0, 60, [ran(10, 10)], "Garmin begins with 50 km, Midsole with 0 km."),
        (50, 10, [ran(10, 10)], "Garmin begins with 0 km, Midsole with 50 km."),
        (0, 9, [ran(10, 10)], "Garmin's total is 1 km less than the sum of its own runs."),
        (0, 10, [ran(None, 10)], "1 run (10 km) counts only at Garmin: Midsole counts it on no pair."),
        (
            0,
            20,
            [ran(None, 10, why=OTHER_PAIR)] * 2,
            "2 runs (20 km) count only at Garmin: Midsole has them on another pair.",
        ),
        (
            0,
            10,
            [ran(None, 10, why=EXCLUDED)],
            "1 run (10 km) counts only at Garmin: you excluded it in Midsole.",
        ),
        (
            0,
            10,
            [ran(0, 10, has_original=False)],
            "1 run (10 km) counts only at Garmin: there is no file of it.",
        ),
        (0, 0, [ran(5, None)], "1 run (5 km) counts only in Midsole: Garmin has it on no pair."),
        (
            0,
            0,
            [ran(5, None, why=OTHER_PAIR)],
            "1 run (5 km) counts only in Midsole: Garmin has it on another pair.",
        ),
        (0, 10.3, [ran(10, 10.3)], "1 run is measured differently: 0.3 km more at Garmin."),
        (0, 19.5, [ran(10, 9.8), ran(10, 9.7)], "2 runs are measured differently: 0.5 km less at Garmin."),
    ],
)
def test_each_reason_has_its_sentence(start_km, total_km, runs, sentence):
    assert reasons(start_km, total_km, *runs) == [sentence]


def test_a_list_that_is_not_whole_leaves_a_rest_that_nobody_can_explain():
    assert reasons(0, 500, ran(10, 10), whole=False) == [
        "490 km more at Garmin is not explained: not all of the pair's runs are listed."
    ]


def test_an_unknown_start_is_said_to_be_unknown():
    (said,) = compare(None, 60_000, [ran(10, 10)], whole=True).sentences("km")
    assert said == "Garmin begins with 50 km; what Midsole begins with is not known."


def test_without_the_accounts_total_there_is_nothing_to_compare():
    assert compare(5_000, None, [ran(10, 10)], whole=True) == Totals(15_000, None, 5_000, None)


metres = st.none() | st.floats(0, 300_000)
some_runs = st.lists(
    st.builds(
        Counted,
        st.integers(),
        st.just(day("2026-11-01")),
        metres,
        metres,
        st.booleans(),
        st.sampled_from([UNKNOWN, OTHER_PAIR, EXCLUDED]),
    ),
    max_size=30,
)


@given(metres, metres, some_runs, st.booleans(), st.sampled_from(["km", "mi"]))
def test_the_reasons_add_up_to_the_difference(start_m, total_m, runs, whole, units):
    totals = compare(start_m, total_m, runs, whole=whole)
    assert totals.ours_m == pytest.approx((start_m or 0) + sum(r.ours_m or 0 for r in runs))
    if totals.difference_m is not None:
        assert sum(r.metres for r in totals.reasons) == pytest.approx(totals.difference_m, abs=1)
    assert len({r.kind for r in totals.reasons}) == len(totals.reasons)
    seen = [r for r in totals.reasons if abs(r.metres) >= METRES_BY_UNIT["km"] / 20]
    assert len(totals.sentences(units)) == len(seen)
