"""A case in other hands: handed over, transferred, suspended, declined too often, taken from who did not answer."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from services.dispatcher import tables
from services.dispatcher.domain.policy import DispatchPolicy
from shared.contract.cloudevents import compose
from shared.contract.events import MILESTONE_MISSED, Bilingual, CaseMark, MilestoneMissed
from shared.contract.roles import Role
from shared.time.instants import shown
from tests.integration.dispatcher.bureau import ELSEWHERE, ENTERPRISE, STATION, Bureau

FEEDBACK = {"findings": "活性炭未及时更换", "measures": "已更换", "outcome": "rectified"}


async def hire(bureau: Bureau, *codes: str, station: str = STATION) -> None:
    async with bureau.database.transaction() as connection:
        await connection.execute(
            insert(tables.officers),
            [
                {
                    "code": code,
                    "name": code.title(),
                    "station": station,
                    "certified": True,
                    "on_duty": True,
                    "skills": [],
                    "updated_at": bureau.clock.now(),
                }
                for code in codes
            ],
        )


async def visiting(bureau: Bureau) -> UUID:
    """A case whose lead is on site."""
    case_id = await bureau.red()
    lead = (await bureau.team(case_id))["chen"]
    async with bureau.officer("chen") as chen:
        for step in ("accept", "depart", "arrive"):
            assert (await chen.post(f"/v1/assignments/{lead}/{step}")).is_success
    return case_id


# --- hand-over ---


async def test_an_officer_hands_over_to_a_colleague_on_the_way(bureau: Bureau) -> None:
    case_id = await visiting(bureau)
    async with bureau.officer("chen") as chen, bureau.officer("zhao") as zhao:
        answer = await chen.post(f"/v1/cases/{case_id}/hand-over", json={"to": "zhao", "reason": "突发疾病"})
        assert answer.is_success, answer.text
        assert answer.json()["state"] == "on_site"
        own = (await bureau.team(case_id))["zhao"]
        for step in ("accept", "depart", "arrive"):  # the newcomer's own steps, behind the case
            assert (await zhao.post(f"/v1/assignments/{own}/{step}")).json()["case_state"] == "on_site"
        assert (await zhao.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)).json()["state"] == "reported"
        assert (await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)).status_code == 404
    (told,) = await bureau.told("case.handed_over")
    assert told["detail"] == {"leaving": "chen", "coming": "zhao"}
    assert [(one["officer"], one["part"]) for one in told["team"]] == [("zhao", "lead"), ("li", "second")]
    assert (told["reason"], told["actor"]) == ("突发疾病", {"role": "officer", "subject": "chen"})


async def test_who_handed_a_case_over_does_not_review_it(bureau: Bureau) -> None:
    case_id = await visiting(bureau)
    async with bureau.officer("chen") as chen, bureau.officer("li") as li:
        await chen.post(f"/v1/cases/{case_id}/hand-over", json={"to": "zhao", "reason": "突发疾病"})
        await li.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)
    async with bureau.api.app(Role.STATION_CHIEF, "chen", station=STATION) as promoted:
        assert (await promoted.post(f"/v1/cases/{case_id}/approve")).status_code == 403


@pytest.mark.parametrize(
    ("caller", "body", "says"),
    [
        ("chen", {"to": "li"}, "of the team already"),
        ("chen", {"to": "nobody"}, "not an officer of the station"),
        ("chen", {"to": "zhao", "leaving": "li"}, "own part only"),
        ("wang", {"to": "zhao"}, "wang is not of the team"),
        ("wang", {"to": "off", "leaving": "li"}, "不在岗"),
    ],
)
async def test_a_hand_over_that_cannot_be_says_why(
    bureau: Bureau, caller: str, body: dict[str, str], says: str
) -> None:
    await hire(bureau, "off")
    await bureau.duty("chen", "li", "zhao")
    case_id = await bureau.red()
    role = Role.STATION_CHIEF if caller == "wang" else Role.OFFICER
    async with bureau.api.app(role, caller, station=STATION) as app:
        answer = await app.post(f"/v1/cases/{case_id}/hand-over", json=body | {"reason": "调休"})
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    assert list(await bureau.team(case_id)) == ["chen", "li"]


# --- transfer ---


async def test_a_transferred_case_is_the_other_stations_at_once(bureau: Bureau) -> None:
    await hire(bureau, "sun", "qian", station=ELSEWHERE)
    case_id = await visiting(bureau)
    async with bureau.chief() as chief, bureau.chief(ELSEWHERE) as other:
        body = {"station": ELSEWHERE, "reason": "排放口位于沙井"}
        assert (await chief.post(f"/v1/cases/{case_id}/transfer", json=body)).is_success
        assert (await chief.get(f"/v1/cases/{case_id}")).status_code == 404
        assert (await other.get(f"/v1/cases/{case_id}")).json()["state"] == "assigned"
    assert set(await bureau.team(case_id)) == {"sun", "qian"}
    (told,) = await bureau.told("case.transferred")
    assert (told["station"], told["detail"]) == (ELSEWHERE, {"from": STATION, "to": ELSEWHERE})
    assert sorted(await bureau.notices("taken_back")) == [("chen", None), ("li", None)]
    assert await bureau.notices("transferred") == [("station_chief", ELSEWHERE)]


async def test_a_case_sent_upward_waits_for_the_section_and_for_nobody_else(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.chief() as chief, bureau.api.app(Role.SECTION) as section:
        assert (await chief.post(f"/v1/cases/{case_id}/transfer", json={"reason": "案情重大"})).is_success
        await bureau.assign_waiting()
        assert await bureau.team(case_id) == {}
        held = (await section.get(f"/v1/cases/{case_id}")).json()
        assert (held["state"], held["station"]) == ("transferred", None)
        assert await bureau.notices("transferred_upward") == [("section", None)]
        again = await section.post(f"/v1/cases/{case_id}/transfer", json={"reason": "再次"})
        assert again.status_code == 422
        body = {"reason": "指定承办", "team": ["zhao", "li"]}
        given = (await section.post(f"/v1/cases/{case_id}/reassign", json=body)).json()
    assert (given["state"], given["station"]) == ("assigned", STATION)


async def test_an_unknown_station_takes_nothing(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.chief() as chief:
        for station in ("nowhere", STATION):
            answer = await chief.post(f"/v1/cases/{case_id}/transfer", json={"station": station, "reason": "移送"})
            assert answer.status_code == 422
    assert list(await bureau.team(case_id)) == ["chen", "li"]


# --- suspension ---


async def test_a_suspended_case_stands_still_and_goes_on_where_it_stood(bureau: Bureau) -> None:
    case_id = await visiting(bureau)
    async with bureau.chief() as chief, bureau.officer("chen") as chen:
        held = (await chief.post(f"/v1/cases/{case_id}/suspend", json={"reason": "企业火灾，现场封闭"})).json()
        assert (held["state"], held["allowed"]) == ("suspended", ["resume"])
        refused = await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)
        assert (refused.status_code, refused.json()["state"]) == (409, "suspended")
        await bureau.assign_waiting()
        on = (await chief.post(f"/v1/cases/{case_id}/resume", json={"reason": "现场开放"})).json()
        assert on["state"] == "on_site"
        assert (await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)).is_success
    assert [told["reason"] for told in await bureau.told("case.suspended")] == ["企业火灾，现场封闭"]
    assert [told["state"] for told in await bureau.told("case.resumed")] == ["on_site"]


# --- decline, and no answer ---


async def test_declining_has_a_limit_and_recusal_has_none(bureau: Bureau) -> None:
    limit = DispatchPolicy.load().declines
    await hire(bureau, *(f"more{number}" for number in range(limit + 2)))
    case_id = await bureau.red()

    async def decline(**ground: str) -> tuple[str, int, dict[str, object]]:
        officer, assignment = next(iter((await bureau.team(case_id)).items()))
        async with bureau.officer(officer) as app:
            answer = await app.post(f"/v1/assignments/{assignment}/decline", json={"reason": "在外办案", **ground})
        return officer, answer.status_code, answer.json()

    for _ in range(limit):
        assert (await decline())[1] == 200
    assert await bureau.notices("declined_too_often") == [("station_chief", STATION)]
    before = await bureau.team(case_id)
    _, status, problem = await decline()
    assert (status, problem["type"]) == (409, "urn:tricolor:problem:declined-too-often")
    assert await bureau.team(case_id) == before
    recused, status, _ = await decline(ground="recusal")
    assert status == 200
    assert recused not in await bureau.team(case_id)
    assert [(row["officer"], row["enterprise_code"]) for row in await bureau.rows("recusals")] == [
        (recused, ENTERPRISE)
    ]


async def unaccepted(bureau: Bureau, case_id: UUID, milestone: str = "accept", **awaited: CaseMark) -> None:
    """deadline_watch emits that nobody accepted the present team's assignment in time."""
    (case,) = [row for row in await bureau.rows("cases") if row["case_id"] == case_id]
    offered = max(row["offered_at"] for row in await bureau.rows("assignments") if row["case_id"] == case_id)
    bureau.clock.advance(timedelta(hours=2))
    late = MilestoneMissed(
        case_id=case_id,
        alert_id=case["alert_id"],
        kind=case["kind"],
        level=case["level"],
        enterprise_code=ENTERPRISE,
        station=STATION,
        milestone=milestone,
        name=Bilingual(zh="签收", en="acceptance"),
        started_at=shown(offered),
        due_at=shown(bureau.clock.now()),
        at=shown(bureau.clock.now()),
        policy_version="1",
        calendar_version="1",
        recipients=[],
        **awaited,
    )
    await bureau.hear(
        compose(
            topic="deadlines",
            source="/t",
            type_=MILESTONE_MISSED,
            enterprise=ENTERPRISE,
            time=bureau.clock.now(),
            data=late,
        )
    )


async def test_what_the_bureau_calls_its_milestone_is_text(bureau: Bureau) -> None:
    await hire(bureau, "sun")
    case_id = await bureau.red()
    await unaccepted(bureau, case_id, "sign_in", awaited=CaseMark.ACCEPTED)
    assert set(await bureau.team(case_id)) == {"zhao", "sun"}


async def test_who_does_not_accept_loses_the_case_to_the_next_team(bureau: Bureau) -> None:
    await hire(bureau, "sun")
    case_id = await bureau.red()
    await unaccepted(bureau, case_id)
    assert set(await bureau.team(case_id)) == {"zhao", "sun"}
    assert sorted(await bureau.notices("taken_back")) == [("chen", None), ("li", None)]
    (withdrawn,) = await bureau.told("case.withdrawn")
    assert withdrawn["detail"] == {"officers": ["chen", "li"], "why": "no_answer"}
    # Nobody is left to ask: the second team keeps it, and the chief was told of the milestone.
    await unaccepted(bureau, case_id)
    assert set(await bureau.team(case_id)) == {"zhao", "sun"}


async def test_an_acceptance_that_was_told_of_late_stands(bureau: Bureau) -> None:
    await hire(bureau, "sun")
    case_id = await bureau.red()
    lead = (await bureau.team(case_id))["chen"]
    async with bureau.officer("chen") as chen:
        await chen.post(f"/v1/assignments/{lead}/accept")
    await unaccepted(bureau, case_id)
    assert set(await bureau.team(case_id)) == {"chen", "li"}


# --- why ---


async def test_why_these_two_is_served_for_every_team(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen, bureau.chief() as chief:
        await chen.post(f"/v1/assignments/{(await bureau.team(case_id))['chen']}/decline", json={"reason": "病假"})
        past = (await chief.get(f"/v1/cases/{case_id}/assignments")).json()["items"]
        assert [(one["round"], one["officer"], one["end_reason"]) for one in past] == [
            (1, "chen", "declined"),
            (1, "li", "declined with"),
            (2, "zhao", None),
            (2, "li", None),
        ]
        why = {one["officer"]: one for one in past[-1]["explanation"]["candidates"]}
        assert why["chen"]["reason"] == {"zh": "已退回：病假", "en": "declined: 病假"}
        assert why["zhao"]["chosen"] is why["li"]["chosen"] is True
        now = (await chief.get(f"/v1/cases/{case_id}/candidates")).json()
        assert {one["officer"] for one in now["explanation"]["candidates"]} == {"chen", "li", "zhao"}
        assert (await chen.get(f"/v1/cases/{case_id}/candidates")).status_code == 403


async def test_who_decided_on_what_is_no_longer_so_looks_again(bureau: Bureau) -> None:
    await hire(bureau, "sun")
    case_id = await bureau.red()
    async with bureau.chief() as one, bureau.api.app(Role.SECTION) as other:
        seen = {"If-Match": f'"{(await one.get(f"/v1/cases/{case_id}")).json()["revision"]}"'}
        answers = await asyncio.gather(
            one.post(f"/v1/cases/{case_id}/reassign", json={"reason": "改派", "team": ["zhao", "li"]}, headers=seen),
            other.post(f"/v1/cases/{case_id}/reassign", json={"reason": "改派", "team": ["sun", "li"]}, headers=seen),
        )
        first, second = sorted(answers, key=lambda answer: answer.status_code)
        assert (first.status_code, second.status_code) == (200, 412)
        problem = second.json()
        assert (problem["state"], problem["team"]) == ("assigned", [one["officer"] for one in first.json()["team"]])
        malformed = await one.post(f"/v1/cases/{case_id}/suspend", json={"reason": "停"}, headers={"If-Match": '"x"'})
        assert malformed.status_code == 422
        again = {"If-Match": f'"{problem["revision"]}"'}
        assert (await one.post(f"/v1/cases/{case_id}/suspend", json={"reason": "停"}, headers=again)).is_success


async def test_two_chiefs_acting_at_once_make_one_step(bureau: Bureau) -> None:
    await hire(bureau, "sun")
    case_id = await bureau.red()
    async with bureau.chief() as one, bureau.api.app(Role.SECTION) as other:
        answers = await asyncio.gather(
            one.post(f"/v1/cases/{case_id}/suspend", json={"reason": "现场封闭"}),
            other.post(f"/v1/cases/{case_id}/reassign", json={"reason": "改派"}),
        )
    assert sorted(answer.status_code for answer in answers) in ([200, 200], [200, 409])
    (case,) = await bureau.rows("cases")
    assert case["state"] == "suspended" or answers[0].status_code == 409
    assert case["revision"] == len(await bureau.told())
