"""`Idempotency-Key`: a mutation sent again with the same key is answered as the first time, not done again."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel
from pydantic_core import to_json

from shared.contract.principal import Principal
from shared.contract.refusals import Invalid
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.idempotency import IdempotencyTable, claim, remember

W = TypeVar("W", bound=UnitOfWork)


class Mutations(Generic[W]):
    """Opens the one unit of work of a mutating request, and stores its answer under the caller's key."""

    def __init__(self, units: UnitsOfWork[W], table: IdempotencyTable) -> None:
        self._units, self._table = units, table

    async def run(
        self,
        request: Request,
        principal: Principal,
        mutate: Callable[[W], Awaitable[BaseModel]],
        status: int = 200,
    ) -> Response:
        """Answer what `mutate` answers, once per key. A refused mutation is rolled back and not remembered.

        Raises Invalid when the key was used for a different request.
        """
        key = request.headers.get("idempotency-key")
        content = b"" if key is None else await _content(request)
        return _json(*await self.once(principal, key, content, mutate, status))

    async def once(
        self,
        principal: Principal,
        key: str | None,
        content: bytes,
        mutate: Callable[[W], Awaitable[BaseModel]],
        status: int = 200,
    ) -> tuple[int, bytes]:
        """Answer the status and JSON of `mutate`, or those of the time when `content` came under this key before."""
        if key is None:
            async with self._units.open(principal) as work:
                return status, (await mutate(work)).model_dump_json().encode()
        if not 0 < len(key) <= 255:
            raise Invalid("invalid-idempotency-key", "Idempotency-Key: 1 to 255 characters.", title="Invalid key")
        async with self._units.open(principal) as work:
            remembered = await self._claim(work, principal, key, hashlib.sha256(content).digest())
            if remembered is not None:
                return remembered
            body = (await mutate(work)).model_dump_json().encode()
            await remember(work.connection, self._table, _subject(principal), key, status, body)
            return status, body

    async def _claim(self, work: W, principal: Principal, key: str, fingerprint: bytes) -> tuple[int, bytes] | None:
        """Take the key; or the answer that a request with the same key was given."""
        row = await claim(work.connection, self._table, _subject(principal), key, fingerprint, work.now)
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            raise Invalid(
                "idempotency-key-reused",
                "This Idempotency-Key was used for a different request; a new request needs a new key.",
                title="Idempotency key reused",
            )
        return row.status, row.body


async def _content(request: Request) -> bytes:
    """What makes it the same request: a dry run, say, is another one than the real one, and never answers it."""
    asked = sorted(request.query_params.multi_items())
    # A request without a query is written as it always was: one sent again during an upgrade is still known.
    return to_json([request.method, request.url.path, (await request.body()).hex(), *([asked] if asked else [])])


def _subject(principal: Principal) -> str:
    return f"{principal.role}:{principal.subject}"


def _json(status: int, body: bytes) -> Response:
    return Response(body, status_code=status, media_type="application/json")
