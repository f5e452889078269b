"""The quarter's planned, randomly drawn inspections (双随机抽查), and the open cases that meet them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases import conditions
from services.dispatcher.cases.enterprises import lock_enterprises
from services.dispatcher.cases.store import lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.inspections import InspectionFields
from services.dispatcher.visits import shared_visits
from shared.time.identifiers import identifier


class Imported(BaseModel):
    inspections: int
    linked: int


async def keep_inspections(work: CaseUnitOfWork, recorded_by: str, planned: list[InspectionFields]) -> Imported:
    """Store the plan, and link what open cases meet."""
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
        linked += await shared_visits.meet_inspection(work, case)
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
