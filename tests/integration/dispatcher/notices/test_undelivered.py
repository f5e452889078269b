"""A notice on whose arrival a clock depends arrives by some channel, or the station is told to phone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import Response
from sqlalchemy import insert, select, update

from services.dispatcher import tables
from services.dispatcher.handlers.deliveries import ReceiptBody, take_receipt
from services.dispatcher.handlers.undelivered import UndeliveredNotices
from services.dispatcher.notices.channels import Channels
from services.dispatcher.notices.delivery import Delivery
from shared.contract.events import DeadlineType, Recipient
from shared.contract.roles import Role
from shared.settings import NoticeChannel, Settings
from shared.time.instants import shown
from tests.integration.dispatcher.bureau import ELSEWHERE, ENTERPRISE, STATION, Bureau, open_bureau
from tests.integration.dispatcher.notices.vendor import LOOPBACK, vendor
from tests.plans import Statements

TAKEN, BROKEN = Response('{"id": 1}', status_code=202), Response("out of order", status_code=503)
KEY = "receipts-of-the-sms-vendor"
Json = dict[str, Any]


class Reach:
    """The passes that send and that look at what did not arrive, over a bureau."""

    def __init__(self, bureau: Bureau, **vendors: str) -> None:
        channels = Channels(vendors, LOOPBACK)
        self.bureau, self.delivery = bureau, Delivery(bureau.units, channels)
        self.undelivered = UndeliveredNotices(bureau.units, channels.names)

    async def after(self, **span: float) -> None:
        """Let time pass; both passes run before and after."""
        await self.run()
        self.bureau.clock.advance(timedelta(**span))
        await self.run()

    async def run(self) -> None:
        while await self.delivery.run_once() + await self.undelivered.run_once():
            pass

    async def demand(self) -> Json:
        """The notice that asked the enterprise for its self-report."""
        (row,) = [row for row in await self.bureau.rows("notices") if row["purpose"] == "self_report_demand"]
        return row

    async def phoned(self) -> list[str]:
        rows = await self.bureau.rows("notices")
        return [row["recipient"] for row in rows if row["purpose"] == "notice_undelivered"]


@pytest.fixture
async def reach(bureau: Bureau) -> AsyncIterator[Reach]:
    there = Reach(bureau)
    yield there
    await there.delivery.close()


async def contacts(bureau: Bureau, *channels: Json) -> None:
    async with bureau.database.transaction() as connection:
        await connection.execute(
            update(tables.enterprises)
            .where(tables.enterprises.c.code == ENTERPRISE)
            .values(
                contacts=[{"name": "王厂长", "phone": "13800138000", "role": "环保负责人"}], channels=list(channels)
            )
        )


async def calls(app: httpx.AsyncClient, **asked: str) -> list[Json]:
    answer = await app.get("/v1/notices/undelivered", params=asked)
    assert answer.is_success, answer.text
    items: list[Json] = answer.json()["items"]
    return items


async def test_a_demand_that_nobody_fetches_is_the_stations_work(bureau: Bureau, reach: Reach) -> None:
    await contacts(bureau)
    case_id = await bureau.yellow()
    await reach.after(minutes=9, seconds=59)
    assert await reach.phoned() == []
    await reach.after(seconds=1)
    assert await reach.phoned() == ["station_chief"]
    notice = await reach.demand()
    assert (notice["sent_at"], notice["delivered_at"], notice["told_at"]) == (
        notice["created_at"],
        None,
        bureau.clock.now(),
    )
    async with bureau.chief() as chief, bureau.chief(ELSEWHERE) as stranger:
        (call,) = await calls(chief)
        assert await calls(stranger) == []
        case = (await chief.get(f"/v1/cases/{case_id}")).json()
        timeline = (await chief.get(f"/v1/cases/{case_id}/timeline")).json()["items"]
        told = (await chief.get("/v1/notices", params={"purpose": "notice_undelivered"})).json()["items"]
    assert call["phones"] == [{"name": "王厂长", "phone": "13800138000", "role": "环保负责人"}]
    assert [one["case_id"] for one in call["cases"]] == [str(case_id)]
    assert [one["notice_id"] for one in case["undelivered"]] == [str(notice["notice_id"])]
    (entry,) = [one for one in timeline if one["type"].endswith("notice.undelivered.v1")]
    assert [one["channel"] for one in entry["detail"]["tried"]] == ["in_app"]
    assert "13800138000" in told[0]["body"]["zh"]
    async with bureau.enterprise() as enterprise:
        own = (await enterprise.get(f"/v1/cases/{case_id}")).json()
        seen = (await enterprise.get(f"/v1/cases/{case_id}/timeline")).json()["items"]
        refused = await enterprise.get("/v1/notices/undelivered")
    assert own["undelivered"] == []
    assert not [one for one in seen if "notice" in one["type"]]
    assert refused.status_code == 403


async def test_what_the_recipient_fetched_in_time_is_nobodys_work(bureau: Bureau, reach: Reach) -> None:
    await bureau.yellow()
    await reach.after(minutes=5)
    async with bureau.enterprise() as enterprise:
        await enterprise.get("/v1/notices")
    await reach.after(hours=1)
    assert await reach.phoned() == []
    notice = await reach.demand()
    assert notice["seen_at"] == notice["delivered_at"] == bureau.clock.now() - timedelta(hours=1)
    assert notice["delivered_by"] == "fetch"


async def test_the_next_channel_is_tried_before_anybody_phones(bureau: Bureau) -> None:
    await contacts(bureau, {"channel": "sms", "address": "13800138000"})
    await bureau.yellow()
    async with vendor(BROKEN) as dead, vendor(TAKEN) as sms:
        reach = Reach(bureau, vendor=dead.url, sms=sms.url)
        await reach.after(minutes=10)
        (posted,) = sms.posted
        assert posted.body["address"] == "13800138000"
        assert await reach.phoned() == []
        notice = await reach.demand()
        assert (notice["channel"], notice["address"], notice["sent_at"]) == ("sms", "13800138000", bureau.clock.now())
        assert [(one["channel"], one["taken"]) for one in notice["tried"]] == [("vendor", False)]
        await reach.after(minutes=10)
        assert await reach.phoned() == ["station_chief"]
        await reach.delivery.close()


async def test_a_receipt_says_that_it_arrived(bureau: Bureau, settings: Settings, data_directory: Any) -> None:
    await contacts(bureau, {"channel": "sms", "address": "13800138000"})
    async with vendor(TAKEN) as sms:
        known = settings.model_copy(update={"notice_channels": {"sms": NoticeChannel(url=sms.url, receipt_key=KEY)}})
        async with bureau.database.transaction() as connection:
            for table in (tables.stations, tables.officers, tables.enterprises):
                await connection.execute(table.delete())
        bureau = await open_bureau(bureau.database, bureau.clock, known, data_directory)
        await contacts(bureau, {"channel": "sms", "address": "13800138000"})
        await bureau.yellow()
        reach = Reach(bureau, sms=sms.url)
        await reach.after(minutes=3)
        receipt = {"notice_id": str((await reach.demand())["notice_id"]), "status": "delivered", "id": "4711"}
        async with bureau.enterprise() as app:  # any HTTP client: the key is what counts
            path = "/v1/channels/sms/receipts"
            assert (await app.post(path, json=receipt)).status_code == 401
            assert (await app.post(path, json=receipt, headers={"X-API-Key": "another"})).status_code == 401
            assert (
                await app.post("/v1/channels/vendor/receipts", json=receipt, headers={"X-API-Key": KEY})
            ).status_code == 401
            taken = await app.post(path, json=receipt, headers={"X-API-Key": KEY})
            again = await app.post(path, json=receipt | {"status": "failed"}, headers={"X-API-Key": KEY})
            unknown = receipt | {"notice_id": "01900000-0000-7000-8000-000000000000"}
            assert (await app.post(path, json=unknown, headers={"X-API-Key": KEY})).status_code == 404
        assert taken.json()["state"] == again.json()["state"] == "delivered"
        await reach.after(hours=1)
        notice = await reach.demand()
        assert (notice["delivered_by"], notice["seen_at"]) == ("receipt", None)
        assert await reach.phoned() == []
        await reach.delivery.close()


async def test_a_receipt_that_it_failed_waits_for_nothing(bureau: Bureau) -> None:
    await contacts(bureau, {"channel": "sms", "address": "13800138000"})
    await bureau.yellow()
    async with vendor(TAKEN) as own, vendor(TAKEN) as sms:
        reach = Reach(bureau, vendor=own.url, sms=sms.url)
        await reach.run()
        failed = ReceiptBody(notice_id=(await reach.demand())["notice_id"], status="failed", detail="空号")
        async with bureau.units.open() as work:
            await take_receipt(work, "vendor", failed)
        await reach.run()
        assert len(sms.posted) == 1  # the next channel, at once
        async with bureau.units.open() as work:
            await take_receipt(work, "vendor", failed)  # again, and late
        await reach.run()
        assert await reach.phoned() == []
        async with bureau.units.open() as work:
            await take_receipt(work, "sms", failed)
        await reach.run()
        assert await reach.phoned() == ["station_chief"]
        await reach.delivery.close()


async def test_what_was_phoned_for_and_arrives_after_all_is_published(bureau: Bureau, reach: Reach) -> None:
    case_id, notice_id = await undelivered_demand(bureau, reach)
    (undelivered,) = await bureau.told("notice.undelivered")
    assert (undelivered["notice_id"], undelivered["case_id"], undelivered["channels"]) == (
        notice_id,
        str(case_id),
        ["in_app"],
    )
    assert undelivered["recipients"] == [{"role": "station_chief", "station": STATION}]
    bureau.clock.advance(timedelta(minutes=1))
    async with bureau.enterprise() as enterprise:
        await enterprise.get("/v1/notices")
        await enterprise.get("/v1/notices")
    (delivered,) = await bureau.told("notice.delivered")
    assert (delivered["notice_id"], delivered["delivered_by"]) == (notice_id, "fetch")
    await reach.after(hours=2)
    assert await reach.phoned() == ["station_chief"]


async def test_an_officer_who_accepts_has_heard(bureau: Bureau, reach: Reach) -> None:
    case_id = await bureau.red()
    lead, own = next(iter((await bureau.team(case_id)).items()))
    async with bureau.officer(lead) as app:
        assert (await app.post(f"/v1/assignments/{own}/accept")).is_success
    await reach.after(minutes=30)
    (undelivered,) = [row for row in await bureau.rows("notices") if row["told_at"] is not None]
    assert (undelivered["purpose"], undelivered["recipient"] != lead) == ("case_offered", True)


async def test_an_officer_who_fetched_the_case_has_seen_that_it_was_offered(bureau: Bureau, reach: Reach) -> None:
    case_id = await bureau.red()
    for code in await bureau.team(case_id):
        async with bureau.officer(code) as app:
            assert len((await app.get("/v1/assignments")).json()["items"]) == 1
    await reach.after(minutes=30)
    assert await reach.phoned() == []
    offers = [row for row in await bureau.rows("notices") if row["purpose"] == "case_offered"]
    assert {(row["seen_at"], row["delivered_by"]) for row in offers} == {(offers[0]["created_at"], "fetch")}


async def test_whoever_hears_of_the_miss_hears_that_the_clock_ran_unheard(bureau: Bureau, reach: Reach) -> None:
    case_id, notice_id = await undelivered_demand(bureau, reach)
    chief = [Recipient(role="station_chief", station=STATION)]
    await bureau.clock_says(DeadlineType.ESCALATED, case_id, recipients=chief, rung=1, step="rung-1")
    record = {"means": "phone", "at": shown(bureau.clock.now()), "received_by": "王厂长", "witness": "李晓敏"}
    async with bureau.officer("chen") as officer:
        assert (await officer.post(f"/v1/notices/{notice_id}/delivery", json=record)).is_success
    await bureau.clock_says(DeadlineType.ESCALATED, case_id, recipients=chief, rung=1, step="rung-1")
    escalated = [row for row in await bureau.rows("notices") if row["purpose"] == "deadline_escalated"]
    assert ["尚未送达" in row["body"]["zh"] for row in escalated] == [True, False]
    async with bureau.chief() as app:
        timeline = (await app.get(f"/v1/cases/{case_id}/timeline")).json()["items"]
    assert [one["detail"].get("unheard") for one in timeline if one["type"].endswith("escalated.v1")] == [True, None]


async def test_a_reminder_that_does_not_arrive_is_phoned_too(bureau: Bureau, reach: Reach) -> None:
    case_id = await bureau.yellow()
    async with bureau.enterprise() as enterprise:
        await enterprise.get("/v1/notices")
    await reach.after(hours=5)
    await bureau.clock_says(DeadlineType.WARNED, case_id, recipients=[Recipient(role="enterprise")], step="warned-5h")
    await reach.after(minutes=11)
    assert await reach.phoned() == ["station_chief"]


async def test_an_answer_ends_the_waiting(bureau: Bureau, reach: Reach) -> None:
    case_id = await bureau.yellow()
    report = {"cause": "设备故障", "measures": "已修复", "finished_at": shown(bureau.clock.now())}
    async with bureau.enterprise() as enterprise:
        assert (await enterprise.post(f"/v1/cases/{case_id}/self-report", json=report)).is_success
    await reach.after(minutes=11)
    assert await reach.phoned() == []
    assert (await reach.demand())["deliver_by"] is None


async def undelivered_demand(bureau: Bureau, reach: Reach) -> tuple[UUID, str]:
    case_id = await bureau.yellow()
    await reach.after(minutes=10)
    return case_id, str((await reach.demand())["notice_id"])


async def test_a_person_records_time_and_witness(bureau: Bureau, reach: Reach) -> None:
    case_id, notice_id = await undelivered_demand(bureau, reach)
    at = shown(bureau.clock.now() + timedelta(minutes=5))
    record = {"means": "phone", "at": at, "received_by": "王厂长", "witness": "李晓敏"}
    bureau.clock.advance(timedelta(minutes=6))
    path = f"/v1/notices/{notice_id}/delivery"
    async with bureau.officer("chen") as officer, bureau.officer("ma", ELSEWHERE) as stranger, bureau.chief() as chief:
        assert (await stranger.post(path, json=record)).status_code == 404
        for wrong in (
            {"at": shown(bureau.clock.now() + timedelta(hours=1))},
            {"at": "2026-03-01T08:00:00+08:00"},
            {"witness": "chen"},
            {"witness": "王厂长"},
            {"witness": " "},
        ):
            assert (await officer.post(path, json=record | wrong)).status_code == 422
        kept = await officer.post(path, json=record)
        again = await officer.post(path, json=record)
        assert await calls(chief) == []
        (done,) = await calls(chief, state="all")
        case = (await chief.get(f"/v1/cases/{case_id}")).json()
        timeline = (await chief.get(f"/v1/cases/{case_id}/timeline")).json()["items"]
    assert kept.is_success, kept.text
    assert (kept.json()["delivered_at"], kept.json()["delivered_by"], kept.json()["seen_at"]) == (at, "phone", None)
    assert kept.json()["receipt"]["recorded_by"] == "chen"
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "delivered-already")
    assert done["delivered_by"] == case["undelivered"][0]["delivered_by"] == "phone"
    (entry,) = [one for one in timeline if one["type"].endswith("notice.delivered.v1")]
    assert (entry["claimed_at"], entry["actor_subject"], entry["detail"]["witness"]) == (at, "chen", "李晓敏")


async def test_no_enterprise_records_its_own_delivery(bureau: Bureau, reach: Reach) -> None:
    _, notice_id = await undelivered_demand(bureau, reach)
    async with bureau.enterprise() as enterprise:
        assert (await enterprise.post(f"/v1/notices/{notice_id}/delivery", json={})).status_code == 403


async def test_a_page_of_them_takes_no_more_statements_than_one(bureau: Bureau, reach: Reach) -> None:
    """Each of its own would hold the cases of a hundred enterprises for seconds, while alerts wait for them."""

    async def statements(name: str, number: int) -> int:
        for one in range(number):
            await bureau.yellow(enterprise=await bureau.know(f"91440300{name}{one:09}"))
        await reach.delivery.run_once()
        bureau.clock.advance(timedelta(minutes=10))
        asked = Statements()
        with asked.of(bureau.database):
            assert await reach.undelivered.run_once() == number
        return asked.number

    await statements("0", 1)  # reads the policy, which is kept
    assert await statements("1", 1) == await statements("2", 12)


async def test_of_long_lists_few_are_taken_at_a_time(bureau: Bureau, reach: Reach) -> None:
    """All their cases are locked: of a hundred lists of two hundred it would be for minutes."""
    said, now = {"zh": "已指派", "en": "assigned"}, bureau.clock.now()
    lists = [uuid4() for _ in range(4)]
    about = {"purpose": "digest", "enterprise_code": ENTERPRISE, "subject": said, "body": said}
    sent = {"recipient_kind": "officer", "recipient": "chen", "created_at": now, "attempts": 1, "attempt_at": now}
    async with bureau.database.transaction() as connection:
        await connection.execute(
            insert(tables.notices),
            [about | sent | {"notice_id": one, "occasion": str(one), "deliver_by": now} for one in lists],
        )
        await connection.execute(
            insert(tables.notice_matters),
            [
                about | {"notice_id": one, "case_id": uuid4(), "occasion": f"{one}:{matter}", "added_at": now}
                for one in lists
                for matter in range(200)
            ],
        )
    assert [await reach.undelivered.run_once() for _ in range(3)] == [2, 2, 0]


async def test_two_replicas_tell_the_station_once(bureau: Bureau, reach: Reach) -> None:
    await bureau.yellow()
    await reach.delivery.run_once()
    bureau.clock.advance(timedelta(minutes=10))
    other = Reach(bureau)
    await asyncio.gather(reach.undelivered.run_once(), other.undelivered.run_once())
    assert await reach.phoned() == ["station_chief"]
    async with bureau.database.transaction() as connection:
        types = list(await connection.scalars(select(tables.timeline.c.type)))
    assert sum(one.endswith("notice.undelivered.v1") for one in types) == 1
    async with bureau.api.app(Role.SECTION) as section:
        assert len(await calls(section)) == 1
