"""The people of the demonstration: enterprises, officers and chiefs, acting through the HTTP API as their apps do."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx

from services.sample.district import district
from shared.contract.events import PROPOSAL_OPENED, CaseKind, CaseType, DeadlineType
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.time.clock import Clock, SystemClock
from shared.time.instants import shown
from shared.web.development_issuer import DevelopmentIssuer

logger = logging.getLogger(__name__)
_CASE_TYPES = frozenset(CaseType)


class Actors:
    """Answers what the topics tell: every enterprise and team does its part, but for the neglected ones."""

    def __init__(
        self,
        *,
        http: str,
        issuer: DevelopmentIssuer,
        audience: str,
        clock: Clock,
        neglected: set[str],
        extended: set[str],
    ) -> None:
        self._http, self._issuer, self._audience, self._clock = http, issuer, audience, clock
        self._neglected, self._extended = neglected, extended
        self._gates = {one.code: one.entry_code for one in district().enterprises}
        self._choice = random.Random(20240306)  # noqa: S311  a demonstration
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, event: dict[str, Any]) -> None:
        """React to an event, some time later."""
        case = event["data"]
        if event["type"] == DeadlineType.STARTED and case["enterprise_code"] in self._extended:
            self._start(self._ask_for_time(case))
        elif event["type"] == PROPOSAL_OPENED and case["service"] == "deadline_watch":
            self._start(self._confirm(case))
        elif event["type"] in _CASE_TYPES:
            self._hear_case(event)

    def _hear_case(self, event: dict[str, Any]) -> None:
        case = event["data"]
        if case["enterprise_code"] in self._neglected and case["kind"] != CaseKind.VERIFICATION:
            return
        if event["type"] == CaseType.OPENED and case["kind"] == CaseKind.SELF_REPORT:
            self._start(self._self_report(case))
        elif event["type"] in (CaseType.ASSIGNED, CaseType.REASSIGNED):
            self._start(self._visit(case))
        elif event["type"] in (CaseType.SELF_REPORTED, CaseType.FEEDBACK_SUBMITTED):
            self._start(self._review(case))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, part: Any) -> None:
        task = asyncio.create_task(part)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _self_report(self, case: dict[str, Any]) -> None:
        await self._pass(hours=0.1)
        async with self.app(Role.ENTERPRISE, case["enterprise_code"]) as app:
            await app.get("/v1/notices")  # seen; who does not look is phoned
        await self._pass(hours=self._choice.uniform(1, 4))
        async with self.app(Role.ENTERPRISE, case["enterprise_code"]) as app:
            await self._do(
                app,
                f"/v1/cases/{case['case_id']}/self-report",
                cause="药剂投加泵故障，处理效率下降 / dosing pump failed",
                measures="更换泵并恢复投加，复测达标 / pump replaced, values back to normal",
                finished_at=shown(self._clock.now()),
            )

    async def _visit(self, case: dict[str, Any]) -> None:
        for step, hours in (("accept", 0.3), ("depart", 1.0), ("arrive", 1.0)):
            await self._pass(hours=hours)
            for member in case["team"]:
                async with self.app(Role.OFFICER, member["officer"], station=case["station"]) as app:
                    mine = (await app.get("/v1/assignments")).json()["items"]
                    for assignment in (one for one in mine if one["case_id"] == case["case_id"]):
                        scanned = self._gates.get(case["enterprise_code"]) if step == "arrive" else None
                        body: dict[str, Any] = {} if scanned is None else {"entry_code": scanned}
                        if step == "arrive" and (site := assignment["position"]) is not None:
                            body["position"] = {"longitude": site["longitude"], "latitude": site["latitude"]}
                        await self._do(app, f"/v1/assignments/{assignment['assignment_id']}/{step}", **body)
        await self._pass(hours=2)
        async with self.app(Role.OFFICER, case["team"][0]["officer"], station=case["station"]) as app:
            await self._do(
                app,
                f"/v1/cases/{case['case_id']}/feedback",
                findings="现场检查：治污设施运行异常，已采样 / treatment running abnormally, samples taken",
                measures="责令立即改正 / ordered to correct at once",
                outcome="rectified",
            )

    async def _review(self, case: dict[str, Any]) -> None:
        await self._pass(hours=1)
        async with self.app(Role.STATION_CHIEF, f"{case['station']}-chief", station=case["station"]) as app:
            await self._do(app, f"/v1/cases/{case['case_id']}/approve")

    async def _ask_for_time(self, clock: dict[str, Any]) -> None:
        """The chief proposes more time: the laboratory needs it."""
        await self._pass(hours=1)
        station = clock["station"]
        async with self.app(Role.STATION_CHIEF, f"{station}-chief", station, service="watch") as app:
            await self._do(
                app,
                f"/v1/deadlines/{clock['deadline_id']}/extend",
                working_days=1,
                reason="检测报告尚未出具 / the laboratory's report is not there yet",
                legal_ground="局时限管理规定 / the bureau's rules on time limits",
            )

    async def _confirm(self, proposal: dict[str, Any]) -> None:
        """Somebody else of the station looks at what was proposed, and confirms it."""
        await self._pass(hours=1)
        station = proposal["station"]
        async with self.app(Role.STATION_CHIEF, f"{station}-deputy", station, service="watch") as app:
            await self._do(app, f"/v1/proposals/{proposal['proposal_id']}/confirm")

    @asynccontextmanager
    async def app(
        self, role: Role, subject: str, station: str | None = None, *, service: str = "dispatch"
    ) -> AsyncIterator[httpx.AsyncClient]:
        """The API of a service as the app of `role` sees it."""
        principal = Principal(role=role, subject=subject, station=station)
        token = self._issuer.token(principal, self._audience, SystemClock().now())
        async with httpx.AsyncClient(
            base_url=f"{self._http}/{service}", headers={"Authorization": f"Bearer {token}"}, timeout=30
        ) as client:
            yield client

    @staticmethod
    async def _do(app: httpx.AsyncClient, path: str, **body: object) -> None:
        answer = await app.post(path, json=body)
        if answer.is_error:
            # People act on what they see, and that may have changed meanwhile: the API says so, and they go on.
            logger.info("%s: %s", path, answer.json().get("detail"))

    async def _pass(self, hours: float) -> None:
        await asyncio.sleep(self._clock.real_seconds(timedelta(hours=hours)))
