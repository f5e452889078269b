"""Proposals over HTTP: the same routes in every service, each over its own."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import StringConstraints

from shared.contract.commands import Command
from shared.contract.disclosure import PROPOSALS, Sight
from shared.contract.disclosure import shown as as_shown
from shared.contract.events import ProposalState
from shared.contract.principal import Principal
from shared.contract.refusals import Invalid
from shared.contract.roles import Role
from shared.messaging.proposals import store
from shared.messaging.proposals.people import Person
from shared.messaging.proposals.proposals import Draft, Proposals
from shared.messaging.proposals.views import Proposal, Proposed, WholeProposal
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.time.instants import instant_of, shown
from shared.web.idempotency import Mutations
from shared.web.paging import Page, PagingQuery
from shared.web.problems import COMPONENT
from shared.web.routes import Routes
from shared.web.scope import Caller

W = TypeVar("W", bound=UnitOfWork)
P = TypeVar("P", bound=Proposal)
_NO_NUL = r"^[^\x00]*$"

Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_NO_NUL)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=_NO_NUL)]
PROPOSED: dict[int | str, dict[str, Any]] = {
    202: {
        "model": Proposed,
        "description": "Proposed; nothing changes until another person confirms it",
        COMPONENT: "Proposed",
    }
}
"""What a route that proposes answers, for `responses=…`."""


class Decision(Command):
    """Why, in a sentence."""

    reason: Reason | None = None


Act = Callable[[W, UUID, Person, str | None], Awaitable[Any]]
"""One of the ways to decide on a proposal, answering its row."""


async def propose(
    request: Request,
    caller: Principal,
    proposals: Proposals[W],
    mutations: Mutations[W],
    draft: Callable[[W], Awaitable[Draft]],
) -> Response:
    """Answer 202 with what `caller` proposes, as `draft` finds it to be on the present state."""

    async def mutate(work: W) -> Proposed:
        row = await proposals.propose(work, await draft(work), Person.of(caller))
        return Proposed(proposal=_seen(WholeProposal.of(row, proposals), caller))

    return await mutations.run(request, caller, mutate, status=202)


def router(proposals: Proposals[W], units: UnitsOfWork[W], mutations: Mutations[W]) -> Routes:
    routes = Routes(tags=["proposals"])
    _add_reading(routes, proposals, units)

    async def decided(
        request: Request, caller: Principal, proposal_id: UUID, given: Decision | None, act: Act[W]
    ) -> Response:
        async def mutate(work: W) -> WholeProposal:
            row = await act(work, proposal_id, Person.of(caller), given.reason if given else None)
            return _seen(WholeProposal.of(row, proposals), caller)

        return await mutations.run(request, caller, mutate)

    @routes.post("/v1/proposals/{proposal_id}/confirm", response_model=WholeProposal)
    async def confirm(
        proposal_id: UUID, request: Request, given: Decision | None = None, *, caller: Caller
    ) -> Response:
        """Do what somebody else proposed, on the state as it is now.

        Where it does not fit that any more, 409, and the proposal has failed.
        """
        async with proposals.keeping_failure(units, proposal_id, Person.of(caller)):
            return await decided(request, caller, proposal_id, given, proposals.confirm)

    @routes.post("/v1/proposals/{proposal_id}/reject", response_model=WholeProposal)
    async def reject(proposal_id: UUID, request: Request, given: Decision | None = None, *, caller: Caller) -> Response:
        """Reject what somebody else proposed; everything stays as it is."""
        return await decided(request, caller, proposal_id, given, proposals.reject)

    @routes.post("/v1/proposals/{proposal_id}/withdraw", response_model=WholeProposal)
    async def withdraw(
        proposal_id: UUID, request: Request, given: Decision | None = None, *, caller: Caller
    ) -> Response:
        """Take back what one proposed oneself."""
        return await decided(request, caller, proposal_id, given, proposals.withdraw)

    return routes


def _add_reading(routes: Routes, proposals: Proposals[W], units: UnitsOfWork[W]) -> None:
    @routes.get("/v1/proposals")
    async def list_proposals(
        paging: PagingQuery,
        state: ProposalState | None = None,
        kind: Annotated[Word | None, Query(description="e.g. extend")] = None,
        subject: Annotated[Word | None, Query(description="what it is about, e.g. a deadline's id")] = None,
        *,
        caller: Caller,
    ) -> Page[Proposal]:
        """What was proposed, the latest first; with `state=open` what waits for a second person.

        A station sees its own matters, and everybody what they proposed themselves.
        """
        after = None if paging.after is None else paging.after_as(instant_of, UUID)
        if kind is not None and kind not in proposals.kinds:
            known = ", ".join(sorted(proposals.kinds))
            raise Invalid("invalid-request", f"kind: there is no {kind}; the kinds here are {known}.")
        asked = {"state": state, "kind": kind, "subject": subject}
        async with units.database.autocommit() as connection:
            rows = await store.listed(
                connection, proposals.table, Person.of(caller), asked, after=after, limit=paging.limit + 1
            )
        return paging.page(
            [_seen(Proposal.of(row, proposals), caller) for row in rows],
            [(shown(row.proposed_at), str(row.proposal_id)) for row in rows],
        )

    @routes.get("/v1/proposals/{proposal_id}")
    async def read_proposal(proposal_id: UUID, caller: Caller) -> WholeProposal:
        """One proposal, with what it would change and what it did."""
        async with units.database.autocommit() as connection:
            row = await store.read(connection, proposals.table, proposal_id, Person.of(caller))
        return _seen(WholeProposal.of(row, proposals), caller)


def _seen(proposal: P, caller: Principal) -> P:
    """The proposal as the caller sees it."""
    sight = Sight.OWN if caller.role is Role.ENTERPRISE else Sight.WHOLE
    return as_shown(proposal, sight, PROPOSALS)
