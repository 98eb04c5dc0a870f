"""The lists of a Strava export, in any language and age, whole and broken."""

import csv
import io
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midsole.decode import dates, listed, registry, strava
from midsole.decode.formats import STRAVA_ACTIVITIES, STRAVA_BIKES, STRAVA_SHOES, list_of
from midsole.decode.listed import NamedPair
from midsole.decode.strava import StravaPair
from midsole.domain.activity import SPORTS
from midsole.domain.errors import BadInput, NotAnActivity

CORPUS = Path(os.environ.get("MIDSOLE_CORPUS", Path(__file__).parents[3] / "shared/corpus")) / "strava_export"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"{CORPUS} is missing")
AT = datetime(2022, 5, 29, 15, 53, 35, tzinfo=UTC)
FIRST = {
    "English": (
        "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance",
        "Max Heart Rate,Relative Effort,Commute,Activity Private Note,Activity Gear,Filename",
        "Athlete Weight,Bike Weight,Elapsed Time,Moving Time,Distance",
    ),
    "German": (
        "Aktivitäts-ID,Aktivitätsdatum,Name der Aktivität,Aktivitätsart,Aktivitätsbeschreibung,"
        "Verstrichene Zeit,Distanz",
        "Max. Herzfrequenz,Relative Leistung,Pendeln,Hinweis,Aktivitätsausrüstung,Dateiname",
        "Sportlergewicht,Fahrradgewicht,Verstrichene Zeit,Bewegungszeit,Distanz",
    ),
    "French": (
        "ID de l'activité,Date de l'activité,Nom de l'activité,Type d'activité,Texte,Temps écoulé,Distance",
        "Fréquence cardiaque max.,Effort relatif,Trajet,Note privée,Équipement,Nom du fichier",
        "Poids,Poids du vélo,Temps écoulé,Durée de déplacement,Distance",
    ),
}
DATE = {
    "English": "May 29, 2022, 3:53:35 PM",
    "German": "29.05.2022, 15:53:35",
    "French": "29 mai 2022 à 15:53:35",
}
TYPE = {"English": "Trail Run", "German": "Lauf", "French": "Course à pied"}


def a_list(rows: Sequence[Sequence[str]], headings: str, separator: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerows([headings.split(","), *rows])
    return text.getvalue().encode()


def cells(language: str, file: str = "activities/77.fit.gz", shown: str = "10,02", **said: str) -> list[str]:
    first = ["12070555079", DATE[language], said.get("title", "Am Fluss"), TYPE[language], "", "3700", shown]
    return [*first, "", "", "false", "", "Pegasus", file, "", "", "3700.0", "3600.0", "10021.5", *[""] * 30]


def headings(language: str) -> str:
    return ",".join([*FIRST[language], *(f"Spalte {n}" for n in range(30))])


# any language


@pytest.mark.parametrize("language", FIRST)
@pytest.mark.parametrize("file", ["activities/77.fit.gz", ""])
def test_the_columns_are_found_in_any_language_with_and_without_files(language: str, file: str) -> None:
    (line,) = strava.read_activities(a_list([cells(language, file)], headings(language))).lines

    assert (line.external_id, line.started_at, line.sport) == ("strava:12070555079", AT, "running")
    assert (line.distance_m, line.timer_s, line.elapsed_s) == (10_021.5, 3_600, 3_700)
    assert line.file == ("77.fit" if file else None)
    assert line.told.title == "Am Fluss"
    assert line.pair == NamedPair("Pegasus")


@pytest.mark.parametrize("language", FIRST)
def test_a_list_is_known_by_its_shape_in_any_language(language: str) -> None:
    assert list_of(a_list([cells(language)], headings(language))) == STRAVA_ACTIVITIES


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Shoe Name,Shoe Brand,Shoe Model,Shoe Default Sport Types\nA,B,C,\n", STRAVA_SHOES),
        ("Schuhname,Schuhmarke,Schuhmodell,Sportarten\n", STRAVA_SHOES),
        ("Nom de la chaussure,Marque,Modèle\n", STRAVA_SHOES),
        ("Bike Name,Bike Brand,Bike Model,Bike Default Sport Types\n", STRAVA_BIKES),
        ("Fahrradname,Fahrradmarke,Fahrradmodell\n", STRAVA_BIKES),
        ("id,date,name,type,description,elapsed_time,distance,commute,gear,filename\n", STRAVA_ACTIVITIES),
        ("Attribute,Value,Note\n", None),
        ("time,heart rate,pace\n1,2,3\n", None),
    ],
)
def test_a_list_is_known_by_its_headings(text: str, kind: str | None) -> None:
    assert list_of(text.encode()) == kind


@pytest.mark.parametrize(
    "more",
    [
        "Средний показатель с учётом рельефа",
        '<span class="translation_missing" title="translation missing: de.lib.export.activities">X</span>',
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_list_with_very_long_headings_is_known(more: str, separator: str) -> None:
    """As they are in Cyrillic, or where a word was not translated: more than a file's kind is told from."""
    names = [*",".join(FIRST["French"]).split(","), *(f"{more} {n}" for n in range(85))]
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([names, cells("French")])
    raw = text.getvalue().encode()

    assert len(raw.partition(b"\n")[0]) > 4096
    with pytest.raises(NotAnActivity, match="Strava's list of activities"):
        registry.decode(raw)


@pytest.mark.parametrize("raw", [b",", b'"', b'"",', b'""', b"a;", b'"a"\t', b"1\n", b'"a,'])
def test_what_kind_of_list_it_is_is_told_at_once(raw: bytes) -> None:
    began = time.process_time()

    assert list_of(raw * 100_000) is None
    assert time.process_time() - began < 1


def test_tags_in_headings_do_not_hide_that_they_come_again() -> None:
    tagged = '<span class="translation_missing" title="x">Elapsed Time</span>'
    plain = headings("English")
    at = [n for n, name in enumerate(plain.split(",")) if name == "Elapsed Time"][1]
    names = [tagged if n == at else name for n, name in enumerate(plain.split(","))]

    (line,) = strava.read_activities(a_list([cells("English", "")], ",".join(names))).lines

    assert line.distance_m == 10_021.5


@pytest.mark.parametrize("heads", [headings("German"), headings("German").replace("Distanz,Max", "Weg,Max")])
def test_a_note_that_names_a_file_is_not_taken_for_the_file(heads: str) -> None:
    """With the headings that come again, and without."""
    noted, plain = cells("German", "activities/1.fit.gz"), cells("German", "activities/2.fit.gz")
    noted[0], noted[10] = "12070555080", "from old.gpx"

    lines = strava.read_activities(a_list([noted, plain], heads)).lines

    assert [line.file for line in lines] == ["1.fit", "2.fit"]
    assert {line.pair for line in lines} == {NamedPair("Pegasus")}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_that_a_spreadsheet_saved_again_is_read(separator: str, encoding: str) -> None:
    raw = a_list([cells("German")], headings("German"), separator)

    (line,) = strava.read_activities(raw.decode().encode(encoding)).lines

    assert line.distance_m == 10_021.5


def test_the_short_lists_of_2018_and_2019_count_metres_and_kilometres() -> None:
    old = "id,date,name,type,description,elapsed_time,distance,commute,gear,filename"
    middle = "Activity ID,Activity Date,Name,Type,Description,Elapsed Time,Distance,Commute,Gear,Filename"
    row = ["1836776031", "2018-09-12 15:02:23", "Evening Run", "Run", "", "783"]
    rest = ["true", "Merida", "activities/1836776031.gpx"]

    (first,) = strava.read_activities(a_list([[*row, "3681.0", *rest]], old)).lines
    (second,) = strava.read_activities(a_list([[*row, "3.68", *rest]], middle)).lines

    assert (first.distance_m, second.distance_m) == (3_681, 3_680)
    assert (first.file, first.pair) == ("1836776031.gpx", NamedPair("Merida"))


# dates

WRITTEN = (
    *("May 29, 2022, 3:53:35 PM", "May 29, 2022, 3:53:35\u202fPM", "29.05.2022, 15:53:35"),
    *(
        "29 mai 2022 à 15:53:35",
        "29 may 2022, 15:53:35",
        "29 de mai. de 2022, 15:53:35",
        "29 mag 2022, 15:53:35",
    ),
    *(
        "29 mei 2022 15:53:35",
        "29. maj 2022 kl. 15.53.35",
        "29 мая 2022 г., 15:53:35",
        "29 May 2022, 15:53:35",
    ),
    *(
        "2022/05/29 15:53:35",
        "2022年5月29日 15:53:35",
        "2022年5月29日 下午3:53:35",
        "2022. 5. 29. 오후 3:53:35",
    ),
    *("2022-05-29 15:53:35", "29/05/2022, 15:53:35", "29/5/2022, 3:53:35 p. m.", "29 May 2022 15.53.35"),
)


@pytest.mark.parametrize("text", WRITTEN)
def test_a_date_is_read_in_any_language(text: str) -> None:
    assert dates.moment_of(text) == AT


@pytest.mark.parametrize(
    ("text", "month"),
    [
        *(
            ("3 juin 2022, 1:00", 6),
            ("3 juil. 2022, 1:00", 7),
            ("3 août 2022 à 1:00", 8),
            ("3 févr. 2022, 1:00", 2),
        ),
        ("3 maart 2022 om 1:00", 3),
        *(("3 März 2022, 1:00", 3), ("3 Ağu 2022 1:00", 8), ("3 Şub 2022 1:00", 2), ("3 paź 2022, 1:00", 10)),
    ],
)
def test_months_with_accents_or_a_common_beginning_are_told_apart(text: str, month: int) -> None:
    assert dates.moment_of(text) == datetime(2022, month, 3, 1, tzinfo=UTC)


def test_noon_and_midnight_of_twelve_hours_are_right() -> None:
    assert dates.moment_of("May 1, 2022, 12:00:00 AM") == datetime(2022, 5, 1, tzinfo=UTC)
    assert dates.moment_of("May 1, 2022, 12:00:00 PM") == datetime(2022, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "31.02.2022, 1:00", "May June 3, 2022", "1 2", "9" * 50, "٣"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.moment_of(text) is None


@pytest.mark.parametrize(
    ("texts", "month_first"),
    [
        *((["5/6/2022", "5/29/2022"], True), (["5/6/2022", "29/5/2022"], False)),
        *((["5/6/2022, 3:00 PM"], True), (["5/6/2022, 15:00"], False), ([], False)),
    ],
)
def test_whether_the_month_comes_first_is_told_by_the_whole_list(texts: list[str], month_first: bool) -> None:
    assert dates.begins_with_month(texts) is month_first


# what is told


def test_a_pair_is_a_bike_where_strava_numbers_it_so_or_nobody_ran() -> None:
    row = [*cells("English"), *[""] * 60]
    row[68], row[69] = "5858926.0", ""
    row2 = [*row]
    row2[0], row2[68], row2[69] = "2", "", "77.0"

    first, second = strava.read_activities(a_list([row, row2], headings("English") + ",x" * 60)).lines

    assert first.pair == NamedPair("Pegasus", "5858926", is_bike=True)
    assert second.pair == NamedPair("Pegasus", "77", is_bike=False)


def test_pairs_have_a_name_or_a_make() -> None:
    text = "Shoe Name,Shoe Brand,Shoe Model\nBlue,Nike,Pegasus\n,Hoka,Mach\n,,\n"

    assert strava.read_pairs(text.encode()) == [
        StravaPair("Blue", "Nike", "Pegasus"),
        StravaPair("Hoka Mach", "Hoka", "Mach"),
    ]


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        *(
            ("9,44", 9.44),
            ("9.44", 9.44),
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("1e3", 1000),
            ("3'000", 3000),
        ),
        *(
            ("nan", None),
            ("inf", None),
            ("-1", None),
            ("1e99", None),
            ("", None),
            ("12 km", None),
            ("٣", None),
        ),
    ],
)
def test_a_number_is_read_with_either_mark_for_the_decimals(text: str, metres: float | None) -> None:
    assert listed.number_of(text, 1e7) == metres


# the document of one activity


def test_the_document_of_a_line_is_read_as_the_line_was() -> None:
    (line,) = strava.read_activities(a_list([cells("English", "")], headings("English"))).lines

    decoded = registry.decode(line.listed.encode())

    (recording,) = decoded.recordings
    assert decoded.format == "strava"
    assert (recording.sport, recording.surface, recording.title) == ("running", "trail", "Am Fluss")
    assert (recording.started_at, recording.distance_m, recording.distance_from) == (AT, 10_021.5, "edit")
    assert (recording.timer_s, recording.elapsed_s) == (3_600, 3_700)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_words_of_a_line_come_back_from_its_document(title: str, kind: str) -> None:
    row = cells("English", "", title=title)
    row[3] = kind

    (line,) = strava.read_activities(a_list([row], headings("English"))).lines

    (recording,) = registry.decode(line.listed.encode()).recordings
    assert recording.title == line.told.title
    assert recording.sport == line.sport
    assert recording.sport in SPORTS


# hostile input


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for begins in (b"", a_list([cells("English")], headings("English"))):
        try:
            found = strava.read_activities(begins + raw)
        except BadInput:
            continue
        assert all(line.external_id.startswith("strava:") for line in found.lines)
    assert all(pair.name for pair in strava.read_pairs(raw))


@given(st.binary(max_size=200))
def test_any_document_is_read_or_refused(raw: bytes) -> None:
    with suppress(BadInput):
        registry.decode(strava.BEGINS + raw)


def test_bad_lines_are_named_and_the_others_come_in() -> None:
    good, undated, strange = cells("English"), cells("English", ""), cells("English")
    undated[0], undated[1], strange[0] = "5", "someday", "x" * 200_000
    short = ["9", "May 29, 2022, 3:53:35 PM"]

    found = strava.read_activities(a_list([undated, strange, short, good], headings("English")))

    assert [line.external_id for line in found.lines] == ["strava:12070555079"]
    assert [n for n, _ in found.refused] == [2, 3, 4]
    assert "date" in found.refused[0][1]


@pytest.mark.parametrize(
    "raw", [b"a," * 4_000_000, b'"' * 4_000_000, b'"a\n' * 1_000_000, b"1\n" * 2_000_000]
)
def test_a_hostile_list_is_refused_at_once(raw: bytes) -> None:
    began = time.monotonic()

    with pytest.raises(BadInput):
        strava.read_activities(raw)
    with suppress(BadInput):
        strava.read_activities(a_list([cells("English")], headings("English")) + raw)

    assert time.monotonic() - began < 10


def test_more_lines_than_anybody_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "MOST_LINES", 10)
    with pytest.raises(BadInput, match="more than 10 lines"):
        strava.read_activities(a_list([cells("English")] * 20, headings("English")))


def test_a_list_of_anything_else_is_refused() -> None:
    with pytest.raises(BadInput, match="fewer columns"):
        strava.read_activities(b"a,b\n1,2\n")
    with pytest.raises(BadInput, match="no column names the files"):
        strava.read_activities(",".join(f"x{n}" for n in range(40)).encode())


# the real ones


@needs_corpus
def test_the_real_list_with_german_titles_names_its_file() -> None:
    (line,) = strava.read_activities((CORPUS / "activities.csv").read_bytes()).lines

    assert (line.external_id, line.file) == ("strava:12070555079", "12866632127.fit")
    assert (line.told.title, line.started_at) == ("Laufen Landal Park", AT)
    assert line.distance_m == pytest.approx(3_322.95)


@needs_corpus
def test_the_real_list_of_eleven_years_is_read_whole() -> None:
    raw = (CORPUS / "joboso__activities_2014-2025.csv").read_bytes()

    found = strava.read_activities(raw)

    assert (len(found.lines), found.refused) == (1_845, ())
    assert sum(line.sport == "running" for line in found.lines) == 643
    assert all(line.started_at for line in found.lines)
    assert {line.pair.name for line in found.lines if line.pair} == {"Kona Rove ST", "CAAD8"}
    assert all(line.pair.is_bike for line in found.lines if line.pair)
    with pytest.raises(NotAnActivity):
        registry.decode(raw)
