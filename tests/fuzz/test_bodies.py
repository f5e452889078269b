"""Bodies that are too large, too slow, cut off or packed: each is answered, and nobody else waits for it."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic_core import to_json

from shared.contract.cloudevents import BATCH, STRUCTURED
from shared.contract.events import Topic
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.service import Service
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from tests.unit.alert_ingest.domain.test_parsing import EVENT, changed

TEN_MB = 10 * 1024 * 1024


@pytest.fixture
async def platform(service: Service, settings: Settings, data_directory: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A platform on a real connection to a real server."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(service.app, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve([listening]))
    token = DevelopmentIssuer(data_directory).token(
        Principal(role=Role.PLATFORM, subject="fuzz"), settings.oidc_audience, SystemClock().now()
    )
    async with httpx.AsyncClient(
        base_url="http://{}:{}".format(*listening.getsockname()),
        headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
        timeout=60,
    ) as client:
        yield client
    server.should_exit = True
    await serving


async def push(platform: httpx.AsyncClient, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    named = {"content-type": STRUCTURED} | {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await platform.post("/v1/events", content=body, headers=named)
    if answer.status_code != 202:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        pytest.param(to_json(EVENT | {"note": "x" * TEN_MB}), STRUCTURED, 413, id="one event"),
        pytest.param(b"[" * TEN_MB, BATCH, 422, id="all nesting"),
        pytest.param(b"1" * TEN_MB, BATCH, 422, id="one number"),
        pytest.param(b'"' + b"\\u0000" * (TEN_MB // 6) + b'"', BATCH, 422, id="one text"),
        pytest.param(b"[" + b"0," * (TEN_MB // 2) + b"0]", BATCH, 413, id="millions of events"),
        pytest.param(to_json([EVENT | {"note": "x" * TEN_MB}]), BATCH, 422, id="a batch of one"),
        pytest.param(b"\x00" * 4 * TEN_MB, BATCH, 413, id="forty megabytes"),
    ],
)
async def test_ten_megabytes_are_answered(
    platform: httpx.AsyncClient, body: bytes, media_type: str, status: int
) -> None:
    answered, problem = await push(platform, body, content_type=media_type)
    assert (answered, bool(problem["detail"])) == (status, True)


async def test_ten_megabytes_of_good_events_are_taken_in(platform: httpx.AsyncClient) -> None:
    batch = [changed(outlet={"mn": f"B{number}"}, note="x" * 10_000) | {"id": str(number)} for number in range(1_000)]
    status, answer = await push(platform, to_json(batch), content_type=BATCH)
    assert (status, {one["status"] for one in answer["results"]}) == (202, {"accepted"})


async def test_a_packed_body_is_refused_as_such(platform: httpx.AsyncClient) -> None:
    status, problem = await push(platform, gzip.compress(to_json(EVENT)), content_encoding="gzip")
    assert (status, problem["type"]) == (415, "urn:tricolor:problem:unsupported-content-encoding")
    assert (await push(platform, to_json(EVENT), content_encoding="identity"))[0] == 202


async def opened(platform: httpx.AsyncClient, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that has announced the event, and sent only `sent` of it."""
    reader, writer = await asyncio.open_connection(platform.base_url.host, platform.base_url.port)
    head = f"POST /v1/events HTTP/1.1\r\nHost: ingest\r\nAuthorization: {platform.headers['authorization']}\r\n"
    head += f"Content-Type: {STRUCTURED}\r\nContent-Length: {len(to_json(EVENT))}\r\n\r\n"
    writer.write(head.encode() + sent)
    await writer.drain()
    return reader, writer


async def test_a_slow_body_holds_up_nobody_and_one_cut_off_leaves_nothing(
    platform: httpx.AsyncClient, service: Service
) -> None:
    event = to_json(EVENT)
    slow, finishing = await opened(platform, event[:100])
    _, cut_off = await opened(platform, event[:-1])
    cut_off.close()
    await cut_off.wait_closed()
    other = to_json(changed(outlet={"mn": "B1"}) | {"id": "2"})
    assert (await push(platform, other))[1]["results"][0]["status"] == "accepted"

    finishing.write(event[100:])
    assert (await slow.readline()).startswith(b"HTTP/1.1 202")
    finishing.close()
    statuses = {
        sample.labels["status"]
        for metric in service.telemetry.registry.collect()
        for sample in metric.samples
        if sample.name == "tricolor_http_request_seconds_count"
    }
    assert {status for status in statuses if status >= "500"} == set()


async def test_the_largest_record_of_the_broker_is_a_dead_letter(
    service: Service, settings: Settings, broker: str
) -> None:
    client, body = settings.kafka_client(broker), b"[" * 1_000_000
    letters = settings.topic(Topic.ANOMALY_EVENTS.dead_letter)
    async with (
        AIOKafkaProducer(**client) as producer,
        AIOKafkaConsumer(letters, auto_offset_reset="earliest", **client) as reader,
    ):
        await producer.send_and_wait(settings.topic(Topic.ANOMALY_EVENTS), body, key=b"E1")
        assert await service.consumers[0].run_once(wait_seconds=10) == 1
        assert await service.relay.run_once() == 1
        letter = await asyncio.wait_for(reader.getone(), 30)
    assert (letter.value, dict(letter.headers)["error-code"]) == (body, b"too-large")
