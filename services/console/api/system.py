"""The route of how far behind the console is."""

from datetime import UTC, datetime

from pydantic import BaseModel

from services.console.store import progress, rebuilds
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.routes import Routes


class PartitionProgress(BaseModel):
    """How far a partition is read: `waiting` records are not yet, and the first of them has waited `lag_seconds`.

    `is_current` says that it was measured lately: it is not where nobody reads it.
    """

    topic: str
    partition: int
    position: int
    waiting: int
    lag_seconds: float
    last_event_at: Instant | None
    measured_at: Instant
    is_current: bool


class Rebuild(BaseModel):
    """The latest time that the read model was made anew: which step, and how much of it is done."""

    started_at: Instant
    step: str
    done: int
    total: int
    finished_at: Instant | None


class System(BaseModel):
    """How far behind the read model is. Times are the host's."""

    lag_seconds: float | None
    last_event_at: Instant | None
    partitions: list[PartitionProgress]
    rebuild: Rebuild | None


def router(database: Database) -> Routes:
    routes = Routes(tags=["system"])

    @routes.get("/v1/system")
    async def read_system() -> System:
        """系统状态 · How far each topic is read, and the latest rebuild; readiness of all services is at `/readyz`."""
        now = datetime.now(UTC)
        async with database.transaction() as connection:
            measured = await progress.listed(connection)
            latest = await rebuilds.latest(connection)
        partitions = [
            PartitionProgress(
                topic=row.topic,
                partition=row.partition,
                position=row.position,
                waiting=max(0, row.ends_at - row.position),
                lag_seconds=row.lag_seconds,
                last_event_at=row.last_event_at,
                measured_at=at,
                is_current=(now - at).total_seconds() < progress.FORGOTTEN_SECONDS,
            )
            for row, at in measured
        ]
        return System(
            lag_seconds=max((one.lag_seconds for one in partitions if one.is_current), default=None),
            last_event_at=max((one.last_event_at for one in partitions if one.last_event_at), default=None),
            partitions=partitions,
            rebuild=latest and Rebuild.model_validate(latest._asdict()),
        )

    return routes
