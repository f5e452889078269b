"""No flood: an enterprise below its limit is reminded once and asked for nothing, however often it is said."""

from datetime import datetime, timedelta

from pydantic_core import from_json, to_json

from services.sample.anomalies import WHITE, anomaly
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

LIMIT = 50.0


async def push_85_percent(world: World, enterprise: Enterprise) -> None:
    """The hour that has just ended, at 85 % of the limit."""
    event = from_json(anomaly(WHITE, enterprise, enterprise.outlets[0], world.clock.now(), world.choice))
    event["data"] |= {"observed": 0.85 * LIMIT, "limit": LIMIT}
    await world.push_bytes(to_json(event), enterprise)


async def test_six_whites_at_85_percent_of_the_limit_make_one_reminder_and_no_case(
    the_world: World, enterprise: Enterprise
) -> None:
    for _ in range(6):
        await push_85_percent(the_world, enterprise)
        await the_world.after(hours=1)

    graded = the_world.heard("alert.graded")
    assert [one["level"] for one in graded] == ["white"] * 6
    assert not the_world.heard("case.opened")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    (reminder,) = (await app.get("/dispatch/v1/notices")).json()["items"]
    assert (reminder["purpose"], reminder["alert_id"]) == ("white_reminder", graded[0]["alert_id"])

    # Every one is kept, and says what it was counted on.
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    found = (await chief.get("/ingest/v1/alerts", params={"enterprise": enterprise.code})).json()["items"]
    assert len(found) == 6
    first = found[-1]
    assert (first["alert_id"], first["counted_on"], first["counted"]) == (reminder["alert_id"], None, 5)
    assert {one["counted_on"] for one in found[:-1]} == {first["alert_id"]}


async def test_a_day_later_it_is_reminded_once_more(the_world: World, enterprise: Enterprise) -> None:
    await push_85_percent(the_world, enterprise)
    await the_world.after(hours=23)
    await push_85_percent(the_world, enterprise)
    await the_world.after(hours=1)
    await push_85_percent(the_world, enterprise)
    await the_world.settle()

    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    reminders = (await app.get("/dispatch/v1/notices")).json()["items"]
    first, second = sorted(datetime.fromisoformat(one["created_at"]) for one in reminders)
    assert second - first >= timedelta(hours=24)
