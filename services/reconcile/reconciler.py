"""The pass: prove every link on one snapshot, have mended what can be, keep what was found and raise alarms."""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch.handlers.proofs import RECONCILE, Amiss, Proof, Proofs
from services.reconcile import evidence
from services.reconcile.findings import (
    AWAITING_PEOPLE,
    LISTED,
    Finding,
    Gap,
    Link,
    Remedy,
    Report,
    finding,
    remedy,
    row_of,
)
from services.reconcile.questions import QUESTIONS
from services.reconcile.repairs import Repairs
from shared.settings import Settings
from shared.storage import retention
from shared.storage.database import Database
from shared.time.clock import Clock, patience

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_LOCK = "tricolor.reconcile"
_EXAMINED = {
    "events": "select count(*) from ingest.events",
    "alerts": "select count(*) from ingest.alerts where received_at >= :since",
    "cases": "select count(*) from dispatch.cases where opened_at >= :since or closed_at is null",
    "deadlines": "select count(*) from watch.deadlines where due_at >= :since or closed_at is null",
}


class Reconciler:
    """Promises: what it does not report is whole; what it reports as mended is on its way, and doubled by nothing.

    It reads all schemas on one snapshot, so that a transaction is seen whole or not at all. Of several, in
    whatever process, one is at work at a time.
    """

    def __init__(self, *, settings: Settings, clock: Clock, database: Database) -> None:
        self._settings, self._clock, self._database = settings, clock, database
        self._repairs = Repairs(settings, clock, database)
        self._proofs = Proofs.of(settings, clock, database)

    @property
    def window(self) -> timedelta:
        """How far back the pass by schedule looks."""
        return timedelta(days=self._settings.reconcile_days)

    @property
    def grace(self) -> timedelta:
        """How long what was handed over may take to be acted on; on a clock that is hurried, the same real time."""
        return patience(self._clock, timedelta(seconds=self._settings.reconcile_grace_seconds))

    async def run(self, since: datetime | None = None, *, repair: bool = True) -> Report:
        """Prove what was stored from `since` on, or everything, and what is unfinished; wait for another pass to end.

        The chain is proved whole again when a later pass is clean: what is mended now has its effects still ahead.
        """
        async with self._database.alone(_LOCK):
            return await self._run(since, repair=repair)

    async def run_if_free(self, since: datetime) -> Report | None:
        """The same with repairs, or None while another pass is at work."""
        async with self._database.alone(_LOCK, wait=False) as free:
            return await self._run(since, repair=True) if free else None

    async def _run(self, since: datetime | None, *, repair: bool) -> Report:
        began, now = time.monotonic(), self._clock.now()
        # Of what was emitted before the oldest month that is kept nothing can be proved any more.
        kept = retention.load().archives.outbox
        oldest = kept.oldest_month(now)
        earliest = max(since or _EVER, retention.bounds(oldest)[0] if oldest else _EVER)
        async with self._database.engine.connect() as connection:
            async with connection.begin():
                await evidence.prepare(connection)
            # Proving writes nothing but those, and the database sees to that.
            snapshot = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with snapshot.begin():
                values = {"since": earliest, "before": now - self.grace}
                emitted = await evidence.gather(
                    snapshot,
                    self._settings.topic_prefix,
                    earliest,
                    before=values["before"],
                    archived_before=kept.moves_before(now),
                )
                gaps = {link: await _ask(snapshot, question, values) for link, question in QUESTIONS.items()}
                examined = {name: await _count(snapshot, question, values) for name, question in _EXAMINED.items()}
                explained = await _count(snapshot, "select count(distinct event_id) from unread where letter", {})
        found: list[Finding] = []
        for link, some in gaps.items():
            mended = await self._mend(link, some[:LISTED], now) if repair else set()
            found += [finding(link, gap, now, repaired=gap in mended) for gap in some[:LISTED]]
        report = Report(
            at=now,
            since=since,
            examined=examined | {f"told on {topic}": number for topic, number in sorted(emitted.items())},
            explained=explained,
            findings=found,
            more=[link for link, some in gaps.items() if len(some) > LISTED],
            seconds=round(time.monotonic() - began, 3),
        )
        if since is None or since <= now - self.window:
            await self._remember(report)
        return report

    async def _mend(self, link: Link, gaps: Sequence[Gap], now: datetime) -> set[Gap]:
        """Have mended what can be now; answer what was."""
        by_remedy: defaultdict[Remedy, list[Gap]] = defaultdict(list)
        for gap in gaps:
            if (due := remedy(gap, now)) is not None:
                by_remedy[due].append(gap)
        mended: set[Gap] = set()
        for due, some in by_remedy.items():
            if await self._repairs.mend(link, due, some):
                mended.update(some)
        return mended

    async def _remember(self, report: Report) -> None:
        """Keep the result for those who ask later, with an alarm for what the pass before did not have."""
        figures = {
            "repaired": len(report.findings) - report.unrepaired,
            "examined": report.examined,
            "explained": report.explained,
            "seconds": report.seconds,
            # In people's words, for those who read it where no link is known by name.
            "says": {str(one.link): one.says.model_dump() for one in reversed(report.findings)},
        }
        found = [
            Amiss(one.link, one.subject, None if one.link in AWAITING_PEOPLE else one.says) for one in report.findings
        ]
        await self._proofs.keep(Proof(RECONCILE, report.at, report.clean, found, figures))


async def _ask(connection: AsyncConnection, question: str, values: dict[str, Any]) -> list[Gap]:
    """The gaps of a link; one more than is listed says that there are more."""
    named = {name: value for name, value in values.items() if f":{name}" in question}
    rows = await connection.execute(text(f"select * from ({question}) gaps order by subject limit {LISTED + 1}"), named)
    return [row_of(row) for row in rows]


async def _count(connection: AsyncConnection, question: str, values: dict[str, Any]) -> int:
    named = {name: value for name, value in values.items() if f":{name}" in question}
    return int(await connection.scalar(text(question), named) or 0)
