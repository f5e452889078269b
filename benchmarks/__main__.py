"""`make bench`: all benchmarks, one after another."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import assignment, backtest, deadlines, housekeeping, intake, polling, state_change
from shared.embedded import EmbeddedPostgres


def main() -> None:
    for part in (intake, backtest, deadlines, assignment, polling, state_change, housekeeping):
        with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            postgres = EmbeddedPostgres(Path(directory) / "postgres")
            asyncio.run(part.measure(postgres))


main()
