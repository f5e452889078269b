"""A red case in the hands of its officers and its chief: the whole life, every step by whoever may take it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.contract.events import DeadlineType
from shared.contract.roles import Role
from tests.integration.dispatcher.bureau import ENTERPRISE, STATION, Bureau, Json

FEEDBACK = {"findings": "治污设施未正常运行", "measures": "责令立即改正", "outcome": "rectified"}
STEPS = ("accept", "depart", "arrive")


async def step(app: httpx.AsyncClient, assignment: str, name: str, **body: Any) -> Json:
    answer = await app.post(f"/v1/assignments/{assignment}/{name}", json=body or None)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def visited(bureau: Bureau) -> UUID:
    """A red case whose lead, chen, has arrived."""
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        for name in STEPS:
            await step(chen, (await bureau.team(case_id))["chen"], name)
    return case_id


async def reported(bureau: Bureau, **feedback: str) -> UUID:
    case_id = await visited(bureau)
    async with bureau.officer("chen") as chen:
        answer = await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK | feedback)
        assert answer.json()["state"] == "reported", answer.text
    return case_id


async def types(bureau: Bureau, case_id: UUID) -> list[str]:
    """The timeline of a case: types and states."""
    async with bureau.chief() as chief:
        items = (await chief.get(f"/v1/cases/{case_id}/timeline")).json()["items"]
    return [f"{item['type'].split('.')[-2]} {item['state']}" for item in items]


async def test_from_assignment_to_approval(bureau: Bureau) -> None:
    case_id = await bureau.red()
    lead = (await bureau.team(case_id))["chen"]
    async with bureau.officer("chen") as chen, bureau.chief() as chief:
        for name, state in zip(STEPS, ("accepted", "en_route", "on_site"), strict=True):
            bureau.clock.advance(timedelta(minutes=30))
            answer = await step(chen, lead, name)
            assert (answer["state"], answer["case_state"]) == (state, state)
        assert answer["accepted_at"] == "2026-03-02T09:00:00+08:00"
        assert answer["arrived_at"] == "2026-03-02T10:00:00+08:00"
        feedback = (await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)).json()
        assert (feedback["state"], feedback["closed_at"], feedback["allowed"]) == ("reported", None, [])
        await bureau.arrive_second(case_id)
        closed = (await chief.post(f"/v1/cases/{case_id}/approve")).json()
    assert (closed["state"], closed["outcome"]) == ("approved", "rectified")
    assert closed["closed_at"] == "2026-03-02T10:00:00+08:00"
    assert closed["allowed"] == []
    assert [(one["officer"], one["part"]) for one in closed["team"]] == [("chen", "lead"), ("li", "second")]
    assert [(one["state"], one["actor"]["subject"]) for one in await bureau.told()] == [
        ("open", "tricolor"),
        ("assigned", "tricolor"),
        ("accepted", "chen"),
        ("en_route", "chen"),
        ("on_site", "chen"),
        ("reported", "chen"),
        ("approved", "wang"),
        ("approved", "wang"),
    ]
    (told,) = await bureau.told("case.closed")
    assert (told["outcome"], [one["officer"] for one in told["team"]]) == ("rectified", ["chen", "li"])


async def test_an_answer_has_the_names_of_the_contract(bureau: Bureau) -> None:
    case_id = await bureau.red()
    await bureau.clock_says(DeadlineType.STARTED, case_id)
    async with bureau.officer("chen") as chen, bureau.chief() as chief:
        own = await step(chen, (await bureau.team(case_id))["chen"], "accept")
        case = (await chief.get(f"/v1/cases/{case_id}")).json()
    assert own["category"] == {
        "code": "gas_daily_mean_exceedance",
        "zh": "废气污染源排放日均值超标",
        "en": "Gas daily mean above the limit",
    }
    assert own["reason"] == {"zh": "日均值超标", "en": "the daily mean is above the limit"}
    assert own["enterprise"] == {"code": ENTERPRISE, "name": "深圳某某电子有限公司", "address": "宝安区新安街道1号"}
    assert {name: own[name] for name in ("case_id", "state", "part", "level", "due_at", "offered_at")} == {
        "case_id": str(case_id),
        "state": "accepted",
        "part": "lead",
        "level": "red",
        "due_at": "2026-03-02T14:30:00+08:00",
        "offered_at": "2026-03-02T08:30:00+08:00",
    }
    (alert_id,) = case.pop("alert_ids")
    assert UUID(alert_id)
    assert case == {
        "case_id": str(case_id),
        "kind": "on_site",
        "level": "red",
        "state": "accepted",
        "overdue": False,
        "enterprise_code": ENTERPRISE,
        "enterprise_name": "深圳某某电子有限公司",
        "category": "gas_daily_mean_exceedance",
        "station": STATION,
        "team": [
            {"officer": "chen", "name": "Chen", "part": "lead"},
            {"officer": "li", "name": "Li", "part": "second"},
        ],
        "issued_at": "2026-03-02T08:30:00+08:00",
        "opened_at": "2026-03-02T08:30:00+08:00",
        "closed_at": None,
        "outcome": None,
        "planned_end": None,
        "correct_by": None,
        "observe_until": None,
        "legal_basis": None,
        "file_number": None,
        "follow_ups": [],
        "handled": False,
        "finished": False,
        "due_at": "2026-03-02T14:30:00+08:00",
        "due_text": "2026-03-02 14:30",
        "raised_by": None,
        "merged_into": None,
        "off_site_first": False,
        "revision": 3,
        "matters": [],
        "undelivered": [],
        "allowed": ["reassign", "hand-over", "transfer", "suspend"],
    }


# --- two officers at the door ---


async def test_the_second_officers_steps_are_evidence_and_move_nothing(bureau: Bureau) -> None:
    case_id = await visited(bureau)
    second = (await bureau.team(case_id))["li"]
    before = await bureau.told()
    async with bureau.officer("li") as li:
        assert (await li.get(f"/v1/cases/{case_id}")).json()["allowed"] == ["accept", "feedback", "hand-over"]
        for name in STEPS:
            answer = await step(li, second, name)
            assert answer["case_state"] == "on_site"
        again = await li.post(f"/v1/assignments/{second}/arrive")
    assert (again.status_code, again.json()["allowed"]) == (409, ["feedback", "hand-over"])
    assert await bureau.told() == before
    assert (await types(bureau, case_id))[-3:] == ["accepted on_site", "departed on_site", "arrived on_site"]


async def test_an_arrival_told_of_after_the_report_is_still_kept(bureau: Bureau) -> None:
    case_id = await visited(bureau)
    team = await bureau.team(case_id)
    async with bureau.officer("li") as li, bureau.officer("chen") as chen:
        await step(li, team["li"], "accept")
        await step(li, team["li"], "depart")
        await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)
        answer = await step(li, team["li"], "arrive", time="2026-03-02T08:10:00+08:00")
    assert (answer["state"], answer["case_state"]) == ("on_site", "reported")
    (entry,) = [row for row in await bureau.rows("timeline") if row["actor_subject"] == "li" and row["claimed_at"]]
    assert entry["state"] == "reported"


async def test_the_devices_time_and_place_are_kept_as_claimed(bureau: Bureau) -> None:
    case_id = await bureau.red()
    lead = (await bureau.team(case_id))["chen"]
    place = {"longitude": 113.88, "latitude": 22.55}
    async with bureau.officer("chen") as chen:
        await step(chen, lead, "accept", time="2026-03-02T08:00:00+08:00")
        await step(chen, lead, "depart", claimed_at="2026-03-02T08:05:00Z")
        answer = await step(chen, lead, "arrive", position=place, time="1999-12-31T23:00:00+08:00")
    assert answer["arrived_at"] == "2026-03-02T08:30:00+08:00"  # the server's receipt
    accepted, departed, arrived = (await bureau.told())[-3:]
    assert accepted["claimed_at"] == "2026-03-02T08:00:00+08:00"
    assert departed["claimed_at"] == "2026-03-02T16:05:00+08:00"
    assert (arrived["claimed_at"], arrived["detail"]["position"]) == ("1999-12-31T23:00:00+08:00", place)
    assert [row["position"] for row in await bureau.rows("assignments") if row["officer"] == "chen"] == [place]


# --- out of turn ---


async def test_a_step_out_of_turn_says_what_is_possible(bureau: Bureau) -> None:
    case_id = await bureau.red()
    lead = (await bureau.team(case_id))["chen"]
    async with bureau.officer("chen") as chen, bureau.chief() as chief:
        early = await chen.post(f"/v1/assignments/{lead}/arrive", json={})
        report = await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)
        review = await chief.post(f"/v1/cases/{case_id}/approve")
    for answer, action, allowed in (
        (early, "arrive", ["accept", "decline", "hand-over"]),
        (report, "feedback", ["accept", "decline", "hand-over"]),
        (review, "approve", ["reassign", "hand-over", "transfer", "suspend"]),
    ):
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert body["type"] == "urn:tricolor:problem:transition-refused"
        assert (body["state"], body["action"], body["allowed"]) == ("assigned", action, allowed)
    assert len(await bureau.told()) == 2  # opened, assigned


async def test_of_two_at_once_one_moves_the_case(bureau: Bureau) -> None:
    case_id = await reported(bureau)
    async with bureau.chief() as one, bureau.api.app(Role.SECTION) as other:
        answers = await asyncio.gather(
            one.post(f"/v1/cases/{case_id}/approve"),
            other.post(f"/v1/cases/{case_id}/return", json={"reason": "缺少照片"}),
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await bureau.told("case.approved")) + len(await bureau.told("case.returned")) == 1


async def test_one_step_sent_twice_at_once_is_taken_once(bureau: Bureau) -> None:
    case_id = await bureau.red()
    lead = (await bureau.team(case_id))["chen"]
    async with bureau.officer("chen") as chen:
        answers = await asyncio.gather(*(chen.post(f"/v1/assignments/{lead}/accept") for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_the_same_key_is_answered_the_same_and_done_once(bureau: Bureau) -> None:
    case_id = await bureau.red()
    lead = (await bureau.team(case_id))["chen"]
    key = {"Idempotency-Key": "offline-1"}
    async with bureau.officer("chen") as chen:
        first = await chen.post(f"/v1/assignments/{lead}/accept", headers=key)
        again = await chen.post(f"/v1/assignments/{lead}/accept", headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert len(await bureau.told("case.accepted")) == 1


# --- review ---


async def test_a_report_put_right_at_the_desk_needs_no_second_visit(bureau: Bureau) -> None:
    case_id = await reported(bureau)
    await bureau.arrive_second(case_id)
    async with bureau.chief() as chief, bureau.officer("chen") as chen:
        returned = (await chief.post(f"/v1/cases/{case_id}/return", json={"reason": "措施不具体"})).json()
        assert (returned["state"], returned["allowed"]) == (
            "returned",
            ["reassign", "hand-over", "transfer", "suspend"],
        )
        assert sorted(await bureau.notices("returned")) == [("chen", None), ("li", None)]
        corrected = FEEDBACK | {"outcome": "case_filed_for_penalty"}
        assert (await chen.post(f"/v1/cases/{case_id}/feedback", json=corrected)).json()["state"] == "reported"
        assert (await chief.post(f"/v1/cases/{case_id}/approve", json={"comment": "同意"})).json()["outcome"] == (
            "case_filed_for_penalty"
        )


async def test_after_a_return_the_team_can_go_again(bureau: Bureau) -> None:
    case_id = await reported(bureau)
    team = await bureau.team(case_id)
    async with bureau.chief() as chief, bureau.officer("chen") as chen, bureau.officer("li") as li:
        await chief.post(f"/v1/cases/{case_id}/return", json={"reason": "请复查排放口"})
        assert (await li.get(f"/v1/cases/{case_id}")).json()["allowed"] == ["depart", "arrive", "feedback", "hand-over"]
        assert (await step(li, team["li"], "depart"))["case_state"] == "en_route"  # now the second goes first
        assert (await step(chen, team["chen"], "depart"))["case_state"] == "en_route"
        assert (await step(chen, team["chen"], "arrive"))["case_state"] == "on_site"
        assert (await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)).json()["state"] == "reported"


async def test_who_is_on_the_team_does_not_review(bureau: Bureau) -> None:
    case_id = await reported(bureau)
    async with bureau.api.app(Role.STATION_CHIEF, "li", station=STATION) as li:
        for action, body in (("approve", None), ("return", {"reason": "重写"})):
            answer = await li.post(f"/v1/cases/{case_id}/{action}", json=body)
            assert answer.status_code == 403
    assert (await types(bureau, case_id))[-1] == "feedback_submitted reported"


# --- other hands ---


async def test_who_declines_is_not_asked_again(bureau: Bureau) -> None:
    case_id = await bureau.red()
    first = await bureau.team(case_id)
    async with bureau.officer("chen") as chen:
        declined = await step(chen, first["chen"], "decline", reason="与企业负责人有亲属关系")
        assert (declined["state"], declined["case_state"]) == ("declined", "assigned")
        assert declined["ended_at"] is not None
        second = await bureau.team(case_id)
        assert list(second) == ["zhao", "li"]  # li was given it before: one case more this month
        (told,) = await bureau.told("case.declined")
        assert (told["state"], told["reason"]) == ("declined", "与企业负责人有亲属关系")
        assert (await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)).status_code == 404

    async with bureau.officer("li") as li:
        await step(li, second["li"], "decline", reason="病假")
    assert await bureau.team(case_id) == {}
    assert (await types(bureau, case_id))[-1] == "declined declined"
    assert await bureau.notices("nobody_available") == [("station_chief", STATION)]
    async with bureau.chief() as chief:
        body = {"reason": "一并前往", "team": ["zhao", "li"]}
        assert (await chief.post(f"/v1/cases/{case_id}/reassign", json=body)).json()["state"] == "assigned"
    assert list(await bureau.team(case_id)) == ["zhao", "li"]


async def test_the_chief_is_told_each_time_a_case_comes_to_wait(bureau: Bureau) -> None:
    await bureau.duty("chen")
    case_id = await bureau.red()
    await bureau.duty("chen", "li")
    await bureau.assign_waiting()
    async with bureau.officer("chen") as chen:
        await step(chen, (await bureau.team(case_id))["chen"], "decline", reason="病假")
    await bureau.assign_waiting()
    assert await bureau.notices("nobody_available") == [("station_chief", STATION)] * 2


@pytest.mark.parametrize("name", [*STEPS, "decline"])
async def test_an_assignment_that_ended_moves_nothing(bureau: Bureau, name: str) -> None:
    case_id = await bureau.red()
    before = await bureau.team(case_id)
    async with bureau.chief() as chief:
        await chief.post(f"/v1/cases/{case_id}/reassign", json={"reason": "改派", "team": ["li", "zhao"]})
    for officer in ("chen", "li"):  # li has the case again, by another assignment
        async with bureau.officer(officer) as app:
            answer = await app.post(
                f"/v1/assignments/{before[officer]}/{name}", json={"reason": "x"} if name == "decline" else None
            )
        assert (answer.status_code, answer.json()["allowed"]) == (409, [])
    assert (await types(bureau, case_id))[-1] == "reassigned assigned"


async def test_a_chief_gives_the_case_to_others(bureau: Bureau) -> None:
    case_id = await visited(bureau)
    async with bureau.chief() as chief:
        path = f"/v1/cases/{case_id}/reassign"
        by_policy = await chief.post(path, json={"reason": "另有任务"})
        assert (by_policy.status_code, by_policy.json()["type"]) == (422, "urn:tricolor:problem:team-impossible")
        for team, words in (
            (["chen", "chen"], "two different officers"),
            (["chen", "nobody"], "nobody is not an officer of the station"),
        ):
            answer = await chief.post(path, json={"reason": "另有任务", "team": team})
            assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.text
        assert list(await bureau.team(case_id)) == ["chen", "li"]
        answer = await chief.post(path, json={"reason": "另有任务", "team": ["zhao", "chen"]})
    assert [one["officer"] for one in answer.json()["team"]] == ["zhao", "chen"]
    (told,) = await bureau.told("case.reassigned")
    assert (told["state"], told["reason"], told["actor"]["subject"]) == ("assigned", "另有任务", "wang")
    assert sorted({row["round"] for row in await bureau.rows("assignments")}) == [1, 2]


# --- whose it is not ---


async def test_what_is_not_yours_is_not_there(bureau: Bureau) -> None:
    case_id = await visited(bureau)
    lead = (await bureau.team(case_id))["chen"]
    async with bureau.officer("zhao") as zhao, bureau.chief("shajing") as elsewhere:
        answers = [
            await zhao.post(f"/v1/assignments/{lead}/accept"),
            await zhao.post(f"/v1/assignments/{uuid4()}/accept"),
            await zhao.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK),
            await elsewhere.post(f"/v1/cases/{case_id}/reassign", json={"reason": "改派"}),
            await elsewhere.post(f"/v1/cases/{case_id}/approve"),
            await elsewhere.get(f"/v1/cases/{case_id}"),
            await elsewhere.get(f"/v1/cases/{case_id}/timeline"),
        ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)


@pytest.mark.parametrize("role", [Role.PLATFORM, Role.AUDITOR, Role.ENTERPRISE, Role.OFFICER])
async def test_who_has_no_hand_in_it_is_told_so(bureau: Bureau, role: Role) -> None:
    case_id = await reported(bureau)
    async with bureau.api.app(role, ENTERPRISE, station=STATION) as app:
        for action, body in (("approve", {}), ("return", {"reason": "x"}), ("reassign", {"reason": "x"})):
            assert (await app.post(f"/v1/cases/{case_id}/{action}", json=body)).status_code == 403


@pytest.mark.parametrize(
    ("action", "body", "pointer"),
    [
        ("feedback", FEEDBACK | {"outcome": " "}, "/body/outcome"),
        ("feedback", FEEDBACK | {"findings": "  "}, "/body/findings"),
        ("feedback", FEEDBACK | {"measures": "a\x00b"}, "/body/measures"),
        ("feedback", {"findings": "x", "outcome": "rectified"}, "/body/measures"),
        ("feedback", FEEDBACK | {"time": "2026-03-02T08:00:00"}, "/body/time"),
        ("feedback", FEEDBACK | {"time": "0001-01-01T00:00:00+14:00"}, "/body/time"),
        ("feedback", FEEDBACK | {"outcom": "rectified"}, "/body/outcom"),
    ],
)
async def test_bad_input_is_refused_by_name(bureau: Bureau, action: str, body: Json, pointer: str) -> None:
    case_id = await visited(bureau)
    async with bureau.officer("chen") as chen:
        answer = await chen.post(f"/v1/cases/{case_id}/{action}", json=body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    "body", [{"position": {"longitude": 181, "latitude": 0}}, {"position": {"longitude": 1}}, {"reason": "x"}]
)
async def test_a_place_that_is_none_is_refused(bureau: Bureau, body: Json) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        answer = await chen.post(f"/v1/assignments/{(await bureau.team(case_id))['chen']}/accept", json=body)
    assert answer.status_code == 422


async def test_an_outcome_that_the_policy_does_not_list_closes_nothing(bureau: Bureau) -> None:
    case_id = await visited(bureau)
    async with bureau.officer("chen") as chen:
        refused = await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK | {"outcome": "order_to_corect"})
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:tricolor:problem:unknown-outcome")
        assert "order_to_correct" in refused.json()["outcomes"]
        assert (await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)).is_success
    await bureau.arrive_second(case_id)
    async with bureau.chief() as chief:
        refused = await chief.post(f"/v1/cases/{case_id}/approve", json={"outcome": "zzz"})
        assert (refused.status_code, refused.json()["field"]) == (422, "outcome")
        assert (await chief.get(f"/v1/cases/{case_id}")).json()["state"] == "reported"


async def test_feedback_on_what_is_reported_says_that_it_is(bureau: Bureau) -> None:
    case_id = await reported(bureau)
    async with bureau.officer("chen") as chen:
        again = await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)
    assert (again.status_code, again.json()["state"]) == (409, "reported")
