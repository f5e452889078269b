"""The routes that list cases and alerts: by every filter, searched in Chinese too, a page at a time."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.console.api.answers import AlertRow, CaseRow, alert_row, case_row
from services.console.domain.states import Awaits, CaseState
from services.console.store import alert_list, case_list
from services.console.store.alert_list import AlertFilter
from services.console.store.case_list import CaseFilter, Sort
from services.console.store.questions import After
from services.console.store.reach import station_of
from shared.contract.codes import normalised
from shared.contract.events import CaseKind, Level
from shared.storage.database import Database
from shared.time.instants import Instant, instant_of, shown
from shared.web.paging import Page, Paging, PagingQuery
from shared.web.scope import Caller

Order = Literal["asc", "desc"]
Rung = Literal["station_chief", "section", "leader"]


def case_filter(
    caller: Caller,
    q: Annotated[str | None, Query(max_length=128, description="words: names, codes, outlets, pollutants")] = None,
    level: Annotated[list[Level], Query()] = [],  # noqa: B006  FastAPI copies it
    open: Annotated[bool | None, Query(description="not closed")] = None,  # noqa: A002  the contract's name
    state: Annotated[list[CaseState], Query()] = [],  # noqa: B006
    awaits: Annotated[list[Awaits], Query(description="what has to happen next to an open case")] = [],  # noqa: B006
    kind: Annotated[list[CaseKind], Query()] = [],  # noqa: B006
    station: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    category: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    enterprise: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    officer: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    outcome: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    rung: Annotated[list[Rung], Query()] = [],  # noqa: B006
    overdue: bool | None = None,
    provisional: bool | None = None,
    handled: bool | None = None,
    finished: bool | None = None,
    on_time: bool | None = None,
    due_after: Instant | None = None,
    due_before: Instant | None = None,
    opened_since: Instant | None = None,
    opened_until: Instant | None = None,
    closed_since: Instant | None = None,
    closed_until: Instant | None = None,
) -> CaseFilter:
    """What cases a request asks for, within the caller's reach."""
    return CaseFilter(
        station=station_of(caller),
        question=q,
        levels=level,
        is_open=open,
        states=state,
        awaits=awaits,
        kinds=kind,
        stations=station,
        categories=category,
        enterprises=[normalised(one) for one in enterprise],
        officers=officer,
        outcomes=outcome,
        rungs=rung,
        overdue=overdue,
        provisional=provisional,
        handled=handled,
        finished=finished,
        on_time=on_time,
        due_after=due_after,
        due_before=due_before,
        opened_since=opened_since,
        opened_until=opened_until,
        closed_since=closed_since,
        closed_until=closed_until,
    )


def alert_filter(
    caller: Caller,
    q: Annotated[str | None, Query(max_length=128, description="words: names, codes, outlets, pollutants")] = None,
    level: Annotated[list[Level], Query()] = [],  # noqa: B006
    category: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    enterprise: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    station: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    since: Instant | None = None,
    until: Instant | None = None,
    held: bool | None = None,
    doubts: bool | None = None,
    dismissed: bool | None = None,
) -> AlertFilter:
    """What alerts a request asks for, within the caller's reach."""
    return AlertFilter(
        station=station_of(caller),
        question=q,
        levels=level,
        categories=category,
        enterprises=[normalised(one) for one in enterprise],
        stations=station,
        since=since,
        until=until,
        held=held,
        doubts=doubts,
        dismissed=dismissed,
    )


AskedCases = Annotated[CaseFilter, Depends(case_filter)]
AskedAlerts = Annotated[AlertFilter, Depends(alert_filter)]


def router(database: Database) -> APIRouter:
    routes = APIRouter(tags=["lists"])

    @routes.get("/v1/cases")
    async def list_cases(
        paging: PagingQuery, asked: AskedCases, sort: Sort = "due", order: Order | None = None
    ) -> Page[CaseRow]:
        """Cases the caller may see: due first, or the latest opened or changed first, unless `order` says otherwise."""
        descending = (order or ("asc" if sort == "due" else "desc")) == "desc"
        async with database.autocommit() as connection:
            rows = await case_list.list_cases(
                connection, asked, sort=sort, descending=descending, after=_after(paging), limit=paging.limit + 1
            )
        return paging.page([case_row(row) for row in rows], [_key(case_list.key_of(row, sort)) for row in rows])

    @routes.get("/v1/alerts")
    async def list_alerts(paging: PagingQuery, asked: AskedAlerts, order: Order = "desc") -> Page[AlertRow]:
        """Alerts the caller may see, the latest first unless `order` says otherwise."""
        async with database.autocommit() as connection:
            rows = await alert_list.list_alerts(
                connection, asked, descending=order == "desc", after=_after(paging), limit=paging.limit + 1
            )
        return paging.page([alert_row(row) for row in rows], [_key(alert_list.key_of(row)) for row in rows])

    return routes


def _after(paging: Paging) -> After | None:
    return None if paging.after is None else After(*paging.after_as(instant_of, UUID))


def _key(after: After) -> tuple[str, str]:
    return shown(after.at), str(after.id)
