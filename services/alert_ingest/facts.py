"""The facts of an event that rules may speak of: named, typed and documented. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.events import AnomalyData, AnomalyEvent

PH = "w01001"
VALID_MARKINGS = frozenset({"start_up", "shut_down", "calibration", "fault", "maintenance"})
"""Markings that remove evidence where a reason is recorded (MEE marking rules, in force from 2023-01-01)."""
EXCEEDANCE_FLAGS = frozenset({"N", "T"})


@dataclass(frozen=True)
class Fact:
    """What a fact means, and an example by which conditions are checked. A nullable one may be unknown."""

    meaning: str
    example: str | float | bool
    nullable: bool = False


FACTS: Mapping[str, Fact] = {
    "category": Fact("the category the platform claims", "gas_daily_mean_exceedance"),
    "medium": Fact("gas, water or other", "gas", nullable=True),
    "period": Fact("realtime, minute, hour, day or month", "day", nullable=True),
    "pollutant": Fact("code by HJ 212 / HJ 525", "a21026", nullable=True),
    "is_ph": Fact("whether the pollutant is pH, which has a range instead of a limit", False),
    "observed": Fact("observed value, in the event's unit", 61.2, nullable=True),
    "limit": Fact("limit, in the event's unit", 50.0, nullable=True),
    "ratio": Fact("observed / limit", 1.22, nullable=True),
    "exceeds": Fact("observed above the limit; for pH outside the policy's range", True, nullable=True),
    "flag": Fact("HJ 212 data flag; N where the event has none", "N"),
    "marking": Fact("kind of the operator's marking", "calibration", nullable=True),
    "marked": Fact("whether the marking is one that removes evidence, with a reason on record", False),
    "valid_share": Fact("valid data / expected data of the mean", 0.9, nullable=True),
    "valid": Fact("whether the value is evidence: flag N or T, not marked, enough valid data", True),
    "window_hours": Fact("length of the observed period in hours", 24.0, nullable=True),
}
NULLABLE = frozenset(name for name, fact in FACTS.items() if fact.nullable)


def facts_of(event: AnomalyEvent, policy: Mapping[str, float]) -> dict[str, Any]:
    """Every fact of `event`; None where it is unknown. Validity by HJ 75-2017, HJ 356-2019 and the marking rules."""
    data = event.data
    pollutant = data.pollutant.code if data.pollutant else None
    flag = data.flag or "N"
    marked = _is_marked(data)
    valid_share = _ratio(data.valid_count, data.expected_count)
    return {
        "category": data.category,
        "medium": data.outlet.medium or _medium_of(pollutant),
        "period": data.period,
        "pollutant": pollutant,
        "is_ph": pollutant == PH,
        "observed": data.observed,
        "limit": data.limit,
        "ratio": _ratio(data.observed, data.limit),
        "exceeds": _exceeds(data, pollutant, policy),
        "flag": flag,
        "marking": data.marking.kind if data.marking else None,
        "marked": marked,
        "valid_share": valid_share,
        "valid": flag in EXCEEDANCE_FLAGS
        and not marked
        and (valid_share is None or valid_share >= policy["valid_share"]),
        "window_hours": _window_hours(data),
    }


def _is_marked(data: AnomalyData) -> bool:
    marking = data.marking
    return marking is not None and marking.kind in VALID_MARKINGS and bool((marking.reason or "").strip())


def _exceeds(data: AnomalyData, pollutant: str | None, policy: Mapping[str, float]) -> bool | None:
    if data.observed is None:
        return None
    if pollutant == PH:
        return not policy["ph_low"] <= data.observed <= policy["ph_high"]
    return None if data.limit is None else data.observed > data.limit


def _ratio(part: float | None, whole: float | None) -> float | None:
    if part is None or whole is None or whole <= 0:
        return None
    return part / whole


def _window_hours(data: AnomalyData) -> float | None:
    window = data.window
    if window is None or window.end is None:
        return None
    return (window.end - window.start).total_seconds() / 3600


def _medium_of(pollutant: str | None) -> str | None:
    """HJ 525 writes air factors with a leading a, water factors with a leading w."""
    return {"a": "gas", "w": "water"}.get((pollutant or "")[:1])
