"""The statements of decisions about alerts: what is proposed about them, and what was decided."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from shared.contract.events import ProposalState
from shared.messaging.proposals.people import Person
from shared.messaging.proposals.store import read, visible

KINDS = ("dismiss", "downgrade")
_ALERTS, _PROPOSALS, _ENTERPRISES = tables.alerts.c, tables.proposals.c, tables.enterprises.c
_OVER = (ProposalState.REJECTED, ProposalState.WITHDRAWN, ProposalState.EXPIRED, ProposalState.FAILED)
_STATES: Mapping[str, tuple[ProposalState, ...]] = {
    "proposed": (ProposalState.OPEN,),
    "confirmed": (ProposalState.CONFIRMED,),
    "rejected": _OVER,
}


async def alerts_with_proposals(connection: AsyncConnection, alert_ids: Collection[UUID]) -> set[UUID]:
    """Return those of the alerts about which something is proposed already."""
    found = await connection.scalars(
        select(_PROPOSALS.alert_id).where(
            _PROPOSALS.alert_id.in_(alert_ids),
            _PROPOSALS.kind.in_(KINDS),
            _PROPOSALS.state == ProposalState.OPEN,
        )
    )
    return {alert_id for alert_id in found if alert_id is not None}


async def stations_of(connection: AsyncConnection, codes: Collection[str]) -> dict[str, str | None]:
    """Return the stations in charge of the enterprises, as far as they are known."""
    rows = await connection.execute(select(_ENTERPRISES.code, _ENTERPRISES.station).where(_ENTERPRISES.code.in_(codes)))
    return {row.code: row.station for row in rows}


async def store_dismissal(
    connection: AsyncConnection, alert_id: UUID, decision: Mapping[str, Any], now: datetime
) -> None:
    """Store that the alert is dismissed, and by which decision."""
    await connection.execute(
        update(tables.alerts).where(_ALERTS.alert_id == alert_id).values(dismissed_at=now, decision=decision)
    )


async def read_decision(connection: AsyncConnection, decision_id: UUID, reader: Person) -> Row[Any]:
    """Raises NotFound where it is not there or not the reader's to see."""
    return await read(connection, tables.proposals, decision_id, reader)


async def list_decisions(
    connection: AsyncConnection,
    reader: Person,
    *,
    state: Literal["proposed", "confirmed", "rejected"] | None,
    alert_id: UUID | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Decisions that the reader may see, the latest proposed first."""
    conditions = (
        None if state is None else _PROPOSALS.state.in_(_STATES[state]),
        None if alert_id is None else _PROPOSALS.alert_id == alert_id,
        None if after is None else tuple_(_PROPOSALS.proposed_at, _PROPOSALS.proposal_id) < after,
    )
    rows = await connection.execute(
        select(tables.proposals)
        .where(
            _PROPOSALS.kind.in_(KINDS),
            visible(tables.proposals, reader),
            *(one for one in conditions if one is not None),
        )
        .order_by(_PROPOSALS.proposed_at.desc(), _PROPOSALS.proposal_id.desc())
        .limit(limit)
    )
    return rows.all()
