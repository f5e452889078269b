"""The versions of the rule book: which one is in force, and how a new one comes into force.

The book in force at an event's receipt decides. It is looked up in the transaction that grades, under a lock that
publishing waits for, and a book cannot take effect sooner than `LEAD` after it is published: so two replicas never
grade one moment with two books, as long as their clocks agree to within that.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.rule_book import loading
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.diff import changes
from shared.contract.refusals import Conflict, NotFound
from shared.storage.direct import fetch_value
from shared.time.clock import Clock

LEAD = timedelta(seconds=10)
_LOCK = "select pg_advisory_xact_lock{}(hashtext('tricolor.rule_books'))"
_LOCK_SHARED = text(_LOCK.format("_shared"))
# Of those in force the latest, else the first to come: the one that is nearest.
_AT = """
    select version from ingest.rule_books
     order by effective_from <= cast($1 as timestamptz) desc,
              abs(extract(epoch from effective_from - cast($1 as timestamptz))), position desc
     limit 1
"""
_BOOKS = tables.rule_books.c
_REFUSED = "Not published"


class RuleBooks:
    """Every version of the rule book, read once and cached. `shipped` is the first one of an empty database."""

    def __init__(self, shipped: str) -> None:
        self._shipped = (shipped, loading.published(shipped))
        self._cache: dict[str, RuleBook] = {}
        self._cached_reach: tuple[int, timedelta] | None = None

    async def in_force(self, connection: AsyncConnection, now: datetime) -> RuleBook:
        """Return the book that decides at `now`; before any came into force, the first one."""
        await connection.execute(_LOCK_SHARED)
        version = await self._version_at(connection, now)
        if version is None:
            await self._keep_shipped(connection, now)
            version = await self._version_at(connection, now)
            assert version is not None  # noqa: S101  stored above, here or by another replica
        return await self.version(connection, version)

    async def version_or_first(self, connection: AsyncConnection, version: str) -> RuleBook:
        """Return the book of `version`, or the first one for an alert from before books were stored."""
        try:
            return await self.version(connection, version)
        except NotFound:
            first = await connection.scalar(select(_BOOKS.version).order_by(_BOOKS.position).limit(1))
            return await self.version(connection, str(first))

    async def history_reach(self, connection: AsyncConnection) -> timedelta:
        """Return how far back the history of any book looks: a late arrival may change alerts that much later."""
        if self._cached_reach is None or self._cached_reach[0] != len(self._cache):
            for version in await connection.scalars(select(_BOOKS.version)):
                await self.version(connection, version)
            self._cached_reach = len(self._cache), max(book.history_reach for book in self._cache.values())
        return self._cached_reach[1]

    async def version(self, connection: AsyncConnection, version: str) -> RuleBook:
        """Return the book of `version`, in force or not. Raises NotFound."""
        if version not in self._cache:
            row = (
                await connection.execute(select(_BOOKS.body, _BOOKS.effective_from).where(_BOOKS.version == version))
            ).one_or_none()
            if row is None:
                raise NotFound("rule book", version)
            self._cache[version] = in_force_from(loading.published(row.body), row.effective_from)
        return self._cache[version]

    async def publish(
        self,
        connection: AsyncConnection,
        body: str,
        *,
        effective_from: datetime | None,
        author: str,
        confirmed_by: str | None,
        reason: str,
        clock: Clock,
    ) -> Row[Any]:
        """Store the book in `body`, to be in force from `effective_from`, or else from the instant it names itself.

        Answers its row of `ingest.rule_books`. The clock is read once nobody grades any more: whoever waited for the
        lock must not publish what is in force already.

        Raises RuleBookInvalid for a book that is not valid, Conflict for one that may not come into force.
        """
        await connection.execute(text(_LOCK.format("")))
        now = clock.now()
        book, changed = await self.preview(connection, body, effective_from, now)
        published = await connection.execute(
            insert(tables.rule_books)
            .returning(tables.rule_books)
            .values(
                version=book.version,
                effective_from=book.effective_from,
                body=body,
                changes=changed,
                reason=reason,
                published_by=author,
                published_at=now,
                confirmed_by=confirmed_by,
            )
        )
        row: Row[Any] = published.one()
        return row

    async def preview(
        self, connection: AsyncConnection, body: str, effective_from: datetime | None, now: datetime
    ) -> tuple[RuleBook, list[dict[str, Any]]]:
        """Return the book in `body` as it would come into force if published now, and what it would change.

        Raises as `publish` does.
        """
        book = loading.parse(body)
        book = in_force_from(book, effective_from or max(book.effective_from, now + LEAD))
        if book.effective_from < now + LEAD:
            raise Conflict(
                "effective-too-soon", f"a book takes effect in {LEAD.seconds} seconds at the soonest", title=_REFUSED
            )
        before = await self.in_force(connection, book.effective_from)
        if await connection.scalar(select(func.count()).where(_BOOKS.version == book.version)):
            raise Conflict(
                "version-exists", f"version {book.version} was published; a change is a new version", title=_REFUSED
            )
        return book, changes(before, book)

    async def _version_at(self, connection: AsyncConnection, now: datetime) -> str | None:
        """Of books with the same effective instant the one published last."""
        found: str | None = await fetch_value(connection, _AT, now)
        return found

    async def _keep_shipped(self, connection: AsyncConnection, now: datetime) -> None:
        body, book = self._shipped
        await connection.execute(
            text("""
                insert into ingest.rule_books
                       (version, effective_from, body, changes, reason, published_by, published_at)
                values (:version, :effective_from, :body, '[]', 'shipped with the software', 'system:tricolor', :now)
                on conflict (version) do nothing
            """),
            {"version": book.version, "effective_from": book.effective_from, "body": body, "now": now},
        )


async def list_rule_books(connection: AsyncConnection, *, after: int | None, limit: int) -> Sequence[Row[Any]]:
    """Every book that was published, the latest first, from the one before position `after` on."""
    statement = select(tables.rule_books).order_by(_BOOKS.position.desc()).limit(limit)
    if after is not None:
        statement = statement.where(_BOOKS.position < after)
    return (await connection.execute(statement)).all()


def in_force_from(book: RuleBook, effective_from: datetime) -> RuleBook:
    """`book` with another instant of coming into force."""
    return book if book.effective_from == effective_from else book.but(effective_from=effective_from)
