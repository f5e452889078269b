"""The dispatch policy is published with a reason, previewed before, and decides from its instant on."""

from datetime import timedelta
from typing import Any

import pytest

from services.dispatcher.domain.policy import DATA, DispatchPolicy
from shared.contract.roles import Role
from shared.time.instants import shown
from tests.integration.dispatcher.bureau import OFFICERS, Bureau, Json

SHIPPED = DispatchPolicy.load().version
NEW = "2026-03-02.1"
REPORT = {"cause": "加药泵故障", "measures": "已更换并复测达标", "finished_at": "2026-03-02T08:30:00+08:00"}


def policy(version: str = NEW, **changes: Any) -> str:
    """The shipped one under another version, single values changed: `capacity=1`."""
    lines = DATA.read_text(encoding="utf-8").replace(f"version: {SHIPPED}", f"version: {version}").splitlines()
    for name, value in changes.items():
        (at,) = [number for number, line in enumerate(lines) if line.strip().startswith(f"{name}:")]
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines[at] = f"{indent}{name}: {value}"
    return "\n".join(lines)


async def publish(bureau: Bureau, body: str, *, dry_run: bool = False, **given: Any) -> Json:
    async with bureau.api.app(Role.SECTION, "zhao") as app:
        answer = await app.post(
            f"/v1/dispatch-policies?dry_run={str(dry_run).lower()}",
            json={"policy": body, "reason": "局务会 2026-03-01", **given},
        )
        assert answer.is_success, answer.text
    if dry_run:
        return Json(answer.json())
    assert answer.status_code == 202
    async with bureau.api.app(Role.LEADER, "qian") as app:
        confirmed = await app.post(f"/v1/proposals/{answer.json()['proposal']['proposal_id']}/confirm")
        assert confirmed.is_success, confirmed.text
        return Json(confirmed.json()["result"])


async def versions(bureau: Bureau) -> list[str]:
    async with bureau.api.app(Role.AUDITOR) as app:
        return [one["version"] for one in (await app.get("/v1/dispatch-policies")).json()["items"]]


async def test_what_is_shipped_is_the_first_version_and_stands_on_what_it_decided(bureau: Bureau) -> None:
    assert await versions(bureau) == [SHIPPED]
    case_id = await bureau.red()
    (assigned,) = await bureau.told("case.assigned")
    assert assigned["policy_version"] == SHIPPED
    rows = [row for row in await bureau.rows("assignments") if row["case_id"] == case_id]
    assert {row["explanation"]["policy_version"] for row in rows} == {SHIPPED}


async def test_a_policy_decides_from_its_instant_on(bureau: Bureau) -> None:
    at = bureau.clock.now() + timedelta(hours=1)
    changed = await publish(bureau, policy(capacity=1), effective_from=shown(at))
    assert (changed["dry_run"], changed["version"], changed["effective_from"]) == (False, NEW, shown(at))
    assert await versions(bureau) == [NEW, SHIPPED]

    first = await bureau.red()
    bureau.clock.move_to(at)
    other = await bureau.know("91440306MA5000002X")
    second = await bureau.red(enterprise=other)

    assert len(await bureau.team(first)) == 2
    assert await bureau.team(second) == {}  # one officer is left with fewer than one case
    assert [one["policy_version"] for one in await bureau.told("case.assigned")] == [SHIPPED]
    async with bureau.chief() as app:
        now = (await app.get(f"/v1/cases/{second}/candidates")).json()
    assert now["explanation"]["policy_version"] == NEW


async def test_the_draw_and_a_hand_over_name_the_policy_they_were_decided_by(bureau: Bureau) -> None:
    await publish(bureau, policy(share=1.0))
    bureau.clock.advance(timedelta(minutes=1))
    red, yellow = await bureau.red(), await bureau.yellow()
    team = await bureau.team(red)
    leaving = next(iter(team))
    (coming,) = set(OFFICERS) - set(team)
    async with bureau.enterprise() as app, bureau.chief() as chief:
        assert (await app.post(f"/v1/cases/{yellow}/self-report", json=REPORT)).is_success
        assert (await chief.post(f"/v1/cases/{yellow}/approve")).is_success
        body = {"to": coming, "leaving": leaving, "reason": "另有任务"}
        assert (await chief.post(f"/v1/cases/{red}/hand-over", json=body)).is_success

    checks = [row["detail"] for row in await bureau.rows("timeline") if row["type"].endswith("truth_check.v1")]
    assert [(one["verified"], one["policy_version"]) for one in checks] == [(True, NEW)]
    verification = [one for one in await bureau.told("case.opened") if one["kind"] == "verification"]
    assert [one["policy_version"] for one in verification] == [NEW]
    assert [one["policy_version"] for one in await bureau.told("case.handed_over")] == [NEW]


async def test_a_preview_says_what_would_be_decided_otherwise_and_does_nothing(bureau: Bureau) -> None:
    offered = await bureau.red()
    await bureau.duty()
    other = await bureau.know("91440306MA5000002X")
    waiting = await bureau.red(enterprise=other)
    yellow = await bureau.yellow(enterprise=await bureau.know("91440306MA5000003Y"))
    async with bureau.enterprise("91440306MA5000003Y") as app:
        assert (await app.post(f"/v1/cases/{yellow}/self-report", json=REPORT)).is_success
    team = await bureau.team(offered)
    await bureau.duty(*OFFICERS)

    changed = await publish(bureau, policy(capacity=1, share=1.0), dry_run=True)

    preview = changed["preview"]
    assert changed["dry_run"] is True
    for part, case_id in (("waiting", waiting), ("unaccepted", offered)):
        assert (preview[part]["examined"], preview[part]["changed"]) == (1, 1)
        (one,) = preview[part]["cases"]
        assert (one["case_id"], len(one["before"]), one["after"]) == (str(case_id), 2, [])
    assert (preview["reports"]["examined"], preview["reports"]["verified_after"]) == (1, 1)
    assert await versions(bureau) == [SHIPPED]
    assert await bureau.team(offered) == team


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"policy": policy(version=SHIPPED)}, "version-exists"),
        ({"policy": policy(), "effective_from": "2026-03-02T08:30:05+08:00"}, "effective-too-soon"),
        ({"policy": policy(capacity=0)}, "policy-invalid"),
        ({"policy": "- no policy"}, "policy-invalid"),
    ],
)
async def test_what_cannot_come_into_force_is_refused_with_the_reason(bureau: Bureau, given: Json, code: str) -> None:
    async with bureau.api.app(Role.SECTION, "zhao") as app:
        for dry_run in ("true", "false"):
            answer = await app.post(f"/v1/dispatch-policies?dry_run={dry_run}", json={"reason": "局务会", **given})
            assert (answer.is_client_error, answer.json()["type"]) == (True, f"urn:tricolor:problem:{code}")
    assert await versions(bureau) in ([], [SHIPPED])


async def test_one_person_alone_publishes_nothing_and_the_others_are_told(bureau: Bureau) -> None:
    async with bureau.api.app(Role.SECTION, "zhao") as app:
        answer = await app.post("/v1/dispatch-policies", json={"policy": policy(), "reason": "局务会"})
        path = f"/v1/proposals/{answer.json()['proposal']['proposal_id']}/confirm"
        alone = await app.post(path)
        assert (alone.status_code, alone.json()["type"]) == (409, "urn:tricolor:problem:two-people")
    assert await versions(bureau) == [SHIPPED]
    told = {(row["purpose"], row["recipient"]) for row in await bureau.rows("notices")}
    assert told == {("proposal_opened", "section"), ("proposal_opened", "leader")}
    async with bureau.api.app(Role.LEADER, "qian") as app:
        assert (await app.post(path)).is_success
        listed = (await app.get("/v1/dispatch-policies")).json()["items"]
    assert [(one["version"], one["published_by"], one["confirmed_by"]) for one in listed] == [
        (NEW, "zhao", "qian"),
        (SHIPPED, "system:tricolor", None),
    ]
    told = {(row["purpose"], row["recipient"]) for row in await bureau.rows("notices")}
    assert ("proposal_decided", "section") in told


async def test_a_policy_has_a_reason_and_is_the_sections_to_publish(bureau: Bureau) -> None:
    async with bureau.api.app(Role.SECTION, "zhao") as app:
        assert (await app.post("/v1/dispatch-policies", json={"policy": policy()})).status_code == 422
    async with bureau.chief() as chief:
        refused = await chief.post("/v1/dispatch-policies", json={"policy": policy(), "reason": "局务会"})
    assert refused.status_code == 403
