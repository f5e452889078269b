"""The OpenAPI document of a service: operations named in two languages, and every schema and problem described once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema
from pydantic_core import to_json
from starlette.routing import BaseRoute

from shared.contract.scope import Scope
from shared.contract.yaml_text import read_yaml
from shared.web.problems import COMPONENT, SCHEMA
from shared.web.routes import LateRoute, LateRoutes, Routes

Json = dict[str, Any]
_REF = "#/components/schemas/{model}"
_METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
_SHARED = Path(__file__).with_name("operations.yaml")
PROPOSALS = Path(__file__).with_name("proposals.yaml")


class Operation(BaseModel):
    """How an operation is called: for programs, and in both languages.

    `line` is its line in the table of who may call what, where another service has an operation of that id.
    """

    id: str
    zh: str
    en: str
    line: str | None = None

    @property
    def scope(self) -> str:
        """By what the table of who may call what knows it."""
        return self.line or self.id


Operations = Mapping[str, Operation]
"""By method and path (`GET /v1/cases`)."""

_OPERATIONS: TypeAdapter[dict[str, Operation]] = TypeAdapter(dict[str, Operation])


@cache
def load_operations(*paths: Path | None) -> Operations:
    """The operations that every service has, and those that `paths` name."""
    return {
        name: operation
        for one in (_SHARED, *paths)
        if one is not None
        for name, operation in _OPERATIONS.validate_python(read_yaml(one.read_text("utf-8"))).items()
    }


class ServiceApp(FastAPI):
    """An app whose document generators and linters can work with.

    `models` are those that a route reads from a body by itself, and its `openapi_extra` refers to.
    """

    def __init__(
        self,
        *,
        operations: Callable[[], Operations],
        scope: Scope,
        models: Sequence[type[BaseModel]] = (),
        **settings: Any,
    ) -> None:
        self._operations, self.scope, self._models = operations, scope, models
        # A path with a slash too many is not there: a redirect would go to `http` where a proxy ends TLS before us, and
        # clients then leave the credential behind.
        super().__init__(openapi_url=None, redirect_slashes=False, **settings)

    @cached_property
    def operations(self) -> Operations:
        """Read when the first of them is asked for."""
        return self._operations()

    def take(self, routes: Routes) -> None:
        """Answer these too. Each is made when it is first asked for."""
        self.router.routes.extend(routes.of(self.router))

    def take_when_asked(self, make: Callable[[], Iterable[Routes]]) -> None:
        """Answer also what `make` makes, which is called when the first of them may be asked for."""
        self.router.routes.append(LateRoutes(make, self.router))

    @property
    def routes(self) -> list[BaseRoute]:
        """All of them, made."""
        loaded = [
            route for one in self.router.routes for route in (one.loaded if isinstance(one, LateRoutes) else [one])
        ]
        return [one.made if isinstance(one, LateRoute) else one for one in loaded]

    def openapi(self) -> Json:
        if self.openapi_schema is None:
            self.openapi_schema = refined(super().openapi(), self.operations, self.scope, self._models)
        return self.openapi_schema


def refined(document: Json, operations: Operations, scope: Scope, models: Sequence[type[BaseModel]]) -> Json:
    """Return FastAPI's `document` with named operations, and with what it repeats made into components."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = SCHEMA
    _, of_models = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    schemas.update(of_models.get("$defs", {}))
    _drop_foreign(document)
    responses = components.setdefault("responses", {})
    for name, operation in operations_of(document):
        if (known := operations.get(name)) is not None:
            operation["operationId"] = known.id
            operation["summary"] = f"{known.zh} · {known.en}"
            operation["x-summary"] = {"zh-CN": known.zh, "en": known.en}
            if scope.is_open(known.scope):
                _open(operation)
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "header" and "array" in to_json(parameter["schema"]).decode():
                parameter["schema"] = {"type": "string"}  # a list in a header is one string with commas
        operation["responses"] = {
            status: _component(response, responses) for status, response in operation["responses"].items()
        }
    for part in (schemas, responses):
        for name in sorted(part):
            part[name] = part.pop(name)
    return document


def operations_of(document: Json) -> Iterator[tuple[str, Json]]:
    """Every operation of a document, by its method and path."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def operation_of(operations: Operations, route: APIRoute) -> str | None:
    """By what the table of who may call what knows the operation that a route is, if it is one."""
    for method in route.methods or ():
        if (known := operations.get(f"{method} {route.path_format}")) is not None:
            return known.scope
    return None


def _open(operation: Json) -> None:
    """Say of an operation that everybody may ask for it, or who has the key that its route checks."""
    keys = [one for one in operation.get("security", ()) if not {"HTTPBearer", "APIKeyHeader"} & one.keys()]
    operation["security"] = keys  # said where it is empty, not left out


def _drop_foreign(value: Any) -> None:
    """Drop what stands in FastAPI's document and not in OpenAPI 3.1.

    Bounds of instants, for which JSON Schema has no keyword, and `itemSchema`, which OpenAPI 3.2 brings.
    """
    if isinstance(value, list):
        for one in value:
            _drop_foreign(one)
    elif isinstance(value, dict):
        for bound in ("ge", "gt", "le", "lt"):
            if isinstance(value.get(bound), str):
                del value[bound]
        if "itemSchema" in value:
            del value["itemSchema"]
            value["schema"] = {"type": "string"}
        for one in value.values():
            _drop_foreign(one)


def _component(response: Json, components: Json) -> Json:
    """The response, or the reference to it where it is one that several operations have."""
    name = response.pop(COMPONENT, None)
    if name is None:
        return response
    components.setdefault(name, response)
    return {"$ref": f"#/components/responses/{name}"}
