"""A store in which three cases went on for three hours, and a root was signed in each."""

from pathlib import Path

import pytest

from shared.storage.database import Database
from tests.integration.evidence.store import Store


@pytest.fixture
async def store(database: Database, tmp_path: Path) -> Store:
    store = Store(database, tmp_path / "anchors" / "dispatch")
    await store.happens(1, 2, 3)
    await store.sign()
    await store.happens(1, 1, 2)
    await store.happens(1)
    await store.sign()
    await store.happens(2, 3)
    await store.sign()
    return store
