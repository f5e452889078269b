"""`tricolor serve all --sample` under a clock that a test moves. Run as a process: `python -m tests.web.serving …`."""

import asyncio
import os
import sys
import threading
from pathlib import Path

from services import runner
from services.sample.loading import load
from shared.settings import Settings
from shared.telemetry import configure_logging
from tests.faults.clock import ShiftedClock


def main(data: Path, clock_file: Path, ready: Path) -> None:
    """Serve until standard input ends: a pipe from the tests, so that it ends with them, killed or not."""
    threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
    configure_logging()
    settings, clock = Settings(), ShiftedClock(clock_file)

    async def load_sample(system: runner.Running) -> None:
        dispatcher = system.services["dispatcher"]
        await load(dispatcher.database, dispatcher.outbox, clock, settings.topic_prefix)

    asyncio.run(
        runner.serve(
            "all",
            settings=settings,
            clock=clock,
            data=data,
            host="127.0.0.1",
            port=0,
            migrating=False,
            ready_file=ready,
            once_ready=load_sample,
        )
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
