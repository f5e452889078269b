"""Assignment (派单): which two officers, and why these and not the others. Pure.

Two at least (Administrative Penalty Law art. 42): a lead (主办) and a second (协办), certified and on duty. What giving
a case to an officer costs is policy; the team with the lowest total goes. `batch_assignment` does the same for many
at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from typing import Any, NamedTuple
from uuid import UUID

from services.dispatcher.domain.availability import ABSENCES, Barrier, Hindrance, barred
from services.dispatcher.domain.distance import Place, metres
from services.dispatcher.domain.policy import DispatchPolicy
from shared.contract.events import Bilingual


@dataclass(frozen=True)
class StationArea:
    """What a field office is in charge of: a district, or streets and grid cells of it."""

    code: str
    district: str
    streets: Sequence[str]
    grid_cells: Sequence[str] = ()


@dataclass(frozen=True)
class Candidate:
    """An officer of the station in charge, and the work the officer has.

    `hindered` says why the officer may not go, whatever the case; `recent` counts the cases given over the span of
    fairness; `places` are where the officer has open work; `leaving` says that leave begins within the policy's days.
    """

    officer: str
    name: str
    hindered: Hindrance | None = None
    skills: frozenset[str] = frozenset()
    open_cases: int = 0
    due_soon: int = 0
    recent: int = 0
    places: tuple[Place, ...] = ()
    leaving: bool = False


@dataclass(frozen=True)
class Matter:
    """A case to be assigned.

    `excluded` names who is not asked again and why, `recused` who must not go there, `familiar` who has an open case
    there.
    """

    case_id: UUID
    skills: frozenset[str] = frozenset()
    place: Place | None = None
    station_place: Place | None = None
    excluded: Mapping[str, Bilingual] = field(default_factory=dict)
    recused: Mapping[str, str] = field(default_factory=dict)
    familiar: frozenset[str] = frozenset()

    def without(self, more: Mapping[str, Bilingual]) -> "Matter":
        """The same matter with `more` officers excluded; a reason known before is kept."""
        return replace(self, excluded={**more, **self.excluded})


class Cost(NamedTuple):
    """Points of one officer for one matter, apart from the skills, which the two have together."""

    load: float
    fairness: float
    continuity: float
    distance: float
    leaving: float

    @property
    def total(self) -> float:
        return round(sum(self), 6)


@dataclass(frozen=True)
class Team:
    """Lead and second, and why."""

    lead: Candidate
    second: Candidate
    explanation: dict[str, Any]

    @property
    def officers(self) -> frozenset[str]:
        return frozenset({self.lead.officer, self.second.officer})


@dataclass(frozen=True)
class NobodyAvailable:
    """Fewer than two officers can go. Why each does not is composed when somebody asks: of a queue nobody does."""

    explain: Callable[[], dict[str, Any]]

    @property
    def explanation(self) -> dict[str, Any]:
        return self.explain()


def station_in_charge(
    assigned: str | None,
    district: str | None,
    street: str | None,
    stations: Iterable[StationArea],
    *,
    grid_cell: str | None = None,
) -> str | None:
    """The station of an enterprise: the one it is assigned to, else by street, by grid cell, by district.

    A street is one of its district, for streets of two districts share names; the code of a grid cell says it all.
    None if unknown, or if several stations would be as good: the section says which, and no order of names.
    """
    known = {station.code: station for station in stations}
    if assigned in known:
        return assigned
    in_district = [code for code, station in known.items() if district and station.district == district]
    by_street = [code for code in in_district if street in known[code].streets]
    by_cell = [code for code, station in known.items() if grid_cell in station.grid_cells]
    found = by_street or by_cell or in_district
    return found[0] if len(found) == 1 else None


def choose(matter: Matter, candidates: Sequence[Candidate], policy: DispatchPolicy) -> Team | NobodyAvailable:
    """The team of lowest cost among those who can go; of equals the lower codes."""
    able = able_for(matter, candidates, policy)
    pairs = list(combinations(able, 2))
    if not pairs:
        return NobodyAvailable(partial(explain, matter, candidates, policy, None, {}))
    pair = min(pairs, key=lambda two: (pair_cost(matter, two, policy), two[0].officer, two[1].officer))
    return team(matter, candidates, policy, pair, {})


def able_for(matter: Matter, candidates: Iterable[Candidate], policy: DispatchPolicy) -> list[Candidate]:
    """The candidates who can go, ordered by code."""
    able = (candidate for candidate in candidates if obstacle(matter, candidate, policy) is None)
    return sorted(able, key=lambda candidate: candidate.officer)


def able_at(candidates: Iterable[Candidate], policy: DispatchPolicy) -> frozenset[str]:
    """Who of a station's officers can go, whatever the case. Without one more of them nothing waits any less."""
    return frozenset(
        one.officer for one in candidates if one.hindered is None and one.open_cases < policy.assignment.capacity
    )


def obstacle(
    matter: Matter, candidate: Candidate, policy: DispatchPolicy, *, called_in: bool = False
) -> Bilingual | None:
    """Why an officer is not given a case; None for one who is. `called_in`: a chief called the officer in."""
    if candidate.officer in matter.excluded:
        return matter.excluded[candidate.officer]
    if (found := barrier_of(matter, candidate, called_in=called_in)) is not None:
        return found.reason
    if candidate.open_cases >= policy.assignment.capacity:
        number = policy.assignment.capacity
        return Bilingual(zh=f"在办案件已达上限 {number} 件", en=f"has {number} cases in hand, the most there may be")
    return None


def barrier_of(matter: Matter, candidate: Candidate, *, called_in: bool = False) -> Hindrance | None:
    """Why an officer may not go, by nobody's wish; None for one who may."""
    past = ABSENCES if called_in else frozenset[Barrier]()
    return barred(candidate.hindered, recused=matter.recused.get(candidate.officer), past=past)


def cost(matter: Matter, candidate: Candidate, policy: DispatchPolicy, given: int = 0) -> Cost:
    """What giving a matter to an officer costs; `given` counts the cases of the same batch that went to the officer."""
    points = policy.assignment.points
    kilometres = distance_km(matter, candidate)
    return Cost(
        load=points.open_case * (candidate.open_cases + given) + points.due_soon * candidate.due_soon,
        fairness=points.recent_case * candidate.recent,
        continuity=points.continuity if candidate.officer in matter.familiar else 0.0,
        distance=points.kilometre * min(kilometres or 0.0, policy.assignment.farthest_km),
        leaving=points.leaving if candidate.leaving else 0.0,
    )


def distance_km(matter: Matter, candidate: Candidate) -> float | None:
    """From the nearest place where the officer has work, else from the station; None where a place is unknown."""
    origins = candidate.places or ((matter.station_place,) if matter.station_place else ())
    if matter.place is None or not origins:
        return None
    return round(min(metres(origin, matter.place) for origin in origins) / 1000, 3)


def missing_skills(matter: Matter, two: Iterable[Candidate]) -> frozenset[str]:
    """The skills asked for that neither of the two has."""
    return matter.skills.difference(*(candidate.skills for candidate in two))


def pair_cost(
    matter: Matter, two: tuple[Candidate, Candidate], policy: DispatchPolicy, given: Mapping[str, int] | None = None
) -> float:
    """What a team of two costs in all, their missing skills included."""
    own = sum(cost(matter, candidate, policy, (given or {}).get(candidate.officer, 0)).total for candidate in two)
    return round(own + policy.assignment.points.skill_missing * len(missing_skills(matter, two)), 6)


def team(
    matter: Matter,
    candidates: Sequence[Candidate],
    policy: DispatchPolicy,
    two: tuple[Candidate, Candidate],
    given: Mapping[str, int],
) -> Team:
    """The two as a team: the lead is who has more of the skills asked for, then who has less to do."""
    lead, second = sorted(
        two,
        key=lambda one: (
            -len(matter.skills & one.skills),
            cost(matter, one, policy, given.get(one.officer, 0)).total,
            one.officer,
        ),
    )
    return Team(lead, second, explain(matter, candidates, policy, (lead, second), given))


def explain(
    matter: Matter,
    candidates: Sequence[Candidate],
    policy: DispatchPolicy,
    chosen: tuple[Candidate, Candidate] | None,
    given: Mapping[str, int],
) -> dict[str, Any]:
    """Everyone of the station with their points, and why each goes or does not: stored, and served to readers."""
    highest = max((cost(matter, one, policy, given.get(one.officer, 0)).total for one in chosen or ()), default=0.0)
    explanation: dict[str, Any] = {"policy_version": policy.version, "skills": sorted(matter.skills), "candidates": []}
    if chosen is not None:
        explanation |= {
            "points": pair_cost(matter, chosen, policy, given),
            "skills_missing": sorted(missing_skills(matter, chosen)),
        }
    for candidate in sorted(candidates, key=lambda one: one.officer):
        points = cost(matter, candidate, policy, given.get(candidate.officer, 0))
        goes = chosen is not None and candidate in chosen
        reason = obstacle(matter, candidate, policy) or _comparison(matter, candidate, points.total, chosen, highest)
        explanation["candidates"].append(
            {
                "officer": candidate.officer,
                "name": candidate.name,
                "chosen": goes,
                "points": points.total,
                "of_which": points._asdict(),
                "open_cases": candidate.open_cases + given.get(candidate.officer, 0),
                "due_soon": candidate.due_soon,
                "recent": candidate.recent,
                "skills": sorted(candidate.skills),
                "distance_km": distance_km(matter, candidate),
                "reason": reason.model_dump(),
            }
        )
    return explanation


def _comparison(
    matter: Matter,
    candidate: Candidate,
    points: float,
    chosen: tuple[Candidate, Candidate] | None,
    highest: float,
) -> Bilingual:
    if chosen is None:
        return Bilingual(zh="没有第二名可派人员", en="no second officer")
    if candidate in chosen:
        return Bilingual(zh=f"{points:g} 分，两人合计最低", en=f"{points:g} points; the two are the lowest together")
    if points > highest:
        return Bilingual(zh=f"{points:g} 分，高于入选者", en=f"{points:g} points, more than either chosen")
    if missing_skills(matter, chosen) != matter.skills and not matter.skills & candidate.skills:
        return Bilingual(
            zh=f"{points:g} 分，但不具备所需专长", en=f"{points:g} points, but without the skill asked for"
        )
    if points == highest:
        return Bilingual(zh=f"{points:g} 分，与入选者相同", en=f"{points:g} points, the same as one chosen")
    return Bilingual(
        zh=f"{points:g} 分，低于入选者，但承办同批其他案件总分更低",
        en=f"{points:g} points, fewer than one chosen, but the whole batch costs less this way",
    )
