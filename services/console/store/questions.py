"""Questions put together of conditions, each with its values: what lists, searches and exports ask."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.terms import asked, asked_terms

FEW_MATTERS, SOME_MATTERS = 400, 1_500
"""Of few the rows are read matter by matter; of more, in the order asked for, passing over what does not fit. Where
that passes over too much, some are still read matter by matter."""
_PASSED = (500, 2_000, 8_000)
"""How many rows are looked at one portion after another, before a search ends without a whole page."""


class After(NamedTuple):
    """Where a page goes on: the sorted instant and the identifier of the last row of the page before."""

    at: datetime
    id: UUID


class Conditions:
    """Conditions in SQL, all of which must hold, with the values that they name."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.values: dict[str, Any] = {}

    def add(self, condition: str, **values: Any) -> None:
        self._parts.append(condition)
        self.values |= values

    def among(self, column: str, name: str, wanted: Sequence[str]) -> None:
        """`column` is one of `wanted`; where there are none, it may be anything. One alone can be found by an index."""
        if len(wanted) == 1:
            self.add(f"{column} = :{name}", **{name: str(wanted[0])})
        elif wanted:
            self.add(f"{column} = any(cast(:{name} as text[]))", **{name: [str(one) for one in wanted]})

    def truth(self, condition: str, wanted: bool | None) -> None:
        """The condition holds, or does not, as is wanted; None wants either."""
        if wanted is not None:
            self.add(condition if wanted else f"({condition}) is not true")

    @property
    def sql(self) -> str:
        return " and ".join(self._parts) or "true"


class Found(NamedTuple):
    """A page of rows. `resume` is where a search that looked at enough goes on, though the page is not full."""

    rows: Sequence[Row[Any]]
    resume: After | None = None


class Listing(NamedTuple):
    """A table to list: its columns, its key, which rows are known, and what is joined to a page once it is found."""

    table: str
    id: str
    columns: str
    known: str
    joins: str
    extra: str


async def rows_by_id(connection: AsyncConnection, listing: Listing, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """These rows, as the list shows them; what is not known yet is left out."""
    question = text(
        f"select {listing.columns}, {listing.extra} from {listing.table} t {listing.joins}"
        f" where t.{listing.id} = any(cast(:ids as uuid[])) and {listing.known}"
    )
    rows = await connection.execute(question, {"ids": list(ids)})
    return {getattr(row, listing.id): row for row in rows}


async def page(
    connection: AsyncConnection,
    listing: Listing,
    conditions: Conditions,
    *,
    question: str | None,
    sort: str,
    descending: bool,
    after: After | None,
    limit: int,
) -> Found:
    """Up to `limit` rows that meet the conditions and answer the question, in the order of the column `sort`."""
    order = _Order(listing, sort, descending)
    values = conditions.values | {"limit": limit}
    words = asked(question or "")
    if not words:
        rows = await _rows(connection, order, order.first(order.beyond(conditions.sql, after)), values | _keys(after))
        return Found(rows)
    matters = await _matters(connection, words)
    if len(matters) > FEW_MATTERS:
        return await _among_many(connection, order, conditions, words, matters, after, limit)
    if not matters:
        return Found([])
    return Found(await _matter_by_matter(connection, order, conditions, matters, after, limit))


class _Order(NamedTuple):
    """A listing in one of its orders."""

    listing: Listing
    sort: str
    descending: bool

    def of(self, alias: str) -> str:
        direction = "desc" if self.descending else "asc"
        return f"{alias}.{self.sort} {direction}, {alias}.{self.listing.id} {direction}"

    def beyond(self, conditions: str, after: After | None) -> str:
        """The conditions, and only what comes after a row."""
        if after is None:
            return conditions
        sign = "<" if self.descending else ">"
        return f"{conditions} and (t.{self.sort}, t.{self.listing.id}) {sign} (:after_at, :after_id)"

    def first(self, conditions: str, limit: str = ":limit") -> str:
        """The first rows that meet the conditions, by the index of this order."""
        columns, table = self.listing.columns, self.listing.table
        return f"select {columns}, t.matter_id from {table} t where {conditions} order by {self.of('t')} limit {limit}"

    def key_of(self, row: Row[Any]) -> After:
        return After(getattr(row, self.sort), getattr(row, self.listing.id))


async def _rows(
    connection: AsyncConnection, order: _Order, found: str, values: Mapping[str, Any]
) -> Sequence[Row[Any]]:
    """The rows of a page, with what is joined to them."""
    listing = order.listing
    rows = await connection.execute(
        text(f"select t.*, {listing.extra} from ({found}) t {listing.joins} order by {order.of('t')}"), dict(values)
    )
    return rows.all()


async def _matter_by_matter(
    connection: AsyncConnection,
    order: _Order,
    conditions: Conditions,
    matters: Sequence[int],
    after: After | None,
    limit: int,
) -> Sequence[Row[Any]]:
    one = order.first(order.beyond(f"t.matter_id = wanted.matter and {conditions.sql}", after))
    found = f"""
        select t.* from unnest(cast(:matters as bigint[])) as wanted (matter) cross join lateral ({one}) t
         order by {order.of("t")} limit :limit"""
    values = conditions.values | _keys(after) | {"matters": list(matters), "limit": limit}
    return await _rows(connection, order, found, values)


async def _among_many(
    connection: AsyncConnection,
    order: _Order,
    conditions: Conditions,
    words: Sequence[str],
    matters: Sequence[int],
    after: After | None,
    limit: int,
) -> Found:
    """Look at rows in their order, portion by portion, and keep those whose matters answer the question.

    Said in one statement the database would rather read everything and sort it: it cannot know how many will answer.
    """
    start, found = after, list[Row[Any]]()
    for portion in _PASSED:
        looked_at = await _portion(connection, order, conditions, words, start, portion)
        found += looked_at.rows
        if len(found) >= limit or looked_at.resume is None:
            return Found(found[:limit])
        start = looked_at.resume
    if len(matters) <= SOME_MATTERS:
        return Found(await _matter_by_matter(connection, order, conditions, matters, after, limit))
    return Found(found, resume=start)


async def _portion(
    connection: AsyncConnection,
    order: _Order,
    conditions: Conditions,
    words: Sequence[str],
    start: After | None,
    portion: int,
) -> Found:
    """Those of the next `portion` rows that answer; `resume` is the last one looked at, unless there are no more."""
    listing, back = order.listing, "asc" if order.descending else "desc"
    rows = await connection.execute(
        text(f"""
            with passed as materialized ({order.first(order.beyond(conditions.sql, start), ":portion")}),
            last as (
                select count(*) over () as looked_at, p.{order.sort} as last_at, p.{listing.id} as last_id
                  from passed p order by p.{order.sort} {back}, p.{listing.id} {back} limit 1)
            select t.*, {listing.extra}, last.looked_at, last.last_at, last.last_id
              from last left join (
                   select p.* from passed p join console.matters m on m.matter_id = p.matter_id
                    where m.words like all(cast(:patterns as text[]))) t on true {listing.joins}
             order by {order.of("t")}
        """),
        conditions.values | _keys(start) | {"portion": portion, "patterns": _patterns(words)},
    )
    told = rows.all()
    if not told:
        return Found([])
    whole = told[0].looked_at == portion
    answering = [row for row in told if getattr(row, listing.id) is not None]
    return Found(answering, resume=After(told[0].last_at, told[0].last_id) if whole else None)


def _keys(after: After | None) -> dict[str, Any]:
    return {} if after is None else {"after_at": after.at, "after_id": after.id}


_FIND = text(f"""
    select matter_id from console.matters
     where terms @> cast(:terms as text[]) and words like all(cast(:patterns as text[]))
     limit {SOME_MATTERS + 1}
""")


async def _matters(connection: AsyncConnection, words: Sequence[str]) -> list[int]:
    """The matters whose words hold all that is asked; one more than some says that there are many."""
    found = await connection.scalars(_FIND, {"terms": asked_terms(words), "patterns": _patterns(words)})
    return list(found)


def _patterns(words: Sequence[str]) -> list[str]:
    """What `like` looks for: normalised words have no signs that mean something to it."""
    return [f"%{word}%" for word in words]
