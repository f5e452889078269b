"""How long a connection may take to say what it wants: a request's head comes within seconds, or the line is cut.

uvicorn bounds how long a line stays idle between requests, but not how slowly the first line of one may drip in.
"""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as _Protocol
else:
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as _Protocol

HEAD_SECONDS = 15.0


class PatientProtocol(_Protocol):
    """uvicorn's HTTP protocol, which waits `head_seconds` for the head of each request."""

    head_seconds = HEAD_SECONDS
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        before = self.cycle

        def due() -> None:
            if self.cycle is before:  # every whole head begins another
                self.transport.close()

        self._waiting = self.loop.call_later(self.head_seconds, due)
