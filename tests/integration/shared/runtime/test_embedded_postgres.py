"""The embedded PostgreSQL of several processes: there while one of them lives, gone with the last, also by a kill."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.processes import until

USER = """
import sys
from pathlib import Path
from shared.runtime.embedded import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1])).url(), flush=True)
sys.stdin.read()
"""


@contextmanager
def using(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A process that uses the server until it is killed or its standard input is closed, and the server's address."""
    command = [sys.executable, "-c", USER, str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603  our own
        assert process.stdout
        yield process, process.stdout.readline().decode().strip()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


async def answers(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("select 1"))
    finally:
        await connection.close()


async def test_the_last_process_takes_it_along_however_it_ends(data: Path) -> None:
    with ExitStack() as stack:
        (first, url), (second, same) = (stack.enter_context(using(data)) for _ in range(2))
        assert url == same
        first.kill()
        first.wait()
        assert await answers(url)
        second.kill()
        until(lambda: not (data / "postmaster.pid").exists())


async def test_who_comes_while_it_stops_has_it_started_anew(data: Path) -> None:
    for _ in range(3):
        with using(data) as (process, url):
            assert await answers(url)
            process.kill()
    with using(data) as (process, url):
        assert await answers(url)
        process.communicate()
        assert not (data / "postmaster.pid").exists()
