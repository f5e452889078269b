"""One anomaly of an enterprise is one alert, however its code is written; another's is never counted on it."""

from datetime import datetime, timedelta

import pytest

from services.alert_ingest.store import outlets
from shared.contract.registrations import OutletRegistered
from shared.contract.roles import Role
from shared.runtime.service import Service
from shared.time.instants import SHANGHAI
from tests.integration.alert_ingest.conftest import App
from tests.integration.alert_ingest.hourly import ENTERPRISE, Json, alert, hour, push

WRITTEN = (ENTERPRISE.lower(), f" {ENTERPRISE}", f'="{ENTERPRISE}"', f"'{ENTERPRISE}")


@pytest.mark.parametrize("outlet", [{"mn": "A440306000001"}, {"code": "DA001", "medium": "gas"}], ids=["MN", "permit"])
async def test_a_code_written_otherwise_is_a_repeat(app: App, outlet: dict[str, str]) -> None:
    (first,) = await push(app, hour(1, outlet=outlet))
    again = [
        hour(1, enterprise={"code": code}, outlet={name: value.lower() for name, value in outlet.items()})
        for code in WRITTEN
    ]
    results = await push(app, *again)
    assert [(one["status"], one["alert_id"]) for one in results] == [("repeat", first["alert_id"])] * len(again)
    stored = await alert(app, first["alert_id"])
    assert (stored["enterprise_code"], stored["repeats"]) == (ENTERPRISE, len(again))
    assert doubt_of(stored) is None


async def test_it_is_found_by_its_enterprise_however_that_is_written(app: App) -> None:
    (first,) = await push(app, hour(1, enterprise={"code": WRITTEN[0]}))
    for code in (ENTERPRISE, *WRITTEN):
        found = (await app(Role.AUDITOR, "a").get("/v1/alerts", params={"enterprise": code})).json()["items"]
        assert [one["alert_id"] for one in found] == [first["alert_id"]]
        own = (await app(Role.ENTERPRISE, code).get("/v1/alerts")).json()["items"]
        assert [one["alert_id"] for one in own] == [first["alert_id"]]


def doubt_of(stored: Json) -> str | None:
    return next((one["zh"] for one in stored["doubts"] if one["code"] == "outlet-of-another-enterprise"), None)


async def test_another_enterprise_at_the_same_outlet_has_an_alert_of_its_own_with_a_doubt(app: App) -> None:
    (first,) = await push(app, hour(1))
    second, again = await push(app, *(hour(1, enterprise={"code": "ANOTHER"}) for _ in range(2)))
    assert [one["status"] for one in (second, again)] == ["accepted", "repeat"]
    assert second["alert_id"] == again["alert_id"] != first["alert_id"]
    stored = await alert(app, second["alert_id"])
    assert (stored["enterprise_code"], stored["repeats"]) == ("ANOTHER", 1)
    assert ENTERPRISE in str(doubt_of(stored))
    assert "登记" not in str(doubt_of(stored))
    own = await alert(app, first["alert_id"])
    assert (own["enterprise_code"], own["repeats"], doubt_of(own)) == (ENTERPRISE, 0, None)

    # Of each its own are repeats; a later hour is doubted too, and the doubt stays when a resend shows more.
    (mine,) = await push(app, hour(1))
    assert (mine["status"], mine["alert_id"]) == ("repeat", first["alert_id"])
    (later,) = await push(app, hour(2, enterprise={"code": "ANOTHER"}))
    assert doubt_of(await alert(app, later["alert_id"])) is not None
    (more,) = await push(app, hour(1, 120.0, category="gas_hourly_mean_exceedance", enterprise={"code": "ANOTHER"}))
    assert (more["alert_id"], more["level"]) == (second["alert_id"], "red")
    assert doubt_of(await alert(app, second["alert_id"])) is not None
    assert (await alert(app, first["alert_id"]))["level"] == "yellow"


async def test_both_in_one_batch(app: App) -> None:
    results = await push(app, hour(1), hour(1, enterprise={"code": "ANOTHER"}), hour(1), hour(1))
    assert [one["status"] for one in results] == ["accepted", "accepted", "repeat", "repeat"]
    assert doubt_of(await alert(app, results[0]["alert_id"])) is None
    assert doubt_of(await alert(app, results[1]["alert_id"])) is not None


async def test_master_data_say_whose_an_outlet_is(service: Service, app: App) -> None:
    (first,) = await push(app, hour(1))
    mn = (await alert(app, first["alert_id"]))["event"]["data"]["outlet"]["mn"]
    at = datetime(2026, 11, 1, tzinfo=SHANGHAI)
    registered = [
        OutletRegistered(at=at, enterprise_code="OLD", code="DA001", name="排放口", medium="gas", mn=mn),
        OutletRegistered(
            at=at + timedelta(days=1), enterprise_code="HOLDER", code="DA009", name="口", medium="gas", mn=mn
        ),
        OutletRegistered(at=at + timedelta(days=2), enterprise_code="HOLDER", code="DA010", name="口", medium="gas"),
    ]
    async with service.database.transaction() as connection:
        for one in (registered, registered[:1]):  # in whatever order they come, the latest counts
            await outlets.store_registered(connection, one)
    # An unregistered enterprise that names the outlet is told whose it is, and so is the one that named it first.
    for code in ("ANOTHER", ENTERPRISE):
        (result,) = await push(app, hour(2, enterprise={"code": code}))
        assert "HOLDER" in str(doubt_of(await alert(app, result["alert_id"])))
        assert "登记" in str(doubt_of(await alert(app, result["alert_id"])))
    (own,) = await push(app, hour(3, enterprise={"code": "HOLDER"}))
    assert doubt_of(await alert(app, own["alert_id"])) is None


async def test_a_permit_number_is_an_enterprises_own(app: App) -> None:
    outlet = {"code": "DA001", "medium": "gas"}
    results = await push(app, hour(1, outlet=outlet), hour(1, outlet=outlet, enterprise={"code": "ANOTHER"}))
    assert [one["status"] for one in results] == ["accepted", "accepted"]
