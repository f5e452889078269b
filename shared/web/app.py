"""The HTTP app that every service has: problems, identity, health, readiness, metrics, documentation."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contract import scope as scopes
from shared.telemetry import Telemetry
from shared.web import documentation, problems
from shared.web.answer_headers import AnswerHeaders
from shared.web.bodies import BoundedBodies
from shared.web.head import HeadLikeGet
from shared.web.identity import Identity
from shared.web.known_only import known_only
from shared.web.leaving_readers import LeavingReaders
from shared.web.openapi import PROPOSALS, ServiceApp, load_operations
from shared.web.plain_bodies import PlainBodies
from shared.web.routes import Routes
from shared.web.scope import admitted

_CHECK_SECONDS = 5.0
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Check = Callable[[], Awaitable[str | None]]
"""Answers what is missing in a sentence, or None when all is well. Raising counts as missing too."""

_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


class Health(BaseModel):
    status: str
    missing: dict[str, str] = {}


def create_app(
    *,
    title: str,
    description: str,
    identity: Identity,
    telemetry: Telemetry,
    checks: Mapping[str, Check],
    operations: Path | None = None,
    models: Sequence[type[BaseModel]] = (),
    keeps_proposals: bool = True,
    scope: scopes.Scope | None = None,
) -> ServiceApp:
    """Create an app with everything but the routes of its service.

    `operations` names its operations, `models` are as `ServiceApp` takes them; `scope` says who may call them, the
    table that all services have unless another is given.
    """
    app = ServiceApp(
        title=title,
        description=description,
        version="1.0.0",
        responses=problems.RESPONSES,
        dependencies=[Depends(admitted), Depends(known_only)],
        operations=partial(load_operations, operations, PROPOSALS if keeps_proposals else None),
        models=models,
        scope=scopes.load() if scope is None else scope,
    )
    app.state.identity = identity
    if identity.missing is not None:
        checks = {**checks, "identity": identity.missing}
    problems.install(app)
    app.add_middleware(LeavingReaders)
    app.add_middleware(HeadLikeGet)
    app.add_middleware(PlainBodies)
    app.add_middleware(BoundedBodies)
    app.add_middleware(AnswerHeaders)
    app.add_middleware(_Measured, telemetry=telemetry)

    routes = Routes(tags=["operations"])

    @routes.get("/healthz")
    async def healthz() -> Health:
        """The process lives."""
        return Health(status="ok")

    async def health() -> Health:
        faults = await asyncio.gather(*(_fault(check) for check in checks.values()))
        missing = {name: fault for name, fault in zip(checks, faults, strict=True) if fault is not None}
        return Health(status="unavailable" if missing else "ready", missing=missing)

    app.state.health = health

    @routes.get("/readyz", responses={503: {"model": Health}})
    async def readyz(response: Response) -> Health:
        """Everything the service needs answers; otherwise 503, and what is missing."""
        found = await health()
        if found.missing:
            response.status_code = 503
        return found

    @routes.get("/metrics", response_class=Response, responses=_TEXT)
    async def metrics() -> Response:
        """Prometheus text format."""
        return Response(generate_latest(telemetry.registry), media_type=CONTENT_TYPE_LATEST)

    app.take(routes)
    documentation.install(app)
    return app


async def _fault(check: Check) -> str | None:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer within {_CHECK_SECONDS:.0f} s"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class _Measured:
    """Times each request, by its route's template: never by its path, whose values have no end.

    Nor by a method that no route has: a caller may send any word as one, and each would be a series for ever.
    """

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app, self._telemetry = app, telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._telemetry.requests.labels(method, route, str(status)).observe(time.perf_counter() - started)
