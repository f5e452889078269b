"""Somebody who has no credential, and the world that is attacked."""

import httpx
import pytest

from shared.contract.roles import Role
from tests.world import World


@pytest.fixture
async def stranger(the_world: World) -> httpx.AsyncClient:
    """A client that says nothing of itself."""
    app = await the_world.app(Role.AUDITOR)
    app.headers.pop("authorization")
    return app
