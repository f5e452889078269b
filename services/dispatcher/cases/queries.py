"""Queries of cases and their timelines, narrowed to what the caller may see."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, false, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases import conditions
from services.dispatcher.cases.access import visible_to
from services.dispatcher.cases.views import case_rows
from services.dispatcher.domain import disclosure
from shared.contract.disclosure import Sight
from shared.contract.events import Level
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import Role

_CASES = tables.cases.c


async def list_cases(
    connection: AsyncConnection,
    caller: Principal,
    *,
    status: str | None,
    level: Level | None,
    station: str | None,
    overdue: bool | None,
    enterprise: str | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The cases that the caller may see, the latest opened first; `status` is a state, or one of the words below."""
    asked = (
        _in_status(status, caller),
        None if level is None else _CASES.level == level,
        None if station is None else _CASES.station == station,
        None if overdue is None else _CASES.overdue_at.is_not(None) == overdue,
        None if enterprise is None else _CASES.enterprise_code == enterprise,
        None if after is None else tuple_(_CASES.opened_at, _CASES.case_id) < after,
    )
    found = await connection.execute(
        case_rows()
        .where(visible_to(caller), *(one for one in asked if one is not None))
        .order_by(_CASES.opened_at.desc(), _CASES.case_id.desc())
        .limit(limit)
    )
    rows: Sequence[Row[Any]] = found.all()
    return rows


async def find_case(connection: AsyncConnection, caller: Principal, case_id: UUID) -> Row[Any]:
    """The row of `case_rows` of one case. Raises NotFound for one that is not the caller's to see."""
    found = await connection.execute(case_rows().where(_CASES.case_id == case_id, visible_to(caller)))
    row: Row[Any] | None = found.one_or_none()
    if row is None:
        raise NotFound("case", case_id)
    return row


async def list_timeline(
    connection: AsyncConnection, case_id: UUID, sight: Sight, *, after: int, limit: int
) -> Sequence[Row[Any]]:
    """What happened to a case, in order, as far as it is there for `sight`."""
    entries = tables.timeline.c
    told = [type_ for type_ in disclosure.TIMELINE if disclosure.sees_entry(sight, type_, by_role="")]
    there = true() if sight is Sight.WHOLE else or_(entries.type.in_(told), entries.actor_role == Role.ENTERPRISE)
    rows = await connection.execute(
        select(tables.timeline)
        .where(entries.case_id == case_id, entries.entry_id > after, there)
        .order_by(entries.entry_id)
        .limit(limit)
    )
    return rows.all()


def _in_status(status: str | None, caller: Principal) -> ColumnElement[bool] | None:
    if status is None:
        return None
    if status == "closed":
        return _CASES.closed_at.is_not(None)
    if status in _WORDS:
        return false() if caller.role is Role.ENTERPRISE else _WORDS[status]()
    shown = conditions.state_for_enterprises() if caller.role is Role.ENTERPRISE else _CASES.state
    return shown == status


_WORDS: Mapping[str, Callable[[], ColumnElement[bool]]] = {
    "waiting": conditions.waits_for_team,
    "awaiting_file_number": conditions.awaits_file_number,
    "unfinished": conditions.is_unfinished,
}
"""What else than a state the bureau can ask for."""
