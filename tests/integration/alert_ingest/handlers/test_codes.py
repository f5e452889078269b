"""One anomaly is one alert, however its enterprise's code is written, and whichever enterprise an event names."""

import pytest

from shared.contract.roles import Role
from tests.integration.alert_ingest.conftest import App
from tests.integration.alert_ingest.hourly import ENTERPRISE, alert, hour, push

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
    assert "enterprise-differs" not in {doubt["code"] for doubt in stored["doubts"]}


async def test_it_is_found_by_its_enterprise_however_that_is_written(app: App) -> None:
    (first,) = await push(app, hour(1, enterprise={"code": WRITTEN[0]}))
    for code in (ENTERPRISE, *WRITTEN):
        found = (await app(Role.AUDITOR, "a").get("/v1/alerts", params={"enterprise": code})).json()["items"]
        assert [one["alert_id"] for one in found] == [first["alert_id"]]
        own = (await app(Role.ENTERPRISE, code).get("/v1/alerts")).json()["items"]
        assert [one["alert_id"] for one in own] == [first["alert_id"]]


async def test_another_enterprise_named_at_the_same_outlet_is_a_repeat_with_a_doubt(app: App) -> None:
    (first,) = await push(app, hour(1))
    (again,) = await push(app, hour(1, enterprise={"code": "ANOTHER"}))
    assert (again["status"], again["alert_id"]) == ("repeat", first["alert_id"])
    stored = await alert(app, first["alert_id"])
    assert stored["enterprise_code"] == ENTERPRISE
    (doubt,) = [doubt for doubt in stored["doubts"] if doubt["code"] == "enterprise-differs"]
    assert "ANOTHER" in doubt["zh"]

    # The doubt is there once, and stays when a resend shows more; the alert stays with its enterprise.
    (stricter,) = await push(app, hour(1, 120.0, category="gas_hourly_mean_exceedance", enterprise={"code": "ANOTHER"}))
    assert (stricter["alert_id"], stricter["level"]) == (first["alert_id"], "red")
    stored = await alert(app, first["alert_id"])
    assert (stored["level"], stored["enterprise_code"]) == ("red", ENTERPRISE)
    assert [doubt["code"] for doubt in stored["doubts"]].count("enterprise-differs") == 1


async def test_both_in_one_batch(app: App) -> None:
    first, second = await push(app, hour(1), hour(1, enterprise={"code": "ANOTHER"}))
    assert (first["status"], second["status"]) == ("accepted", "repeat")
    stored = await alert(app, first["alert_id"])
    assert "enterprise-differs" in {doubt["code"] for doubt in stored["doubts"]}


async def test_a_permit_number_is_an_enterprises_own(app: App) -> None:
    outlet = {"code": "DA001", "medium": "gas"}
    results = await push(app, hour(1, outlet=outlet), hour(1, outlet=outlet, enterprise={"code": "ANOTHER"}))
    assert [one["status"] for one in results] == ["accepted", "accepted"]
