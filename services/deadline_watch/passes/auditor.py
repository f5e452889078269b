"""The auditor: proves, apart from the watcher, that every open case has its clock and every passed clock has fired.

It reads the rows themselves, with queries of its own. What it finds can never be, as long as the software is right
and somebody runs it; so each finding is an alarm, emitted once while it lasts.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import text

from services.deadline_watch.domain.outgoing_events import audit_failed
from services.deadline_watch.store import findings, heartbeats
from shared.contract.events import Bilingual
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.telemetry import Telemetry
from shared.time.clock import Clock, patience

AUDITOR = "auditor"
"""The name of its heartbeat."""
BEAT_SECONDS = 5.0
EVERY = timedelta(minutes=1)
GRACE = timedelta(minutes=1)
"""What is due for less than this is on its way."""
_LISTED = 1_000

CHECKS: Mapping[str, tuple[Bilingual, str]] = {
    "case-without-clock": (
        Bilingual(zh="未结案件没有时限", en="an open case has no clock"),
        """select c.case_id::text from watch.cases c
            where c.closed_at is null
              and not exists (select 1 from watch.deadlines d where d.case_id = c.case_id and d.kind = c.kind)""",
    ),
    "passed-not-fired": (
        Bilingual(zh="时限已过而未标记逾期", en="a clock has passed and was not marked missed"),
        """select d.deadline_id::text from watch.deadlines d
            where d.closed_at is null and d.due_at <= :before and d.state in ('open', 'warned')
              and d.paused_at is null""",
    ),
    "clock-without-miss-ahead": (
        Bilingual(zh="运行中的时限没有到期检查", en="a running clock has nothing ahead that would mark it missed"),
        """select d.deadline_id::text from watch.deadlines d
            where d.closed_at is null and d.state in ('open', 'warned') and d.paused_at is null
              and not exists (select 1 from watch.steps s where s.deadline_id = d.deadline_id
                                 and s.version = d.version and s.step = 'missed' and s.done_at is null
                                 and s.at = d.due_at)""",
    ),
    "step-overdue": (
        Bilingual(zh="到时的步骤未执行", en="a step came due and was not done"),
        "select s.deadline_id::text || ' ' || s.step from watch.steps s where s.done_at is null and s.at <= :before",
    ),
    "milestone-overdue": (
        Bilingual(zh="到时的内部时限未判定", en="a milestone came due and was not decided"),
        # Offered a second time, a case is to be accepted a second time.
        """select distinct m.case_id::text || ' ' || m.milestone from watch.milestones m
            where m.done_at is null and m.due_at <= :before""",
    ),
}


class Auditor:
    """Promises: within two minutes of going wrong a finding is counted in a metric and emitted as an event, once."""

    def __init__(self, units: UnitsOfWork[UnitOfWork], clock: Clock, telemetry: Telemetry) -> None:
        self._units, self._clock = units, clock
        self._found = telemetry.gauge("tricolor_audit_findings", "What can never be, and is, by finding", ["finding"])
        self._at = telemetry.gauge("tricolor_audit_completed_timestamp_seconds", "When the last audit was through", [])
        self._provisional = telemetry.gauge(
            "tricolor_deadlines_provisional", "Open deadlines that rest on a calendar year nobody has published", []
        )
        self._done_at: datetime | None = None

    async def beat(self) -> int:
        """An audit once a minute. It leaves no work behind it: 0."""
        now = self._clock.now()
        if self._done_at is None or now - self._done_at >= EVERY:
            await self.run_once()
        return 0

    async def run_once(self) -> dict[str, list[str]]:
        """One audit, one unit of work. Answers the subjects of each finding."""
        async with self._units.open() as work:
            connection, now = work.connection, work.now
            before = now - patience(self._clock, GRACE)
            found = {
                finding: list(await connection.scalars(text(f"{question} limit {_LISTED}"), {"before": before}))
                for finding, (_, question) in CHECKS.items()
            }
            provisional = await connection.scalar(
                text("select count(*) from watch.deadlines where closed_at is null and provisional")
            )
            new = await findings.replace(connection, found, now)
            counted = {finding: len(subjects) for finding, subjects in found.items()}
            await heartbeats.beat(connection, AUDITOR, counted, now)
            work.emit(*(audit_failed(finding, subject, CHECKS[finding][0], now) for finding, subject in new))
        for finding, subjects in found.items():
            self._found.labels(finding).set(len(subjects))
        self._provisional.set(provisional or 0)
        self._at.set(now.timestamp())
        self._done_at = now
        return found
