"""Where a recording began, in degrees; what no place on the globe can be is unknown."""

import numpy as np

from midsole.domain.samples import Samples

type Where = tuple[float, float] | tuple[None, None]
NOWHERE: Where = (None, None)
DIGITS = 6
"""A tenth of a metre, far below what a satellite tells."""


def where(lat_deg: float | None, lon_deg: float | None) -> Where:
    """Return the place; none is at 0, 0, where devices put what they do not know, nor off the globe."""
    if lat_deg is None or lon_deg is None or not (abs(lat_deg) <= 90 and abs(lon_deg) <= 180):
        return NOWHERE
    place = round(lat_deg, DIGITS), round(lon_deg, DIGITS)
    return place if any(place) else NOWHERE


def first_fix(samples: Samples) -> Where:
    """Return the first place in the file's order."""
    lat_deg, lon_deg = samples.lat_deg, samples.lon_deg
    known = (np.abs(lat_deg) <= 90) & (np.abs(lon_deg) <= 180) & ((lat_deg != 0) | (lon_deg != 0))
    if not known.any():
        return NOWHERE
    first = int(known.argmax())
    return where(float(lat_deg[first]), float(lon_deg[first]))
