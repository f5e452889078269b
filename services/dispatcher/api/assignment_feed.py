"""An officer's own open assignments, for apps that ask all day: conditional requests, long polling, a stream.

`recheck` is a duty for every second, `Duty("assignment feed", partial(recheck, database, changes), 1)`: one query
for all held requests finds what other replicas changed.
"""

import re
import time
from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.api.callers import Officer
from services.dispatcher.cases.views import OpenAssignment, assignment_rows
from services.dispatcher.cases.wakeups import Changes
from services.dispatcher.tables import assignments
from shared.storage.database import Database
from shared.web.paging import Page

# All that can change in an officer's answer, hashed. No instant is written out as text: how that looks depends
# on the session's time zone, and two replicas must agree.
_REVISION = """
    (select encode(sha256(convert_to(coalesce(string_agg(jsonb_build_array(
                a.assignment_id, a.state, c.state, c.revision, c.station, c.due_text, extract(epoch from c.due_at),
                e.name, e.address,
                (select count(*) from dispatch.cases along where along.merged_into = c.case_id))::text,
                ',' order by a.assignment_id), ''), 'UTF8')), 'hex')
       from dispatch.assignments a
       join dispatch.cases c using (case_id)
       left join dispatch.enterprises e on e.code = a.enterprise_code
      where a.officer = asked.officer and a.ended_at is null)
"""


_RETRY_MILLISECONDS = 3000
_NAP_SECONDS = 60.0  # of real time; then the stream looks for itself


_OWN_REVISION = text(f"select {_REVISION} from (select cast(:officer as text) as officer) as asked")


def router(database: Database, changes: Changes) -> APIRouter:
    """Seconds of `wait` are the caller's, so the host's: no clock of the system is asked."""
    routes = APIRouter(tags=["assignments"])

    @routes.get(
        "/v1/assignments",
        response_model=Page[OpenAssignment],
        responses={304: {"description": "What the caller knows by `If-None-Match` still holds"}},
    )
    async def own_assignments(
        response: Response,
        principal: Officer,
        if_none_match: Annotated[list[str] | None, Header()] = None,
        wait: Annotated[int, Query(ge=0, le=60, description="seconds, together with `If-None-Match`")] = 0,
    ) -> Response | Page[OpenAssignment]:
        """The caller's own open assignments, the longest held first.

        With `If-None-Match` and `wait` the request is held until something changes (200) or the time is over
        (304). Without `If-None-Match` it is answered at once.
        """
        officer, until = principal.subject, time.monotonic() + wait
        with changes.attend(officer) as waiter:
            known = revision = await _revision(database, officer)
            held = _matches(if_none_match, revision)
            while held and not changes.released and (left := until - time.monotonic()) > 0:
                await waiter.news(known, left)
                revision = await _revision(database, officer)
                held = revision == known
        # Never shared between callers, and always asked for again.
        headers = {"ETag": f'"{revision}"', "Cache-Control": "private, no-cache", "Vary": "Authorization"}
        if held:
            return Response(status_code=304, headers=headers)
        response.headers.update(headers)
        # Read after its revision: a step in between is shown now, and costs the caller one more answer.
        async with database.transaction() as connection:
            return Page(items=await _open_assignments(connection, officer), next=None)

    @routes.get("/v1/assignments/stream", response_class=EventSourceResponse)
    async def stream_assignments(
        principal: Officer,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> AsyncIterable[ServerSentEvent]:
        """The same as server-sent events: the whole list at once and after every change, with its revision as `id`.

        Who comes back with `Last-Event-ID` is sent nothing until something is different. A comment every 15 seconds
        keeps the line open.
        """
        officer, known = principal.subject, last_event_id
        with changes.attend(officer) as waiter:
            while not changes.released:
                revision = await _revision(database, officer)
                if revision != known:
                    known = revision
                    async with database.transaction() as connection:
                        page = Page[OpenAssignment](items=await _open_assignments(connection, officer), next=None)
                    yield ServerSentEvent(event="assignments", id=revision, data=page, retry=_RETRY_MILLISECONDS)
                else:
                    await waiter.news(known, _NAP_SECONDS)

    return routes


async def recheck(database: Database, changes: Changes) -> int:
    """Wake the held requests whose answer changed, whoever changed it; answer how many officers that concerns."""
    known = changes.known()
    if not known:
        return 0
    officers, revisions = zip(*known, strict=True)
    async with database.transaction() as connection:
        changed = set(
            await connection.scalars(
                text(f"""
                    select asked.officer
                      from unnest(cast(:officers as text[]), cast(:revisions as text[])) as asked (officer, revision)
                     where asked.revision <> {_REVISION}
                """),
                {"officers": list(officers), "revisions": list(revisions)},
            )
        )
    changes.touch(changed)
    return len(changed)


async def _revision(database: Database, officer: str) -> str:
    async with database.autocommit() as connection:
        return str(await connection.scalar(_OWN_REVISION, {"officer": officer}))


async def _open_assignments(connection: AsyncConnection, officer: str) -> list[OpenAssignment]:
    rows = await connection.execute(
        assignment_rows()
        .where(assignments.c.officer == officer, assignments.c.ended_at.is_(None))
        .order_by(assignments.c.offered_at, assignments.c.assignment_id)
    )
    return [OpenAssignment.model_validate(row) for row in rows]


def _matches(if_none_match: list[str] | None, revision: str) -> bool:
    """RFC 9110, section 13.1.2: a list, compared weakly, or `*` for whatever there is."""
    given = ",".join(if_none_match or ())
    return given.strip() == "*" or revision in re.findall(r'(?:W/)?"([^"]*)"', given)
