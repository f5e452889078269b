"""The routes of the dispatch policy: read its versions, preview a new one, publish it."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.fields import Body, Words
from services.dispatcher.handlers.dispatch_policies import By, Changed, PolicyChanges
from services.dispatcher.handlers.proposals import PolicyProposals
from services.dispatcher.policies.versions import DispatchPolicies, list_policies
from shared.messaging.proposals.proposals import Draft
from shared.messaging.unit_of_work import UnitsOfWork
from shared.time.instants import Instant
from shared.web.paging import Page, PagingQuery
from shared.web.proposals import PROPOSED, propose
from shared.web.routes import Routes
from shared.web.scope import Caller

DryRun = Annotated[bool, Query(description="only say what would be decided otherwise")]
Yaml = Annotated[str, StringConstraints(min_length=1, max_length=1_048_576, pattern=r"^[^\x00]*$")]


class Publication(Body):
    policy: Yaml
    reason: Words
    effective_from: Instant | None = Field(default=None, description="else the policy's own, or at once")


class PolicyVersion(BaseModel):
    """A published dispatch policy, whole, and what it was said to decide otherwise when it was published."""

    version: str
    effective_from: Instant
    published_by: str
    confirmed_by: str | None = Field(description="null where it was published before that took two people")
    published_at: Instant
    reason: str
    body: str
    preview: dict[str, Any]


def router(
    units: UnitsOfWork[CaseUnitOfWork],
    policies: DispatchPolicies,
    changes: PolicyChanges,
    policy_proposals: PolicyProposals,
    mutations: CaseMutations,
) -> Routes:
    routes = Routes(tags=["dispatch policy"])

    @routes.get("/v1/dispatch-policies")
    async def list_dispatch_policies(paging: PagingQuery) -> Page[PolicyVersion]:
        """Every dispatch policy that was published, the latest first."""
        after = None if paging.after is None else paging.after_as(int)[0]
        async with units.open() as work:
            await policies.at(work.connection, work.now)  # the shipped one is there before the first decision
            rows = await list_policies(work.connection, after=after, limit=paging.limit + 1)
        items = [PolicyVersion.model_validate(row, from_attributes=True) for row in rows]
        return paging.page(items, [(str(row.position),) for row in rows])

    @routes.post("/v1/dispatch-policies", response_model=Changed, responses=PROPOSED)
    async def publish(given: Publication, request: Request, caller: Caller, dry_run: DryRun = False) -> Response:
        """Propose a policy: it decides everything from its instant on, and takes nothing back that was decided.

        With `dry_run` nothing is proposed, and 200 answers the preview.
        """
        by = By(caller.subject, given.reason)

        async def preview(work: CaseUnitOfWork) -> Changed:
            return await changes.publish(work, given.policy, given.effective_from, by, dry_run=True)

        async def draft(work: CaseUnitOfWork) -> Draft:
            return await policy_proposals.draft(work, given.policy, given.effective_from, by)

        if dry_run:
            return await mutations.run(request, caller, preview)
        return await propose(request, caller, policy_proposals.proposals, mutations, draft)

    return routes
