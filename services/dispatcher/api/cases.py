"""The routes that read cases and their timelines."""

import hashlib
import time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Header, Query, Response
from pydantic import BaseModel

from services.dispatcher.api.parameters import EnterpriseFilter, Filter, position
from services.dispatcher.cases import queries
from services.dispatcher.cases.access import VisibleCase, require_sight
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.domain import disclosure
from shared.contract.disclosure import Sight, shown
from shared.contract.events import CaseKind, Level
from shared.contract.roles import Role
from shared.contract.words import CaseState
from shared.storage.database import Database
from shared.time.instants import Instant, instant_of
from shared.time.instants import shown as written
from shared.web.conditional import matches, private
from shared.web.identity import TokenEnd
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller


class Entry(BaseModel):
    """What happened to a case: when the server knew of it, when the device says it was, by whom, and why."""

    type: str
    state: str
    at: Instant
    claimed_at: Instant | None
    actor_role: str
    actor_subject: str
    reason: str | None
    detail: dict[str, Any]


_STATUS = (
    "a state; `waiting` for cases that need a team; `closed`; of those `unfinished` where a follow-up is open,"
    " `awaiting_file_number` where a penalty file has no number here yet"
)


def as_seen(entry: Entry, case: VisibleCase) -> Entry:
    """The entry as the caller sees it: what an enterprise did itself whole, of all else what its line shows."""
    if case.sight is Sight.WHOLE:
        return entry
    own, line = entry.actor_role == Role.ENTERPRISE, disclosure.TIMELINE.get(entry.type, disclosure.NOTHING_MORE)
    values: dict[str, Any] = {}
    if not own:
        values["reason"] = entry.reason if line.reason else None
        values["detail"] = {name: value for name, value in entry.detail.items() if name in line.detail}
        if not line.actor:
            values["actor_subject"] = ""
    if case.shown_state is not case.state or case.kind is not CaseKind.SELF_REPORT:
        values["state"] = case.shown_state
    return shown(entry.model_copy(update=values), Sight.OWN if own else case.sight, disclosure.TABLE)


def router(database: Database, wakeups: Wakeups) -> Routes:
    """Seconds of `wait` are the caller's, so the host's: no clock of the system is asked for them."""
    routes = Routes(tags=["cases"])

    @routes.get(
        "/v1/cases",
        response_model=Page[CaseAnswer],
        responses={304: {"description": "What the caller knows by `If-None-Match` still holds"}},
    )
    async def list_cases(
        paging: PagingQuery,
        caller: Caller,
        status: Annotated[
            CaseState | Literal["waiting", "closed", "unfinished", "awaiting_file_number"] | None,
            Query(description=_STATUS),
        ] = None,
        level: Level | None = None,
        station: Filter = None,
        overdue: bool | None = None,
        enterprise: EnterpriseFilter = None,
        if_none_match: Annotated[list[str] | None, Header()] = None,
        *,
        ends_at: TokenEnd,
        wait: Annotated[int, Query(ge=0, le=60, description="seconds, together with `If-None-Match`")] = 0,
    ) -> Response:
        """Cases the caller may see, the latest first.

        With `If-None-Match` and `wait` an enterprise's request is held until its answer changes (200) or the time is
        over (304); it is not held beyond the caller's token. Anybody else is answered at once.
        """

        async def fetch() -> bytes:
            async with database.transaction() as connection:
                rows = await queries.list_cases(
                    connection,
                    caller,
                    status=status,
                    level=level,
                    station=station,
                    overdue=overdue,
                    enterprise=enterprise,
                    after=None if paging.after is None else paging.after_as(instant_of, UUID),
                    limit=paging.limit + 1,
                )
            page = paging.page(
                [CaseAnswer.of(row, caller) for row in rows],
                [(written(row.opened_at), str(row.case_id)) for row in rows],
            )
            return page.model_dump_json(by_alias=True).encode()

        until = time.monotonic() + min(wait, ends_at - time.time())
        with wakeups.enterprises.hold(*(caller.own_enterprises if caller.role is Role.ENTERPRISE else ())) as request:
            content = await fetch()
            # Of what the caller may know: one who is told nothing of a change is not woken by it either.
            while is_known := matches(if_none_match, revision := hashlib.sha256(content).hexdigest()):
                left = until - time.monotonic()
                if caller.role is not Role.ENTERPRISE or wakeups.released or left <= 0:
                    break
                await request.wait(revision, left)
                content = await fetch()
        headers = private(revision)
        if is_known:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    @routes.get("/v1/cases/{case_id}")
    async def read_case(case_id: UUID, caller: Caller) -> CaseAnswer:
        """One case, with what the caller's role may do now."""
        async with database.transaction() as connection:
            row = await queries.find_case(connection, caller, case_id)
        return CaseAnswer.of(row, caller)

    @routes.get("/v1/cases/{case_id}/timeline")
    async def read_timeline(case_id: UUID, paging: PagingQuery, caller: Caller) -> Page[Entry]:
        """Everything that happened to the case, in order."""
        after = paging.after_as(position)[0] if paging.after else 0
        async with database.transaction() as connection:
            seen = await require_sight(connection, case_id, caller)
            rows = await queries.list_timeline(connection, case_id, seen.sight, after=after, limit=paging.limit + 1)
        entries = [Entry.model_validate(row, from_attributes=True) for row in rows]
        return paging.page([as_seen(entry, seen) for entry in entries], [(str(row.entry_id),) for row in rows])

    return routes
