"""Reminders that are not heeded become obligations, and yellow alerts repeated or unanswered become red ones."""

from datetime import datetime, timedelta
from typing import Any

from pydantic_core import from_json, to_json

from services.sample.anomalies import GAP, YELLOW, Pattern, anomaly
from services.sample.district import Enterprise
from shared.contract.roles import Role
from shared.time.instants import SHANGHAI, shown
from tests.scenarios.conftest import STATION
from tests.world import Json, World

REPORT = {"cause": "加药泵故障", "measures": "已更换并复测达标", "finished_at": "2026-03-02T08:40:00+08:00"}


async def push_hour(world: World, pattern: Pattern, enterprise: Enterprise, end: str) -> None:
    """The hour that ended at `end`, pushed now."""
    at = datetime.fromisoformat(end).replace(tzinfo=SHANGHAI)
    event = from_json(anomaly(pattern, enterprise, enterprise.outlets[0], at, world.choice))
    event["time"] = shown(world.clock.now())
    await world.push_bytes(to_json(event), enterprise)
    await world.settle()


async def cases(world: World, **asked: Any) -> list[Json]:
    auditor = await world.app(Role.AUDITOR)
    items: list[Json] = (await auditor.get("/dispatch/v1/cases", params=asked)).json()["items"]
    return items


async def test_the_third_reminder_of_a_day_asks_for_a_report(the_world: World, enterprise: Enterprise) -> None:
    for end in ("2026-03-01T20:00", "2026-03-02T03:00"):
        await push_hour(the_world, GAP, enterprise, end)
    assert not the_world.heard("case.opened")
    await push_hour(the_world, GAP, enterprise, "2026-03-02T08:00")
    (graded,) = the_world.heard("alert.graded", level="yellow")
    assert graded["grading"]["rule"] == "white_repeated"
    assert len(graded["grading"]["causes"]) == 2
    (clock,) = the_world.heard("deadline.started", kind="self_report")
    assert clock["due_at"] == "2026-03-02T14:30:00+08:00"


async def test_the_third_yellow_of_a_week_sends_officers(the_world: World, enterprise: Enterprise) -> None:
    for end in ("2026-02-25T10:00", "2026-02-27T10:00", "2026-03-02T08:00"):
        await push_hour(the_world, YELLOW, enterprise, end)
    (red,) = the_world.heard("alert.graded", level="red")
    assert red["grading"]["rule"] == "yellow_repeated"
    (visit,) = the_world.heard("case.opened", kind="on_site")
    assert the_world.heard("case.assigned", case_id=visit["case_id"])


async def test_an_hour_heard_late_upgrades_the_later_ones_with_clocks_of_their_own(
    the_world: World, enterprise: Enterprise
) -> None:
    await push_hour(the_world, YELLOW, enterprise, "2026-03-02T05:00")
    await push_hour(the_world, YELLOW, enterprise, "2026-03-02T07:00")
    await the_world.at("2026-03-02T09:00")
    await push_hour(the_world, YELLOW, enterprise, "2026-03-02T06:00")

    (regraded,) = the_world.heard("alert.regraded")
    assert (regraded["previous_level"], regraded["level"], regraded["cause"]) == ("yellow", "red", "history")
    (old,) = await cases(the_world, status="superseded")
    assert (old["state"], old["outcome"]) == ("superseded", "upgraded")
    (new,) = await cases(the_world, level="red")
    assert (new["raised_by"], new["issued_at"]) == (old["case_id"], "2026-03-02T09:00:00+08:00")

    auditor = await the_world.app(Role.AUDITOR)
    clocks = (await auditor.get("/watch/v1/deadlines")).json()["items"]
    kept = {clock["case_id"]: (clock["state"], clock["due_text"]) for clock in clocks}
    assert kept[old["case_id"]][0] == "cancelled"
    assert kept[new["case_id"]] == ("open", "2026-03-09 24:00 (+08:00)")
    # The enterprise hears that its report is asked for no more.
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    notices = (await app.get("/dispatch/v1/notices", params={"purpose": "case_ended"})).json()["items"]
    assert [notice["case_id"] for notice in notices] == [old["case_id"]]
    late = await app.post(f"/dispatch/v1/cases/{old['case_id']}/self-report", json=REPORT)
    assert (late.status_code, late.json()["state"]) == (409, "superseded")


async def test_a_yellow_alert_left_unanswered_for_a_day_is_red(the_world: World, enterprise: Enterprise) -> None:
    await push_hour(the_world, YELLOW, enterprise, "2026-03-02T08:00")
    await the_world.at("2026-03-03T08:31:59")
    assert not the_world.heard("alert.regraded")
    await the_world.at("2026-03-03T08:32")  # a day, and two minutes for word of an answer to arrive
    (regraded,) = the_world.heard("alert.regraded")
    assert (regraded["level"], regraded["cause"]) == ("red", "unanswered")
    assert regraded["grading"]["rule"] == "yellow_unanswered"
    (visit,) = the_world.heard("case.opened", kind="on_site")
    (clock,) = the_world.heard("deadline.started", case_id=visit["case_id"])
    assert clock["due_at"] == "2026-03-11T00:00:00+08:00"
    # What was missed stays missed.
    assert the_world.heard("deadline.missed", kind="self_report")
    await the_world.after(hours=48)
    assert len(the_world.heard("alert.regraded")) == 1


async def test_an_answer_in_time_prevents_it(the_world: World, enterprise: Enterprise) -> None:
    await push_hour(the_world, YELLOW, enterprise, "2026-03-02T08:00")
    await the_world.at("2026-03-03T08:00")  # late for its deadline, in time for this
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    found = (await app.get("/dispatch/v1/cases")).json()["items"]
    (case,) = (case for case in found if case["kind"] == "self_report")
    assert (await app.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json=REPORT)).is_success
    await the_world.after(hours=48)
    assert not the_world.heard("alert.regraded")


async def test_an_answer_whose_word_comes_late_goes_before_people(the_world: World, enterprise: Enterprise) -> None:
    await push_hour(the_world, YELLOW, enterprise, "2026-03-02T08:00")
    await the_world.at("2026-03-03T08:00")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    found = (await app.get("/dispatch/v1/cases")).json()["items"]
    (case,) = (case for case in found if case["kind"] == "self_report")
    await app.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json=REPORT)
    # The dispatcher's outbox is not relayed for an hour, and deadline_watch knows of no answer.
    the_world.clock.advance(timedelta(hours=1))
    (watcher,) = (duty for duty in the_world.services["watch"].duties if duty.name == "watcher")
    while await watcher.run_once():
        pass
    await the_world.relay("watch")
    await the_world.settle()
    assert the_world.heard("alert.regraded", cause="unanswered")

    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    (proposal,) = (await chief.get("/ingest/v1/decisions", params={"state": "proposed"})).json()["items"]
    assert (proposal["ground"], proposal["level"], proposal["proposed_by"]) == ("answered", "yellow", "system:tricolor")
    await chief.post(f"/ingest/v1/decisions/{proposal['decision_id']}/confirm")
    await the_world.settle()
    assert the_world.heard("alert.regraded", cause="decision", level="yellow")
    (visit,) = await cases(the_world, status="superseded", level="red")
    assert visit["outcome"] == "downgraded"
