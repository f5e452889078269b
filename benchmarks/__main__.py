"""`make bench`: all benchmarks, one after another."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import backtest, intake
from shared.embedded import EmbeddedPostgres


def main() -> None:
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        postgres = EmbeddedPostgres(Path(directory) / "postgres")
        asyncio.run(intake.measure(postgres))
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        postgres = EmbeddedPostgres(Path(directory) / "postgres")
        asyncio.run(backtest.measure(postgres))


main()
