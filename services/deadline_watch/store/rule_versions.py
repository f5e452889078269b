"""The versions of calendar and policy, as the database has them.

Whoever computes a clock reads them under a lock that a change waits for, and a change moves the running clocks in its
own transaction: so no clock is ever left behind on what was in force before.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Row, Table, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain import policy
from services.deadline_watch.domain.calendar import WorkingCalendar, Year
from services.deadline_watch.domain.policy import DeadlinePolicy
from services.deadline_watch.domain.rules_in_force import RulesInForce
from shared.time.clock import Clock

_LOCK = "select pg_advisory_xact_lock{}(hashtext('tricolor.regime'))"
_SHIPPED = {"reason": "shipped with the software", "moves": {}}
_SYSTEM = "system:tricolor"


class RuleVersions:
    """Reads calendars and policies from the database, each version once.

    An empty database is given what is shipped with the software as its first version.
    """

    def __init__(self, shipped_calendar: WorkingCalendar, shipped_policy: str, clock: Clock) -> None:
        self._calendar, self._clock = shipped_calendar, clock
        self._policy = shipped_policy, DeadlinePolicy.parse(shipped_policy)
        self._calendars: dict[str, WorkingCalendar] = {}
        self._policies: dict[str, DeadlinePolicy] = {}

    @classmethod
    def shipped(cls, clock: Clock) -> Self:
        """With the calendar and policy that come with the software. Raises Invalid where they cannot be used."""
        return cls(WorkingCalendar.load(), policy.DATA.read_text(encoding="utf-8"), clock)

    async def in_force(self, connection: AsyncConnection) -> RulesInForce:
        """The calendar and policies in force, which nobody changes until the transaction ends."""
        await connection.execute(text(_LOCK.format("_shared")))
        return await self._read(connection)

    async def to_change(self, connection: AsyncConnection) -> RulesInForce:
        """The same, for whoever changes them: nobody computes a clock until the transaction ends."""
        await connection.execute(text(_LOCK.format("")))
        return await self._read(connection)

    async def _read(self, connection: AsyncConnection) -> RulesInForce:
        calendars, policies = tables.calendars.c, tables.policies.c
        version = await connection.scalar(select(calendars.version).order_by(calendars.position.desc()).limit(1))
        published = (await connection.execute(select(policies.version).order_by(policies.position))).scalars().all()
        if version is None or not published:
            await self._keep_shipped(connection)
            return await self._read(connection)
        if version not in self._calendars:
            years = await connection.scalar(select(calendars.years).where(calendars.version == version))
            self._calendars[version] = WorkingCalendar.of(
                version, {int(year): Year.model_validate(entry) for year, entry in (years or {}).items()}
            )
        for one in published:
            if one not in self._policies:
                row = (await connection.execute(select(tables.policies).where(policies.version == one))).one()
                self._policies[one] = in_force_from(DeadlinePolicy.parse(row.body), row.effective_from)
        return RulesInForce(self._calendars[version], [self._policies[one] for one in published])

    async def _keep_shipped(self, connection: AsyncConnection) -> None:
        now, (body, first) = self._clock.now(), self._policy
        await connection.execute(
            upsert(tables.calendars)
            .values(
                version=self._calendar.version,
                years=entries(self._calendar),
                imported_by=_SYSTEM,
                imported_at=now,
                **_SHIPPED,
            )
            .on_conflict_do_nothing()
        )
        await connection.execute(
            upsert(tables.policies)
            .values(
                version=first.version,
                effective_from=first.effective_from,
                body=body,
                published_by=_SYSTEM,
                published_at=now,
                **_SHIPPED,
            )
            .on_conflict_do_nothing()
        )


async def calendar_versions(connection: AsyncConnection) -> set[str]:
    """The versions that calendars were given so far."""
    return set(await connection.scalars(select(tables.calendars.c.version)))


async def keep_calendar(connection: AsyncConnection, calendar: WorkingCalendar, **record: Any) -> None:
    """Make `calendar` the one in force; `record` says of which year, why, by whom, when, and what moved."""
    await connection.execute(
        insert(tables.calendars).values(version=calendar.version, years=entries(calendar), **record)
    )


async def keep_policy(connection: AsyncConnection, policy: DeadlinePolicy, body: str, **record: Any) -> None:
    """Publish `policy`, written as `body`."""
    await connection.execute(
        insert(tables.policies).values(
            version=policy.version, effective_from=policy.effective_from, body=body, **record
        )
    )


async def list_calendars(connection: AsyncConnection, *, after: int | None, limit: int) -> Sequence[Row[Any]]:
    """Every calendar that was in force, the latest first, from the one before position `after` on."""
    return await _listed(connection, tables.calendars, after, limit)


async def list_policies(connection: AsyncConnection, *, after: int | None, limit: int) -> Sequence[Row[Any]]:
    """Every deadline policy that was published, the latest first, from the one before position `after` on."""
    return await _listed(connection, tables.policies, after, limit)


async def _listed(connection: AsyncConnection, table: Table, after: int | None, limit: int) -> Sequence[Row[Any]]:
    statement = select(table).order_by(table.c.position.desc()).limit(limit)
    if after is not None:
        statement = statement.where(table.c.position < after)
    return (await connection.execute(statement)).all()


def entries(calendar: WorkingCalendar) -> dict[str, Any]:
    """The calendar's years as JSON, by number."""
    return {str(number): year.model_dump(mode="json") for number, year in calendar.years.items()}


def in_force_from(policy: DeadlinePolicy, effective_from: datetime) -> DeadlinePolicy:
    """`policy` with another instant of taking effect."""
    return policy.model_copy(update={"effective_from": effective_from})
