"""The dispatcher's desk: one transaction for each mutating request, with the case under lock and the caller known."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.cases.unit_of_work import Work
from services.dispatcher.cases.wakeups import Changes
from services.dispatcher.domain.lifecycle import TransitionRefused
from shared.messaging.outbox import Outbox
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.web.idempotency import Mutations
from shared.web.identity import Principal
from shared.web.problems import Problem


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


def _seen(request: Request) -> int | None:
    """Raises Problem 422 for an `If-Match` that is no revision; `*` asks for nothing in particular."""
    given = request.headers.get("if-match", "*").strip().removeprefix("W/").strip('"')
    if given == "*":
        return None
    if not given.isdecimal():
        raise Problem(422, "invalid-request", "Invalid request", "If-Match: the `revision` of the case, in quotes.")
    return int(given)
