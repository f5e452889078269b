"""deadline_watch for tests: its handler, its watcher and its app on a real database, given events of cases by hand."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from pydantic_core import from_json
from sqlalchemy import select

from services.deadline_watch import tables
from services.deadline_watch.build import build
from services.deadline_watch.handlers.case_events import CaseEvents
from services.deadline_watch.passes.watcher import Watcher
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from services.deadline_watch.store.units_of_work import units_of_work
from shared.contract.cloudevents import Outgoing, compose
from shared.contract.events import Actor, CaseEvent, CaseKind, CaseType, Level
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.inbox import Inbox
from shared.messaging.kafka import Record
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork
from shared.runtime.service import Service
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock, SystemClock
from shared.time.instants import SHANGHAI
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity

Json = dict[str, Any]
STATION, ENTERPRISE = "xinan", "91440306MA5000001W"


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@dataclass
class Office:
    """The methods are what topic, clock and apps bring, and what became of it."""

    database: Database
    clock: ManualClock
    inbox: Inbox[UnitOfWork]
    watcher: Watcher
    service: Service
    settings: Settings
    data: Path
    stack: AsyncExitStack
    _offsets: "count[int]"

    # --- what the topic brings ---

    def case(self, kind: CaseKind = CaseKind.SELF_REPORT, **changes: Any) -> CaseEvent:
        """A case opened now, at the station."""
        now = self.clock.now()
        alert_id = uuid4()
        facts: Json = {
            "case_id": uuid4(),
            "kind": kind,
            "level": Level.RED if kind is CaseKind.ON_SITE else Level.YELLOW,
            "state": "open",
            "enterprise_code": ENTERPRISE,
            "enterprise_name": "深圳某某电子有限公司",
            "station": STATION,
            "alert_ids": [alert_id],
            "alert_id": alert_id,
            "issued_at": now,
            "at": now,
            "actor": Actor(role="system", subject="tricolor"),
        }
        return CaseEvent.model_validate(facts | changes)

    def step(self, type_: CaseType, case: CaseEvent, at: datetime | None = None, **changes: Any) -> Outgoing:
        """The case takes a step, received by the server at `at`: now, unless said otherwise."""
        data = case.model_copy(update={"at": at or self.clock.now()} | changes)
        return compose(
            topic="cases", source="/t", type_=type_, enterprise=case.enterprise_code, time=data.at, data=data
        )

    async def receive(self, *events: Outgoing) -> None:
        """Records as Kafka would bring them."""
        await self.inbox.handle(
            [Record("cases", 0, next(self._offsets), event.key, event.value, (), 0) for event in events]
        )

    async def opened(self, kind: CaseKind = CaseKind.SELF_REPORT, **changes: Any) -> CaseEvent:
        case = self.case(kind, **changes)
        await self.receive(self.step(CaseType.OPENED, case))
        return case

    async def receive_step(self, type_: CaseType, case: CaseEvent, at: datetime | None = None, **changes: Any) -> None:
        await self.receive(self.step(type_, case, at, **changes))

    # --- what the clock brings ---

    async def at(self, text: str) -> None:
        """Time passes until `text`, Shanghai time, and the watcher does what has come due by then."""
        self.clock.move_to(shanghai(text))
        await self.watch()

    async def watch(self) -> None:
        while await self.watcher.run_once():
            pass

    # --- what became of it ---

    async def clock_of(self, case: CaseEvent) -> Json:
        """The deadline of a case as it is stored."""
        (row,) = [row for row in await self._rows("deadlines") if row["case_id"] == case.case_id]
        return row

    async def steps_of(self, case: CaseEvent) -> dict[str, str | None]:
        """The outcome of every step of the case's deadline, by name, in due order; None is ahead."""
        deadline_id = (await self.clock_of(case))["deadline_id"]
        steps = [row for row in await self._rows("steps") if row["deadline_id"] == deadline_id]
        return {row["step"]: row["outcome"] for row in sorted(steps, key=lambda row: (row["at"], row["rung"] or 0))}

    async def emitted(self, name: str | None = None, case: CaseEvent | None = None) -> list[Json]:
        """The data of the events that leave, in order: those of one type, e.g. `deadline.met`, or of one case."""
        return [
            event["data"]
            for event in await self._events()
            if name in {None, _name(event)} and (case is None or event["data"]["case_id"] == str(case.case_id))
        ]

    async def names(self, case: CaseEvent) -> list[str]:
        """The types of the events of a case, in order, but for what was proposed about it."""
        events = [event for event in await self._events() if event["data"]["case_id"] == str(case.case_id)]
        return [name for name in map(_name, events) if not name.startswith("proposal.")]

    async def escalated_to(self, case: CaseEvent) -> list[str]:
        events = await self.emitted("case.escalated", case)
        return [recipient["role"] for event in events for recipient in event["recipients"]]

    async def emitted_counts(self) -> Counter[str]:
        return Counter(_name(event) for event in await self._events())

    async def letters(self) -> list[dict[str, str]]:
        """The headers of the dead letters."""
        rows = [row for row in await self._rows("outbox") if row["topic"].endswith(".dead-letter")]
        return [{name: bytes.fromhex(value).decode() for name, value in row["headers"]} for row in rows]

    async def _events(self) -> list[Json]:
        rows = [row for row in await self._rows("outbox") if not row["topic"].endswith(".dead-letter")]
        assert {row["topic"] for row in rows} <= {self.settings.topic("deadlines")}
        return [from_json(row["value"]) for row in sorted(rows, key=lambda row: row["position"])]

    async def _rows(self, table: str) -> list[Json]:
        async with self.database.transaction() as connection:
            found = await connection.execute(select(tables.metadata.tables[f"watch.{table}"]))
            return [dict(row._mapping) for row in found]

    # --- who calls ---

    async def confirmed(self, proposed: httpx.Response, subject: str = "li", role: Role = Role.LEADER) -> Json:
        """What came of it when another person confirms what was `proposed`: the proposal's result."""
        assert proposed.status_code == 202, proposed.text
        app = await self.app(role, subject)
        answer = await app.post(f"/v1/proposals/{proposed.json()['proposal']['proposal_id']}/confirm")
        assert answer.status_code == 200, answer.text
        result: Json = answer.json()["result"]
        return result

    async def app(
        self, role: Role, subject: str = "someone", *, station: str | None = None, enterprise: str | None = None
    ) -> httpx.AsyncClient:
        """An app with the token of `role`."""
        principal = Principal(role=role, subject=subject, station=station, enterprise=enterprise)
        token = DevelopmentIssuer(self.data).token(principal, self.settings.oidc_audience, SystemClock().now())
        return await self.stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(self.service.app),
                base_url="http://watch",
                headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
            )
        )


def watcher(
    database: Database,
    clock: ManualClock,
    settings: Settings,
    *,
    outbox: Outbox | None = None,
    kind: type[Watcher] = Watcher,
    upcoming: UpcomingSteps | None = None,
    has_unread: Callable[[], Awaitable[bool]] | None = None,
) -> Watcher:
    """One more replica's watcher."""
    units = units_of_work(database, clock, settings.topic_prefix, outbox)
    rules = RuleVersions.shipped(clock)
    if has_unread is None:
        return kind(units, clock, rules, upcoming or UpcomingSteps())
    return kind(units, clock, rules, upcoming or UpcomingSteps(), has_unread)


@asynccontextmanager
async def open_office(
    database: Database, database_url: str, clock: ManualClock, settings: Settings, broker: str, data: Path
) -> AsyncIterator[Office]:
    """The service is built, not started: neither the handler, nor the pass, nor the app needs a broker."""
    upcoming = UpcomingSteps()
    watching = watcher(database, clock, settings, upcoming=upcoming)
    inbox = Inbox(
        consumer="deadline_watch",
        units=units_of_work(database, clock, settings.topic_prefix),
        table=tables.inbox,
        letters=DeadLetters(tables.dead_letters, "deadline_watch"),
        handlers=dict.fromkeys(CaseType, CaseEvents(RuleVersions.shipped(clock), upcoming).handle),
    )
    async with AsyncExitStack() as stack:
        service = build(
            settings,
            clock,
            database_url=database_url,
            kafka=settings.kafka_client(broker),
            identity=Identity.from_settings(settings, data),
        )
        stack.push_async_callback(service.stop)
        yield Office(database, clock, inbox, watching, service, settings, data, stack, count())


def _name(event: Json) -> str:
    return str(event["type"]).removeprefix("cn.tricolor.").removesuffix(".v1")
