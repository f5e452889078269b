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

from shared.clock import Clock
from shared.database import Database
from shared.identity import Principal
from shared.problems import Problem


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
        *,
        content: bytes | None = None,
    ) -> Response:
        """Answer what `mutate` answers, once per key. A refused mutation is rolled back and not remembered.

        `content` stands for the request's body where that is not the same when sent again: multipart draws a boundary.

        Raises Problem 422 when the key was used for a different request.
        """
        key = request.headers.get("idempotency-key")
        async with self._database.transaction() as connection:
            if key is None:
                return _json(status, (await mutate(connection)).model_dump_json().encode())
            if not 0 < len(key) <= 255:
                raise Problem(422, "invalid-idempotency-key", "Invalid key", "Idempotency-Key: 1 to 255 characters.")
            remembered = await self._claim(connection, request, principal, key, content)
            if remembered is not None:
                return remembered
            body = (await mutate(connection)).model_dump_json().encode()
            await connection.execute(
                update(self._table)
                .where(self._table.c.subject == _subject(principal), self._table.c.key == key)
                .values(status=status, body=body)
            )
            return _json(status, body)

    async def _claim(
        self, connection: AsyncConnection, request: Request, principal: Principal, key: str, content: bytes | None
    ) -> Response | None:
        """Take the key, waiting for a twin in flight; or the answer that the twin was given."""
        table = self._table
        body = await request.body() if content is None else content
        fingerprint = hashlib.sha256(to_json([request.method, request.url.path, body.hex()])).digest()
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
        return _json(row.status, row.body)


def _subject(principal: Principal) -> str:
    return f"{principal.role}:{principal.subject}"


def _json(status: int, body: bytes) -> Response:
    return Response(body, status_code=status, media_type="application/json")
