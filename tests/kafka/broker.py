# ruff: noqa: S603, S607  (starting programs is what this module is for)
"""A real Apache Kafka on loopback: one KRaft node, of the jars that pom.xml pins. Needs the standard library alone."""

import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from tests.kafka.leash import Leashed

POM = Path(__file__).with_name("pom.xml")
CACHE = Path(__file__).parents[2] / ".kafka"
START_SECONDS = 60
STOP_SECONDS = 30
CLUSTER_ID = "TricolorTestsKafka0000"  # 16 bytes in base64
# A short life on few cores: code is compiled quickly rather than well.
JAVA = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{CACHE}/*"]

PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{address},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{advertised}
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{controller}
log.dirs={directory}/data
num.partitions=4
auto.create.topics.enable=true
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
"""


class BrokerDidNotStartError(Exception):
    """Says the broker's last words."""


def missing() -> str | None:
    """What this machine lacks to fetch and run Kafka, or None."""
    if not shutil.which("mvn"):
        return "Apache Maven (mvn)"
    if not shutil.which("java"):
        return "Java 17 or newer"
    banner = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', banner)
    return None if version and int(version[1]) >= 17 else "Java 17 or newer"


def fetch() -> None:
    """Bring the jars into the cache. The copy of the pom is written last: it says that they are complete.

    Raises CalledProcessError when Maven fails.
    """
    stamp = CACHE / POM.name
    if stamp.exists() and stamp.read_bytes() == POM.read_bytes():
        return
    shutil.rmtree(CACHE, ignore_errors=True)
    options = ["--quiet", "--batch-mode", "--strict-checksums", "-Dstyle.color=never", f"--file={POM}"]
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={CACHE}"]
    subprocess.run(["mvn", *options, *goal], check=True)
    shutil.copyfile(POM, stamp)


class Broker:
    """A broker whose data lies in `directory`: started again after a stop or a kill it knows what it knew.

    It ends with this process, however that ends, and in a session of its own Ctrl-C does not reach it. `advertised`
    is where it tells clients to connect: itself, unless something is to stand in between.
    """

    properties: ClassVar[str] = PROPERTIES

    def __init__(self, directory: Path, log: Path) -> None:
        self._directory, self._log = directory, log
        self.address, self._controller = _free_addresses()
        self.advertised = self.address
        self._server: Leashed | None = None

    def format_arguments(self) -> list[str]:
        """What is said to the storage tool besides, when a new broker's directory is made."""
        return []

    def connection(self) -> ssl.SSLContext | None:
        """How a client wraps its connection; None: not at all."""
        return None

    def start(self) -> None:
        """Return once it serves requests. Raises BrokerDidNotStartError."""
        properties = self._directory / "server.properties"
        text = self.properties.format(
            address=self.address,
            advertised=self.advertised,
            controller=self._controller,
            directory=self._directory,
        )
        properties.write_text(text, encoding="utf-8")
        with self._log.open("ab") as log:
            if not (self._directory / "data").exists():
                form = [*JAVA, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties)]
                form += self.format_arguments()
                if subprocess.run(form, stdout=log, stderr=log, check=False).returncode:
                    raise self._failure()
            serve = [*JAVA, "kafka.Kafka", str(properties)]
            self._server = Leashed(serve, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self.address, self.connection()):
            if self._server.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise self._failure()
            time.sleep(0.1)

    def stop(self) -> None:
        """End it in order, as an administrator does."""
        if self._server is not None:
            self._server.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._server.process.wait(STOP_SECONDS)
            self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self._server is not None:
            self._server.kill()

    def _failure(self) -> BrokerDidNotStartError:
        tail = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-40:]
        return BrokerDidNotStartError("\n".join([*tail, f"Kafka did not start; above is the end of {self._log}"]))


def _free_addresses() -> tuple[str, str]:
    """Two loopback addresses nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return f"127.0.0.1:{one.getsockname()[1]}", f"127.0.0.1:{other.getsockname()[1]}"


def _answers(address: str, context: ssl.SSLContext | None) -> bool:
    """Whether the broker serves requests: it holds back every answer until it has joined its cluster."""
    api_versions = struct.pack(">ihhih", 10, 18, 0, 1, -1)  # length, API key, version, correlation id, no client id
    host, port = address.split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1) as plain:
            connection = plain if context is None else context.wrap_socket(plain, server_hostname=host)
            with connection:
                connection.sendall(api_versions)
                return bool(connection.recv(1))
    except OSError:
        return False
