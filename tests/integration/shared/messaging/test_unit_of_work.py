"""A unit of work takes effect as a whole, its events and callbacks included, or not at all."""

from datetime import timedelta
from uuid import uuid4

import pytest
from pydantic_core import from_json
from sqlalchemy import insert, select, text

from shared.contract.cloudevents import Outgoing
from shared.contract.events import (
    ALERT_DISMISSED,
    DEAD_LETTER_WAITING,
    AlertDismissed,
    DeadLetterWaiting,
    EnterpriseReference,
    Level,
    Topic,
)
from shared.contract.messages import SYSTEM, Event, Publisher
from shared.messaging.outbox import Outbox
from shared.messaging.stored_events import headers_read, unnamed
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


def dismissal(clock: ManualClock, number: int) -> Event:
    data = AlertDismissed(
        alert_id=uuid4(),
        enterprise=EnterpriseReference(code="E1"),
        level=Level.WHITE,
        ground="calibration",
        reason=str(number),
        proposed_by="one",
        confirmed_by="another",
        at=clock.now(),
    )
    return Event(ALERT_DISMISSED, "E1", data)


@pytest.fixture
async def packed(store: Database, clock: ManualClock) -> Outbox:
    """An outbox that packs, with events of alerts and others, few and many at once, and with what only looks packed."""
    box = Outbox(outbox, clock, packs=True)
    units = UnitsOfWork(
        database=store, outbox=box, clock=clock, publisher=Publisher("alert_ingest", ""), make=UnitOfWork
    )
    for events in (1, 50):
        async with units.open() as work:
            work.emit(*(make(clock, number) for number in range(events) for make in (event, dismissal)))
            for number, value in enumerate((b"{}", b"\x01", b"\x02", b"\x02" + bytes(20))):
                work.forward(
                    Outgoing(uuid4(), "elsewhere", b"k", value, ((f"n{number}", b"v"), ("content-type", None)))
                )
    return box


async def test_packed_events_are_a_fraction(store: Database, packed: Outbox) -> None:
    del packed
    values = [value for topic, value in await appended(store) if topic != "elsewhere"]
    assert len(values) == 2 * 51
    assert [is_packed(value) for value in values] == [True, False] * 51
    assert {len(value) for value in values[1::2]} == {21}  # which name a record of evidence


@pytest.mark.parametrize("is_fresh", [True, False])
async def test_packed_events_are_published_as_they_are(
    store: Database, clock: ManualClock, packed: Outbox, *, is_fresh: bool
) -> None:
    box = packed if is_fresh else Outbox(outbox, clock, packs=True)
    stored = await appended(store)
    async with store.autocommit() as connection:
        values = await box.published(connection, [value for _, value in stored])
        anew = text(f"select {unnamed('sample', 'o.value')} from sample.outbox o order by o.position")
        assert [unpacked(value) for value in await connection.scalars(anew)] == values
        documents = await connection.scalars(text("select document from sample.evidence"))
        kept = {unpacked(document) for document in documents}
    events = [value for (topic, _), value in zip(stored, values, strict=True) if topic != "elsewhere"]
    assert set(events) == kept
    data = [from_json(value)["data"] for value in events]
    assert [one["detail"] for one in data[::2]] == ["0", *map(str, range(50))]
    assert [one["reason"] for one in data[1::2]] == ["0", *map(str, range(50))]
    others = [value for (topic, _), value in zip(stored, values, strict=True) if topic == "elsewhere"]
    assert others == [b"{}", b"\x01", b"\x02", b"\x02" + bytes(20)] * 2


async def test_headers_are_those_that_were_given(store: Database, packed: Outbox) -> None:
    del packed
    async with store.autocommit() as connection:
        rows = (await connection.execute(text("select topic, headers from sample.outbox order by position"))).all()
    of_ours = (("content-type", b"application/cloudevents+json"),)
    assert {headers_read(row.headers) for row in rows if row.topic != "elsewhere"} == {of_ours}
    given = [headers_read(row.headers) for row in rows if row.topic == "elsewhere"]
    assert given == [((f"n{number}", b"v"), ("content-type", None)) for number in range(4)] * 2
