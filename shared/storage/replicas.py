"""The replicas of a service and when each was seen last, by the database's clock: a demonstration's runs faster."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, DateTime, MetaData, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

SILENT_SECONDS = 30.0
"""Three beats. Whoever was silent for longer is ended, or cannot reach the database."""
_FORGOTTEN = "1 day"


class Replica(NamedTuple):
    """A process that runs the service. `silent_seconds` is how long ago it was seen last."""

    replica: str
    started_at: datetime
    seen_at: datetime
    silent_seconds: float


def replicas_table(metadata: MetaData) -> Table:
    return Table(
        "replicas",
        metadata,
        Column("replica", Text, primary_key=True),
        Column("started_at", DateTime(timezone=True), nullable=False),
        Column("seen_at", DateTime(timezone=True), nullable=False),
    )


def replicas_statement(schema: str) -> str:
    """The statement of a migration that makes `SCHEMA.replicas`."""
    return f"""
        create table {schema}.replicas (
            replica text not null,
            started_at timestamptz not null,
            seen_at timestamptz not null,
            constraint replicas_pkey primary key (replica)
        )
    """


class SeenReplicas:
    """The replicas of one service, as its table has them."""

    def __init__(self, table: Table) -> None:
        self._name = table.fullname

    async def beat(self, connection: AsyncConnection, replica: str) -> None:
        """Say that this replica lives, and forget those that have not been seen for a day."""
        await connection.execute(
            text(f"""
                with forgotten as (
                    delete from {self._name} where seen_at < now() - interval '{_FORGOTTEN}' and replica <> :replica)
                insert into {self._name} (replica, started_at, seen_at) values (:replica, now(), now())
                on conflict (replica) do update set seen_at = excluded.seen_at
            """),
            {"replica": replica},
        )

    async def listed(self, connection: AsyncConnection) -> Sequence[Replica]:
        """Every replica that was seen within a day, whoever was seen last first."""
        rows = await connection.execute(
            text(f"""
                select replica, started_at, seen_at,
                       cast(extract(epoch from now() - seen_at) as double precision) as silent_seconds
                  from {self._name} order by seen_at desc, replica
            """)
        )
        return [Replica(*row) for row in rows]
