"""Brakes over HTTP: the same routes in every service, each over its own partitions."""

from typing import Annotated, Any, TypeVar

from aiokafka import TopicPartition
from fastapi import Path, Query, Request, Response
from pydantic import Field, StringConstraints

from shared.contract.commands import Command
from shared.messaging.brakes import reading
from shared.messaging.brakes.reading import Brake
from shared.messaging.brakes.store import Brakes
from shared.messaging.dead_letters.store import By
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.database import Database
from shared.web.idempotency import Mutations
from shared.web.paging import Page, PagingQuery
from shared.web.problems import documented
from shared.web.routes import Routes
from shared.web.scope import Caller

W = TypeVar("W", bound=UnitOfWork)
_NO_NUL = r"^[^\x00]*$"

TopicName = Annotated[str, Path(min_length=1, max_length=249, pattern=_NO_NUL, description="with the prefix, if any")]
Partition = Annotated[int, Path(ge=0, lt=2**31)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=_NO_NUL)]


class Release(Command):
    """Why reading goes on; `pass_over`: without the batch that cannot be read, which is kept as a dead letter."""

    reason: Reason
    pass_over: Annotated[bool, Field(description="leave out the batch that cannot be read")] = False


def router(brakes: Brakes[W], database: Database, mutations: Mutations[W]) -> Routes:
    routes = Routes(tags=["brakes"])
    released: dict[int | str, dict[str, Any]] = {
        409: documented("Somebody released it already; the problem says who, when and why")
    }

    @routes.get("/v1/brakes")
    async def list_brakes(
        paging: PagingQuery,
        in_force: Annotated[bool | None, Query(description="those that stop a partition now, or the others")] = None,
    ) -> Page[Brake]:
        """Partitions that are or were stopped, the latest first: since when, why, and who had reading go on."""
        before = None if paging.after is None else paging.after_as(reading.position)[0]
        async with database.autocommit() as connection:
            rows = await reading.listed(connection, brakes.table, paging.limit + 1, in_force=in_force, before=before)
        return paging.page([Brake.of(row) for row in rows], [(str(row.position),) for row in rows])

    @routes.post("/v1/brakes/{topic}/{partition}/release", response_model=Brake, responses=released)
    async def release(
        topic: TopicName,
        partition: Partition,
        release: Release,
        request: Request,
        caller: Caller,
    ) -> Response:
        """Have the service read the partition again, once the cause is mended. Its counts begin anew."""
        by = By(f"{caller.role}:{caller.subject}", release.reason)

        async def mutate(work: W) -> Brake:
            place = TopicPartition(topic, partition)
            return Brake.of(await brakes.release(work, place, by, pass_over=release.pass_over))

        return await mutations.run(request, caller, mutate)

    return routes
