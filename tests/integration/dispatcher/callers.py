"""Some routers of the dispatcher behind the HTTP side that every service has, and the apps that call them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from services.dispatcher import api
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.settings import Settings
from shared.telemetry import Telemetry
from shared.web.app import create_app
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity
from shared.web.routes import Routes

OPERATIONS = Path(api.__file__).with_name("operations.yaml")


class Api:
    """`data` is where the issuer of its tokens keeps the key."""

    def __init__(self, settings: Settings, data: Path, *routers: Routes) -> None:
        self._audience, self._issuer = settings.oidc_audience, DevelopmentIssuer(data)
        self._app = create_app(
            title="dispatcher",
            description="",
            identity=Identity.from_settings(settings, data),
            telemetry=Telemetry("dispatcher"),
            checks={},
            operations=OPERATIONS,
        )
        for router in routers:
            self._app.take(router)

    @asynccontextmanager
    async def app(
        self,
        role: Role,
        subject: str = "someone",
        *,
        station: str | None = None,
        enterprise: str | None = None,
        life: timedelta = timedelta(days=1),
    ) -> AsyncIterator[httpx.AsyncClient]:
        """An app with the token of `role`."""
        principal = Principal(role=role, subject=subject, station=station, enterprise=enterprise)
        token = self._issuer.token(principal, self._audience, datetime.now(UTC), life)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app),
            base_url="http://dispatcher",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
        ) as client:
            yield client
