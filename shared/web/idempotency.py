"""`Idempotency-Key`: a mutation sent again with the same key is answered as the first time, not done again."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, Table, Text, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.storage.database import Database
from shared.time.clock import Clock
from shared.web.identity import Principal
from shared.web.problems import Problem


def idempotency_table(metadata: MetaData) -> Table:
    return Table(
        "idempotency",
        metadata,
        Column("subject", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", Integer),
        Column("body", LargeBinary),
        Column("received_at", DateTime(timezone=True), nullable=False),
    )


class Mutations:
    """Opens the one transaction of a mutating request, and remembers its answer under the caller's key."""

    def __init__(self, database: Database, table: Table, clock: Clock) -> None:
        self._database, self._table, self._clock = database, table, clock

    async def run(
        self,
        request: Request,
        principal: Principal,
        mutate: Callable[[AsyncConnection], Awaitable[BaseModel]],
        status: int = 200,
    ) -> Response:
        """Answer what `mutate` answers, once per key. A refused mutation is rolled back and not remembered.

        Raises Problem 422 when the key was used for a different request.
        """
        key = request.headers.get("idempotency-key")
        content = b"" if key is None else to_json([request.method, request.url.path, (await request.body()).hex()])
        return _json(*await self.once(principal, key, content, mutate, status))

    async def once(
        self,
        principal: Principal,
        key: str | None,
        content: bytes,
        mutate: Callable[[AsyncConnection], Awaitable[BaseModel]],
        status: int = 200,
    ) -> tuple[int, bytes]:
        """Status and JSON of what `mutate` answers, or answered when `content` came under this key before."""
        if key is None:
            async with self._database.transaction() as connection:
                return status, (await mutate(connection)).model_dump_json().encode()
        if not 0 < len(key) <= 255:
            raise Problem(422, "invalid-idempotency-key", "Invalid key", "Idempotency-Key: 1 to 255 characters.")
        async with self._database.transaction() as connection:
            remembered = await self._claim(connection, principal, key, hashlib.sha256(content).digest())
            if remembered is not None:
                return remembered
            body = (await mutate(connection)).model_dump_json().encode()
            await connection.execute(
                update(self._table)
                .where(self._table.c.subject == _subject(principal), self._table.c.key == key)
                .values(status=status, body=body)
            )
            return status, body

    async def _claim(
        self, connection: AsyncConnection, principal: Principal, key: str, fingerprint: bytes
    ) -> tuple[int, bytes] | None:
        """Take the key, waiting for a twin in flight; or the answer that the twin was given."""
        table = self._table
        claimed = await connection.execute(
            insert(table)
            .values(subject=_subject(principal), key=key, fingerprint=fingerprint, received_at=self._clock.now())
            .on_conflict_do_nothing()
        )
        if claimed.rowcount:
            return None
        row: Any = (
            await connection.execute(select(table).where(table.c.subject == _subject(principal), table.c.key == key))
        ).one()
        if row.fingerprint != fingerprint:
            raise Problem(
                422,
                "idempotency-key-reused",
                "Idempotency key reused",
                "This Idempotency-Key was used for a different request; a new request needs a new key.",
            )
        return row.status, row.body


def _subject(principal: Principal) -> str:
    return f"{principal.role}:{principal.subject}"


def _json(status: int, body: bytes) -> Response:
    return Response(body, status_code=status, media_type="application/json")
