"""The code at an enterprise's gate (入企码): set by the bureau, shown to nobody, compared when officers arrive."""

from uuid import UUID

import httpx
import pytest

from shared.contract.roles import Role
from tests.integration.dispatcher.api.test_offline_actions import act, send
from tests.integration.dispatcher.bureau import ENTERPRISE, Bureau, Json

GATE = "gate-7K3Q"


async def hang_up(bureau: Bureau, code: str = GATE) -> Json:
    async with bureau.api.app(Role.SECTION, "he") as section:
        answer = await section.put(f"/v1/enterprises/{ENTERPRISE}/entry-code", json={"entry_code": code})
    assert answer.is_success, answer.text
    record: Json = answer.json()
    return record


async def arrive(bureau: Bureau, case_id: UUID, body: Json) -> Json:
    own = (await bureau.team(case_id))["chen"]
    async with bureau.officer("chen") as chen:
        for step in ("accept", "depart"):
            await chen.post(f"/v1/assignments/{own}/{step}")
        answer = await chen.post(f"/v1/assignments/{own}/arrive", json=body)
    assert answer.is_success, answer.text
    assignment: Json = answer.json()
    return assignment


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"entry_code": "https://example.com/gate/GATE-7k3q"}, "matched"),
        ({"entry_code": "gate-0000"}, "not_matched"),
        ({}, "not_scanned"),
    ],
)
async def test_an_arrival_is_taken_and_says_whether_the_code_was_right(bureau: Bureau, body: Json, said: str) -> None:
    case_id = await bureau.red()
    await hang_up(bureau)
    assignment = await arrive(bureau, case_id, body)
    assert (assignment["state"], assignment["entry_check"]) == ("on_site", said)
    (event,) = await bureau.told("case.arrived")
    assert event["detail"]["entry_check"] == said
    assert GATE not in str(event)
    async with bureau.chief() as chief:
        items = (await chief.get(f"/v1/cases/{case_id}/timeline", params={"limit": 200})).json()["items"]
        teams = (await chief.get(f"/v1/cases/{case_id}/assignments")).json()["items"]
    (arrived,) = [one for one in items if one["type"] == "cn.tricolor.case.arrived.v1"]
    assert arrived["detail"]["entry_check"] == said
    assert {one["officer"]: one["entry_check"] for one in teams}["chen"] == said


async def test_where_there_is_no_code_none_is_asked_for(bureau: Bureau) -> None:
    case_id = await bureau.red()
    assignment = await arrive(bureau, case_id, {})
    assert (assignment["asks_entry_code"], assignment["entry_check"]) == (False, "not_asked")


async def test_an_officer_learns_that_there_is_a_code_and_not_which(bureau: Bureau) -> None:
    await bureau.red()
    async with bureau.officer("chen") as chen:
        before = await chen.get("/v1/assignments")
        await hang_up(bureau)
        after = await chen.get("/v1/assignments")
        read = await chen.get(f"/v1/enterprises/{ENTERPRISE}")
        refused = await chen.put(f"/v1/enterprises/{ENTERPRISE}/entry-code", json={"entry_code": "mine"})
    assert (before.json()["items"][0]["asks_entry_code"], after.json()["items"][0]["asks_entry_code"]) == (False, True)
    assert before.headers["ETag"] != after.headers["ETag"]
    assert "7K3Q" not in (after.text + read.text).upper()
    assert refused.status_code == 403


async def test_without_a_network_what_was_scanned_is_compared_when_it_arrives(bureau: Bureau) -> None:
    case_id = await bureau.red()
    await hang_up(bureau)
    own = (await bureau.team(case_id))["chen"]
    async with bureau.officer("chen") as chen:
        results = await send(
            chen,
            act("accept", 1, assignment_id=own),
            act("depart", 2, assignment_id=own, body={"entry_code": GATE}),
            act("depart", 3, assignment_id=own),
            act("arrive", 4, assignment_id=own, body={"entry_code": GATE}),
        )
    assert [one["status"] for one in results] == ["done", "refused", "done", "done"]
    assert results[-1]["answer"]["entry_check"] == "matched"


async def test_who_set_a_code_is_kept_and_not_what_it_was(bureau: Bureau) -> None:
    await bureau.red()
    first = await hang_up(bureau)
    async with bureau.api.app(Role.SECTION, "he") as section:
        short = await section.put(f"/v1/enterprises/{ENTERPRISE}/entry-code", json={"entry_code": "abc"})
        taken = await section.delete(f"/v1/enterprises/{ENTERPRISE}/entry-code")
        history = (await section.get(f"/v1/enterprises/{ENTERPRISE}/history")).json()["items"]
        unknown = await section.put("/v1/enterprises/NOBODY/entry-code", json={"entry_code": GATE})
    assert (short.status_code, unknown.status_code) == (422, 404)
    assert taken.json()["entry_code_set_at"] is None
    assert [one["changes"] for one in history[:2]] == [
        {"entry_code_set_at": [first["entry_code_set_at"], None]},
        {"entry_code_set_at": [None, first["entry_code_set_at"]]},
    ]
    assert history[0]["actor_subject"] == "he"
    assert "7K3Q" not in str(history).upper()


async def test_codes_come_by_sheet_and_no_answer_says_what_they_are(bureau: Bureau) -> None:
    case_id = await bureau.red()
    sheet = f"统一社会信用代码,入企码\n{ENTERPRISE},{GATE}\n91440300MA5NOBODY1,GATE-1\n"

    async def send_sheet(content: str, *, dry_run: bool) -> httpx.Response:
        files = {"file": ("codes.csv", content.encode(), "text/csv")}
        return await section.post("/v1/imports", params={"kind": "entry_codes", "dry_run": dry_run}, files=files)

    async with bureau.chief() as chief:
        refused = await chief.post("/v1/imports", params={"kind": "entry_codes"}, files={"file": ("a.csv", b"x")})
    assert refused.status_code == 403
    async with bureau.api.app(Role.SECTION, "he") as section:
        wrong = (await send_sheet(sheet + f"{ENTERPRISE},ab\n", dry_run=True)).json()
        assert [(one["row"], one["zh"]) for one in wrong["errors"]["items"]] == [
            (3, "尚未登记，请先登记"),
            (4, "至少 4 个字符"),
        ]
        good = f"统一社会信用代码,入企码\n{ENTERPRISE},{GATE}\n"
        tried = await send_sheet(good, dry_run=True)
        assert tried.json()["counts"] == {"new": 0, "changed": 1, "unchanged": 0, "refused": 0}
        assert tried.json()["changes"][0]["fields"] == {"entry_code": [None, "••••"]}
        done = await send_sheet(good, dry_run=False)
        assert done.is_success, done.text
        (again,) = (await send_sheet(good, dry_run=True)).json()["changes"]
        assert [one[:4] for one in again["fields"]["entry_code"]] == ["••••", "••••"]
        (entry, *_) = (await section.get(f"/v1/enterprises/{ENTERPRISE}/history")).json()["items"]
        listed = await section.get("/v1/enterprises", params={"entry_code": True, "q": ENTERPRISE[3:12].lower()})
        none = await section.get("/v1/enterprises", params={"entry_code": False, "q": ENTERPRISE})
        assert [one["code"] for one in listed.json()["items"]] == [ENTERPRISE]
        assert none.json()["items"] == []
    assert entry["how"] == "import"
    assert GATE not in f"{tried.text} {done.text} {entry} {listed.text}"
    assert (await arrive(bureau, case_id, {"entry_code": GATE}))["entry_check"] == "matched"
    # A blank cell takes the code away.
    async with bureau.api.app(Role.SECTION, "he") as section:
        assert (await send_sheet(f"信用代码,入企码\n{ENTERPRISE},\n", dry_run=False)).is_success
        gone = await section.get(f"/v1/enterprises/{ENTERPRISE}")
    assert gone.json()["entry_code_set_at"] is None
