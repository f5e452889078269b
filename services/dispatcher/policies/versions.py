"""The versions of the dispatch policy, as the database has them.

The version in force at the instant of a unit of work decides everything in it. It is looked up under a lock that
publishing waits for, and a version cannot take effect sooner than `LEAD` after it is published: so two replicas never
decide one moment by two policies, as long as their clocks agree to within that.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import Row, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.domain.policy import DATA, DispatchPolicy

LEAD = timedelta(seconds=10)
_LOCK = "select pg_advisory_xact_lock{}(hashtext('tricolor.dispatch_policies'))"
_POLICIES = tables.policies.c


class DispatchPolicies:
    """Reads each version once. What is shipped is the first version of an empty database."""

    def __init__(self, shipped: str) -> None:
        self._shipped = shipped, DispatchPolicy.parse(shipped)
        self._read: dict[str, DispatchPolicy] = {}

    @classmethod
    def shipped(cls) -> Self:
        """With the policy that comes with the software. Raises Invalid where it cannot be used."""
        return cls(DATA.read_text(encoding="utf-8"))

    async def in_force(self, connection: AsyncConnection, now: datetime) -> DispatchPolicy:
        """The policy that decides at `now`, until the transaction ends: publishing waits for it."""
        await connection.execute(text(_LOCK.format("_shared")))
        return await self.at(connection, now)

    async def at(self, connection: AsyncConnection, now: datetime) -> DispatchPolicy:
        """The same for who decides nothing by it; before any came into force, the first one."""
        found = select(_POLICIES.version, _POLICIES.effective_from).order_by(
            (_POLICIES.effective_from <= now).desc(),
            func.abs(func.extract("epoch", _POLICIES.effective_from - now)),  # the nearest of those
            _POLICIES.position.desc(),
        )
        row = (await connection.execute(found.limit(1))).one_or_none()
        if row is None:
            await self._keep_shipped(connection, now)
            return await self.at(connection, now)
        if row.version not in self._read:
            body = await connection.scalar(select(_POLICIES.body).where(_POLICIES.version == row.version))
            self._read[row.version] = in_force_from(DispatchPolicy.parse(str(body)), row.effective_from)
        return self._read[row.version]

    async def _keep_shipped(self, connection: AsyncConnection, now: datetime) -> None:
        body, first = self._shipped
        await connection.execute(
            upsert(tables.policies)
            .values(
                version=first.version,
                effective_from=first.effective_from,
                body=body,
                reason="shipped with the software",
                published_by="system:tricolor",
                published_at=now,
                preview={},
            )
            .on_conflict_do_nothing()
        )


async def lock_to_publish(connection: AsyncConnection) -> None:
    """Wait until nobody decides by any policy, and let nobody until the transaction ends."""
    await connection.execute(text(_LOCK.format("")))


async def is_published(connection: AsyncConnection, version: str) -> bool:
    return bool(await connection.scalar(select(func.count()).where(_POLICIES.version == version)))


async def keep_policy(connection: AsyncConnection, policy: DispatchPolicy, body: str, **record: Any) -> None:
    """Publish `policy`, written as `body`; `record` says why, by whom, when, and what it was said to change."""
    await connection.execute(
        insert(tables.policies).values(
            version=policy.version, effective_from=policy.effective_from, body=body, **record
        )
    )


async def list_policies(connection: AsyncConnection, *, after: int | None, limit: int) -> Sequence[Row[Any]]:
    """Every dispatch policy that was published, the latest first, from the one before position `after` on."""
    statement = select(tables.policies).order_by(_POLICIES.position.desc()).limit(limit)
    if after is not None:
        statement = statement.where(_POLICIES.position < after)
    return (await connection.execute(statement)).all()


def in_force_from(policy: DispatchPolicy, effective_from: datetime) -> DispatchPolicy:
    """`policy` with another instant of taking effect."""
    return policy.model_copy(update={"effective_from": effective_from})
