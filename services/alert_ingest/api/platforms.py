"""The routes of platforms and outlets: when each was heard last, and which are silent."""

from datetime import timedelta
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from services.alert_ingest.store import platforms as store
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller

Silent = Annotated[bool | None, Query(description="only those that are silent, or only those that are not")]


class Platform(BaseModel):
    """A monitoring platform (监测平台). `silent_at`: from when it counts as silent unless it is heard before.

    Intervals are in seconds, and null before the second arrival.
    """

    source: str
    first_heard_at: Instant
    last_event_at: Instant | None
    last_heartbeat_at: Instant | None
    usual_event_seconds: float | None
    usual_heartbeat_seconds: float | None
    silent_at: Instant | None
    silent_since: Instant | None
    outlets: int
    silent_outlets: int


class PlatformOutlet(BaseModel):
    """An outlet (点位) that a platform sent anomalies of, by its MN or else by the enterprise's code and its own."""

    source: str
    enterprise_code: str
    outlet: str
    first_heard_at: Instant
    last_event_at: Instant
    usual_event_seconds: float | None
    silent_at: Instant | None
    silent_since: Instant | None


def router(database: Database) -> Routes:
    routes = Routes(tags=["platforms"])

    @routes.get("/v1/platforms")
    async def list_platforms(paging: PagingQuery, silent: Silent = None, *, caller: Caller) -> Page[Platform]:
        """The platforms that were heard, by name: when last, how often usually, and since when one is silent."""
        after = None if paging.after is None else str(paging.after_as(str)[0])
        async with database.transaction() as connection:
            rows = await store.list_platforms(connection, caller, silent=silent, after=after, limit=paging.limit + 1)
        items = [
            Platform(
                source=row.source,
                first_heard_at=row.first_heard_at,
                last_event_at=row.last_event_at,
                last_heartbeat_at=row.last_heartbeat_at,
                usual_event_seconds=_seconds(row.usual_event_interval),
                usual_heartbeat_seconds=_seconds(row.usual_heartbeat_interval),
                silent_at=row.silent_at,
                silent_since=row.silent_since,
                outlets=row.outlets,
                silent_outlets=row.silent_outlets,
            )
            for row in rows
        ]
        return paging.page(items, [(row.source,) for row in rows])

    @routes.get("/v1/platforms/outlets")
    async def list_platform_outlets(
        paging: PagingQuery,
        source: str | None = None,
        silent: Silent = None,
        *,
        caller: Caller,
    ) -> Page[PlatformOutlet]:
        """The outlets that platforms sent anomalies of; a station's chief has those of the station."""
        after = None if paging.after is None else paging.after_as(str, str, str)
        async with database.transaction() as connection:
            rows = await store.list_outlets(
                connection, caller, source=source, silent=silent, after=after, limit=paging.limit + 1
            )
        items = [
            PlatformOutlet(
                source=row.source,
                enterprise_code=row.enterprise_code,
                outlet=row.outlet,
                first_heard_at=row.first_at,
                last_event_at=row.heard_at,
                usual_event_seconds=_seconds(row.usual),
                silent_at=row.silent_at,
                silent_since=row.silent_since,
            )
            for row in rows
        ]
        return paging.page(items, [(row.source, row.enterprise_code, row.outlet) for row in rows])

    return routes


def _seconds(interval: timedelta | None) -> float | None:
    return None if interval is None else interval.total_seconds()
