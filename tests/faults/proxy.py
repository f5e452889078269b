"""A TCP proxy on loopback, between the services and what they depend on. A test cuts it, holds it, or meddles."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

_CHUNK = 64 * 1024


class Link:
    """One connection through the proxy: the client's side and the server's."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._client, self._server = client, server
        self.in_transaction = False
        """Room for who meddles: what it knows of this connection."""
        self.deaf = False
        """Whether what the server answers is dropped: the client never learns what came of its request."""

    def cut(self) -> None:
        """Both sides see their connection end, whatever was under way."""
        self._client.transport.abort()
        self._server.transport.abort()


Meddle = Callable[[Link, bytes], Awaitable[None]]
"""Called with what a client sends, before it is passed on. It may wait, or cut the link."""


class Proxy:
    """Passes bytes to `upstream` (host:port) as they come, unless told otherwise. Listens once `opened`."""

    def __init__(self, upstream: str) -> None:
        self._host, _, self._port = upstream.partition(":")
        self.address = ""
        self.meddle: Meddle | None = None
        self._links: set[Link] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    def cut(self) -> int:
        """End every connection there is; answer how many. New ones are let in."""
        links = list(self._links)
        for link in links:
            link.cut()
        return len(links)

    async def stall(self, seconds: float) -> None:
        """Let nothing through for so long, in either direction; no connection is closed."""
        self._flowing.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._flowing.set()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Proxy"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            self.cut()
            self._flowing.set()
            await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream, server = await asyncio.open_connection(self._host, int(self._port))
        except OSError:
            writer.transport.abort()  # as if nobody listened here
            return
        link = Link(writer, server)
        self._links.add(link)
        pumps = [
            asyncio.create_task(self._requests(reader, server, link)),
            asyncio.create_task(self._answers(upstream, writer, link)),
        ]
        self._pumps.update(pumps)
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            link.cut()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._pumps.difference_update(pumps)
            self._links.discard(link)

    async def _requests(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, link: Link) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._flowing.wait()
                if self.meddle is not None:
                    await self.meddle(link, chunk)
                server.write(chunk)
                await server.drain()

    async def _answers(self, upstream: asyncio.StreamReader, client: asyncio.StreamWriter, link: Link) -> None:
        with contextlib.suppress(OSError):
            while chunk := await upstream.read(_CHUNK):
                await self._flowing.wait()
                if link.deaf:
                    return
                client.write(chunk)
                await client.drain()
