"""What deadline_watch does on hearing of a case: starts its clock, stops it, opens it again, ends it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import deadlines, tables
from services.deadline_watch.marks import RUNNING, State, after
from services.deadline_watch.policy import DeadlinePolicy
from services.deadline_watch.telling import told_of
from shared.calendar import WorkingCalendar
from shared.cloudevents import CloudEvent, Outgoing
from shared.events import Bilingual, CaseEvent, CaseType, DeadlineType
from shared.inbox import React, told

MISSED = "missed"
_CORRECTED = Bilingual(
    zh="反馈在到期前已收到，逾期标记更正为按期",
    en="the answer had been received before due; the miss is corrected",
)
_OVERDUE_AGAIN = Bilingual(
    zh="按期收到的反馈已被退回，时限已过，恢复逾期",
    en="the answer received in time was returned and due has passed; it is overdue again",
)


def reaction(topic: str, policy: DeadlinePolicy, calendar: WorkingCalendar) -> React:
    """The reaction, telling of clocks on `topic`, computing by `policy` and `calendar`."""

    async def react(connection: AsyncConnection, event: CloudEvent, now: datetime) -> Sequence[Outgoing]:
        if event.type not in set(CaseType):
            return ()
        type_, case = CaseType(event.type), told(CaseEvent, event)
        started: Sequence[Outgoing] = ()
        was = await _locked(connection, case)
        if was is None:
            # Every step tells what the clock needs: one that overtakes the opening is not lost.
            started = await _start(connection, case, now, topic, policy, calendar)
            was = await _locked(connection, case)
            assert was is not None  # noqa: S101  just started, here or by another replica
        station = {} if type_ is CaseType.OPENED else {"station": case.station}
        clock = await _set(connection, was, **after(was, type_, case.at), **station)
        # A clock that closing came too late for still runs, until the watcher marks it missed.
        if type_ is CaseType.CLOSED and clock.state not in RUNNING:
            await _void(connection, clock, now)
        elif clock.state != State.MET and (clock.state, clock.answered_at) != (was.state, was.answered_at):
            await _look_again(connection, clock, now)
        return [*started, *_changed(State(was.state), clock, topic, now)]

    return react


async def _start(
    connection: AsyncConnection,
    case: CaseEvent,
    now: datetime,
    topic: str,
    policy: DeadlinePolicy,
    calendar: WorkingCalendar,
) -> Sequence[Outgoing]:
    deadline = deadlines.compute(case.kind, case.issued_at, policy, calendar)
    started = (
        await connection.execute(
            upsert(tables.deadlines)
            .values(
                deadline_id=uuid4(),
                case_id=case.case_id,
                alert_id=case.alert_id,
                kind=case.kind,
                level=case.level,
                enterprise_code=case.enterprise_code,
                station=case.station,
                state=State.OPEN,
                started_at=deadline.started_at,
                due_at=deadline.due_at,
                due_text=deadline.due_text,
                provisional=deadline.provisional,
                version=1,
                policy_version=policy.version,
                calendar_version=calendar.version,
                explanation=deadline.explanation.model_dump(mode="json"),
            )
            .on_conflict_do_nothing(index_elements=["case_id", "kind"])
            .returning(tables.deadlines)
        )
    ).one_or_none()
    if started is None:
        return ()
    ahead = [("warn", step.name, step.at, list(step.recipients)) for step in deadline.warnings]
    ahead.append(("miss", MISSED, deadline.due_at, []))
    await connection.execute(
        insert(tables.steps),
        [
            {
                "deadline_id": started.deadline_id,
                "version": started.version,
                "step": name,
                "enterprise_code": case.enterprise_code,
                "action": action,
                "at": at,
                "recipients": recipients,
            }
            for action, name, at, recipients in ahead
        ],
    )
    return [told_of(DeadlineType.STARTED, started, topic, now)]


def _changed(was: State, clock: Row[Any], topic: str, now: datetime) -> Sequence[Outgoing]:
    """What is told when a clock is met, and when one whose miss had been corrected is not met any more."""
    match was, State(clock.state):
        case (State.MET, State.MET):
            return ()
        case (State.OVERDUE, State.MET):
            return [told_of(DeadlineType.MET, clock, topic, now, reason=_CORRECTED)]
        case (_, State.MET):
            return [told_of(DeadlineType.MET, clock, topic, now)]
        case (State.MET, State.OVERDUE):
            return [told_of(DeadlineType.MISSED, clock, topic, now, step=MISSED, reason=_OVERDUE_AGAIN)]
        case _:
            return ()


async def _look_again(connection: AsyncConnection, clock: Row[Any], now: datetime) -> None:
    """What was left out may apply now: it is ahead again, and the watcher decides. The due time stands."""
    steps = tables.steps.c
    await connection.execute(
        update(tables.steps)
        .where(
            steps.deadline_id == clock.deadline_id,
            steps.version == clock.version,
            steps.outcome == "void",
            (steps.action != "warn") | (steps.at > now),
        )
        .values(done_at=None, outcome=None)
    )


async def _void(connection: AsyncConnection, clock: Row[Any], now: datetime) -> None:
    steps = tables.steps.c
    await connection.execute(
        update(tables.steps)
        .where(steps.deadline_id == clock.deadline_id, steps.done_at.is_(None))
        .values(done_at=now, outcome="void")
    )


async def _locked(connection: AsyncConnection, case: CaseEvent) -> Row[Any] | None:
    """The case's own clock. Whoever changes a deadline or its steps holds its row first."""
    columns = tables.deadlines.c
    return (
        await connection.execute(
            select(tables.deadlines).where(columns.case_id == case.case_id, columns.kind == case.kind).with_for_update()
        )
    ).one_or_none()


async def _set(connection: AsyncConnection, clock: Row[Any], **values: Any) -> Row[Any]:
    table = tables.deadlines
    changed = update(table).where(table.c.deadline_id == clock.deadline_id).values(**values).returning(table)
    row: Row[Any] = (await connection.execute(changed)).one()
    return row
