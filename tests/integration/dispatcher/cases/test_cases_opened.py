"""What the dispatcher makes of alerts and clocks: notices, cases, teams; once each, and none forgotten."""

from datetime import timedelta
from uuid import uuid4

import pytest
from pydantic_core import from_json
from sqlalchemy import insert, update

from services.dispatcher import tables
from services.dispatcher.assignments.queue import AssignmentQueue
from shared.contract.cloudevents import compose
from shared.contract.events import CaseKind, DeadlineType, Recipient
from tests.integration.dispatcher.bureau import ENTERPRISE, OFFICERS, STATION, Bureau, Json


async def cases(bureau: Bureau, kind: CaseKind | None = None) -> list[Json]:
    return [row for row in await bureau.rows("cases") if kind is None or row["kind"] == kind]


async def test_white_is_a_notice_and_no_case(bureau: Bureau) -> None:
    await bureau.hear(bureau.event(bureau.alert("white")))
    assert await bureau.notices("white_reminder") == [(ENTERPRISE, None)]
    assert await cases(bureau) == []
    assert await bureau.told() == []


async def test_yellow_is_the_enterprises_to_answer(bureau: Bureau) -> None:
    case_id = await bureau.yellow()
    (opened,) = await bureau.told()
    assert opened["case_id"] == str(case_id)
    assert (opened["kind"], opened["state"], opened["level"]) == ("self_report", "open", "yellow")
    assert (opened["station"], opened["enterprise_name"]) == (STATION, "深圳某某电子有限公司")
    assert await bureau.notices("self_report_demand") == [(ENTERPRISE, None)]
    assert await bureau.rows("assignments") == []


async def test_red_goes_to_two_officers_at_once(bureau: Bureau) -> None:
    case_id = await bureau.red()
    opened, assigned = await bureau.told()
    assert (opened["state"], opened["team"]) == ("open", [])
    assert assigned["state"] == "assigned"
    assert [(one["officer"], one["part"]) for one in assigned["team"]] == [("chen", "lead"), ("li", "second")]
    assert assigned["policy_version"]
    why = {one["officer"]: one["reason"] for one in assigned["detail"]["why"]["candidates"]}
    assert set(why) == set(OFFICERS)
    assert list(await bureau.team(case_id)) == ["chen", "li"]
    assert sorted(await bureau.notices("case_offered")) == [("chen", None), ("li", None)]


async def test_the_next_case_goes_to_whoever_has_less_to_do(bureau: Bureau) -> None:
    await bureau.red()
    another = await bureau.know("another")
    assert list(await bureau.team(await bureau.red(enterprise=another))) == ["zhao", "chen"]


async def test_whoever_goes_to_the_enterprise_verifies_its_silence_too(bureau: Bureau) -> None:
    first = await bureau.red()
    await bureau.clock_says(DeadlineType.MISSED, await bureau.yellow(), state="overdue")
    (verification,) = [row for row in await bureau.rows("cases") if row["kind"] == "verification"]
    assert (verification["state"], verification["merged_into"]) == ("merged", first)
    assert await bureau.team(verification["case_id"]) == {}
    assert sorted(await bureau.notices("taken_in")) == [("chen", None), ("li", None)]


async def test_what_is_told_twice_happens_once(bureau: Bureau) -> None:
    alert = bureau.alert("red")
    event = bureau.event(alert)
    await bureau.hear(event, event)
    await bureau.hear(bureau.event(alert))  # told anew under another identifier
    assert len(await cases(bureau)) == 1
    assert len(await bureau.told()) == 2
    assert len(await bureau.rows("assignments")) == 2


async def test_a_poisoned_event_is_kept_and_holds_up_nothing(bureau: Bureau) -> None:
    poison = compose(
        topic="alerts",
        source="/t",
        type_="cn.tricolor.alert.graded.v1",
        enterprise=ENTERPRISE,
        time=bureau.clock.now(),
        data=bureau.alert("red").grading,
    )
    await bureau.hear(poison, bureau.event(bureau.alert("yellow")))
    await bureau.hear_bytes(b"{")
    letters = [row for row in await bureau.rows("outbox") if row["topic"] == "alerts.dead-letter"]
    assert [bytes(row["value"]) for row in letters] == [poison.value, b"{"]
    headers = {name: bytes.fromhex(value) for name, value in letters[0]["headers"]}
    assert headers["error-code"] == b"invalid-event"
    assert b"alert_id" in headers["error-detail"]
    assert len(await cases(bureau)) == 1


async def test_an_event_of_a_type_to_come_is_recorded_and_ignored(bureau: Bureau) -> None:
    await bureau.hear(bureau.event(bureau.alert("red"), type_="cn.tricolor.alert.withdrawn.v1"))
    assert [row["type"] for row in await bureau.rows("inbox")] == ["cn.tricolor.alert.withdrawn.v1"]
    assert await bureau.rows("outbox") == []


async def test_an_enterprise_nobody_registered_is_known_from_its_event(bureau: Bureau) -> None:
    await bureau.red(enterprise={"code": "NEW", "name": "新厂"}, district="440306")
    (new,) = [row for row in await bureau.rows("enterprises") if row["code"] == "NEW"]
    assert (new["name"], new["district"], new["source"]) == ("新厂", "440306", "event")
    # It is no station's, and the first by name least of all: the section says whose.
    assert [row["station"] for row in await cases(bureau)] == [None]


async def test_an_event_fills_in_what_master_data_does_not_say_and_changes_nothing_else(bureau: Bureau) -> None:
    await bureau.red(district="440304")
    await bureau.red(enterprise={"code": ENTERPRISE, "name": "改名"})
    (known,) = await bureau.rows("enterprises")
    assert (known["name"], known["district"], known["source"]) == ("深圳某某电子有限公司", "440306", "master")


# --- nobody to send ---


async def test_with_one_officer_on_duty_it_waits_and_the_chief_is_told_once(bureau: Bureau) -> None:
    await bureau.duty("chen")
    case_id = await bureau.red()
    for _ in range(3):
        assert await bureau.assign_waiting() == 0
    assert await bureau.notices("nobody_available") == [("station_chief", STATION)]
    assert await bureau.team(case_id) == {}

    await bureau.duty("chen", "zhao")
    assert await bureau.assign_waiting() == 1
    assert list(await bureau.team(case_id)) == ["chen", "zhao"]
    assert await bureau.assign_waiting() == 0


async def test_a_case_without_a_station_is_the_sections_until_master_data_says_whose(bureau: Bureau) -> None:
    await bureau.duty("chen")
    case_id = await bureau.red(enterprise={"code": "FAR", "name": "远厂"}, district="440399")
    assert await bureau.notices("nobody_available") == [("section", None)]
    async with bureau.database.transaction() as connection:
        far = tables.enterprises.c.code == "FAR"
        await connection.execute(update(tables.enterprises).where(far).values(station=STATION))

    assert await bureau.assign_waiting() == 0
    assert await bureau.notices("nobody_available") == [("section", None), ("station_chief", STATION)]
    async with bureau.chief() as chief:
        assert (await chief.get(f"/v1/cases/{case_id}")).json()["station"] == STATION


async def test_those_that_cannot_be_helped_hide_none_behind_them(bureau: Bureau) -> None:
    for number in range(4):
        await bureau.red(enterprise={"code": f"far-{number}"}, district="440399")
    await bureau.duty()
    bureau.clock.advance(timedelta(seconds=1))
    youngest = await bureau.red()
    await bureau.duty(*OFFICERS)

    queue = AssignmentQueue(2)
    assert [await bureau.assign_waiting(queue) for _ in range(3)] == [0, 0, 1]
    assert list(await bureau.team(youngest)) == ["chen", "li"]
    assert [await bureau.assign_waiting(queue) for _ in range(3)] == [0, 0, 0]  # and round again


# --- the clock ---


async def test_a_case_shows_what_its_own_clock_tells(bureau: Bureau) -> None:
    case_id = await bureau.yellow()
    await bureau.clock_says(DeadlineType.STARTED, case_id, kind="acceptance", due_text="another clock's")
    (case,) = await cases(bureau)
    assert case["due_at"] is None
    await bureau.clock_says(DeadlineType.STARTED, case_id)
    due = bureau.clock.now() + timedelta(hours=6)
    (case,) = await cases(bureau)
    assert (case["due_at"], case["due_text"], case["overdue_at"]) == (due, "2026-03-02 14:30", None)
    await bureau.clock_says(DeadlineType.MOVED, case_id, due_at=due + timedelta(hours=1), due_text="later")
    (case,) = await cases(bureau)
    assert (case["due_at"], case["due_text"]) == (due + timedelta(hours=1), "later")


async def test_a_clock_of_a_case_that_is_not_here_changes_nothing(bureau: Bureau) -> None:
    case_id = await bureau.yellow()
    await bureau.clock_says(DeadlineType.MISSED, case_id, case_id=uuid4())
    assert [row["overdue_at"] for row in await cases(bureau)] == [None]


async def test_a_yellow_case_missed_is_seen_on_site_once(bureau: Bureau) -> None:
    yellow = await bureau.yellow()
    bureau.clock.advance(timedelta(hours=6))
    for _ in range(2):
        await bureau.clock_says(DeadlineType.MISSED, yellow, state="overdue")
    (silent,) = await cases(bureau, CaseKind.SELF_REPORT)
    (verification,) = await cases(bureau, CaseKind.VERIFICATION)
    assert (silent["state"], silent["overdue_at"]) == ("open", bureau.clock.now())
    assert (verification["level"], verification["raised_by"]) == ("yellow", yellow)
    # Its clock runs from now; the alert is kept as it was received.
    assert verification["issued_at"] == bureau.clock.now()
    first, second = await bureau.rows("case_alerts")
    assert first["alert"] == second["alert"]
    opened, assigned = (await bureau.told())[1:]
    assert (opened["kind"], opened["raised_by"]) == ("verification", str(yellow))
    assert (assigned["state"], len(assigned["team"])) == ("assigned", 2)


async def test_a_red_case_missed_is_marked_and_stays_where_it_is(bureau: Bureau) -> None:
    red = await bureau.red()
    await bureau.clock_says(DeadlineType.MISSED, red, state="overdue")
    (case,) = await cases(bureau)
    assert (case["state"], case["overdue_at"]) == ("assigned", case["due_at"])


async def test_an_answer_received_in_time_but_told_late_takes_the_mark_away(bureau: Bureau) -> None:
    case_id = await bureau.yellow()
    await bureau.clock_says(DeadlineType.MISSED, case_id, state="overdue")
    await bureau.clock_says(DeadlineType.MET, case_id, state="met")
    (case,) = await cases(bureau, CaseKind.SELF_REPORT)
    assert case["overdue_at"] is None


@pytest.mark.parametrize(
    ("type_", "role", "purpose", "told"),
    [
        (DeadlineType.WARNED, "enterprise", "deadline_warned", [(ENTERPRISE, None)]),
        (DeadlineType.WARNED, "officer", "deadline_warned", [("chen", None), ("li", None)]),
        (DeadlineType.ESCALATED, "section", "deadline_escalated", [("section", None)]),
        (DeadlineType.MET, "section", "deadline_met", []),
    ],
)
async def test_whom_a_clock_addresses_is_told_and_the_timeline_knows(
    bureau: Bureau, type_: DeadlineType, role: str, purpose: str, told: list[tuple[str, None]]
) -> None:
    case_id = await bureau.red()
    await bureau.clock_says(type_, case_id, step="s", rung=2, recipients=[Recipient(role=role)])
    assert sorted(await bureau.notices(purpose)) == told
    entry = max(await bureau.rows("timeline"), key=lambda row: row["entry_id"])
    assert (entry["type"], entry["state"], entry["actor_role"]) == (type_, "assigned", "system")
    assert (entry["detail"]["rung"], entry["detail"]["due_text"]) == (2, "2026-03-02 14:30")


async def test_every_step_told_is_on_the_timeline(bureau: Bureau) -> None:
    case_id = await bureau.red()
    entries = [row for row in await bureau.rows("timeline") if row["case_id"] == case_id]
    assert [row["type"].split(".")[-2] for row in sorted(entries, key=lambda row: row["entry_id"])] == [
        from_json(row["value"])["type"].split(".")[-2] for row in await bureau.rows("outbox")
    ]
    assert {row["at"] for row in entries} == {bureau.clock.now()}


async def test_a_team_is_two_different_officers_by_the_database_itself(bureau: Bureau) -> None:
    case_id = await bureau.red()
    third = {
        "assignment_id": uuid4(),
        "case_id": case_id,
        "enterprise_code": ENTERPRISE,
        "officer": "chen",
        "part": "third",
        "state": "assigned",
        "round": 1,
        "offered_at": bureau.clock.now(),
        "explanation": {},
    }
    for change, constraint in (
        ({}, "assignments_part_check"),
        ({"part": "lead", "officer": "zhao"}, "assignments_team_part_idx"),
        ({"part": "second", "officer": "zhao"}, "assignments_team_part_idx"),
    ):
        with pytest.raises(Exception, match=constraint):
            async with bureau.database.transaction() as connection:
                await connection.execute(insert(tables.assignments).values(third | change))
