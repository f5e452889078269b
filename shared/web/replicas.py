"""The replicas of a service and what waits in its outbox, over HTTP: the same route in every service."""

from pydantic import BaseModel

from shared.messaging import outbox as outboxes
from shared.messaging.outbox import Outbox
from shared.storage.database import Database
from shared.storage.replicas import SILENT_SECONDS, SeenReplicas
from shared.time.instants import Instant
from shared.web.routes import Routes


class ReplicaSeen(BaseModel):
    """A process of the service. `is_current` where it was seen within half a minute; times are the database's."""

    replica: str
    started_at: Instant
    seen_at: Instant
    silent_seconds: float
    is_current: bool


class OutboxWaiting(BaseModel):
    """How many events are not handed to Kafka yet (`counted_to`: that or more), and since when the first waits."""

    pending: int
    counted_to: int
    oldest_at: Instant | None


class Replicas(BaseModel):
    replicas: list[ReplicaSeen]
    outbox: OutboxWaiting


def router(database: Database, replicas: SeenReplicas, outbox: Outbox) -> Routes:
    routes = Routes(tags=["operations"])

    @routes.get("/v1/replicas")
    async def read_replicas() -> Replicas:
        """Which processes run this service and when each was seen last, and what waits in its outbox."""
        async with database.autocommit() as connection:
            seen = await replicas.listed(connection)
            waiting = await outboxes.waiting(connection, outbox.table)
        return Replicas(
            replicas=[ReplicaSeen(**one._asdict(), is_current=one.silent_seconds < SILENT_SECONDS) for one in seen],
            outbox=OutboxWaiting(
                pending=waiting.pending if waiting else 0,
                counted_to=outboxes.COUNTED,
                oldest_at=waiting.appended_at if waiting else None,
            ),
        )

    return routes
