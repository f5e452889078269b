"""Every route as every role: let in where the table has a word for it, and refused before anything where it has none.

The routes are those that the services have, the roles those of the table: nobody keeps a list.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from shared.contract import scope
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.service import Service
from shared.settings import Settings
from shared.telemetry import Telemetry
from shared.time.clock import SystemClock
from shared.web.app import create_app
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity
from shared.web.openapi import ServiceApp, operation_of
from tests.unit.doors.conftest import BUILDS
from tests.unit.doors.test_nothing_unknown_is_taken import address, routes

Client = Callable[[str, Role], httpx.AsyncClient]
TABLE = scope.load()
STREAMS = {"streamAssignments", "streamChanges"}
"""They answer 200 before they have anything to say; without a database they never have."""


def operations(service: Service) -> Iterator[tuple[str | None, APIRoute]]:
    assert isinstance(service.app, ServiceApp)
    for route in routes(service):
        if route.include_in_schema:
            yield operation_of(service.app.operations, route), route


@pytest.mark.parametrize("name", BUILDS)
def test_every_route_has_a_line(services: dict[str, Service], name: str) -> None:
    for operation, route in operations(services[name]):
        assert operation is not None, f"{route.methods} {route.path} has no line in operations.yaml"
        known = operation in TABLE.operations or TABLE.is_open(operation)
        assert known, f"{operation} ({route.path}) has no line in shared/contract/scope.yaml: say who may call it"


def test_every_line_is_a_routes(services: dict[str, Service]) -> None:
    there = {operation for service in services.values() for operation, _ in operations(service)}
    stale = sorted((set(TABLE.operations) | set(TABLE.open)) - there)
    assert not stale, f"{stale}: no service has these operations"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", BUILDS)
async def test_a_role_enters_where_its_line_says_so(
    services: dict[str, Service], client: Client, name: str, role: Role
) -> None:
    async with client(name, role) as app:
        for operation, route in operations(services[name]):
            assert operation is not None
            if operation in STREAMS and TABLE.reach(operation, role) is not None:
                continue
            for method in route.methods or ():
                answer = await app.request(method, address(route))
                entered = TABLE.is_open(operation) or TABLE.reach(operation, role) is not None
                refused = answer.status_code == 403 and "此操作须由以下角色之一办理" in answer.text
                if method == "HEAD":  # it has no body to say why
                    refused = answer.status_code == 403
                assert refused is not entered, (role, operation, answer.status_code, answer.text)
                if operation != "takeReceipt":
                    assert answer.status_code != 401, (role, operation, answer.text)


@pytest.mark.parametrize("name", BUILDS)
async def test_nobody_enters_without_a_name_but_where_it_is_open(services: dict[str, Service], name: str) -> None:
    transport = httpx.ASGITransport(services[name].app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as app:
        for operation, route in operations(services[name]):
            assert operation is not None
            for method in route.methods or ():
                answer = await app.request(method, address(route))
                if operation == "takeReceipt":
                    assert answer.status_code in (401, 422)
                    continue
                asked = answer.status_code == 401
                assert asked is not TABLE.is_open(operation), (operation, answer.status_code, answer.text)


async def test_a_route_without_a_line_lets_nobody_in(door_directory: Path) -> None:
    identity = Identity.from_settings(Settings(oidc_issuer=None), door_directory)
    app = create_app(title="door", description="", identity=identity, telemetry=Telemetry("door"), checks={})

    @app.get("/v1/forgotten")
    async def forgotten() -> str:
        return "secret"

    admin = Principal(role=Role.ADMIN, subject="somebody")
    token = DevelopmentIssuer(door_directory).token(admin, "tricolor", SystemClock().now())
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door", headers=headers) as client:
        answer = await client.get("/v1/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text
