"""The dispatcher's desk: one transaction for each mutating request, with the case under lock and the caller known."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.store import Case, lock
from services.dispatcher.cases.unit_of_work import Work
from services.dispatcher.cases.views import CaseAnswer, case_rows
from services.dispatcher.cases.wakeups import Changes
from services.dispatcher.domain.lifecycle import TransitionRefused
from shared.contract.roles import Role
from shared.messaging.outbox import Outbox
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.web.idempotency import Mutations
from shared.web.identity import Principal
from shared.web.problems import Problem, not_found


class Desk:
    """Where cases are acted on over HTTP."""

    def __init__(
        self,
        *,
        database: Database,
        mutations: Mutations,
        outbox: Outbox,
        clock: Clock,
        topic: str,
        changes: Changes,
    ) -> None:
        self._database, self._mutations, self._outbox, self._clock = database, mutations, outbox, clock
        self._topic, self._changes = topic, changes

    async def act(self, request: Request, caller: Principal, deed: Callable[[Work], Awaitable[BaseModel]]) -> Response:
        """Do `deed` in one transaction and answer what it answers; once per Idempotency-Key.

        A transition that may not follow now is answered with 409, the present state, and what is allowed. With
        `If-Match`, which is the `revision` of a case, a case that somebody else has moved meanwhile is answered with
        412 and the present state: of two chiefs who decide at once, the second looks again.
        """
        return await self._mutations.run(request, caller, self._mutation(deed, _seen(request)))

    async def act_once(
        self, key: str | None, content: bytes, caller: Principal, deed: Callable[[Work], Awaitable[BaseModel]]
    ) -> bytes:
        """The same for an act that is not a whole request: its JSON, once per `key`. Raises its Problem."""
        _, answer = await self._mutations.once(caller, key, content, self._mutation(deed))
        return answer

    async def act_within(self, deed: Callable[[Work], Awaitable[None]]) -> None:
        """The same for a step of a longer act, which is answered elsewhere."""
        async with self._database.transaction() as connection:
            work = Work(connection, self._clock.now(), self._topic, self._changes)
            await deed(work)
            await self._outbox.append(connection, await work.finish())

    def _mutation(
        self, deed: Callable[[Work], Awaitable[BaseModel]], seen: int | None = None
    ) -> Callable[[AsyncConnection], Awaitable[BaseModel]]:
        async def mutate(connection: AsyncConnection) -> BaseModel:
            work = Work(connection, self._clock.now(), self._topic, self._changes, seen)
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

        return mutate


async def show(work: Work, case_id: UUID, caller: Principal) -> CaseAnswer:
    """The case as it stands at this point of the transaction."""
    row = (await work.connection.execute(case_rows().where(tables.cases.c.case_id == case_id))).one()
    return CaseAnswer.of(row, caller)


async def case_for(work: Work, case_id: UUID, caller: Principal) -> Case:
    """The case under lock, if it is the caller's to act on.

    Raises Problem 404, which tells a stranger nothing, and 412 where it is no longer what the caller decided on.
    """
    case = await lock(work, case_id)
    if case is None or not _concerns(case, caller):
        raise not_found("case", case_id)
    require_as_seen(work, case)
    return case


def require_as_seen(work: Work, case: Case) -> None:
    """Raises Problem 412 for a locked case that has moved since the caller looked at it."""
    if work.seen is not None and work.seen != case.revision:
        raise Problem(
            412,
            "changed-meanwhile",
            "Changed meanwhile",
            f"The case is at revision {case.revision}, not {work.seen}, and {case.state}; look at it again.",
            state=case.state,
            revision=case.revision,
            team=case.officers,
        )


def _seen(request: Request) -> int | None:
    """Raises Problem 422 for an `If-Match` that is no revision; `*` asks for nothing in particular."""
    given = request.headers.get("if-match", "*").strip().removeprefix("W/").strip('"')
    if given == "*":
        return None
    if not given.isdecimal():
        raise Problem(422, "invalid-request", "Invalid request", "If-Match: the `revision` of the case, in quotes.")
    return int(given)


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
