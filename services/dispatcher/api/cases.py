"""Reading cases and their timelines."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, select, tuple_

from services.dispatcher import tables
from services.dispatcher.api.callers import ReaderOrEnterprise
from services.dispatcher.api.parameters import Filter, position
from services.dispatcher.cases.access import visible_to
from services.dispatcher.cases.views import CaseAnswer, case_rows
from services.dispatcher.domain.lifecycle import WAITING
from shared.contract.events import CaseKind, Level
from shared.storage.database import Database
from shared.time.instants import Instant, instant_of, shown
from shared.web.paging import Page, PagingQuery
from shared.web.problems import not_found


class Entry(BaseModel):
    """What happened to a case: when the server knew of it, when the device says it was, by whom, and why."""

    type: str
    state: str
    at: Instant
    claimed_at: Instant | None
    actor_role: str
    actor_subject: str
    reason: str | None
    detail: dict[str, Any]


def router(database: Database) -> APIRouter:
    routes = APIRouter(tags=["cases"])
    cases = tables.cases.c

    @routes.get("/v1/cases")
    async def list_cases(
        paging: PagingQuery,
        caller: ReaderOrEnterprise,
        status: Annotated[Filter, Query(description="a state; `waiting` for cases that need a team; `closed`")] = None,
        level: Level | None = None,
        station: Filter = None,
        overdue: bool | None = None,
        enterprise: Filter = None,
    ) -> Page[CaseAnswer]:
        """Cases the caller may see, the latest first."""
        asked = (
            _in_status(status),
            None if level is None else cases.level == level,
            None if station is None else cases.station == station,
            None if overdue is None else cases.overdue_at.is_not(None) == overdue,
            None if enterprise is None else cases.enterprise_code == enterprise,
            None
            if paging.after is None
            else tuple_(cases.opened_at, cases.case_id) < paging.after_as(instant_of, UUID),
        )
        async with database.transaction() as connection:
            rows = (
                await connection.execute(
                    case_rows()
                    .where(visible_to(caller), *(one for one in asked if one is not None))
                    .order_by(cases.opened_at.desc(), cases.case_id.desc())
                    .limit(paging.limit + 1)
                )
            ).all()
        return paging.page(
            [CaseAnswer.of(row, caller) for row in rows], [(shown(row.opened_at), str(row.case_id)) for row in rows]
        )

    @routes.get("/v1/cases/{case_id}")
    async def read_case(case_id: UUID, caller: ReaderOrEnterprise) -> CaseAnswer:
        """One case, with what the caller's role may do now."""
        async with database.transaction() as connection:
            row = (
                await connection.execute(case_rows().where(cases.case_id == case_id, visible_to(caller)))
            ).one_or_none()
        if row is None:
            raise not_found("case", case_id)
        return CaseAnswer.of(row, caller)

    @routes.get("/v1/cases/{case_id}/timeline")
    async def read_timeline(case_id: UUID, paging: PagingQuery, caller: ReaderOrEnterprise) -> Page[Entry]:
        """Everything that happened to the case, in order."""
        entries = tables.timeline.c
        after = paging.after_as(position)[0] if paging.after else 0
        async with database.transaction() as connection:
            seen = await connection.scalar(select(cases.case_id).where(cases.case_id == case_id, visible_to(caller)))
            if seen is None:
                raise not_found("case", case_id)
            rows = (
                await connection.execute(
                    select(tables.timeline)
                    .where(entries.case_id == case_id, entries.entry_id > after)
                    .order_by(entries.entry_id)
                    .limit(paging.limit + 1)
                )
            ).all()
        return paging.page(
            [Entry.model_validate(row, from_attributes=True) for row in rows], [(str(row.entry_id),) for row in rows]
        )

    return routes


def _in_status(status: str | None) -> ColumnElement[bool] | None:
    if status is None:
        return None
    cases = tables.cases.c
    match status:
        case "closed":
            return cases.closed_at.is_not(None)
        case "waiting":
            return and_(cases.kind != CaseKind.SELF_REPORT, cases.state.in_(sorted(WAITING)))
        case _:
            return cases.state == status
