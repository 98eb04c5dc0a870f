"""The JSON of Garmin Connect, as recorded from real accounts, with nobody's values in it."""

import struct
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from .account import PROFILE_ID, Activity, Pair, Total
from .sports import EVENTS, sport

DISPLAY_NAME = "00000000-fa6e-4000-8000-000000000001"
DEVICE_ID = 3_900_000_001


def listed(activity: Activity) -> dict[str, Any]:
    """A line of the list: distances and times are single floats there, so 4261.19 is 4261.18994140625."""
    return {
        "activityId": activity.id,
        "activityName": activity.name,
        "startTimeLocal": f"{activity.local:%Y-%m-%d %H:%M:%S}",
        "startTimeGMT": f"{activity.started_at:%Y-%m-%d %H:%M:%S}",
        "endTimeGMT": f"{activity.started_at + timedelta(seconds=activity.whole_s):%Y-%m-%d %H:%M:%S}",
        "activityType": _type(activity.type_key),
        "eventType": _event(activity.event_key),
        "distance": _single(activity.distance_m),
        "duration": _single(activity.duration_s),
        "elapsedDuration": _single(activity.whole_s),
        "movingDuration": _single(activity.duration_s),
        "averageSpeed": _single(_speed(activity)),
        "ownerId": PROFILE_ID,
        "ownerDisplayName": DISPLAY_NAME,
        "ownerFullName": "Fake Runner",
        "userRoles": ["SCOPE_CONNECT_READ"],
        "privacy": {"typeId": 2, "typeKey": "private"},
        "timeZoneId": 124,
        "beginTimestamp": round(activity.started_at.timestamp() * 1000),
        "sportTypeId": sport(activity.type_key)[2],
        "splitSummaries": [],
        "hasPolyline": not activity.manual,
        "hasSplits": False,
        "hasImages": False,
        "favorite": False,
        "elevationCorrected": False,
        "purposeful": False,
        "manualActivity": activity.manual,
        "pr": False,
        "parent": bool(activity.child_ids),
        **({"parentId": activity.parent_id} if activity.parent_id else {}),
        **({} if activity.manual else _measured(activity)),
    }


def detail(activity: Activity) -> dict[str, Any]:
    """All about one activity."""
    return {
        "activityId": activity.id,
        "activityUUID": {"uuid": str(uuid.UUID(int=activity.id))},
        "activityName": activity.name,
        "userProfileId": PROFILE_ID,
        "isMultiSportParent": bool(activity.child_ids),
        "activityTypeDTO": _type(activity.type_key),
        "eventTypeDTO": _event(activity.event_key),
        "accessControlRuleDTO": {"typeId": 2, "typeKey": "private"},
        "timeZoneUnitDTO": _zone(activity.tz_offset),
        "metadataDTO": _metadata(activity),
        "summaryDTO": _summary(activity),
        "locationName": None,
        "splitSummaries": [],
    }


def gear_v2(pair: Pair, total: Total, used_s: float) -> dict[str, Any]:
    """A pair as the web app reads it: dashed uuid, totals inside; what is not set is missing."""
    return {
        "uuid": str(uuid.UUID(pair.id)),
        "userProfilePk": PROFILE_ID,
        "gearType": pair.type,
        "status": "RETIRED" if pair.retired_on else "ACTIVE",
        "brand": pair.brand,
        "model": pair.model,
        **({"name": pair.name} if pair.name else {}),
        "usageType": "DISTANCE",
        **({} if pair.limit_m is None else {"maxUsageDistanceMeters": float(pair.limit_m)}),
        "maxUsageDurationSeconds": 0,
        "firstUseDate": pair.first_use.isoformat(),
        "numActivitiesLinked": total.runs,
        "durationUsedSeconds": round(used_s),
        "distanceUsedMeters": total.metres if pair.shown_m is None else pair.shown_m,
        "daysUsed": total.runs,
        "processing": pair.shown_m is not None,
        "createdDate": _instant(pair.first_use),
    }


def gear_legacy(pair: Pair) -> dict[str, Any]:
    """A pair as the older service tells it: undashed uuid, brand and model in one text, no totals."""
    shoes = pair.type == "SHOES"
    return {
        "gearPk": pair.pk,
        "uuid": pair.id,
        "userProfilePk": PROFILE_ID,
        "gearMakeName": "Other",
        "gearModelName": f"Unknown {'Shoes' if shoes else 'Bike'}",
        "gearTypeName": "Shoes" if shoes else pair.type.title(),
        "gearStatusName": "retired" if pair.retired_on else "active",
        "displayName": pair.name,
        "customMakeModel": f"{pair.brand} {pair.model}".strip(),
        "imageNameLarge": None,
        "imageNameMedium": None,
        "imageNameSmall": None,
        "dateBegin": _instant(pair.first_use),
        "dateEnd": pair.retired_on and _instant(pair.retired_on),
        "maximumMeters": float(pair.limit_m or 0),
        "notified": False,
        "createDate": _instant(pair.first_use),
        "updateDate": _instant(pair.retired_on or pair.first_use),
    }


def gear_stats(pair: Pair, total: Total) -> dict[str, Any]:
    began_ms = round(datetime.fromisoformat(f"{pair.first_use}T00:00:00+00:00").timestamp() * 1000)
    return {
        "gearPk": pair.pk,
        "uuid": pair.id,
        "createDate": began_ms,
        "updateDate": began_ms,
        "totalDistance": total.metres if pair.shown_m is None else pair.shown_m,
        "totalActivities": total.runs,
        "processing": pair.shown_m is not None,
    }


def steps(day: date, count: int | None) -> dict[str, Any]:
    metres = None if count is None else round(count * 0.8)
    return {"calendarDate": day.isoformat(), "totalSteps": count, "totalDistance": metres, "stepGoal": 8000}


def social_profile(email: str) -> dict[str, Any]:
    return {
        "id": PROFILE_ID + 7,
        "profileId": PROFILE_ID,
        "garminGUID": DISPLAY_NAME,
        "displayName": DISPLAY_NAME,
        "fullName": "Fake Runner",
        "userName": email,
        "profileImageType": "UPLOADED_PHOTO",
        "location": None,
        "primaryActivity": "running",
        "userRoles": ["SCOPE_CONNECT_READ", "SCOPE_CONNECT_WRITE", "ROLE_CONNECTUSER"],
        "showVO2Max": False,
        "userLevel": 3,
        "userPro": False,
    }


def user_settings() -> dict[str, Any]:
    return {
        "id": PROFILE_ID,
        "userData": {
            "gender": "FEMALE",
            "weight": 61000.0,
            "height": 170.0,
            "timeFormat": "time_twenty_four_hr",
            "birthDate": "1990-01-01",
            "measurementSystem": "metric",
            "activityLevel": None,
            "handedness": "RIGHT",
            "vo2MaxRunning": 50.0,
        },
        "userSleep": {"sleepTime": 82800, "wakeTime": 25200},
        "connectDate": None,
        "sourceType": None,
    }


def _type(key: str) -> dict[str, Any]:
    type_id, parent_id, *_ = sport(key)
    return {"typeId": type_id, "typeKey": key, "parentTypeId": parent_id, "isHidden": False,
            "restricted": False, "trimmable": True}  # fmt: skip


def _event(key: str) -> dict[str, Any]:
    number = EVENTS.get(key, 9)
    return {"typeId": number, "typeKey": key, "sortOrder": number + 1}


def _measured(activity: Activity) -> dict[str, Any]:
    """What only a watch knows."""
    return {
        "deviceId": DEVICE_ID,
        "manufacturer": "GARMIN",
        "lapCount": 1,
        "calories": round(activity.duration_s / 6),
        "averageHR": 140.0,
        "maxHR": 165.0,
        "elevationGain": 12.0,
        "elevationLoss": 12.0,
        "averageRunningCadenceInStepsPerMinute": 168.0,
        "avgStrideLength": _single(_speed(activity) / 168 * 6000),
        "steps": round(activity.duration_s * 2.8),
        "vO2MaxValue": 50.0,
        "aerobicTrainingEffect": 2.700000047683716,
        "anaerobicTrainingEffect": 0.0,
        "trainingEffectLabel": "AEROBIC_BASE",
        "activityTrainingLoad": _single(activity.duration_s / 40),
        "summarizedDiveInfo": {"summarizedDiveGases": []},
    }


def _metadata(activity: Activity) -> dict[str, Any]:
    return {
        "isOriginal": True,
        "fileFormat": None if activity.manual else {"formatId": 7, "formatKey": "fit"},
        "lastUpdateDate": _stamp(activity.changed_at),
        "uploadedDate": _stamp(activity.added_at),
        "childIds": list(activity.child_ids),
        "childActivityTypes": [],
        "manufacturer": None if activity.manual else "GARMIN",
        "lapCount": 1,
        "deviceMetaDataDTO": None if activity.manual else {"deviceId": str(DEVICE_ID), "deviceTypePk": 37229},
        "personalRecord": False,
        "elevationCorrected": False,
        "favorite": False,
        "trimmed": False,
        "manualActivity": activity.manual,
    }


def _summary(activity: Activity) -> dict[str, Any]:
    """RPE times ten; both it and the feel are missing where the runner said nothing."""
    told = {"directWorkoutFeel": activity.feel, "directWorkoutRpe": activity.rpe and activity.rpe * 10}
    return {
        "startTimeLocal": _stamp(activity.local),
        "startTimeGMT": _stamp(activity.started_at),
        "distance": round(activity.distance_m, 2),
        "duration": round(activity.duration_s, 3),
        "movingDuration": round(activity.duration_s, 3),
        "elapsedDuration": round(activity.whole_s, 3),
        "averageSpeed": _single(_speed(activity)),
        "calories": round(activity.duration_s / 6),
        **({} if activity.manual else {"averageHR": 140.0, "maxHR": 165.0, "averageRunCadence": 168.0,
           "elevationGain": 12.0, "elevationLoss": 12.0, "trainingEffect": 2.700000047683716,
           "activityTrainingLoad": activity.duration_s / 40}),
        **{name: value for name, value in told.items() if value is not None},
    }  # fmt: skip


def _zone(offset: timedelta) -> dict[str, Any]:
    hours = offset.total_seconds() / 3600
    name = "UTC" if not hours or hours % 1 else f"Etc/GMT{-int(hours):+d}"
    return {"unitId": 124, "unitKey": name, "factor": 0.0, "timeZone": name}


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.0"


def _instant(day: date) -> str:
    return f"{day}T00:00:00.0"


def _speed(activity: Activity) -> float:
    return activity.distance_m / activity.duration_s if activity.duration_s else 0.0


def _single(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])
