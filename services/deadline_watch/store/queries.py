"""Deadlines as they are read: only what the caller may see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, false, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain.clocks import State
from services.deadline_watch.store.unheard import unheard_since
from services.deadline_watch.store.visits import shown_to_enterprises
from shared.contract.disclosure import load
from shared.contract.events import Level
from shared.contract.principal import Principal
from shared.contract.roles import Reach, Role

_DEADLINES = tables.deadlines.c


async def list_deadlines(
    connection: AsyncConnection,
    caller: Principal,
    *,
    state: State | None,
    level: Level | None,
    station: str | None,
    provisional: bool | None,
    case_id: UUID | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Deadlines, the earliest due first."""
    asked = (
        None if state is None else _DEADLINES.state == state,
        None if level is None else _DEADLINES.level == level,
        None if station is None else _DEADLINES.station == station,
        None if provisional is None else _DEADLINES.provisional == provisional,
        None if case_id is None else _DEADLINES.case_id == case_id,
        None if after is None else tuple_(_DEADLINES.due_at, _DEADLINES.deadline_id) > after,
    )
    rows = await connection.execute(
        select(tables.deadlines, unheard_since().label("unheard_since"))
        .where(_visible_to(caller), *(one for one in asked if one is not None))
        .order_by(_DEADLINES.due_at, _DEADLINES.deadline_id)
        .limit(limit)
    )
    return rows.all()


async def find_deadline(connection: AsyncConnection, caller: Principal, deadline_id: UUID) -> Row[Any] | None:
    found = await connection.execute(
        select(tables.deadlines, unheard_since().label("unheard_since")).where(
            _DEADLINES.deadline_id == deadline_id, _visible_to(caller)
        )
    )
    row: Row[Any] | None = found.one_or_none()
    return row


async def steps_of(connection: AsyncConnection, deadline_id: UUID) -> Sequence[Row[Any]]:
    """The deadline's steps, the earliest first."""
    steps = tables.steps.c
    rows = await connection.execute(
        select(tables.steps).where(steps.deadline_id == deadline_id).order_by(steps.at, steps.step, steps.version)
    )
    return rows.all()


async def changes_of(connection: AsyncConnection, deadline_id: UUID) -> Sequence[Row[Any]]:
    """What brought each version of the deadline about, the first one first."""
    changes = tables.deadline_changes.c
    rows = await connection.execute(
        select(tables.deadline_changes).where(changes.deadline_id == deadline_id).order_by(changes.version)
    )
    return rows.all()


def _visible_to(caller: Principal) -> ColumnElement[bool]:
    match caller.reach:
        case Reach.OWN if caller.role is Role.ENTERPRISE:
            own = _DEADLINES.enterprise_code.in_(caller.own_enterprises)
            return and_(own, shown_to_enterprises(load()))
        case Reach.OWN | Reach.STATION:
            return _DEADLINES.station == caller.station if caller.station else false()
        case Reach.DISTRICT:
            return true()
