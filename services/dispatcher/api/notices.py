"""The routes of notices: fetched and acknowledged by those they are for, and given by hand where no channel works."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.handlers.deliveries import DeliveryBody, record_delivery
from services.dispatcher.handlers.notices import Notice, acknowledge_notice, read_notices, read_notices_of_case
from services.dispatcher.handlers.station_calls import StationCall, list_calls
from shared.messaging.unit_of_work import UnitsOfWork
from shared.time.instants import instant_of, shown
from shared.web.head import is_head
from shared.web.idempotency import Mutations
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller

Word = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$")]


def router(units: UnitsOfWork[CaseUnitOfWork], mutations: Mutations[CaseUnitOfWork]) -> Routes:
    routes = Routes(tags=["notices"])

    @routes.get("/v1/notices")
    async def list_notices(
        request: Request,
        principal: Caller,
        paging: PagingQuery,
        recipient_kind: Literal["enterprise", "officer", "role"] | None = None,
        recipient: Word | None = None,
        purpose: Word | None = None,
        case_id: UUID | None = None,
    ) -> Page[Notice]:
        """The caller's own notices, newest first; an auditor's or administrator's are all there are.

        A notice to the caller counts as seen from here on.
        """
        asked = {"recipient_kind": recipient_kind, "recipient": recipient, "purpose": purpose, "case_id": case_id}
        after = None if paging.after is None else paging.after_as(instant_of, UUID)
        async with units.open(principal) as work:
            items = await read_notices(
                work, principal, asked, after=after, limit=paging.limit, fetched=not is_head(request)
            )
        return paging.page(items, [(shown(item.created_at), str(item.notice_id)) for item in items])

    @routes.get("/v1/cases/{case_id}/notices")
    async def list_notices_of_case(case_id: UUID, caller: Caller, paging: PagingQuery) -> Page[Notice]:
        """What was sent to whom about a case and how far each came, newest first.

        No notice counts as seen by being read here.
        """
        after = None if paging.after is None else paging.after_as(instant_of, UUID)
        async with units.open() as work:
            items = await read_notices_of_case(work, caller, case_id, after=after, limit=paging.limit)
        return paging.page(items, [(shown(item.created_at), str(item.notice_id)) for item in items])

    @routes.get("/v1/notices/undelivered")
    async def list_undelivered(
        caller: Caller,
        paging: PagingQuery,
        state: Annotated[
            Literal["open", "all"], Query(description="`open`: not delivered since; `all`: those that were, too")
        ] = "open",
        station: Word | None = None,
    ) -> Page[StationCall]:
        """What did not arrive in time, the longest waiting first: whom to phone, about which cases (电话告知清单)."""
        after = None if paging.after is None else paging.after_as(instant_of, UUID)
        async with units.open() as work:
            items = await list_calls(
                work, caller, station, open_only=state == "open", after=after, limit=paging.limit + 1
            )
        return paging.page(items, [(shown(item.told_at), str(item.notice_id)) for item in items])

    @routes.post("/v1/notices/{notice_id}/acknowledge", response_model=Notice)
    async def acknowledge(notice_id: UUID, request: Request, principal: Caller) -> Response:
        """The recipient has read it. The first acknowledgement counts; a further one changes nothing."""
        return await mutations.run(request, principal, lambda work: acknowledge_notice(work, principal, notice_id))

    @routes.post("/v1/notices/{notice_id}/delivery", response_model=Notice)
    async def deliver(notice_id: UUID, body: DeliveryBody, request: Request, caller: Caller) -> Response:
        """A person phoned or handed it over: keep when, to whom, and who witnessed it."""
        return await mutations.run(request, caller, lambda work: record_delivery(work, caller, notice_id, body))

    return routes
