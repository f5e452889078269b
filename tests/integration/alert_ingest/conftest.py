"""alert_ingest alone, over HTTP in process, on a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import httpx
import pytest
from pydantic import SecretStr

from services.alert_ingest.build import build
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.service import Service
from shared.settings import Settings
from shared.time.clock import ManualClock, SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity


class App(Protocol):
    """Clients by role and subject."""

    def __call__(self, role: Role, subject: str = ..., station: str | None = ...) -> httpx.AsyncClient: ...


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 1, 5, tzinfo=UTC))


@pytest.fixture
async def service(
    settings: Settings, clock: ManualClock, database_url: str, broker: str, data_directory: Path
) -> AsyncIterator[Service]:
    """Built, not started: HTTP and database need no broker."""
    keyed = settings.model_copy(update={"platform_api_keys": {"legacy": SecretStr("a-key")}})
    service = build(
        settings,
        clock,
        database_url=database_url,
        kafka=settings.kafka_client(broker),
        identity=Identity.from_settings(keyed, data_directory),
    )
    yield service
    await service.stop()


@pytest.fixture
async def app(service: Service, settings: Settings, data_directory: Path) -> AsyncIterator[App]:
    """Clients by role and subject."""
    clients: list[httpx.AsyncClient] = []

    def client(role: Role, subject: str = "someone", station: str | None = None) -> httpx.AsyncClient:
        token = DevelopmentIssuer(data_directory).token(
            Principal(role=role, subject=subject, station=station), settings.oidc_audience, SystemClock().now()
        )
        clients.append(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(service.app),
                base_url="http://ingest",
                headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
            )
        )
        return clients[-1]

    yield client
    for one in clients:
        await one.aclose()
