"""Assignment (派单): which two officers, and why these and not the others. Pure.

Two at least (Administrative Penalty Law art. 42): a lead (主办) and a second (协办), certified and on duty.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

POLICY_VERSION = "2026-11-24.1"
"""Least open work first, then by code. Changes with the rules below; kept with every team chosen by them."""


@dataclass(frozen=True)
class Station:
    """A field office, and the streets and grid cells it is in charge of."""

    code: str
    district: str
    streets: Sequence[str]
    grid_cells: Sequence[str] = ()


@dataclass(frozen=True)
class Candidate:
    """An officer of the station in charge; `load` is how many open cases the officer holds."""

    officer: str
    name: str
    certified: bool
    on_duty: bool
    load: int


@dataclass(frozen=True)
class Team:
    """Lead and second, and why."""

    lead: Candidate
    second: Candidate
    explanation: dict[str, Any]


@dataclass(frozen=True)
class NobodyAvailable:
    """Fewer than two officers can go."""

    explanation: dict[str, Any]


def station_in_charge(
    assigned: str | None,
    district: str | None,
    street: str | None,
    stations: Iterable[Station],
    *,
    grid_cell: str | None = None,
) -> str | None:
    """The station of an enterprise: the one it is assigned to, else by street, by grid cell, by district.

    A street is one of its district, for streets of two districts share names; the code of a grid cell says it all.
    None if unknown.
    """
    known = {station.code: station for station in stations}
    if assigned in known:
        return assigned
    in_district = sorted(code for code, station in known.items() if district and station.district == district)
    by_street = [code for code in in_district if street in known[code].streets]
    by_cell = sorted(code for code, station in known.items() if grid_cell in station.grid_cells)
    return next(iter(by_street or by_cell or in_district), None)


def choose(candidates: Sequence[Candidate], excluded: Mapping[str, str]) -> Team | NobodyAvailable:
    """The two least loaded of those who can go; `excluded` names who must not, each with the reason."""
    obstacles = {candidate.officer: _obstacle(candidate, excluded) for candidate in candidates}
    able = sorted(
        (candidate for candidate in candidates if obstacles[candidate.officer] is None),
        key=lambda candidate: (candidate.load, candidate.officer),
    )
    chosen = able[:2] if len(able) >= 2 else []
    explanation = {
        "policy_version": POLICY_VERSION,
        "candidates": [
            {
                "officer": candidate.officer,
                "load": candidate.load,
                "chosen": candidate in chosen,
                "reason": obstacles[candidate.officer] or _comparison(candidate, chosen),
            }
            for candidate in sorted(candidates, key=lambda one: one.officer)
        ],
    }
    if not chosen:
        return NobodyAvailable(explanation)
    return Team(chosen[0], chosen[1], explanation)


def _obstacle(candidate: Candidate, excluded: Mapping[str, str]) -> str | None:
    if candidate.officer in excluded:
        return excluded[candidate.officer]
    if not candidate.certified:
        return "not certified"
    return None if candidate.on_duty else "not on duty"


def _comparison(candidate: Candidate, chosen: Sequence[Candidate]) -> str:
    if not chosen:
        return "no second officer"
    if candidate in chosen:
        return "least open work"
    return "more open work" if candidate.load > chosen[1].load else "as much open work; the lower code goes"
