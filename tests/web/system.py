"""The system that the browser tests look at: the sample district in all services, its clock, its people."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from confluent_kafka import Producer
from pydantic_core import from_json
from sqlalchemy import text

from services.sample.anomalies import Pattern, anomaly
from services.sample.district import District, Enterprise, district
from shared.contract.cloudevents import STRUCTURED
from shared.contract.events import Topic
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.evidence.domain.facts import case_chain
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock
from shared.time.instants import SHANGHAI
from shared.web.development_issuer import DevelopmentIssuer
from tests.faults.clock import ShiftedClock
from tests.processes import until

ROOT = Path(__file__).parents[2]


class WebSystem:
    """All services in one process, with the sample district, at an instant that the test chooses and moves on."""

    def __init__(
        self,
        settings: Settings,
        database_url: str,
        broker: str,
        data: Path,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._settings, self.data, self._database_url = settings, data, database_url
        self.sample: District = district()
        self.choice = random.Random(1)
        data.mkdir(parents=True, exist_ok=True)
        (data / "clock").write_text("0")
        self.clock = ShiftedClock(data / "clock")
        self._ready = data / "ready.json"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRICOLOR_")}
        self._environment = inherited | {
            "TRICOLOR_DATABASE_URL": database_url,
            "TRICOLOR_KAFKA_BOOTSTRAP_SERVERS": broker,
            "TRICOLOR_TOPIC_PREFIX": settings.topic_prefix,
            "TRICOLOR_TOPIC_PARTITIONS": str(settings.topic_partitions),
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        arguments = map(str, (self.data, self.data / "clock", self._ready))
        with (self.data / "log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  our own
                [sys.executable, "-m", "tests.web.serving", *arguments],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stderr=log,
            )
        self._process = process
        until(lambda: self._ready.exists() or process.poll() is not None)
        if not self._ready.exists():
            self.kill()
            pytest.fail(self.log())

    def kill(self) -> None:
        """End it at once. For a test of a service that is away, `start` begins anew, at another address."""
        if self._process is not None:
            with self._process as process:
                process.kill()
        self._ready.unlink(missing_ok=True)

    def log(self) -> str:
        return (self.data / "log").read_text()[-6000:]

    @property
    def http(self) -> str:
        return str(from_json(self._ready.read_bytes())["http"])

    # --- time ---

    def at(self, text: str) -> None:
        """Move the clock to `text`, Shanghai's time; it runs on from there."""
        instant = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
        self.clock.shift(instant - self.clock.now())

    def after(self, **span: float) -> None:
        """Move the clock on by `span`: hours=…, days=…"""
        self.clock.shift(timedelta(**span))

    # --- people and platforms ---

    def token(self, role: Role, subject: str, **reach: Any) -> str:
        principal = Principal(role=role, subject=subject, **reach)
        return DevelopmentIssuer(self.data).token(principal, self._settings.oidc_audience, SystemClock().now())

    def chief(self, station: str) -> str:
        return self.token(Role.STATION_CHIEF, f"{station}-chief", station=station)

    def officer(self, code: str) -> str:
        return self.token(Role.OFFICER, code, station=code.rsplit("-", 1)[0])

    def enterprise(self, code: str) -> str:
        return self.token(Role.ENTERPRISE, code, enterprise=code)

    @contextmanager
    def app(self, token: str) -> Iterator[httpx.Client]:
        """Calls as whoever holds `token`."""
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        with httpx.Client(base_url=self.http, headers=headers, timeout=60) as client:
            yield client

    def push(self, pattern: Pattern, enterprise: Enterprise) -> None:
        """A platform reports an anomaly at the first outlet of `enterprise`, now."""
        event = anomaly(pattern, enterprise, enterprise.outlets[0], self.clock.now(), self.choice)
        with self.app(self.token(Role.ADMIN, "admin")) as admin:
            answer = admin.post("/ingest/v1/events", content=event, headers={"content-type": STRUCTURED})
        assert answer.status_code == 202, answer.text

    def publish(self, topic: Topic, value: bytes) -> None:
        """Somebody with access to the broker writes `value` to a topic, whatever it is."""
        producer = Producer({"bootstrap.servers": self._environment["TRICOLOR_KAFKA_BOOTSTRAP_SERVERS"]})
        producer.produce(self._settings.topic(topic), value, partition=0)
        assert producer.flush(60) == 0

    def falsify(self, case_id: str) -> None:
        """Somebody with the keys of the database changes the second record of the case's evidence."""

        async def change() -> None:
            database = Database(self._database_url)
            async with database.transaction() as connection:
                await connection.execute(text("alter table dispatch.evidence disable trigger all"))
                changed = await connection.execute(
                    text("update dispatch.evidence set document = 'x' where chain = :chain and number = 2"),
                    {"chain": case_chain(UUID(case_id))},
                )
                await connection.execute(text("alter table dispatch.evidence enable trigger all"))
                assert changed.rowcount == 1
            await database.close()

        with start_blocking_portal() as portal:  # apart from Playwright, which keeps this thread's loop to itself
            portal.call(change)

    def open_case(self, pattern: Pattern, enterprise: Enterprise, state: str) -> dict[str, Any]:
        """The case that comes of an anomaly, once it stands at `state`."""
        self.push(pattern, enterprise)
        with self.app(self.token(Role.ADMIN, "admin")) as admin:

            def found() -> Any:
                cases = admin.get("/dispatch/v1/cases", params={"enterprise": enterprise.code}).json()["items"]
                return [case for case in cases if case["state"] == state]

            case: dict[str, Any] = until(found)[0]
        return case
