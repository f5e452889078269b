"""How far from the outlet the device was on arrival: recorded, and never a reason to refuse the arrival."""

from typing import Any

from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.distance import Place, metres


async def arrival_distance(work: CaseUnitOfWork, case: Case, at: Place) -> dict[str, Any]:
    """The distance from the outlet, else from the enterprise, as the timeline keeps it; empty without a known place.

    `far` marks one beyond the policy's: the reviewer looks at it.
    """
    if (of := case.position) is None:
        return {}
    policy = await work.policy()
    distance = round(metres(Place(of.longitude, of.latitude), at))
    return {
        "distance_metres": distance,
        "measured_from": of.of,
        "far": distance > policy.arrival_metres,
        "policy_version": policy.version,
    }
