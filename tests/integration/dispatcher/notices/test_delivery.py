"""Delivery: every notice is sent, through the app or a vendor, and the proof is kept. Nothing is given up."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from fastapi import Response
from sqlalchemy import Row, select, text

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import units_of_work
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.domain.reach import VENDOR
from services.dispatcher.notices.channels import Channels
from services.dispatcher.notices.delivery import Delivery
from services.dispatcher.policies.versions import DispatchPolicies
from services.dispatcher.tables import notices
from shared.messaging.outbox import Outbox
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.dispatcher.notices.test_notices import NOW, draft, store
from tests.integration.dispatcher.notices.vendor import LOOPBACK, vendor

ACCEPTED = Response('{"id": 4711}', status_code=202)
BROKEN = Response("out of order\x00\n", status_code=503)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@asynccontextmanager
async def delivery(database: Database, clock: ManualClock, url: str | None = None) -> AsyncIterator[Delivery]:
    units = units_of_work(database, Outbox(tables.outbox, clock), clock, Wakeups(), "", DispatchPolicies.shipped())
    courier = Delivery(units, Channels({} if url is None else {VENDOR: url}, LOOPBACK))
    yield courier
    await courier.close()


async def stored(database: Database) -> dict[str, Row[Any]]:
    async with database.transaction() as connection:
        return {row.recipient: row for row in await connection.execute(select(notices))}


async def test_in_the_app_what_is_stored_is_sent_and_no_more(database: Database, clock: ManualClock) -> None:
    await store(database, draft("enterprise", "e1"), draft("officer", "zhang"), draft("role", "section"))
    clock.advance(timedelta(seconds=1))
    async with delivery(database, clock) as courier:
        assert await courier.run_once() == 3
        assert await courier.run_once() == 0
    for notice in (await stored(database)).values():
        assert (notice.channel, notice.attempts, notice.failure) == ("in_app", 1, None)
        assert (notice.sent_at, notice.delivered_at) == (NOW + timedelta(seconds=1), None)
        assert len(notice.receipt["sha256"]) == 64


async def test_the_vendor_gets_what_is_for_enterprises(database: Database, clock: ManualClock) -> None:
    await store(database, draft("enterprise", "e1"), draft("officer", "zhang"))
    async with vendor(ACCEPTED) as there, delivery(database, clock, there.url) as courier:
        assert await courier.run_once() == 2
    kept = await stored(database)
    (posted,) = there.posted
    assert posted.idempotency_key == posted.body["notice_id"] == str(kept["e1"].notice_id)
    assert posted.body["subject"] == {"zh": "提醒", "en": "Reminder"}
    assert posted.body["body"]["zh"] == "请核查。\n谢谢"
    assert posted.body["enterprise_code"] == "E1"
    assert posted.body["created_at"] == "2026-03-02T09:00:00+08:00"
    assert (kept["e1"].channel, kept["e1"].sent_at, kept["e1"].delivered_at) == ("vendor", NOW, None)
    assert kept["e1"].receipt["status"] == 202
    assert kept["e1"].receipt["body_sha256"] == hashlib.sha256(b'{"id": 4711}').hexdigest()
    assert kept["e1"].receipt["id"] == "4711"
    assert kept["zhang"].channel == "in_app"


async def test_a_vendor_that_fails_twice_is_asked_a_third_time(database: Database, clock: ManualClock) -> None:
    await store(database, draft("enterprise", "e1"))
    async with vendor(BROKEN, BROKEN, ACCEPTED) as there, delivery(database, clock, there.url) as courier:
        assert await courier.run_once() == 1
        waiting = (await stored(database))["e1"]
        assert (waiting.sent_at, waiting.failure) == (None, "the vendor answered 503: out of order")
        clock.advance(timedelta(seconds=29))
        assert await courier.run_once() == 0
        clock.advance(timedelta(seconds=1))
        assert await courier.run_once() == 1
        clock.advance(timedelta(seconds=59))
        assert await courier.run_once() == 0
        clock.advance(timedelta(seconds=1))
        assert await courier.run_once() == 1
    sent = (await stored(database))["e1"]
    assert (sent.attempts, sent.sent_at) == (3, clock.now())
    assert sent.failure == "the vendor answered 503: out of order"
    assert {posted.idempotency_key for posted in there.posted} == {str(sent.notice_id)}


async def test_an_unreachable_vendor_is_never_given_up(database: Database, clock: ManualClock) -> None:
    await store(database, draft("enterprise", "e1"))
    async with vendor(ACCEPTED) as gone:
        pass
    async with delivery(database, clock, gone.url) as courier:
        for attempts in range(1, 12):
            assert await courier.run_once() == 1
            waiting = (await stored(database))["e1"]
            assert waiting.attempts == attempts
            assert "ConnectError" in waiting.failure
            clock.advance(timedelta(hours=1))


async def test_one_failure_holds_up_no_other(database: Database, clock: ManualClock) -> None:
    await store(database, draft("enterprise", "e1"), draft("enterprise", "e2"), draft("enterprise", "e3"))
    async with vendor(BROKEN, ACCEPTED) as there, delivery(database, clock, there.url) as courier:
        assert await courier.run_once() == 3
    sent = [notice.sent_at is not None for notice in (await stored(database)).values()]
    assert sorted(sent) == [False, True, True]


async def test_replicas_share_the_work_and_send_each_notice_once(database: Database, clock: ManualClock) -> None:
    codes = [f"e{number}" for number in range(250)]
    await store(database, *(draft("enterprise", code) for code in codes))
    async with (
        vendor(ACCEPTED) as there,
        delivery(database, clock, there.url) as one,
        delivery(database, clock, there.url) as other,
    ):
        done = 0
        while tried := sum(await asyncio.gather(one.run_once(), other.run_once())):
            done += tried
    assert done == len(there.posted) == 250
    assert len({posted.idempotency_key for posted in there.posted}) == 250


async def test_no_transaction_is_open_while_the_vendor_is_asked(database: Database, clock: ManualClock) -> None:
    await store(database, draft("enterprise", "e1"))
    open_then: list[int] = []

    async def look() -> None:
        async with database.engine.connect() as connection:
            open_then.append(
                await connection.scalar(
                    text(
                        "select count(*) from pg_stat_activity where datname = current_database()"
                        " and pid <> pg_backend_pid() and xact_start is not null"
                    )
                )
            )

    async with vendor(ACCEPTED) as there, delivery(database, clock, there.url) as courier:
        there.while_asked = look
        assert await courier.run_once() == 1
    assert open_then == [0]


async def test_what_a_dying_process_had_in_hand_is_delivered_by_another(database: Database, clock: ManualClock) -> None:
    await store(database, draft("enterprise", "e1"))
    asked = asyncio.Event()

    async def hang_once() -> None:
        if not asked.is_set():
            asked.set()
            await asyncio.sleep(0.5)

    async with (
        vendor(ACCEPTED) as there,
        delivery(database, clock, there.url) as dying,
        delivery(database, clock, there.url) as other,
    ):
        there.while_asked = hang_once
        dying_pass = asyncio.create_task(dying.run_once())
        await asked.wait()
        dying_pass.cancel()
        await asyncio.gather(dying_pass, return_exceptions=True)
        assert await other.run_once() == 0
        clock.advance(timedelta(minutes=2))
        assert await other.run_once() == 1
    notice = (await stored(database))["e1"]
    assert (notice.attempts, notice.sent_at) == (2, clock.now())


async def test_a_vendor_that_says_delivered_at_once_is_believed(database: Database, clock: ManualClock) -> None:
    await store(database, draft("enterprise", "e1"))
    arrived = Response('{"id": "m-1", "status": "delivered"}', status_code=200)
    async with vendor(arrived) as there, delivery(database, clock, there.url) as courier:
        assert await courier.run_once() == 1
    notice = (await stored(database))["e1"]
    assert (notice.sent_at, notice.delivered_at, notice.delivered_by) == (NOW, NOW, "receipt")
