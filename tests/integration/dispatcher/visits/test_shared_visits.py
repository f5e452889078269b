"""Shared visits: cases join one visit, keep their own deadlines, and are separated again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from shared.contract.cloudevents import compose
from shared.contract.events import ALERT_DISMISSED, AlertDismissed, DeadlineType
from shared.contract.roles import Role
from shared.time.instants import shown
from tests.integration.dispatcher.bureau import ELSEWHERE, ENTERPRISE, Bureau
from tests.integration.dispatcher.cases.test_hand_overs import hire, visiting

FEEDBACK = {"findings": "活性炭未及时更换", "measures": "已更换", "outcome": "rectified"}


async def case(app: httpx.AsyncClient, case_id: UUID) -> Any:
    answer = await app.get(f"/v1/cases/{case_id}")
    assert answer.is_success, answer.text
    return answer.json()


async def test_a_second_red_alert_joins_the_visit_and_keeps_its_own_clock(bureau: Bureau) -> None:
    first = await bureau.red()
    bureau.clock.advance(timedelta(hours=20))
    second = await bureau.red(category="gas_hourly_mean_severe_exceedance")
    due = bureau.clock.now() + timedelta(days=7)
    await bureau.clock_says(DeadlineType.STARTED, second, due_at=due, due_text="2026-03-10 24:00")
    assert await bureau.team(second) == {}
    opened, merged = [told for told in await bureau.told() if told["case_id"] == str(second)]
    assert opened["issued_at"] == merged["issued_at"] == shown(bureau.clock.now())
    assert merged["detail"] == {"merged_into": str(first), "team": ["chen", "li"]}
    assert sorted(await bureau.notices("taken_in")) == [("chen", None), ("li", None)]
    async with bureau.officer("chen") as chen:
        (own,) = (await chen.get("/v1/assignments")).json()["items"]
        (matter,) = own["matters"]
        assert {name: matter[name] for name in ("case_id", "due_at", "due_text", "level", "observed")} == {
            "case_id": str(second),
            "due_at": shown(due),
            "due_text": "2026-03-10 24:00",
            "level": "red",
            "observed": 61.2,
        }
        assert matter["category"]["code"] == "gas_hourly_mean_severe_exceedance"
        assert matter["reason"] == {"zh": "日均值超标", "en": "the daily mean is above the limit"}
        joined = await case(chen, second)
    assert (joined["state"], joined["merged_into"], joined["due_at"]) == ("merged", str(first), shown(due))
    assert [member["officer"] for member in joined["team"]] == ["chen", "li"]  # those of the visit


async def test_one_report_and_one_review_answer_all_of_them(bureau: Bureau) -> None:
    visit = await visiting(bureau)
    along = await bureau.red()
    async with bureau.officer("chen") as chen, bureau.chief() as chief:
        await chen.post(f"/v1/cases/{visit}/feedback", json=FEEDBACK)
        await bureau.arrive_second(visit)
        await chief.post(f"/v1/cases/{visit}/return", json={"reason": "缺少照片"})
        await chen.post(f"/v1/cases/{visit}/feedback", json=FEEDBACK)
        assert (await chief.post(f"/v1/cases/{visit}/approve", json={})).is_success
        closed = await case(chief, along)
    assert (closed["state"], closed["outcome"]) == ("approved", "rectified")
    assert [member["officer"] for member in closed["team"]] == ["chen", "li"]  # and a closed case keeps them
    told = [name.split(".")[3] for name in await types(bureau, along)]
    assert told == ["opened", "merged", "feedback_submitted", "returned", "feedback_submitted", "approved", "closed"]
    async with bureau.officer("chen") as chen:
        assert (await chen.get("/v1/assignments")).json()["items"] == []


async def types(bureau: Bureau, case_id: UUID) -> list[str]:
    rows = [row for row in await bureau.rows("timeline") if row["case_id"] == case_id]
    return [row["type"] for row in sorted(rows, key=lambda row: row["entry_id"])]


async def test_each_matter_of_a_visit_may_come_to_something_else(bureau: Bureau) -> None:
    visit = await visiting(bureau)
    alike, other = await bureau.red(), await bureau.red()
    own = {"findings": "数采仪故障，未超标", "measures": "已修复", "outcome": "false_alarm"}
    async with bureau.officer("chen") as chen, bureau.chief() as chief:
        strange = FEEDBACK | {"matters": [{**own, "case_id": str(visit)}]}
        refused = await chen.post(f"/v1/cases/{visit}/feedback", json=strange)
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:tricolor:problem:unknown-matter")
        report = FEEDBACK | {"matters": [{**own, "case_id": str(other)}]}
        assert (await chen.post(f"/v1/cases/{visit}/feedback", json=report)).is_success
        # The reviewer's word is for what was reported to come to the same; the false alarm stays one.
        await bureau.arrive_second(visit)
        assert (await chief.post(f"/v1/cases/{visit}/approve", json={"outcome": "rectified"})).is_success
        assert [(await case(chief, one))["outcome"] for one in (visit, alike, other)] == [
            "rectified",
            "rectified",
            "false_alarm",
        ]
    told = {one["case_id"]: one["detail"] for one in await bureau.told("case.feedback_submitted")}
    assert told[str(other)]["findings"] == "数采仪故障，未超标"
    assert told[str(alike)]["findings"] == FEEDBACK["findings"]
    closed = {one["case_id"]: one["outcome"] for one in await bureau.told("case.closed")}
    assert closed == {str(visit): "rectified", str(alike): "rectified", str(other): "false_alarm"}


async def test_a_reported_visit_takes_nothing_in(bureau: Bureau) -> None:
    visit = await visiting(bureau)
    async with bureau.officer("chen") as chen:
        await chen.post(f"/v1/cases/{visit}/feedback", json=FEEDBACK)
    second = await bureau.red()
    assert set(await bureau.team(second)) == {"chen", "li"}  # of its own, the same two for they know the place


async def test_a_merge_is_undone_with_a_reason(bureau: Bureau) -> None:
    await bureau.red()
    second = await bureau.red()
    async with bureau.chief() as chief, bureau.chief(ELSEWHERE) as other:
        assert (await other.post(f"/v1/cases/{second}/unmerge", json={"reason": "x"})).status_code == 404
        assert (await chief.post(f"/v1/cases/{second}/unmerge", json={})).status_code == 422
        parted = await chief.post(f"/v1/cases/{second}/unmerge", json={"reason": "涉及另一厂区"})
        assert (parted.json()["state"], parted.json()["merged_into"]) == ("assigned", None)
        assert (await chief.post(f"/v1/cases/{second}/unmerge", json={"reason": "x"})).status_code == 409
    (told,) = await bureau.told("case.unmerged")
    assert (told["reason"], told["actor"]["subject"]) == ("涉及另一厂区", "wang")


async def test_where_the_visit_ends_as_a_false_alarm_the_next_takes_its_team(bureau: Bureau) -> None:
    first = await bureau.red()
    bureau.clock.advance(timedelta(minutes=1))
    second = await bureau.red()
    bureau.clock.advance(timedelta(minutes=1))
    third = await bureau.red()
    team = set(await bureau.team(first))
    (row,) = [row for row in await bureau.rows("cases") if row["case_id"] == first]
    dismissed = AlertDismissed.model_validate(
        {
            "alert_id": row["alert_id"],
            "enterprise": {"code": ENTERPRISE},
            "level": "red",
            "ground": "equipment_fault",
            "reason": "监测设备故障",
            "proposed_by": "a",
            "confirmed_by": "b",
            "at": shown(bureau.clock.now()),
        }
    )
    await bureau.hear(
        compose(
            topic="alerts",
            source="/t",
            type_=ALERT_DISMISSED,
            enterprise=ENTERPRISE,
            time=bureau.clock.now(),
            data=dismissed,
        )
    )
    states = {row["case_id"]: (row["state"], row["merged_into"]) for row in await bureau.rows("cases")}
    assert states == {first: ("dismissed", None), second: ("assigned", None), third: ("merged", second)}
    assert set(await bureau.team(second)) == team


async def test_a_transferred_visit_takes_its_companions_along(bureau: Bureau) -> None:
    await hire(bureau, "sun", "qian", station=ELSEWHERE)
    visit, along = await bureau.red(), await bureau.red()
    async with bureau.chief() as chief, bureau.chief(ELSEWHERE) as other:
        await chief.post(f"/v1/cases/{visit}/transfer", json={"station": ELSEWHERE, "reason": "移送"})
        assert (await case(other, along))["merged_into"] == str(visit)


# --- planned inspections ---

PLAN = {
    "plan": "SZ2026Q1-0042",
    "enterprise_code": ENTERPRISE,
    "matters": "排污许可证后执法检查",
    "planned_from": "2026-01-01",
    "planned_until": "2026-03-31",
}


async def plan(bureau: Bureau, **changes: str) -> Any:
    async with bureau.api.app(Role.SECTION) as section:
        answer = await section.post("/v1/inspections", json={"inspections": [PLAN | changes]})
        assert answer.is_success, answer.text
        return answer.json()


async def test_a_case_meets_a_planned_inspection_and_never_waits_for_its_date(bureau: Bureau) -> None:
    assert await plan(bureau) == {"inspections": 1, "linked": 0}
    case_id = await bureau.red()
    await bureau.clock_says(DeadlineType.STARTED, case_id, due_text="2026-03-09 24:00")
    (told,) = await bureau.told("case.merged")
    assert told["detail"]["inspection"]["plan"] == "SZ2026Q1-0042"
    async with bureau.officer("chen") as chen, bureau.chief() as chief:
        shown_case = await case(chen, case_id)
        assert [one["planned_until"] for one in shown_case["matters"]] == ["2026-03-31"]
        assert shown_case["due_text"] == "2026-03-09 24:00"
        inspection = (await chief.get("/v1/inspections")).json()["items"][0]
        assert inspection["case_id"] == str(case_id)
        body = {"reason": "抽查另行安排", "inspection_id": inspection["inspection_id"]}
        assert (await chief.post(f"/v1/cases/{case_id}/unmerge", json=body)).json()["matters"] == []
        assert (await chief.post(f"/v1/cases/{case_id}/unmerge", json=body)).status_code == 404


async def test_an_imported_plan_finds_the_open_case_and_is_done_with_it(bureau: Bureau) -> None:
    visit = await visiting(bureau)
    assert await plan(bureau) == {"inspections": 1, "linked": 1}
    assert await plan(bureau, matters="更正事项") == {"inspections": 1, "linked": 0}
    async with bureau.officer("chen") as chen, bureau.chief() as chief:
        await chen.post(f"/v1/cases/{visit}/feedback", json=FEEDBACK)
        await bureau.arrive_second(visit)
        await chief.post(f"/v1/cases/{visit}/approve", json={})
        (inspection,) = (await chief.get("/v1/inspections", params={"enterprise": ENTERPRISE})).json()["items"]
    assert inspection["done_at"] is not None
    assert inspection["matters"] == "更正事项"


async def test_a_past_plan_is_met_by_nothing(bureau: Bureau) -> None:
    await plan(bureau, planned_until="2026-03-01")
    await bureau.red()
    assert await bureau.told("case.merged") == []


# --- the positive list ---


async def test_the_positive_list_is_checked_off_site_first(bureau: Bureau) -> None:
    case_id = await bureau.red(response="off_site_first")
    lead = (await bureau.team(case_id))["chen"]
    report = FEEDBACK | {"off_site": True}
    async with bureau.officer("chen") as chen, bureau.chief() as chief:
        assert (await chen.post(f"/v1/cases/{case_id}/feedback", json=report)).status_code == 409
        await chen.post(f"/v1/assignments/{lead}/accept")
        assert "off-site-feedback" in (await case(chen, case_id))["allowed"]
        assert (await chen.post(f"/v1/cases/{case_id}/feedback", json=report)).json()["state"] == "reported"
        # What the check off site cannot settle is looked at on the spot.
        await chief.post(f"/v1/cases/{case_id}/return", json={"reason": "需现场核实"})
        for step in ("depart", "arrive"):
            assert (await chen.post(f"/v1/assignments/{lead}/{step}")).is_success
        assert (await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)).is_success


async def test_nobody_else_reports_without_a_visit(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        await chen.post(f"/v1/assignments/{(await bureau.team(case_id))['chen']}/accept")
        refused = await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK | {"off_site": True})
    assert (refused.status_code, refused.json()["allowed"]) == (409, ["decline", "depart", "hand-over"])


# --- asked for anew ---


async def test_a_closed_case_is_asked_for_anew_as_another_one(bureau: Bureau) -> None:
    visit = await visiting(bureau)
    async with bureau.officer("chen") as chen, bureau.chief() as chief, bureau.api.app(Role.LEADER) as leader:
        await chen.post(f"/v1/cases/{visit}/feedback", json=FEEDBACK)
        await bureau.arrive_second(visit)
        await chief.post(f"/v1/cases/{visit}/approve", json={})
        bureau.clock.advance(timedelta(days=30))
        assert (await chief.post(f"/v1/cases/{visit}/reopen", json={"reason": "复发"})).status_code == 403
        again = (await leader.post(f"/v1/cases/{visit}/reopen", json={"reason": "群众再次投诉"})).json()
        assert (again["state"], again["raised_by"]) == ("assigned", str(visit))
        assert again["issued_at"] == shown(bureau.clock.now())
        assert (await case(leader, visit))["outcome"] == "rectified"
        twice = await leader.post(f"/v1/cases/{visit}/reopen", json={"reason": "再次"})
        assert (twice.status_code, twice.json()["type"]) == (409, "urn:tricolor:problem:reopened-already")
    (told,) = await bureau.told("case.reopened")
    assert told["detail"] == {"reopened_as": again["case_id"]}


async def test_a_self_report_asked_for_anew_is_demanded_of_the_enterprise(bureau: Bureau) -> None:
    report = {"cause": "设备老化", "measures": "已维修", "finished_at": "2026-03-02T08:20:00+08:00"}
    closed = await bureau.yellow()
    async with bureau.enterprise() as app, bureau.chief() as chief, bureau.api.app(Role.SECTION) as section:
        await app.post(f"/v1/cases/{closed}/self-report", json=report)
        await chief.post(f"/v1/cases/{closed}/approve", json={})
        bureau.clock.advance(timedelta(days=7))
        again = (await section.post(f"/v1/cases/{closed}/reopen", json={"reason": "复测仍然异常"})).json()
        assert (again["state"], again["kind"], again["raised_by"]) == ("reopened", "self_report", str(closed))
        assert (await app.post(f"/v1/cases/{again['case_id']}/self-report", json=report)).is_success
    notices = [row for row in await bureau.rows("notices") if str(row["case_id"]) == again["case_id"]]
    (demand,) = [row for row in notices if row["purpose"] == "self_report_demand"]
    assert "理由：复测仍然异常" in demand["body"]["zh"]
    assert "3月9日（周一）14:30" in demand["body"]["zh"]  # six hours from the reopening
