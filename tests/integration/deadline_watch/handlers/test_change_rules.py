"""Importing a calendar year, or a policy with an earlier instant: preview, then one audited step."""

from datetime import timedelta
from typing import Any

import pytest

from services.deadline_watch.domain import policy
from shared.contract.events import CaseKind, CaseType
from shared.contract.roles import Role
from shared.time.clock import ManualClock
from tests.integration.deadline_watch.office import Json, Office, shanghai

NOTICE = {"title": "国务院办公厅关于2027年部分节假日安排的通知", "number": "国办发明电〔2026〕9号"}
AS_ASSUMED: Json = {"days_off": {"元旦": ["2027-01-01"]}, "make_up_days": {}, "notice": NOTICE}
A_DAY_MORE: Json = AS_ASSUMED | {"days_off": {"元旦": ["2027-01-01", "2027-01-04"]}}
A_SATURDAY: Json = AS_ASSUMED | {"make_up_days": {"元旦": ["2027-01-02"]}}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(shanghai("2026-12-29T16:20"))


async def put(office: Office, year: Json, path: str = "2027", role: Role = Role.SECTION, **query: Any) -> Json:
    app = await office.app(role, "zhang")
    answer = await app.put(f"/v1/calendar/{path}", json=year, params=query)
    if "dry_run" not in query:
        return await office.confirmed(answer)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_a_dry_run_never_answers_for_the_real_request(office: Office) -> None:
    app = await office.app(Role.SECTION, "zhang")
    app.headers["Idempotency-Key"] = "once"
    tried = await app.put("/v1/calendar/2027", json=AS_ASSUMED, params={"dry_run": True})
    assert (tried.status_code, tried.json()["dry_run"]) == (200, True)
    refused = await app.put("/v1/calendar/2027", json=AS_ASSUMED)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tricolor:problem:idempotency-key-reused")
    app.headers["Idempotency-Key"] = "another"
    answers = [await app.put("/v1/calendar/2027", json=AS_ASSUMED) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    tried = await app.put("/v1/calendar/2027?dry_run=true", json=AS_ASSUMED)
    assert tried.status_code == 422


async def test_the_year_end_is_provisional_until_its_year_is_imported(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    app = await office.app(Role.AUDITOR)
    (waiting,) = (await app.get("/v1/deadlines", params={"provisional": True})).json()["items"]
    assert waiting["due_at"] == "2027-01-07T00:00:00+08:00"

    preview = await put(office, AS_ASSUMED, dry_run=True)
    assert preview["dry_run"]
    assert (preview["moves"]["moved"], preview["moves"]["made_final"]) == (0, 1)
    assert (await office.clock_of(case))["provisional"]

    done = await put(office, AS_ASSUMED)
    assert done["moves"] == preview["moves"]
    read = (await app.get(f"/v1/deadlines/{waiting['deadline_id']}")).json()
    assert (read["provisional"], read["due_at"]) == (False, waiting["due_at"])
    assert read["explanation"]["calendar_version"] == done["version"]
    (change,) = read["changes"]
    assert (change["cause"], change["cause_version"], change["requested_by"], change["approver"]) == (
        "calendar",
        done["version"],
        "zhang",
        "li",
    )
    assert NOTICE["number"] in change["ground"]
    assert change["explanation_before"] == waiting["explanation"]
    assert (await app.get("/v1/calendar/2027")).json()["notice"] == NOTICE
    (event,) = await office.emitted("deadline.moved", case)
    assert (event["provisional"], event["recipients"]) == (False, [])  # nobody is disturbed: due is what it was
    assert (await put(office, AS_ASSUMED))["moves"]["items"] == []


@pytest.mark.parametrize(
    ("year", "due", "by"),
    [(A_DAY_MORE, "2027-01-08T00:00:00+08:00", {"+24 h": 2}), (A_SATURDAY, "2027-01-06T00:00:00+08:00", {"-24 h": 2})],
    ids=["later", "earlier"],
)
async def test_a_notice_that_differs_moves_what_runs(office: Office, year: Json, due: str, by: Json) -> None:
    cases = [await office.opened(CaseKind.ON_SITE), await office.opened(CaseKind.VERIFICATION)]
    elsewhere = await office.opened(CaseKind.SELF_REPORT)
    before = await office.clock_of(elsewhere)
    done = await put(office, year)
    assert (done["moves"]["moved"], done["moves"]["by"]) == (2, by)
    for case in cases:
        (event,) = await office.emitted("deadline.moved", case)
        assert (event["due_at"], event["previous_due_at"]) == (due, "2027-01-07T00:00:00+08:00")
        assert NOTICE["title"] in event["reason"]["zh"]
        assert [one["role"] for one in event["recipients"]] == ["officer", "station_chief"]
    assert await office.clock_of(elsewhere) == before
    await office.at(due[:16])
    assert {one["due_at"] for one in await office.emitted("deadline.missed")} == {due} | {"2026-12-29T22:20:00+08:00"}
    for case in cases:
        assert len(await office.emitted("deadline.missed", case)) == 1


async def test_moved_into_the_past_it_is_missed_at_once(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    await office.at("2027-01-06T10:00")
    preview = await put(office, A_SATURDAY, dry_run=True)
    assert preview["moves"]["becoming_overdue"] == 1
    assert not await office.emitted("deadline.missed", case)
    await put(office, A_SATURDAY)
    await office.watch()
    (missed,) = await office.emitted("deadline.missed", case)
    assert "1月6日（周三）00:00" in missed["reason"]["zh"]


async def test_a_miss_and_an_answer_in_time_stand(office: Office) -> None:
    missed, met = await office.opened(CaseKind.ON_SITE), await office.opened(CaseKind.ON_SITE)
    await office.at("2027-01-06T10:00")
    await office.receive_step(CaseType.FEEDBACK_SUBMITTED, met)
    await office.at("2027-01-07T00:00")
    earlier = await put(office, A_SATURDAY)
    assert (earlier["moves"]["answers_standing"], earlier["moves"]["missed_standing"]) == (1, 1)
    later = await put(office, A_DAY_MORE)
    assert later["moves"]["missed_standing"] == 1
    states = [(await office.clock_of(case))["state"] for case in (missed, met)]
    assert states == ["overdue", "met"]


async def test_a_typhoon_day_moves_what_runs_over_it(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    await put(office, AS_ASSUMED)
    order = {"name": "台风停工", "ground": "深防指〔2026〕5号令"}
    done = await put(office, order, "local-days-off/2026-12-31")
    assert done["moves"]["moved"] == 1
    clock = await office.clock_of(case)
    assert clock["due_at"] == shanghai("2027-01-08T00:00")
    (day,) = [day for day in clock["explanation"]["days"] if day["date"] == "2026-12-31"]
    assert day["reason"]["zh"] == "台风停工（深防指〔2026〕5号令）"
    await put(office, A_DAY_MORE)
    assert (await office.clock_of(case))["due_at"] == shanghai("2027-01-09T00:00")
    app = await office.app(Role.AUDITOR)
    assert "2026-12-31" in (await app.get("/v1/calendar/2026")).json()["local_days_off"]
    versions = (await app.get("/v1/calendar/versions")).json()["items"]
    assert [one["year"] for one in versions] == [2027, 2026, 2027, None]
    assert len({one["version"] for one in versions}) == 4


@pytest.mark.parametrize(
    ("year", "path"),
    [
        (AS_ASSUMED | {"notice": None}, "2027"),
        (AS_ASSUMED, "2028"),
        (AS_ASSUMED | {"make_up_days": {"元旦": ["2027-01-01"]}}, "2027"),
        (AS_ASSUMED | {"days": []}, "2027"),
        ({"name": "停工", "ground": " "}, "local-days-off/2026-12-31"),
    ],
    ids=["no notice", "another year", "off and made up", "unknown member", "no ground"],
)
async def test_a_doubtful_year_changes_nothing(office: Office, year: Json, path: str) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    before = await office.clock_of(case)
    app = await office.app(Role.SECTION)
    answer = await app.put(f"/v1/calendar/{path}", json=year)
    assert answer.status_code == 422, answer.text
    assert await office.clock_of(case) == before


async def test_days_may_be_plain_lists(office: Office) -> None:
    await put(office, {"days_off": ["2027-01-01"], "make_up_days": ["2027-01-09"], "notice": NOTICE})
    app = await office.app(Role.OFFICER)
    year = (await app.get("/v1/calendar/2027")).json()
    assert (year["days_off"], year["make_up_days"]) == ({"节假日": ["2027-01-01"]}, {"节假日": ["2027-01-09"]})


@pytest.mark.parametrize("role", [Role.OFFICER, Role.STATION_CHIEF, Role.AUDITOR, Role.ENTERPRISE])
async def test_only_the_section_and_admins_change_the_calendar(office: Office, role: Role) -> None:
    app = await office.app(role)
    assert (await app.put("/v1/calendar/2027", json=AS_ASSUMED)).status_code == 403


async def test_confirmed_later_it_moves_what_runs_then_and_keeps_the_local_days_of_then(office: Office) -> None:
    app = await office.app(Role.SECTION, "zhang")
    year = await app.put("/v1/calendar/2027", json=A_DAY_MORE)
    assert year.json()["proposal"]["after"]["moves"]["moved"] == 0
    again = await app.put("/v1/calendar/2027", json=AS_ASSUMED)
    assert (again.status_code, again.json()["type"]) == (409, "urn:tricolor:problem:proposal-open")
    case = await office.opened(CaseKind.ON_SITE)
    done = await office.confirmed(year)
    assert done["moves"]["moved"] == 1
    assert (await office.clock_of(case))["due_at"] == shanghai("2027-01-08T00:00")
    await put(office, {"name": "台风停工", "ground": "深防指〔2027〕1号令"}, "local-days-off/2027-01-05")
    later = await app.put("/v1/calendar/2027", json=AS_ASSUMED)
    await put(office, {"name": "台风停工", "ground": "深防指〔2027〕2号令"}, "local-days-off/2027-01-06")
    await office.confirmed(later)
    assert set((await app.get("/v1/calendar/2027")).json()["local_days_off"]) == {"2027-01-05", "2027-01-06"}


async def test_nobody_alone_changes_the_calendar(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    before = await office.clock_of(case)
    proposed = await (await office.app(Role.SECTION, "zhang")).put("/v1/calendar/2027", json=A_DAY_MORE)
    path = f"/v1/proposals/{proposed.json()['proposal']['proposal_id']}/confirm"
    for role in (Role.SECTION, Role.LEADER, Role.ADMIN):
        alone = await (await office.app(role, "zhang")).post(path)
        assert (alone.status_code, alone.json()["type"]) == (409, "urn:tricolor:problem:two-people")
    chief = await office.app(Role.STATION_CHIEF, "wang", station="xinan")
    assert (await chief.post(path)).status_code == 404
    assert await office.clock_of(case) == before


BODY = policy.DATA.read_text(encoding="utf-8")


def strict(version: str, effective_from: str = "2026-01-01T00:00:00+08:00") -> Json:
    body = BODY.replace("span: {hours: 6}", "span: {hours: 4}").replace(
        "warned-5h, after: {hours: 5}", "warned-5h, after: {hours: 3.5}"
    )
    return published(body, version, effective_from, "市局要求四小时内反馈")


def published(body: str, version: str, effective_from: str, reason: str) -> Json:
    lines = body.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("version:"))
    lines[at : at + 2] = [f"version: {version}", f"effective_from: {effective_from}"]
    return {"policy": "\n".join(lines), "reason": reason}


async def test_a_policy_with_an_earlier_instant_moves_what_runs(office: Office) -> None:
    case = await office.opened()
    app = await office.app(Role.SECTION, "zhang")
    preview = (await app.post("/v1/deadline-policies", json=strict("strict"), params={"dry_run": True})).json()
    assert (preview["moves"]["moved"], preview["moves"]["by"]) == (1, {"-2 h": 1})
    assert (await office.clock_of(case))["version"] == 1
    await office.confirmed(await app.post("/v1/deadline-policies", json=strict("strict")))
    clock = await office.clock_of(case)
    assert (clock["due_at"], clock["policy_version"]) == (shanghai("2026-12-29T20:20"), "strict")
    await office.at("2026-12-29T20:20")
    assert len(await office.emitted("deadline.missed", case)) == 1
    latest, shipped = (await app.get("/v1/deadline-policies")).json()["items"]
    assert (latest["reason"], latest["moves"]["moved"]) == ("市局要求四小时内反馈", 1)
    assert (latest["published_by"], latest["confirmed_by"]) == ("zhang", "li")
    assert (shipped["published_by"], shipped["confirmed_by"]) == ("system:tricolor", None)
    again = await app.post("/v1/deadline-policies", json=strict("strict"))
    assert (again.status_code, again.json()["type"]) == (409, "urn:tricolor:problem:version-exists")


async def test_counsel_may_end_the_last_day_with_the_office(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    was = await office.clock_of(case)
    body = BODY.replace("span: {working_days: 5}", "span: {working_days: 5}\n    ends: close_of_business")
    counsels = published(body, "counsels", "2026-01-01T00:00:00+08:00", "法制部门意见：期限至末日下班时止")
    app = await office.app(Role.SECTION)
    done = await office.confirmed(await app.post("/v1/deadline-policies", json=counsels))
    assert (done["moves"]["moved"], done["moves"]["by"]) == (1, {"-6 h": 1})
    clock = await office.clock_of(case)
    assert was["due_at"] - clock["due_at"] == timedelta(hours=6)
    assert "下班时止" in clock["explanation"]["text"]["zh"]


async def test_a_policy_for_later_leaves_what_runs_and_decides_for_what_starts_then(office: Office) -> None:
    running = await office.opened()
    app = await office.app(Role.SECTION)
    later = strict("later", "2026-12-30T00:00:00+08:00")
    done = await office.confirmed(await app.post("/v1/deadline-policies", json=later))
    assert done["moves"]["examined"] == 0
    assert (await office.clock_of(running))["due_at"] == shanghai("2026-12-29T22:20")
    await office.at("2026-12-30T08:00")
    fresh = await office.opened()
    assert (await office.clock_of(fresh))["due_at"] == shanghai("2026-12-30T12:00")


async def test_a_policy_that_does_not_stand_up_is_refused_with_its_fault(office: Office) -> None:
    app = await office.app(Role.ADMIN)
    answer = await app.post("/v1/deadline-policies", json={"policy": "version: 1", "reason": "x"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tricolor:problem:policy-invalid")
    assert "deadlines" in answer.json()["detail"]
