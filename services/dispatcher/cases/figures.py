"""How many cases were opened, handled and finished, by station."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases import conditions
from services.dispatcher.cases.access import visible_to
from shared.contract.events import CaseKind
from shared.contract.principal import Principal
from shared.contract.words import CaseState

_CASES = tables.cases.c


async def count_cases(
    connection: AsyncConnection,
    caller: Principal,
    *,
    since: datetime | None,
    until: datetime | None,
    station: str | None,
    kind: CaseKind | None,
) -> Sequence[Row[Any]]:
    """The cases opened within a span that the caller may see, counted by station; superseded ones are not counted."""
    asked = (
        None if since is None else _CASES.opened_at >= since,
        None if until is None else _CASES.opened_at < until,
        None if station is None else _CASES.station == station,
        None if kind is None else _CASES.kind == kind,
    )
    handled = _CASES.closed_at.is_not(None)
    rows = await connection.execute(
        select(
            _CASES.station,
            func.count().label("opened"),
            func.count().filter(handled).label("handled"),
            func.count().filter(conditions.is_finished()).label("finished"),
            func.count().filter(conditions.awaits_file_number()).label("awaiting_file_number"),
        )
        .where(
            visible_to(caller),
            _CASES.state != CaseState.SUPERSEDED,
            *(one for one in asked if one is not None),
        )
        .group_by(_CASES.station)
        .order_by(_CASES.station.nulls_last())
    )
    counted: Sequence[Row[Any]] = rows.all()
    return counted
