"""Officers, enterprises and chiefs, who act through the API while it fails, and tap again until they are answered."""

import asyncio
import random
from typing import Any
from uuid import uuid4

import httpx

from shared.contract.events import CaseType
from shared.contract.roles import Role
from shared.time.clock import Clock
from shared.time.instants import shown
from tests.faults.ledger import Action, Ledger
from tests.faults.system import System

Json = dict[str, Any]
_LOOK_SECONDS = 2.0
_AGAIN_SECONDS = 0.5


class People:
    """Take on cases as they appear, each to its end or until the system says that it is not to be done any more."""

    def __init__(self, *, system: System, ledger: Ledger, choice: random.Random, clock: Clock) -> None:
        self._system, self._ledger, self._choice, self._clock = system, ledger, choice, clock
        self._seen: set[str] = set()

    async def act(self, stopping: asyncio.Event) -> None:
        """Until `stopping`; then finish the act in hand, not the case."""
        async with asyncio.TaskGroup() as group, self._system.client("dispatcher", Role.AUDITOR, "faults") as auditor:
            while not stopping.is_set():
                for case in await _cases(auditor):
                    if case["case_id"] not in self._seen and case["state"] in ("assigned", "open"):
                        if case["state"] == "open" and case["kind"] != "self_report":
                            continue
                        self._seen.add(case["case_id"])
                        if self._choice.random() < 0.6:  # the others are neglected, and their clocks run out
                            group.create_task(self._handle(case, stopping))
                await asyncio.sleep(_LOOK_SECONDS)

    async def _handle(self, case: Json, stopping: asyncio.Event) -> None:
        case_id = case["case_id"]
        if case["kind"] == "self_report":
            report = {"cause": "加药泵故障", "measures": "已更换", "finished_at": shown(self._clock.now())}
            acts: list[tuple[Role, str, str, Json, CaseType | None]] = [
                (Role.ENTERPRISE, case["enterprise_code"], "self-report", report, CaseType.SELF_REPORTED)
            ]
        else:
            lead, second = (member["officer"] for member in case["team"])
            acts = [
                (Role.OFFICER, lead, "accept", {}, CaseType.ACCEPTED),
                (Role.OFFICER, lead, "depart", {}, CaseType.DEPARTED),
                (Role.OFFICER, lead, "arrive", {}, CaseType.ARRIVED),
                # The second follows; the case stands where it is, so that these steps are no events.
                *((Role.OFFICER, second, step, {}, None) for step in ("accept", "depart", "arrive")),
                (
                    Role.OFFICER,
                    lead,
                    "feedback",
                    {"findings": "治污设施运行异常", "measures": "责令改正", "outcome": "rectified"},
                    CaseType.FEEDBACK_SUBMITTED,
                ),
            ]
        chief = f"{case['station']}-chief"
        acts.append((Role.STATION_CHIEF, chief, "approve", {}, CaseType.APPROVED))
        for role, subject, step, body, type_ in acts:
            await asyncio.sleep(self._choice.uniform(0.2, 3))
            if stopping.is_set():
                return
            async with self._system.client("dispatcher", role, subject, case["station"]) as app:
                if not await self._do(app, case_id, step, body):
                    return
            if type_ is not None:
                self._ledger.actions.append(Action(case_id, type_, subject, step))

    async def _do(self, app: httpx.AsyncClient, case_id: str, step: str, body: Json) -> bool:
        """Tap until answered, under one key; answer whether it was done."""
        key = str(uuid4())
        while True:
            try:
                path = f"/v1/cases/{case_id}/{step}"
                if step in ("accept", "depart", "arrive"):
                    listed = await app.get("/v1/assignments")
                    listed.raise_for_status()
                    own = [one for one in listed.json()["items"] if one["case_id"] == case_id]
                    if not own:
                        return False
                    path = f"/v1/assignments/{own[0]['assignment_id']}/{step}"
                answer = await app.post(path, json=body, headers={"Idempotency-Key": key})
                if not answer.is_server_error:
                    return answer.is_success
            except httpx.HTTPError:
                pass  # no connection, no answer, half an answer
            await asyncio.sleep(_AGAIN_SECONDS)


async def _cases(auditor: httpx.AsyncClient) -> list[Json]:
    """The latest hundred; none while the dispatcher is away."""
    try:
        answer = await auditor.get("/v1/cases", params={"limit": 100})
        return list(answer.json()["items"]) if answer.is_success else []
    except httpx.HTTPError:
        return []
