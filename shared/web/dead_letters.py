"""The routes of dead letters: the same in every service, each over its own letters."""

from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from shared.contract.commands import Command
from shared.contract.principal import Principal
from shared.messaging.dead_letters import policy, reading
from shared.messaging.dead_letters.reading import Counts, DeadLetter, WholeDeadLetter
from shared.messaging.dead_letters.store import AT_ONCE, By, DeadLetters, LetterState, asked
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import Instant
from shared.web.idempotency import Mutations
from shared.web.paging import Page, PagingQuery
from shared.web.problems import COMPONENT, documented
from shared.web.routes import Routes
from shared.web.scope import Caller

W = TypeVar("W", bound=UnitOfWork)
_NO_NUL = r"^[^\x00]*$"

Word = Annotated[str, StringConstraints(min_length=1, max_length=249, pattern=_NO_NUL)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=_NO_NUL)]


class Discarding(Command):
    reason: Reason


class Retrying(Command):
    """Which waiting letters: those of `code`, of one `topic` where it is given."""

    code: Word
    topic: Word | None = None


class Retried(BaseModel):
    retried: Annotated[int, Field(description=f"sent again; {AT_ONCE} at most, so ask again while any are left")]


def router(letters: DeadLetters, database: Database, mutations: Mutations[W], clock: Clock) -> Routes:
    routes = Routes(tags=["dead letters"])
    _add_reading(routes, letters, database, clock)
    decided: dict[int | str, dict[str, Any]] = {
        200: {"description": "The letter as it is now", COMPONENT: "DeadLetter"},
        409: documented("Somebody decided on it already; the problem says who, when and what", "AlreadyDecided"),
    }

    @routes.post("/v1/dead-letters/retry", response_model=Retried)
    async def retry_all(which: Retrying, request: Request, caller: Caller) -> Response:
        """Send every waiting letter of a reason again, in the order they came: what one does after a fix."""

        async def mutate(work: W) -> Retried:
            return Retried(retried=await letters.retry_all(work, _by(caller), code=which.code, topic=which.topic))

        return await mutations.run(request, caller, mutate)

    @routes.post("/v1/dead-letters/{letter_id}/retry", response_model=DeadLetter, responses=decided)
    async def retry(letter_id: UUID, request: Request, caller: Caller) -> Response:
        """Send the record to its topic again, byte for byte. It goes the normal way; refused again, it is a new letter.

        The new letter's `history` shows both.
        """

        async def mutate(work: W) -> DeadLetter:
            return DeadLetter.of(await letters.retry(work, letter_id, _by(caller)), work.now)

        return await mutations.run(request, caller, mutate)

    @routes.post("/v1/dead-letters/{letter_id}/discard", response_model=DeadLetter, responses=decided)
    async def discard(letter_id: UUID, discarding: Discarding, request: Request, caller: Caller) -> Response:
        """Give the letter up, for a reason. It stays as evidence and can never be retried."""

        async def mutate(work: W) -> DeadLetter:
            return DeadLetter.of(await letters.discard(work, letter_id, _by(caller, discarding.reason)), work.now)

        return await mutations.run(request, caller, mutate)

    return routes


def _add_reading(routes: Routes, letters: DeadLetters, database: Database, clock: Clock) -> None:
    table = letters.table

    @routes.get("/v1/dead-letters")
    async def list_letters(
        paging: PagingQuery,
        state: LetterState | None = None,
        code: Annotated[Word | None, Query(description="why it was refused, e.g. unknown-category")] = None,
        topic: Annotated[Word | None, Query(description="where it came from")] = None,
        since: Annotated[Instant | None, Query(description="refused at or after")] = None,
    ) -> Page[DeadLetter]:
        """Dead letters in the order they came, so that what waits longest is first."""
        after = 0 if paging.after is None else paging.after_as(_position)[0]
        conditions = asked(table, state=state, code=code, topic=topic, since=since)
        async with database.autocommit() as connection:
            rows = await reading.listed(connection, table, conditions, paging.limit + 1, after)
        now = clock.now()
        return paging.page([DeadLetter.of(row, now) for row in rows], [(str(row.position),) for row in rows])

    @routes.get("/v1/dead-letters/counts")
    async def count_letters() -> Counts:
        """How many wait, by reason and topic, since when, and how many of them longer than the policy allows."""
        async with database.autocommit() as connection:
            return await reading.counted(connection, table, policy.load(), clock.now())

    @routes.get("/v1/dead-letters/{letter_id}")
    async def read_letter(letter_id: UUID) -> WholeDeadLetter:
        """One letter with its record as it came, and every attempt at it."""
        async with database.transaction() as connection:
            return await reading.whole(connection, table, letter_id, clock.now())


def _by(caller: Principal, reason: str | None = None) -> By:
    return By(f"{caller.role}:{caller.subject}", reason)


def _position(part: str) -> int:
    """Read a position. Raises ValueError for what cannot be one."""
    position = int(part)
    if not 0 <= position < 2**63:
        raise ValueError(part)
    return position
