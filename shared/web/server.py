"""The HTTP server of every service: its limits, and the socket at which it listens."""

import contextlib
import errno
import ipaddress
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from shared.web.patience import PatientProtocol

# With the closing of connections that do not answer, all is over within 10 seconds.
_GRACE_SECONDS = 7
_IDLE_SECONDS = 10
"""How long a connection stays open between two requests."""
_HEAD_BYTES = 32 * 1024
"""Of a request's first line and headers: the largest that a route takes has 16 KiB."""
_CONNECTIONS = 20_000
"""At once: every officer of a city with a request held open, twice over. Beyond it, 503."""


class Server(uvicorn.Server):
    """Leaves signals to whoever runs it: they end more than HTTP."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server_of(app: ASGIApp) -> Server:
    """The server that answers with `app`, within the limits above."""
    return Server(
        uvicorn.Config(
            app,
            lifespan="off",
            http=PatientProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            timeout_keep_alive=_IDLE_SECONDS,
            limit_concurrency=_CONNECTIONS,
            h11_max_incomplete_event_size=_HEAD_BYTES,
        )
    )


class AddressTaken(OSError):  # noqa: N818  said of the address
    """Another process listens there."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"{host}:{port} 已被占用，多半是另一个 Tricolor（serve 或 make run）正在运行："
            "请先结束它，或用 --port 换一个端口。\n"
            f"{host}:{port} is taken, likely by another Tricolor (serve, or make run): end that one, or choose another "
            "port with --port."
        )


def listen(host: str, port: int) -> socket.socket:
    """A socket that waits for connections at `port`, or at any free one for 0. Raises AddressTaken, or OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms for an acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressTaken(host, port) from error
        raise
    return listening


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at `host`. Raises ValueError for a name that is not localhost."""
    return host == "localhost" or ipaddress.ip_address(host).is_loopback
