"""What was done, by a FIT session: sport and sub-sport as Midsole's own words."""

from collections.abc import Iterable, Mapping

TRANSITION = 3
"""Sport of a multisport file's leg between two others: nobody did it."""
GENERIC, MULTISPORT = 0, 18
FITNESS_EQUIPMENT = 4

SPORTS = {1: "running", 2: "cycling", 5: "swimming", 11: "walking", 17: "hiking", 21: "cycling"}
"""Enum `sport`; 21 is e_biking. 0 (generic) and none are unknown, any other is another sport."""
SPORT_OF_SUB_SPORT = {
    **dict.fromkeys((1, 2, 3, 4, 45, 67), "running"),
    **dict.fromkeys((27, 30, 31), "walking"),
    **dict.fromkeys((5, 6, 7, 8, 9, 10, 11, 12, 13, 28, 29, 46, 47), "cycling"),
    **dict.fromkeys((17, 18), "swimming"),
    **dict.fromkeys((14, 15, 16, 19, 20, 43, 44), "other"),
}
"""Enum `sub_sport`, for files whose sport says nothing. Running: treadmill, street, trail, track, indoor and
ultra. Walking: indoor, casual, speed. Cycling: from spin to gravel. Other: rowing, stairs, strength, yoga."""
SURFACES = {1: "treadmill", 2: "road", 3: "trail", 4: "track", 45: "treadmill", 58: "virtual"}
"""Enum `sub_sport`; 45 is indoor_running, 58 virtual_activity."""
RUNNERS_ONLY = {95: "running"}
"""Manufacturers of nothing but running gear (Stryd's foot pod), for files that name no sport at all."""

type Told = Mapping[str, float | str]


def sport_of(session: Told, others: Iterable[Told], file_id: Told) -> str:
    """By the session, then the sport message and the first lap, their sub-sports, the maker; else unknown."""
    told = [session, *others]
    sports, sub_sports = _numbers(told, "sport"), _numbers(told, "sub_sport")
    named = next((number for number in sports if number != GENERIC), None)
    on_equipment = {SPORT_OF_SUB_SPORT[n] for n in sub_sports if n in (1, 27, 45)}
    if named == FITNESS_EQUIPMENT and on_equipment:
        return on_equipment.pop()
    if named is not None:
        return SPORTS.get(named, "other")
    by_sub_sport = next((SPORT_OF_SUB_SPORT[n] for n in sub_sports if n in SPORT_OF_SUB_SPORT), None)
    makers = _numbers([file_id], "manufacturer")
    return by_sub_sport or next((RUNNERS_ONLY[n] for n in makers if n in RUNNERS_ONLY), "unknown")


def surface_of(session: Told, others: Iterable[Told]) -> str:
    found = _numbers([session, *others], "sub_sport")
    return next((SURFACES[number] for number in found if number in SURFACES), "unknown")


def _numbers(messages: Iterable[Told], name: str) -> list[int]:
    found = (message.get(name) for message in messages)
    return [int(value) for value in found if isinstance(value, float | int)]
