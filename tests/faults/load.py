"""The load: platforms that push events over Kafka and HTTP, and send again until they have an acknowledgement."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pydantic_core import from_json

from services.sample.anomalies import MIX, anomaly
from services.sample.district import Enterprise, district
from shared.contract.cloudevents import STRUCTURED
from shared.contract.events import Topic
from shared.contract.roles import Role
from shared.time.clock import Clock
from tests.faults.ledger import Ledger
from tests.faults.system import System

_STRUCTURED = [("content-type", STRUCTURED.encode())]
_AGAIN_SECONDS = 0.5
_AGE = timedelta(hours=4)
"""What is pushed is so old: a clock that jumps back, as often as one does here, must not find it in the future."""


class Platforms:
    """Push what `choice` makes up, keep what was acknowledged in the `ledger`. Entered, they are connected."""

    def __init__(self, *, system: System, kafka: str, ledger: Ledger, choice: random.Random, clock: Clock) -> None:
        self._system, self._ledger, self._choice, self._clock = system, ledger, choice, clock
        self._producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
        self._apps: list[httpx.AsyncClient] = []
        self._enterprises = district().enterprises
        self._topic = ledger.settings.topic(Topic.ANOMALY_EVENTS)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Platforms":
        await self._producer.start()
        self._stack.push_async_callback(self._producer.stop)
        for app in self._system.clients("ingest", Role.PLATFORM, "faults"):
            self._apps.append(await self._stack.enter_async_context(app))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def push(self, stopping: asyncio.Event, per_second: float) -> None:
        """Push until `stopping`: mostly over Kafka, some over HTTP, now and then what nobody can use."""
        async with asyncio.TaskGroup() as group:
            while not stopping.is_set():
                kind = self._choice.random()
                if kind < 0.03:
                    group.create_task(self.push_rubbish(self._topic))
                elif kind < 0.3:
                    group.create_task(self.push_over_http(*self.event()))
                else:
                    group.create_task(self.push_over_kafka(*self.event()))
                await asyncio.sleep(self._choice.expovariate(per_second))

    def event(self) -> tuple[Enterprise, bytes]:
        """A new anomaly somewhere in the district, of some hours ago by the clock of the services."""
        enterprise = self._choice.choice(self._enterprises)
        outlet = self._choice.choice(enterprise.outlets)
        body = anomaly(self._choice.choice(MIX), enterprise, outlet, self._clock.now() - _AGE, self._choice)
        self._ledger.tried[identity(body)] = body
        return enterprise, body

    async def push_over_kafka(self, enterprise: Enterprise, body: bytes) -> None:
        await self._send(self._topic, body, enterprise.code.encode())
        self._acknowledge(body)

    async def push_over_http(self, _: Enterprise, body: bytes) -> None:
        app = self._choice.choice(self._apps)

        async def attempt() -> bool:
            answer = await app.post("/v1/events", content=body, headers={"content-type": STRUCTURED})
            return answer.status_code == 202

        await until_acknowledged(attempt)
        self._acknowledge(body)

    async def push_rubbish(self, topic: str, partition: int | None = None) -> None:
        """What no consumer of `topic` can use."""
        number = self._choice.randrange(10**12)
        value = self._choice.choice(
            [
                b"\xff\xfe\x00 rubbish %d" % number,
                b'{"specversion": "1.0", "id": "%d"' % number,
                b'["rubbish", %d]' % number,
                b'{"specversion": "1.0", "id": "%d", "source": "/faults", "type": "x", "data": "\\u0000"}' % number,
            ]
        )
        self._ledger.rubbish.add(value)
        origin = await self._send(topic, value, None, partition)
        self._ledger.refused[origin] = value

    async def _send(self, topic: str, value: bytes, key: bytes | None, partition: int | None = None) -> str:
        """Until the broker has acknowledged it; answers where."""
        while True:
            try:
                kept = await self._producer.send_and_wait(
                    topic, value, key=key, partition=partition, headers=_STRUCTURED
                )
            except KafkaError:
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return f"{kept.topic}/{kept.partition}/{kept.offset}"

    def _acknowledge(self, body: bytes) -> None:
        self._ledger.acknowledged[identity(body)] = body
        self._ledger.sent += 1


def identity(body: bytes) -> tuple[str, str]:
    event = from_json(body)
    return event["source"], event["id"]


async def until_acknowledged(attempt: Callable[[], Awaitable[bool]]) -> None:
    """Again and again, whatever goes wrong on the way."""
    while True:
        try:
            if await attempt():
                return
        except httpx.HTTPError:
            pass  # no connection, no answer, half an answer
        await asyncio.sleep(_AGAIN_SECONDS)
