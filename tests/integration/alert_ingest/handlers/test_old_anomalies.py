"""What is older than the policy's age is graded and held: it asks nothing of anyone before a person confirms it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.alert_ingest.conftest import App
from tests.integration.alert_ingest.hourly import ENTERPRISE, Json, alert, hour, push

WHY = {"reason": "平台补传，企业当时未处理"}


async def emitted(database: Database) -> list[Json]:
    async with database.autocommit() as connection:
        rows = await connection.scalars(
            text("select convert_from(value, 'UTF8')::jsonb from ingest.outbox order by position")
        )
        return [event for event in rows if ".alert." in event["type"]]


async def held(app: App, **asked: Any) -> list[str]:
    found = (await app(Role.SECTION, "s").get("/v1/alerts", params={"held": True} | asked)).json()["items"]
    return [one["alert_id"] for one in found]


async def test_an_old_anomaly_is_graded_with_a_doubt_and_held(app: App, clock: ManualClock, database: Database) -> None:
    clock.advance(timedelta(days=31))
    (result,) = await push(app, hour(1, 120.0))
    assert (result["status"], result["level"]) == ("accepted", "red")
    stored = await alert(app, result["alert_id"])
    assert stored["held_since"] is not None
    assert "older-than-policy" in {doubt["code"] for doubt in stored["doubts"]}
    (event,) = await emitted(database)
    assert event["data"]["held"] is True
    assert await held(app) == [result["alert_id"]]
    # The enterprise is asked nothing, and sees nothing.
    assert (await app(Role.ENTERPRISE, ENTERPRISE).get("/v1/alerts")).json()["items"] == []


async def test_a_recent_one_is_not(app: App, clock: ManualClock, database: Database) -> None:
    clock.advance(timedelta(days=28))
    (result,) = await push(app, hour(1))
    assert (await alert(app, result["alert_id"]))["held_since"] is None
    (event,) = await emitted(database)
    assert event["data"]["held"] is False
    assert await held(app) == []


async def test_a_years_total_is_no_year_old(app: App) -> None:
    window = {"start": "2025-11-22T00:00:00+08:00", "end": "2026-11-22T00:00:00+08:00"}
    (result,) = await push(app, hour(1, category="permitted_total_exceedance", period="year", window=window))
    assert result["level"] == "red"
    assert await held(app) == []


async def test_one_person_confirms_it_and_its_clock_runs_from_then(
    app: App, clock: ManualClock, database: Database
) -> None:
    clock.advance(timedelta(days=31))
    (result,) = await push(app, hour(1, 120.0))
    clock.advance(timedelta(hours=3))
    path = f"/v1/alerts/{result['alert_id']}/confirm"
    assert (await app(Role.STATION_CHIEF, "c", station="elsewhere").post(path, json=WHY)).status_code == 404
    assert (await app(Role.OFFICER, "o").post(path, json=WHY)).status_code == 403
    answer = await app(Role.SECTION, "s").post(path, json=WHY)
    assert answer.is_success, answer.text
    assert answer.json()["level"] == "red"

    stored = await alert(app, result["alert_id"])
    assert (stored["held_since"], stored["revision"], stored["issued_at"]) == (None, 2, answer.json()["issued_at"])
    assert (stored["decision"]["kind"], stored["decision"]["confirmed_by"]) == ("confirm", "s")
    assert "older-than-policy" in {doubt["code"] for doubt in stored["doubts"]}
    again = (await emitted(database))[-1]
    assert again["type"] == "cn.tricolor.alert.regraded.v1"
    assert (again["data"]["held"], again["data"]["cause"], again["data"]["level"]) == (False, "confirmed", "red")
    assert await held(app) == []
    assert (await app(Role.SECTION, "s").post(path, json=WHY)).status_code == 409


async def test_it_is_nobodys_past_until_it_is_confirmed(app: App, clock: ManualClock) -> None:
    """Three yellow alerts of a week are red; the oldest two are held."""
    clock.advance(timedelta(days=29, hours=12))
    recent, *old = await push(app, hour(23), hour(5), hour(1))
    levels = [(await alert(app, one["alert_id"]))["level"] for one in (recent, *old)]
    assert levels == ["yellow", "yellow", "yellow"]
    assert set(await held(app)) == {one["alert_id"] for one in old}
    for one in old:
        answer = await app(Role.SECTION, "s").post(f"/v1/alerts/{one['alert_id']}/confirm", json=WHY)
        assert answer.is_success, answer.text
    assert (await alert(app, recent["alert_id"]))["level"] == "red"


async def test_a_resend_that_shows_more_after_so_long_is_held_too(
    app: App, clock: ManualClock, database: Database
) -> None:
    (first,) = await push(app, hour(1))
    clock.advance(timedelta(days=40))
    (again,) = await push(app, hour(1, 120.0))
    assert (again["status"], again["level"]) == ("repeat", "red")
    assert (await emitted(database))[-1]["data"]["held"] is True
    assert await held(app) == [first["alert_id"]]
    # The enterprise sees its alert as it was.
    (own,) = (await app(Role.ENTERPRISE, ENTERPRISE).get("/v1/alerts")).json()["items"]
    assert own["level"] == "yellow"
