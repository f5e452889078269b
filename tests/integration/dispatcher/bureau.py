"""A bureau for tests: the dispatcher's handlers and routes on a real database, given the events that others emit."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from pydantic_core import from_json, to_json
from sqlalchemy import insert, select, update

from services.dispatcher import tables
from services.dispatcher.assignments.queue import AssignmentQueue
from services.dispatcher.build import assemble
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.handlers.uploads import Uploads
from shared.contract.cloudevents import Outgoing, compose
from shared.contract.events import ALERT_GRADED, AlertDismissed, AlertGraded, CaseKind, DeadlineEvent, DeadlineType
from shared.contract.roles import Role
from shared.messaging.inbox import Inbox
from shared.messaging.kafka import Record
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from shared.time.instants import shown
from tests.integration.dispatcher.callers import Api

Json = dict[str, Any]
STATION, ELSEWHERE = "xinan", "shajing"
ENTERPRISE = "91440306MA5000001W"
OFFICERS = ("chen", "li", "zhao")


@dataclass
class Bureau:
    """`api` is what apps call; the methods are what the topics and the clock bring."""

    database: Database
    clock: ManualClock
    api: Api
    inbox: Inbox[CaseUnitOfWork]
    wakeups: Wakeups
    units: UnitsOfWork[CaseUnitOfWork]
    uploads: Uploads
    _offsets: "count[int]"

    # --- what the topics bring ---

    async def hear(self, *events: Outgoing) -> None:
        """Records as Kafka would bring them; then the pass over waiting cases."""
        await self.inbox.handle([self.record(event.value) for event in events])
        await self.assign_waiting()

    async def hear_bytes(self, value: bytes) -> None:
        await self.inbox.handle([self.record(value)])

    def record(self, value: bytes) -> Record:
        return Record("alerts", 0, next(self._offsets), ENTERPRISE.encode(), value, (), 0)

    async def red(self, **changes: Any) -> UUID:
        """A red alert is received; returns the case it opened."""
        return await self.graded("red", CaseKind.ON_SITE, **changes)

    async def yellow(self, **changes: Any) -> UUID:
        return await self.graded("yellow", CaseKind.SELF_REPORT, **changes)

    async def graded(self, level: str, kind: CaseKind, **changes: Any) -> UUID:
        alert = self.alert(level, **changes)
        await self.hear(self.event(alert))
        (case,) = [row for row in await self.rows("cases") if row["alert_id"] == alert.alert_id and row["kind"] == kind]
        return UUID(str(case["case_id"]))

    def alert(self, level: str, **changes: Any) -> AlertGraded:
        facts: Json = {
            "alert_id": str(uuid4()),
            "level": level,
            "category": "gas_daily_mean_exceedance",
            "category_name": {"zh": "废气污染源排放日均值超标", "en": "Gas daily mean above the limit"},
            "response": "on_site",
            "enterprise": {"code": ENTERPRISE, "name": "深圳某某电子有限公司"},
            "outlet": {"mn": "A440306000001"},
            "district": "440306",
            "pollutant": None,
            "window": None,
            "observed": 61.2,
            "limit": 50.0,
            "unit": "mg/m3",
            "received_at": shown(self.clock.now()),
            "issued_at": shown(self.clock.now()),
            "grading": {
                "rule": "R1",
                "rule_book_version": "2026.1",
                "stated": True,
                "facts": {},
                "reason": {"zh": "日均值超标", "en": "the daily mean is above the limit"},
            },
            "doubts": [],
        }
        return AlertGraded.model_validate_json(to_json(facts | changes))

    def event(self, alert: AlertGraded | AlertDismissed, type_: str = ALERT_GRADED) -> Outgoing:
        return compose(
            topic="alerts", source="/t", type_=type_, enterprise=ENTERPRISE, time=self.clock.now(), data=alert
        )

    async def clock_says(self, type_: DeadlineType, of: UUID, **changes: Any) -> None:
        """deadline_watch emits an event of the deadline of a case."""
        (case,) = [row for row in await self.rows("cases") if row["case_id"] == of]
        facts: Json = {
            "deadline_id": uuid4(),
            "case_id": of,
            "alert_id": case["alert_id"],
            "kind": case["kind"],
            "level": case["level"],
            "enterprise_code": case["enterprise_code"],
            "station": case["station"],
            "started_at": case["issued_at"],
            "due_at": case["issued_at"] + timedelta(hours=6),
            "due_text": "2026-03-02 14:30",
            "provisional": False,
            "state": "open",
            "at": self.clock.now(),
            "policy_version": "1",
            "calendar_version": "1",
        }
        data = DeadlineEvent.model_validate(facts | changes)
        await self.hear(
            compose(
                topic="deadlines",
                source="/t",
                type_=type_,
                enterprise=data.enterprise_code,
                time=self.clock.now(),
                data=data,
            )
        )

    async def assign_waiting(self, waiting: AssignmentQueue | None = None) -> int:
        """One pass of the duty."""
        async with self.units.open() as work:
            return await (waiting or AssignmentQueue(100)).assign_page(work)

    # --- what became of it ---

    async def rows(self, table: str) -> list[Json]:
        async with self.database.transaction() as connection:
            return [
                dict(row._mapping)
                for row in await connection.execute(select(tables.metadata.tables[f"dispatch.{table}"]))
            ]

    async def told(self, name: str | None = None) -> list[Json]:
        """The data of the events that leave, in order; those of one type, e.g. `case.assigned`."""
        rows = [row for row in await self.rows("outbox") if not row["topic"].endswith(".dead-letter")]
        events = [from_json(row["value"]) for row in sorted(rows, key=lambda row: row["position"])]
        return [event["data"] for event in events if name is None or event["type"] == f"cn.tricolor.{name}.v1"]

    async def notices(self, purpose: str) -> list[tuple[str, str | None]]:
        """(recipient, station) of the notices of a purpose, those in lists too."""
        notices = await self.rows("notices")
        purposes = {row["notice_id"]: [row["purpose"]] for row in notices}
        lists = {one for one, (alone,) in purposes.items() if alone == "digest"}
        for matter in await self.rows("notice_matters"):
            if matter["notice_id"] in lists:
                purposes[matter["notice_id"]].append(matter["purpose"])
        return [
            (row["recipient"], row["station"])
            for row in notices
            for _ in range(purposes[row["notice_id"]].count(purpose))
        ]

    async def team(self, case_id: UUID) -> dict[str, str]:
        """The assignment of each officer who has the case, the lead first."""
        held = [row for row in await self.rows("assignments") if row["case_id"] == case_id and row["ended_at"] is None]
        return {row["officer"]: str(row["assignment_id"]) for row in sorted(held, key=lambda row: row["part"])}

    async def arrive_second(self, case_id: UUID) -> None:
        """The second officer of the team follows the lead to the door."""
        second, own = list((await self.team(case_id)).items())[1]
        async with self.officer(second) as app:
            for step in ("accept", "depart", "arrive"):
                assert (await app.post(f"/v1/assignments/{own}/{step}")).is_success

    async def know(self, code: str, **fields: Any) -> Json:
        """Another enterprise of station xinan; answers how events name it."""
        code = code.upper()
        values = {"district": "440306", "street": "新安", "classification": [], "source": "master"} | fields
        async with self.database.transaction() as connection:
            new = insert(tables.enterprises).values(code=code, updated_at=self.clock.now(), **values)
            await connection.execute(new)
        return {"code": code, "name": f"某厂{code}"}

    async def duty(self, *on_duty: str) -> None:
        """Only these officers are on duty."""
        async with self.database.transaction() as connection:
            officers = tables.officers
            await connection.execute(update(officers).values(on_duty=officers.c.code.in_(on_duty)))

    # --- who calls ---

    def officer(self, code: str, station: str = STATION) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return self.api.app(Role.OFFICER, code, station=station)

    def chief(self, station: str = STATION) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return self.api.app(Role.STATION_CHIEF, "wang", station=station)

    def enterprise(self, code: str = ENTERPRISE) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return self.api.app(Role.ENTERPRISE, code)


async def open_bureau(database: Database, clock: ManualClock, settings: Settings, data: Path) -> Bureau:
    """Station xinan with three officers on duty, who have nothing to do, and one enterprise in its district."""
    if settings.attachments_url is None:
        settings = settings.model_copy(update={"attachments_url": (data / "attachments").as_uri()})
    parts = assemble(settings, clock, database, Outbox(tables.outbox, clock))
    api = Api(settings, data, *parts.routes())
    async with database.transaction() as connection:
        await connection.execute(
            insert(tables.stations),
            [
                {"code": code, "name": code, "district": "440306", "streets": [street], "updated_at": clock.now()}
                for code, street in ((STATION, "新安"), (ELSEWHERE, "沙井"))
            ],
        )
        await connection.execute(
            insert(tables.officers),
            [
                {
                    "code": code,
                    "name": code.title(),
                    "station": STATION,
                    "certified": True,
                    "on_duty": True,
                    "skills": [],
                    "updated_at": clock.now(),
                }
                for code in OFFICERS
            ],
        )
        await connection.execute(
            insert(tables.enterprises).values(
                code=ENTERPRISE,
                district="440306",
                street="新安",
                address="宝安区新安街道1号",
                classification=[],
                source="master",
                updated_at=clock.now(),
            )
        )
    return Bureau(database, clock, api, parts.inbox, parts.wakeups, parts.units, parts.uploads, count())
