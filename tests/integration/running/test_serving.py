"""`tricolor serve`, as a process of its own: ready, pushed to, killed, started again, ended."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from services.sample.anomalies import RED, anomaly, push
from services.sample.district import district
from shared.contract.events import Topic
from shared.contract.roles import Role
from shared.time.clock import SystemClock
from tests.integration.running.processes import caller, served, until


def cases(http: str, data: Path) -> list[dict[str, Any]]:
    with caller(http, data, Role.AUDITOR) as auditor:
        return list(auditor.get("/dispatch/v1/cases").json()["items"])


async def push_red(kafka: str, number: int) -> None:
    sample, producer = district().enterprises[number], AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    event = anomaly(RED, sample, sample.outlets[0], SystemClock().now(), random.Random(1))
    await push(producer, Topic.ANOMALY_EVENTS, sample, event)
    await producer.stop()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


def test_what_was_taken_in_survives_sigterm_and_kill(data: Path) -> None:
    with served(data, "all", "--sample") as (process, at):
        asyncio.run(push_red(at["kafka"], 0))
        # At once after the push: what has arrived is worked off before the broker forgets it.
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    with served(data, "all") as (process, at):
        until(lambda: [one for one in cases(at["http"], data) if one["state"] == "assigned"])
        asyncio.run(push_red(at["kafka"], 1))
        until(lambda: len(cases(at["http"], data)) == 2)
        process.kill()
        process.wait()
    with served(data, "all") as (process, at):
        until(lambda: all(case["due_at"] for case in cases(at["http"], data)))
        assert len(cases(at["http"], data)) == 2
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_three_processes_on_one_data_directory_are_one_system(data: Path) -> None:
    with (
        served(data, "ingest") as (_, ingest),
        served(data, "dispatcher", "--sample") as (_, dispatcher),
        served(data, "watch") as (_, watch),
    ):
        assert ingest["kafka"] == dispatcher["kafka"] == watch["kafka"]
        asyncio.run(push_red(ingest["kafka"], 0))
        with caller(watch["http"], data, Role.AUDITOR) as auditor:
            (clock,) = until(lambda: auditor.get("/v1/deadlines").json()["items"])
        with caller(dispatcher["http"], data, Role.AUDITOR) as auditor:
            case = auditor.get(f"/v1/cases/{clock['case_id']}").json()
        assert case["alert_ids"] == [clock["alert_id"]]


def test_development_tokens_are_for_loopback(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from services.cli import main; main()", "serve", "all", "--host", "0.0.0.0"]  # noqa: S104  refused
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRICOLOR_")}
    ended = subprocess.run(  # noqa: S603  our own
        [*command, "--data", str(tmp_path)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert "loopback" in ended.stderr
