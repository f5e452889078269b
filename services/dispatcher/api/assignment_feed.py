"""The routes of an officer's own open assignments, for apps that ask all day: held, or streamed."""

import time
from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.dispatcher.assignments.feed import revision_of
from services.dispatcher.assignments.views import OpenAssignment, open_assignments
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.handlers.notices import see_offers
from shared.contract.principal import Principal
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.database import Database
from shared.web.conditional import matches, private
from shared.web.head import is_head
from shared.web.identity import TokenEnd
from shared.web.paging import Page
from shared.web.routes import Routes
from shared.web.scope import Caller

_RETRY_MILLISECONDS = 3000
_NAP_SECONDS = 60.0  # of real time; then the stream looks for itself


def router(database: Database, wakeups: Wakeups, units: UnitsOfWork[CaseUnitOfWork]) -> Routes:
    """Seconds of `wait` are the caller's, so the host's: no clock of the system is asked for them."""
    routes = Routes(tags=["assignments"])

    async def fetch(caller: Principal, *, read: bool = True) -> Page[OpenAssignment]:
        officer = caller.subject
        async with units.open(caller) as work:
            items = await open_assignments(work.connection, officer)
            if read:
                await see_offers(work, officer, [item.case_id for item in items])
        return Page(items=items, next=None)

    @routes.get(
        "/v1/assignments",
        response_model=Page[OpenAssignment],
        responses={304: {"description": "What the caller knows by `If-None-Match` still holds"}},
    )
    async def own_assignments(
        request: Request,
        response: Response,
        principal: Caller,
        if_none_match: Annotated[list[str] | None, Header()] = None,
        *,
        ends_at: TokenEnd,
        wait: Annotated[int, Query(ge=0, le=60, description="seconds, together with `If-None-Match`")] = 0,
    ) -> Response | Page[OpenAssignment]:
        """The caller's own open assignments, the longest held first.

        With `If-None-Match` and `wait` the request is held until something changes (200) or the time is over
        (304). Without `If-None-Match` it is answered at once. It is not held beyond the caller's token.
        """
        officer, until = principal.subject, time.monotonic() + min(wait, ends_at - time.time())
        with wakeups.officers.hold(officer) as held_request:
            known = revision = await revision_of(database, officer)
            held = matches(if_none_match, revision)
            while held and not wakeups.released and (left := until - time.monotonic()) > 0:
                await held_request.wait(known, left)
                revision = await revision_of(database, officer)
                held = revision == known
        headers = private(revision)
        if held:
            return Response(status_code=304, headers=headers)
        response.headers.update(headers)
        # Read after its revision: a step in between is shown now, and costs the caller one more answer.
        return await fetch(principal, read=not is_head(request))

    @routes.get("/v1/assignments/stream", response_class=EventSourceResponse)
    async def stream_assignments(
        principal: Caller,
        ends_at: TokenEnd,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> AsyncIterable[ServerSentEvent]:
        """The same as server-sent events: the whole list at once and after every change, with its revision as `id`.

        Who comes back with `Last-Event-ID` is sent nothing until something is different. A comment every 15 seconds
        keeps the line open. The stream ends with the caller's token.
        """
        officer, known = principal.subject, last_event_id
        with wakeups.officers.hold(officer) as request:
            while not wakeups.released and (left := ends_at - time.time()) > 0:
                revision = await revision_of(database, officer)
                if revision != known:
                    known = revision
                    page = await fetch(principal)
                    yield ServerSentEvent(event="assignments", id=revision, data=page, retry=_RETRY_MILLISECONDS)
                else:
                    await request.wait(known, min(left, _NAP_SECONDS))

    return routes
