"""Whoever joins, leaves or is away: no case keeps an officer who may not go for it without a word."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contract.events import DeadlineType
from shared.contract.roles import Role
from tests.integration.dispatcher.assignments.test_rota import TODAY, WEEK, done, rota
from tests.integration.dispatcher.bureau import ELSEWHERE, ENTERPRISE, OFFICERS, STATION, Bureau


async def accepted(bureau: Bureau) -> tuple[UUID, str]:
    """A red case that both of its team accepted, and its lead."""
    case_id = await bureau.red()
    team = await bureau.team(case_id)
    for officer, own in team.items():
        async with bureau.officer(officer) as app:
            await done(await app.post(f"/v1/assignments/{own}/accept"))
    return case_id, next(iter(team))


async def change(app: httpx.AsyncClient, officer: str, **fields: Any) -> Any:
    return await done(await app.patch(f"/v1/officers/{officer}", json=fields))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"certified": False}, "无执法证"),
        ({"on_duty": False}, "不在岗"),
        ({"station": ELSEWHERE}, "已调往其他执法所"),
    ],
)
async def test_what_an_officer_who_may_not_go_any_more_accepted_is_named_and_told(
    bureau: Bureau, fields: dict[str, Any], reason: str
) -> None:
    case_id, lead = await accepted(bureau)
    async with bureau.api.app(Role.ADMIN, "admin") as admin:
        written = await change(admin, lead, **fields)
        again = await change(admin, lead, skills=["gas"])
    assert written["replanned"] == []
    assert written["kept"] == again["kept"]
    (kept,) = written["kept"]
    assert (kept["case_id"], kept["officer"], kept["reason"]["zh"], kept["from_day"]) == (
        str(case_id),
        lead,
        reason,
        TODAY,
    )
    assert lead in await bureau.team(case_id)
    (notice,) = [row for row in await bureau.rows("notices") if row["purpose"] == "without_hands"]  # told once
    assert (notice["recipient"], notice["station"]) == ("station_chief", STATION)
    assert reason in notice["body"]["zh"]
    assert "深圳某某电子有限公司" in notice["subject"]["zh"]


async def test_leave_from_tomorrow_names_what_is_planned_for_it(bureau: Bureau) -> None:
    case_id, lead = await accepted(bureau)
    await rota(bureau, _2026_03_02=list(OFFICERS), _2026_03_04=[lead], _2026_03_05=[lead])
    body = {"officer": lead, "first_day": "2026-03-03", "last_day": "2026-03-06", "reason": "年休假"}
    async with bureau.chief() as chief:
        leave = await done(await chief.post("/v1/leaves", json=body))
    (kept,) = leave["kept"]
    assert (kept["case_id"], kept["from_day"], kept["reason"]["zh"]) == (
        str(case_id),
        "2026-03-03",
        "请假至3月6日（周五）",
    )
    assert leave["on_duty"] == ["2026-03-04", "2026-03-05"]
    assert await bureau.notices("without_hands") == [("station_chief", STATION)]


async def test_a_case_that_is_due_before_the_leave_is_not_named(bureau: Bureau) -> None:
    case_id, lead = await accepted(bureau)
    await bureau.clock_says(DeadlineType.STARTED, case_id)  # due today
    body = {"officer": lead, "first_day": "2026-03-03", "last_day": "2026-03-06", "reason": "年休假"}
    async with bureau.chief() as chief:
        assert (await done(await chief.post("/v1/leaves", json=body)))["kept"] == []


async def test_a_day_set_to_nobody_means_nobody(bureau: Bureau) -> None:
    written = await rota(bureau, _2026_03_02=[])
    assert written["days"] == {TODAY: []}
    case_id = await bureau.red()
    assert await bureau.team(case_id) == {}
    assert await bureau.notices("nobody_available") == [("station_chief", STATION)]
    async with bureau.chief() as chief:
        read = await chief.get(f"/v1/stations/{STATION}/rota/{WEEK}")
        assert read.json()["days"] == {TODAY: []}
        # Without a rota all of the station are on duty again.
        seen = {"If-Match": read.headers["etag"]}
        await done(await chief.put(f"/v1/stations/{STATION}/rota/{WEEK}", json={"days": {}}, headers=seen))
    await bureau.assign_waiting()
    assert len(await bureau.team(case_id)) == 2


async def test_a_rota_names_whom_it_plans_in_vain(bureau: Bureau) -> None:
    body = {"officer": "chen", "first_day": "2026-03-03", "last_day": "2026-03-04", "reason": "年休假"}
    async with bureau.chief() as chief:
        await done(await chief.post("/v1/leaves", json=body))
        stand_in = {"day": "2026-03-04", "officer": "li", "substitute": "chen", "reason": "培训"}
        refused = await chief.post("/v1/substitutions", json=stand_in)
    assert refused.status_code == 422
    assert "on leave until Wed 4 Mar" in refused.json()["detail"]
    written = await rota(bureau, _2026_03_04=["chen", "li"], _2026_03_05=["chen"])
    (one,) = written["in_vain"]
    assert (one["officer"], one["day"], one["reason"]["zh"]) == ("chen", "2026-03-04", "请假至3月4日（周三）")


@pytest.mark.parametrize("away", ["leave", "rota", "off duty"])
async def test_reassigning_and_handing_over_ask_the_same_and_a_chief_may_call_in(bureau: Bureau, away: str) -> None:
    case_id, lead = await accepted(bureau)
    (free,) = set(OFFICERS) - set(await bureau.team(case_id))
    (second,) = set(OFFICERS) - {free, lead}
    async with bureau.chief() as chief:
        if away == "leave":
            body = {"officer": free, "first_day": TODAY, "last_day": TODAY, "reason": "年休假"}
            await done(await chief.post("/v1/leaves", json=body))
        elif away == "rota":
            await rota(bureau, _2026_03_02=[lead, second])
        else:
            await change(chief, free, on_duty=False)
        reassign: dict[str, Any] = {"reason": "改派", "team": [second, free]}
        hand_over: dict[str, Any] = {"reason": "移交", "leaving": lead, "to": free}
        for path, body in (("reassign", reassign), ("hand-over", hand_over)):
            refused = await chief.post(f"/v1/cases/{case_id}/{path}", json=body)
            assert refused.status_code == 422, refused.text
            assert "call_in" in refused.json()["detail"]
        async with bureau.officer(lead) as own:
            theirs = hand_over | {"call_in": "他愿意"}
            assert (await own.post(f"/v1/cases/{case_id}/hand-over", json=theirs)).status_code == 422
        called = hand_over | {"call_in": "仅其熟悉该企业工艺"}
        await done(await chief.post(f"/v1/cases/{case_id}/hand-over", json=called))
        handed = (await bureau.told("case.handed_over"))[-1]
        assert handed["detail"]["called_in"] == {"officers": [free], "reason": "仅其熟悉该企业工艺"}
        await done(await chief.post(f"/v1/cases/{case_id}/reassign", json=reassign | {"call_in": "仅其熟悉"}))
        # Called in, the officer may accept, and no later change of the rota takes it away.
        async with bureau.officer(free) as own:
            await done(await own.post(f"/v1/assignments/{(await bureau.team(case_id))[free]}/accept"))
        assert (await change(chief, free, name="自由"))["kept"] == []
    assert set(await bureau.team(case_id)) == {free, second}


async def test_calling_in_helps_nobody_without_a_certificate(bureau: Bureau) -> None:
    case_id, lead = await accepted(bureau)
    (free,) = set(OFFICERS) - set(await bureau.team(case_id))
    (second,) = set(OFFICERS) - {free, lead}
    async with bureau.chief() as chief:
        await change(chief, free, certified=False)
        body = {"reason": "改派", "team": [second, free], "call_in": "人手不足"}
        refused = await chief.post(f"/v1/cases/{case_id}/reassign", json=body)
    assert (refused.status_code, "not certified" in refused.json()["detail"]) == (422, True)


async def test_what_was_offered_is_not_accepted_by_who_may_not_go_any_more(bureau: Bureau) -> None:
    await bureau.duty("chen", "li")
    case_id = await bureau.red()
    own = (await bureau.team(case_id))["chen"]
    await bureau.duty("li")  # as if a day had passed: nobody changed the record through the bureau
    async with bureau.officer("chen") as chen:
        refused = await chen.post(f"/v1/assignments/{own}/accept")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tricolor:problem:may-not-go")
    assert refused.json()["allowed"] == ["decline"]


async def test_a_recusal_said_by_the_officer_names_what_they_accepted_there(bureau: Bureau) -> None:
    first, lead = await accepted(bureau)
    async with bureau.chief() as chief:
        body = {"officer": lead, "enterprise_code": ENTERPRISE, "reason": "亲属任职"}
        written = await done(await chief.post("/v1/recusals", json=body))
    assert [one["case_id"] for one in written["kept"]] == [str(first)]
    assert await bureau.notices("without_hands") == [("station_chief", STATION)]
