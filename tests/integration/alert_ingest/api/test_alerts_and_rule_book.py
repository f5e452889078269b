"""Reading alerts page by page, each role what it may see; the rule book, and trying an event on it."""

from datetime import timedelta

from pydantic_core import to_json

from shared.contract.cloudevents import BATCH
from shared.contract.roles import Role
from shared.time.clock import ManualClock
from tests.integration.alert_ingest.conftest import App
from tests.unit.alert_ingest.domain.test_parsing import EVENT, changed


async def test_pages_hold_every_alert_once_the_latest_first(app: App, clock: ManualClock) -> None:
    platform, auditor = app(Role.PLATFORM, "p"), app(Role.AUDITOR, "a")
    for number in range(7):
        batch = [changed(outlet={"mn": f"{number}-{side}"}) | {"id": f"{number}-{side}"} for side in "ab"]
        await platform.post("/v1/events", content=to_json(batch), headers={"content-type": BATCH})
        clock.advance(timedelta(minutes=1))
    seen, cursor = [], None
    while True:
        page = (await auditor.get("/v1/alerts", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [alert["event"]["id"] for alert in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 14
    assert [name[0] for name in seen] == [str(number) for number in range(6, -1, -1) for _ in "ab"]


async def test_filters_and_bad_ones(app: App) -> None:
    platform, auditor = app(Role.PLATFORM, "p"), app(Role.AUDITOR, "a")
    batch = [EVENT, changed(outlet={"mn": "w"}, observed=45.0) | {"id": "white"}]
    await platform.post("/v1/events", content=to_json(batch), headers={"content-type": BATCH})

    async def ids(**params: str) -> list[str]:
        return [alert["event"]["id"] for alert in (await auditor.get("/v1/alerts", params=params)).json()["items"]]

    assert await ids(level="white") == ["white"]
    assert await ids(level="red", category="gas_daily_mean_exceedance") == ["5d1c"]
    assert await ids(enterprise="other") == []
    assert await ids(since="2026-11-23T09:05:01+08:00") == []
    assert len(await ids(until="2026-11-23T09:05:01+08:00")) == 2
    too_many = {"alert_id": ["00000000-0000-0000-0000-000000000000"] * 101}
    for params in (
        too_many,
        {"alert_id": "x"},
        {"cursor": "x"},
        {"cursor": "WyJhIiwiYiJd"},
        {"level": "blue"},
        {"since": "2026-11-23T09:05:01"},
    ):
        answer = await auditor.get("/v1/alerts", params=params)
        assert answer.status_code == 422, params
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await auditor.get("/v1/alerts/not-a-uuid")).status_code == 422
    assert (await auditor.get("/v1/alerts/00000000-0000-0000-0000-000000000000")).status_code == 404


async def test_an_enterprise_sees_its_own_alerts(app: App) -> None:
    batch = [EVENT, changed(outlet={"mn": "w"}, observed=45.0) | {"id": "white"}]
    await app(Role.PLATFORM, "p").post("/v1/events", content=to_json(batch), headers={"content-type": BATCH})
    own, other = app(Role.ENTERPRISE, "91440300MA5EXAMPLE"), app(Role.ENTERPRISE, "91440300MA5OTHER00")
    (alert,) = (await own.get("/v1/alerts")).json()["items"]
    assert alert["level"] == "white"  # the red one is not disclosed: no officer has arrived
    everything = (await app(Role.AUDITOR, "a").get("/v1/alerts")).json()["items"]
    named = {"alert_id": [one["alert_id"] for one in everything]}
    assert len(named["alert_id"]) == 2
    assert (await own.get("/v1/alerts", params=named)).json()["items"] == [alert]
    assert (await other.get("/v1/alerts", params=named)).json()["items"] == []
    assert (await other.get("/v1/alerts")).json()["items"] == []
    assert (await other.get(f"/v1/alerts/{alert['alert_id']}")).status_code == 404


async def test_the_book_and_a_trial_that_stores_nothing(app: App) -> None:
    anyone = app(Role.ENTERPRISE, "x")
    book = (await anyone.get("/v1/rule-book")).json()
    rules = {rule["code"]: rule for rule in book["rules"]}
    assert sum(rule["level"] == "red" for rule in rules.values()) == 18
    assert [code for code, rule in rules.items() if rule["level"] == "red" and rule["stated"]] == [
        "gas_daily_mean_exceedance",
        "water_daily_mean_exceedance",
    ]
    assert all(rule["source"] and rule["when"] and rule["name"]["zh"] for rule in rules.values())

    tried = (await anyone.post("/v1/rule-book/try", json=changed(observed=45.0))).json()
    assert (tried["level"], tried["grading"]["rule"]) == ("white", "approaching_limit")
    assert "category-contradicted" in {doubt["code"] for doubt in tried["doubts"]}
    refused = await anyone.post("/v1/rule-book/try", json=changed(category="noise"))
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tricolor:problem:unknown-category")
    assert (await app(Role.AUDITOR, "a").get("/v1/alerts")).json()["items"] == []


async def test_what_cannot_be_stored_is_the_callers_fault_not_ours(app: App) -> None:
    auditor = app(Role.AUDITOR, "a")
    for params in ({"enterprise": "a\x00b"}, {"category": "\x00"}, {"limit": "0"}, {"limit": "9" * 40}):
        answer = await auditor.get("/v1/alerts", params=params)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), params
