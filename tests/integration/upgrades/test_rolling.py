"""A release rolls out process by process: the one before runs on its schema, beside it, and nothing is lost between.

Real processes in real time, on one database and one broker, as an operator replaces them.
"""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import text

from services.infrastructure import HISTORIES
from services.sample.anomalies import RED, anomaly, push
from services.sample.district import Enterprise, district
from shared.contract.cloudevents import STRUCTURED
from shared.contract.events import Topic
from shared.contract.roles import Role
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock
from tests.integration.upgrades.conftest import ROOT, Release
from tests.processes import Processes, until

STATION = "xinan"
ENTERPRISES = district().enterprises[:12]
FEEDBACK = {"findings": "治污设施未正常运行", "measures": "责令立即改正", "outcome": "rectified"}


class Bureau:
    """The people who use what runs now, and the operator who replaces it."""

    def __init__(self, processes: Processes, *, overlapping: bool) -> None:
        self._processes, self._overlapping = processes, overlapping
        self.pushed = 0

    def replace(self, tree: Path, other: Path, *services: str) -> None:
        """Roll `services` over from one tree to the other, with events on their way; overlapping, if the broker can.

        The embedded one refuses who joins a group in mid-rebalance: there the one goes before the other comes.
        """
        if self._overlapping:
            self._processes.start(other, *services)
            self.push()
            self._processes.stop(tree, *services)
        else:
            self._processes.stop(tree, *services)
            self._processes.start(other, *services)

    def prepare(self) -> None:
        """A station with officers, and the enterprises that are pushed for."""
        with self._processes.app("dispatcher", Role.ADMIN) as admin:
            for path, body in (
                (f"stations/{STATION}", {"name": "新安所", "district": "440306", "streets": ["新安"]}),
                *((f"officers/xinan-{number}", {"name": f"警员{number}", "station": STATION}) for number in range(6)),
                *((f"enterprises/{one.code}", {"name": one.name, "station": STATION}) for one in ENTERPRISES),
            ):
                answer = admin.put(f"/v1/{path}", json=body)
                assert answer.is_success, answer.text

    def push(self) -> None:
        """Anomalies of two more enterprises: one comes over Kafka and one over HTTP."""
        over_kafka, over_http = ENTERPRISES[self.pushed : self.pushed + 2]
        asyncio.run(self._push(over_kafka, self._event(over_kafka)))
        with self._processes.app("ingest", Role.PLATFORM) as platform:
            answer = platform.post("/v1/events", content=self._event(over_http), headers={"content-type": STRUCTURED})
            assert answer.json()["results"][0]["status"] == "accepted"
        self.pushed += 2

    @staticmethod
    def _event(enterprise: Enterprise) -> bytes:
        return anomaly(RED, enterprise, enterprise.outlets[0], SystemClock().now(), random.Random(enterprise.code))

    async def _push(self, enterprise: Enterprise, event: bytes) -> None:
        async with AIOKafkaProducer(
            acks="all", **self._processes.settings.kafka_client(self._processes.broker)
        ) as producer:
            await push(producer, self._processes.settings.topic(Topic.ANOMALY_EVENTS), enterprise, event)

    def cases(self) -> list[dict[str, Any]]:
        with self._processes.app("dispatcher", Role.AUDITOR) as auditor:
            return list(auditor.get("/v1/cases", params={"limit": 100}).json()["items"])

    def deadlines(self, state: str) -> list[dict[str, Any]]:
        with self._processes.app("watch", Role.AUDITOR) as auditor:
            return list(auditor.get("/v1/deadlines", params={"limit": 100, "state": state}).json()["items"])

    def handle_all(self) -> None:
        """Every case that was pushed is assigned, visited, reported on and approved; and every clock is met."""
        in_hand = {"assigned", "approved"}
        until(lambda: [case["state"] in in_hand for case in self.cases() if case["due_at"]].count(True) == self.pushed)
        for case in self.cases():
            if case["state"] == "assigned":
                self._handle(case)
        until(lambda: len(self.deadlines("met")) == self.pushed)
        assert {case["outcome"] for case in self.cases()} == {"rectified"}
        with self._processes.app("ingest", Role.AUDITOR) as auditor:
            alerts = until(lambda: (found := auditor.get("/v1/alerts").json()["items"]) and found)
        assert {alert["alert_id"] for alert in alerts} == {one for case in self.cases() for one in case["alert_ids"]}

    async def refused(self) -> list[str]:
        """What became a dead letter of any service, or was refused at the door."""
        database = Database(self._processes.database_url)
        async with database.transaction() as connection:
            letters = " union all ".join(
                f"select topic || ' ' || convert_from(value, 'UTF8') from {history.schema}.outbox"
                " where topic like '%.dead-letter'"
                for history in HISTORIES
            )
            found = await connection.scalars(text(f"{letters} union all select detail from ingest.refusals"))
            refused = list(found)
        await database.close()
        return refused

    def _handle(self, case: dict[str, Any]) -> None:
        for step in ("accept", "depart", "arrive"):
            for member in case["team"]:
                with self._processes.app("dispatcher", Role.OFFICER, member["officer"], station=STATION) as officer:
                    for own in officer.get("/v1/assignments").json()["items"]:
                        if own["case_id"] == case["case_id"]:
                            answer = officer.post(f"/v1/assignments/{own['assignment_id']}/{step}")
                            assert answer.is_success, answer.text
        with self._processes.app("dispatcher", Role.OFFICER, case["team"][0]["officer"], station=STATION) as officer:
            answer = officer.post(f"/v1/cases/{case['case_id']}/feedback", json=FEEDBACK)
            assert answer.is_success, answer.text
        with self._processes.app("dispatcher", Role.STATION_CHIEF, "chief", station=STATION) as chief:
            assert chief.post(f"/v1/cases/{case['case_id']}/approve").is_success


@pytest.fixture
def processes(
    settings: Settings, topics: list[str], database_url: str, broker: str, tmp_path: Path
) -> Iterator[Processes]:
    del topics
    processes = Processes(settings, database_url, broker, tmp_path)
    yield processes
    processes.kill()


def test_a_release_rolls_out_and_half_of_it_back(
    processes: Processes, previous: Release, embedded_broker: EmbeddedBroker | None
) -> None:
    bureau, old, new = Bureau(processes, overlapping=embedded_broker is None), previous.tree, ROOT
    processes.start(old, "ingest", "dispatcher", "watch")
    bureau.prepare()
    bureau.push()  # the release before, on this one's schema
    bureau.replace(old, new, "dispatcher")
    bureau.push()  # an old ingest tells a new dispatcher, and that an old watch
    bureau.handle_all()
    bureau.replace(old, new, "ingest", "watch")
    bureau.replace(new, old, "dispatcher")
    bureau.push()  # a new ingest tells an old dispatcher, and that a new watch
    bureau.handle_all()
    assert asyncio.run(bureau.refused()) == []
