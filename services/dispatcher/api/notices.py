"""Notices: stored once per occasion, fetched and acknowledged by those they are for. `delivery` delivers them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, false, func, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.tables import notices
from shared.contract.events import Bilingual
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import Instant, instant_of, shown
from shared.web.idempotency import Mutations
from shared.web.identity import Principal, require
from shared.web.paging import Page, PagingQuery
from shared.web.problems import not_found

Word = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$")]
_RECIPIENTS = (Role.ENTERPRISE, Role.OFFICER, Role.STATION_CHIEF, Role.SECTION, Role.LEADER)


class Notice(BaseModel):
    """What someone is told, and the proof that it arrived.

    `recipient` is the code of an enterprise or officer, or the role of an office, which `station` narrows.
    `failure` is what went wrong last, also when a later attempt delivered it.
    """

    model_config = ConfigDict(from_attributes=True)

    notice_id: UUID
    purpose: str
    recipient_kind: Literal["enterprise", "officer", "role"]
    recipient: str
    station: str | None
    enterprise_code: str | None
    alert_id: UUID | None
    case_id: UUID | None
    subject: Bilingual
    body: Bilingual
    created_at: Instant
    channel: str | None
    attempts: int
    failure: str | None
    delivered_at: Instant | None
    receipt: dict[str, Any] | None
    acknowledged_at: Instant | None


def router(database: Database, mutations: Mutations, clock: Clock) -> APIRouter:
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
        statement = (
            select(notices)
            .where(
                _visible(principal), *(notices.c[name] == value for name, value in asked.items() if value is not None)
            )
            .order_by(notices.c.created_at.desc(), notices.c.notice_id.desc())
            .limit(paging.limit + 1)
        )
        if paging.after is not None:
            after = paging.after_as(instant_of, UUID)
            statement = statement.where(tuple_(notices.c.created_at, notices.c.notice_id) < after)
        async with database.transaction() as connection:
            items = [Notice.model_validate(row) for row in await connection.execute(statement)]
        return paging.page(items, [(shown(item.created_at), str(item.notice_id)) for item in items])

    @routes.post("/v1/notices/{notice_id}/acknowledge", response_model=Notice)
    async def acknowledge(
        notice_id: UUID, request: Request, principal: Annotated[Principal, require(*_RECIPIENTS)]
    ) -> Response:
        """The recipient has read it. The first acknowledgement counts; a further one changes nothing."""

        async def mutate(connection: AsyncConnection) -> Notice:
            row = (
                await connection.execute(
                    update(notices)
                    .where(notices.c.notice_id == notice_id, _visible(principal))
                    .values(acknowledged_at=func.coalesce(notices.c.acknowledged_at, clock.now()))
                    .returning(notices)
                )
            ).one_or_none()
            if row is None:
                raise not_found("notice", notice_id)
            return Notice.model_validate(row)

        return await mutations.run(request, principal, mutate)

    return routes


def _visible(principal: Principal) -> ColumnElement[bool]:
    """Whose notices the caller sees. A role that belongs somewhere sees nothing while it is not said where."""

    match principal.role:
        case Role.ENTERPRISE:
            return _addressed("enterprise", principal.enterprise)
        case Role.OFFICER:
            return _addressed("officer", principal.subject)
        case Role.STATION_CHIEF if principal.station is not None:
            return _addressed("role", principal.role) & (notices.c.station == principal.station)
        case Role.SECTION | Role.LEADER:
            return _addressed("role", principal.role)
        case Role.AUDITOR | Role.ADMIN:
            return true()
        case _:
            return false()


def _addressed(kind: str, recipient: str | None) -> ColumnElement[bool]:
    return false() if recipient is None else (notices.c.recipient_kind == kind) & (notices.c.recipient == recipient)
