"""Reconciling by schedule: a duty of deadline_watch, where its database holds all schemas."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import Counter
from sqlalchemy import text

from services.deadline_watch.handlers.proofs import RECONCILE
from services.deadline_watch.store import heartbeats
from services.deadline_watch.store.heartbeats import Heartbeat
from services.infrastructure import HISTORIES
from services.reconcile.findings import Link
from services.reconcile.reconciler import Reconciler
from shared.runtime.duty import Duty
from shared.settings import Settings
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import Clock, patience
from shared.time.instants import instant_of

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
_SHARE = 5
"""A pass takes a fifth of the time at most: after a flood one takes minutes, of a core that what has come in needs."""


class Schedule:
    """Promises: a pass every so many minutes, by whichever replica comes first; the metrics of all show its result.

    Where a pass takes so long that it would be at work more than a fifth of the time, the next one is later.
    """

    def __init__(self, *, settings: Settings, clock: Clock, database: Database, telemetry: Telemetry) -> None:
        self._clock, self._database = clock, database
        self._reconciler = Reconciler(settings=settings, clock=clock, database=database)
        self._every = timedelta(minutes=settings.reconcile_minutes)
        self._next_at: datetime | None = None
        self._clean_at = telemetry.gauge(
            "tricolor_reconcile_last_clean_timestamp_seconds", "When the chain was last proved whole", []
        )
        self._found = telemetry.gauge("tricolor_reconcile_findings", "Gaps in the chain, by link", ["link"])
        self._repaired = Counter(
            "tricolor_reconcile_repaired", "Gaps that were mended by this process", registry=telemetry.registry
        )

    async def beat(self) -> int:
        """A pass if one is due; it leaves no work behind it: 0."""
        now = self._clock.now()
        if self._next_at is not None and now < self._next_at:
            return 0
        async with self._database.autocommit() as connection:
            last = await heartbeats.latest(connection, RECONCILE)
        if last is None or now >= self._after(last):
            if not await self._reaches_all():
                logger.warning("reconcile: this database user may not change all schemas; nothing is proved")
                self._next_at = now + self._every
                return 0
            report = await self._reconciler.run_if_free(now - self._reconciler.window)
            if report is None:
                return 0
            self._repaired.inc(len(report.findings) - report.unrepaired)
            if report.findings:
                logger.error("reconcile: %d findings, %d left to people", len(report.findings), report.unrepaired)
            async with self._database.autocommit() as connection:
                last = await heartbeats.latest(connection, RECONCILE)
        if last is not None:
            self._show(last.detail)
            self._next_at = self._after(last)
        return 0

    def _after(self, last: Heartbeat) -> datetime:
        """When the pass after this one is due."""
        took = timedelta(seconds=last.detail.get("seconds", 0))
        return last.at + max(self._every, patience(self._clock, _SHARE * took))

    def _show(self, detail: Mapping[str, Any]) -> None:
        for link in Link:
            self._found.labels(link).set(len(detail["findings"].get(link, ())))
        if detail["clean_at"] is not None:
            self._clean_at.set(instant_of(detail["clean_at"]).timestamp())

    async def _reaches_all(self) -> bool:
        """Whether the schemas of all services stand in this database, for its user to read and mend."""
        names = [history.schema for history in HISTORIES]
        async with self._database.autocommit() as connection:
            reached = await connection.scalar(
                text("""
                    select count(*) from unnest(cast(:names as text[])) as name
                     where to_regclass(name || '.outbox') is not null
                       and has_table_privilege(to_regclass(name || '.outbox'), 'select, insert, update')
                """),
                {"names": names},
            )
        return bool(reached == len(names))


def reconciling(settings: Settings, clock: Clock, database: Database, telemetry: Telemetry) -> Duty:
    """The duty, for the service whose database and metrics these are."""
    schedule = Schedule(settings=settings, clock=clock, database=database, telemetry=telemetry)
    return Duty(RECONCILE, schedule.beat, every_seconds=BEAT_SECONDS)
