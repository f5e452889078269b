"""Watching an outbox: how much waits in it, for how long, and whether it moves at all."""

import logging
import time

from shared.messaging.outbox import COUNTED, Outbox, waiting
from shared.runtime.duty import Duty
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import Clock

logger = logging.getLogger(__name__)

_BEAT_SECONDS = 15
_STUCK_SECONDS = 60.0


class OutboxWatch:
    """Tells operators what waits for Kafka, and a readiness check when nothing of it has moved for a minute."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        telemetry: Telemetry,
        *,
        stuck_seconds: float = _STUCK_SECONDS,
    ) -> None:
        self._database, self._clock, self._stuck_seconds = database, clock, stuck_seconds
        self._outbox, self._table = outbox, outbox.table
        self._pending = telemetry.gauge(
            "tricolor_outbox_pending", f"Events not handed to Kafka yet; {COUNTED} means that or more", []
        )
        self._age = telemetry.gauge("tricolor_outbox_oldest_seconds", "How long the first of them has waited", [])
        self.duty = Duty("outbox watch", self.run_once, every_seconds=_BEAT_SECONDS)
        self._first: int | None = None
        self._logged = False
        self._since = time.monotonic()

    async def run_once(self) -> int:
        """Look once. Answers 0: looking is no work that leads to more."""
        async with self._database.autocommit() as connection:
            found = await waiting(connection, self._table)
        first = found.position if found else None
        if first != self._first:
            self._first, self._since, self._logged = first, time.monotonic(), False
        self._pending.set(found.pending if found else 0)
        self._age.set(self._clock.real_seconds(self._clock.now() - found.appended_at) if found else 0)
        if not self._logged and (stuck := await self.stuck()) is not None:
            logger.warning("outbox %s: %s", self._table.fullname, stuck)
            self._logged = True
        return 0

    async def stuck(self) -> str | None:
        """What a readiness check says when events wait and none is handed over, in seconds of real time."""
        waited = time.monotonic() - self._since
        if self._first is None or waited < self._stuck_seconds:
            return None
        why = ": their readers have not acted on the last thousand, and the broker keeps only so much"
        return f"events wait, and for {waited:.0f} s none was handed to Kafka{why if self._outbox.held_back else ''}"
