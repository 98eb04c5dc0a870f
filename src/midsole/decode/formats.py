"""The decoders in the order they are asked in, and the lists that lie beside recordings in an export."""

import re

from midsole.decode.base import Decoder
from midsole.decode.fit import FitDecoder
from midsole.decode.garmin import GarminDecoder
from midsole.decode.gpx import GpxDecoder
from midsole.decode.manual import ManualDecoder
from midsole.decode.strava import StravaDecoder
from midsole.decode.tcx import TcxDecoder

DECODERS: tuple[Decoder, ...] = (
    *(FitDecoder(), TcxDecoder(), GpxDecoder()),
    *(GarminDecoder(), StravaDecoder(), ManualDecoder()),
)
"""Garmin's before the entries by hand: an activity there may have any title, also "midsole"."""

ACTIVITY_NAME = re.compile(r"\.(fit|tcx|gpx)(\.gz)?$", re.IGNORECASE)
PACKED_NAME = re.compile(r"\.(zip|tar|tgz|gz)$", re.IGNORECASE)
LIST_NAME = re.compile(
    r"(^|/)(activities|shoes|bikes|cardioActivities)\.csv(\.gz)?$"
    r"|(summarizedActivities|gear)(_\d+)?\.json(\.gz)?$",
    re.IGNORECASE,
)
"""Strava's activities, shoes and bikes; Runkeeper's activities; Garmin's activities and gear.

They name what the recordings do not: sport, title and shoe of each run.
"""

STRAVA_ACTIVITIES, STRAVA_SHOES, STRAVA_BIKES = (
    *("Strava's list of activities", "Strava's list of shoes"),
    "Strava's list of bikes",
)
GARMIN_ACTIVITIES, GARMIN_GEAR = "Garmin's list of all activities", "Garmin's list of all gear"
TELLING = (STRAVA_ACTIVITIES, STRAVA_SHOES, STRAVA_BIKES, GARMIN_ACTIVITIES, GARMIN_GEAR)
"""The lists that say something of activities and pairs (actions/exports.py)."""
WORDS_FOR_SHOES = (
    *("shoe", "schuh", "chaussure", "zapatilla", "calzado", "scarp", "schoen", "tênis", "calçado"),
    *("sapatilha", "buty", "obuw", "обув", "кросс", "sko", "シューズ", "신발", "鞋", "ayakkab", "sepatu"),
)
WORDS_FOR_BIKES = (
    *(
        "bike",
        "fahrrad",
        "radname",
        "rad name",
        "vélo",
        "bici",
        "fiets",
        "rower",
        "велос",
        "sykkel",
        "cykel",
        "バイク",
        "自行车",
    ),
    *("自行車", "자전거", "bisiklet", "sepeda"),
)
"""In the first heading of a list of three to five columns, in the languages of Strava."""
CELL = rb"(\"[^\"\n]{0,300}\"|[^,\"\n]{0,300})"
BEGINNING_BYTES = 4096
LONGEST_HEADINGS_BYTES = 65_536
"""A hundred headings in Cyrillic have more than 6 kB, and some have tags around them."""


def _list_of_names(words: tuple[str, ...]) -> re.Pattern[bytes]:
    known = "|".join(re.escape(word) for word in words).encode()
    few = CELL + rb"(," + CELL + rb"){2,4}(\r?\n|$)"
    return re.compile(rb"^(?=" + few + rb")[^,\d\n]{0,60}(?i:" + known + rb")[^,\d\n]{0,60},")


LISTS = (
    (re.compile(rb"^(Activity ID,Activity Date|id,date,name,type),"), STRAVA_ACTIVITIES),
    (_list_of_names(WORDS_FOR_SHOES), STRAVA_SHOES),
    (_list_of_names(WORDS_FOR_BIKES), STRAVA_BIKES),
    (re.compile(rb"^Activity Id,Date,Type,"), "Runkeeper's list of activities"),
    (re.compile(rb"^\"?Activity Type\"?,\"?Date\"?,\"?Favorite\"?,"), "Garmin's list of activities"),
    (re.compile(rb"^\s*[\[{].{0,200}?\"gearDTOS\"", re.DOTALL), GARMIN_GEAR),
    (re.compile(rb"^\s*[\[{].{0,200}?\"summarizedActivitiesExport\"", re.DOTALL), GARMIN_ACTIVITIES),
    (re.compile(rb"^\s*[\[{].*\"(gearPk|gearDTOS|gearUUID)\"", re.DOTALL), "Garmin's list of gear"),
    (
        re.compile(rb"^\s*[\[{].*\"(activityName|activityTypeDTO|summarizedActivitiesExport)\"", re.DOTALL),
        "Garmin's list of activities",
    ),
    (
        re.compile(rb"^\s*[\[{].*\"(activityId|userProfileP[kK]|userProfileId)\"", re.DOTALL),
        "a list of Garmin's that holds no recording",
    ),
)


def _many_headings(separator: bytes) -> re.Pattern[bytes]:
    """Ten or more, and below them a line that begins with a long number."""
    quoted = rb"\"(?:[^\"\n]|\"\"){0,600}\""
    named = rb"(?:" + quoted + rb"|[^\"\n" + separator + rb"]{0,300})"
    return re.compile(rb"^" + named + rb"(?:" + separator + named + rb"){9,}\r?\n\"?\d{6,}\"?" + separator)


ACTIVITIES_IN_ANY_LANGUAGE = tuple(_many_headings(separator) for separator in (b",", b";", b"\t"))


def decoder_of(head: bytes) -> Decoder | None:
    return next((decoder for decoder in DECODERS if decoder.sniff(head)), None)


def list_of(raw: bytes) -> str | None:
    """Say what list the file is by how it begins; None when it is none that Midsole knows."""
    text = raw[:LONGEST_HEADINGS_BYTES].removeprefix(b"\xef\xbb\xbf")
    beginning = text[:BEGINNING_BYTES]
    known = next((what for begins, what in LISTS if begins.search(beginning)), None)
    if known is None and any(headings.match(text) for headings in ACTIVITIES_IN_ANY_LANGUAGE):
        return STRAVA_ACTIVITIES
    return known


def names_activity(label: str) -> bool:
    return ACTIVITY_NAME.search(label) is not None


def names_list(label: str) -> bool:
    return LIST_NAME.search(label) is not None


def sounds_wanted(label: str) -> bool:
    """Tell whether a member that can't be read may have held what the runner misses."""
    return names_activity(label) or names_list(label) or PACKED_NAME.search(label) is not None
