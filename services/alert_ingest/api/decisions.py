"""The routes of dismissing an alert or lowering its grade: one proposes, another reviews, both are kept."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.alert_ingest.domain.decisions import Kind
from services.alert_ingest.domain.fields import Reason, Word
from services.alert_ingest.handlers.decisions import Decisions
from services.alert_ingest.store import decisions as store
from shared.contract.commands import Command
from shared.contract.events import Level, ProposalState
from shared.contract.principal import Principal
from shared.messaging.proposals.people import Person
from shared.messaging.proposals.proposals import Draft
from shared.messaging.proposals.views import Proposed
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.time.instants import Instant, instant_of, shown
from shared.web.idempotency import Mutations
from shared.web.paging import Page, PagingQuery
from shared.web.proposals import PROPOSED
from shared.web.proposals import propose as propose_to
from shared.web.routes import Routes
from shared.web.scope import Caller


class Dismissal(Command):
    """`ground` is a short word for statistics (calibration, platform_fault, …), `reason` the sentence for the file."""

    ground: Word
    reason: Reason


class Plea(Command):
    """Why the alert is false. `evidence` names files that the enterprise attached to its case (`attachment_id`)."""

    reason: Reason
    evidence: Annotated[list[UUID], Field(default_factory=list, max_length=50)]


class Downgrade(Dismissal):
    level: Literal[Level.WHITE, Level.YELLOW]


class Review(Command):
    reason: Reason | None = None


class AlertDecision(BaseModel):
    """What somebody proposed about an alert, and what came of it: a view of the proposal with the same identifier.

    What was withdrawn, has expired or could not be applied any more shows as rejected, and says so.
    """

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


def router(decisions: Decisions, units: UnitsOfWork[UnitOfWork], mutations: Mutations[UnitOfWork]) -> Routes:
    routes = Routes(tags=["decisions"])
    _add_proposing(routes, decisions, mutations)
    _add_reviewing(routes, decisions, units, mutations)

    @routes.get("/v1/decisions")
    async def list_decisions(
        paging: PagingQuery,
        state: Literal["proposed", "confirmed", "rejected"] | None = None,
        alert: UUID | None = None,
        *,
        caller: Caller,
    ) -> Page[AlertDecision]:
        """Decisions, the latest first; with `state=proposed` those that wait for a review.

        A station sees its own, and everybody what they proposed themselves.
        """
        after = None if paging.after is None else paging.after_as(instant_of, UUID)
        async with units.database.autocommit() as connection:
            rows = await store.list_decisions(
                connection, Person.of(caller), state=state, alert_id=alert, after=after, limit=paging.limit + 1
            )
        return paging.page(
            [_decision(row) for row in rows],
            [(shown(row.proposed_at), str(row.proposal_id)) for row in rows],
        )

    return routes


def _add_proposing(routes: Routes, decisions: Decisions, mutations: Mutations[UnitOfWork]) -> None:
    async def propose(
        request: Request, caller: Principal, alert_id: UUID, kind: Kind, level: Level | None, why: Dismissal
    ) -> Response:
        async def mutate(work: UnitOfWork) -> AlertDecision:
            by = Person.of(caller)
            return _decision(await decisions.propose(work, alert_id, kind, level, why.ground, why.reason, by))

        return await mutations.run(request, caller, mutate, status=201)

    @routes.post("/v1/alerts/{alert_id}/dismiss", status_code=201, response_model=AlertDecision)
    async def dismiss(alert_id: UUID, dismissal: Dismissal, request: Request, caller: Caller) -> Response:
        """Propose that an alert was a false alarm. Nothing changes until somebody else confirms it."""
        return await propose(request, caller, alert_id, "dismiss", None, dismissal)

    @routes.post("/v1/alerts/{alert_id}/plead", status_code=202, response_model=Proposed, responses=PROPOSED)
    async def plead(alert_id: UUID, plea: Plea, request: Request, caller: Caller) -> Response:
        """Plead that an alert is false: the station decides. The clock goes on meanwhile.

        A red alert is dismissed only when a second official confirms it too.
        """

        async def draft(work: UnitOfWork) -> Draft:
            return await decisions.plea(work, alert_id, caller, plea.reason, plea.evidence)

        return await propose_to(request, caller, decisions.proposals, mutations, draft)

    @routes.post("/v1/alerts/{alert_id}/downgrade", status_code=201, response_model=AlertDecision)
    async def downgrade(alert_id: UUID, lower: Downgrade, request: Request, caller: Caller) -> Response:
        """Propose a lower grade. Nothing changes until somebody else confirms it."""
        return await propose(request, caller, alert_id, "downgrade", lower.level, lower)


def _add_reviewing(
    routes: Routes, decisions: Decisions, units: UnitsOfWork[UnitOfWork], mutations: Mutations[UnitOfWork]
) -> None:
    proposals = decisions.proposals

    @routes.post("/v1/decisions/{decision_id}/confirm", response_model=AlertDecision)
    async def confirm(decision_id: UUID, request: Request, given: Review | None = None, *, caller: Caller) -> Response:
        """Confirm what somebody else proposed; it takes effect at once."""
        by = Person.of(caller)

        async def mutate(work: UnitOfWork) -> AlertDecision:
            return _decision(await proposals.confirm(work, decision_id, by, given.reason if given else None))

        async with proposals.keeping_failure(units, decision_id, by):
            return await mutations.run(request, caller, mutate)

    @routes.post("/v1/decisions/{decision_id}/reject", response_model=AlertDecision)
    async def reject(decision_id: UUID, request: Request, given: Review | None = None, *, caller: Caller) -> Response:
        """Reject what somebody else proposed; the alert stays as it is."""

        async def mutate(work: UnitOfWork) -> AlertDecision:
            by = Person.of(caller)
            return _decision(await proposals.reject(work, decision_id, by, given.reason if given else None))

        return await mutations.run(request, caller, mutate)


_SHOWN: Mapping[ProposalState, Literal["proposed", "confirmed"]] = {
    ProposalState.OPEN: "proposed",
    ProposalState.CONFIRMED: "confirmed",
}


def _decision(row: Any) -> AlertDecision:
    """The proposal in `row` as a decision."""
    state = ProposalState(row.state)
    unreviewed = state not in {ProposalState.OPEN, ProposalState.CONFIRMED, ProposalState.REJECTED}
    return AlertDecision(
        decision_id=row.proposal_id,
        alert_id=row.alert_id,
        kind=row.kind,
        level=row.parameters.get("level"),
        ground=row.ground,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        state=_SHOWN.get(state, "rejected"),
        reviewed_by=row.decided_by,
        reviewed_at=row.decided_at,
        review_reason=f"{state}: {row.explanation or ''}".rstrip(": ") if unreviewed else row.explanation,
    )
