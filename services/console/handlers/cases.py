"""Merging the events of cases and of their clocks into the rows of cases, however they come."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.console.domain.case_record import CaseRecord
from services.console.domain.clock_record import ClockRecord
from services.console.domain.completion import concluded, open_checks
from services.console.store import records
from services.console.store.enterprises import known_enterprises
from services.console.store.matters import key_of, matters_of
from services.console.store.targets import LIVE, Target
from services.console.store.unit_of_work import ReadModelWork
from shared.contract.events import CaseEvent, DeadlineEvent, FileNumberRecorded
from shared.messaging.inbox import Received


class CaseEvents:
    """Merges events into `target`: the read model, or what a rebuild makes beside it."""

    def __init__(self, target: Target = LIVE) -> None:
        self._target = target

    async def handle(self, work: ReadModelWork, events: Sequence[Received[Any]]) -> None:
        """Bring the cases that these events are about, and those of the same alerts, to what all say together."""
        family = await records.cases_of_alerts(work.connection, self._target, {event.data.alert_id for event in events})
        before = {case.case_id: case for case in family}
        clocks = await self._clocks(work, events, before)
        merged = _merged(before, events)
        checks = open_checks(merged.values())
        after = [
            concluded(case, clocks[case.case_id], checks[case.alert_id])
            for case in merged.values()
            if case.kind is not None or clocks[case.case_id] or case.file_number is not None
        ]
        changed = [case for case in await self._named(work, after) if case != before.get(case.case_id)]
        await records.keep_cases(work.connection, self._target, changed)
        if self._target is LIVE:
            for case in changed:
                work.changed_case(before.get(case.case_id), case)

    async def _clocks(
        self, work: ReadModelWork, events: Sequence[Received[Any]], before: dict[UUID, CaseRecord]
    ) -> dict[UUID, list[ClockRecord]]:
        """Keep the clocks that these events are of; answer the clocks of every case concerned."""
        cases = before.keys() | {event.data.case_id for event in events}
        known = {one.deadline_id: one for one in await records.clocks_of_cases(work.connection, self._target, cases)}
        now = dict(known)
        for event in events:
            if isinstance(event.data, DeadlineEvent):
                told = ClockRecord.of(event.type_, event.data)
                now[told.deadline_id] = now[told.deadline_id].merged(told) if told.deadline_id in now else told
        changed = [clock for key, clock in now.items() if clock != known.get(key)]
        await records.keep_clocks(work.connection, self._target, changed)
        by_case: defaultdict[UUID, list[ClockRecord]] = defaultdict(list)
        for clock in now.values():
            by_case[clock.case_id].append(clock)
        return by_case

    async def _named(self, work: ReadModelWork, cases: Sequence[CaseRecord]) -> list[CaseRecord]:
        """The cases with their enterprises' names where events had none, and with the matters they are about."""
        nameless = {case.enterprise_code for case in cases if case.enterprise_name is None}
        known = await known_enterprises(work.connection, nameless) if nameless else {}
        named = [
            case.model_copy(update={"enterprise_name": known[case.enterprise_code].name})
            if case.enterprise_name is None and case.enterprise_code in known
            else case
            for case in cases
        ]
        numbers = await matters_of(work.connection, [case for case in named if case.kind is not None])
        return [case.model_copy(update={"matter_id": numbers.get(key_of(case))}) for case in named]


def _merged(before: dict[UUID, CaseRecord], events: Sequence[Received[Any]]) -> dict[UUID, CaseRecord]:
    merged = dict(before)
    for event in events:
        data: CaseEvent | FileNumberRecorded | DeadlineEvent = event.data
        case = merged.get(data.case_id) or CaseRecord(
            case_id=data.case_id, enterprise_code=data.enterprise_code, alert_id=data.alert_id
        )
        if isinstance(data, CaseEvent):
            case = case.with_event(event.type_, data)
        elif isinstance(data, FileNumberRecorded):
            case = case.with_file_number(data)
        merged[data.case_id] = case
    return merged
