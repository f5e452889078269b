"""Every route of the three services, asked for what it does not know: 422 that names it, and nothing lost in silence.

The routes are those that the services have: nobody keeps a list.
"""

import re
import typing
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import to_json

from shared.contract import scope
from shared.contract.commands import Command
from shared.contract.roles import Role
from shared.runtime.service import Service
from shared.web.openapi import ServiceApp
from tests.unit.doors.conftest import BUILDS

FILLED = {
    "year": "2026",
    "week": "2026-W10",
    "day": "2026-03-02",
    "partition": "0",
    "kind": "enterprises",
}
IDENTIFIER = "019abcde-0000-7000-8000-000000000000"
Client = Callable[[str, Role], httpx.AsyncClient]


def routes(service: Service) -> list[APIRoute]:
    found: list[APIRoute] = []
    for one in service.app.routes:
        router = getattr(one, "original_router", None)
        found += [route for route in (router.routes if router else [one]) if isinstance(route, APIRoute)]
    return found


def address(route: APIRoute) -> str:
    path = route.path
    for field in route.dependant.path_params:
        filled = FILLED.get(field.alias) or (IDENTIFIER if field.alias.endswith("_id") else "x")
        path = path.replace(f"{{{field.alias}}}", filled)
    return path


def caller(service: Service, method: str, path: str) -> Role:
    """A role that the route is for; which one does not matter here."""
    assert isinstance(service.app, ServiceApp)
    operation = service.app.operations.get(f"{method.upper()} {path}")
    roles = () if operation is None else scope.load().roles_of(operation.scope)
    return roles[-1] if roles else Role.ADMIN


def methods_of(route: APIRoute) -> set[str]:
    return route.methods or set()


@pytest.mark.parametrize("name", BUILDS)
async def test_an_unknown_query_parameter_is_named(services: dict[str, Service], client: Client, name: str) -> None:
    walked = routes(services[name])
    assert len(walked) > 20
    for route in walked:
        for method in methods_of(route):
            async with client(name, caller(services[name], method, route.path)) as app:
                answer = await app.request(method, address(route), params={"nonsense": "1"}, json={"reason": "x"})
            if method == "HEAD":
                assert answer.status_code == 422, route.path
                continue
            problem = answer.json()
            assert (answer.status_code, problem["type"]) == (422, "urn:tricolor:problem:invalid-request"), route.path
            assert any(error["pointer"] == "/query/nonsense" for error in problem["errors"]), (route.path, problem)


@pytest.mark.parametrize("name", BUILDS)
async def test_a_value_that_an_enumeration_or_a_time_does_not_have_is_refused(
    services: dict[str, Service], client: Client, name: str
) -> None:
    tried = 0
    document = services[name].app.openapi()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                schema = str(parameter["schema"]) + str(refs(document, parameter["schema"]))
                if parameter["in"] != "query" or not ("enum" in schema or "'format': 'date" in schema):
                    continue
                given = "20261122" if "'format': 'date" in schema else "nonsense"
                filled = path
                for one in operation["parameters"]:
                    if one["in"] == "path":
                        filled = filled.replace(f"{{{one['name']}}}", FILLED.get(one["name"], IDENTIFIER))
                others = {one["name"]: "enterprises" for one in operation["parameters"] if one["name"] == "kind"}
                async with client(name, caller(services[name], method, path)) as app:
                    answer = await app.request(method, filled, params=others | {parameter["name"]: given})
                assert answer.status_code == 422, (method, path, parameter["name"], answer.text)
                assert f"/query/{parameter['name']}" in answer.text
                tried += 1
    assert tried


def refs(document: dict[str, Any], schema: Any) -> Iterator[Any]:
    """The schemas that `schema` refers to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for value in schema.values():
            yield from refs(document, value)
    elif isinstance(schema, list):
        for value in schema:
            yield from refs(document, value)


def models(annotation: Any, found: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """The models in `annotation`, with those nested in them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in found:
        found.add(annotation)
        for field in annotation.model_fields.values():
            models(field.annotation, found)
    for part in typing.get_args(annotation):
        models(part, found)
    return found


def bodies(service: Service) -> set[type[BaseModel]]:
    found: set[type[BaseModel]] = set()
    for route in routes(service):
        for field in route.dependant.body_params:
            models(field.field_info.annotation, found)
    return found


@pytest.mark.parametrize("name", BUILDS)
def test_no_body_drops_a_key_that_it_does_not_know(services: dict[str, Service], name: str) -> None:
    walked = bodies(services[name])
    assert any(issubclass(model, Command) for model in walked)
    loose = [model.__name__ for model in walked if model.model_config.get("extra") != "forbid"]
    assert not loose, "derive them from shared.contract.commands.Command"


@pytest.mark.parametrize("name", BUILDS)
def test_no_body_reads_digits_as_a_time(services: dict[str, Service], name: str) -> None:
    tried = 0
    for model in bodies(services[name]):
        for field in model.model_fields.values():
            try:
                kind: TypeAdapter[Any] = TypeAdapter(Annotated[(field.annotation, None, *field.metadata)])  # type: ignore[arg-type]  # composed of what the field has
                schema = to_json(kind.json_schema()).decode()
            except PydanticUserError:
                continue
            if schema.count('"format":"date') and '"object"' not in schema:
                for given in (20261122, "20261122", "1795500000"):
                    with pytest.raises(ValidationError):
                        kind.validate_python([given] if '"array"' in schema else given)
                tried += 1
    assert tried or name in {"ingest", "console"}


@pytest.mark.parametrize("name", BUILDS)
async def test_a_body_for_a_route_that_takes_none_is_not_thrown_away(
    services: dict[str, Service], client: Client, name: str
) -> None:
    bare = [
        route
        for route in routes(services[name])
        if route.body_field is None
        and methods_of(route) & {"POST", "PUT", "DELETE"}
        and "requestBody" not in (route.openapi_extra or {})
        and "/uploads" not in route.path  # speaks tus, which asks for its version first
    ]
    assert bare
    for route in bare:
        (method,) = methods_of(route)
        async with client(name, caller(services[name], method, route.path)) as app:
            answer = await app.request(method, address(route), json={"reason": "x"})
        assert answer.status_code == 422, (route.path, answer.text)
        assert "/body/reason" in answer.json()["detail"]


async def test_what_is_nested_is_named_with_its_place(client: Client) -> None:
    async with client("dispatcher", Role.OFFICER) as app:
        for position in ({"latitude": 22.5, "longitude": 113.9, "altitude": 3}, {"lat": 22.5, "lon": 113.9, "lng": 1}):
            answer = await app.post(f"/v1/assignments/{IDENTIFIER}/arrive", json={"position": position})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["pointer"] in ("/body/position/altitude", "/body/position/lon")


async def test_a_parameter_given_twice_is_not_half_taken(client: Client) -> None:
    async with client("dispatcher", Role.ADMIN) as app:
        answer = await app.get("/v1/cases?level=red&level=white")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/level"


async def test_a_state_that_no_case_can_be_in_is_refused(client: Client) -> None:
    async with client("dispatcher", Role.ADMIN) as app:
        assert (await app.get("/v1/cases?status=nonsense")).status_code == 422
        assert (await app.get("/v1/proposals?kind=nonsense")).status_code == 422


@pytest.mark.parametrize("name", BUILDS)
def test_every_instant_in_an_answer_is_shown_with_the_bureaus_offset(services: dict[str, Service], name: str) -> None:
    """A field that is a bare datetime is written in whatever zone the database answered it in."""
    answered: set[type[BaseModel]] = set()
    for route in routes(services[name]):
        models(route.response_model, answered)
        for response in route.responses.values():
            models(response.get("model"), answered)
    assert len(answered) > 10
    bare = [
        f"{model.__name__}.{field_name}"
        for model in answered
        for field_name, field in model.model_fields.items()
        if re.search(r"datetime\.datetime|AwareDatetime", said := repr((field.annotation, field.metadata)))
        and "_read_time" not in said
    ]
    assert not bare, "annotate them as shared.time.instants.Instant"
