"""Requests to addresses that somebody configured (webhooks, channels): never into private networks unless allowed.

A name is resolved once, every address that it stands for is judged, and the connection goes to one that was judged: a
name that stands for something else a moment later (DNS rebinding), or a redirect, gets no further than the first try.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_NAT64 = IPv6Network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}


class PrivateAddressError(httpx.ConnectError):
    """The address is of a private network, or this machine's own, and no setting allows it."""


async def resolved(host: str, port: int) -> Sequence[str]:
    """Every address that the name stands for now. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def is_allowed(address: str, private: Sequence[Network]) -> bool:
    """Whether a connection may go there: to the public Internet, or to a network that is listed."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or (IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else None)
        if inner is not None:
            return is_allowed(str(inner), private)
        if found.sixtofour is not None or found.teredo is not None:  # another address lies within
            return any(found in network for network in private)
    public = found.is_global and not found.is_multicast
    return public or any(found in network for network in private)


class OutgoingTransport(httpx.AsyncBaseTransport):
    """Connects to the addresses that are allowed. Each hop of a redirect passes here again."""

    def __init__(self, private: Sequence[Network] = (), resolve: Resolve = resolved) -> None:
        self._private, self._resolve, self._inner = private, resolve, httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises PrivateAddressError, and what httpx raises where nobody answers."""
        url = request.url
        if url.scheme not in _PORTS:
            raise PrivateAddressError(f"{url.scheme}: only http and https go out", request=request)
        try:
            addresses = await self._resolve(url.host, url.port or _PORTS[url.scheme])
        except OSError as error:
            raise httpx.ConnectError(f"{url.host}: {error}", request=request) from error
        forbidden = [address for address in addresses if not is_allowed(address, self._private)]
        if forbidden or not addresses:
            raise PrivateAddressError(
                f"{url.host} is {', '.join(forbidden) or 'nowhere'}, a private address;"
                " TRICOLOR_OUTGOING_PRIVATE_NETWORKS does not list it",
                request=request,
            )
        extensions = dict(request.extensions)
        if url.host != addresses[0]:
            extensions["sni_hostname"] = url.host  # the certificate is the name's, not the address's
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=addresses[0]),
            headers=request.headers,
            stream=request.stream,
            extensions=extensions,
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        await self._inner.aclose()
