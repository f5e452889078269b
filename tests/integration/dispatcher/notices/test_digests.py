"""Lists: what goes to one person about several cases in a pass, or within the hour, is one notice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Row, select

from services.dispatcher import tables
from services.dispatcher.notices.channels import Channels
from services.dispatcher.notices.delivery import Delivery
from services.dispatcher.notices.wording import NoticeDraft
from shared.contract.events import Bilingual, DeadlineType, Recipient
from shared.contract.roles import Role
from tests.integration.dispatcher.bureau import ENTERPRISE, STATION, Bureau

LEADER, CHIEF = Recipient(role="leader"), Recipient(role="station_chief", station=STATION)


@pytest.fixture
async def courier(bureau: Bureau) -> AsyncIterator[Delivery]:
    delivery = Delivery(bureau.units, Channels({}))
    yield delivery
    await delivery.close()


async def escalated(bureau: Bureau, case_id: UUID, to: Recipient = LEADER, *, rung: int = 3) -> None:
    await bureau.clock_says(
        DeadlineType.ESCALATED, case_id, deadline_id=case_id, recipients=[to], rung=rung, step=f"rung-{rung}"
    )


async def to_role(bureau: Bureau, role: Role) -> list[Row[Any]]:
    async with bureau.database.transaction() as connection:
        notices = tables.notices.c
        found = await connection.execute(
            select(tables.notices)
            .where(notices.recipient == role, notices.purpose != "new_red")
            .order_by(notices.created_at, notices.notice_id)
        )
        return list(found)


async def cases(bureau: Bureau, number: int) -> list[UUID]:
    return [await bureau.red(enterprise=await bureau.know(f"9144030000000000{one:02}")) for one in range(number)]


async def test_several_escalations_are_one_list_that_links_each_case(bureau: Bureau, courier: Delivery) -> None:
    late = await cases(bureau, 4)
    for case_id in late:
        await escalated(bureau, case_id)
    async with bureau.api.app(Role.LEADER) as leader:
        (notice,) = (await leader.get("/v1/notices")).json()["items"]
    assert notice["purpose"] == "digest"
    assert [one["case_id"] for one in notice["matters"]] == [str(case_id) for case_id in late]
    assert [one["href"] for one in notice["matters"]] == [f"cases/{case_id}" for case_id in late]
    assert all(str(case_id) in notice["body"]["zh"] for case_id in late)
    assert "4起案件" in notice["subject"]["zh"]
    assert (notice["case_id"], notice["enterprise_code"]) == (None, None)


async def test_a_list_of_one_is_the_notice_itself(bureau: Bureau) -> None:
    case_id = await bureau.red()
    await escalated(bureau, case_id)
    async with bureau.api.app(Role.LEADER) as leader:
        (notice,) = (await leader.get("/v1/notices")).json()["items"]
    assert (notice["purpose"], notice["case_id"], notice["matters"]) == ("deadline_escalated", str(case_id), [])


async def test_a_first_miss_goes_alone_and_at_once(bureau: Bureau, courier: Delivery) -> None:
    for case_id in await cases(bureau, 2):
        await escalated(bureau, case_id, CHIEF, rung=1)
    await courier.run_once()
    assert [(one.purpose, one.sent_at) for one in await to_role(bureau, Role.STATION_CHIEF)] == [
        ("deadline_escalated", bureau.clock.now())
    ] * 2


async def test_what_was_sent_or_seen_takes_in_nothing_more(bureau: Bureau, courier: Delivery) -> None:
    one, two, three = await cases(bureau, 3)
    await escalated(bureau, one)
    bureau.clock.advance(timedelta(seconds=61))
    await courier.run_once()
    await escalated(bureau, two)
    async with bureau.api.app(Role.LEADER) as leader:
        assert len((await leader.get("/v1/notices")).json()["items"]) == 2
    await escalated(bureau, three)
    assert sorted(row.case_id for row in await to_role(bureau, Role.LEADER)) == sorted([one, two, three])


async def test_within_the_hour_there_is_one_message(bureau: Bureau, courier: Delivery) -> None:
    late = await cases(bureau, 5)
    sent = []
    for case_id in late:
        await escalated(bureau, case_id)
        bureau.clock.advance(timedelta(minutes=13))
        await courier.run_once()
        sent.append(len([row for row in await to_role(bureau, Role.LEADER) if row.sent_at is not None]))
    assert sent == [1, 1, 1, 1, 2]  # the second one goes an hour after the first, with the four that came meanwhile
    first, second = await to_role(bureau, Role.LEADER)
    assert (first.case_id, second.purpose) == (late[0], "digest")


async def test_hundreds_about_one_case_at_once_are_lists_as_well(bureau: Bureau, courier: Delivery) -> None:
    """Each of many matters of a case has its deadlines: one by one, an hour apart, they would go out for weeks."""
    case_id = await bureau.red()
    for first in (0, 150):  # in two batches of events
        async with bureau.units.open() as work:
            work.notify([draft_of(case_id, number) for number in range(first, first + 150)])
    lists = await to_role(bureau, Role.LEADER)
    assert [(one.purpose, one.case_id) for one in lists] == [("digest", case_id)]
    matters = [row for row in await bureau.rows("notice_matters") if row["notice_id"] == lists[0].notice_id]
    assert len(matters) == 300
    assert "1起案件" in lists[0].subject["zh"]


def draft_of(case_id: UUID, number: int) -> NoticeDraft:
    said = Bilingual(zh=f"第 {number} 项逾期", en=f"matter {number} is late")
    return NoticeDraft(
        occasion=f"deadline:{number}:rung-3",
        purpose="deadline_escalated",
        recipient_kind="role",
        recipient=Role.LEADER,
        station=None,
        enterprise_code=ENTERPRISE,
        alert_id=None,
        case_id=case_id,
        subject=said,
        body=said,
    )


async def test_the_same_occasion_stands_in_one_list_once(bureau: Bureau) -> None:
    case_id, other = await cases(bureau, 2)
    for _ in range(2):
        await escalated(bureau, case_id)
        await escalated(bureau, other)
    (row,) = await to_role(bureau, Role.LEADER)
    async with bureau.database.transaction() as connection:
        matters = await connection.scalars(
            select(tables.notice_matters.c.case_id).where(tables.notice_matters.c.notice_id == row.notice_id)
        )
    assert sorted(matters) == sorted([case_id, other])


async def test_two_units_of_work_at_once_write_into_one_list(bureau: Bureau) -> None:
    late = await cases(bureau, 6)
    await asyncio.gather(*(escalated(bureau, case_id) for case_id in late))
    (row,) = await to_role(bureau, Role.LEADER)
    assert all(str(case_id) in row.body["zh"] for case_id in late)


async def test_a_list_that_is_being_sent_holds_up_no_case(bureau: Bureau) -> None:
    """Waited for, it would deadlock with what sends, which holds several."""
    first, second = await cases(bureau, 2)
    await escalated(bureau, first)
    async with bureau.database.transaction() as sending:
        await sending.execute(select(tables.notices).with_for_update())
        async with asyncio.timeout(10):
            await escalated(bureau, second)
    assert {row.case_id for row in await to_role(bureau, Role.LEADER)} == {first, second}


async def test_an_auditor_finds_the_list_by_each_of_its_cases(bureau: Bureau) -> None:
    late = await cases(bureau, 2)
    for case_id in late:
        await escalated(bureau, case_id)
    async with bureau.api.app(Role.AUDITOR) as auditor:
        for case_id in late:
            found = (await auditor.get("/v1/notices", params={"case_id": str(case_id), "purpose": "digest"})).json()
            assert len(found["items"]) == 1
            assert found["items"][0]["seen_at"] is None  # it is the leader's
