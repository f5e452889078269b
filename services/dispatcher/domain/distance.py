"""Places on the ground, and how far apart they are. Pure."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

_EARTH_METRES = 6_371_008.8  # mean radius, IUGG


@dataclass(frozen=True)
class Place:
    """A place on the ground: WGS 84, in degrees."""

    longitude: float
    latitude: float


def place(longitude: float | None, latitude: float | None) -> Place | None:
    """The place, where both coordinates are known."""
    return None if longitude is None or latitude is None else Place(longitude, latitude)


def metres(one: Place, other: Place) -> float:
    """The great-circle distance (haversine): within half a per cent of the geodesic, far below what a phone errs."""
    south_north = radians(other.latitude - one.latitude)
    west_east = radians(other.longitude - one.longitude)
    chord = (
        sin(south_north / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(west_east / 2) ** 2
    )
    return 2 * _EARTH_METRES * asin(sqrt(min(chord, 1.0)))
