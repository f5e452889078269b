"""The front of `serve all`: the services under their prefixes, one readiness, and the web apps at `/`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from pathlib import Path

from fastapi import Depends, FastAPI, Response
from fastapi.responses import HTMLResponse

from services.front import apps
from services.front.not_there import not_there
from services.front.passing_on import PassedOn
from shared.runtime.service import Service
from shared.web import problems
from shared.web.answer_headers import AnswerHeaders
from shared.web.app import Health
from shared.web.head import HeadLikeGet
from shared.web.known_only import known_only

PREFIXES = {"ingest": "/ingest", "dispatcher": "/dispatch", "watch": "/watch", "console": "/console"}


def front(
    services: Mapping[str, Service],
    elsewhere: Mapping[str, PassedOn] | None = None,
    identity_provider: str | None = None,
    built: Path = apps.BUILT,
    alone: str | None = None,
) -> FastAPI:
    """An app that mounts each of `services` as it is, and of others what passes on to them.

    Errors, identity and documentation stay the service's own. `identity_provider` is the origin where people sign in.
    `built` is where the build put the web apps. The service that is `alone` answers without its prefix as well, as
    every service alone does.
    """
    app = FastAPI(
        title="Tricolor 三色预警响应", openapi_url=None, redirect_slashes=False, dependencies=[Depends(known_only)]
    )
    app.add_middleware(HeadLikeGet)
    app.add_middleware(AnswerHeaders)
    problems.install(app)  # for what none of them is asked: a path with a line break is under no prefix
    for name, service in services.items():
        app.mount(PREFIXES[name], service.app)
    for name, passed_on in (elsewhere or {}).items():
        app.mount(PREFIXES[name], passed_on)

    @app.get("/healthz")
    async def healthz() -> Health:
        return Health(status="ok")

    @app.get("/readyz", responses={503: {"model": Health}})
    async def readyz(response: Response) -> Health:
        """Ready when all that run here are."""
        healths: list[Health] = await asyncio.gather(*(service.app.state.health() for service in services.values()))
        missing = {
            f"{name} {part}": fault
            for name, health in zip(services, healths, strict=True)
            for part, fault in health.missing.items()
        }
        if missing:
            response.status_code = 503
        return Health(status="unavailable" if missing else "ready", missing=missing)

    if apps.are_built(built):
        app.router.routes.extend(apps.routes(identity_provider, built))
        # Where one service answers without its prefix, it is the last that is asked for an address.
        last = app.router if alone is None else services[alone].app.router
        last.default = not_there(last.not_found, (*PREFIXES.values(), "/v1"), identity_provider, built)
    else:
        app.add_api_route("/", _unbuilt(services), response_class=HTMLResponse)
    if alone is not None:
        app.mount("", services[alone].app)
    return app


def _unbuilt(services: Mapping[str, Service]) -> Callable[[], Awaitable[str]]:
    """The page at `/` where the apps were not built: how to get them, and what there is without them."""
    links = "".join(
        f"<li><b>{escape(service.name)}</b> {escape(service.app.description)}<br>"
        + " · ".join(f'<a href="{PREFIXES[name]}/{page}">{page}</a>' for page in ("docs", "readyz", "metrics"))
        for name, service in services.items()
    )

    async def index() -> str:
        return (
            "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>Tricolor 三色预警响应</title>"
            "<h1>Tricolor 三色预警响应</h1>"
            "<p>网页应用（值班控制台、现场执法、企业端）尚未构建：在源码目录运行 <code>make web</code> 后重启。<br>"
            "The web apps are not built: run <code>make web</code> in the source tree and start again.</p>"
            f"<ul>{links}</ul></html>"
        )

    return index
