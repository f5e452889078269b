"""One open matter, one answer: yellow alerts of one enterprise are one case, one report, and one verification."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from services.dispatcher import tables
from shared.contract.cloudevents import Outgoing, compose
from shared.contract.events import (
    ALERT_DISMISSED,
    ALERT_REGRADED,
    MILESTONE_MISSED,
    AlertDismissed,
    AlertRegraded,
    CaseMark,
    DeadlineType,
    MilestoneMissed,
)
from shared.contract.roles import Role
from shared.time.instants import shown
from tests.integration.dispatcher.bureau import ENTERPRISE, Bureau, Json

REPORT = {"cause": "停电", "measures": "已恢复", "finished_at": "2026-03-02T08:20:00+08:00"}


async def yellows(bureau: Bureau, number: int) -> list[UUID]:
    opened = []
    for _ in range(number):
        opened.append(await bureau.yellow())
        bureau.clock.advance(timedelta(minutes=10))
    return opened


async def states(bureau: Bureau) -> dict[UUID, tuple[str, UUID | None]]:
    return {row["case_id"]: (row["state"], row["merged_into"]) for row in await bureau.rows("cases")}


async def row_of(bureau: Bureau, case_id: UUID) -> Json:
    (row,) = [row for row in await bureau.rows("cases") if row["case_id"] == case_id]
    return row


async def steps(bureau: Bureau, case_id: UUID) -> list[str]:
    return [event["state"] for event in await bureau.told() if event.get("case_id") == str(case_id)]


async def post(app: Any, path: str, body: Json) -> Json:
    answer = await app.post(f"/v1/cases/{path}", json=body)
    assert answer.is_success, answer.text
    kept: Json = answer.json()
    return kept


async def regraded_red(bureau: Bureau, case_id: UUID) -> UUID:
    """The yellow alert of a case becomes red; returns the case on site."""
    row = await row_of(bureau, case_id)
    facts = bureau.alert("red", alert_id=str(row["alert_id"])).model_dump()
    alert = AlertRegraded.model_validate(facts | {"previous_level": "yellow", "revision": 2, "cause": "unanswered"})
    await bureau.hear(bureau.event(alert, ALERT_REGRADED))
    (red,) = [row for row in await bureau.rows("cases") if row["raised_by"] == case_id and row["kind"] == "on_site"]
    return UUID(str(red["case_id"]))


def turned(bureau: Bureau, row: Json, level: str, previous: str, revision: int) -> Outgoing:
    """The event that an alert is graded anew."""
    facts = bureau.alert(level, alert_id=str(row["alert_id"])).model_dump()
    changed = {"previous_level": previous, "revision": revision, "cause": "unanswered"}
    return bureau.event(AlertRegraded.model_validate(facts | changed), ALERT_REGRADED)


async def test_many_that_turn_red_in_one_batch_are_one_visit(bureau: Bureau) -> None:
    open_ = await yellows(bureau, 4)
    rows = [await row_of(bureau, case_id) for case_id in open_]
    again = turned(bureau, rows[0], "red", "yellow", 3)  # of one alert two grades: one after another
    await bureau.hear(*(turned(bureau, row, "red", "yellow", 2) for row in rows), again)
    kept = await states(bureau)
    assert [kept[case_id][0] for case_id in open_] == ["superseded"] * 4
    reds = [row for row in await bureau.rows("cases") if row["kind"] == "on_site"]
    assert {row["raised_by"] for row in reds} >= set(open_)
    alive = [row for row in reds if row["closed_at"] is None]
    (lead,) = [row["case_id"] for row in alive if row["merged_into"] is None]
    assert len(alive) == 4
    assert {row["merged_into"] for row in alive} == {None, lead}


async def dismissed(bureau: Bureau, case_id: UUID) -> None:
    row = await row_of(bureau, case_id)
    facts = {"enterprise": {"code": ENTERPRISE}, "level": row["level"], "ground": "equipment_fault", "reason": "故障"}
    people = {"proposed_by": "a", "confirmed_by": "b", "at": shown(bureau.clock.now())}
    alert = AlertDismissed.model_validate({"alert_id": row["alert_id"]} | facts | people)
    await bureau.hear(bureau.event(alert, ALERT_DISMISSED))


async def test_a_further_yellow_is_a_matter_with_a_deadline_and_a_notice_of_its_own(bureau: Bureau) -> None:
    first, second, third = await yellows(bureau, 3)
    assert await states(bureau) == {first: ("open", None), second: ("merged", first), third: ("merged", first)}
    opened = [event["issued_at"] for event in await bureau.told("case.opened")]
    assert len(set(opened)) == 3
    demands = [row for row in await bureau.rows("notices") if row["purpose"] == "self_report_demand"]
    assert sorted(f"并入贵单位尚未反馈的案件 {first}" in row["body"]["zh"] for row in demands) == [False, True, True]
    async with bureau.enterprise() as app:
        lead = (await app.get(f"/v1/cases/{first}")).json()
        assert [one["case_id"] for one in lead["matters"]] == [str(second), str(third)]
        entries = (await app.get(f"/v1/cases/{second}/timeline")).json()["items"]
    assert [(one["type"].split(".")[3], one["detail"]) for one in entries] == [
        ("opened", {}),
        ("merged", {"merged_into": str(first)}),
    ]


async def test_one_report_and_one_review_answer_every_matter_before_it(bureau: Bureau) -> None:
    first, second = await yellows(bureau, 2)
    async with bureau.enterprise() as app, bureau.chief() as chief:
        # Sent to the matter, it is the report of the case.
        await post(app, f"{second}/self-report", REPORT)
        assert await states(bureau) == {first: ("self_reported", None), second: ("merged", first)}
        later = await bureau.yellow()
        assert (await states(bureau))[later] == ("open", None)
        again = await app.post(f"/v1/cases/{second}/self-report", json=REPORT)
        assert (again.status_code, again.json()["state"]) == (409, "self_reported")

        # Returned, it is open again; what came meanwhile is one more matter of it.
        await post(chief, f"{first}/return", {"reason": "未说明复测结果"})
        assert await bureau.notices("returned") == [(ENTERPRISE, None)]
        assert (await states(bureau))[later] == ("merged", first)
        await post(app, f"{first}/self-report", REPORT)
        await post(chief, f"{first}/approve", {})
    assert await steps(bureau, second) == ["open", *["merged"] * 4, *["accepted_report"] * 2]
    assert await steps(bureau, later) == ["open", *["merged"] * 2, *["accepted_report"] * 2]
    outcomes = [row["outcome"] for row in await bureau.rows("cases") if row["kind"] == "self_report"]
    assert outcomes == ["accepted_report"] * 3
    reported = [row["case_id"] for row in await bureau.rows("self_reports")]
    assert [reported.count(case) for case in (first, second, later)] == [2, 2, 1]


async def test_the_third_yellow_of_one_answer_sends_one_team_for_all_of_them(bureau: Bureau) -> None:
    first, *others = await yellows(bureau, 3)
    async with bureau.enterprise() as app, bureau.chief() as chief:
        await post(app, f"{first}/self-report", REPORT)
        await post(chief, f"{first}/approve", {})
    await bureau.assign_waiting()
    verifications = [row for row in await bureau.rows("cases") if row["kind"] == "verification"]
    assert {row["raised_by"] for row in verifications} == {first, *others}
    (visit,) = [row["case_id"] for row in verifications if row["merged_into"] is None]
    assert {row["merged_into"] for row in verifications} == {None, visit}
    assert len(await bureau.rows("assignments")) == 2
    assert len([row for row in await bureau.rows("timeline") if row["type"].endswith("truth_check.v1")]) == 1


async def test_several_silences_are_verified_in_one_visit(bureau: Bureau) -> None:
    cases = await yellows(bureau, 3)
    for case_id in cases:
        await bureau.clock_says(DeadlineType.MISSED, case_id, state="overdue")
    verifications = [row for row in await bureau.rows("cases") if row["kind"] == "verification"]
    assert len(verifications) == 3
    assert len([row for row in verifications if row["merged_into"] is None]) == 1
    assert len(await bureau.rows("assignments")) == 2


async def test_a_yellow_that_turns_red_takes_its_verification_along(bureau: Bureau) -> None:
    first, second = await yellows(bureau, 2)
    await bureau.clock_says(DeadlineType.MISSED, first, state="overdue")
    (visit,) = [row["case_id"] for row in await bureau.rows("cases") if row["kind"] == "verification"]
    team = await bureau.team(visit)
    red = await regraded_red(bureau, first)
    assert (await states(bureau))[red] == ("merged", visit)  # officers have been given it: the same go for both
    assert await bureau.team(visit) == team
    # The other yellow is a case of its own now, and its red one goes along as well.
    assert (await states(bureau))[second] == ("open", None)
    also_red = await regraded_red(bureau, second)
    assert (await states(bureau))[also_red] == ("merged", visit)
    assert len(await bureau.rows("assignments")) == 2


async def test_a_red_case_leads_the_verifications_that_wait_for_a_team(bureau: Bureau) -> None:
    await bureau.duty()
    first, second = await yellows(bureau, 2)
    for case_id in (first, second):
        await bureau.clock_says(DeadlineType.MISSED, case_id, state="overdue")
    waiting, joined = [row["case_id"] for row in await bureau.rows("cases") if row["kind"] == "verification"]
    assert (await states(bureau))[joined] == ("merged", waiting)
    red = await regraded_red(bureau, first)
    assert [(await states(bureau))[one] for one in (waiting, joined, red)] == [
        ("merged", red),
        ("merged", red),
        ("open", None),
    ]
    await bureau.duty("chen", "li")
    await bureau.assign_waiting()
    assert sorted(await bureau.team(red)) == ["chen", "li"]
    async with bureau.officer("chen") as chen:
        (own,) = (await chen.get("/v1/assignments")).json()["items"]
        assert (own["level"], {one["case_id"] for one in own["matters"]}) == ("red", {str(waiting), str(joined)})
        assert (await chen.get(f"/v1/cases/{joined}")).is_success


async def test_where_the_first_is_a_false_alarm_the_others_go_on_as_far_as_they_are(bureau: Bureau) -> None:
    first, second, third = await yellows(bureau, 3)
    async with bureau.enterprise() as app, bureau.chief() as chief:
        await post(app, f"{first}/self-report", REPORT)
        await dismissed(bureau, first)
        assert await states(bureau) == {
            first: ("dismissed", None),
            second: ("self_reported", None),
            third: ("merged", second),
        }
        await post(chief, f"{second}/approve", {})
    assert [(await states(bureau))[one][0] for one in (second, third)] == ["accepted_report"] * 2


async def test_a_matter_that_falls_away_leaves_the_others_where_they_are(bureau: Bureau) -> None:
    first, second = await yellows(bureau, 2)
    await dismissed(bureau, second)
    async with bureau.enterprise() as app:
        assert (await app.get(f"/v1/cases/{first}")).json()["matters"] == []
        await post(app, f"{first}/self-report", REPORT)
    assert [(await states(bureau))[one][0] for one in (first, second)] == ["self_reported", "dismissed"]


async def test_cases_that_an_earlier_release_left_side_by_side_are_answered_together(bureau: Bureau) -> None:
    first, second = await yellows(bureau, 2)
    async with bureau.database.transaction() as connection:
        apart = update(tables.cases).where(tables.cases.c.case_id == second)
        await connection.execute(apart.values(state="open", merged_into=None, state_before=None))
    async with bureau.enterprise() as app:
        await post(app, f"{second}/self-report", REPORT)
    assert await states(bureau) == {first: ("merged", second), second: ("self_reported", None)}


async def test_what_is_asked_anew_joins_what_is_open(bureau: Bureau) -> None:
    (closed,) = await yellows(bureau, 1)
    async with bureau.enterprise() as app, bureau.chief() as chief, bureau.api.app(Role.SECTION) as section:
        await post(app, f"{closed}/self-report", REPORT)
        await post(chief, f"{closed}/approve", {})
        (open_one,) = await yellows(bureau, 1)
        again = await post(section, f"{closed}/reopen", {"reason": "复测仍然异常"})
        assert (again["state"], again["merged_into"]) == ("merged", str(open_one))
        refused = await section.post(f"/v1/cases/{again['case_id']}/unmerge", json={"reason": "x"})
        assert refused.status_code == 409  # one answer answers both, whoever would have it otherwise


async def reviewed_late(bureau: Bureau, case_id: UUID) -> None:
    """deadline_watch emits that nobody reviewed the answer of a case in time."""
    row, now = await row_of(bureau, case_id), shown(bureau.clock.now())
    late = MilestoneMissed.model_validate(
        {
            **{name: row[name] for name in ("case_id", "alert_id", "kind", "level", "enterprise_code", "station")},
            "milestone": "review",
            "name": {"zh": "审核", "en": "review"},
            "awaited": CaseMark.REVIEWED,
            "started_at": now,
            "due_at": now,
            "at": now,
            "policy_version": "1",
            "calendar_version": "1",
            "recipients": [{"role": "section"}],
        }
    )
    at = bureau.clock.now()
    await bureau.hear(
        compose(topic="deadlines", source="/t", type_=MILESTONE_MISSED, enterprise=ENTERPRISE, time=at, data=late)
    )


async def test_a_review_that_is_late_for_all_is_said_once(bureau: Bureau) -> None:
    first, second = await yellows(bureau, 2)
    async with bureau.enterprise() as app:
        await post(app, f"{first}/self-report", REPORT)
    for case_id in (first, second):
        await reviewed_late(bureau, case_id)
    assert await bureau.notices("milestone_missed") == [("section", None)]
    noted = {row["case_id"] for row in await bureau.rows("timeline") if row["type"] == MILESTONE_MISSED}
    assert noted == {first, second}
