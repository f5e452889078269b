"""Reading which platforms and outlets there are, when each was heard last, and which are silent."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, literal, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.silence import Voice
from shared.contract.principal import Principal
from shared.contract.roles import Reach

_ARRIVALS = tables.arrivals.c


async def list_platforms(
    connection: AsyncConnection, caller: Principal, *, silent: bool | None, after: str | None, limit: int
) -> Sequence[Row[Any]]:
    """The platforms within the caller's reach, by name, with when each was heard and how many outlets are silent."""
    own, of_outlets = _ARRIVALS.voice != Voice.OUTLETS, _ARRIVALS.voice == Voice.OUTLETS
    events, heartbeats = _ARRIVALS.voice == Voice.EVENTS, _ARRIVALS.voice == Voice.HEARTBEATS
    is_silent = func.coalesce(func.bool_or(_ARRIVALS.silent_since.is_not(None)).filter(own), literal(value=False))
    found = (
        select(
            _ARRIVALS.source,
            func.min(_ARRIVALS.first_at).filter(own).label("first_heard_at"),
            func.max(_ARRIVALS.heard_at).filter(events).label("last_event_at"),
            func.max(_ARRIVALS.heard_at).filter(heartbeats).label("last_heartbeat_at"),
            func.max(_ARRIVALS.usual).filter(events).label("usual_event_interval"),
            func.max(_ARRIVALS.usual).filter(heartbeats).label("usual_heartbeat_interval"),
            func.max(_ARRIVALS.silent_at).filter(own).label("silent_at"),
            func.min(_ARRIVALS.silent_since).filter(own).label("silent_since"),
            func.count().filter(of_outlets).label("outlets"),
            func.count().filter(of_outlets, _ARRIVALS.silent_since.is_not(None)).label("silent_outlets"),
        )
        .where(_within_reach(caller), true() if after is None else _ARRIVALS.source > after)
        .group_by(_ARRIVALS.source)
        .having(true() if silent is None else is_silent.is_(silent))
        .order_by(_ARRIVALS.source)
        .limit(limit)
    )
    return (await connection.execute(found)).all()


async def list_outlets(
    connection: AsyncConnection,
    caller: Principal,
    *,
    source: str | None,
    silent: bool | None,
    after: tuple[str, str, str] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The outlets that were heard, by platform, enterprise and outlet; a station's chief has those of the station."""
    key = tuple_(_ARRIVALS.source, _ARRIVALS.enterprise_code, _ARRIVALS.outlet)
    found = select(tables.arrivals).where(_ARRIVALS.voice == Voice.OUTLETS, _within_reach(caller))
    if source is not None:
        found = found.where(_ARRIVALS.source == source)
    if silent is not None:
        found = found.where(_ARRIVALS.silent_since.is_not(None) if silent else _ARRIVALS.silent_since.is_(None))
    if after is not None:
        found = found.where(key > after)
    ordered = found.order_by(_ARRIVALS.source, _ARRIVALS.enterprise_code, _ARRIVALS.outlet).limit(limit)
    return (await connection.execute(ordered)).all()


def _within_reach(caller: Principal) -> ColumnElement[bool]:
    if caller.reach is Reach.OWN:
        return _ARRIVALS.source.in_(caller.sources) if caller.sources else true()
    if caller.reach is Reach.STATION:
        enterprises = tables.enterprises.c
        own = select(enterprises.code).where(enterprises.station == caller.station)
        return or_(_ARRIVALS.voice != Voice.OUTLETS, _ARRIVALS.enterprise_code.in_(own))
    return true()
