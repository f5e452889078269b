"""The quarter's planned, randomly drawn inspections (双随机抽查), which the visit of an open red case does too.

The case keeps its deadline, whatever was planned.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases import conditions
from services.dispatcher.cases.enterprises import lock_enterprises
from services.dispatcher.cases.steps import StepDetails, record
from services.dispatcher.cases.store import Case, lock_all, read_alerts
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.inspections import InspectionFields
from services.dispatcher.domain.lifecycle import Action
from shared.contract.events import Actor
from shared.contract.refusals import NotFound
from shared.evidence.domain.facts import act
from shared.time.identifiers import identifier
from shared.time.instants import SHANGHAI

PLANNED = "cn.tricolor.inspection.planned.v1"


class Imported(BaseModel):
    inspections: int
    linked: int


async def keep_inspections(work: CaseUnitOfWork, recorded_by: str, planned: list[InspectionFields]) -> Imported:
    """Store planned inspections, and join them to the open red cases of their enterprises."""
    await lock_enterprises(work, {one.enterprise_code for one in planned})
    new = upsert(tables.inspections)
    await work.connection.execute(
        new.on_conflict_do_update(
            index_elements=["plan", "enterprise_code"],
            set_={name: new.excluded[name] for name in ("matters", "planned_from", "planned_until")},
        ),
        [
            one.model_dump()
            | {"inspection_id": identifier(work.now), "recorded_by": recorded_by, "recorded_at": work.now}
            for one in planned
        ],
    )
    for one in planned:
        chain = f"inspection:{one.plan}/{one.enterprise_code}"
        said = one.model_dump(mode="json") | {"recorded_by": recorded_by}
        work.record(act(PLANNED, chain, said, enterprise=one.enterprise_code))
    cases = tables.cases.c
    open_visits = await work.connection.scalars(
        select(cases.case_id).where(
            cases.enterprise_code.in_({one.enterprise_code for one in planned}),
            conditions.open_visit(),
            cases.merged_into.is_(None),
        )
    )
    linked = 0
    for case in await lock_all(work, open_visits.all()):
        linked += await join_inspection(work, case)
    return Imported(inspections=len(planned), linked=linked)


async def list_inspections(
    connection: AsyncConnection, enterprise: str | None, *, after: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """All that were ever planned, of one enterprise or of all, by their number."""
    inspections = tables.inspections.c
    asked = select(tables.inspections).order_by(inspections.inspection_id).limit(limit)
    if enterprise is not None:
        asked = asked.where(inspections.enterprise_code == enterprise)
    if after is not None:
        asked = asked.where(inspections.inspection_id > after)
    return (await connection.execute(asked)).all()


async def with_inspection(work: CaseUnitOfWork, enterprises: Collection[str]) -> set[str]:
    """Those of these enterprises at which an inspection is planned that no visit does yet."""
    codes = {"codes": [*enterprises], "today": work.now.astimezone(SHANGHAI).date()}
    return set(await work.connection.scalars(_PLANNED, codes))


_PLANNED = text("""
    select distinct enterprise_code from dispatch.inspections
     where enterprise_code = any(cast(:codes as text[]))
       and case_id is null and done_at is null and planned_until >= :today
""")


async def join_inspection(work: CaseUnitOfWork, case: Case) -> bool:
    """Join the inspection that is planned at the enterprise of a case, if any, to its visit; return whether one is."""
    today: date = work.now.astimezone(SHANGHAI).date()
    inspections = tables.inspections.c
    planned = (
        await work.connection.execute(
            select(tables.inspections)
            .where(
                inspections.enterprise_code == case.enterprise_code,
                inspections.case_id.is_(None),
                inspections.done_at.is_(None),
                inspections.planned_until >= today,
            )
            .order_by(inspections.planned_until, inspections.inspection_id)
            .limit(1)
            .with_for_update()
        )
    ).one_or_none()
    if planned is None:
        return False
    await work.connection.execute(
        update(tables.inspections)
        .where(inspections.inspection_id == planned.inspection_id)
        .values(case_id=case.case_id, linked_at=work.now)
    )
    details = StepDetails(detail={"inspection": _described(planned)})
    await read_alerts(work, [case])
    await record(work, case, [lifecycle.beside(case, Action.MERGE)], details)
    return True


async def separate_inspection(work: CaseUnitOfWork, case: Case, inspection_id: UUID, actor: Actor, reason: str) -> None:
    """Take a planned inspection out of the visit of a case. Raises NotFound where it was not joined to it."""
    inspections = tables.inspections.c
    planned = (
        await work.connection.execute(
            update(tables.inspections)
            .where(inspections.inspection_id == inspection_id, inspections.case_id == case.case_id)
            .values(case_id=None, linked_at=None)
            .returning(tables.inspections)
        )
    ).one_or_none()
    if planned is None:
        raise NotFound("inspection of this case", inspection_id)
    details = StepDetails(actor, reason=reason, detail={"inspection": _described(planned)})
    await record(work, case, [lifecycle.beside(case, Action.UNMERGE)], details)


async def finish_inspections(work: CaseUnitOfWork, case: Case) -> None:
    """The visit of a case was reviewed, so the planned inspections joined to it are done."""
    await _update_joined(work, case, done_at=work.now)


async def release_inspections(work: CaseUnitOfWork, case: Case) -> None:
    """The case ended without a visit, so the planned inspections joined to it are open again."""
    await _update_joined(work, case, case_id=None, linked_at=None)


async def _update_joined(work: CaseUnitOfWork, case: Case, **values: Any) -> None:
    inspections = tables.inspections.c
    await work.connection.execute(
        update(tables.inspections).where(inspections.case_id == case.case_id).values(**values)
    )


def _described(planned: Row[Any]) -> dict[str, Any]:
    return {
        "inspection_id": str(planned.inspection_id),
        "plan": planned.plan,
        "matters": planned.matters,
        "planned_until": planned.planned_until.isoformat(),
    }
