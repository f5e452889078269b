"""Decisions about alerts as they are read."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from shared.contract.refusals import NotFound

_DECISIONS = tables.decisions.c


async def read_decision(connection: AsyncConnection, decision_id: UUID) -> Row[Any]:
    """Raises NotFound."""
    found = await connection.execute(select(tables.decisions).where(_DECISIONS.decision_id == decision_id))
    row: Row[Any] | None = found.one_or_none()
    if row is None:
        raise NotFound("decision", decision_id)
    return row


async def list_decisions(
    connection: AsyncConnection,
    *,
    state: Literal["proposed", "confirmed", "rejected"] | None,
    alert_id: UUID | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Decisions, the latest proposed first."""
    asked = (
        None if state is None else _DECISIONS.state == state,
        None if alert_id is None else _DECISIONS.alert_id == alert_id,
        None if after is None else tuple_(_DECISIONS.proposed_at, _DECISIONS.decision_id) < after,
    )
    rows = await connection.execute(
        select(tables.decisions)
        .where(*(one for one in asked if one is not None))
        .order_by(_DECISIONS.proposed_at.desc(), _DECISIONS.decision_id.desc())
        .limit(limit)
    )
    return rows.all()
