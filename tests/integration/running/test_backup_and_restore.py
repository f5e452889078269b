"""A backup of a running system under load, restored elsewhere, goes on: nothing lost that it held, nothing twice."""

import asyncio
import os
import random
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from pydantic_core import from_json
from sqlalchemy import text

from services.sample.anomalies import MIX, RED, anomaly, push
from services.sample.district import Enterprise, district
from shared.contract.events import Topic
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.embedded import EmbeddedPostgres
from shared.storage.database import Database
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from tests.integration.running.processes import caller, served, until

Sent = tuple[Enterprise, bytes]


class Load(Thread):
    """A platform that pushes for as long as it is let, and keeps what it pushed."""

    def __init__(self, kafka: str) -> None:
        super().__init__(daemon=True)
        self._kafka, self._enough = kafka, Event()
        self.sent: list[Sent] = []

    def run(self) -> None:
        asyncio.run(self._push())

    def end(self) -> list[Sent]:
        self._enough.set()
        self.join()
        return self.sent

    async def _push(self) -> None:
        choice, enterprises = random.Random(7), district().enterprises
        async with AIOKafkaProducer(bootstrap_servers=self._kafka, enable_idempotence=True) as producer:
            while not self._enough.is_set():
                enterprise = choice.choice(enterprises)
                outlet = choice.choice(enterprise.outlets)
                event = anomaly(choice.choice([*MIX, RED]), enterprise, outlet, SystemClock().now(), choice)
                await push(producer, Topic.ANOMALY_EVENTS, enterprise, event)
                self.sent.append((enterprise, event))
                await asyncio.sleep(0.1)


async def push_again(kafka: str, events: list[Sent]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True) as producer:
        for enterprise, event in events:
            await push(producer, Topic.ANOMALY_EVENTS, enterprise, event)


def tricolor(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRICOLOR_")}
    return subprocess.run(  # noqa: S603  our own
        [sys.executable, "-c", "from services.cli import main; main()", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def all_of(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    items, cursor = [], None
    while True:
        page = client.get(path, params={"limit": 100} | ({"cursor": cursor} if cursor else {})).json()
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


def attach(http: str, data: Path, content: bytes) -> tuple[str, str]:
    """An officer adds a record to a case; answers the case and the path it is read at."""
    with caller(http, data, Role.AUDITOR) as auditor:
        case = until(
            lambda: [one for one in auditor.get("/dispatch/v1/cases").json()["items"] if one["state"] == "assigned"]
        )[0]
    officer = Principal(role=Role.OFFICER, subject=case["team"][0]["officer"], station=case["station"])
    token = DevelopmentIssuer(data).token(officer, "tricolor", SystemClock().now())
    path = f"/dispatch/v1/cases/{case['case_id']}/attachments"
    with httpx.Client(base_url=http, headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"}) as app:
        added = app.post(path, files={"file": ("record.pdf", content, "application/pdf")})
        assert added.is_success, added.text
    return case["case_id"], f"/dispatch/v1/attachments/{added.json()['attachment_id']}"


def query(data: Path, question: str) -> list[Any]:
    async def run() -> list[Any]:
        database = Database(EmbeddedPostgres(data / "postgres").url())
        try:
            async with database.autocommit() as connection:
                return list((await connection.execute(text(question))).all())
        finally:
            await database.close()

    return asyncio.run(run())


CONSISTENT = {
    "an alert above white without its case": """
        select alert_id from ingest.alerts a where level <> 'white'
           and not exists (select 1 from dispatch.case_alerts c where c.alert_id = a.alert_id)""",
    "a case whose alert nobody took in": """
        select case_id from dispatch.case_alerts c
         where not exists (select 1 from ingest.alerts a where a.alert_id = c.alert_id)""",
    "a case without a clock": """
        select case_id from dispatch.cases c
         where not exists (select 1 from watch.deadlines d where d.case_id = c.case_id)""",
    "a clock without a case": """
        select case_id from watch.deadlines d
         where not exists (select 1 from dispatch.cases c where c.case_id = d.case_id)""",
    "two open cases of a kind for an alert": """
        select alert_id, kind from dispatch.cases where closed_at is null group by 1, 2 having count(*) > 1""",
    "an event kept without its alert": """
        select source, id from ingest.events e
         where not exists (select 1 from ingest.alerts a where a.alert_id = e.alert_id)""",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


def test_a_backup_under_load_is_one_instant_and_goes_on_elsewhere(data: Path) -> None:
    here, there, kept = data / "here", data / "there", data / "backup"
    for directory in (here, there):
        directory.mkdir()
    record = b"%PDF-1.7\n" + b"what the officers saw\n" * 1000

    with served(here, "all", "--sample") as (_, at):
        load = Load(at["kafka"])
        load.start()
        case_id, record_path = attach(at["http"], here, record)
        until(lambda: len(load.sent) > 30)
        done = tricolor("backup", str(kept), "--data", str(here))
        sent = load.end()
        assert done.returncode == 0, done.stderr
        assert "1 files" in done.stdout
        # It goes on where it was as if nothing had been.
        with caller(at["http"], here, Role.AUDITOR) as auditor:
            assert auditor.get("/readyz").is_success

    restored = tricolor("restore", str(kept), "--data", str(there))
    assert restored.returncode == 0, restored.stderr
    (taken_in,) = query(there, "select count(*) from ingest.events")[0]
    assert 0 < taken_in < len(sent), "the backup was to be taken in the middle"
    in_the_dump = {row[0] for row in query(there, "select case_id from dispatch.cases")}

    with served(there, "all") as (_, at), caller(at["http"], there, Role.AUDITOR) as auditor:
        # What lies in Kafka from before the snapshot on is read again: some of it is known already, the rest is new.
        asyncio.run(push_again(at["kafka"], sent))

        def through() -> bool:
            (kept_events,) = query(there, "select count(*) from ingest.events")[0]
            return kept_events == len(sent) and not any(query(there, question) for question in CONSISTENT.values())

        until(through)  # once: what an alert of these rises to may be on its way again
        assert in_the_dump <= {row[0] for row in query(there, "select case_id from dispatch.cases")}
        # Its alerts are those of a system that never was away: one for each anomaly.
        anomalies = {
            (event["data"]["outlet"]["mn"], event["data"]["category"], event["data"]["window"]["start"])
            for event in (from_json(body) for _, body in sent)
        }
        assert len(all_of(auditor, "/ingest/v1/alerts")) == len(anomalies)
        assert auditor.get(record_path).content == record
        assert case_id in {one["case_id"] for one in all_of(auditor, "/dispatch/v1/cases")}


def test_a_backup_that_is_not_whole_or_not_for_here_is_refused(data: Path) -> None:
    kept = data / "backup"
    with served(data, "all"):
        assert tricolor("backup", str(kept), "--data", str(data)).returncode == 0
        again = tricolor("backup", str(kept), "--data", str(data))
        assert (again.returncode, "is not empty" in again.stderr) == (1, True)
        onto = tricolor("restore", str(kept), "--data", str(data))
        assert (onto.returncode, "ingest, dispatch, watch, console already" in onto.stderr) == (1, True)
    with (kept / "database.dump").open("ab") as dump:
        dump.write(b"!")
    damaged = tricolor("restore", str(kept), "--data", str(data / "other"))
    assert (damaged.returncode, "checksum" in damaged.stderr) == (1, True)
    (kept / "backup.json").unlink()
    half = tricolor("restore", str(kept), "--data", str(data / "other"))
    assert (half.returncode, "not a whole backup" in half.stderr) == (1, True)
