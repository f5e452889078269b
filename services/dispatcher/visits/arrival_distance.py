"""How far from the outlet the device was on arrival: recorded, and never a reason to refuse the arrival."""

from typing import Any

from sqlalchemy import or_, select

from services.dispatcher import tables
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.distance import Place, metres, place


async def arrival_distance(work: CaseUnitOfWork, case: Case, at: Place) -> dict[str, Any]:
    """The distance from the outlet, else from the enterprise, as the timeline keeps it; empty without a known place.

    `far` marks one beyond the policy's: the reviewer looks at it.
    """
    measured_from, origin = await _origin(work, case)
    if origin is None:
        return {}
    policy = await work.policy()
    distance = round(metres(origin, at))
    return {
        "distance_metres": distance,
        "measured_from": measured_from,
        "far": distance > policy.arrival_metres,
        "policy_version": policy.version,
    }


async def _origin(work: CaseUnitOfWork, case: Case) -> tuple[str, Place | None]:
    alerts, outlets, enterprises = tables.case_alerts.c, tables.outlets.c, tables.enterprises.c
    named = (
        await work.connection.execute(
            select(
                alerts.alert["outlet"]["mn"].astext.label("mn"), alerts.alert["outlet"]["code"].astext.label("code")
            ).where(alerts.case_id == case.case_id, alerts.alert_id == case.alert_id)
        )
    ).one()
    outlet = (
        await work.connection.execute(
            select(outlets.longitude, outlets.latitude)
            .where(
                outlets.enterprise_code == case.enterprise_code,
                or_(outlets.mn == named.mn, outlets.code == named.code),
                outlets.longitude.is_not(None),
            )
            .order_by(outlets.code)
            .limit(1)
        )
    ).one_or_none()
    if outlet is not None:
        return "outlet", Place(outlet.longitude, outlet.latitude)
    enterprise = (
        await work.connection.execute(
            select(enterprises.longitude, enterprises.latitude).where(enterprises.code == case.enterprise_code)
        )
    ).one_or_none()
    return "enterprise", enterprise and place(enterprise.longitude, enterprise.latitude)
