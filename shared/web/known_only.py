"""What a request may carry: nothing that its route does not know, for that would be lost in silence.

A misspelt filter answered other records than were asked for, and looked like an answer.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute
from pydantic_core import from_json

from shared.contract.repeated_keys import repeated_key

_SHOWN_BYTES = 64 * 1024
"""A body that nobody asked for is looked at to name what it says; of one beyond this, that it came is enough."""


async def known_only(request: Request) -> None:
    """Refuse parameters that the route does not know or takes once only, and a JSON body where it takes none.

    A key that stands twice in a JSON body is refused as well: one of its values would be lost.

    A dependency of every route: `FastAPI(dependencies=[Depends(known_only)])`. Bodies that routes do take are
    `Command`s, which refuse what they do not know themselves. Raises RequestValidationError naming each.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    errors = list(_parameters(request, route))
    if not errors and _takes_no_body(route):
        errors = [_unknown(("body", name)) for name in await _unasked(request)]
    elif not errors and route.body_field is not None and _says_json(request):
        key = repeated_key(await request.body())
        errors = [] if key is None else [_repeated(("body", key))]
    if errors:
        raise RequestValidationError(errors)


def query_parameters(route: APIRoute) -> dict[str, bool]:
    """The names of the parameters that the route takes in its query, and whether each may come more than once."""
    return {
        str(field.field_info.validation_alias or field.alias): field.field_info.annotation is list
        or getattr(field.field_info.annotation, "__origin__", None) is list
        for field in get_flat_params(route.dependant)
        if isinstance(field.field_info, Query)
    }


def _parameters(request: Request, route: APIRoute) -> Iterator[dict[str, Any]]:
    given = request.query_params
    if not given:
        return
    known = query_parameters(route)
    for name in given:
        if name not in known:
            yield _unknown(("query", name), sorted(known))
        elif not known[name] and len(given.getlist(name)) > 1:
            yield _repeated(("query", name))


def _takes_no_body(route: APIRoute) -> bool:
    return route.body_field is None and "requestBody" not in (route.openapi_extra or {})


async def _unasked(request: Request) -> list[str]:
    """What a JSON body says to a route that takes none: an empty one says nothing."""
    if not _says_json(request):
        return []
    if int(request.headers.get("content-length") or _SHOWN_BYTES) > _SHOWN_BYTES:
        return ["*"]
    try:
        said = from_json(await request.body() or b"null")
    except ValueError:
        return ["*"]
    if isinstance(said, dict):
        return list(said)
    return [] if said is None else ["*"]


def _repeated(place: tuple[str, str]) -> dict[str, Any]:
    return {"type": "repeated", "loc": place, "msg": "Given more than once; it is taken once only"}


def _says_json(request: Request) -> bool:
    return "json" in request.headers.get("content-type", "")


def _unknown(place: tuple[str, str], known: list[str] | None = None) -> dict[str, Any]:
    listed = f"; it takes {', '.join(known)}" if known else ""
    return {"type": "extra_forbidden", "loc": place, "msg": f"Not known here{listed}"}
