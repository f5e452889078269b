"""The routes of notices: fetched and acknowledged by those they are for. `delivery` delivers them."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.handlers.notices import Notice, acknowledge_notice
from services.dispatcher.notices import store
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.instants import instant_of, shown
from shared.web.idempotency import Mutations
from shared.web.identity import require
from shared.web.paging import Page, PagingQuery

Word = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$")]
_RECIPIENTS = (Role.ENTERPRISE, Role.OFFICER, Role.STATION_CHIEF, Role.SECTION, Role.LEADER)


def router(database: Database, mutations: Mutations[CaseUnitOfWork]) -> APIRouter:
    routes = APIRouter(tags=["notices"])

    @routes.get("/v1/notices")
    async def list_notices(
        principal: Annotated[Principal, require(*_RECIPIENTS, Role.AUDITOR, Role.ADMIN)],
        paging: PagingQuery,
        recipient_kind: Literal["enterprise", "officer", "role"] | None = None,
        recipient: Word | None = None,
        purpose: Word | None = None,
        case_id: UUID | None = None,
    ) -> Page[Notice]:
        """The caller's own notices, newest first; an auditor's or administrator's are all there are."""
        asked = {"recipient_kind": recipient_kind, "recipient": recipient, "purpose": purpose, "case_id": case_id}
        after = None if paging.after is None else paging.after_as(instant_of, UUID)
        async with database.transaction() as connection:
            rows = await store.list_notices(connection, principal, asked, after=after, limit=paging.limit + 1)
        items = [Notice.model_validate(row) for row in rows]
        return paging.page(items, [(shown(item.created_at), str(item.notice_id)) for item in items])

    @routes.post("/v1/notices/{notice_id}/acknowledge", response_model=Notice)
    async def acknowledge(
        notice_id: UUID, request: Request, principal: Annotated[Principal, require(*_RECIPIENTS)]
    ) -> Response:
        """The recipient has read it. The first acknowledgement counts; a further one changes nothing."""

        return await mutations.run(request, principal, lambda work: acknowledge_notice(work, principal, notice_id))

    return routes
