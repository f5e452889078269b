"""What an event of a case does to its clock: starts it, stops it, opens it again, ends it."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.deadline_watch import tables
from services.deadline_watch.domain import deadlines
from services.deadline_watch.domain.due_steps import MISSED, ahead_of
from services.deadline_watch.domain.outgoing_events import deadline_event
from services.deadline_watch.domain.rules_in_force import Regime
from services.deadline_watch.domain.states import RUNNING, State, after
from services.deadline_watch.store import cases
from services.deadline_watch.store.deadlines import computed
from services.deadline_watch.store.rule_versions import Regimes
from services.deadline_watch.store.steps import Ahead, leave_out
from shared.contract.events import Bilingual, CaseEvent, CaseKind, CaseType, DeadlineType
from shared.messaging.inbox import Received
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.identifiers import identifier

Key: TypeAlias = tuple[UUID, CaseKind]
"""What a clock belongs to: one kind of answer to one case."""

_CORRECTED = Bilingual(
    zh="反馈在到期前已收到，逾期标记更正为按期",
    en="the answer had been received before due; the miss is corrected",
)
_OVERDUE_AGAIN = Bilingual(
    zh="按期收到的反馈已被退回，时限已过，恢复逾期",
    en="the answer received in time was returned and due has passed; it is overdue again",
)


class CaseEvents:
    """Acts on the events of cases in the order given, in the caller's unit of work."""

    def __init__(self, regimes: Regimes, ahead: Ahead) -> None:
        self._regimes, self._ahead = regimes, ahead

    async def handle(self, work: UnitOfWork, events: Sequence[Received[CaseEvent]]) -> None:
        """Bring the clocks of all cases among `events` to what these events make of them."""
        # First, and before any row is locked: a change of calendar or policy waits for it, and then locks rows.
        regime = await self._regimes.in_force(work.connection)
        # Every event carries what the clock needs: one that overtakes the opening is not lost.
        first = {_key(event.data): event.data for event in reversed(events)}
        await self._start_missing(work, regime, first)
        clocks = await _locked(work, sorted(first))
        for event in events:
            type_, case = CaseType(event.type_), event.data
            await cases.heard(work.connection, type_, case, regime, work.now)
            clocks[_key(case)] = await self._apply(work, clocks[_key(case)], type_, case)

    async def _start_missing(self, work: UnitOfWork, regime: Regime, first: Mapping[Key, CaseEvent]) -> None:
        """Start the clocks of cases that have none, in order of their keys.

        Before any row is locked: whoever inserts the same one meanwhile is waited for, and holds nothing that another
        unit of work at this point waits for.
        """
        columns = tables.deadlines.c
        of_these = await work.connection.execute(
            select(columns.case_id, columns.kind).where(columns.case_id == func.any([case_id for case_id, _ in first]))
        )
        for key in sorted(first.keys() - {(row.case_id, CaseKind(row.kind)) for row in of_these}):
            await self._start(work, regime, first[key])

    async def _start(self, work: UnitOfWork, regime: Regime, case: CaseEvent) -> None:
        policy = regime.policy_at(case.issued_at)
        deadline = deadlines.compute(case.kind, case.issued_at, policy, regime.calendar)
        started = (
            await work.connection.execute(
                upsert(tables.deadlines)
                .values(
                    deadline_id=identifier(work.now),
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
            return
        await self._ahead.lay(work, ahead_of(deadline, started.deadline_id, started.version, case.enterprise_code))
        work.emit(deadline_event(DeadlineType.STARTED, started, work.now))

    async def _apply(self, work: UnitOfWork, was: Row[Any], type_: CaseType, case: CaseEvent) -> Row[Any]:
        """The clock after an event of its case."""
        station = {} if type_ is CaseType.OPENED else {"station": case.station}
        clock = await _set(work, was, **after(was, type_, case.at), **station)
        # A clock that closing came too late for still runs, until the watcher marks it missed.
        if type_ is CaseType.CLOSED and clock.state not in RUNNING:
            await leave_out(work.connection, [clock.deadline_id], work.now)
        elif clock.state != State.MET and (clock.state, clock.answered_at) != (was.state, was.answered_at):
            await self._ahead.look_again(work, clock.deadline_id, clock.version)
        _emit_change(work, State(was.state), clock)
        return clock


def _key(case: CaseEvent) -> Key:
    return case.case_id, case.kind


def _emit_change(work: UnitOfWork, was: State, clock: Row[Any]) -> None:
    """Emit that a clock is met, or that one whose miss had been corrected is not met any more."""
    match was, State(clock.state):
        case (State.MET, State.MET):
            pass
        case (State.OVERDUE, State.MET):
            work.emit(deadline_event(DeadlineType.MET, clock, work.now, reason=_CORRECTED))
        case (_, State.MET):
            work.emit(deadline_event(DeadlineType.MET, clock, work.now))
        case (State.MET, State.OVERDUE):
            work.emit(deadline_event(DeadlineType.MISSED, clock, work.now, step=MISSED, reason=_OVERDUE_AGAIN))


async def _locked(work: UnitOfWork, keys: Sequence[Key]) -> dict[Key, Row[Any]]:
    """The clocks of these cases, locked in order of their keys. Whoever changes a clock or its steps holds its row.

    One order for all: two units of work that want the same rows wait for each other and never in a ring.
    """
    columns = tables.deadlines.c
    wanted = text("(case_id, kind) in (select * from unnest(cast(:case_ids as uuid[]), cast(:kinds as text[])))")
    rows = await work.connection.execute(
        select(tables.deadlines).where(wanted).order_by(columns.case_id, columns.kind).with_for_update(),
        {"case_ids": [case_id for case_id, _ in keys], "kinds": [kind.value for _, kind in keys]},
    )
    return {(row.case_id, CaseKind(row.kind)): row for row in rows}


async def _set(work: UnitOfWork, clock: Row[Any], **values: Any) -> Row[Any]:
    table = tables.deadlines
    changed = update(table).where(table.c.deadline_id == clock.deadline_id).values(**values).returning(table)
    row: Row[Any] = (await work.connection.execute(changed)).one()
    return row
