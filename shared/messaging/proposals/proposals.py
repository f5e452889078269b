"""Propose, confirm, reject, withdraw and expire: the one mechanism for everything that takes two people.

It is long for being that one: whichever way a proposal ends, it passes the same checks and leaves the same events.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from sqlalchemy import Row, Table

from shared.contract.events import (
    PROPOSAL_DECIDED,
    PROPOSAL_OPENED,
    Actor,
    Bilingual,
    ProposalDecided,
    ProposalOpened,
    ProposalState,
    Recipient,
)
from shared.contract.messages import SYSTEM as BUREAU
from shared.contract.messages import Event
from shared.contract.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from shared.contract.roles import Role
from shared.messaging.proposals import policy, store
from shared.messaging.proposals.people import SYSTEM, Matter, Person
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork, nothing_more
from shared.time.identifiers import identifier

W = TypeVar("W", bound=UnitOfWork)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal before it is stored. `before` and `after` preview what confirming it would change."""

    kind: str
    subject: str
    matter: Matter
    summary: Bilingual
    reason: str
    ground: str
    parameters: Mapping[str, Any]
    before: object = None
    after: object = None
    alert_id: UUID | None = None
    case_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A proposal that another person confirms, for the handler that applies it."""

    proposal_id: UUID
    kind: str
    subject: str
    parameters: Mapping[str, Any]
    reason: str
    ground: str
    proposed_by: Person
    confirmed_by: Person


@dataclass(frozen=True, slots=True)
class Kind(Generic[W]):
    """A kind of what takes two people: its names, who may propose and confirm it, and what confirming it does.

    `apply` works in the unit of work of the confirmation, on the state as it is then; it raises a Refusal where the
    proposal fits it no longer, and may answer what it did.
    """

    name: str
    title: Bilingual
    about: str
    proposers: frozenset[Role]
    confirmers: frozenset[Role]
    apply: Callable[[W, Confirmed], Awaitable[BaseModel | None]]


class NoLongerFits(Conflict):
    """A confirmed proposal could not be applied any more; it is kept as failed, with the reason."""

    title = "No longer possible"

    def __init__(self, proposal_id: UUID, cause: Refusal) -> None:
        super().__init__(cause.code, cause.detail, proposal_id=str(proposal_id), state=ProposalState.FAILED.value)


class Proposals(Generic[W]):
    """The proposals of one service. Every method works in the caller's unit of work.

    `on_event` is called with what is emitted, by a service that acts on its own proposals itself.
    """

    def __init__(
        self,
        service: str,
        table: Table,
        kinds: Iterable[Kind[W]],
        *,
        on_event: Callable[[W, str, ProposalOpened], Awaitable[None]] = nothing_more,
    ) -> None:
        self.service, self.table = service, table
        self.kinds: Mapping[str, Kind[W]] = {kind.name: kind for kind in kinds}
        self._on_event = on_event

    async def propose(self, work: W, draft: Draft, by: Person) -> Row[Any]:
        """Keep the proposal, and tell those who may confirm it.

        Raises NotAllowed for a role that may not propose it, NotFound where it is not about a matter of theirs, and
        Conflict where one of its kind waits for a second person already.
        """
        kind = self.kinds[draft.kind]
        if by.role not in kind.proposers:
            raise NotAllowed(f"This is proposed by one of the roles {_named(kind.proposers)}; yours is {by.role}.")
        if not draft.matter.is_proposed_by(by):
            raise NotFound(kind.about, draft.subject)
        kept = await self.keep(work, [draft], by)
        if not kept:
            raise Conflict(
                "proposal-open",
                f"another proposal for this {kind.about} waits for a second person",
                title="Not proposed",
            )
        return kept[0]

    async def keep(self, work: W, drafts: Sequence[Draft], by: Person = SYSTEM) -> Sequence[Row[Any]]:
        """Keep what `by` (Tricolor itself) proposes, but for what is proposed already; answer what was kept."""
        if not drafts:
            return ()
        rules = policy.load()
        rows = [
            {
                "proposal_id": identifier(work.now),
                "kind": draft.kind,
                "subject": draft.subject,
                "station": draft.matter.station,
                "enterprise_code": draft.matter.enterprise,
                "alert_id": draft.alert_id,
                "case_id": draft.case_id,
                "state": ProposalState.OPEN,
                "summary": draft.summary.model_dump(),
                "reason": draft.reason,
                "ground": draft.ground,
                "parameters": to_jsonable_python(draft.parameters),
                "before": to_jsonable_python(draft.before),
                "after": to_jsonable_python(draft.after),
                "proposed_by": by.subject,
                "proposed_role": by.role,
                "proposed_station": by.station,
                "proposed_login": by.login,
                "proposed_at": work.now,
                "expires_at": work.now + rules.open,
                "policy_version": rules.version,
            }
            for draft in drafts
        ]
        kept = await store.keep(work.connection, self.table, rows)
        for row in kept:
            await self._emit(work, PROPOSAL_OPENED, self._opened(row, work))
        return kept

    async def confirm(self, work: W, proposal_id: UUID, by: Person, explanation: str | None = None) -> Row[Any]:
        """Do what somebody else proposed.

        Raises NotFound, NotAllowed, Conflict where it was decided on, is over or is the confirmer's own, and
        NoLongerFits where it cannot be applied; see `keeping_failure`.
        """
        row = await self._to_decide(work, proposal_id, by)
        confirmed = Confirmed(
            proposal_id, row.kind, row.subject, row.parameters, row.reason, row.ground, _proposer(row), by
        )
        try:
            result = await self.kinds[row.kind].apply(work, confirmed)
        except (Conflict, NotFound, Invalid) as refusal:
            raise NoLongerFits(proposal_id, refusal) from refusal
        return await self._decide(
            work, proposal_id, ProposalState.CONFIRMED, by, explanation, result and result.model_dump(mode="json")
        )

    async def reject(self, work: W, proposal_id: UUID, by: Person, explanation: str | None = None) -> Row[Any]:
        """Let everything be as it is. Raises as `confirm` does."""
        await self._to_decide(work, proposal_id, by)
        return await self._decide(work, proposal_id, ProposalState.REJECTED, by, explanation)

    async def withdraw(self, work: W, proposal_id: UUID, by: Person, explanation: str | None = None) -> Row[Any]:
        """Take back one's own proposal. Raises NotFound, NotAllowed for another's, Conflict for one decided on."""
        row = await self._seen(work, proposal_id, by)
        if (row.proposed_role, row.proposed_by) != (by.role, by.subject):
            raise NotAllowed("Only whoever proposed it can withdraw it; another person rejects it.")
        _require_open(row)
        return await self._decide(work, proposal_id, ProposalState.WITHDRAWN, by, explanation)

    async def expire(self, work: W) -> int:
        """Mark up to 100 proposals whose time is over; answer how many."""
        over = await store.expired(work.connection, self.table, work.now, _AT_ONCE)
        for proposal_id in over:
            await self._decide(work, proposal_id, ProposalState.EXPIRED, SYSTEM, None)
        return len(over)

    @asynccontextmanager
    async def keeping_failure(self, units: UnitsOfWork[W], proposal_id: UUID, by: Person) -> AsyncIterator[None]:
        """Mark the proposal as failed when the confirmation in this block could not be applied, and was rolled back."""
        try:
            yield
        except NoLongerFits as refusal:
            async with units.open() as work:
                row = await store.locked(work.connection, self.table, proposal_id)
                if row.state == ProposalState.OPEN:
                    await self._decide(work, proposal_id, ProposalState.FAILED, by, refusal.detail)
            raise

    async def _seen(self, work: W, proposal_id: UUID, by: Person) -> Row[Any]:
        """The proposal, locked, if it is `by`'s to see."""
        await store.read(work.connection, self.table, proposal_id, by)
        return await store.locked(work.connection, self.table, proposal_id)

    async def _to_decide(self, work: W, proposal_id: UUID, by: Person) -> Row[Any]:
        """The proposal, locked, if it is open and `by` may decide it."""
        row = await self._seen(work, proposal_id, by)
        kind = self.kinds[row.kind]
        if by.role not in kind.confirmers:
            raise NotAllowed(f"This is decided by one of the roles {_named(kind.confirmers)}; yours is {by.role}.")
        _require_open(row)
        if by.is_same_as(_proposer(row)):
            raise Conflict("two-people", "whoever proposed it cannot decide on it", title="Two people")
        if not Matter(row.station, row.enterprise_code).is_decided_by(by):
            raise NotFound("proposal", proposal_id)
        if row.expires_at <= work.now:
            raise Conflict("expired", "nobody confirmed it in time; propose it anew", title="Not possible now")
        return row

    async def _decide(
        self,
        work: W,
        proposal_id: UUID,
        state: ProposalState,
        by: Person,
        explanation: str | None,
        result: object = None,
    ) -> Row[Any]:
        row = await store.decide(
            work.connection, self.table, proposal_id, state, by, work.now, explanation=explanation, result=result
        )
        decided = ProposalDecided(
            **self._opened(row, work).model_dump(),
            state=state,
            decided_by=by.actor,
            explanation=explanation,
        )
        await self._emit(work, PROPOSAL_DECIDED, decided)
        return row

    async def _emit(self, work: W, type_: str, proposal: ProposalOpened) -> None:
        work.emit(Event(type_, proposal.enterprise_code or BUREAU, proposal))
        await self._on_event(work, type_, proposal)

    def _opened(self, row: Row[Any], work: W) -> ProposalOpened:
        kind = self.kinds[row.kind]
        return ProposalOpened(
            proposal_id=row.proposal_id,
            service=self.service,
            kind=row.kind,
            name=kind.title,
            subject=row.subject,
            summary=row.summary,
            reason=row.reason,
            ground=row.ground,
            station=row.station,
            enterprise_code=row.enterprise_code,
            alert_id=row.alert_id,
            case_id=row.case_id,
            proposed_by=Actor(role=row.proposed_role, subject=row.proposed_by),
            proposed_at=row.proposed_at,
            expires_at=row.expires_at,
            policy_version=row.policy_version,
            at=work.now,
            recipients=_recipients(row.station, kind.confirmers),
        )


def _recipients(station: str | None, confirmers: frozenset[Role]) -> list[Recipient]:
    told = policy.load().recipients
    roles = [role for role in (told.bureau if station is None else told.station) if role in confirmers]
    return [Recipient(role=role, station=station if role is Role.STATION_CHIEF else None) for role in roles]


def _require_open(row: Row[Any]) -> None:
    if row.state != ProposalState.OPEN:
        raise Conflict(
            "already-reviewed",
            f"the proposal was {row.state} by {row.decided_by}",
            title="Not reviewed",
            state=row.state,
        )


def _proposer(row: Row[Any]) -> Person:
    return Person(row.proposed_role, row.proposed_by, row.proposed_station, login=row.proposed_login)


def _named(roles: frozenset[Role]) -> str:
    return ", ".join(role for role in Role if role in roles)
