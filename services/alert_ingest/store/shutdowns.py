"""The statements of confirmed shutdowns: which there are, and what was seen while they lasted."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Row, and_, insert, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.event_facts import Evidence
from services.alert_ingest.domain.shutdowns import Shutdown, ShutdownKind
from services.alert_ingest.store.packed import deciding_event_of
from shared.contract.principal import Principal
from shared.contract.roles import Reach
from shared.storage.arrays import array
from shared.storage.direct import fetch

State = Literal["coming", "running", "over"]
_SHUTDOWNS = tables.shutdowns.c
_LASTING = """
    select enterprise_code, outlet, starts_at, ends_at, kind, reason, shutdown_id
      from ingest.shutdowns
     where enterprise_code = any(array(select unnest(cast(cast($1 as text) as text[]))))
       and starts_at <= cast($3 as timestamptz) and ends_at >= cast($2 as timestamptz)
     order by confirmed_at, shutdown_id
"""


async def store_shutdown(
    connection: AsyncConnection, shutdown: Shutdown, *, proposed_by: str, confirmed_by: str, now: datetime
) -> None:
    """Store a shutdown that was confirmed."""
    await connection.execute(
        insert(tables.shutdowns).values(
            shutdown_id=shutdown.shutdown_id,
            enterprise_code=shutdown.enterprise_code,
            outlet=shutdown.outlet,
            starts_at=shutdown.start,
            ends_at=shutdown.end,
            kind=shutdown.kind,
            reason=shutdown.reason,
            proposed_by=proposed_by,
            confirmed_by=confirmed_by,
            confirmed_at=now,
        )
    )


async def shutdowns_of(
    connection: AsyncConnection, codes: Collection[str], since: datetime, until: datetime
) -> list[Shutdown]:
    """Return the shutdowns of the enterprises that last at some time from `since` to `until`."""
    rows = await fetch(connection, _LASTING, array(codes), since, until)
    return [
        Shutdown(code, outlet, start, end, ShutdownKind(kind), reason, shutdown_id)
        for code, outlet, start, end, kind, reason, shutdown_id in rows
    ]


async def seen_during(connection: AsyncConnection, shutdown: Shutdown) -> list[tuple[Evidence, datetime]]:
    """Return what alerts of the enterprise show that occurred while it lasts, and when; dismissed ones show nothing."""
    rows = await connection.execute(
        text("""
            select deciding_event, event, packed_event, occurred_at
              from ingest.alerts
             where enterprise_code = :code and occurred_at >= :start and occurred_at < :end and dismissed_at is null
        """),
        {"code": shutdown.enterprise_code, "start": shutdown.start, "end": shutdown.end},
    )
    return [(Evidence.model_validate(from_json(deciding_event_of(row))["data"]), row.occurred_at) for row in rows]


async def list_shutdowns(
    connection: AsyncConnection,
    caller: Principal,
    *,
    enterprise: str | None,
    state: State | None,
    now: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The shutdowns within the caller's reach, the one that starts last first."""
    found = select(tables.shutdowns).where(_within_reach(caller), _is(state, now))
    if enterprise is not None:
        found = found.where(_SHUTDOWNS.enterprise_code == enterprise)
    if after is not None:
        found = found.where(tuple_(_SHUTDOWNS.starts_at, _SHUTDOWNS.shutdown_id) < after)
    ordered = found.order_by(_SHUTDOWNS.starts_at.desc(), _SHUTDOWNS.shutdown_id.desc()).limit(limit)
    return (await connection.execute(ordered)).all()


def _is(state: State | None, now: datetime) -> ColumnElement[bool]:
    match state:
        case None:
            return true()
        case "coming":
            return _SHUTDOWNS.starts_at > now
        case "running":
            return and_(_SHUTDOWNS.starts_at <= now, _SHUTDOWNS.ends_at > now)
        case "over":
            return _SHUTDOWNS.ends_at <= now


def _within_reach(caller: Principal) -> ColumnElement[bool]:
    """An enterprise has its own, a station and its officers those of its enterprises."""
    if caller.reach is Reach.OWN:
        return _SHUTDOWNS.enterprise_code.in_(caller.own_enterprises)
    if caller.reach is Reach.STATION:
        enterprises = tables.enterprises.c
        return _SHUTDOWNS.enterprise_code.in_(select(enterprises.code).where(enterprises.station == caller.station))
    return true()
