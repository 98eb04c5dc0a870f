"""Garmin's activity types: their numbers, and what a watch writes into the file for them."""

from datetime import datetime

from fit_writer import Leg

# type key -> (typeId, parentTypeId, sportTypeId, FIT sport, FIT sub sport)
SPORTS = {
    "running": (1, 17, 1, "running", "generic"),
    "cycling": (2, 17, 2, "cycling", "generic"),
    "hiking": (3, 17, 17, "hiking", "generic"),
    "other": (4, 17, 0, "generic", "generic"),
    "trail_running": (6, 1, 1, "running", "trail"),
    "street_running": (7, 1, 1, "running", "street"),
    "track_running": (8, 1, 1, "running", "track"),
    "walking": (9, 17, 11, "walking", "generic"),
    "road_biking": (10, 2, 2, "cycling", "road"),
    "strength_training": (13, 29, 4, "training", "strength_training"),
    "treadmill_running": (18, 1, 1, "running", "treadmill"),
    "indoor_cycling": (25, 2, 2, "cycling", "indoor_cycling"),
    "lap_swimming": (27, 26, 5, "swimming", "lap_swimming"),
    "open_water_swimming": (28, 26, 5, "swimming", "generic"),
    "multi_sport": (89, 17, 18, "multisport", "generic"),
    "transition_v2": (83, 89, 3, "transition", "generic"),
    "virtual_run": (153, 1, 1, "running", "virtual_activity"),
    "obstacle_run": (154, 1, 1, "running", "generic"),
    "indoor_running": (156, 1, 1, "running", "indoor_running"),
    "yoga": (163, 29, 4, "training", "generic"),
    "ultra_run": (181, 1, 1, "running", "generic"),
}
EVENTS = {"race": 1, "recreation": 2, "specialEvent": 3, "training": 4, "transportation": 5}
EVENTS |= {"touring": 6, "geocaching": 7, "fitness": 8, "uncategorized": 9}


def sport(type_key: str) -> tuple[int, int, int, str, str]:
    """A type that nobody knows yet is one of those Garmin adds every year."""
    return SPORTS.get(type_key, (999, 17, 0, "generic", "generic"))


def leg_of(
    type_key: str, started_at: datetime, distance_m: float, timer_s: float, elapsed_s: float | None
) -> Leg:
    name, sub = sport(type_key)[3:]
    return Leg(started_at=started_at, distance_m=distance_m, timer_s=timer_s, elapsed_s=elapsed_s, sport=name,
               sub_sport=sub)  # fmt: skip
