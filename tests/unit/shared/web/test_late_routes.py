"""Routes that are loaded when first asked for answer as if they had always been there."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from shared.settings import Settings
from shared.telemetry import Telemetry
from shared.web.app import create_app
from shared.web.identity import Identity
from shared.web.openapi import ServiceApp
from shared.web.routes import Routes


class Late:
    """Two routes of one path, in two modules, and how often they were loaded."""

    def __init__(self) -> None:
        self.loaded = 0

    def __call__(self) -> Iterator[Routes]:
        self.loaded += 1
        read, written = Routes(), Routes()

        @read.get("/v1/things/{name}")
        async def read_thing(name: str) -> str:
            return name

        @written.put("/v1/things/{name}")
        async def write_thing(name: str) -> str:
            return name

        yield read
        yield written


@pytest.fixture
def late() -> Late:
    return Late()


@pytest.fixture
def app(late: Late, tmp_path: Path) -> ServiceApp:
    identity = Identity.from_settings(Settings(), tmp_path)
    app = create_app(title="late", description="", identity=identity, telemetry=Telemetry("late"), checks={})
    app.take_when_asked(late)
    return app


@pytest.fixture
async def client(app: ServiceApp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://late") as client:
        yield client


async def test_what_every_service_answers_loads_none(late: Late, client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).json() == {"status": "ready", "missing": {}}
    assert late.loaded == 0


async def test_all_are_loaded_once(late: Late, client: httpx.AsyncClient) -> None:
    for method in ("GET", "PUT", "GET"):
        assert (await client.request(method, "/v1/things/a")).status_code == 401  # who calls is asked by the route
    assert late.loaded == 1


@pytest.mark.parametrize(("method", "path", "status"), [("DELETE", "/v1/things/a", 405), ("GET", "/v1/nothing", 404)])
async def test_what_none_of_them_answers_is_refused(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_document_has_them(app: ServiceApp) -> None:
    assert set(app.openapi()["paths"]["/v1/things/{name}"]) == {"get", "put"}
