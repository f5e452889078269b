"""The route of changes as they happen, for pages that stay open."""

import asyncio
import time
from collections.abc import AsyncIterable
from typing import Annotated
from uuid import UUID

from fastapi import Header
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel

from services.console.api.answers import ClockAnswer, alert_row, case_row
from services.console.store import stream
from services.console.store.reach import station_of
from services.console.store.wakeups import Wakeups
from shared.storage.database import Database
from shared.time.clock import Clock, pace_of
from shared.time.instants import Instant
from shared.web.identity import TokenEnd
from shared.web.routes import Routes
from shared.web.scope import Caller

_RETRY_MILLISECONDS = 3000
_CLOCK_SECONDS = 15.0  # of real time
_NAP_SECONDS = 0.2
"""How long changes gather: of a flood every page is told together, and nobody sees the difference."""


class Gone(BaseModel):
    """A case or an alert that belongs to another station now."""

    subject: str
    id: UUID


class WorkChanged(BaseModel):
    """Something waits for people that did not, or no more: a proposal, a notice, a letter, a partition. Ask anew."""

    at: Instant


def router(database: Database, clock: Clock, wakeups: Wakeups) -> Routes:
    routes = Routes(tags=["board"])

    def work_event() -> ServerSentEvent:
        return ServerSentEvent(event="work", data=WorkChanged(at=clock.now()))

    def clock_event() -> ServerSentEvent:
        return ServerSentEvent(event="clock", data=ClockAnswer(now=clock.now(), pace=pace_of(clock)))

    @routes.get("/v1/stream", response_class=EventSourceResponse)
    async def stream_changes(
        caller: Caller, ends_at: TokenEnd, last_event_id: Annotated[str | None, Header()] = None
    ) -> AsyncIterable[ServerSentEvent]:
        """实时推送 · What changes from now on, or since `Last-Event-ID`, as server-sent events.

        `case` and `alert` carry the row as lists show it, `gone` what went to another station, `clock` the time here
        every 15 seconds. `work`: what waits has changed by something that is no case and no alert; whoever missed some
        reads it anew. `reset` says that what was missed is not kept any more: read the lists anew. The stream ends
        with the caller's token.
        """
        station = station_of(caller)
        with wakeups.hold() as woken:
            async with database.autocommit() as connection:
                known, is_kept = await stream.begin(connection, last_event_id)
            if not is_kept:
                yield ServerSentEvent(event="reset", id=str(known), data=Gone(subject="all", id=UUID(int=0)))
            yield clock_event()
            work_changes = wakeups.work_changes
            while not wakeups.released and (left := ends_at - time.time()) > 0:
                woken.clear()
                async with database.autocommit() as connection:
                    batch = await stream.changed_since(connection, known, station)
                for seen in batch.seen:
                    yield _event(seen)
                if work_changes != wakeups.work_changes:
                    await asyncio.sleep(_NAP_SECONDS)
                    work_changes = wakeups.work_changes
                    yield work_event()
                if batch.upto != known:
                    known = batch.upto
                    await asyncio.sleep(_NAP_SECONDS)
                    continue
                try:
                    async with asyncio.timeout(min(left, _CLOCK_SECONDS)):
                        await woken.wait()
                except TimeoutError:
                    yield clock_event()

    return routes


def _event(seen: stream.Seen) -> ServerSentEvent:
    number = str(seen.number)
    if seen.row is None:
        return ServerSentEvent(event="gone", id=number, data=Gone(subject=seen.subject, id=seen.id))
    row = case_row(seen.row) if seen.subject == "case" else alert_row(seen.row)
    return ServerSentEvent(event=seen.subject, id=number, data=row, retry=_RETRY_MILLISECONDS)
