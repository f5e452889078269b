"""The services as they are built, without anything behind them: what the door refuses never gets further."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from services.alert_ingest.build import build as build_ingest
from services.console.build import build as build_console
from services.deadline_watch.build import build as build_watch
from services.dispatcher.build import build as build_dispatcher
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.service import Service
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity

BUILDS = {"ingest": build_ingest, "dispatcher": build_dispatcher, "watch": build_watch, "console": build_console}
NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"


@pytest.fixture(scope="session")
def door_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("doors")


@pytest.fixture(scope="session")
def services(door_directory: Path) -> dict[str, Service]:
    settings = Settings(oidc_issuer=None, platform_api_keys={}, attachments_url=f"file://{door_directory}")
    identity = Identity.from_settings(settings, door_directory)
    return {
        name: build(settings, SystemClock(), database_url=NOWHERE, kafka={}, identity=identity)
        for name, build in BUILDS.items()
    }


@pytest.fixture
def client(services: dict[str, Service], door_directory: Path) -> Callable[[str, Role], httpx.AsyncClient]:
    def client(service: str, role: Role) -> httpx.AsyncClient:
        principal = Principal(role=role, subject="somebody", station="xinan")
        token = DevelopmentIssuer(door_directory).token(principal, "tricolor", SystemClock().now())
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(services[service].app),
            base_url="http://service",
            headers={"Authorization": f"Bearer {token}"},
        )

    return client
