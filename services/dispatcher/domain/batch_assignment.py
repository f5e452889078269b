"""Many cases at once: teams of lowest total cost under everyone's capacity, as one integer programme. Pure.

HiGHS, through SciPy, solves it: the convex load of an officer, the two different officers of a team, and the skills
that the two have together are linear there. One case alone is chosen from all pairs, to the same cost.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple
from uuid import UUID

from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.domain.team_choice import (
    Candidate,
    Matter,
    NobodyAvailable,
    Team,
    able_for,
    choose,
    cost,
    explain,
    pair_cost,
    team,
)

_LEFT_WAITING = 1e5  # points: dearer than any team, so that as many cases as can be are assigned
_SECONDS = 1.0  # a station; what is found by then is used
_GAP = 1e-4  # of the total: a hundredth of a per cent is nobody's loss


class BatchPlan(NamedTuple):
    """A team, or nobody, for every case, and what the teams cost in all."""

    teams: Mapping[UUID, Team | NobodyAvailable]
    points: float


def one_by_one(matters: Sequence[Matter], candidates: Sequence[Candidate], policy: DispatchPolicy) -> BatchPlan:
    """Each case in turn takes the cheapest team left: the fallback of a batch, and what it is compared with."""
    pairs: dict[UUID, tuple[Candidate, Candidate]] = {}
    given: Counter[str] = Counter()
    for matter in matters:
        loaded = [_with(candidate, given[candidate.officer]) for candidate in candidates]
        chosen = choose(matter, loaded, policy)
        if isinstance(chosen, Team):
            pairs[matter.case_id] = _pair(chosen.officers, candidates)
            given.update(chosen.officers)
    return _plan(matters, candidates, policy, pairs)


def assign_batch(matters: Sequence[Matter], candidates: Sequence[Candidate], policy: DispatchPolicy) -> BatchPlan:
    """The teams of lowest total cost for `matters` of one station; the earlier first where not all can be served."""
    if len(matters) <= 1:
        return one_by_one(matters, candidates, policy)
    able = {matter.case_id: able_for(matter, candidates, policy) for matter in matters}
    served = [matter for matter in matters if len(able[matter.case_id]) >= 2]
    pairs = _solved(served, able, policy)
    return one_by_one(matters, candidates, policy) if pairs is None else _plan(matters, candidates, policy, pairs)


def _solved(
    matters: Sequence[Matter], able: Mapping[UUID, Sequence[Candidate]], policy: DispatchPolicy
) -> dict[UUID, tuple[Candidate, Candidate]] | None:
    """None where the solver found nothing in its time.

    Variables: x(m, c) the officer goes; u(c, k) the officer takes a k-th case; y(m) the case is served; z(m, s) a
    skill asked for is missing.
    """
    if not matters:
        return {}
    from services.dispatcher.domain.integer_programme import Row, least  # noqa: PLC0415  see there

    officers = {candidate.officer: candidate for matter in matters for candidate in able[matter.case_id]}
    points, room = policy.assignment.points, policy.assignment.capacity
    objective: list[float] = []

    def variable(value: float) -> int:
        objective.append(value)
        return len(objective) - 1

    x = {
        (matter.case_id, one.officer): variable(cost(matter, one, policy).total)
        for matter in matters
        for one in able[matter.case_id]
    }
    # The earlier of two cases is dearer to leave waiting.
    y = {matter.case_id: variable(-_LEFT_WAITING - len(matters) + number) for number, matter in enumerate(matters)}
    integral = len(objective)
    u = {
        code: [variable(points.open_case * k) for k in range(min(room - one.open_cases, len(matters)))]
        for code, one in officers.items()
    }
    z = {
        (matter.case_id, skill): variable(points.skill_missing) for matter in matters for skill in sorted(matter.skills)
    }
    rows: list[Row] = []
    for matter in matters:
        team_of = {x[matter.case_id, one.officer]: 1.0 for one in able[matter.case_id]}
        rows.append((team_of | {y[matter.case_id]: -2.0}, 0.0, 0.0))
        for skill in sorted(matter.skills):
            skilled = {x[matter.case_id, one.officer]: 1.0 for one in able[matter.case_id] if skill in one.skills}
            rows.append((skilled | {z[matter.case_id, skill]: 1.0, y[matter.case_id]: -1.0}, 0.0, math.inf))
    for code, units in u.items():
        taken = {number: 1.0 for (_, officer), number in x.items() if officer == code}
        rows.append((taken | dict.fromkeys(units, -1.0), 0.0, 0.0))
    solution = least(objective, integral, rows, seconds=_SECONDS, gap=_GAP)
    if solution is None:
        return None
    going: dict[UUID, list[Candidate]] = {matter.case_id: [] for matter in matters}
    for (case_id, officer), number in x.items():
        if solution[number] > 0.5:
            going[case_id].append(officers[officer])
    return {case_id: (two[0], two[1]) for case_id, two in going.items() if len(two) == 2}


def _plan(
    matters: Sequence[Matter],
    candidates: Sequence[Candidate],
    policy: DispatchPolicy,
    pairs: Mapping[UUID, tuple[Candidate, Candidate]],
) -> BatchPlan:
    """The plan of the pairs, explained in order: what an officer was given before counts as load for the next case."""
    given: Counter[str] = Counter()
    teams: dict[UUID, Team | NobodyAvailable] = {}
    total = 0.0
    for matter in matters:
        pair = pairs.get(matter.case_id)
        if pair is None:
            loaded = [_with(candidate, given[candidate.officer]) for candidate in candidates]
            teams[matter.case_id] = NobodyAvailable(partial(explain, matter, loaded, policy, None, {}))
            continue
        teams[matter.case_id] = team(matter, candidates, policy, pair, given)
        total += pair_cost(matter, pair, policy, given)
        given.update(one.officer for one in pair)
    return BatchPlan(teams, round(total, 6))


def _with(candidate: Candidate, given: int) -> Candidate:
    return replace(candidate, open_cases=candidate.open_cases + given) if given else candidate


def _pair(officers: frozenset[str], candidates: Sequence[Candidate]) -> tuple[Candidate, Candidate]:
    one, other = (candidate for candidate in candidates if candidate.officer in officers)
    return one, other
