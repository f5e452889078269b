"""White reminds once: further whites of an outlet and category are counted on the reminder, for a day."""

from datetime import timedelta
from typing import Any

from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.alert_ingest.conftest import App
from tests.integration.alert_ingest.handlers.test_decisions import emitted, proposed, reviewed
from tests.integration.alert_ingest.hourly import alert, hour, push


def near(number: int, **changes: Any) -> dict[str, Any]:
    """An hour at nine tenths of the limit."""
    return hour(number, 45.0, **changes)


async def counted_on(app: App, alert_id: str) -> str | None:
    found: str | None = (await alert(app, alert_id))["counted_on"]
    return found


async def test_further_ones_are_counted_on_the_first_in_one_batch_or_in_several(app: App, database: Database) -> None:
    first, second = await push(app, near(1), near(2))
    (third,) = await push(app, near(3))
    reminder = first["alert_id"]
    assert [await counted_on(app, one["alert_id"]) for one in (first, second, third)] == [None, reminder, reminder]
    assert (await alert(app, reminder))["counted"] == 2
    told = {event["alert_id"]: event["counted_on"] for event in await emitted(database, "alert.graded")}
    assert told == {reminder: None, second["alert_id"]: reminder, third["alert_id"]: reminder}


async def test_a_reminder_stands_for_a_day_and_the_next_one_is_sent(app: App, clock: ManualClock) -> None:
    (first,) = await push(app, near(1))
    clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    (counted,) = await push(app, near(2))
    clock.advance(timedelta(seconds=1))
    (next_one,) = await push(app, near(3))
    (with_next,) = await push(app, near(4))
    assert await counted_on(app, counted["alert_id"]) == first["alert_id"]
    assert await counted_on(app, next_one["alert_id"]) is None
    assert await counted_on(app, with_next["alert_id"]) == next_one["alert_id"]


async def test_another_outlet_or_category_is_another_reminder(app: App) -> None:
    gap: Any = {"category": "short_data_gap", "observed": None, "limit": None}
    elsewhere = {"outlet": {"mn": "A440306000009", "medium": "gas"}}
    results = await push(app, near(1), near(2, **elsewhere), hour(3, **gap), near(4, pollutant={"code": "a21002"}))
    counted = [await counted_on(app, one["alert_id"]) for one in results]
    assert counted == [None, None, None, results[0]["alert_id"]]


async def test_the_decided_category_counts_and_not_the_claim(app: App) -> None:
    claimed, found = await push(app, near(1), near(2, category="gas_hourly_mean_exceedance"))
    assert (await alert(app, found["alert_id"]))["grading"]["rule"] == "approaching_limit"
    assert await counted_on(app, found["alert_id"]) == claimed["alert_id"]


async def test_what_was_a_false_alarm_or_is_no_reminder_any_more_stands_for_nothing(app: App) -> None:
    (first,) = await push(app, near(1))
    await reviewed(app, await proposed(app, first["alert_id"]))
    (second,) = await push(app, near(2))
    assert await counted_on(app, second["alert_id"]) is None
    (resent,) = await push(app, near(2, observed=61.0, category="approaching_limit"))
    assert (resent["alert_id"], resent["level"]) == (second["alert_id"], "yellow")
    (third,) = await push(app, near(3))
    assert await counted_on(app, third["alert_id"]) is None


async def test_a_repeat_is_no_further_one(app: App) -> None:
    first, again = await push(app, near(1), near(1))
    assert (first["alert_id"], again["status"]) == (again["alert_id"], "repeat")
    found = await alert(app, first["alert_id"])
    assert (found["repeats"], found["counted"]) == (1, 0)


async def test_yellow_is_counted_on_no_reminder(app: App) -> None:
    await push(app, near(1))
    (yellow,) = await push(app, hour(2))
    assert (yellow["level"], await counted_on(app, yellow["alert_id"])) == ("yellow", None)


async def test_the_platform_and_the_enterprise_read_what_it_was_counted_on(app: App) -> None:
    first, second = await push(app, near(1), near(2))
    for role, subject in ((Role.PLATFORM, "p"), (Role.ENTERPRISE, "91440300MA5EXAMPLE")):
        found = (await app(role, subject).get(f"/v1/alerts/{second['alert_id']}")).json()
        assert found["counted_on"] == first["alert_id"]
