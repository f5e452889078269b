"""Master data: who writes and reads which record, what is refused, and lists that page."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from services.dispatcher.api import master_data
from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.cases.unit_of_work import units_of_work
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.policies.versions import DispatchPolicies
from services.dispatcher.tables import enterprises, idempotency, outbox
from shared.contract.roles import Role
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.dispatcher.callers import Api
from tests.records import put

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STATION = {"name": "沙井所", "district": "440306", "streets": ["沙井"]}
ENTERPRISE = "91440300MA5EXAMPL1"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def api(database: Database, clock: ManualClock, settings: Settings, data_directory: Path) -> Api:
    units = units_of_work(
        database, Outbox(outbox, clock), clock, Wakeups(), settings.topic_prefix, DispatchPolicies.shipped()
    )
    mutations = CaseMutations(units, idempotency)
    return Api(settings, data_directory, master_data.router(database, mutations))


async def stations(api: Api, *codes: str) -> None:
    async with api.app(Role.ADMIN) as admin:
        for code in codes:
            assert (await admin.put(f"/v1/stations/{code}", json=STATION)).is_success


async def test_what_is_written_is_read(api: Api) -> None:
    await stations(api, "shajing")
    enterprise = {"name": "深圳某某电子有限公司", "station": "shajing", "longitude": 113.8, "latitude": 22.7}
    async with api.app(Role.SECTION) as section:
        written = await section.put(
            f"/v1/enterprises/{ENTERPRISE}", json=enterprise | {"classification": ["key_unit", "voc_c"]}
        )
    async with api.app(Role.OFFICER, station="shajing") as officer:
        got = await officer.get(f"/v1/enterprises/{ENTERPRISE}")
        station = await officer.get("/v1/stations/shajing")
    assert written.status_code == got.status_code == 200
    assert (
        written.json()
        == got.json()
        == {
            "code": ENTERPRISE,
            "name": "深圳某某电子有限公司",
            "address": None,
            "district": None,
            "street": None,
            "grid_cell": None,
            "station": "shajing",
            "longitude": 113.8,
            "latitude": 22.7,
            "classification": ["key_unit", "voc_c"],
            "contacts": [],
            "channels": [],
            "source": "master",
            "entry_code_set_at": None,
            "updated_at": "2026-03-02T09:00:00+08:00",
            "etag": got.headers["ETag"].strip('"'),
        }
    )
    assert station.json() == STATION | {
        "code": "shajing",
        "grid_cells": [],
        "longitude": None,
        "latitude": None,
        "updated_at": "2026-03-02T09:00:00+08:00",
        "etag": station.headers["ETag"].strip('"'),
    }


async def test_a_put_replaces_the_whole_record(api: Api, clock: ManualClock) -> None:
    await stations(api, "shajing")
    async with api.app(Role.ADMIN) as admin:
        first = await admin.put("/v1/officers/zhang", json={"name": "张伟", "station": "shajing", "skills": ["gas"]})
        clock.move_to(datetime(2026, 3, 3, tzinfo=UTC))
        await put(admin, "/v1/officers/zhang", {"name": "张伟", "station": "shajing", "on_duty": False})
        second = await admin.get("/v1/officers/zhang")
    assert (first.json()["certified"], first.json()["on_duty"], first.json()["skills"]) == (True, True, ["gas"])
    assert (second.json()["certified"], second.json()["on_duty"], second.json()["skills"]) == (True, False, [])
    assert second.json()["updated_at"] == "2026-03-03T08:00:00+08:00"


async def test_an_enterprise_known_from_an_event_becomes_master_data(api: Api, database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            insert(enterprises).values(
                code=ENTERPRISE, name="平台 所报\n名称", classification=[], source="event", updated_at=NOW
            )
        )
    async with api.app(Role.ADMIN) as admin:
        before = await admin.get(f"/v1/enterprises/{ENTERPRISE}")
        after = await put(admin, f"/v1/enterprises/{ENTERPRISE}", {"name": "登记名称"})
    assert (before.json()["name"], before.json()["source"]) == ("平台 所报\n名称", "event")
    assert (after.json()["name"], after.json()["source"]) == ("登记名称", "master")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("officers/zhang", {"name": "张伟", "station": "nowhere"}),
        (f"enterprises/{ENTERPRISE}", {"name": "某厂", "station": "nowhere"}),
    ],
)
async def test_an_unknown_station_is_refused_by_name(api: Api, path: str, body: dict[str, Any]) -> None:
    async with api.app(Role.ADMIN) as admin:
        refused = await admin.put(f"/v1/{path}", json=body)
        stored = await admin.get(f"/v1/{path}")
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:tricolor:problem:unknown-station"
    assert "nowhere" in refused.json()["detail"]
    assert stored.status_code == 404


@pytest.mark.parametrize(
    ("body", "at_fault"),
    [
        ({"name": "某厂", "clasification": []}, "clasification"),
        ({"name": "某厂", "classification": ["key"]}, "classification"),
        ({"name": "某厂", "longitude": 113.8}, "longitude"),
        ({"name": "某厂", "longitude": 181, "latitude": 22}, "longitude"),
        ({"name": "  "}, "name"),
        ({"name": "某\x00厂"}, "name"),
        ({}, "name"),
    ],
)
async def test_a_record_that_does_not_fit_is_refused_by_field(api: Api, body: dict[str, Any], at_fault: str) -> None:
    async with api.app(Role.ADMIN) as admin:
        refused = await admin.put(f"/v1/enterprises/{ENTERPRISE}", json=body)
    assert refused.status_code == 422
    assert at_fault in refused.json()["detail"]


async def test_a_chief_writes_the_officers_of_the_own_station_only(api: Api) -> None:
    await stations(api, "shajing", "fuyong")
    async with api.app(Role.ADMIN) as admin:
        await admin.put("/v1/officers/li", json={"name": "李丽", "station": "fuyong"})
    async with api.app(Role.STATION_CHIEF, station="shajing") as chief:
        own = await chief.put("/v1/officers/zhang", json={"name": "张伟", "station": "shajing"})
        given_away = await chief.put("/v1/officers/zhang", json={"name": "张伟", "station": "fuyong"})
        taken = await chief.put("/v1/officers/li", json={"name": "李丽", "station": "shajing"})
        station = await chief.put("/v1/stations/shajing", json=STATION)
        officers = (await chief.get("/v1/officers")).json()["items"]
    assert [answer.status_code for answer in (own, given_away, taken, station)] == [200, 403, 403, 403]
    assert {officer["code"]: officer["station"] for officer in officers} == {"zhang": "shajing", "li": "fuyong"}


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEADER, Role.AUDITOR, Role.ENTERPRISE, Role.PLATFORM])
async def test_others_do_not_write(api: Api, role: Role) -> None:
    async with api.app(role) as caller:
        assert (await caller.put("/v1/stations/a", json=STATION)).status_code == 403
        assert (await caller.put("/v1/officers/a", json={"name": "某", "station": "a"})).status_code == 403
        assert (await caller.put("/v1/enterprises/a", json={"name": "某"})).status_code == 403


async def test_an_enterprise_sees_itself_only(api: Api) -> None:
    async with api.app(Role.ADMIN) as admin:
        for code in (ENTERPRISE, "91440300MA5EXAMPL2"):
            await admin.put(f"/v1/enterprises/{code}", json={"name": code})
    async with api.app(Role.ENTERPRISE, enterprise=ENTERPRISE) as app:
        assert (await app.get(f"/v1/enterprises/{ENTERPRISE}")).json()["name"] == ENTERPRISE
        assert (await app.get("/v1/enterprises/91440300MA5EXAMPL2")).status_code == 404
        for path in ("enterprises", "officers", "stations", "officers/zhang", "stations/shajing"):
            assert (await app.get(f"/v1/{path}")).status_code == 403


async def test_lists_page_by_code_and_filter_by_station(api: Api) -> None:
    await stations(api, "shajing", "fuyong")
    async with api.app(Role.ADMIN) as admin:
        for number in range(5):
            station = "shajing" if number % 2 == 0 else "fuyong"
            await admin.put(f"/v1/officers/o{number}", json={"name": f"甲{number}", "station": station})
    async with api.app(Role.AUDITOR) as auditor:
        seen, cursor = [], None
        while True:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await auditor.get("/v1/officers", params=params)).json()
            seen.append([officer["code"] for officer in page["items"]])
            cursor = page["next"]
            if cursor is None:
                break
        of_station = (await auditor.get("/v1/officers", params={"station": "shajing"})).json()
        forged = await auditor.get("/v1/officers", params={"cursor": "WyJhIiwiYiJd"})
    assert seen == [["o0", "o1"], ["o2", "o3"], ["o4"]]
    assert [officer["code"] for officer in of_station["items"]] == ["o0", "o2", "o4"]
    assert forged.status_code == 422


async def test_a_put_sent_again_with_its_key_is_done_once(api: Api, clock: ManualClock) -> None:
    async with api.app(Role.ADMIN) as admin:
        headers = {"Idempotency-Key": "once"}
        first = await admin.put("/v1/stations/shajing", json=STATION, headers=headers)
        clock.move_to(datetime(2026, 3, 3, tzinfo=UTC))
        again = await admin.put("/v1/stations/shajing", json=STATION, headers=headers)
    assert again.json() == first.json()
