"""The routes of declared shutdowns: an enterprise or the bureau proposes one, and the confirmed ones are listed."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, StringConstraints

from services.alert_ingest.domain.disclosure import TABLE, sight_of
from services.alert_ingest.domain.fields import Reason
from services.alert_ingest.domain.shutdowns import ShutdownKind, Span
from services.alert_ingest.handlers.shutdowns import draft
from services.alert_ingest.store import shutdowns as store
from shared.contract.codes import EnterpriseCode, OutletCode
from shared.contract.commands import Command
from shared.contract.disclosure import shown as as_shown
from shared.messaging.proposals.people import Person
from shared.messaging.proposals.proposals import Draft, Proposals
from shared.messaging.proposals.views import Proposed
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import Instant, instant_of, shown
from shared.web.idempotency import Mutations
from shared.web.paging import Page, PagingQuery
from shared.web.proposals import propose
from shared.web.routes import Routes
from shared.web.scope import Caller

_STORABLE = StringConstraints(pattern=r"^[^\x00]*$")


class ShutdownDeclaration(Command):
    """`outlet` is the MN or the permit number of one outlet; without it the whole enterprise stands still."""

    enterprise_code: Annotated[EnterpriseCode, _STORABLE]
    outlet: Annotated[OutletCode, _STORABLE] | None = None
    start: Instant
    end: Instant
    kind: ShutdownKind
    reason: Reason


class ConfirmedShutdown(BaseModel):
    """A shutdown that excuses missing data, with the identifier of the proposal that it was."""

    shutdown_id: UUID
    enterprise_code: str
    outlet: str | None
    start: Instant
    end: Instant
    kind: ShutdownKind
    reason: str
    confirmed_at: Instant
    proposed_by: str | None
    confirmed_by: str | None


def router(
    database: Database, proposals: Proposals[UnitOfWork], mutations: Mutations[UnitOfWork], clock: Clock
) -> Routes:
    routes = Routes(tags=["shutdowns"])

    @routes.post("/v1/shutdowns", status_code=202, response_model=Proposed)
    async def declare_shutdown(declaration: ShutdownDeclaration, request: Request, caller: Caller) -> Response:
        """Propose a shutdown. Data missing within it are excused from when another person has confirmed it."""

        async def drafted(work: UnitOfWork) -> Draft:
            return await draft(work, Span(**declaration.model_dump()), Person.of(caller))

        return await propose(request, caller, proposals, mutations, drafted)

    @routes.get("/v1/shutdowns")
    async def list_shutdowns(
        paging: PagingQuery,
        enterprise: EnterpriseCode | None = None,
        state: store.State | None = None,
        *,
        caller: Caller,
    ) -> Page[ConfirmedShutdown]:
        """The confirmed shutdowns, the one that starts last first; what waits to be confirmed is among proposals."""
        after = None if paging.after is None else paging.after_as(instant_of, UUID)
        async with database.transaction() as connection:
            rows = await store.list_shutdowns(
                connection,
                caller,
                enterprise=enterprise,
                state=state,
                now=clock.now(),
                after=after,
                limit=paging.limit + 1,
            )
        return paging.page(
            [as_shown(_shutdown(row), sight_of(caller), TABLE) for row in rows],
            [(shown(row.starts_at), str(row.shutdown_id)) for row in rows],
        )

    return routes


def _shutdown(row: Any) -> ConfirmedShutdown:
    return ConfirmedShutdown(
        shutdown_id=row.shutdown_id,
        enterprise_code=row.enterprise_code,
        outlet=row.outlet,
        start=row.starts_at,
        end=row.ends_at,
        kind=row.kind,
        reason=row.reason,
        confirmed_at=row.confirmed_at,
        proposed_by=row.proposed_by,
        confirmed_by=row.confirmed_by,
    )
