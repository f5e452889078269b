"""Dismissing and downgrading: two people, a reason, a record; and how often alerts were false."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import from_json
from sqlalchemy import insert, select, update

from services.alert_ingest import tables
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.alert_ingest.conftest import App
from tests.integration.alert_ingest.hourly import Json, alert, hour, push

FALSE = {"ground": "platform_fault", "reason": "平台推送了测试数据"}


async def proposed(app: App, alert_id: str, action: str = "dismiss", **body: Any) -> Json:
    answer = await app(Role.OFFICER, "chen").post(f"/v1/alerts/{alert_id}/{action}", json=FALSE | body)
    assert answer.status_code == 201, answer.text
    decision: Json = answer.json()
    return decision


async def reviewed(app: App, decision: Json, action: str = "confirm", by: str = "wang") -> tuple[int, Json]:
    answer = await app(Role.SECTION, by).post(f"/v1/decisions/{decision['decision_id']}/{action}", json={})
    return answer.status_code, answer.json()


async def emitted(database: Database, name: str) -> list[Json]:
    async with database.transaction() as connection:
        values = await connection.scalars(select(tables.outbox.c.value).order_by(tables.outbox.c.position))
    events = [from_json(value) for value in values]
    return [event["data"] for event in events if event["type"] == f"cn.tricolor.{name}.v1"]


async def test_a_dismissal_takes_effect_when_another_person_confirms_it(app: App, database: Database) -> None:
    (result,) = await push(app, hour(1))
    decision = await proposed(app, result["alert_id"])
    assert (decision["state"], decision["proposed_by"]) == ("proposed", "chen")
    assert (await alert(app, result["alert_id"]))["dismissed_at"] is None

    status, confirmed = await reviewed(app, decision)
    assert (status, confirmed["state"], confirmed["reviewed_by"]) == (200, "confirmed", "wang")
    dismissed = await alert(app, result["alert_id"])
    assert dismissed["dismissed_at"] == "2026-11-23T09:05:00+08:00"
    assert dismissed["decision"]["reason"] == FALSE["reason"]
    assert dismissed["level"] == "yellow"  # the record of what it was stays
    (event,) = await emitted(database, "alert.dismissed")
    assert (event["proposed_by"], event["confirmed_by"], event["ground"]) == ("chen", "wang", "platform_fault")


async def test_nobody_confirms_their_own_proposal_whatever_role_they_take(app: App) -> None:
    (result,) = await push(app, hour(1))
    decision = await proposed(app, result["alert_id"])
    status, problem = await reviewed(app, decision, by="chen")
    assert (status, problem["type"]) == (409, "urn:tricolor:problem:two-people")
    officer = await app(Role.OFFICER, "li").post(f"/v1/decisions/{decision['decision_id']}/confirm")
    assert officer.status_code == 403


async def test_a_station_proposes_and_decides_for_its_own_enterprises(app: App, database: Database) -> None:
    (result,) = await push(app, hour(1))
    path = f"/v1/alerts/{result['alert_id']}/dismiss"
    async with database.transaction() as connection:
        await connection.execute(update(tables.enterprises).values(station="xinan"))
    for stranger in (
        app(Role.OFFICER, "o", "shajing"),
        app(Role.STATION_CHIEF, "s", "shajing"),
        app(Role.OFFICER, "o"),
    ):
        assert (await stranger.post(path, json=FALSE)).status_code == 404
    decision = (await app(Role.OFFICER, "chen", "xinan").post(path, json=FALSE)).json()

    chief, stranger = app(Role.STATION_CHIEF, "zhou", "xinan"), app(Role.STATION_CHIEF, "song", "shajing")
    for act in ("confirm", "reject"):
        for name in ("decisions", "proposals"):
            answer = await stranger.post(f"/v1/{name}/{decision['decision_id']}/{act}")
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:tricolor:problem:not-found")
    assert (await stranger.get("/v1/decisions")).json()["items"] == []
    assert (await stranger.get("/v1/proposals")).json()["items"] == []
    (waiting,) = (await chief.get("/v1/decisions", params={"state": "proposed"})).json()["items"]
    assert waiting == decision
    (same,) = (await chief.get("/v1/proposals", params={"state": "open"})).json()["items"]
    assert (same["proposal_id"], same["kind"], same["station"], same["subject"]) == (
        decision["decision_id"],
        "dismiss",
        "xinan",
        result["alert_id"],
    )
    confirmed = await chief.post(f"/v1/decisions/{decision['decision_id']}/confirm")
    assert (confirmed.status_code, confirmed.json()["reviewed_by"]) == (200, "zhou")


async def test_what_was_taken_back_shows_as_rejected_and_says_so(app: App) -> None:
    (result,) = await push(app, hour(1))
    taken_back = await proposed(app, result["alert_id"])
    assert (await app(Role.OFFICER, "chen").post(f"/v1/proposals/{taken_back['decision_id']}/withdraw")).is_success
    await reviewed(app, await proposed(app, result["alert_id"]))
    kept = (await app(Role.AUDITOR, "a").get("/v1/decisions", params={"state": "rejected"})).json()["items"]
    assert [(one["decision_id"], one["review_reason"]) for one in kept] == [(taken_back["decision_id"], "withdrawn")]


async def test_decisions_of_the_release_before_are_among_the_proposals(app: App, database: Database) -> None:
    """It writes `ingest.decisions` while both run."""
    (result,) = await push(app, hour(1))
    row = {
        "decision_id": UUID(int=5),
        "alert_id": UUID(result["alert_id"]),
        "kind": "downgrade",
        "level": "white",
        "ground": "resend",
        "reason": "重报",
        "proposed_by": "chen",
        "proposed_at": datetime(2026, 11, 23, 1, 5, tzinfo=UTC),
        "state": "proposed",
    }
    async with database.transaction() as connection:
        await connection.execute(insert(tables.decisions).values(row))
    (waiting,) = (await app(Role.AUDITOR, "a").get("/v1/decisions", params={"state": "proposed"})).json()["items"]
    assert (waiting["decision_id"], waiting["level"], waiting["proposed_by"]) == (str(UUID(int=5)), "white", "chen")
    async with database.transaction() as connection:
        await connection.execute(
            update(tables.decisions).values(state="rejected", reviewed_by="wang", reviewed_at=row["proposed_at"])
        )
    (kept,) = (await app(Role.AUDITOR, "a").get("/v1/proposals")).json()["items"]
    assert (kept["state"], kept["decided_by"]) == ("rejected", "wang")


async def test_a_rejected_proposal_is_kept_and_makes_room_for_another(app: App) -> None:
    (result,) = await push(app, hour(1))
    decision = await proposed(app, result["alert_id"])
    second = await app(Role.OFFICER, "li").post(f"/v1/alerts/{result['alert_id']}/dismiss", json=FALSE)
    assert (second.status_code, second.json()["type"]) == (409, "urn:tricolor:problem:proposal-open")
    status, rejected = await reviewed(app, decision, "reject")
    assert (status, rejected["state"]) == (200, "rejected")
    status, problem = await reviewed(app, decision)
    assert (status, problem["type"]) == (409, "urn:tricolor:problem:already-reviewed")
    again = await proposed(app, result["alert_id"])
    auditor = app(Role.AUDITOR, "a")
    waiting = (await auditor.get("/v1/decisions", params={"state": "proposed"})).json()["items"]
    assert [one["decision_id"] for one in waiting] == [again["decision_id"]]
    kept = (await auditor.get("/v1/decisions", params={"alert": result["alert_id"], "limit": 1})).json()
    assert kept["next"] is not None


async def test_a_downgrade_is_issued_anew_and_the_former_grade_is_kept(
    app: App, database: Database, clock: ManualClock
) -> None:
    results = await push(app, hour(1), hour(2), hour(3))
    red = results[2]["alert_id"]
    decision = await proposed(app, red, "downgrade", level="yellow")
    clock.advance(timedelta(hours=1))
    await reviewed(app, decision)
    lowered = await alert(app, red)
    assert (lowered["level"], lowered["revision"]) == ("yellow", 2)
    assert lowered["issued_at"] == "2026-11-23T10:05:00+08:00"
    assert lowered["decision"]["confirmed_by"] == "wang"
    assert lowered["grading"]["rule"] == "gas_hourly_mean_repeated_exceedance"  # what the rules said is not rewritten
    assert [(one["level"], one["cause"]) for one in lowered["former"]] == [("red", "decision")]
    (event,) = await emitted(database, "alert.regraded")
    assert (event["previous_level"], event["level"], event["response"]) == ("red", "yellow", "self_report")

    # What the rules knew already does not undo what people decided.
    await push(app, hour(0))
    assert (await alert(app, red))["level"] == "yellow"


@pytest.mark.parametrize(
    ("action", "body", "status", "problem"),
    [
        ("downgrade", {"level": "yellow"}, 409, "not-lower"),
        ("downgrade", {"level": "red"}, 422, "invalid-request"),
        ("downgrade", {}, 422, "invalid-request"),
        ("dismiss", {"reason": " "}, 422, "invalid-request"),
        ("dismiss", {"ground": ""}, 422, "invalid-request"),
    ],
)
async def test_what_cannot_be_proposed_says_why(
    app: App, action: str, body: dict[str, str], status: int, problem: str
) -> None:
    (result,) = await push(app, hour(1))
    answer = await app(Role.OFFICER, "chen").post(f"/v1/alerts/{result['alert_id']}/{action}", json=FALSE | body)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:tricolor:problem:{problem}")


async def test_what_is_not_there_cannot_be_decided(app: App) -> None:
    nothing = "00000000-0000-0000-0000-000000000000"
    assert (await app(Role.OFFICER, "chen").post(f"/v1/alerts/{nothing}/dismiss", json=FALSE)).status_code == 404
    assert (await app(Role.SECTION, "wang").post(f"/v1/decisions/{nothing}/confirm")).status_code == 404
    assert (await app(Role.ENTERPRISE, "x").post(f"/v1/alerts/{nothing}/dismiss", json=FALSE)).status_code == 403


async def test_a_confirmation_sent_twice_counts_once(app: App, database: Database) -> None:
    (result,) = await push(app, hour(1))
    decision = await proposed(app, result["alert_id"])
    for _ in range(2):
        answer = await app(Role.SECTION, "wang").post(
            f"/v1/decisions/{decision['decision_id']}/confirm", json={}, headers={"idempotency-key": "k"}
        )
        assert answer.json()["state"] == "confirmed"
    assert len(await emitted(database, "alert.dismissed")) == 1


async def test_an_upgrade_that_rested_on_a_dismissed_alert_comes_before_people(app: App) -> None:
    results = await push(app, hour(1), hour(2), hour(3))
    await reviewed(app, await proposed(app, results[0]["alert_id"]))
    waiting = (await app(Role.AUDITOR, "a").get("/v1/decisions", params={"state": "proposed"})).json()["items"]
    assert [(one["alert_id"], one["level"], one["proposed_by"], one["ground"]) for one in waiting] == [
        (results[2]["alert_id"], "yellow", "system:tricolor", "cause-dismissed")
    ]
    status, _ = await reviewed(app, waiting[0])
    assert status == 200
    assert (await alert(app, results[2]["alert_id"]))["level"] == "yellow"


async def test_a_resend_that_shows_more_than_was_dismissed_opens_it_again(app: App) -> None:
    (result,) = await push(app, hour(1))
    await reviewed(app, await proposed(app, result["alert_id"]))
    await push(app, hour(1))
    assert (await alert(app, result["alert_id"]))["dismissed_at"] is not None
    await push(app, hour(1, 120.0, category="gas_hourly_mean_exceedance"))
    opened = await alert(app, result["alert_id"])
    assert (opened["level"], opened["dismissed_at"]) == ("red", None)


async def test_false_alarms_are_counted_by_platform_category_and_outlet(app: App) -> None:
    results = await push(app, hour(1), hour(5, outlet={"mn": "other"}), hour(9, 45.0))
    await reviewed(app, await proposed(app, results[0]["alert_id"]))
    auditor = app(Role.AUDITOR, "a")

    async def rates(by: str, **params: str) -> dict[str, tuple[int, int, float]]:
        rows = (await auditor.get("/v1/false-alarms", params={"by": by} | params)).json()["items"]
        return {row["key"]: (row["alerts"], row["false_alarms"], row["rate"]) for row in rows}

    assert await rates("platform") == {"/platforms/sz-auto-monitoring": (3, 1, 1 / 3)}
    assert await rates("category") == {"gas_hourly_mean_exceedance": (2, 1, 0.5), "approaching_limit": (1, 0, 0.0)}
    assert await rates("outlet") == {"A440306000001": (2, 1, 0.5), "OTHER": (1, 0, 0.0)}
    assert await rates("outlet", since="2026-11-23T09:05:01+08:00") == {}
    assert (await auditor.get("/v1/false-alarms")).status_code == 422
    first = (await auditor.get("/v1/false-alarms", params={"by": "outlet", "limit": "1"})).json()
    rest = (await auditor.get("/v1/false-alarms", params={"by": "outlet", "cursor": first["next"]})).json()
    assert [row["key"] for row in first["items"] + rest["items"]] == ["A440306000001", "OTHER"]
    assert rest["next"] is None
