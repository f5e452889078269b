"""The routes of API keys, for administrators: listed, created, rotated and revoked.

None of them heeds `Idempotency-Key`: an answer that holds a key is kept nowhere, so it cannot be said again.
"""

from uuid import UUID

from services.alert_ingest.handlers.api_keys import (
    ApiKey,
    KeyBody,
    NewApiKey,
    RevocationBody,
    RotationBody,
    create_key,
    revoke_key,
    rotate_key,
)
from services.alert_ingest.store import api_keys as store
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller


def router(units: UnitsOfWork[UnitOfWork]) -> Routes:
    routes = Routes(tags=["API keys"])

    @routes.get("/v1/api-keys")
    async def list_keys(paging: PagingQuery) -> Page[ApiKey]:
        """Every key of a platform, the latest first: whose, for which sources, until when, and when it was used."""
        after = None if paging.after is None else paging.after_as(UUID)[0]
        async with units.database.autocommit() as connection:
            rows = await store.list_keys(connection, after=after, limit=paging.limit + 1)
        return paging.page([ApiKey.model_validate(row) for row in rows], [(str(row.key_id),) for row in rows])

    @routes.post("/v1/api-keys", status_code=201)
    async def create(body: KeyBody, caller: Caller) -> NewApiKey:
        """Make a key. It is answered this once, and stored as a hash only."""
        async with units.open(caller) as work:
            return await create_key(work, caller.actor, body)

    @routes.post("/v1/api-keys/{key_id}/rotate", status_code=201)
    async def rotate(key_id: UUID, body: RotationBody, caller: Caller) -> NewApiKey:
        """Make a key in place of another, which is valid for some hours more."""
        async with units.open(caller) as work:
            return await rotate_key(work, caller.actor, key_id, body)

    @routes.post("/v1/api-keys/{key_id}/revoke")
    async def revoke(key_id: UUID, body: RevocationBody, caller: Caller) -> ApiKey:
        """Have a key open nothing any more, at once; a process that just saw it may take it ten seconds longer."""
        async with units.open(caller) as work:
            return await revoke_key(work, caller.actor, key_id, body)

    return routes
