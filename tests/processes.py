"""The services as processes of their own, from any tree of the code, on the database and broker of a test."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic_core import from_json

from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer

SERVE = [
    sys.executable,
    "-c",
    "import os, threading\n"
    "threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()\n"
    "from services.cli import main; main()",
    "serve",
]
"""`tricolor serve`, until its standard input ends: a pipe from the tests, so that it ends with them, killed or not."""
PATIENCE = 240.0
"""Seconds that a process is waited for: a machine that runs more than this may be slow."""


class Processes:
    """What runs now, and its apps. The schemas and topics are there already."""

    def __init__(self, settings: Settings, database_url: str, broker: str, data: Path) -> None:
        self.settings, self.database_url, self.broker, self.data = settings, database_url, broker, data
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRICOLOR_")}
        self._environment = inherited | {
            # One caller stands for many.
            **{f"TRICOLOR_{kind}_RATE": "" for kind in ("PERSON", "PLATFORM", "ADDRESS")},
            "TRICOLOR_DATABASE_URL": database_url,
            "TRICOLOR_KAFKA_BOOTSTRAP_SERVERS": broker,
            "TRICOLOR_TOPIC_PREFIX": settings.topic_prefix,
            "TRICOLOR_TOPIC_PARTITIONS": str(settings.topic_partitions),
        }
        self._running: dict[tuple[str, Path], tuple[subprocess.Popen[bytes], Path]] = {}

    def start(self, tree: Path, *services: str) -> None:
        """Start `services` from the code in `tree`, and return when all are ready."""
        for name in services:
            ready = self.data / f"{name}-{len(self._running)}-{random.randrange(10**9)}.json"
            command = [
                *SERVE,
                name,
                "--no-migrate",
                "--data",
                str(self.data),
                "--port",
                "0",
                "--ready-file",
                str(ready),
            ]
            with (self.data / "log").open("ab") as log:
                environment = self._environment | {"PYTHONPATH": str(tree)}
                process = subprocess.Popen(  # noqa: S603  our own
                    command, cwd=tree, env=environment, stdin=subprocess.PIPE, stderr=log
                )
            self._running[name, tree] = process, ready
        for name in services:
            self._until_ready(*self._running[name, tree])

    def _until_ready(self, process: subprocess.Popen[bytes], ready: Path) -> None:
        until(lambda: ready.exists() or process.poll() is not None)
        assert ready.exists(), (self.data / "log").read_text()[-4000:]

    def stop(self, tree: Path, *services: str) -> None:
        """End `services` of `tree` as an operator does: they finish what they have in hand."""
        for name in services:
            self._running[name, tree][0].send_signal(signal.SIGTERM)
        for name in services:
            process, _ = self._running.pop((name, tree))
            with process:
                assert process.wait(timeout=30) == 0

    def kill(self) -> None:
        for process, _ in self._running.values():
            with process:
                process.kill()

    def alive(self) -> bool:
        return all(process.poll() is None for process, _ in self._running.values())

    def http(self, service: str) -> str:
        """The address of some replica of `service`."""
        (_, ready), *_ = [one for (name, _), one in self._running.items() if name == service]
        return str(from_json(ready.read_bytes())["http"])

    def token(self, role: Role, subject: str = "someone", **reach: str) -> str:
        principal = Principal(role=role, subject=subject, **reach)
        return DevelopmentIssuer(self.data).token(principal, self.settings.oidc_audience, SystemClock().now())

    @contextmanager
    def app(self, service: str, role: Role, subject: str = "someone", **reach: str) -> Iterator[httpx.Client]:
        """An app on some replica of `service`."""
        headers = {"Authorization": f"Bearer {self.token(role, subject, **reach)}", "Accept-Language": "en"}
        with httpx.Client(base_url=self.http(service), headers=headers, timeout=60) as client:
            yield client


def until(condition: Callable[[], Any]) -> Any:
    """What `condition` answers, once that is true; processes are waited for, so real time passes."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.2)  # other processes are waited for
    pytest.fail(f"not within {PATIENCE} s")
