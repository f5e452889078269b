"""Outlets: written by code, found by code or MN, one data logger at one outlet."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from services.dispatcher.api import outlets
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
ENTERPRISE, OTHER = "91440306MA5000001W", "91440306MA5000002W"
GAS = {"name": "锅炉废气排放口", "medium": "gas", "mn": "A440306000001", "longitude": 113.8, "latitude": 22.7}
PATH = f"/v1/enterprises/{ENTERPRISE}/outlets"


@pytest.fixture
async def api(database: Database, settings: Settings, data_directory: Path) -> Api:
    clock = ManualClock(NOW)
    async with database.transaction() as connection:
        await connection.execute(
            insert(enterprises),
            [
                {"code": code, "classification": [], "source": "event", "updated_at": NOW}
                for code in (ENTERPRISE, OTHER)
            ],
        )
    units = units_of_work(
        database, Outbox(outbox, clock), clock, Wakeups(), settings.topic_prefix, DispatchPolicies.shipped()
    )
    return Api(settings, data_directory, outlets.router(database, CaseMutations(units, idempotency)))


async def test_an_outlet_is_found_by_its_code_and_by_its_mn(api: Api) -> None:
    async with api.app(Role.SECTION) as section:
        written = await section.put(f"{PATH}/DA001", json=GAS)
    async with api.app(Role.OFFICER) as officer:
        by_code, by_mn = [await officer.get(f"{PATH}/{name}") for name in ("DA001", "A440306000001")]
        elsewhere = await officer.get(f"/v1/enterprises/{OTHER}/outlets/A440306000001")
    assert written.json() == by_code.json() == by_mn.json()
    assert written.json() == GAS | {
        "code": "DA001",
        "enterprise_code": ENTERPRISE,
        "updated_at": "2026-03-02T09:00:00+08:00",
        "etag": written.headers["ETag"].strip('"'),
    }
    assert elsewhere.status_code == 404


async def test_a_code_goes_before_another_outlets_mn(api: Api) -> None:
    async with api.app(Role.ADMIN) as admin:
        await admin.put(f"{PATH}/A1", json=GAS | {"mn": None, "name": "甲"})
        await admin.put(f"{PATH}/DA001", json=GAS | {"mn": "A1", "name": "乙"})
        assert (await admin.get(f"{PATH}/A1")).json()["name"] == "甲"


async def test_a_data_logger_stands_at_one_outlet(api: Api) -> None:
    async with api.app(Role.ADMIN) as admin:
        await admin.put(f"{PATH}/DA001", json=GAS)
        again = await put(admin, f"{PATH}/DA001", GAS | {"name": "1号锅炉"})
        taken = await admin.put(f"/v1/enterprises/{OTHER}/outlets/DA001", json=GAS)
        without = [await admin.put(f"{PATH}/{code}", json=GAS | {"mn": None}) for code in ("DA002", "DA003")]
    assert (again.status_code, again.json()["name"]) == (200, "1号锅炉")
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:tricolor:problem:mn-taken")
    assert ENTERPRISE in taken.json()["detail"]
    assert [answer.status_code for answer in without] == [200, 200]


async def test_an_outlet_belongs_to_a_known_enterprise(api: Api) -> None:
    async with api.app(Role.ADMIN) as admin:
        assert (await admin.put("/v1/enterprises/nobody/outlets/DA001", json=GAS)).status_code == 404


@pytest.mark.parametrize(
    ("change", "at_fault"),
    [({"medium": "air"}, "medium"), ({"latitude": None}, "longitude"), ({"name": ""}, "name"), ({"mm": "1"}, "mm")],
)
async def test_an_outlet_that_does_not_fit_is_refused_by_field(api: Api, change: dict[str, Any], at_fault: str) -> None:
    async with api.app(Role.ADMIN) as admin:
        refused = await admin.put(f"{PATH}/DA001", json=GAS | change)
    assert refused.status_code == 422
    assert at_fault in refused.json()["detail"]


async def test_the_list_pages_by_code(api: Api) -> None:
    async with api.app(Role.ADMIN) as admin:
        for code in ("DW001", "DA002", "DA001"):
            await admin.put(f"{PATH}/{code}", json=GAS | {"mn": code})
        await admin.put(f"/v1/enterprises/{OTHER}/outlets/DA009", json=GAS)
        first = (await admin.get(PATH, params={"limit": "2"})).json()
        rest = (await admin.get(PATH, params={"limit": "2", "cursor": first["next"]})).json()
    assert [outlet["code"] for outlet in first["items"] + rest["items"]] == ["DA001", "DA002", "DW001"]
    assert rest["next"] is None


async def test_who_writes_and_who_sees(api: Api) -> None:
    async with api.app(Role.ADMIN) as admin:
        await admin.put(f"{PATH}/DA001", json=GAS)
    async with api.app(Role.ENTERPRISE, OTHER) as stranger:
        assert (await stranger.get(PATH)).status_code == 404
        assert (await stranger.get(f"{PATH}/DA001")).status_code == 404
    async with api.app(Role.ENTERPRISE, ENTERPRISE) as own:
        assert len((await own.get(PATH)).json()["items"]) == 1
        assert (await own.put(f"{PATH}/DA001", json=GAS)).status_code == 403
    async with api.app(Role.STATION_CHIEF) as chief:
        assert (await chief.put(f"{PATH}/DA001", json=GAS)).status_code == 403
