"""Running a request that changes something: in one unit of work, once per key, on the case as the caller saw it."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from pydantic import BaseModel
from pydantic_core import from_json

from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from shared.contract.principal import Principal
from shared.contract.refusals import Invalid
from shared.web.idempotency import Mutations


class CaseMutations(Mutations[CaseUnitOfWork]):
    """Mutations that heed `If-Match`, which is the `revision` of a case.

    A case that somebody else has moved meanwhile is answered with 412 and the present state: of two chiefs who decide
    at once, the second looks again.
    """

    async def run(
        self,
        request: Request,
        principal: Principal,
        mutate: Callable[[CaseUnitOfWork], Awaitable[BaseModel]],
        status: int = 200,
    ) -> Response:
        seen = _seen(request)

        async def mutate_as_seen(work: CaseUnitOfWork) -> BaseModel:
            work.seen = seen
            return await mutate(work)

        return await super().run(request, principal, mutate_as_seen, status)

    async def write(
        self, request: Request, principal: Principal, mutate: Callable[[CaseUnitOfWork], Awaitable[BaseModel]]
    ) -> Response:
        """Run a change of a record that is not a case: `mutate` heeds `If-Match`; its `etag` is answered as `ETag`."""
        response = await super().run(request, principal, mutate)
        response.headers["ETag"] = quoted(from_json(bytes(response.body))["etag"])
        return response


def quoted(etag: str) -> str:
    """The tag as headers have it."""
    return f'"{etag}"'


def _seen(request: Request) -> int | None:
    """The revision that a request names in `If-Match`, if any. Raises Invalid for what is no revision."""
    given = request.headers.get("if-match", "*").strip().removeprefix("W/").strip('"')
    if given == "*":
        return None
    if not given.isdecimal():
        raise Invalid("invalid-request", "If-Match: the `revision` of the case, in quotes.")
    return int(given)
