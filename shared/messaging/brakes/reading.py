"""What is shown of brakes: which partitions are or were stopped, why, and who had reading go on."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import BaseModel
from sqlalchemy import Result, Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.events import BrakeCause
from shared.messaging.brakes.store import sentence
from shared.time.instants import Instant


class Brake(BaseModel):
    """A partition that was stopped at `offset`. `code` is the commonest reason of the refusals, or the failure to read.

    `text` says it in a sentence.
    """

    topic: str
    partition: int
    offset: int
    consumer: str
    cause: BrakeCause
    code: str
    detail: str
    refused: int | None
    of_last: int | None
    since: Instant
    text: str
    policy_version: str
    released_at: Instant | None
    released_by: str | None
    release_reason: str | None
    pass_over: bool

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        return cls.model_validate({**row._asdict(), "text": sentence(row)})


async def listed(
    connection: AsyncConnection, table: Table, limit: int, *, in_force: bool | None = None, before: int | None = None
) -> Sequence[Row[Any]]:
    """Up to `limit` brakes, the latest first, those in force or those released, put on before the one at `before`."""
    columns = table.c
    conditions = (
        None if before is None else columns.position < before,
        None if in_force is None else columns.released_at.is_(None) == in_force,
    )
    rows: Result[Any] = await connection.execute(
        select(table)
        .where(*(one for one in conditions if one is not None))
        .order_by(columns.position.desc())
        .limit(limit)
    )
    return rows.all()


def position(part: str) -> int:
    """Raises ValueError for what no position can be."""
    value = int(part)
    if not 0 <= value < 2**63:
        raise ValueError(part)
    return value
