"""API keys of platforms: created, rotated with an overlap, revoked, and recognised when one comes."""

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Row

from services.alert_ingest.domain.api_keys import LONGEST_LIFE, LONGEST_OVERLAP, digest_of, is_valid, new_key
from services.alert_ingest.domain.fields import Reason
from services.alert_ingest.store import api_keys as store
from shared.contract.commands import Command
from shared.contract.events import Actor
from shared.contract.platform_keys import KnownKey
from shared.contract.principal import Credential, Name, Principal
from shared.contract.refusals import Conflict, NotFound
from shared.contract.roles import Role
from shared.evidence.domain.facts import act
from shared.evidence.domain.records import Fact
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.database import Database
from shared.time.identifiers import identifier
from shared.time.instants import Instant

CREATED, SHORTENED, REVOKED = (f"cn.tricolor.api_key.{step}.v1" for step in ("created", "shortened", "revoked"))
REMEMBERED_SECONDS = 10.0
"""How long a key that was looked up is not looked up again: what is revoked may still work so long."""
_NOTED_SECONDS = 60.0
_MOST_REMEMBERED = 10_000
Platform = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=r"^[^\x00]*$")]
Days = Annotated[int, Field(ge=1, le=LONGEST_LIFE.days, description="how long it is valid")]


class KeyBody(Command):
    """A key for a platform, by the name of it that records show.

    `sources` are the CloudEvents `source`s that it may push and read. With `signed`, bodies are taken only with a
    signature (docs/operations/api-keys.md).
    """

    platform: Platform
    sources: Annotated[list[Name], Field(min_length=1, max_length=100)]
    days: Days = 365
    signed: bool = False


class RotationBody(Command):
    """The old key is valid for `overlap_hours` more, so that the platform changes it without a gap."""

    overlap_hours: Annotated[float, Field(ge=0, le=LONGEST_OVERLAP / timedelta(hours=1))] = 72
    days: Days = 365


class RevocationBody(Command):
    reason: Reason


class ApiKey(BaseModel):
    """A key of a platform, without what it is: `shown` is how it begins."""

    model_config = ConfigDict(from_attributes=True)

    key_id: UUID
    platform: str
    shown: str
    sources: list[str]
    signed: bool
    created_by: str
    created_at: Instant
    expires_at: Instant | None
    replaces: UUID | None
    last_used_at: Instant | None
    revoked_at: Instant | None
    revoked_by: str | None
    revoke_reason: str | None


class NewApiKey(ApiKey):
    """With the `key` itself. It is said this once, and kept nowhere."""

    key: str

    @classmethod
    def of(cls, row: Row[Any], key: str) -> Self:
        return cls.model_validate({**row._mapping, "key": key})


async def create_key(work: UnitOfWork, by: Actor, given: KeyBody) -> NewApiKey:
    """Make a key."""
    return await _make(work, by, given.platform, given.sources, given.days, signed=given.signed)


async def rotate_key(work: UnitOfWork, by: Actor, key_id: UUID, given: RotationBody) -> NewApiKey:
    """Make a key in place of another, which ends soon. Raises NotFound, Conflict."""
    old = await _lock_valid(work, key_id)
    ends = work.now + timedelta(hours=given.overlap_hours)
    if old.expires_at is None or ends < old.expires_at:
        ending = ApiKey.model_validate(await store.change(work.connection, key_id, {"expires_at": ends}))
        work.record(_kept(SHORTENED, ending, by))
    return await _make(work, by, old.platform, old.sources, given.days, signed=old.signed, replaces=key_id)


async def revoke_key(work: UnitOfWork, by: Actor, key_id: UUID, given: RevocationBody) -> ApiKey:
    """Have a key open nothing any more. Raises NotFound, Conflict."""
    await _lock_valid(work, key_id)
    revoked = {"revoked_at": work.now, "revoked_by": by.subject, "revoke_reason": given.reason}
    key = ApiKey.model_validate(await store.change(work.connection, key_id, revoked))
    work.record(_kept(REVOKED, key, by))
    return key


async def _make(
    work: UnitOfWork,
    by: Actor,
    platform: str,
    sources: list[str],
    days: int,
    *,
    signed: bool,
    replaces: UUID | None = None,
) -> NewApiKey:
    key = new_key()
    row = await store.add(
        work.connection,
        {
            "key_id": identifier(work.now),
            "platform": platform,
            "shown": key.shown,
            "digest": key.digest,
            "signing": key.signing,
            "sources": list(dict.fromkeys(sources)),
            "signed": signed,
            "created_by": by.subject,
            "created_at": work.now,
            "expires_at": work.now + timedelta(days=days),
            "replaces": replaces,
        },
    )
    work.record(_kept(CREATED, ApiKey.model_validate(row), by))
    return NewApiKey.of(row, key.text)


def _kept(type_: str, key: ApiKey, by: Actor) -> Fact:
    """What is kept as evidence of a key: all but what it is."""
    return act(type_, f"api-key:{key.key_id}", key, actor=by)


async def _lock_valid(work: UnitOfWork, key_id: UUID) -> Row[Any]:
    row = await store.lock(work.connection, key_id)
    if row is None:
        raise NotFound("API key", key_id)
    if not is_valid(row.expires_at, row.revoked_at, work.now):
        raise Conflict("key-ended", "The key is not valid any more; make another.", title="Ended already")
    return row


class StoredKeys:
    """Recognises the keys that come, by the host's real clock, as tokens are judged."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, tuple[float, Row[Any] | None]] = {}
        self._noted: dict[UUID, float] = {}

    async def find(self, key: str) -> KnownKey | None:
        """The key, where it is known and valid now."""
        row = await self._row(digest_of(key))
        now = datetime.now(UTC)
        if row is None or not is_valid(row.expires_at, row.revoked_at, now):
            return None
        if time.monotonic() - self._noted.get(row.key_id, float("-inf")) >= _NOTED_SECONDS:
            self._noted[row.key_id] = time.monotonic()
            async with self._database.transaction() as connection:
                await store.note_use(connection, row.key_id, now)
        principal = Principal(
            role=Role.PLATFORM,
            subject=row.platform,
            sources=tuple(row.sources),
            credential=Credential(f"key:{row.key_id}", "api-key"),
        )
        return KnownKey(row.key_id, principal, row.signing if row.signed else None)

    async def use_nonce(self, key_id: UUID, nonce: str, until: datetime) -> bool:
        """Whether this is the first use of a nonce: whichever process took the first."""
        async with self._database.transaction() as connection:
            return await store.use_nonce(connection, key_id, nonce, datetime.now(UTC), until)

    async def _row(self, digest: bytes) -> Row[Any] | None:
        looked_at, row = self._known.get(digest, (float("-inf"), None))
        if time.monotonic() - looked_at < REMEMBERED_SECONDS:
            return row
        async with self._database.autocommit() as connection:
            row = await store.find(connection, digest)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[digest] = (time.monotonic(), row)
        return row
