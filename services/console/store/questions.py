"""Questions put together of conditions, each with its values: what lists, searches and exports ask."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.terms import asked, asked_terms

FEW_MATTERS = 400
"""Of so few the rows are read matter by matter; of more, in the order asked for, passing over what does not fit."""


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


class Listing(NamedTuple):
    """A table to list: its columns, its key, and what is joined to a page once it is found."""

    table: str
    id: str
    columns: str
    joins: str
    extra: str


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
) -> Sequence[Row[Any]]:
    """Up to `limit` rows that meet the conditions and answer the question, in the order of the column `sort`."""
    direction, beyond = ("desc", "<") if descending else ("asc", ">")
    if after is not None:
        conditions.add(
            f"(t.{sort}, t.{listing.id}) {beyond} (:after_at, :after_id)", after_at=after.at, after_id=after.id
        )
    order = f"{sort} {direction}, {listing.id} {direction}"
    values = conditions.values | {"limit": limit}
    words = asked(question or "")
    if not words:
        found = _plain(listing, conditions.sql, order)
    else:
        matters = await _matters(connection, words)
        if not matters:
            return []
        if len(matters) <= FEW_MATTERS:
            found = _by_matter(listing, conditions.sql, order)
            values["matters"] = matters
        else:
            found = _plain(listing, f"{conditions.sql} and {_ANSWERS}", order)
            values["patterns"] = _patterns(words)
    rows = await connection.execute(
        text(f"select t.*, {listing.extra} from ({found}) t {listing.joins} order by {_of_page(order)}"), values
    )
    return rows.all()


# For each row as it is passed, in the order asked for: as a join, all matters would be read first.
_ANSWERS = """(select m.words from console.matters m where m.matter_id = t.matter_id)
              like all(cast(:patterns as text[]))"""


def _of_page(order: str) -> str:
    return ", ".join(f"t.{part}" for part in order.split(", "))


def _plain(listing: Listing, conditions: str, order: str) -> str:
    return f"select {listing.columns} from {listing.table} t where {conditions} order by {_of_page(order)} limit :limit"


def _by_matter(listing: Listing, conditions: str, order: str) -> str:
    return f"""
        select t.* from unnest(cast(:matters as bigint[])) as wanted (matter)
         cross join lateral ({_plain(listing, f"t.matter_id = wanted.matter and {conditions}", order)}) t
         order by {_of_page(order)} limit :limit"""


_FIND = text(f"""
    select matter_id from console.matters
     where terms @> cast(:terms as text[]) and words like all(cast(:patterns as text[]))
     limit {FEW_MATTERS + 1}
""")


async def _matters(connection: AsyncConnection, words: Sequence[str]) -> list[int]:
    """The matters whose words hold all that is asked; more than a few says that there are many."""
    found = await connection.scalars(_FIND, {"terms": asked_terms(words), "patterns": _patterns(words)})
    return list(found)


def _patterns(words: Sequence[str]) -> list[str]:
    """What `like` looks for: normalised words have no signs that mean something to it."""
    return [f"%{word}%" for word in words]
