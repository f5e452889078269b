"""Alerts as they are read, with their former gradings, and how often alerts were false."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from shared.contract.events import Level

_ALERTS = tables.alerts.c


async def list_alerts(
    connection: AsyncConnection,
    *,
    own: str | None,
    level: Level | None,
    enterprise: str | None,
    category: str | None,
    since: datetime | None,
    until: datetime | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Alerts, the latest received first; with `own` those of that enterprise only."""
    conditions = (
        None if own is None else _ALERTS.enterprise_code == own,
        None if level is None else _ALERTS.level == level,
        None if enterprise is None else _ALERTS.enterprise_code == enterprise,
        None if category is None else _ALERTS.category == category,
        None if since is None else _ALERTS.received_at >= since,
        None if until is None else _ALERTS.received_at < until,
        None if after is None else tuple_(_ALERTS.received_at, _ALERTS.alert_id) < after,
    )
    rows = await connection.execute(
        select(tables.alerts)
        .where(*(one for one in conditions if one is not None))
        .order_by(_ALERTS.received_at.desc(), _ALERTS.alert_id.desc())
        .limit(limit)
    )
    return rows.all()


async def find_alert(connection: AsyncConnection, alert_id: UUID, *, own: str | None) -> Row[Any] | None:
    """One alert; with `own` only where it is of that enterprise."""
    found = select(tables.alerts).where(_ALERTS.alert_id == alert_id)
    if own is not None:
        found = found.where(_ALERTS.enterprise_code == own)
    return (await connection.execute(found)).one_or_none()


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
    *,
    by: Literal["platform", "category", "outlet"],
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Alerts and false alarms by platform, category or outlet (`key`), where there are most of them first."""
    key = {"platform": _ALERTS.source, "category": _ALERTS.category, "outlet": _ALERTS.outlet}[by]
    was_false = or_(_ALERTS.dismissed_at.is_not(None), _ALERTS.found_false_at.is_not(None))
    conditions = (
        None if since is None else _ALERTS.received_at >= since,
        None if until is None else _ALERTS.received_at < until,
    )
    counted, false = func.count(), func.count().filter(was_false)
    rows = await connection.execute(
        select(key.label("key"), counted.label("alerts"), false.label("false_alarms"))
        .where(*(one for one in conditions if one is not None))
        .group_by(key)
        .order_by(false.desc(), counted.desc(), key)
        .limit(limit)
    )
    return rows.all()
