"""Which sport a word means, and when a title is evidence."""

import pytest

from midsole.decode.words import sport_and_surface, sport_of_title


@pytest.mark.parametrize(
    ("kind", "sport", "surface"),
    [
        ("9", "running", "unknown"),
        (" running ", "running", "unknown"),
        ("Run", "running", "unknown"),
        ("trail_running", "running", "trail"),
        ("TrailRun", "running", "trail"),
        ("trailRunning", "running", "trail"),
        ("Treadmill Running", "running", "treadmill"),
        ("treadmill", "running", "treadmill"),
        ("indoor_running", "running", "treadmill"),
        ("track_running", "running", "track"),
        ("VirtualRun", "running", "virtual"),
        ("street_running", "running", "road"),
        ("HKWorkoutActivityTypeRunning", "running", "unknown"),
        ("Laufen", "running", "unknown"),
        ("Course à pied", "running", "unknown"),
        ("Löpning", "running", "unknown"),
        ("løb", "running", "unknown"),
        ("бег", "running", "unknown"),
        ("ランニング", "running", "unknown"),
        ("Running Workout", "running", "unknown"),
        ("10", "walking", "unknown"),
        ("nordic_walking", "walking", "unknown"),
        ("Nordic Ski", "other", "unknown"),
        ("EBikeRide", "cycling", "unknown"),
        ("mountain_biking", "cycling", "unknown"),
        ("open_water_swimming", "swimming", "unknown"),
        ("wheelchair run", "other", "unknown"),
        ("run, hike", "unknown", "unknown"),
        ("Biking", "cycling", "unknown"),
        ("Bicycling", "cycling", "unknown"),
        ("TREKKING_BIKE", "cycling", "unknown"),
        ("virtualride", "cycling", "unknown"),
        ("horse_riding", "other", "unknown"),
        ("Stand Up Paddleboarding", "other", "unknown"),
        ("Weightlifting", "other", "unknown"),
        ("Racewalking", "walking", "unknown"),
        ("footing", "running", "unknown"),
        ("Trailrunning", "running", "trail"),
        ("20260208Бег на улице", "running", "unknown"),
        ("Hardloopsessie", "running", "unknown"),
        ("Traillauf", "running", "trail"),
        ("Corrida em trilha", "running", "trail"),
        ("Carrera de montaña", "running", "trail"),
        ("トレイルラン", "running", "trail"),
        ("Virtueller Lauf", "running", "virtual"),
        ("Забег", "running", "unknown"),
        ("Wandeling", "walking", "unknown"),
        ("Wędrówka piesza", "hiking", "unknown"),
        ("Fietsrit", "cycling", "unknown"),
        ("Jazda na rowerze", "cycling", "unknown"),
        ("Other", "unknown", "unknown"),
        ("99", "unknown", "unknown"),
        ("unbekannt", "unknown", "unknown"),
        ("", "unknown", "unknown"),
    ],
)
def test_a_type_is_a_sport_where_a_word_of_it_is_known(kind: str, sport: str, surface: str) -> None:
    assert sport_and_surface(kind) == (sport, surface)


@pytest.mark.parametrize(
    ("title", "sport"),
    [
        ("Running 3/14/15 5:55 pm", "running"),
        ("Morning Run", "running"),
        ("Afternoon Ride", "cycling"),
        ("Lauf am Morgen", "running"),
        ("Segunda-Feira Corrida Matutina", "running"),
        ("Course à pied le matin", "running"),
        ("Sortie à vélo dans l'après-midi", "cycling"),
        ("20231013 Outdoor cycling", "cycling"),
        ("Run", "running"),
        ("Run down the river", "unknown"),
        ("Madrid Running", "unknown"),
        ("Run Club social walk", "unknown"),
        ("Move", "unknown"),
        ("Morning", "unknown"),
        ("Evening workout", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_title_that_an_app_made_up_names_the_sport_and_no_other_does(title: str, sport: str) -> None:
    assert sport_of_title(title) == sport
