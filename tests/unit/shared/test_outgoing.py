"""Requests that go out never reach a private network by a name, an address, a redirect or a second look at DNS."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_network

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from shared.outgoing import OutgoingTransport, PrivateAddressError, Resolve, is_allowed

ANY = "0.0.0.0"  # noqa: S104  a name of this machine, called and not bound to
LOOPBACK = (ip_network("127.0.0.0/8"),)


@asynccontextmanager
async def server(answer: Response) -> AsyncIterator[tuple[str, list[str]]]:
    """A real HTTP server on loopback; its address, and the `Host` of every request that it got."""
    listening, app = socket.create_server(("127.0.0.1", 0)), FastAPI()
    hosts: list[str] = []

    @app.get("/{path:path}")
    async def note(request: Request) -> Response:
        hosts.append(request.headers["host"])
        return answer

    serving_side = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    serving = asyncio.create_task(serving_side.serve(sockets=[listening]))
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}", hosts
    finally:
        serving_side.should_exit = True
        await serving


def answering(*addresses: str) -> Resolve:
    """A DNS that answers these, one each time it is asked, the last one for ever."""
    left = list(addresses)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return [left.pop(0) if len(left) > 1 else left[0]]

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", ANY, "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"),
        *("2002:a00:1::", "2001:0:a00:1::"),
    ],
)
def test_private_addresses_are_refused_however_they_are_written(address: str) -> None:
    assert not is_allowed(address, ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_not(address: str) -> None:
    assert is_allowed(address, ())


def test_a_network_that_is_listed_is_allowed() -> None:
    assert is_allowed("10.8.3.4", (ip_network("10.8.0.0/16"),))
    assert not is_allowed("10.9.3.4", (ip_network("10.8.0.0/16"),))


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", f"http://{ANY}/"],
)
async def test_this_machine_is_not_called(url: str) -> None:
    async with httpx.AsyncClient(transport=OutgoingTransport(), trust_env=False) as client:
        with pytest.raises(PrivateAddressError, match="TRICOLOR_OUTGOING_PRIVATE_NETWORKS"):
            await client.get(url)


async def test_a_name_that_stands_for_a_private_address_is_refused() -> None:
    transport = OutgoingTransport(resolve=answering("10.0.0.5"))
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        with pytest.raises(PrivateAddressError, match=r"gateway\.example is 10\.0\.0\.5"):
            await client.get("http://gateway.example/hook")


async def test_the_address_that_was_judged_is_the_one_that_is_called() -> None:
    """DNS rebinding: the name stands for something allowed when it is judged, and for something else afterwards."""
    async with server(Response("taken")) as (address, hosts):
        port = address.rpartition(":")[2]
        transport = OutgoingTransport(LOOPBACK, answering("127.0.0.1", "10.0.0.5"))
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            assert (await client.get(f"http://gateway.example:{port}/hook")).text == "taken"
            with pytest.raises(PrivateAddressError):
                await client.get(f"http://gateway.example:{port}/hook")
        assert hosts == [f"gateway.example:{port}"]


async def test_a_redirect_is_judged_like_the_first_address() -> None:
    elsewhere = Response(status_code=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
    async with server(elsewhere) as (address, _):
        transport = OutgoingTransport(LOOPBACK)
        async with httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=True) as client:
            with pytest.raises(PrivateAddressError, match=r"169\.254\.169\.254"):
                await client.get(f"http://{address}/")
