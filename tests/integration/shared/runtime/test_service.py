"""A service works until it is told to stop, hands back what it cannot finish, and breaks where all can see it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.messaging.outbox import Outbox
from shared.messaging.relay import Relay
from shared.runtime.duty import Duty
from shared.runtime.service import Service
from shared.settings import Settings
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import ManualClock
from tests.integration.shared.conftest import outbox


@pytest.fixture
async def service(store: Database, clock: ManualClock, settings: Settings, broker: str) -> AsyncIterator[Service]:
    box = Outbox(outbox, clock)
    kafka = settings.kafka_client(broker)
    service = Service(
        name="test",
        app=FastAPI(),
        database=store,
        outbox=box,
        relay=Relay(name="test", database=store, outbox=box, kafka=kafka, clock=clock),
        telemetry=Telemetry("test"),
    )
    yield service
    await service.stop()


class Duties:
    """A duty that does as told, pass by pass, and stays with the last."""

    def __init__(self, passes: Sequence[Exception | int]) -> None:
        self._passes = list(passes)
        self.done = asyncio.Event()

    async def run_once(self) -> int:
        one = self._passes.pop(0) if self._passes else 0
        if not self._passes:
            self.done.set()
        if isinstance(one, Exception):
            raise one
        return one


async def test_a_duty_that_fails_for_a_defect_ends_the_service(service: Service) -> None:
    service.duties = [Duty("broken", Duties([KeyError("a defect")]).run_once, every_seconds=0.05)]
    with pytest.raises(ExceptionGroup) as broken:
        await asyncio.wait_for(service.run(asyncio.Event()), 10)
    assert broken.group_contains(KeyError, match="a defect")


async def test_a_duty_that_fails_for_now_comes_again(service: Service) -> None:
    duties, stopping = Duties([ConnectionError("away"), 3, 0]), asyncio.Event()
    service.duties = [Duty("patient", duties.run_once, every_seconds=0.05)]
    running = asyncio.create_task(service.run(stopping))
    await asyncio.wait_for(duties.done.wait(), 10)
    stopping.set()
    await running
    registry = service.telemetry.registry
    assert registry.get_sample_value("tricolor_duty_failures_total", {"duty": "patient"}) == 1
    assert registry.get_sample_value("tricolor_pass_items_total", {"duty": "patient"}) == 3


class HeldUp:
    """A duty whose pass goes on until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go, self.cut = asyncio.Event(), asyncio.Event(), False
        self.finished = 0

    async def run_once(self) -> int:
        self.begun.set()
        try:
            await self.let_go.wait()
            await asyncio.sleep(0.1)  # it learns that it is to stop while it works
        except asyncio.CancelledError:
            self.cut = True
            raise
        self.finished += 1
        return 1  # there is more, which comes with the next start


async def test_a_pass_under_way_finishes_and_no_other_begins(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    held, stopping = HeldUp(), asyncio.Event()
    service.duties = [Duty("held up", held.run_once, every_seconds=0.05)]
    service.wakes = [held.let_go.set]
    running = asyncio.create_task(service.run(stopping))
    await asyncio.wait_for(held.begun.wait(), 10)
    stopping.set()
    await running
    assert held.finished == 1
    assert not held.cut
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


async def test_a_pass_that_takes_too_long_is_cut_without_an_error(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    held, stopping = HeldUp(), asyncio.Event()
    woken = asyncio.Event()
    service.duties = [
        Duty("held up", held.run_once, every_seconds=0.05),
        Duty("woken", HeldUp().run_once, every_seconds=60, woken=woken),
    ]
    running = asyncio.create_task(service.run(stopping))
    woken.set()
    await asyncio.wait_for(held.begun.wait(), 10)
    stopping.set()
    await running
    assert held.cut
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


async def test_a_relay_that_fails_for_a_defect_ends_the_service(service: Service, store: Database) -> None:
    async with store.transaction() as connection:
        await connection.execute(text(f"drop table {outbox.fullname}"))
    with pytest.raises(ExceptionGroup) as broken:
        await asyncio.wait_for(service.run(asyncio.Event()), 10)
    assert broken.group_contains(ProgrammingError, match="does not exist")


async def test_what_takes_too_long_is_handed_back_and_held_requests_are_let_go_at_once(
    service: Service, store: Database
) -> None:
    """The relay waits for a lock that is never given."""
    stopping, woken = asyncio.Event(), asyncio.Event()
    service.wakes = [woken.set]
    async with store.transaction() as connection:
        await connection.execute(text(f"lock table {outbox.fullname}"))
        running = asyncio.create_task(service.run(stopping))
        await asyncio.sleep(0.3)
        stopping.set()
        told = time.monotonic()
        await asyncio.wait_for(woken.wait(), 1)
        await running
        assert time.monotonic() - told < 8
