"""What an event of a case does to its clock: starts it, stops it, opens it again, ends it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from services.deadline_watch.domain.clocks import RUNNING, Clock, State, after_event, clocks_of, concerns
from services.deadline_watch.domain.due_steps import MISSED, steps_ahead
from services.deadline_watch.domain.known_deadlines import KnownDeadlines
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
        self._known = KnownDeadlines()

    async def handle(self, work: UnitOfWork, events: Sequence[Received[CaseEvent]]) -> None:
        """Bring the clocks of all cases among `events` to what these events make of them."""
        # First, and before any row is locked: a change of calendar or policy waits for it, and then locks rows.
        rules = await self._rule_versions.in_force(work.connection)
        steps = [(CaseType(event.type_), event.data) for event in events]
        # Every event carries what the clock needs: one that overtakes the opening is not lost.
        first = {key: case for _, case in reversed(steps) for key in _keys(case)}
        started = await self._start_missing(work, rules, first)
        stored = started | await clocks.lock_of_cases(work.connection, sorted(first.keys() - started.keys()))
        await cases.record(work.connection, steps, rules, self._known, work.now)
        await self._save(work, stored, _changes(work, stored, steps))
        await visits.keep_visits(work.connection, steps)

    async def _start_missing(
        self, work: UnitOfWork, rules: RulesInForce, first: Mapping[Key, CaseEvent]
    ) -> dict[Key, Clock]:
        """Start the clocks of cases that have none, in order of their keys, and return them."""
        known = await clocks.known_keys(work.connection, [case_id for case_id, _ in first])
        starting = {}
        for key in sorted(first.keys() - known):
            case, kind = first[key], key[1]
            start = case.planned_end if kind is ClockKind.FINAL_REPORT and case.planned_end else case.issued_at
            starting[key] = case, self._known.deadline(kind, start, rules)
        if not starting:
            return {}
        started = await clocks.start_all(work, list(starting.values()))
        ahead = []
        for key in sorted(started):
            clock, deadline = started[key], starting[key][1].deadline
            ahead += steps_ahead(deadline, clock.deadline_id, clock.version, clock.enterprise_code)
            work.emit(deadline_event(DeadlineType.STARTED, clock, work.now))
        await self._upcoming.add(work, ahead)
        return started

    async def _save(self, work: UnitOfWork, stored: Mapping[Key, Clock], changes: "_Changes") -> None:
        after = changes.clocks
        await clocks.save_all(work.connection, [after[key] for key in sorted(after) if after[key] != stored[key]])
        await leave_out(work.connection, sorted(changes.ended), work.now)
        await self._upcoming.reconsider(work, [changes.reconsidered[one] for one in sorted(changes.reconsidered)])


class _Changes(NamedTuple):
    """What a batch of events made of clocks: as they are after it, and what becomes of the steps ahead of them."""

    clocks: dict[Key, Clock]
    ended: set[UUID]
    reconsidered: dict[UUID, Clock]


def _changes(work: UnitOfWork, stored: Mapping[Key, Clock], steps: Iterable[tuple[CaseType, CaseEvent]]) -> _Changes:
    """Take the clocks through the events of their cases, in order, and emit what happens to them on the way."""
    changes = _Changes(dict(stored), set(), {})
    for type_, case in steps:
        for key in _keys(case):
            if not concerns(key[1], type_, case):
                continue
            before = changes.clocks[key]
            clock = after_event(before, type_, case.at)
            if type_ is not CaseType.OPENED:
                clock = clock._replace(station=case.station)
            changes.clocks[key] = clock
            # A clock that closing came too late for still runs, until the watcher marks it missed.
            if type_ is CaseType.CLOSED and clock.state not in RUNNING:
                changes.reconsidered.pop(clock.deadline_id, None)
                changes.ended.add(clock.deadline_id)
            elif clock.state != State.MET and (clock.state, clock.answered_at) != (before.state, before.answered_at):
                changes.ended.discard(clock.deadline_id)
                changes.reconsidered[clock.deadline_id] = clock
            _emit_change(work, before.state, clock)
    return changes


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
