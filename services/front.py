"""The front of `serve all`: the three apps under their prefixes, one readiness, and a page that leads to them."""

import asyncio
from collections.abc import Mapping
from html import escape

import httpx
from fastapi import Depends, FastAPI, Response
from fastapi.responses import HTMLResponse

from shared.runtime.service import Service
from shared.web import problems
from shared.web.app import Health
from shared.web.head import HeadLikeGet
from shared.web.known_only import known_only

PREFIXES = {"ingest": "/ingest", "dispatcher": "/dispatch", "watch": "/watch"}


def front(services: Mapping[str, Service]) -> FastAPI:
    """An app that mounts each of `services` as it is. Errors, identity and documentation stay the service's own."""
    app = FastAPI(
        title="Tricolor 三色预警响应", openapi_url=None, redirect_slashes=False, dependencies=[Depends(known_only)]
    )
    app.add_middleware(HeadLikeGet)
    problems.install(app)  # for what none of the three is asked: a path with a line break is under no prefix
    for name, service in services.items():
        app.mount(PREFIXES[name], service.app)

    @app.get("/healthz")
    async def healthz() -> Health:
        return Health(status="ok")

    @app.get("/readyz", responses={503: {"model": Health}})
    async def readyz(response: Response) -> Health:
        """Ready when all three are."""
        healths = await asyncio.gather(*(_health(service) for service in services.values()))
        missing = {
            f"{name} {part}": fault
            for name, health in zip(services, healths, strict=True)
            for part, fault in health.missing.items()
        }
        if missing:
            response.status_code = 503
        return Health(status="unavailable" if missing else "ready", missing=missing)

    @app.get("/", response_class=HTMLResponse)
    async def index() -> str:
        links = "".join(
            f"<li><b>{escape(service.name)}</b> {escape(service.app.description)}<br>"
            + " · ".join(f'<a href="{PREFIXES[name]}/{page}">{page}</a>' for page in ("docs", "readyz", "metrics"))
            for name, service in services.items()
        )
        return (
            f"<!doctype html><meta charset=utf-8><title>Tricolor</title><h1>Tricolor 三色预警响应</h1><ul>{links}</ul>"
        )

    return app


async def _health(service: Service) -> Health:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as client:
        return Health.model_validate_json((await client.get("/readyz")).content)
