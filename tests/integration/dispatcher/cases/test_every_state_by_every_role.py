"""In every state every role is offered what the table allows it, and whatever else it tries changes nothing."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.dispatcher.domain import lifecycle, own_steps
from services.dispatcher.domain.lifecycle import Action
from shared.contract.events import CaseKind
from shared.contract.roles import OFFICE, Role
from shared.contract.words import CaseState
from tests.integration.dispatcher.bureau import ELSEWHERE, ENTERPRISE, STATION, Bureau
from tests.integration.dispatcher.cases.test_hand_overs import FEEDBACK, visiting

REPORT = {"cause": "加药泵故障", "measures": "已更换", "finished_at": "2026-03-02T08:20:00+08:00"}
WHY = {"reason": "试一试"}


async def opened(bureau: Bureau) -> UUID:
    await bureau.duty()
    return await bureau.red()


async def assigned(bureau: Bureau) -> UUID:
    return await bureau.red()


async def declined(bureau: Bureau) -> UUID:
    await bureau.duty("chen", "li")
    return await stepped(bureau, "decline")


async def accepted(bureau: Bureau) -> UUID:
    return await stepped(bureau, "accept")


async def en_route(bureau: Bureau) -> UUID:
    return await stepped(bureau, "accept", "depart")


async def reported(bureau: Bureau) -> UUID:
    case_id = await visiting(bureau)
    async with bureau.officer("chen") as chen:
        assert (await chen.post(f"/v1/cases/{case_id}/feedback", json=FEEDBACK)).is_success
    return case_id


async def returned(bureau: Bureau) -> UUID:
    return await decided(bureau, await reported(bureau), "return")


async def approved(bureau: Bureau) -> UUID:
    case_id = await reported(bureau)
    await bureau.arrive_second(case_id)
    return await decided(bureau, case_id, "approve", {})


async def suspended(bureau: Bureau) -> UUID:
    return await decided(bureau, await bureau.red(), "suspend")


async def transferred(bureau: Bureau) -> UUID:
    return await decided(bureau, await bureau.red(), "transfer")


async def merged(bureau: Bureau) -> UUID:
    await bureau.red()
    return await bureau.red()


async def reopened(bureau: Bureau) -> UUID:
    closed = await approved(bureau)
    await bureau.duty()
    async with bureau.api.app(Role.SECTION) as section:
        return UUID((await section.post(f"/v1/cases/{closed}/reopen", json=WHY)).json()["case_id"])


async def asked(bureau: Bureau) -> UUID:
    return await bureau.yellow()


async def answered(bureau: Bureau) -> UUID:
    case_id = await bureau.yellow()
    async with bureau.enterprise() as enterprise:
        assert (await enterprise.post(f"/v1/cases/{case_id}/self-report", json=REPORT)).is_success
    return case_id


async def given_back(bureau: Bureau) -> UUID:
    return await decided(bureau, await answered(bureau), "return")


async def accepted_report(bureau: Bureau) -> UUID:
    return await decided(bureau, await answered(bureau), "approve", {})


async def stepped(bureau: Bureau, *steps: str) -> UUID:
    case_id = await bureau.red()
    own = (await bureau.team(case_id))["chen"]
    async with bureau.officer("chen") as chen:
        for step in steps:
            body = WHY if step == "decline" else None
            assert (await chen.post(f"/v1/assignments/{own}/{step}", json=body)).is_success
    return case_id


async def decided(bureau: Bureau, case_id: UUID, act: str, body: dict[str, str] | None = None) -> UUID:
    async with bureau.api.app(Role.STATION_CHIEF, "wang", station=STATION) as chief:
        answer = await chief.post(f"/v1/cases/{case_id}/{act}", json=WHY if body is None else body)
        assert answer.is_success, answer.text
    return case_id


@pytest.mark.parametrize(
    ("way", "kind", "state"),
    [
        (opened, CaseKind.ON_SITE, CaseState.OPEN),
        (assigned, CaseKind.ON_SITE, CaseState.ASSIGNED),
        (declined, CaseKind.ON_SITE, CaseState.DECLINED),
        (accepted, CaseKind.ON_SITE, CaseState.ACCEPTED),
        (en_route, CaseKind.ON_SITE, CaseState.EN_ROUTE),
        (visiting, CaseKind.ON_SITE, CaseState.ON_SITE),
        (reported, CaseKind.ON_SITE, CaseState.REPORTED),
        (returned, CaseKind.ON_SITE, CaseState.RETURNED),
        (approved, CaseKind.ON_SITE, CaseState.APPROVED),
        (suspended, CaseKind.ON_SITE, CaseState.SUSPENDED),
        (transferred, CaseKind.ON_SITE, CaseState.TRANSFERRED),
        (merged, CaseKind.ON_SITE, CaseState.MERGED),
        (reopened, CaseKind.ON_SITE, CaseState.REOPENED),
        (asked, CaseKind.SELF_REPORT, CaseState.OPEN),
        (answered, CaseKind.SELF_REPORT, CaseState.SELF_REPORTED),
        (given_back, CaseKind.SELF_REPORT, CaseState.RETURNED),
        (accepted_report, CaseKind.SELF_REPORT, CaseState.ACCEPTED_REPORT),
    ],
)
async def test_what_is_not_allowed_is_refused_and_changes_nothing(
    bureau: Bureau, way: Callable[[Bureau], Awaitable[UUID]], kind: CaseKind, state: CaseState
) -> None:
    case_id = await way(bureau)
    before = await everything(bureau)
    (stands,) = [row for row in before[0] if row["case_id"] == case_id]
    assert (stands["kind"], stands["state"]) == (kind, state)
    own = {row["officer"]: row["assignment_id"] for row in before[1] if row["case_id"] == case_id}
    async with AsyncExitStack() as stack:
        for role, app in [(role, await stack.enter_async_context(hand(bureau, role))) for role in Role]:
            seen = await app.get(f"/v1/cases/{case_id}")
            allowed = seen.json()["allowed"] if seen.is_success else []
            if role in OFFICE and seen.is_success:
                assert allowed == lifecycle.allowed(kind, state, role)
            for action, (path, body) in acts(case_id, own.get("chen", uuid4())).items():
                if action not in allowed:
                    answer = await app.post(path, json=body)
                    assert answer.status_code in {403, 404, 409}, (role, action, answer.text)
                    if answer.status_code == 409:
                        assert answer.json()["type"] == "urn:tricolor:problem:transition-refused"
    assert await everything(bureau) == before


def acts(case_id: UUID, own: UUID) -> dict[Action, tuple[str, dict[str, Any]]]:
    """Everything that anybody can press, with a body that would do."""
    of_case: dict[Action, dict[str, Any]] = {
        Action.FEEDBACK: FEEDBACK,
        Action.SELF_REPORT: REPORT,
        Action.APPROVE: {},
        Action.RETURN: WHY,
        Action.REASSIGN: WHY,
        Action.HAND_OVER: WHY | {"to": "zhao", "leaving": "chen"},
        Action.TRANSFER: WHY | {"station": ELSEWHERE},
        Action.SUSPEND: WHY,
        Action.RESUME: WHY,
        Action.REOPEN: WHY,
        Action.UNMERGE: WHY,
    }
    steps: dict[Action, dict[str, Any]] = {Action.DECLINE: WHY} | {step: {} for step in own_steps.STEPS}
    return (
        {action: (f"/v1/cases/{case_id}/{action}", body) for action, body in of_case.items()}
        | {action: (f"/v1/assignments/{own}/{action}", body) for action, body in steps.items()}
        | {Action.OFF_SITE_FEEDBACK: (f"/v1/cases/{case_id}/feedback", FEEDBACK | {"off_site": True})}
    )


def hand(bureau: Bureau, role: Role) -> Any:
    """An app of each role, as near to the case as the role can be."""
    match role:
        case Role.OFFICER:
            return bureau.officer("chen")
        case Role.STATION_CHIEF:
            return bureau.chief()
        case Role.ENTERPRISE:
            return bureau.api.app(role, "clerk", enterprise=ENTERPRISE)
        case _:
            return bureau.api.app(role, "he")


async def everything(bureau: Bureau) -> tuple[list[Any], ...]:
    """All that a step would leave behind."""
    tables = [await bureau.rows(table) for table in ("cases", "assignments", "timeline", "outbox", "notices")]
    return tuple(sorted(rows, key=repr) for rows in tables)
