"""`tricolor serve` as a process under a clock that a test can shift.

The processes are forked from one that has imported everything: a test that kills fifty of them on two cores should
wait for their work, not for fifty imports.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from services.runner import serve
from shared.settings import Settings
from shared.telemetry import configure_logging
from tests.faults.clock import ShiftedClock

_processes = get_context("forkserver")
_processes.set_forkserver_preload([__name__])


def serving(
    name: str, *, port: int, data: Path, ready: Path, clock: Path, log: Path, environment: Mapping[str, str]
) -> BaseProcess:
    """A started process that serves `name`, as `tricolor serve` does, and appends its log to `log`."""
    process = _processes.Process(
        target=_serve, args=(name, port, data, ready, clock, log, dict(environment)), name=name
    )
    process.start()
    return process


def _serve(
    name: str, port: int, data: Path, ready: Path, clock: Path, log: Path, environment: Mapping[str, str]
) -> None:
    with log.open("ab") as opened:
        os.dup2(opened.fileno(), sys.stderr.fileno())
    for inherited in [one for one in os.environ if one.startswith("TRICOLOR_")]:
        del os.environ[inherited]
    os.environ.update(environment)
    configure_logging()
    asyncio.run(
        serve(
            name,
            settings=Settings(),
            clock=ShiftedClock(clock),
            data=data,
            host="127.0.0.1",
            port=port,
            migrating=False,
            ready_file=ready,
        )
    )
