"""A small world for scenarios: the services on real PostgreSQL and Kafka, under a clock that a test moves."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic_core import from_json

from services.front import front
from services.reconcile.findings import Report
from services.reconcile.reconciler import Reconciler
from services.runner import BUILDS
from services.sample.anomalies import Pattern, anomaly, push
from services.sample.district import Enterprise, Outlet
from shared.contract.events import Topic
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.messaging.kafka import ensure_topics
from shared.runtime.consumer_watch import CONSUMER_WATCH
from shared.runtime.embedded import EmbeddedBroker
from shared.runtime.service import Service
from shared.settings import Settings
from shared.time.clock import ManualClock, SystemClock
from shared.time.instants import SHANGHAI
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity

Json = dict[str, Any]


class Letter(NamedTuple):
    """A dead letter as it stands in its topic."""

    topic: str
    value: bytes
    headers: dict[str, bytes]


class World:
    """What a scenario sees: pushing platforms, calling apps, passing time, and what was told on the topics."""

    def __init__(
        self,
        *,
        clock: ManualClock,
        settings: Settings,
        services: dict[str, Service],
        producer: AIOKafkaProducer,
        listener: AIOKafkaConsumer,
        issuer: DevelopmentIssuer,
        stack: AsyncExitStack,
    ) -> None:
        self.clock, self.settings, self.services = clock, settings, services
        self._producer, self._listener, self._issuer, self._stack = producer, listener, issuer, stack
        self._app = front(services)
        self.choice = random.Random(1)
        self.told: list[Json] = []
        self.proved_at_the_end = True
        self._letters: list[Letter] = []

    # --- time ---

    async def at(self, text: str) -> None:
        """Let time pass until `text`, Shanghai time, and everything due by then happen."""
        await self._until(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))

    async def after(self, **span: float) -> None:
        """Let `span` (hours=…, days=…) pass, and everything due by then happen."""
        await self._until(self.clock.now() + timedelta(**span))

    async def _until(self, instant: datetime) -> None:
        await self.settle()
        self.clock.move_to(instant)
        await self.settle()

    async def settle(self) -> None:
        """Let the services work until nothing moves: no record unread, no pass with work, no event unrelayed."""
        quiet = False
        while not quiet:
            moved = 0
            for service in self.services.values():
                # The listener fetches nothing now, so that it is answered at once.
                ends = await self._listener.end_offsets(self._listener.assignment())
                for consumer in service.consumers:
                    if consumer.stopped:  # somebody may have released it
                        moved += await consumer.run_once()
                    while await consumer.lag(also_stopped=False, ends=ends):
                        moved += await consumer.run_once(wait_seconds=0.2)
                for duty in service.duties:
                    # How long a consumer stands still is measured in real time, of which none passes here.
                    if duty.name == CONSUMER_WATCH and not any(one.stopped for one in service.consumers):
                        continue
                    while done := await duty.run_once():
                        moved += done
                moved += await service.relay.run_once()
            quiet = moved == 0
        await self._listen()

    async def reconcile(self, since: datetime | None = None, *, repair: bool = True) -> Report:
        """`tricolor reconcile`, as things stand now."""
        database = self.services["watch"].database
        return await Reconciler(settings=self.settings, clock=self.clock, database=database).run(since, repair=repair)

    async def relay(self, name: str) -> None:
        """Let only the outbox of one service be relayed, and hear what it tells."""
        while await self.services[name].relay.run_once():
            pass
        await self._listen()

    async def _listen(self) -> None:
        """Read the topics to their ends. In between nothing is asked for: the answer would be waited for here."""
        partitions = self._listener.assignment()
        self._listener.resume(*partitions)
        while True:
            ends = await self._listener.end_offsets(partitions)
            if all([await self._listener.position(partition) >= ends[partition] for partition in partitions]):
                break
            for messages in (await self._listener.getmany(timeout_ms=200)).values():
                for message in messages:
                    topic = message.topic.removeprefix(self.settings.topic_prefix)
                    if topic.endswith(".dead-letter"):
                        self._letters.append(Letter(topic, message.value, dict(message.headers)))
                    elif topic != Topic.ANOMALY_EVENTS:
                        self.told.append(from_json(message.value))
        self._listener.pause(*partitions)

    # --- what was told ---

    def heard(self, type_: str, /, **data: Any) -> list[Json]:
        """The data of events told so far whose type is `type_`, e.g. `deadline.missed`, and whose data has `data`."""
        return [
            event["data"]
            for event in self.told
            if event["type"] == f"cn.tricolor.{type_}.v1" and data.items() <= event["data"].items()
        ]

    def dead_letters(self, topic: str) -> list[Letter]:
        """The dead letters of `topic` so far."""
        return [letter for letter in self._letters if letter.topic == f"{topic}.dead-letter"]

    # --- platforms ---

    async def push(self, pattern: Pattern, enterprise: Enterprise, outlet: Outlet | None = None) -> None:
        """A platform pushes an anomaly through Kafka; nothing is settled yet."""
        event = anomaly(pattern, enterprise, outlet or enterprise.outlets[0], self.clock.now(), self.choice)
        await self.push_bytes(event, enterprise)

    async def push_bytes(self, event: bytes, enterprise: Enterprise, topic: Topic = Topic.ANOMALY_EVENTS) -> None:
        await push(self._producer, self.settings.topic(topic), enterprise, event)

    # --- people ---

    async def arrive_second(self, case_id: str, *steps: str) -> None:
        """The second officer of a team goes on site too: two are asked for before a visit is approved."""
        assigned = self.heard("case.assigned", case_id=case_id)[-1]
        (second,) = (member["officer"] for member in assigned["team"] if member["part"] == "second")
        app = await self.app(Role.OFFICER, second, station=assigned["station"])
        for step in steps or ("accept", "depart", "arrive"):
            mine = (await app.get("/dispatch/v1/assignments")).json()["items"]
            (own,) = (one for one in mine if one["case_id"] == case_id)
            answer = await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")
            assert answer.is_success, answer.text

    # --- apps ---

    async def app(
        self,
        role: Role,
        subject: str = "someone",
        *,
        station: str | None = None,
        enterprise: str | None = None,
        enterprises: tuple[str, ...] = (),
        sources: tuple[str, ...] = (),
    ) -> httpx.AsyncClient:
        """An app on the HTTP API, with the token of `role`."""
        principal = Principal(
            role=role,
            subject=subject,
            station=station,
            enterprise=enterprise,
            enterprises=enterprises,
            sources=sources,
        )
        token = self._issuer.token(principal, self.settings.oidc_audience, SystemClock().now())
        return await self._stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(self._app),
                base_url="http://tricolor",
                headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
            )
        )

    async def confirmed(
        self, service: str, proposed: httpx.Response, role: Role, subject: str, *, station: str | None = None
    ) -> Json:
        """What came of it when `subject` confirms what was `proposed` at `service`: `ingest`, `dispatch`, `watch`."""
        assert proposed.status_code == 202, proposed.text
        person = await self.app(role, subject, station=station)
        proposal_id = proposed.json()["proposal"]["proposal_id"]
        answer = await person.post(f"/{service}/v1/proposals/{proposal_id}/confirm")
        assert answer.is_success, answer.text
        kept: Json = answer.json()
        return kept


@asynccontextmanager
async def world(
    *, settings: Settings, database_url: str, broker: str, embedded: EmbeddedBroker | None, data: Path, start: str
) -> AsyncIterator[World]:
    """The world at `start`, Shanghai time. It ends with the block."""
    clock = ManualClock(datetime.fromisoformat(start).replace(tzinfo=SHANGHAI))
    settings = settings.model_copy(update={"attachments_url": (data / "attachments").as_uri()})
    kafka = settings.kafka_client(broker)
    names = [settings.topic(name) for topic in Topic for name in (topic, topic.dead_letter)]
    if embedded is not None:
        await embedded.ensure_topics(names)
    else:
        await ensure_topics(kafka, names, settings.topic_partitions)
    identity = Identity.from_settings(settings, data)
    async with AsyncExitStack() as stack:
        services = {
            name: build(settings, clock, database_url=database_url, kafka=kafka, identity=identity)
            for name, build in BUILDS.items()
        }
        for service in services.values():
            stack.push_async_callback(service.stop)
            for wake in service.wakes:
                stack.callback(wake)
        producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **kafka)
        listener = AIOKafkaConsumer(
            *names, auto_offset_reset="earliest", isolation_level="read_committed", fetch_max_wait_ms=100, **kafka
        )
        for client in (producer, listener):
            stack.push_async_callback(client.stop)
        starters = (one.start() for one in (producer, listener, *services.values()))
        await asyncio.gather(*starters)
        listener.pause(*listener.assignment())
        yield World(
            clock=clock,
            settings=settings,
            services=services,
            producer=producer,
            listener=listener,
            issuer=DevelopmentIssuer(data),
            stack=stack,
        )
