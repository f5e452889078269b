"""Making the read model anew from everything that the other services emitted, while it goes on being read and fed.

First all events are merged into tables beside it. Then, some enterprises at a time and under their locks, what was
emitted meanwhile is merged too, and what was made takes the place of what is there, in one transaction: a reader sees
an enterprise as it was or as it is, and a consumer waits for a moment. At last the counts are made from the rows.

What has no event any more, because the outboxes keep only so long, stays as it is.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel

from services.console.domain.case_record import CaseRecord
from services.console.domain.clock_record import ClockRecord
from services.console.domain.completion import concluded, open_checks
from services.console.handlers import events
from services.console.store import rebuilding, records
from services.console.store.rebuilding import BESIDE
from services.console.store.targets import LIVE
from services.console.store.unit_of_work import ReadModelWork
from shared.contract.cloudevents import CloudEvent, Headers, Refused, parse, structured_form
from shared.contract.messages import data_of
from shared.messaging.inbox import Received, group_by_handler
from shared.messaging.unit_of_work import UnitsOfWork

_ENTERPRISES_AT_ONCE = 100
Told = Callable[[str, int, int], None]
"""Is told how far a rebuild has come: the step, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event as an outbox has it."""

    key: bytes | None
    value: bytes
    headers: Headers


class Source(Protocol):
    """Where the events are: the outboxes of the other services, with their archives."""

    async def begin(self) -> int:
        """Fix up to where `all` reads; answer how many events that is."""
        ...

    def all(self) -> AsyncIterator[Sequence[Emitted]]:
        """Every event up to there, some at a time, in any order."""
        ...

    async def since(self, codes: Sequence[str]) -> Sequence[Emitted]:
        """What was emitted about these enterprises after that."""
        ...


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild came to."""

    events: int
    refused: int
    enterprises: int
    cases_changed: int
    alerts_changed: int


class Rebuild:
    """Makes the read model anew. One at a time: whoever comes second waits."""

    def __init__(self, units: UnitsOfWork[ReadModelWork], source: Source, told: Told) -> None:
        self._units, self._source, self._told = units, source, told
        self._refused = self._id = 0
        self._handlers = events.handlers(BESIDE)

    async def run(self) -> Rebuilt:
        async with self._units.database.alone("console.rebuild"):
            async with self._units.open() as work:
                await rebuilding.prepare(work.connection)
            total = await self._source.begin()
            async with self._units.open() as work:
                self._id = await rebuilding.begin(work.connection, total, work.now)
            done = 0
            async for chunk in self._source.all():
                done += len(chunk)
                async with self._units.open() as work:
                    await self._merge(work, chunk)
                    await rebuilding.note(work.connection, self._id, "reading", done, total)
                self._told("reading", done, total)
            return await self._put_in_place(done)

    async def _put_in_place(self, read: int) -> Rebuilt:
        async with self._units.database.autocommit() as connection:
            codes = await rebuilding.enterprises_beside(connection)
        cases = alerts = 0
        for start in range(0, len(codes), _ENTERPRISES_AT_ONCE):
            some = codes[start : start + _ENTERPRISES_AT_ONCE]
            async with self._units.open() as work:
                await events.lock_codes(work, some)
                await self._merge(work, await self._source.since(some))
                cases += await _replace_cases(work, some)
                alerts += await _replace_alerts(work, some)
                await rebuilding.note(work.connection, self._id, "replacing", start + len(some), len(codes))
            self._told("replacing", start + len(some), len(codes))
        async with self._units.open() as work:
            await rebuilding.count_anew(work.connection)
            await rebuilding.end(work.connection, self._id, work.now)
            await rebuilding.tidy(work.connection)
        self._told("done", read, read)
        return Rebuilt(read, self._refused, len(codes), cases, alerts)

    async def _merge(self, work: ReadModelWork, emitted: Sequence[Emitted]) -> None:
        """Merge events beside the read model; master data and what waits for people have their places in it anyway."""
        received = []
        for one in emitted:
            try:
                received.append((one.key, self._read(one)))
            except Refused:
                self._refused += 1
        known = [one for one in received if one[1].type_ in self._handlers]
        await events.lock_touched(work, [event for _, event in known])
        for handler, some in group_by_handler(known, self._handlers):
            await handler(work, some)

    def _read(self, emitted: Emitted) -> Received[BaseModel]:
        event = parse(CloudEvent, structured_form(emitted.value, emitted.headers))
        return Received(UUID(event.id), event.type, data_of(event) if event.type in self._handlers else event.data)


async def _replace_cases(work: ReadModelWork, codes: Sequence[str]) -> int:
    """Put cases and clocks in their places; answer how many cases are others now."""
    there = {one.case_id: one for one in await records.cases_of_enterprises(work.connection, LIVE, codes)}
    clocks = await records.clocks_of_enterprises(work.connection, BESIDE, codes)
    await records.keep_clocks(work.connection, LIVE, clocks)
    made = _with_past(await records.cases_of_enterprises(work.connection, BESIDE, codes), there, clocks)
    changed = [one for one in made if one != there.get(one.case_id)]
    await records.keep_cases(work.connection, LIVE, changed)
    for case in changed:
        work.changed_case(there.get(case.case_id), case)
    return len(changed)


def _with_past(
    made: Sequence[CaseRecord], there: Mapping[UUID, CaseRecord], clocks: Sequence[ClockRecord]
) -> list[CaseRecord]:
    """The cases that were made, with what the read model knows of those whose first events are not kept any more."""
    whole = {one.case_id: one.with_past(there[one.case_id]) if one.case_id in there else one for one in made}
    checks = open_checks({**there, **whole}.values())
    return [
        one
        if whole[one.case_id] is one
        else concluded(
            whole[one.case_id], [clock for clock in clocks if clock.case_id == one.case_id], checks[one.alert_id]
        )
        for one in made
    ]


async def _replace_alerts(work: ReadModelWork, codes: Sequence[str]) -> int:
    """Put alerts in their places; answer how many are others now."""
    made = await records.alerts_of_enterprises(work.connection, BESIDE, codes)
    there = {one.alert_id: one for one in await records.alerts_of_enterprises(work.connection, LIVE, codes)}
    changed = [one for one in made if one != there.get(one.alert_id)]
    await records.keep_alerts(work.connection, LIVE, changed)
    for alert in changed:
        work.changed_alert(there.get(alert.alert_id), alert)
    return len(changed)
