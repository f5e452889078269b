"""A yellow case in the hands of the enterprise: reported, returned, reported again, accepted."""

import pytest

from shared.contract.roles import Role
from tests.integration.dispatcher.bureau import Bureau, Json

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(5000)
REPORT = {"cause": "加药泵故障", "measures": "已更换并复测达标", "finished_at": "2026-03-02T08:20:00+08:00"}


async def test_reported_returned_and_accepted(bureau: Bureau) -> None:
    case_id = await bureau.yellow()
    async with bureau.enterprise() as enterprise, bureau.chief() as chief:
        assert (await enterprise.get(f"/v1/cases/{case_id}")).json()["allowed"] == ["self-report"]
        first = (await enterprise.post(f"/v1/cases/{case_id}/self-report", json=REPORT)).json()
        assert (first["state"], first["allowed"]) == ("self_reported", [])
        returned = (await chief.post(f"/v1/cases/{case_id}/return", json={"reason": "未说明复测结果"})).json()
        assert returned["state"] == "returned"
        assert await bureau.notices("returned") == [("91440306MA5000001W", None)]
        again = REPORT | {"measures": "复测 42 mg/m3，达标"}
        assert (await enterprise.post(f"/v1/cases/{case_id}/self-report", json=again)).json()[
            "state"
        ] == "self_reported"
        lost = await chief.post(f"/v1/cases/{case_id}/approve", json={"correct_by": "2026-03-20"})
        assert (lost.status_code, lost.json()["field"]) == (422, "correct_by")  # a report is no order
        closed = (await chief.post(f"/v1/cases/{case_id}/approve", json={"comment": ""})).json()
    assert (closed["state"], closed["outcome"], closed["closed_at"]) == (
        "accepted_report",
        "accepted_report",
        "2026-03-02T08:30:00+08:00",
    )
    # Where the lot draws it for a verification, that is a case of its own.
    assert [one["state"] for one in await bureau.told() if one.get("case_id") == str(case_id)] == [
        "open",
        "self_reported",
        "returned",
        "self_reported",
        "accepted_report",
        "accepted_report",
    ]
    assert [one["actor"]["role"] for one in await bureau.told("case.self_reported")] == ["enterprise"] * 2
    assert [row["measures"] for row in await bureau.rows("self_reports")] == [REPORT["measures"], again["measures"]]


async def test_the_photographs_that_a_report_names_are_attachments_of_its_case(bureau: Bureau) -> None:
    case_id, other = await bureau.yellow(), await bureau.yellow()
    async with bureau.enterprise() as enterprise:
        photo, elsewhere = [
            (await enterprise.post(f"/v1/cases/{one}/attachments", files={"file": ("a.png", PHOTO)})).json()
            for one in (case_id, other)
        ]
        wrong = REPORT | {"attachments": [photo["attachment_id"], elsewhere["attachment_id"]]}
        refused = await enterprise.post(f"/v1/cases/{case_id}/self-report", json=wrong)
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:tricolor:problem:unknown-attachment")
        assert elsewhere["attachment_id"] in refused.json()["detail"]
        right = REPORT | {"attachments": [photo["attachment_id"]]}
        assert (await enterprise.post(f"/v1/cases/{case_id}/self-report", json=right)).is_success
    told, joined = await bureau.told("case.self_reported")
    assert told["detail"]["attachments"] == joined["detail"]["attachments"] == [photo["attachment_id"]]
    assert joined["detail"]["with"] == told["case_id"] == str(case_id)


async def test_out_of_turn_it_is_told_what_is_possible(bureau: Bureau) -> None:
    case_id = await bureau.yellow()
    async with bureau.enterprise() as enterprise, bureau.chief() as chief:
        early = (await chief.post(f"/v1/cases/{case_id}/approve")).json()
        assert (early["status"], early["state"], early["allowed"]) == (409, "open", [])
        await enterprise.post(f"/v1/cases/{case_id}/self-report", json=REPORT)
        twice = (await enterprise.post(f"/v1/cases/{case_id}/self-report", json=REPORT)).json()
        assert (twice["status"], twice["state"], twice["action"]) == (409, "self_reported", "self-report")
        nobodys = (await chief.post(f"/v1/cases/{case_id}/reassign", json={"reason": "改派"})).json()
        assert (nobodys["status"], nobodys["allowed"]) == (409, ["approve", "return"])
    assert len(await bureau.rows("self_reports")) == 1


async def test_an_enterprise_answers_its_own_cases_only(bureau: Bureau) -> None:
    case_id = await bureau.yellow()
    async with bureau.enterprise("91440306MA5000002T") as other, bureau.officer("chen") as chen:
        assert (await other.post(f"/v1/cases/{case_id}/self-report", json=REPORT)).status_code == 404
        assert (await other.get(f"/v1/cases/{case_id}")).status_code == 404
        assert (await chen.post(f"/v1/cases/{case_id}/self-report", json=REPORT)).status_code == 403


async def test_an_account_named_otherwise_acts_for_its_enterprise(bureau: Bureau) -> None:
    case_id = await bureau.yellow()
    async with bureau.api.app(Role.ENTERPRISE, "环保专员", enterprise="91440306MA5000001W") as app:
        assert (await app.post(f"/v1/cases/{case_id}/self-report", json=REPORT)).is_success
    assert [row["submitted_by"] for row in await bureau.rows("self_reports")] == ["环保专员"]


async def test_a_red_case_is_not_the_enterprises_to_answer(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.enterprise() as enterprise:
        answer = await enterprise.post(f"/v1/cases/{case_id}/self-report", json=REPORT)
        assert answer.status_code == 404  # no visit is known of before the officers arrive
        async with bureau.officer("chen") as chen:
            for step in ("accept", "depart", "arrive"):
                assignment = (await bureau.team(case_id))["chen"]
                assert (await chen.post(f"/v1/assignments/{assignment}/{step}")).is_success
        refused = await enterprise.post(f"/v1/cases/{case_id}/self-report", json=REPORT)
    assert (refused.status_code, refused.json()["allowed"]) == (409, [])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (REPORT | {"cause": ""}, "/body/cause"),
        (REPORT | {"finished_at": "2026-03-02 08:20"}, "/body/finished_at"),
        ({"cause": "x", "finished_at": REPORT["finished_at"]}, "/body/measures"),
    ],
)
async def test_half_a_report_is_refused_by_name(bureau: Bureau, body: Json, pointer: str) -> None:
    case_id = await bureau.yellow()
    async with bureau.enterprise() as enterprise:
        answer = await enterprise.post(f"/v1/cases/{case_id}/self-report", json=body)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])
