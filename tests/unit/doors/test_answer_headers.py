"""What every answer says to a browser: nothing in it runs, nothing frames it, no other origin reads it."""

from collections.abc import Callable

import httpx
import pytest

from services.front import front
from shared.contract.roles import Role
from shared.runtime.service import Service
from tests.unit.doors.conftest import BUILDS

Client = Callable[[str, Role], httpx.AsyncClient]
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/v1/dead-letters?nonsense=1", "/nowhere", "/docs"])
@pytest.mark.parametrize("name", BUILDS)
async def test_every_answer_carries_them(client: Client, name: str, path: str) -> None:
    async with client(name, Role.ADMIN) as app:
        answer = await app.get(path)
    assert ALWAYS.items() <= dict(answer.headers).items()
    assert "default-src '" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers
    if "json" in answer.headers["content-type"]:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


async def test_so_do_those_of_the_front(services: dict[str, Service]) -> None:
    transport = httpx.ASGITransport(front(services))
    async with httpx.AsyncClient(transport=transport, base_url="https://tricolor") as client:
        for path in ("/", "/healthz", "/ingest/healthz", "/nowhere"):
            answer = await client.get(path)
            assert ALWAYS.items() <= dict(answer.headers).items(), path
            assert answer.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("name", BUILDS)
async def test_no_other_origin_is_let_in(client: Client, name: str) -> None:
    asks = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    path = {"watch": "/v1/deadlines"}.get(name, "/v1/alerts" if name == "ingest" else "/v1/cases")
    async with client(name, Role.ADMIN) as app:
        for method in ("OPTIONS", "GET", "POST"):
            answer = await app.request(method, path, headers=asks)
            assert not [header for header in answer.headers if header.startswith("access-control-")]
