"""`tricolor serve` as a process of its own, and waiting for what it does."""

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from pydantic_core import from_json

from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from tests.processes import SERVE

PATIENCE = 120.0


class Started(NamedTuple):
    """A process that is coming up; `ready` appears with its addresses when it is."""

    process: subprocess.Popen[bytes]
    ready: Path
    log: Path


@contextmanager
def started(data: Path, *arguments: str, port: int = 0, **environment: str) -> Iterator[Started]:
    """`tricolor serve` with these arguments and settings; killed at the end if the test has not ended it."""
    ready, log = data / f"ready-{random.randrange(10**9)}.json", data / "log"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRICOLOR_")}
    command = [*SERVE, *arguments, "--data", str(data), "--port", str(port), "--ready-file", str(ready)]
    with (
        log.open("ab") as errors,
        subprocess.Popen(  # noqa: S603  our own
            command, env=inherited | environment, stdin=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        try:
            yield Started(process, ready, log)
        finally:
            process.kill()


@contextmanager
def served(data: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str]]]:
    """A process that is ready, and the addresses of its ready file."""
    with started(data, *arguments) as (process, ready, log):
        until(lambda: ready.exists() or process.poll() is not None)
        assert ready.exists(), log.read_text()[-4000:]
        yield process, from_json(ready.read_bytes())


def until(condition: Callable[[], Any]) -> Any:
    """What `condition` answers, once that is true; a process is waited for, so real time passes."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.1)  # another process is waited for
    pytest.fail(f"not within {PATIENCE} s")


def caller(http: str, data: Path, role: Role, subject: str = "test") -> httpx.Client:
    """An app on the HTTP API, with a development token of `data`."""
    return httpx.Client(base_url=http, headers=bearing(data, role, subject), timeout=30)


def bearing(data: Path, role: Role, subject: str) -> dict[str, str]:
    token = DevelopmentIssuer(data).token(Principal(role=role, subject=subject), "tricolor", SystemClock().now())
    return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
