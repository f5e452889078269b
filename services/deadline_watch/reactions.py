"""What deadline_watch does on hearing of a case: starts its clock, stops it, opens it again, ends it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import deadlines, tables
from services.deadline_watch.marks import State, after_answer, after_closing, after_return
from services.deadline_watch.policy import DeadlinePolicy
from services.deadline_watch.telling import told_of
from shared.calendar import WorkingCalendar
from shared.cloudevents import CloudEvent, Outgoing
from shared.events import Bilingual, CaseEvent, CaseType, DeadlineType
from shared.inbox import React, told

MISSED = "missed"
_ANSWERS = frozenset({CaseType.SELF_REPORTED, CaseType.FEEDBACK_SUBMITTED})


def reaction(topic: str, policy: DeadlinePolicy, calendar: WorkingCalendar) -> React:
    """The reaction, telling of clocks on `topic`, computing by `policy` and `calendar`."""

    async def react(connection: AsyncConnection, event: CloudEvent, now: datetime) -> Sequence[Outgoing]:
        if event.type not in set(CaseType):
            return ()
        type_, case = CaseType(event.type), told(CaseEvent, event)
        if type_ is CaseType.OPENED:
            return await _start(connection, case, now, topic, policy, calendar)
        clock = await _locked(connection, case)
        if clock is None:
            return ()
        if clock.station != case.station:
            await _set(connection, clock, station=case.station)
        if type_ in _ANSWERS:
            return await _answer(connection, clock, case, now, topic)
        if type_ is CaseType.RETURNED:
            await _open_again(connection, clock, now)
        elif type_ is CaseType.CLOSED:
            await _set(connection, clock, state=after_closing(State(clock.state)), closed_at=case.at)
            await _void(connection, clock, now)
        return ()

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


async def _answer(
    connection: AsyncConnection, clock: Row[Any], case: CaseEvent, now: datetime, topic: str
) -> Sequence[Outgoing]:
    """The server's receipt of the answer decides, whenever this message of it arrives."""
    state = after_answer(State(clock.state), case.at, clock.due_at)
    met = {"met_at": case.at} if state is State.MET else {}
    await _set(connection, clock, state=state, answered_at=case.at, **met)
    if state is not State.MET or clock.state == State.MET:
        return ()
    reason = None
    if clock.state == State.OVERDUE:
        reason = Bilingual(
            zh="反馈在到期前已收到，逾期标记更正为按期",
            en="the answer had been received before due; the miss is corrected",
        )
    return [told_of(DeadlineType.MET, clock, topic, now, state=state, reason=reason)]


async def _open_again(connection: AsyncConnection, clock: Row[Any], now: datetime) -> None:
    """The same due time stands. Steps that were left out because of the answer are ahead again."""
    await _set(connection, clock, state=after_return(State(clock.state)), answered_at=None, met_at=None)
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


async def _set(connection: AsyncConnection, clock: Row[Any], **values: Any) -> None:
    await connection.execute(
        update(tables.deadlines).where(tables.deadlines.c.deadline_id == clock.deadline_id).values(**values)
    )
