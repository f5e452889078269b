"""What an event of a case does to its clock: starts it, stops it, opens it again, ends it."""

from collections.abc import Mapping, Sequence

from services.deadline_watch.domain import deadlines
from services.deadline_watch.domain.clocks import RUNNING, Clock, State, after_event, clocks_of, concerns
from services.deadline_watch.domain.due_steps import MISSED, steps_ahead
from services.deadline_watch.domain.outgoing_events import deadline_event
from services.deadline_watch.domain.rules_in_force import RulesInForce
from services.deadline_watch.store import cases, clocks, visits
from services.deadline_watch.store.clocks import Key
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps, leave_out
from shared.contract.events import Bilingual, CaseEvent, CaseType, DeadlineType
from shared.contract.words import ClockKind
from shared.messaging.inbox import Received
from shared.messaging.unit_of_work import UnitOfWork

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

    def __init__(self, rule_versions: RuleVersions, upcoming: UpcomingSteps) -> None:
        self._rule_versions, self._upcoming = rule_versions, upcoming

    async def handle(self, work: UnitOfWork, events: Sequence[Received[CaseEvent]]) -> None:
        """Bring the clocks of all cases among `events` to what these events make of them."""
        # First, and before any row is locked: a change of calendar or policy waits for it, and then locks rows.
        rules = await self._rule_versions.in_force(work.connection)
        # Every event carries what the clock needs: one that overtakes the opening is not lost.
        first = {key: event.data for event in reversed(events) for key in _keys(event.data)}
        await self._start_missing(work, rules, first)
        locked = await clocks.lock_of_cases(work.connection, sorted(first))
        for event in events:
            type_, case = CaseType(event.type_), event.data
            await cases.record(work.connection, type_, case, rules, work.now)
            for key in _keys(case):
                if concerns(key[1], type_, case):
                    locked[key] = await self._apply(work, locked[key], type_, case)
        await visits.keep_visits(work.connection, [(event.type_, event.data) for event in events])

    async def _start_missing(self, work: UnitOfWork, rules: RulesInForce, first: Mapping[Key, CaseEvent]) -> None:
        """Start the clocks of cases that have none, in order of their keys."""
        known = await clocks.known_keys(work.connection, [case_id for case_id, _ in first])
        for key in sorted(first.keys() - known):
            case, kind = first[key], key[1]
            start = case.planned_end if kind is ClockKind.FINAL_REPORT and case.planned_end else case.issued_at
            deadline = deadlines.compute(kind, start, rules.policy_at(start), rules.calendar)
            if (clock := await clocks.start(work, case, deadline)) is not None:
                await self._upcoming.add(
                    work, steps_ahead(deadline, clock.deadline_id, clock.version, clock.enterprise_code)
                )
                work.emit(deadline_event(DeadlineType.STARTED, clock, work.now))

    async def _apply(self, work: UnitOfWork, before: Clock, type_: CaseType, case: CaseEvent) -> Clock:
        """The clock after an event of its case."""
        clock = after_event(before, type_, case.at)
        if type_ is not CaseType.OPENED:
            clock = clock._replace(station=case.station)
        await clocks.save(work.connection, clock)
        # A clock that closing came too late for still runs, until the watcher marks it missed.
        if type_ is CaseType.CLOSED and clock.state not in RUNNING:
            await leave_out(work.connection, [clock.deadline_id], work.now)
        elif clock.state != State.MET and (clock.state, clock.answered_at) != (before.state, before.answered_at):
            await self._upcoming.reconsider(work, clock.deadline_id, clock.version)
        _emit_change(work, before.state, clock)
        return clock


def _keys(case: CaseEvent) -> list[Key]:
    return [(case.case_id, kind) for kind in clocks_of(case)]


def _emit_change(work: UnitOfWork, before: State, clock: Clock) -> None:
    """Emit that a clock is met, or that one whose miss had been corrected is not met any more."""
    match before, clock.state:
        case (State.MET, State.MET):
            pass
        case (State.OVERDUE, State.MET):
            work.emit(deadline_event(DeadlineType.MET, clock, work.now, reason=_CORRECTED))
        case (_, State.MET):
            work.emit(deadline_event(DeadlineType.MET, clock, work.now))
        case (State.MET, State.OVERDUE):
            work.emit(deadline_event(DeadlineType.MISSED, clock, work.now, step=MISSED, reason=_OVERDUE_AGAIN))
