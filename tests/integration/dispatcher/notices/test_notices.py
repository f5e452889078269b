"""Notices: stored once, seen by those they are for only, acknowledged by them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

import pytest
from aiokafka import TopicPartition
from sqlalchemy import select

from services.dispatcher import tables
from services.dispatcher.api import notices
from services.dispatcher.build import assemble
from services.dispatcher.cases.unit_of_work import units_of_work
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.notices.queueing import enqueue
from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.policies.versions import DispatchPolicies
from shared.contract.events import Bilingual
from shared.contract.roles import Role
from shared.messaging.brakes.tally import Excess
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from shared.web.idempotency import Mutations
from tests.integration.dispatcher.callers import Api

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def api(database: Database, clock: ManualClock, settings: Settings, data_directory: Path) -> Api:
    units = units_of_work(
        database, Outbox(tables.outbox, clock), clock, Wakeups(), settings.topic_prefix, DispatchPolicies.shipped()
    )
    routes = notices.router(units, Mutations(units, tables.idempotency))
    return Api(settings, data_directory, routes)


def draft(
    kind: Literal["enterprise", "officer", "role"],
    recipient: str,
    *,
    station: str | None = None,
    occasion: str | None = None,
    case_id: UUID | None = None,
    purpose: str = "white_reminder",
) -> NoticeDraft:
    return NoticeDraft(
        occasion=occasion or f"{kind}:{recipient}:{station}",
        purpose=purpose,
        recipient_kind=kind,
        recipient=recipient,
        station=station,
        enterprise_code="E1",
        alert_id=None,
        case_id=case_id,
        subject=Bilingual(zh="提醒", en="Reminder"),
        body=Bilingual(zh="请核查。\n谢谢", en="Please check.\nThank you"),
    )


async def store(database: Database, *drafts: NoticeDraft, now: datetime = NOW) -> None:
    async with database.transaction() as connection:
        await enqueue(connection, drafts, now, DispatchPolicy.load())


async def occasions(database: Database) -> list[str]:
    async with database.transaction() as connection:
        return sorted(await connection.scalars(select(tables.notices.c.occasion)))


async def test_the_same_occasion_is_told_once(database: Database) -> None:
    await store(database, draft("officer", "zhang", occasion="a"), draft("officer", "zhang", occasion="a"))
    await store(database, draft("officer", "zhang", occasion="a"), draft("officer", "zhang", occasion="b"))
    await store(database)
    assert await occasions(database) == ["a", "b"]


@pytest.mark.parametrize(
    ("role", "subject", "station", "enterprise", "seen"),
    [
        (Role.ENTERPRISE, "someone", None, "E1", {"E1"}),
        (Role.ENTERPRISE, "E1", None, None, {"E1"}),  # named by its code alone
        (Role.OFFICER, "zhang", "shajing", None, {"zhang"}),
        (Role.STATION_CHIEF, "zhang", "shajing", None, {"station_chief"}),
        (Role.STATION_CHIEF, "zhang", None, None, set()),
        (Role.SECTION, "zhang", None, None, {"section"}),
        (Role.LEADER, "zhang", None, None, {"leader"}),
        (Role.AUDITOR, "zhang", None, None, {"E1", "E2", "zhang", "li", "station_chief", "section", "leader"}),
    ],
)
async def test_each_sees_the_own_notices(
    api: Api,
    database: Database,
    role: Role,
    subject: str,
    station: str | None,
    enterprise: str | None,
    seen: set[str],
) -> None:
    await store(
        database,
        draft("enterprise", "E1"),
        draft("enterprise", "E2"),
        draft("officer", "zhang"),
        draft("officer", "li"),
        draft("role", "station_chief", station="shajing"),
        draft("role", "station_chief", station="fuyong"),
        draft("role", "section"),
        draft("role", "leader"),
    )
    async with api.app(role, subject, station=station, enterprise=enterprise) as app:
        items = (await app.get("/v1/notices")).json()["items"]
    assert {item["recipient"] for item in items} == seen
    if role is Role.STATION_CHIEF:
        assert all(item["station"] == station for item in items)


async def test_a_platform_has_no_notices(api: Api) -> None:
    async with api.app(Role.PLATFORM) as platform:
        assert (await platform.get("/v1/notices")).status_code == 403


async def test_the_newest_come_first_page_by_page(api: Api, database: Database) -> None:
    for hour in range(2):
        drafts = [draft("officer", "zhang", occasion=f"{hour}:{number}") for number in range(3)]
        await store(database, *drafts, now=NOW + timedelta(hours=hour))
    async with api.app(Role.OFFICER, "zhang") as officer:
        pages, cursor = [], None
        while True:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await officer.get("/v1/notices", params=params)).json()
            pages.append(page["items"])
            cursor = page["next"]
            if cursor is None:
                break
        forged = await officer.get("/v1/notices", params={"cursor": "WyIyMDI2LTAxLTAxIiwieCJd"})
    items = [item for page in pages for item in page]
    assert [len(page) for page in pages] == [2, 2, 2]
    assert len({item["notice_id"] for item in items}) == 6
    assert [item["created_at"][11:13] for item in items] == ["10"] * 3 + ["09"] * 3
    assert forged.status_code == 422


async def test_an_auditor_asks_what_was_told_of_a_case_and_to_whom(api: Api, database: Database) -> None:
    case = uuid4()
    await store(
        database,
        draft("enterprise", "E1", case_id=case),
        draft("officer", "zhang", case_id=case, purpose="case_offered"),
        draft("officer", "li"),
    )
    async with api.app(Role.AUDITOR) as auditor:

        async def recipients(**filters: str) -> set[str]:
            items = (await auditor.get("/v1/notices", params=filters)).json()["items"]
            return {item["recipient"] for item in items}

        assert await recipients(case_id=str(case)) == {"E1", "zhang"}
        assert await recipients(recipient_kind="officer") == {"zhang", "li"}
        assert await recipients(recipient_kind="officer", recipient="li") == {"li"}
        assert await recipients(purpose="case_offered") == {"zhang"}


async def test_a_filter_shows_nobody_elses_notices(api: Api, database: Database) -> None:
    await store(database, draft("officer", "zhang"), draft("officer", "li"))
    async with api.app(Role.OFFICER, "zhang") as officer:
        assert (await officer.get("/v1/notices", params={"recipient": "li"})).json()["items"] == []


async def test_the_first_acknowledgement_counts(api: Api, database: Database, clock: ManualClock) -> None:
    await store(database, draft("enterprise", "E1"))
    async with api.app(Role.ENTERPRISE, enterprise="E1") as app:
        (notice,) = (await app.get("/v1/notices")).json()["items"]
        path = f"/v1/notices/{notice['notice_id']}/acknowledge"
        first = await app.post(path)
        clock.advance(timedelta(hours=1))
        again = await app.post(path)
    assert notice["acknowledged_at"] is None
    assert (
        first.json()
        == again.json()
        == notice | {"acknowledged_at": "2026-03-02T09:00:00+08:00", "state": "acknowledged"}
    )


async def test_nobody_acknowledges_for_another(api: Api, database: Database) -> None:
    await store(database, draft("enterprise", "E1"))
    async with api.app(Role.ADMIN) as admin, api.app(Role.ENTERPRISE, enterprise="E2") as other:
        (notice,) = (await admin.get("/v1/notices")).json()["items"]
        path = f"/v1/notices/{notice['notice_id']}/acknowledge"
        assert (await other.post(path)).status_code == 404
        assert (await admin.post(path)).status_code == 403
        (untouched,) = (await admin.get("/v1/notices")).json()["items"]
    assert untouched["acknowledged_at"] is None


async def test_a_partition_that_the_dispatcher_itself_has_stopped_is_noticed(
    database: Database, clock: ManualClock, settings: Settings
) -> None:
    """Its own topic, on which the others learn of it, it does not read."""
    brakes = assemble(settings, clock, database, Outbox(tables.outbox, clock)).brakes
    await brakes.put_on("dispatcher", TopicPartition("alerts", 1), 7, Excess(1200, 2000))
    columns = tables.notices.c
    async with database.autocommit() as connection:
        rows = (await connection.execute(select(columns.recipient, columns.purpose, columns.body))).all()
    assert sorted((row.recipient, row.purpose) for row in rows) == [
        ("admin", "consumer_braked"),
        ("section", "consumer_braked"),
    ]
    assert "alerts/1/7" in rows[0].body["zh"]
    assert "1200 of the last 2000" in rows[0].body["en"]
