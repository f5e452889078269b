"""A process waits for what it needs and says what that is; told to end it cuts no request; broken it ends visibly."""

import asyncio
import random
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import Table, text

from services.alert_ingest import tables as ingest
from services.deadline_watch import tables as watch
from services.dispatcher import tables as dispatch
from services.sample.anomalies import RED, anomaly, push
from services.sample.district import district
from shared.contract.cloudevents import STRUCTURED
from shared.contract.events import Topic
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.clock import SystemClock
from tests.integration.running.processes import Started, bearing, served, started, until


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


class Readiness:
    """What `/healthz` and `/readyz` of a process say."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def lives(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self._base}/healthz", timeout=15).is_success
        return False

    def missing(self) -> dict[str, str]:
        """Empty when ready."""
        answer = httpx.get(f"{self._base}/readyz", timeout=15)
        missing: dict[str, str] = answer.json()["missing"]
        assert answer.is_success == (not missing)
        return missing


@contextmanager
def tcp_door(port: int, postgres_url: str) -> Iterator[None]:
    """A TCP port that leads to the Unix socket of an embedded PostgreSQL; shut, every connection through it is cut."""
    target = parse_qs(urlsplit(postgres_url).query)["host"][0] + "/.s.PGSQL.5432"
    loop = asyncio.new_event_loop()
    opened: set[asyncio.StreamWriter] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(65536):
                writer.write(chunk)
        writer.close()

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_unix_connection(target)
        opened.update((writer, behind[1]))
        await asyncio.gather(pump(reader, behind[1]), pump(behind[0], writer))

    async def shut(server: asyncio.Server) -> None:
        server.close()
        for writer in opened:
            writer.transport.abort()
        await asyncio.sleep(0.1)

    server = loop.run_until_complete(asyncio.start_server(through, "127.0.0.1", port))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(shut(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def end(started: Started, within: float) -> None:
    """SIGTERM, and the process ends well in time."""
    started.process.send_signal(signal.SIGTERM)
    assert started.process.wait(timeout=within) == 0, started.log.read_text()[-4000:]


def test_without_kafka_it_waits_says_so_and_can_be_ended(tmp_path: Path) -> None:
    port, nowhere = free_port(), f"127.0.0.1:{free_port()}"
    with started(tmp_path, "all", port=port, TRICOLOR_KAFKA_BOOTSTRAP_SERVERS=nowhere) as process:
        ready = Readiness(port)
        until(ready.lives)
        until(lambda: "waiting for Kafka" in process.log.read_text())
        until(lambda: not [part for part in ready.missing() if "database" in part])
        assert "not connected to Kafka" in ready.missing()["dispatcher kafka"]
        assert not process.ready.exists()
        end(process, within=10)


def test_it_waits_for_postgresql_and_notices_when_it_goes(tmp_path: Path, empty_database_url: str) -> None:
    port, database_port = free_port(), free_port()
    url = f"postgresql://postgres@127.0.0.1:{database_port}{urlsplit(empty_database_url).path}"
    with started(tmp_path, "ingest", port=port, TRICOLOR_DATABASE_URL=url) as process:
        ready = Readiness(port)
        until(ready.lives)
        until(lambda: "waiting for PostgreSQL" in process.log.read_text())
        assert "database" in ready.missing()
        with tcp_door(database_port, empty_database_url):
            until(process.ready.exists)
            assert ready.missing() == {}
        assert "database" in ready.missing()
        with tcp_door(database_port, empty_database_url):
            until(lambda: ready.missing() == {})
            end(process, within=10)


async def test_sigterm_cuts_no_request(tmp_path: Path) -> None:
    """Neither one that waits for news, nor a stream, nor one that the database holds up meanwhile."""
    sample = district().enterprises[0]
    event = anomaly(RED, sample, sample.outlets[0], SystemClock().now(), random.Random(1))
    streaming = asyncio.Event()

    async def stream(officer: httpx.AsyncClient) -> bytes:
        seen = b""
        async with officer.stream("GET", "/dispatch/v1/assignments/stream") as answer:
            async for chunk in answer.aiter_bytes():
                seen += chunk
                streaming.set()
        return seen  # a line that was cut would have raised

    with served(tmp_path, "all", "--sample") as (process, at):
        database = Database(at["database"])
        async with (
            httpx.AsyncClient(base_url=at["http"], headers=bearing(tmp_path, Role.OFFICER, "xinan-01")) as officer,
            httpx.AsyncClient(base_url=at["http"], headers=bearing(tmp_path, Role.PLATFORM, "sample")) as platform,
        ):
            known = {"If-None-Match": (await officer.get("/dispatch/v1/assignments")).headers["etag"]}
            streamed = asyncio.create_task(stream(officer))
            polled = asyncio.create_task(officer.get("/dispatch/v1/assignments?wait=60", headers=known, timeout=30))
            await asyncio.wait_for(streaming.wait(), 30)
            async with database.transaction() as connection:
                await connection.execute(text(f"lock table {ingest.enterprises.fullname}"))
                posted = asyncio.create_task(
                    platform.post("/ingest/v1/events", content=event, headers={"content-type": STRUCTURED}, timeout=30)
                )
                await asyncio.sleep(0.5)
                process.send_signal(signal.SIGTERM)
                assert (await asyncio.wait_for(polled, 5)).status_code == 304
                assert b"event: assignments" in await asyncio.wait_for(streamed, 5)
                assert not posted.done()
            assert (await asyncio.wait_for(posted, 5)).status_code == 202
        await database.close()
        assert await asyncio.to_thread(process.wait, 10) == 0


async def drop(url: str, table: Table) -> None:
    database = Database(url)
    async with database.transaction() as connection:
        await connection.execute(text(f"drop table {table.fullname} cascade"))
    await database.close()


async def push_red(kafka: str) -> None:
    sample, producer = district().enterprises[0], AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    event = anomaly(RED, sample, sample.outlets[0], SystemClock().now(), random.Random(1))
    await push(producer, Topic.ANOMALY_EVENTS, sample, event)
    await producer.stop()


@pytest.mark.parametrize(("part", "table"), [("relay", watch.outbox), ("consumer", dispatch.inbox)])
def test_a_defect_ends_the_process_with_its_traceback(tmp_path: Path, part: str, table: Table) -> None:
    """A table that is gone: no later attempt would find it."""
    with served(tmp_path, "all") as (process, at):
        asyncio.run(drop(at["database"], table))
        if part == "consumer":
            asyncio.run(push_red(at["kafka"]))
        assert process.wait(timeout=30) == 1
    log = (tmp_path / "log").read_text()
    assert "Traceback" in log
    assert f'relation "{table.fullname}" does not exist' in log
