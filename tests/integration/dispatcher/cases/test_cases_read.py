"""Reading cases: who sees which, by what they are asked for, page by page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contract.events import DeadlineType
from shared.contract.roles import Role
from tests.integration.dispatcher.bureau import ELSEWHERE, ENTERPRISE, STATION, Bureau

ELSEWHERES = {"enterprise": {"code": "other", "name": "沙井某厂"}}


@pytest.fixture
async def cases(bureau: Bureau) -> dict[str, UUID]:
    """A red and an overdue yellow case at xinan (with the verification it raised), a yellow one elsewhere."""
    await bureau.know("other", station=ELSEWHERE)
    opened = {}
    for name, opening in (("red", bureau.red()), ("yellow", bureau.yellow()), ("other", bureau.yellow(**ELSEWHERES))):
        opened[name] = await opening
        bureau.clock.advance(timedelta(minutes=1))
    await bureau.clock_says(DeadlineType.MISSED, opened["yellow"], state="overdue")
    (verification,) = [row for row in await bureau.rows("cases") if row["kind"] == "verification"]
    return opened | {"verification": verification["case_id"]}


async def seen(app: httpx.AsyncClient, cases: dict[str, UUID], **params: Any) -> list[str]:
    answer = await app.get("/v1/cases", params=params)
    assert answer.status_code == 200, answer.text
    names = {str(case_id): name for name, case_id in cases.items()}
    return [names[item["case_id"]] for item in answer.json()["items"]]


@asynccontextmanager
async def caller(
    bureau: Bureau, role: Role, subject: str = "someone", station: str | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    async with bureau.api.app(role, subject, station=station) as app:
        yield app


@pytest.mark.parametrize(
    ("role", "subject", "station", "visible"),
    [
        (Role.SECTION, "s", None, ["verification", "other", "yellow", "red"]),
        (Role.LEADER, "s", None, ["verification", "other", "yellow", "red"]),
        (Role.AUDITOR, "s", None, ["verification", "other", "yellow", "red"]),
        (Role.STATION_CHIEF, "s", STATION, ["verification", "yellow", "red"]),
        (Role.STATION_CHIEF, "s", ELSEWHERE, ["other"]),
        (Role.STATION_CHIEF, "s", None, []),
        (Role.OFFICER, "zhao", STATION, ["verification", "yellow", "red"]),
        (Role.OFFICER, "li", ELSEWHERE, ["verification", "other", "red"]),  # moved there, and still holds two
        (Role.OFFICER, "li", None, ["verification", "red"]),
        (Role.ENTERPRISE, ENTERPRISE, None, ["yellow"]),  # of a visit nothing before the officers arrive
        (Role.ENTERPRISE, "other", None, ["other"]),
        (Role.ENTERPRISE, "nobody", None, []),
    ],
)
async def test_each_sees_the_own_cases(
    bureau: Bureau, cases: dict[str, UUID], role: Role, subject: str, station: str | None, visible: list[str]
) -> None:
    async with caller(bureau, role, subject, station) as app:
        assert await seen(app, cases) == visible
        for name, case_id in cases.items():
            status = (await app.get(f"/v1/cases/{case_id}")).status_code
            assert status == (200 if name in visible else 404)
            assert (await app.get(f"/v1/cases/{case_id}/timeline")).status_code == status


async def test_platforms_have_nothing_to_read_here(bureau: Bureau, cases: dict[str, UUID]) -> None:
    async with caller(bureau, Role.PLATFORM) as app:
        for path in ("", f"/{cases['red']}", f"/{cases['red']}/timeline"):
            assert (await app.get(f"/v1/cases{path}")).status_code == 403


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"level": "red"}, ["red"]),
        ({"level": "yellow"}, ["verification", "other", "yellow"]),
        ({"status": "open"}, ["other", "yellow"]),
        ({"status": "assigned"}, ["red"]),
        ({"status": "merged"}, ["verification"]),  # it joined the visit
        ({"status": "closed"}, []),
        ({"overdue": True}, ["yellow"]),
        ({"overdue": False}, ["verification", "other", "red"]),
        ({"station": ELSEWHERE}, ["other"]),
        ({"enterprise": ENTERPRISE, "status": "open"}, ["yellow"]),
    ],
)
async def test_asked_for(bureau: Bureau, cases: dict[str, UUID], params: dict[str, Any], found: list[str]) -> None:
    async with caller(bureau, Role.SECTION) as app:
        assert await seen(app, cases, **params) == found


@pytest.mark.parametrize(
    "params",
    [
        {"level": "green"},
        {"status": "no such state"},
        {"overdue": "perhaps"},
        {"station": "a\x00"},
        {"cursor": "bm8="},
        {"limit": 0},
    ],
)
async def test_a_question_that_cannot_be_meant_is_refused(bureau: Bureau, params: dict[str, Any]) -> None:
    async with caller(bureau, Role.SECTION) as app:
        assert (await app.get("/v1/cases", params=params)).status_code == 422


async def test_pages_follow_one_another_without_gap_or_overlap(bureau: Bureau) -> None:
    opened = [str(await bureau.yellow()) for _ in range(5)]  # all at one instant
    async with caller(bureau, Role.SECTION) as app:
        found: list[str] = []
        page: dict[str, Any] = {"next": None}
        while len(found) < 5:
            params = {"limit": 2} | ({"cursor": page["next"]} if page["next"] else {})
            page = (await app.get("/v1/cases", params=params)).json()
            assert 0 < len(page["items"]) <= 2
            found += [item["case_id"] for item in page["items"]]
        assert page["next"] is None
    assert found == sorted(opened, reverse=True)


async def test_the_timeline_goes_on_after_a_page(bureau: Bureau, cases: dict[str, UUID]) -> None:
    path = f"/v1/cases/{cases['red']}/timeline"
    async with caller(bureau, Role.AUDITOR) as app:
        first = (await app.get(path, params={"limit": 1})).json()
        rest = (await app.get(path, params={"cursor": first["next"]})).json()
        refused = await app.get(path, params={"cursor": "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OSJd"})  # 23 nines
    (opened,), (assigned, taken_in) = first["items"], rest["items"]
    assert opened["type"] == "cn.tricolor.case.opened.v1"
    assert (assigned["actor_role"], assigned["actor_subject"], assigned["at"]) == (
        "system",
        "tricolor",
        "2026-03-02T08:30:00+08:00",
    )
    assert taken_in["detail"] == {"takes_in": str(cases["verification"])}
    assert rest["next"] is None
    assert refused.status_code == 422
