"""The heartbeat of a replica: a row that says it lives and reaches its database."""

import os
import socket

from shared.runtime.duty import Duty
from shared.storage.database import Database
from shared.storage.replicas import SeenReplicas

_BEAT_SECONDS = 10


class Heartbeat:
    """Writes the row of this process every ten seconds."""

    def __init__(self, database: Database, replicas: SeenReplicas) -> None:
        self._database, self._replicas = database, replicas
        # A container's process is number 1 again after a restart, on a host of the same name.
        self.replica = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(3).hex()}"
        self.duty = Duty("heartbeat", self.run_once, every_seconds=_BEAT_SECONDS)

    async def run_once(self) -> int:
        """Beat once. Answers 0: it leads to no more work."""
        async with self._database.autocommit() as connection:
            await self._replicas.beat(connection, self.replica)
        return 0
