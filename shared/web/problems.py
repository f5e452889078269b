"""Errors over HTTP: RFC 9457 problem details with a stable type, a plain sentence, and what to do next.

The sentence is in the language that the caller prefers.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared.contract.refusals import (
    ConditionMissing,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    Stale,
    TooLarge,
    Unavailable,
    Unsupported,
)
from shared.storage.database import ERRORS, is_transient, is_unstorable
from shared.web.languages import Language, in_chinese, language_of

MEDIA_TYPE = "application/problem+json"
_BRANCH = re.compile(r"(str-enum|enum|literal|list|dict|function-[a-z]+)\[")
"""How pydantic calls one of several types that it tried."""

_TEXT = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "urn:tricolor:problem:…; stable, for programs"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened to this request, for a person"},
        "instance": {"type": "string", "description": "the path it happened to"},
    },
}
"""A problem in JSON Schema; members of its own kind (`allowed`, `errors`, …) stand beside these."""

COMPONENT = "x-component"
"""In what a route documents: the name under which the document describes a response once, for all that have it."""


def documented(description: str, component: str | None = None) -> dict[str, Any]:
    """Describe a response that is a problem, for OpenAPI; several routes answer what has the name of a `component`."""
    response = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return response if component is None else response | {COMPONENT: component}


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": documented("The request cannot be met; `type` and `detail` say why", "Refused"),
    "5XX": documented("Not possible just now, or a failure on our side; nothing was applied", "Failed"),
}
"""What every route may answer besides its own, for `FastAPI(responses=…)`."""
NOT_POSSIBLE_NOW: dict[int | str, dict[str, Any]] = {
    409: documented("Not possible now; `allowed` says what is", "NotPossibleNow")
}


class Problem(Exception):  # noqa: N818  RFC 9457 calls it a problem, and so do the clients
    """An error that a caller can understand and act on.

    `slug` names the kind for programs and never changes; `detail` tells a person what happened to this
    request; further members (`allowed`, `errors`, …) stand beside them in the body.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.slug, self.title, self.detail = status, slug, title, detail
        self.headers, self.members = headers, members

    def document(self, language: Language) -> dict[str, Any]:
        """Return the problem's members in `language`, without the instance it happened to."""
        document = {
            "type": f"urn:tricolor:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        } | self.members
        return document if language == "en" else in_chinese(document)

    def response(self, request: Request) -> Response:
        language = language_of(request.headers.get("accept-language"))
        return Response(
            to_json(self.document(language) | {"instance": request.url.path}),
            status_code=self.status,
            media_type=MEDIA_TYPE,
            headers={**(self.headers or {}), "Content-Language": language, "Vary": "Accept-Language"},
        )


_STATUS: Mapping[type[Refusal], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Stale: 412,
    ConditionMissing: 428,
    Invalid: 422,
    TooLarge: 413,
    Unsupported: 415,
    Unavailable: 503,
}


def problem_of(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Problem:
    """Return the refusal as HTTP answers it: the one place where a reason gets a status."""
    status = next(_STATUS[kind] for kind in type(refusal).__mro__ if kind in _STATUS)
    if isinstance(refusal, Unavailable):
        headers = {"Retry-After": str(refusal.retry_after_seconds)}
    return Problem(status, refusal.code, refusal.heading, refusal.detail, headers=headers, **refusal.members)


def install(app: FastAPI) -> None:
    """Answer every error of `app`, the framework's own included, as a problem."""

    async def problem(request: Request, error: Exception) -> Response:
        if isinstance(error, Problem):
            return error.response(request)
        if isinstance(error, Refusal):
            return problem_of(error).response(request)
        if isinstance(error, RequestValidationError):
            errors = [{"pointer": _pointer(item["loc"]), "detail": item["msg"]} for item in error.errors()]
            first = errors[0]
            return Problem(
                422,
                "invalid-request",
                "The request does not fit the contract",
                f"{first['pointer']}: {first['detail']}",
                errors=errors,
            ).response(request)
        if isinstance(error, HTTPException):
            return _of_framework(error).response(request)
        raise error

    async def database(request: Request, error: Exception) -> Response:
        if is_transient(error):
            return Problem(
                503,
                "unavailable",
                "Not available just now",
                "The database does not answer; nothing was applied. Try again.",
                headers={"Retry-After": "2"},
            ).response(request)
        if is_unstorable(error):
            return Problem(
                422, "invalid-request", "Not storable", "A value holds a character or number that cannot be stored."
            ).response(request)
        raise error

    ours = (Problem, Refusal, RequestValidationError, HTTPException)
    handlers = dict.fromkeys(ours, problem) | dict.fromkeys(ERRORS, database)
    for kind, handler in (handlers | {ClientDisconnect: _gone, Exception: _unexpected}).items():
        app.add_exception_handler(kind, handler)


def _of_framework(error: HTTPException) -> Problem:
    """What the framework raised; while it reads a body it lets nothing else through, so ours may be the cause."""
    cause = error.__cause__
    if isinstance(cause, Problem):
        return cause
    if isinstance(cause, Refusal):
        return problem_of(cause)
    title = str(error.detail)
    return Problem(error.status_code, f"http-{error.status_code}", title, title, headers=error.headers)


def _pointer(place: Iterable[str | int]) -> str:
    """Where in the request it is; which of several types was tried there (`literal['a']`) is no part of that."""
    return "/" + "/".join(str(part) for part in place if not _BRANCH.match(str(part)))


async def _gone(request: Request, error: Exception) -> Response:
    del error  # answered for the record of requests: nobody is there to read it
    return Problem(
        400, "incomplete", "Incomplete", "The connection ended before the body did; nothing was applied."
    ).response(request)


async def _unexpected(request: Request, error: Exception) -> Response:
    del error  # logged by the server with its traceback; the caller learns nothing of our insides
    return Problem(
        500,
        "internal",
        "Internal error",
        "The request failed on our side; it was not applied. Try again.",
    ).response(request)
