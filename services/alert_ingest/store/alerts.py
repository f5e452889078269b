"""Alerts as they are read, with their former gradings, and how often alerts were false."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.store.packed import read
from services.alert_ingest.store.reach import alerts_for, within_reach
from shared.contract.disclosure import load
from shared.contract.events import Level
from shared.contract.principal import Principal

_ALERTS = tables.alerts.c


async def list_alerts(
    connection: AsyncConnection,
    caller: Principal,
    *,
    level: Level | None,
    enterprise: str | None,
    category: str | None,
    held: bool | None,
    since: datetime | None,
    until: datetime | None,
    alert_ids: Collection[UUID] | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[dict[str, Any]]:
    """Alerts that are there for the caller, as the caller sees them, the latest received first."""
    found, shown_level = alerts_for(caller, load())
    conditions = (
        None if level is None else shown_level == level,
        None if enterprise is None else _ALERTS.enterprise_code == enterprise,
        None if category is None else _ALERTS.category == category,
        None if held is None else _ALERTS.held_since.is_not(None) == held,
        None if since is None else _ALERTS.received_at >= since,
        None if until is None else _ALERTS.received_at < until,
        None if alert_ids is None else _ALERTS.alert_id.in_(alert_ids),
        None if after is None else tuple_(_ALERTS.received_at, _ALERTS.alert_id) < after,
    )
    page = found.where(*(one for one in conditions if one is not None))
    rows = await connection.execute(page.order_by(_ALERTS.received_at.desc(), _ALERTS.alert_id.desc()).limit(limit))
    return [read(row) for row in rows]


async def find_alert(connection: AsyncConnection, alert_id: UUID, caller: Principal) -> Row[Any] | None:
    """One alert, if it is there for the caller, as the caller sees it."""
    found, _ = alerts_for(caller, load())
    row: Row[Any] | None = (await connection.execute(found.where(_ALERTS.alert_id == alert_id))).one_or_none()
    return row


async def enterprises_of(connection: AsyncConnection, alert_ids: Collection[UUID]) -> Sequence[str]:
    """The codes of the enterprises that the alerts concern."""
    return (
        await connection.scalars(select(_ALERTS.enterprise_code).where(_ALERTS.alert_id.in_(alert_ids)).distinct())
    ).all()


async def former_gradings(connection: AsyncConnection, alert_id: UUID) -> Sequence[Row[Any]]:
    """Every grading of the alert that another one superseded, the first one first."""
    former = tables.former_gradings
    rows = await connection.execute(select(former).where(former.c.alert_id == alert_id).order_by(former.c.revision))
    return rows.all()


async def count_false_alarms(
    connection: AsyncConnection,
    caller: Principal,
    *,
    by: Literal["platform", "category", "outlet"],
    since: datetime | None,
    until: datetime | None,
    passed: int,
    limit: int,
) -> Sequence[Row[Any]]:
    """Alerts and false alarms by platform, category or outlet (`key`), where there are most of them first."""
    key = {"platform": _ALERTS.source, "category": _ALERTS.category, "outlet": _ALERTS.outlet}[by]
    was_false = or_(_ALERTS.dismissed_at.is_not(None), _ALERTS.found_false_at.is_not(None))
    conditions = (
        within_reach(caller),
        None if since is None else _ALERTS.received_at >= since,
        None if until is None else _ALERTS.received_at < until,
    )
    counted, false = func.count(), func.count().filter(was_false)
    rows = await connection.execute(
        select(key.label("key"), counted.label("alerts"), false.label("false_alarms"))
        .where(*(one for one in conditions if one is not None))
        .group_by(key)
        .order_by(false.desc(), counted.desc(), key)
        .offset(passed)
        .limit(limit)
    )
    return rows.all()
