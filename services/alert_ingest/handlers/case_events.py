"""What alert_ingest does on hearing of cases, clocks and enterprises.

It remembers which case answers an alert, when the enterprise answered or how much more time it was given, what turned
out to be a false alarm, and how each enterprise is classified: facts that later grades rest on.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.facts import Since
from services.alert_ingest.handlers import decisions, regrading
from services.alert_ingest.handlers.regrading import Standing
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.cloudevents import CloudEvent, Outgoing
from shared.contract.events import (
    ENTERPRISE_REGISTERED,
    CaseEvent,
    CaseKind,
    CaseType,
    DeadlineEvent,
    DeadlineType,
    EnterpriseRegistered,
    Level,
)
from shared.messaging.inbox import told

FALSE_ALARM = "false_alarm"
REPORT_UNTRUE = "report_untrue"
_GIVING_TIME = frozenset({DeadlineType.PAUSED, DeadlineType.RESUMED, DeadlineType.MOVED})
_ALERTS = tables.alerts.c
_FORMER = tables.former_gradings.c


class Reactions:
    """`topic` is where alerts are told of that are graded anew."""

    def __init__(self, books: RuleBooks, topic: str) -> None:
        self._books, self._topic = books, topic

    async def react(self, connection: AsyncConnection, event: CloudEvent, now: datetime) -> Sequence[Outgoing]:
        if event.type == ENTERPRISE_REGISTERED:
            await _register(connection, told(EnterpriseRegistered, event))
        elif event.type == CaseType.OPENED:
            case = told(CaseEvent, event)
            await _link(connection, case)
            await _note(connection, case, None)
        elif event.type == CaseType.SELF_REPORTED:
            await self._answered(connection, told(CaseEvent, event), now)
        elif event.type == CaseType.CLOSED:
            case = told(CaseEvent, event)
            await _note(connection, case, case.at)
            if case.outcome == FALSE_ALARM:
                await _change(connection, case, found_false_at=func.coalesce(_ALERTS.found_false_at, case.at))
            elif case.outcome == REPORT_UNTRUE and case.kind is CaseKind.VERIFICATION:
                return await self._found_untrue(connection, case, now)
        elif event.type in _GIVING_TIME:
            await _give_time(connection, DeadlineType(event.type), told(DeadlineEvent, event))
        return ()

    async def _found_untrue(self, connection: AsyncConnection, case: CaseEvent, now: datetime) -> Sequence[Outgoing]:
        """The enterprise did not report truthfully: what it was asked to put right itself is enforced now."""
        await _change(connection, case, report_untrue_at=func.coalesce(_ALERTS.report_untrue_at, case.at))
        rows = await connection.execute(
            select(tables.alerts).where(_ALERTS.alert_id.in_(case.alert_ids), _ALERTS.dismissed_at.is_(None))
        )
        revisions = []
        for row in rows.all():
            standing = await Standing.of(connection, self._books, row)
            graded = await regrading.grade_again(connection, standing, Since(report_untrue=True))
            if graded.level.rank > Level(row.level).rank:
                revisions.append(standing.revised(graded, "untrue", now))
        await regrading.revise(connection, revisions, now)
        return [revision.told(self._topic) for revision in revisions]

    async def _answered(self, connection: AsyncConnection, case: CaseEvent, now: datetime) -> None:
        """The server's receipt of the answer decides. Where word of it came after the upgrade, people decide."""
        await _change(connection, case, answered_at=func.coalesce(_ALERTS.answered_at, case.at), look_again_at=None)
        overtaken = await connection.execute(
            select(tables.alerts).where(
                _ALERTS.alert_id.in_(
                    select(_FORMER.alert_id).where(
                        _FORMER.alert_id.in_(case.alert_ids),
                        _FORMER.cause == "unanswered",
                        _FORMER.superseded_at > case.at,
                    )
                ),
                _ALERTS.level == "red",
                _ALERTS.dismissed_at.is_(None),
            )
        )
        standings = [await Standing.of(connection, self._books, row) for row in overtaken.all()]
        await decisions.propose(
            connection, [decisions.downgrade_for_answer(standing, case.at) for standing in standings], now
        )


async def _link(connection: AsyncConnection, case: CaseEvent) -> None:
    """A verification is a second case beside the first."""
    if case.kind is not CaseKind.VERIFICATION:
        await _change(connection, case, case_id=case.case_id)


async def _note(connection: AsyncConnection, case: CaseEvent, closed_at: datetime | None) -> None:
    """What an open case rests on stays where it is; see `resting`."""
    rows = [
        {
            "alert_id": alert_id,
            "case_id": case.case_id,
            "enterprise_code": case.enterprise_code,
            "closed_at": closed_at,
        }
        for alert_id in sorted(set(case.alert_ids))
    ]
    noted = insert(tables.cases).values(rows)
    await connection.execute(
        noted.on_conflict_do_update(
            index_elements=["alert_id", "case_id"], set_={"closed_at": noted.excluded.closed_at}
        )
    )


async def _give_time(connection: AsyncConnection, type_: DeadlineType, clock: DeadlineEvent) -> None:
    """Time that was given is no silence. The clock meant is the one that runs from the grade the alert has now."""
    if clock.kind != CaseKind.SELF_REPORT:
        return
    more = clock.due_at - (clock.previous_due_at or clock.due_at)
    paused = {DeadlineType.PAUSED: clock.at, DeadlineType.RESUMED: None}
    await intake_store.lock_enterprises(connection, [clock.enterprise_code])
    await connection.execute(
        update(tables.alerts)
        .where(_ALERTS.alert_id == clock.alert_id, _ALERTS.issued_at == clock.started_at)
        .values(
            excused=_ALERTS.excused + more,
            look_again_at=_ALERTS.look_again_at + more,
            clock_paused_at=paused.get(type_, _ALERTS.clock_paused_at),
        )
    )


async def _change(connection: AsyncConnection, case: CaseEvent, **columns: object) -> None:
    await intake_store.lock_enterprises(connection, [case.enterprise_code])
    await connection.execute(update(tables.alerts).where(_ALERTS.alert_id.in_(case.alert_ids)).values(columns))


async def _register(connection: AsyncConnection, enterprise: EnterpriseRegistered) -> None:
    """The latest registration counts, in whatever order they are heard."""
    row = {"classification": enterprise.classification, "registered_at": enterprise.at}
    registered_at = tables.enterprises.c.registered_at
    await connection.execute(
        insert(tables.enterprises)
        .values(code=enterprise.code, **row)
        .on_conflict_do_update(
            index_elements=["code"],
            set_=row,
            where=registered_at.is_(None) | (registered_at <= enterprise.at),
        )
    )
