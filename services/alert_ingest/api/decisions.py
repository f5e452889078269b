"""The routes of dismissing an alert or lowering its grade: one proposes, another reviews, both are kept."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, StringConstraints

from services.alert_ingest.domain.decisions import Proposal
from services.alert_ingest.handlers import decisions
from services.alert_ingest.store import decisions as store
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import Level
from shared.contract.principal import Principal
from shared.contract.roles import OFFICE, READERS, Role
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.database import Database
from shared.time.instants import Instant, instant_of, shown
from shared.web.idempotency import Mutations
from shared.web.identity import require
from shared.web.paging import Page, PagingQuery

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")]
_PROPOSERS = OFFICE | {Role.OFFICER}


class Dismissal(BaseModel):
    """`ground` is a short word for statistics (calibration, platform_fault, …), `reason` the sentence for the file."""

    ground: Word
    reason: Reason


class Downgrade(Dismissal):
    level: Literal[Level.WHITE, Level.YELLOW]


class Review(BaseModel):
    reason: Reason | None = None


class Decision(BaseModel):
    """What somebody proposed about an alert, and what came of it."""

    decision_id: UUID
    alert_id: UUID
    kind: Literal["dismiss", "downgrade"]
    level: Level | None
    ground: str
    reason: str
    proposed_by: str
    proposed_at: Instant
    state: Literal["proposed", "confirmed", "rejected"]
    reviewed_by: str | None
    reviewed_at: Instant | None
    review_reason: str | None


def router(database: Database, mutations: Mutations[UnitOfWork], books: RuleBooks) -> APIRouter:
    routes = APIRouter(tags=["decisions"])

    async def propose(request: Request, caller: Principal, proposal: Proposal) -> Response:
        async def mutate(work: UnitOfWork) -> Decision:
            return _decision(
                await store.read_decision(work.connection, await decisions.propose_one(work, books, proposal))
            )

        return await mutations.run(request, caller, mutate, status=201)

    async def review(
        request: Request, caller: Principal, decision_id: UUID, given: Review | None, *, confirm: bool
    ) -> Response:
        async def mutate(work: UnitOfWork) -> Decision:
            reason = given.reason if given else None
            await decisions.review(work, books, decision_id, confirm=confirm, reason=reason, reviewer=caller.subject)
            return _decision(await store.read_decision(work.connection, decision_id))

        return await mutations.run(request, caller, mutate)

    @routes.post("/v1/alerts/{alert_id}/dismiss", status_code=201, response_model=Decision)
    async def dismiss(
        alert_id: UUID, dismissal: Dismissal, request: Request, caller: Principal = require(*_PROPOSERS)
    ) -> Response:
        """Propose that an alert was a false alarm. Nothing changes until somebody else confirms it."""
        proposal = Proposal(alert_id, "dismiss", None, dismissal.ground, dismissal.reason, caller.subject)
        return await propose(request, caller, proposal)

    @routes.post("/v1/alerts/{alert_id}/downgrade", status_code=201, response_model=Decision)
    async def downgrade(
        alert_id: UUID, lower: Downgrade, request: Request, caller: Principal = require(*_PROPOSERS)
    ) -> Response:
        """Propose a lower grade. Nothing changes until somebody else confirms it."""
        proposal = Proposal(alert_id, "downgrade", lower.level, lower.ground, lower.reason, caller.subject)
        return await propose(request, caller, proposal)

    @routes.post("/v1/decisions/{decision_id}/confirm", response_model=Decision)
    async def confirm(
        decision_id: UUID, request: Request, given: Review | None = None, caller: Principal = require(*OFFICE)
    ) -> Response:
        """Confirm what somebody else proposed; it takes effect at once."""
        return await review(request, caller, decision_id, given, confirm=True)

    @routes.post("/v1/decisions/{decision_id}/reject", response_model=Decision)
    async def reject(
        decision_id: UUID, request: Request, given: Review | None = None, caller: Principal = require(*OFFICE)
    ) -> Response:
        """Reject what somebody else proposed; the alert stays as it is."""
        return await review(request, caller, decision_id, given, confirm=False)

    @routes.get("/v1/decisions")
    async def list_decisions(
        paging: PagingQuery,
        state: Literal["proposed", "confirmed", "rejected"] | None = None,
        alert: UUID | None = None,
        caller: Principal = require(*READERS, Role.OFFICER),
    ) -> Page[Decision]:
        """Decisions, the latest first; with `state=proposed` those that wait for a review."""
        del caller
        after = None if paging.after is None else paging.after_as(instant_of, UUID)
        async with database.transaction() as connection:
            rows = await store.list_decisions(
                connection, state=state, alert_id=alert, after=after, limit=paging.limit + 1
            )
        return paging.page(
            [_decision(row) for row in rows],
            [(shown(row.proposed_at), str(row.decision_id)) for row in rows],
        )

    return routes


def _decision(row: object) -> Decision:
    return Decision.model_validate(row, from_attributes=True)
