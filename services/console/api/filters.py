"""What cases and alerts a request asks for: the parameters of lists and of the tables made of them."""

from typing import Annotated, Literal

from fastapi import Depends, Query

from services.console.domain.states import Awaits
from services.console.store.alert_list import AlertFilter
from services.console.store.case_list import CaseFilter
from services.console.store.reach import station_of
from shared.contract.codes import normalised
from shared.contract.events import CaseKind, Level
from shared.contract.words import CaseState
from shared.time.instants import Instant
from shared.web.scope import Caller

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
    counted: Annotated[bool | None, Query(description="not superseded by another case: what figures count")] = None,
    hour: Annotated[int | None, Query(ge=0, le=23, description="opened in this hour of a day")] = None,
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
        counted=counted,
        hour=hour,
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
