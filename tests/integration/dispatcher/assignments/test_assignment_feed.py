"""The officer's feed: own open assignments, conditional requests, and requests held until something changes."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert, text, update

from services.dispatcher import tables
from services.dispatcher.api import assignment_feed
from services.dispatcher.assignments.feed import recheck
from services.dispatcher.cases.unit_of_work import units_of_work
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.policies.versions import DispatchPolicies
from services.dispatcher.tables import assignments, case_alerts, cases, enterprises, outlets
from shared.contract.roles import Role
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock
from shared.web.routes import Routes
from tests.integration.dispatcher.callers import Api

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ENTERPRISE = "91440300MA5EXAMPL1"
FEED = "/v1/assignments"


@pytest.fixture
def wakeups() -> Wakeups:
    return Wakeups()


@pytest.fixture
def api(database: Database, wakeups: Wakeups, settings: Settings, data_directory: Path) -> Api:
    return Api(settings, data_directory, feed(database, wakeups))


def feed(database: Database, wakeups: Wakeups) -> Routes:
    clock = SystemClock()
    units = units_of_work(database, Outbox(tables.outbox, clock), clock, wakeups, "", DispatchPolicies.shipped())
    return assignment_feed.router(database, wakeups, units)


@pytest.fixture
async def officer(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    async with api.app(Role.OFFICER, "zhang", station="shajing") as client:
        yield client


ALERT: dict[str, Any] = {
    "category": "gas_daily_mean_exceedance",
    "category_name": {"zh": "废气日均值超标", "en": "Gas daily mean above the limit"},
    "outlet": {"mn": "A440306000001", "code": "DA001", "name": None, "medium": "gas"},
    "pollutant": {"code": "a21026", "name": "二氧化硫"},
    "observed": 61.2,
    "limit": 50,
    "unit": "mg/m3",
    "grading": {"reason": {"zh": "日均值超过限值", "en": "The daily mean is above the limit"}},
}


async def assign(database: Database, *officers: str, offered_at: datetime = NOW, **assignment: Any) -> UUID:
    """A red case with its alert and the assignments of its team; answers the case."""
    case_id, alert_id = uuid4(), uuid4()
    async with database.transaction() as connection:
        await connection.execute(
            insert(cases).values(
                case_id=case_id,
                enterprise_code=ENTERPRISE,
                alert_id=alert_id,
                kind="on_site",
                level="red",
                state="assigned",
                station="shajing",
                category="gas_daily_mean_exceedance",
                issued_at=NOW,
                opened_at=NOW,
                revision=1,
            )
        )
        await connection.execute(
            insert(case_alerts).values(
                case_id=case_id,
                alert_id=alert_id,
                enterprise_code=ENTERPRISE,
                alert=ALERT | {"alert_id": str(alert_id)},
            )
        )
        for officer, part in zip(officers, ("lead", "second"), strict=False):
            await connection.execute(
                insert(assignments).values(
                    assignment_id=uuid4(),
                    case_id=case_id,
                    enterprise_code=ENTERPRISE,
                    officer=officer,
                    part=part,
                    state="offered",
                    round=1,
                    offered_at=offered_at,
                    explanation={},
                    **assignment,
                )
            )
    return case_id


async def change(database: Database, case_id: UUID, **values: Any) -> None:
    async with database.transaction() as connection:
        await connection.execute(update(cases).where(cases.c.case_id == case_id).values(values))


@asynccontextmanager
async def held(officer: httpx.AsyncClient, wakeups: Wakeups, wait: int = 60) -> AsyncIterator[asyncio.Task[Any]]:
    """A request that knows the present answer, asleep on the server."""
    known = (await officer.get(FEED)).headers["etag"]
    request = asyncio.create_task(officer.get(FEED, params={"wait": wait}, headers={"If-None-Match": known}))
    await asleep(wakeups, 1)
    yield request
    request.cancel()


async def asleep(wakeups: Wakeups, requests: int) -> None:
    async with asyncio.timeout(20):
        while len(wakeups.officers.known()) < requests:  # noqa: ASYNC110  the server tells nobody that it sleeps
            await asyncio.sleep(0.01)


async def test_an_officer_reads_what_the_contract_names(officer: httpx.AsyncClient, database: Database) -> None:
    case_id = await assign(database, "zhang", "li")
    due_at = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
    await change(database, case_id, due_at=due_at, due_text="2026-03-09 24:00", provisional=False)
    async with database.transaction() as connection:
        place = {"longitude": 113.9, "latitude": 22.5, "contacts": [{"name": "王工", "phone": "13800000000"}]}
        known = {"name": "某某厂", "address": "某路", "classification": [], "source": "master", "updated_at": NOW}
        await connection.execute(insert(enterprises).values(code=ENTERPRISE, **known, **place))
    answer = await officer.get(FEED)
    (item,) = answer.json()["items"]
    assert UUID(item.pop("assignment_id"))
    (alert_id,) = item.pop("alert_ids")
    assert UUID(alert_id)
    assert item == {
        "case_id": str(case_id),
        "state": "offered",
        "part": "lead",
        "level": "red",
        "enterprise": {"code": ENTERPRISE, "name": "某某厂", "address": "某路"},
        "due_at": "2026-03-10T00:00:00+08:00",
        "offered_at": "2026-03-02T09:00:00+08:00",
        "case_state": "assigned",
        "kind": "on_site",
        "station": "shajing",
        "due_text": "2026-03-09 24:00",
        "provisional": False,
        "category": {
            "code": "gas_daily_mean_exceedance",
            "zh": "废气日均值超标",
            "en": "Gas daily mean above the limit",
        },
        "outlet": {"mn": "A440306000001", "code": "DA001", "name": None, "medium": "gas"},
        "pollutant": {"code": "a21026", "name": "二氧化硫"},
        "observed": 61.2,
        "limit": 50.0,
        "unit": "mg/m3",
        "reason": {"zh": "日均值超过限值", "en": "The daily mean is above the limit"},
        "position": {"longitude": 113.9, "latitude": 22.5, "of": "enterprise"},
        "contact": {"name": "王工", "phone": "13800000000", "role": None},
        "off_site_first": False,
        "asks_entry_code": False,
        "matters": [],
    }
    assert answer.json()["next"] is None
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_master_data_say_more_of_the_outlet_and_where_it_is(
    officer: httpx.AsyncClient, database: Database
) -> None:
    await assign(database, "zhang", "li")
    async with database.transaction() as connection:
        known = {"enterprise_code": ENTERPRISE, "medium": "water", "updated_at": NOW}
        await connection.execute(
            insert(outlets),
            [
                known | {"code": "DA001", "mn": "M1", "name": "锅炉排放口", "longitude": 113.8, "latitude": 22.7},
                known | {"code": "DA000", "mn": "M2", "name": "别的排放口", "longitude": 113.1, "latitude": 22.1},
            ],
        )
    (item,) = (await officer.get(FEED)).json()["items"]
    # What the event said goes before what is registered.
    assert item["outlet"] == {"mn": "A440306000001", "code": "DA001", "name": "锅炉排放口", "medium": "gas"}
    assert item["position"] == {"longitude": 113.8, "latitude": 22.7, "of": "outlet"}


async def test_only_the_own_open_ones_the_longest_held_first(officer: httpx.AsyncClient, database: Database) -> None:
    later = await assign(database, "li", "zhang", offered_at=NOW + timedelta(hours=1))
    earlier = await assign(database, "zhang", "li")
    await assign(database, "li", "wang")
    await assign(database, "zhang", "li", ended_at=NOW)
    items = (await officer.get(FEED)).json()["items"]
    assert [(item["case_id"], item["part"]) for item in items] == [(str(earlier), "lead"), (str(later), "second")]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', 'W/"other" , W/{}', "*"])
async def test_what_the_caller_knows_is_not_sent_again(
    officer: httpx.AsyncClient, database: Database, form: str
) -> None:
    await assign(database, "zhang", "li")
    etag = (await officer.get(FEED)).headers["etag"]
    assert not etag.startswith("W/")
    again = await officer.get(FEED, headers={"If-None-Match": form.format(etag)})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)


@pytest.mark.parametrize("form", ['"other"', "no tag at all", ""])
async def test_what_the_caller_does_not_know_is_sent_at_once(officer: httpx.AsyncClient, form: str) -> None:
    started = time.monotonic()
    answer = await officer.get(FEED, params={"wait": 60}, headers={"If-None-Match": form})
    assert answer.status_code == 200
    assert time.monotonic() - started < 5


async def test_without_a_tag_nothing_is_held(officer: httpx.AsyncClient) -> None:
    started = time.monotonic()
    assert (await officer.get(FEED, params={"wait": 60})).json() == {"items": [], "next": None}
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "statement",
    [
        "update dispatch.cases set revision = revision + 1",
        "update dispatch.cases set state = 'accepted'",
        "update dispatch.cases set due_at = '2026-03-10T00:00:00+08:00'",
        "update dispatch.cases set due_text = '2026-03-09 24:00'",
        "update dispatch.assignments set state = 'accepted' where officer = 'zhang'",
        "update dispatch.assignments set ended_at = now() where officer = 'zhang'",
        "update dispatch.enterprises set name = '新名称'",
        "update dispatch.enterprises set address = '新地址'",
        "update dispatch.enterprises set longitude = 113.9, latitude = 22.5",
        """update dispatch.enterprises set contacts = '[{"name": "王工", "phone": "13800000000"}]'""",
        "update dispatch.cases set provisional = true",
        "insert into dispatch.outlets select enterprise_code, 'DA001', null, '新排放口', 'gas', 113.9, 22.5, now()"
        " from dispatch.cases",
    ],
)
async def test_whatever_the_answer_shows_changes_the_tag(
    officer: httpx.AsyncClient, database: Database, statement: str
) -> None:
    await assign(database, "zhang", "li")
    async with database.transaction() as connection:
        await connection.execute(
            insert(enterprises).values(code=ENTERPRISE, classification=[], source="event", updated_at=NOW)
        )
    before = await officer.get(FEED)
    async with database.transaction() as connection:
        await connection.execute(text(statement))
    after = await officer.get(FEED, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]


async def test_replicas_in_other_time_zones_give_the_same_tag(
    officer: httpx.AsyncClient, database: Database, database_url: str, settings: Settings, data_directory: Path
) -> None:
    await change(database, await assign(database, "zhang", "li"), due_at=NOW)
    here = (await officer.get(FEED)).headers["etag"]
    async with database.engine.connect() as connection:
        name = await connection.scalar(text("select current_database()"))
        await connection.execute(text(f"alter database {name} set timezone = 'Asia/Tokyo'"))
        await connection.commit()
    elsewhere = Database(database_url)
    api = Api(settings, data_directory, feed(elsewhere, Wakeups()))
    async with api.app(Role.OFFICER, "zhang") as client:
        assert (await client.get(FEED)).headers["etag"] == here
    await elsewhere.close()


async def test_a_held_request_is_answered_by_the_change(
    officer: httpx.AsyncClient, database: Database, wakeups: Wakeups
) -> None:
    async with held(officer, wakeups) as request:
        case_id = await assign(database, "zhang", "li")
        wakeups.officers.wake(["zhang", "li"])
        answer = await asyncio.wait_for(request, 30)
    assert answer.status_code == 200
    assert [item["case_id"] for item in answer.json()["items"]] == [str(case_id)]


async def test_another_officers_change_and_a_false_alarm_wake_nobody(
    officer: httpx.AsyncClient, database: Database, wakeups: Wakeups
) -> None:
    async with held(officer, wakeups, wait=1) as request:
        await assign(database, "li", "wang")
        wakeups.officers.wake(["li", "wang"])
        wakeups.officers.wake(["zhang"])
        answer = await asyncio.wait_for(request, 30)
    assert answer.status_code == 304


async def test_a_change_of_another_replica_is_found_by_the_recheck(
    officer: httpx.AsyncClient, database: Database, wakeups: Wakeups
) -> None:
    assert await recheck(database, wakeups.officers) == 0
    async with held(officer, wakeups) as request:
        assert await recheck(database, wakeups.officers) == 0
        await assign(database, "zhang", "li")
        assert await recheck(database, wakeups.officers) == 1
        assert (await asyncio.wait_for(request, 30)).status_code == 200
    assert await recheck(database, wakeups.officers) == 0


async def test_at_the_end_of_the_wait_nothing_that_changed_is_missed(
    officer: httpx.AsyncClient, database: Database, wakeups: Wakeups
) -> None:
    async with held(officer, wakeups, wait=3) as request:
        await assign(database, "zhang", "li")
        assert (await asyncio.wait_for(request, 30)).status_code == 200


async def test_a_stopping_service_lets_its_callers_go(officer: httpx.AsyncClient, wakeups: Wakeups) -> None:
    async with held(officer, wakeups) as request:
        wakeups.release_all()
        first = await asyncio.wait_for(request, 30)
    late = officer.get(FEED, params={"wait": 60}, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, (await asyncio.wait_for(late, 30)).status_code) == (304, 304)


async def test_a_hundred_held_requests_share_a_pool_of_twenty(
    officer: httpx.AsyncClient, database: Database, wakeups: Wakeups
) -> None:
    known = (await officer.get(FEED)).headers["etag"]
    requests = [
        asyncio.create_task(officer.get(FEED, params={"wait": 60}, headers={"If-None-Match": known}))
        for _ in range(100)
    ]
    await asleep(wakeups, 100)
    async with database.engine.connect() as connection:
        others = await connection.scalar(
            text(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and pid <> pg_backend_pid() and xact_start is not null"
            )
        )
    wakeups.release_all()
    assert {answer.status_code for answer in await asyncio.gather(*requests)} == {304}
    assert others == 0
    assert not wakeups.officers.known()


async def test_being_woken_before_sleeping_counts(wakeups: Wakeups) -> None:
    with wakeups.officers.hold("zhang") as request:
        wakeups.officers.wake(["zhang"])
        async with asyncio.timeout(5):
            await request.wait("revision", 60)


async def test_a_stream_ends_with_the_token_it_was_opened_with(api: Api, database: Database) -> None:
    await assign(database, "zhang", "li")
    async with api.app(Role.OFFICER, "zhang", life=timedelta(seconds=1)) as officer:
        answer = await asyncio.wait_for(officer.get(f"{FEED}/stream"), 20)
        assert answer.text.count("event: assignments") == 1
    async with api.app(Role.OFFICER, "zhang", life=timedelta(seconds=-5)) as officer:  # within the leeway
        assert "event: assignments" not in (await asyncio.wait_for(officer.get(f"{FEED}/stream"), 20)).text


async def test_a_request_is_not_held_beyond_its_token(api: Api, database: Database) -> None:
    async with api.app(Role.OFFICER, "zhang", life=timedelta(seconds=1)) as officer:
        known = (await officer.get(FEED)).headers["etag"]
        held = officer.get(FEED, params={"wait": 60}, headers={"If-None-Match": known})
        assert (await asyncio.wait_for(held, 20)).status_code == 304
    async with api.app(Role.OFFICER, "zhang", life=timedelta(seconds=-40)) as officer:
        assert (await officer.get(FEED)).status_code == 401


@pytest.mark.parametrize("wait", ["61", "-1", "long"])
async def test_a_wait_beyond_the_limit_is_refused(officer: httpx.AsyncClient, wait: str) -> None:
    refused = await officer.get(FEED, params={"wait": wait})
    assert refused.status_code == 422
    assert "wait" in refused.json()["detail"]


async def test_only_officers_have_assignments(api: Api) -> None:
    async with api.app(Role.STATION_CHIEF, station="shajing") as chief:
        assert (await chief.get(FEED)).status_code == 403
