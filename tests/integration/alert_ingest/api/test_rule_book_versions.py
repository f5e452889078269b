"""Publishing rule books: which one decides, since when, and what a candidate would have changed."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.alert_ingest.conftest import App
from tests.integration.alert_ingest.hourly import ENTERPRISE, Json, alert, hour, push
from tests.unit.alert_ingest.domain.test_parsing import EVENT

SHIPPED = RULE_BOOK.read_text(encoding="utf-8")
WHY = "试行更严的小时倍数"


def book(version: str = "next", change: Callable[[Json], Any] | None = None, **fields: Any) -> str:
    """The shipped book with another severe ratio, so that 1.22 times the limit is red."""
    content = yaml.safe_load(SHIPPED) | {"version": version} | fields
    content["policy"]["severe_ratio"] = 1.2
    if change is not None:
        change(content)
    return yaml.safe_dump(content, allow_unicode=True)


async def proposed(app: App, body: str, by: str = "zhao", **fields: Any) -> tuple[int, Json]:
    answer = await app(Role.SECTION, by).post("/v1/rule-book", json={"book": body, "reason": WHY} | fields)
    return answer.status_code, answer.json()


async def publish(app: App, body: str, **fields: Any) -> Json:
    """One clerk proposes it, the leader confirms."""
    status, answer = await proposed(app, body, **fields)
    assert status == 202, answer
    path = f"/v1/proposals/{answer['proposal']['proposal_id']}/confirm"
    confirmed = await app(Role.LEADER, "qian").post(path)
    assert confirmed.status_code == 200, confirmed.text
    kept: Json = confirmed.json()
    return kept


async def test_a_published_book_decides_from_its_instant_on(app: App, clock: ManualClock) -> None:
    (before,) = await push(app, hour(1))
    kept = await publish(app, book(), effective_from="2026-11-23T10:00:00+08:00")
    assert (kept["subject"], kept["proposed_by"], kept["reason"], kept["decided_by"]) == ("next", "zhao", WHY, "qian")
    assert kept["after"]["changes"] == [{"where": "policy.severe_ratio", "before": 2.0, "after": 1.2}]
    assert kept["result"] == {"version": "next", "effective_from": "2026-11-23T10:00:00+08:00"}

    clock.advance(timedelta(minutes=55) - timedelta(microseconds=1))
    (still,) = await push(app, hour(5))
    clock.advance(timedelta(microseconds=1))
    (after,) = await push(app, hour(9))
    assert [one["level"] for one in (before, still, after)] == ["yellow", "yellow", "red"]
    assert (await alert(app, after["alert_id"]))["grading"]["rule_book_version"] == "next"
    # An alert keeps the book it was graded with.
    assert (await alert(app, before["alert_id"]))["grading"]["rule_book_version"] == yaml.safe_load(SHIPPED)["version"]
    await push(app, hour(0))
    assert (await alert(app, before["alert_id"]))["level"] == "yellow"


async def test_every_version_can_be_read_with_its_author_and_its_changes(app: App) -> None:
    await publish(app, book())
    auditor = app(Role.AUDITOR, "a")
    versions = (await auditor.get("/v1/rule-book/versions")).json()["items"]
    assert [(one["version"], one["published_by"], one["confirmed_by"]) for one in versions] == [
        ("next", "zhao", "qian"),
        (yaml.safe_load(SHIPPED)["version"], "system:tricolor", None),
    ]
    in_force = (await auditor.get("/v1/rule-book")).json()
    other = (await auditor.get("/v1/rule-book", params={"version": "next"})).json()
    assert (in_force["policy"]["severe_ratio"], other["policy"]["severe_ratio"]) == (2.0, 1.2)
    assert {one["code"] for one in in_force["upgrades"]} >= {"yellow_repeated"}
    assert (await auditor.get("/v1/rule-book", params={"version": "none"})).status_code == 404


@pytest.mark.parametrize(
    ("body", "fields", "status", "problem"),
    [
        pytest.param(book(red_categories=[]), {}, 422, "rule-book-invalid", id="does not stand up"),
        pytest.param("- no book", {}, 422, "rule-book-invalid", id="no book"),
        pytest.param(
            book(), {"effective_from": "2026-11-23T09:05:09+08:00"}, 409, "effective-too-soon", id="nine seconds ahead"
        ),
        pytest.param(SHIPPED, {}, 409, "version-exists", id="the same version"),
        pytest.param(book(), {"reason": ""}, 422, "invalid-request", id="no reason"),
        pytest.param(book(), {"effective_from": "2026-11-23T09:05:09"}, 422, "invalid-request", id="naive"),
    ],
)
async def test_what_is_not_published_says_why(
    app: App, body: str, fields: dict[str, Any], status: int, problem: str
) -> None:
    answered, emitted = await proposed(app, body, **fields)
    assert (answered, emitted["type"]) == (status, f"urn:tricolor:problem:{problem}")


async def test_who_publishes_waits_for_who_grades_and_takes_the_time_after(
    app: App, clock: ManualClock, database_url: str
) -> None:
    """Two replicas, each with a memory of its own, never grade one moment with two books."""
    await push(app, hour(1))
    databases = Database(database_url), Database(database_url)
    grading, publishing = RuleBooks(SHIPPED), RuleBooks(SHIPPED)
    blocked = (
        "select count(*) from pg_locks join pg_database on pg_database.oid = database"
        " where datname = current_database() and not granted"
    )

    async def publish_apart() -> Any:
        async with databases[1].transaction() as connection:
            return await publishing.publish(
                connection, book(), effective_from=None, author="zhao", confirmed_by="qian", reason=WHY, clock=clock
            )

    async with databases[0].transaction() as connection:
        graded_at, by = clock.now(), await grading.in_force(connection, clock.now())
        waiting = asyncio.create_task(publish_apart())
        while not await connection.scalar(text(blocked)):  # noqa: ASYNC110  the lock tells nobody who waits
            await asyncio.sleep(0.01)
        clock.advance(timedelta(minutes=1))  # a long transaction
    published = await waiting
    assert published.effective_from == clock.now() + timedelta(seconds=10)

    instants = [graded_at, clock.now(), published.effective_from - timedelta(microseconds=1), published.effective_from]
    for one in (RuleBooks(SHIPPED), grading, publishing):
        async with databases[0].transaction() as connection:
            versions = [(await one.in_force(connection, at)).version for at in instants]
        assert versions == [by.version, by.version, by.version, "next"]
    for database in databases:
        await database.close()


async def test_one_clerk_alone_publishes_nothing(app: App) -> None:
    _, answer = await proposed(app, book())
    path = f"/v1/proposals/{answer['proposal']['proposal_id']}"
    for role in (Role.SECTION, Role.ADMIN, Role.LEADER):
        alone = await app(role, "zhao").post(f"{path}/confirm")
        assert (alone.status_code, alone.json()["type"]) == (409, "urn:tricolor:problem:two-people")
    assert (await app(Role.STATION_CHIEF, "w").post(f"{path}/confirm")).status_code == 404
    auditor = app(Role.AUDITOR, "a")
    assert [one["version"] for one in (await auditor.get("/v1/rule-book/versions")).json()["items"]] == [
        yaml.safe_load(SHIPPED)["version"]
    ]
    kept = (await auditor.get(path)).json()
    assert (kept["state"], kept["parameters"]["book"]) == ("open", book())


async def test_confirmed_after_its_instant_it_has_failed(app: App, clock: ManualClock) -> None:
    _, answer = await proposed(app, book(), effective_from="2026-11-23T10:00:00+08:00")
    path = f"/v1/proposals/{answer['proposal']['proposal_id']}"
    clock.advance(timedelta(hours=1))
    late = await app(Role.LEADER, "qian").post(f"{path}/confirm")
    assert (late.status_code, late.json()["type"]) == (409, "urn:tricolor:problem:effective-too-soon")
    kept = (await app(Role.AUDITOR, "a").get(path)).json()
    assert (kept["state"], "10 seconds" in kept["explanation"]) == ("failed", True)


async def test_only_section_and_admin_publish(app: App) -> None:
    answer = await app(Role.STATION_CHIEF, "w").post("/v1/rule-book", json={"book": book(), "reason": WHY})
    assert answer.status_code == 403


async def test_a_book_can_be_checked_and_tried_before_it_is_published(app: App) -> None:
    section = app(Role.SECTION, "zhao")
    good = (await section.post("/v1/rule-book/candidate/check", json={"book": book()})).json()
    assert (good["valid"], good["version"], len(good["changes"])) == (True, "next", 1)
    broken = book(change=lambda content: content["rules"][0].update(when="wind > 1.0"))
    bad = (await section.post("/v1/rule-book/candidate/check", json={"book": broken})).json()
    assert bad["valid"] is False
    assert "rule gas_daily_mean_exceedance: `when` uses wind" in bad["findings"][0]

    tried = (await section.post("/v1/rule-book/candidate/try", json={"book": book(), "event": hour(1)})).json()
    assert (tried["level"], tried["grading"]["rule_book_version"]) == ("red", "next")
    fares = {one["rule"]: one for one in tried["outcomes"]}
    assert fares["gas_hourly_mean_severe_exceedance"]["holds"] is True
    assert fares["approaching_limit"]["obstacle"]["en"] == "ratio must be at most 1 and is 1.22"
    refused = await section.post("/v1/rule-book/candidate/try", json={"book": book(), "event": {"id": "x"}})
    assert refused.status_code == 422


async def test_a_trial_knows_what_happened_before_for_those_who_may(app: App) -> None:
    await push(app, hour(1), hour(2))
    for role, subject, level in (
        (Role.AUDITOR, "a", "red"),
        (Role.ENTERPRISE, ENTERPRISE, "yellow"),  # what came before may be red, and not disclosed
        (Role.ENTERPRISE, "another", "yellow"),
        (Role.PLATFORM, "p", "yellow"),
    ):
        tried = (await app(role, subject).post("/v1/rule-book/try", json=hour(3))).json()
        assert tried["level"] == level, role


async def test_a_backtest_shows_what_would_change_and_stores_nothing(app: App) -> None:
    daily = EVENT | {"id": "daily"}
    results = await push(app, hour(1), hour(5), hour(9, 45.0), hour(20, 120.0), daily)
    section = app(Role.SECTION, "zhao")
    replay = {"since": "2026-11-22T00:00:00+08:00", "until": "2026-11-23T09:00:00+08:00"}
    same = (await section.post("/v1/rule-book/candidate/backtest", json={"book": SHIPPED} | replay)).json()
    assert (same["alerts"], same["changed"], same["added_visits"]) == (5, 0, 0)

    emitted = (await section.post("/v1/rule-book/candidate/backtest", json={"book": book()} | replay)).json()
    assert emitted["table"]["yellow"] == {"white": 0, "yellow": 0, "red": 2, "refused": 0}
    assert (emitted["added_visits"], emitted["changed"]) == (2, 2)
    changed = {one["alert_id"]: (one["before"], one["after"]) for one in emitted["changed_alerts"]}
    assert changed == {result["alert_id"]: ("yellow", "red") for result in results[:2]}
    for one in emitted["changed_alerts"]:  # with the rule of the candidate by which it changes
        assert one["rule"]
        assert one["rule_name"].keys() == {"zh", "en"}
    assert (await alert(app, results[0]["alert_id"]))["level"] == "yellow"

    # In parts it comes to the same.
    since: str | None = str(replay["since"])
    alerts, parts = 0, []
    while since is not None:
        asked = {"book": book()} | replay | {"since": since, "at_most": 2}
        part = (await section.post("/v1/rule-book/candidate/backtest", json=asked)).json()
        alerts += part["alerts"]
        assert alerts + part["remaining"] == emitted["alerts"]
        since = part["next_since"]
        parts.append(part)
    assert [part["alerts"] for part in parts] == [2, 2, 1]
    assert [one for part in parts for one in part["changed_alerts"]] == emitted["changed_alerts"]

    later = {"book": book(), "since": "2026-11-22T05:00:00+08:00"}
    assert (await section.post("/v1/rule-book/candidate/backtest", json=later)).json()["changed"] == 1
    bad = await section.post("/v1/rule-book/candidate/backtest", json=replay | {"book": "no book"})
    assert (bad.status_code, bad.json()["type"]) == (422, "urn:tricolor:problem:rule-book-invalid")
