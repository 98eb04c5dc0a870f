"""The decoders in the order they are asked in, and the lists that lie beside recordings in an export."""

import re

from midsole.decode.base import Decoder
from midsole.decode.fit import FitDecoder
from midsole.decode.garmin import GarminDecoder
from midsole.decode.gpx import GpxDecoder
from midsole.decode.manual import ManualDecoder
from midsole.decode.tcx import TcxDecoder

DECODERS: tuple[Decoder, ...] = (FitDecoder(), TcxDecoder(), GpxDecoder(), GarminDecoder(), ManualDecoder())
"""Garmin's before the entries by hand: an activity there may have any title, also "midsole"."""

ACTIVITY_NAME = re.compile(r"\.(fit|tcx|gpx)(\.gz)?$", re.IGNORECASE)
PACKED_NAME = re.compile(r"\.(zip|tar|tgz|gz)$", re.IGNORECASE)
LIST_NAME = re.compile(
    r"(^|/)(activities|shoes|bikes|cardioActivities)\.csv$|(summarizedActivities|gear)(_\d+)?\.json$",
    re.IGNORECASE,
)
"""Strava's activities, shoes and bikes; Runkeeper's activities; Garmin's activities and gear.

They name what the recordings do not: sport, title and shoe of each run.
"""

LISTS = (
    (re.compile(rb"^Activity ID,Activity Date,"), "Strava's list of activities"),
    (re.compile(rb"^[^,\n]{2,40}(,[^,\n]{0,60}){30,}\r?\n\"?\d{6,},"), "a list of activities, as Strava's"),
    (re.compile(rb"^Shoe Name,Shoe Brand,"), "Strava's list of shoes"),
    (re.compile(rb"^Bike Name,Bike Brand,"), "Strava's list of bikes"),
    (re.compile(rb"^Activity Id,Date,Type,"), "Runkeeper's list of activities"),
    (re.compile(rb"^\"?Activity Type\"?,\"?Date\"?,\"?Favorite\"?,"), "Garmin's list of activities"),
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


def decoder_of(head: bytes) -> Decoder | None:
    return next((decoder for decoder in DECODERS if decoder.sniff(head)), None)


def list_of(head: bytes) -> str | None:
    """Say what list the file is by its first bytes; None when it is none that Midsole knows."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    return next((what for begins, what in LISTS if begins.search(text)), None)


def names_activity(label: str) -> bool:
    return ACTIVITY_NAME.search(label) is not None


def names_list(label: str) -> bool:
    return LIST_NAME.search(label) is not None


def sounds_wanted(label: str) -> bool:
    """Tell whether a member that can't be read may have held what the runner misses."""
    return names_activity(label) or names_list(label) or PACKED_NAME.search(label) is not None
