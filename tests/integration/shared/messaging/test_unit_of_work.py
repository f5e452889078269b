"""A unit of work takes effect as a whole, its events and callbacks included, or not at all."""

from datetime import timedelta
from uuid import uuid4

import pytest
from pydantic_core import from_json
from sqlalchemy import insert, select

from shared.contract.cloudevents import Outgoing
from shared.contract.events import ALERT_DISMISSED, DEAD_LETTER_WAITING, DeadLetterWaiting, Topic
from shared.contract.messages import SYSTEM, Event, Publisher
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.database import Database
from shared.storage.packing import is_packed, unpacked
from shared.time.clock import ManualClock
from tests.integration.shared.conftest import inbox, outbox


def event(clock: ManualClock, number: int = 1) -> Event:
    data = DeadLetterWaiting(
        letter_id=uuid4(),
        service="alert_ingest",
        topic="anomaly-events",
        origin="anomaly-events/0/0",
        code="not-json",
        detail=str(number),
        attempt=1,
        failed_at=clock.now(),
        at=clock.now(),
        policy_version="1",
        recipients=[],
    )
    return Event(DEAD_LETTER_WAITING, SYSTEM, data)


async def appended(store: Database) -> list[tuple[str, bytes]]:
    async with store.autocommit() as connection:
        rows = await connection.execute(select(outbox.c.topic, outbox.c.value).order_by(outbox.c.position))
        return [(row.topic, row.value) for row in rows]


async def test_events_leave_in_order_when_it_commits(
    store: Database, units: UnitsOfWork[UnitOfWork], clock: ManualClock
) -> None:
    called: list[int] = []
    async with units.open() as work:
        work.emit(event(clock, 1))
        work.forward(Outgoing(event_id=uuid4(), topic="elsewhere", key=b"k", value=b"as it is", headers=()))
        work.emit(event(clock, 2))
        work.after_commit(lambda: called.append(1))
        clock.advance(timedelta(minutes=1))
        assert (await appended(store), called) == ([], [])
    first, second, third = await appended(store)
    assert [from_json(value)["data"]["detail"] for _, value in (first, second)] == ["1", "2"]
    assert {topic for topic, _ in (first, second)} == {Topic.ALERTS}
    composed = from_json(first[1])
    assert (composed["source"], composed["type"]) == ("/tricolor/alert_ingest", DEAD_LETTER_WAITING)
    assert composed["time"] == "2026-03-02T08:30:00+08:00"  # when it was opened, and not when it closed
    assert third == ("elsewhere", b"as it is")
    assert called == [1]


async def test_one_that_raises_leaves_no_event_and_runs_no_callback(
    store: Database, units: UnitsOfWork[UnitOfWork], clock: ManualClock
) -> None:
    called: list[int] = []

    async def fail() -> None:
        async with units.open() as work:
            await work.connection.execute(insert(inbox).values(event_id=uuid4(), type="t", received_at=work.now))
            work.emit(event(clock))
            work.after_commit(lambda: called.append(1))
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await fail()
    async with store.autocommit() as connection:
        assert (await connection.scalars(select(inbox.c.event_id))).all() == []
    assert (await appended(store), called) == ([], [])


@pytest.mark.parametrize(("type_", "error"), [("cn.tricolor.case.opened.v1", KeyError), (ALERT_DISMISSED, TypeError)])
async def test_an_event_that_the_service_does_not_write_or_with_other_data_rolls_it_back(
    store: Database, units: UnitsOfWork[UnitOfWork], clock: ManualClock, type_: str, error: type[Exception]
) -> None:
    called: list[int] = []

    async def emit() -> None:
        async with units.open() as work:
            work.emit(event(clock), Event(type_, "E1", event(clock).data))
            work.after_commit(lambda: called.append(1))

    with pytest.raises(error):
        await emit()
    assert (await appended(store), called) == ([], [])


async def test_many_events_are_appended_in_their_order(
    store: Database, units: UnitsOfWork[UnitOfWork], clock: ManualClock
) -> None:
    async with units.open() as work:
        work.emit(*(event(clock, number) for number in range(50)))
    assert [from_json(value)["data"]["detail"] for _, value in await appended(store)] == [*map(str, range(50))]


async def test_packed_events_are_a_fraction_and_the_same(store: Database, clock: ManualClock) -> None:
    box = Outbox(outbox, clock, packs=True)
    units = UnitsOfWork(
        database=store, outbox=box, clock=clock, publisher=Publisher("alert_ingest", ""), make=UnitOfWork
    )
    for events in (1, 50):
        async with units.open() as work:
            work.emit(*(event(clock, number) for number in range(events)))
            work.forward(Outgoing(event_id=uuid4(), topic="elsewhere", key=b"k", value=b"{}", headers=()))
    values = [value for topic, value in await appended(store) if topic != "elsewhere"]
    assert all(is_packed(value) for value in values)
    read_anew = [from_json(unpacked(value))["data"]["detail"] for value in values]
    assert read_anew == ["0", *map(str, range(50))]
    assert [from_json(box.value_of(value))["data"]["detail"] for value in values] == read_anew
    assert [value for topic, value in await appended(store) if topic == "elsewhere"] == [b"{}", b"{}"]
