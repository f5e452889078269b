"""The rota, leave, substitutions and recusals decide who can go; a change re-plans only what was not accepted."""

from typing import Any

import httpx
import pytest

from shared.contract.roles import Role
from tests.integration.dispatcher.bureau import ELSEWHERE, ENTERPRISE, OFFICERS, STATION, Bureau
from tests.records import put

WEEK = "2026-W10"  # Monday 2026-03-02, today, to Sunday
TODAY = "2026-03-02"


async def done(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


async def rota(bureau: Bureau, **days: list[str]) -> Any:
    async with bureau.chief() as chief:
        planned = {day.replace("_", "-").strip("-"): officers for day, officers in days.items()}
        return await done(await put(chief, f"/v1/stations/{STATION}/rota/{WEEK}", {"days": planned}))


async def test_only_those_on_the_rota_of_the_day_are_given_cases(bureau: Bureau) -> None:
    await rota(bureau, _2026_03_02=["li", "zhao"], _2026_03_03=["chen"])
    case_id = await bureau.red()
    assert set(await bureau.team(case_id)) == {"li", "zhao"}
    async with bureau.officer("chen") as chen:
        read = await done(await chen.get(f"/v1/stations/{STATION}/rota/{WEEK}"))
        past = (await done(await chen.get(f"/v1/cases/{case_id}/assignments")))["items"]
    assert read["days"] == {"2026-03-02": ["li", "zhao"], "2026-03-03": ["chen"]}
    why = {one["officer"]: one["reason"]["en"] for one in past[0]["explanation"]["candidates"]}
    assert why["chen"] == "not on the rota of Mon 2 Mar"


async def test_a_changed_rota_re_plans_what_nobody_accepted_and_names_what_stays(bureau: Bureau) -> None:
    accepted, offered = await bureau.red(), await bureau.red(enterprise=await bureau.know("another"))
    lead = next(iter(await bureau.team(accepted)))
    async with bureau.officer(lead) as app:
        await app.post(f"/v1/assignments/{(await bureau.team(accepted))[lead]}/accept")
    before, gone = await bureau.team(accepted), next(iter(await bureau.team(offered)))
    on_duty = sorted(set(OFFICERS) - {gone})
    changed = await rota(bureau, _2026_03_02=on_duty)
    assert changed["replanned"] == [str(offered)]
    assert set(await bureau.team(offered)) == set(on_duty)
    assert await bureau.team(accepted) == before
    assert [one["case_id"] for one in changed["kept"]] == ([str(accepted)] if gone in before else [])
    (withdrawn,) = await bureau.told("case.withdrawn")
    assert withdrawn["detail"]["why"] == "rota"


async def test_on_leave_means_nothing_is_given_until_the_day_after(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.chief() as chief:
        body = {"officer": "chen", "first_day": TODAY, "last_day": "2026-03-03", "reason": "年休假"}
        leave = await done(await chief.post("/v1/leaves", json=body))
        assert leave["replanned"] == [str(case_id)]
        assert set(await bureau.team(case_id)) == {"li", "zhao"}
        candidates = await done(await chief.get(f"/v1/cases/{case_id}/candidates"))
        why = {one["officer"]: one["reason"]["zh"] for one in candidates["explanation"]["candidates"]}
        assert why["chen"] == "请假至3月3日（周二）"
        cancelled = await done(await chief.post(f"/v1/leaves/{leave['leave_id']}/cancel"))
        assert cancelled["cancelled_at"] is not None
        assert (await chief.post(f"/v1/leaves/{leave['leave_id']}/cancel")).status_code == 404
        assert len((await done(await chief.get("/v1/leaves", params={"officer": "chen"})))["items"]) == 1
        candidates = await done(await chief.get(f"/v1/cases/{case_id}/candidates"))
        assert "points" in next(one for one in candidates["explanation"]["candidates"] if one["officer"] == "chen")


async def test_a_substitute_takes_the_place_on_the_rota(bureau: Bureau) -> None:
    await rota(bureau, _2026_03_02=["chen", "li"])
    async with bureau.chief() as chief:
        body = {"day": TODAY, "officer": "chen", "substitute": "zhao", "reason": "培训"}
        await done(await chief.post("/v1/substitutions", json=body))
        assert (await chief.post("/v1/substitutions", json=body | {"substitute": "chen"})).status_code == 422
        case_id = await bureau.red()
        assert set(await bureau.team(case_id)) == {"zhao", "li"}
        (kept,) = (await done(await chief.get("/v1/substitutions", params={"from_day": TODAY})))["items"]
        assert (kept["officer"], kept["substitute"], kept["recorded_by"]) == ("chen", "zhao", "wang")
        later = await done(await chief.get("/v1/substitutions", params={"from_day": "2026-03-03"}))
        assert later == {"items": [], "next": None}
        # It is called off before anybody accepted: the one who is on the rota goes.
        cancelled = await done(await chief.post(f"/v1/substitutions/{TODAY}/chen/cancel"))
        assert cancelled["replanned"] == [str(case_id)]
        assert (await chief.post(f"/v1/substitutions/{TODAY}/chen/cancel")).status_code == 404
    assert set(await bureau.team(case_id)) == {"chen", "li"}


async def test_who_is_recused_is_never_sent_there_until_it_ends(bureau: Bureau) -> None:
    async with bureau.chief() as chief:
        body = {"officer": "chen", "enterprise_code": ENTERPRISE, "reason": "配偶在该企业任职"}
        await done(await chief.post("/v1/recusals", json=body))
        case_id = await bureau.red()
        assert set(await bureau.team(case_id)) == {"li", "zhao"}
        assert len((await done(await chief.get("/v1/recusals", params={"officer": "chen"})))["items"]) == 1
        await done(await chief.post(f"/v1/recusals/{ENTERPRISE}/chen/end"))
        assert await done(await chief.get("/v1/recusals")) == {"items": [], "next": None}
        assert (await chief.post(f"/v1/recusals/{ENTERPRISE}/chen/end")).status_code == 404


async def recuse(bureau: Bureau, officer: str) -> Any:
    async with bureau.chief() as chief:
        body = {"officer": officer, "enterprise_code": ENTERPRISE, "reason": "配偶在该企业任职"}
        return await done(await chief.post("/v1/recusals", json=body))


async def test_who_is_recused_gives_back_what_was_not_accepted_there(bureau: Bureau) -> None:
    here, elsewhere = await bureau.red(), await bureau.red(enterprise=await bureau.know("another"))
    lead = next(iter(await bureau.team(here)))
    written = await recuse(bureau, lead)
    assert (written["replanned"], written["kept"]) == ([str(here)], [])
    assert set(await bureau.team(here)) == set(OFFICERS) - {lead}
    (withdrawn,) = await bureau.told("case.withdrawn")
    assert (withdrawn["case_id"], withdrawn["detail"]["why"]) == (str(here), "recused")
    assert await bureau.team(elsewhere)


async def test_what_a_recused_officer_accepted_is_named_for_the_chief_to_hand_over(bureau: Bureau) -> None:
    case_id = await bureau.red()
    lead, assignment = next(iter((await bureau.team(case_id)).items()))
    async with bureau.officer(lead) as app:
        await done(await app.post(f"/v1/assignments/{assignment}/accept"))
    (kept,) = (await recuse(bureau, lead))["kept"]
    assert (kept["case_id"], kept["officer"], kept["reason"]["zh"]) == (str(case_id), lead, "回避：配偶在该企业任职")
    assert await bureau.notices("without_hands") == [("station_chief", STATION)]
    (free,) = set(OFFICERS) - set(await bureau.team(case_id))
    async with bureau.chief() as chief:
        body = {"leaving": lead, "to": free, "reason": "回避"}
        await done(await chief.post(f"/v1/cases/{case_id}/hand-over", json=body))
    assert lead not in await bureau.team(case_id)


async def test_nobodys_wish_sends_a_recused_officer(bureau: Bureau) -> None:
    case_id = await bureau.red()
    await recuse(bureau, "chen")
    async with bureau.chief() as chief:
        body = {"reason": "改派", "team": ["zhao", "chen"]}
        refused = await chief.post(f"/v1/cases/{case_id}/reassign", json=body)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tricolor:problem:team-impossible")
    assert "chen is recused from this enterprise" in refused.json()["detail"]


@pytest.mark.parametrize("change", [{"on_duty": False}, {"certified": False}])
async def test_who_cannot_go_any_more_gives_back_what_was_not_accepted(bureau: Bureau, change: dict[str, bool]) -> None:
    case_id = await bureau.red()
    lead = next(iter(await bureau.team(case_id)))
    async with bureau.chief() as chief:
        body = {"name": lead, "station": STATION}
        await done(await put(chief, f"/v1/officers/{lead}", body))
        assert lead in await bureau.team(case_id)  # nothing that matters was changed
        await done(await put(chief, f"/v1/officers/{lead}", body | change))
    assert set(await bureau.team(case_id)) == set(OFFICERS) - {lead}


async def test_with_nobody_on_the_rota_a_case_waits_and_the_first_to_come_get_it(bureau: Bureau) -> None:
    await rota(bureau, _2026_03_02=["chen"])
    case_id = await bureau.red()
    assert await bureau.team(case_id) == {}
    assert await bureau.notices("nobody_available") == [("station_chief", STATION)]
    async with bureau.chief() as chief:
        queue = await done(await chief.get("/v1/cases", params={"status": "waiting"}))
    assert [one["case_id"] for one in queue["items"]] == [str(case_id)]
    await rota(bureau, _2026_03_02=["chen", "zhao"])
    await bureau.assign_waiting()
    assert set(await bureau.team(case_id)) == {"chen", "zhao"}


@pytest.mark.parametrize(
    ("week", "days"),
    [
        ("2026-W60", {}),
        (WEEK, {"2026-03-09": ["chen"]}),
        (WEEK, {TODAY: ["nobody"]}),
        (WEEK, {"the second of March": ["chen"]}),
    ],
)
async def test_an_unusable_rota_is_refused(bureau: Bureau, week: str, days: dict[str, list[str]]) -> None:
    async with bureau.chief() as chief:
        answer = await chief.put(f"/v1/stations/{STATION}/rota/{week}", json={"days": days})
    assert answer.status_code == 422
    assert await bureau.rows("duty_days") == []


async def test_a_chief_keeps_the_own_station_only(bureau: Bureau) -> None:
    leave = {"officer": "chen", "first_day": TODAY, "last_day": TODAY, "reason": "x"}
    async with bureau.chief(ELSEWHERE) as other, bureau.api.app(Role.OFFICER, "chen", station=STATION) as chen:
        assert (await other.put(f"/v1/stations/{STATION}/rota/{WEEK}", json={"days": {}})).status_code == 403
        assert (await other.post("/v1/leaves", json=leave)).status_code == 403
        assert (await chen.post("/v1/leaves", json=leave)).status_code == 403


async def test_a_substitute_is_not_replaced_unseen_and_who_called_off_what_is_kept(bureau: Bureau) -> None:
    stand_in = {"day": TODAY, "officer": "chen", "substitute": "zhao", "reason": "培训"}
    async with bureau.chief() as chief:
        await done(await chief.post("/v1/substitutions", json=stand_in))
        other = await chief.post("/v1/substitutions", json=stand_in | {"substitute": "li"})
        await done(await chief.post("/v1/substitutions", json=stand_in | {"reason": "市局培训"}))
        await done(await chief.post(f"/v1/substitutions/{TODAY}/chen/cancel"))
        history = await done(await chief.get(f"/v1/substitutions/{TODAY}/chen/history"))
    assert (other.status_code, other.json()["type"]) == (409, "urn:tricolor:problem:substituted-already")
    assert other.json()["substitute"] == "zhao"
    assert [(one["actor_subject"], one["change"], one["changes"]) for one in history["items"][:2]] == [
        ("wang", "changed", {"substitute": ["zhao", None]}),
        ("wang", "changed", {"reason": ["培训", "市局培训"]}),
    ]
    assert history["items"][2]["change"] == "new"


async def test_who_ended_a_recusal_or_a_leave_can_be_read(bureau: Bureau) -> None:
    recusal = {"officer": "chen", "enterprise_code": ENTERPRISE, "reason": "配偶在该企业任职"}
    leave = {"officer": "li", "first_day": TODAY, "last_day": TODAY, "reason": "年休假"}
    async with bureau.chief() as chief:
        await done(await chief.post("/v1/recusals", json=recusal))
        await done(await chief.post(f"/v1/recusals/{ENTERPRISE}/chen/end"))
        await done(await chief.post("/v1/recusals", json=recusal | {"reason": "亲属入股"}))
        taken = await done(await chief.post("/v1/leaves", json=leave))
        await done(await chief.post(f"/v1/leaves/{taken['leave_id']}/cancel"))
        of_recusal = await done(await chief.get(f"/v1/recusals/{ENTERPRISE}/chen/history"))
        (of_leave,) = (await done(await chief.get(f"/v1/leaves/{taken['leave_id']}/history")))["items"]
    again, ended, first = (one["changes"] for one in of_recusal["items"])
    assert again == {"reason": ["配偶在该企业任职", "亲属入股"], "in_force": [False, True]}
    assert ended == {"in_force": [True, False]}
    assert first["reason"] == [None, "配偶在该企业任职"]
    assert (of_leave["actor_subject"], of_leave["changes"]) == ("wang", {"in_force": [True, False]})
