"""`make bench`: all benchmarks, one after another; `python -m benchmarks polling backtest`: those that are named.

Where none is named they are those of the embedded broker, and under `tests/kafka/run` those of a real Apache Kafka.
"""

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from benchmarks import (
    alert_flow,
    assignment,
    backtest,
    catch_up,
    console,
    deadlines,
    evidence,
    growth,
    hot_enterprise,
    housekeeping,
    intake,
    polling,
    posts,
    start,
    start_serving,
    state_change,
    team_visible,
    topic,
)
from shared.runtime.embedded import EmbeddedPostgres
from shared.settings import Settings

_EMBEDDED: tuple[ModuleType, ...] = (
    start,
    start_serving,
    team_visible,
    intake,
    alert_flow,
    backtest,
    deadlines,
    assignment,
    polling,
    posts,
    state_change,
    evidence,
    growth,
    hot_enterprise,
    housekeeping,
    console,
)
_ON_KAFKA: tuple[ModuleType, ...] = (topic, catch_up)
_PARTS = {part.__name__.rpartition(".")[2]: part for part in (*_EMBEDDED, *_ON_KAFKA)}
_STEPS = 5_000_000


def main(names: list[str]) -> None:
    if unknown := set(names) - _PARTS.keys():
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(_PARTS)}")
    unnamed = _EMBEDDED if Settings().kafka_bootstrap_servers is None else _ON_KAFKA
    for name in names or [name for name, part in _PARTS.items() if part in unnamed]:
        print(f"== {name}: {_pace()}", flush=True)
        with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            postgres = EmbeddedPostgres(Path(directory) / "postgres")
            asyncio.run(_PARTS[name].measure(postgres))
        print(f"== {name} is done: {_pace()}", flush=True)


def _pace() -> str:
    """How fast the machine is at this moment: it may share its cores, and absolute figures say nothing without it."""
    began, total = time.process_time(), 0
    for step in range(_STEPS):
        total += step
    return f"a bare Python loop takes {(time.process_time() - began) / _STEPS * 1e9:.0f} ns a step here and now"


main(sys.argv[1:])
