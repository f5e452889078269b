"""The dispatcher's desk: one transaction for each mutating request, with the case under lock and the caller known."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.cases import Case, lock
from services.dispatcher.changes import Changes
from services.dispatcher.lifecycle import TransitionRefused
from services.dispatcher.work import Work
from shared.clock import Clock
from shared.idempotency import Mutations
from shared.identity import Principal
from shared.outbox import Outbox
from shared.problems import Problem, not_found
from shared.roles import Role


class Desk:
    """Where cases are acted on over HTTP."""

    def __init__(self, *, mutations: Mutations, outbox: Outbox, clock: Clock, topic: str, changes: Changes) -> None:
        self._mutations, self._outbox, self._clock = mutations, outbox, clock
        self._topic, self._changes = topic, changes

    async def act(
        self,
        request: Request,
        caller: Principal,
        deed: Callable[[Work], Awaitable[BaseModel]],
        *,
        content: bytes | None = None,
    ) -> Response:
        """Do `deed` in one transaction and answer what it answers; once per Idempotency-Key (`content`: see Mutations).

        A transition that may not follow now is answered with 409, the present state, and what is allowed.
        """

        async def mutate(connection: AsyncConnection) -> BaseModel:
            work = Work(connection, self._clock.now(), self._topic, self._changes)
            try:
                answer = await deed(work)
            except TransitionRefused as refusal:
                raise Problem(
                    409,
                    "transition-refused",
                    "Not possible now",
                    f"{refusal.action} is not possible in state {refusal.state}; allowed now: "
                    f"{', '.join(refusal.allowed) or 'nothing'}.",
                    state=refusal.state,
                    action=refusal.action,
                    allowed=refusal.allowed,
                ) from refusal
            await self._outbox.append(connection, await work.finish())
            return answer

        return await self._mutations.run(request, caller, mutate, content=content)


async def case_for(work: Work, case_id: UUID, caller: Principal) -> Case:
    """The case under lock, if it is the caller's to act on. Raises Problem 404, which tells a stranger nothing."""
    case = await lock(work, case_id)
    if case is None or not _concerns(case, caller):
        raise not_found("case", case_id)
    return case


def _concerns(case: Case, caller: Principal) -> bool:
    match caller.role:
        case Role.ENTERPRISE:
            return caller.enterprise == case.enterprise_code
        case Role.OFFICER:
            return caller.subject in case.officers
        case Role.STATION_CHIEF:
            return caller.station is not None and caller.station == case.station
        case Role.SECTION | Role.LEADER | Role.ADMIN:
            return True
        case _:
            return False
