"""What deadline_watch does on hearing of a case: starts its clock, stops it, opens it again, ends it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain import deadlines
from services.deadline_watch.domain.due_steps import MISSED, ahead_of
from services.deadline_watch.domain.outgoing_events import told_of
from services.deadline_watch.domain.rules_in_force import Regime
from services.deadline_watch.domain.states import RUNNING, State, after
from services.deadline_watch.store import cases
from services.deadline_watch.store.deadlines import computed
from services.deadline_watch.store.rule_versions import Regimes
from services.deadline_watch.store.steps import Ahead, leave_out
from shared.contract.cloudevents import CloudEvent, Outgoing
from shared.contract.events import Bilingual, CaseEvent, CaseType, DeadlineType
from shared.messaging.inbox import React, told
from shared.time.identifiers import identifier

_CORRECTED = Bilingual(
    zh="反馈在到期前已收到，逾期标记更正为按期",
    en="the answer had been received before due; the miss is corrected",
)
_OVERDUE_AGAIN = Bilingual(
    zh="按期收到的反馈已被退回，时限已过，恢复逾期",
    en="the answer received in time was returned and due has passed; it is overdue again",
)


def reaction(topic: str, regimes: Regimes, ahead: Ahead) -> React:
    """The reaction, telling of clocks on `topic`."""

    async def react(connection: AsyncConnection, event: CloudEvent, now: datetime) -> Sequence[Outgoing]:
        if event.type not in set(CaseType):
            return ()
        type_, case = CaseType(event.type), told(CaseEvent, event)
        # First, and before any row is locked: a change of calendar or policy waits for it, and then locks rows.
        regime = await regimes.in_force(connection)
        await cases.heard(connection, type_, case, regime, now)
        started: Sequence[Outgoing] = ()
        was = await _locked(connection, case)
        if was is None:
            # Every step tells what the clock needs: one that overtakes the opening is not lost.
            started = await _start(connection, case, now, topic, regime, ahead)
            was = await _locked(connection, case)
            assert was is not None  # noqa: S101  just started, here or by another replica
        station = {} if type_ is CaseType.OPENED else {"station": case.station}
        clock = await _set(connection, was, **after(was, type_, case.at), **station)
        # A clock that closing came too late for still runs, until the watcher marks it missed.
        if type_ is CaseType.CLOSED and clock.state not in RUNNING:
            await leave_out(connection, [clock.deadline_id], now)
        elif clock.state != State.MET and (clock.state, clock.answered_at) != (was.state, was.answered_at):
            await ahead.look_again(connection, clock.deadline_id, clock.version, now)
        return [*started, *_changed(State(was.state), clock, topic, now)]

    return react


async def _start(
    connection: AsyncConnection, case: CaseEvent, now: datetime, topic: str, regime: Regime, ahead: Ahead
) -> Sequence[Outgoing]:
    policy = regime.policy_at(case.issued_at)
    deadline = deadlines.compute(case.kind, case.issued_at, policy, regime.calendar)
    started = (
        await connection.execute(
            upsert(tables.deadlines)
            .values(
                deadline_id=identifier(now),
                case_id=case.case_id,
                alert_id=case.alert_id,
                kind=case.kind,
                level=case.level,
                enterprise_code=case.enterprise_code,
                station=case.station,
                state=State.OPEN,
                started_at=deadline.started_at,
                version=1,
                **computed(deadline),
            )
            .on_conflict_do_nothing(index_elements=["case_id", "kind"])
            .returning(tables.deadlines)
        )
    ).one_or_none()
    if started is None:
        return ()
    await ahead.lay(connection, ahead_of(deadline, started.deadline_id, started.version, case.enterprise_code))
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
