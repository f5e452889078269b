"""The statements of decisions about alerts: proposals kept, reviewed and read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.decisions import Decision, Proposal
from shared.contract.events import Level
from shared.contract.refusals import NotFound
from shared.time.identifiers import identifier

_ALERTS, _DECISIONS = tables.alerts.c, tables.decisions.c


async def keep_proposals(connection: AsyncConnection, proposals: Sequence[Proposal], now: datetime) -> list[UUID]:
    """Keep the proposals, but for alerts of which one is open; answer the identifiers of those kept."""
    if not proposals:
        return []
    rows = [
        vars(proposal) | {"decision_id": identifier(now), "proposed_at": now, "state": "proposed"}
        for proposal in proposals
    ]
    kept = await connection.scalars(
        insert(tables.decisions).on_conflict_do_nothing().returning(_DECISIONS.decision_id), rows
    )
    return list(kept)


async def find_decision(connection: AsyncConnection, decision_id: UUID) -> Decision:
    """Raises NotFound."""
    row = await read_decision(connection, decision_id)
    proposal = Proposal(
        alert_id=row.alert_id,
        kind=row.kind,
        level=None if row.level is None else Level(row.level),
        ground=row.ground,
        reason=row.reason,
        proposed_by=row.proposed_by,
    )
    return Decision(row.decision_id, proposal, row.state, row.reviewed_by)


async def store_review(
    connection: AsyncConnection, decision_id: UUID, state: str, reviewer: str, reason: str | None, now: datetime
) -> None:
    await connection.execute(
        update(tables.decisions)
        .where(_DECISIONS.decision_id == decision_id)
        .values(state=state, reviewed_by=reviewer, reviewed_at=now, review_reason=reason)
    )


async def store_dismissal(
    connection: AsyncConnection, alert_id: UUID, decision: Mapping[str, Any], now: datetime
) -> None:
    """Store that the alert is dismissed, and by which decision."""
    await connection.execute(
        update(tables.alerts)
        .where(_ALERTS.alert_id == alert_id)
        .values(dismissed_at=now, decision=decision, look_again_at=None)
    )


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
    conditions = (
        None if state is None else _DECISIONS.state == state,
        None if alert_id is None else _DECISIONS.alert_id == alert_id,
        None if after is None else tuple_(_DECISIONS.proposed_at, _DECISIONS.decision_id) < after,
    )
    rows = await connection.execute(
        select(tables.decisions)
        .where(*(one for one in conditions if one is not None))
        .order_by(_DECISIONS.proposed_at.desc(), _DECISIONS.decision_id.desc())
        .limit(limit)
    )
    return rows.all()
