"""How a page of a list is found, however its filters are combined (检索).

Whatever is asked, an answer looks at no more rows than are named here. What fits often is found by passing over rows in
their order; what fits seldom, by the inverted index of what rows are filtered by (`facets`). What is neither has a page
that is short, and says where to go on.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.terms import asked, asked_terms
from services.console.store.questions import After, Condition, Conditions, Found, Listing, all_of, rows_by_id

FEW_MATTERS, SOME_MATTERS = 400, 1_500
"""Of few the rows are read matter by matter; of more, in the order asked for, passing over what does not fit. Where
that passes over too much, some are still read matter by matter."""
_PASSED = (500, 2_000)
"""How many rows are looked at one portion after another, before what is asked for is taken to be rare."""
_PASSED_LAST = 4_000
"""How many more where it is not rare either, before a search ends without a whole page."""
RARE, RARE_OF_A_TIME = 3_000, 120_000
"""Of at most so many rows that fit all are read, wherever they lie; of those of a certain time, which lie together."""


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
    """Up to `limit` rows that meet the conditions and answer the question, in the order of the column `sort`.

    Call it in a transaction of its own: it has the database plan some of its statements in a certain way.
    """
    await connection.execute(_BY_VALUES)
    words = asked(question or "")
    matters = await _matters(connection, words) if words else None
    if matters == []:
        return Found([])
    search = _Search(connection, listing, conditions, words, matters, sort, descending, limit)
    if search.is_plain:
        return await search.rows(await search.first(after))
    if matters is not None and len(matters) <= FEW_MATTERS and search.is_by_matter:
        return await search.rows(await search.matter_by_matter(after))
    keys, start = list[After](), after
    for portion in _PASSED:
        passed, last = await search.portion(start, portion)
        keys += passed
        if len(keys) >= limit or last is None:
            return await search.rows(keys)
        start = last
    if (found := await search.otherwise(after)) is not None:
        return await search.rows(found)
    passed, last = await search.portion(start, _PASSED_LAST)
    return await search.rows(keys + passed, last)


class _Search:
    """A question about a listing in one of its orders. Its ways answer where rows lie; `rows` reads those of a page."""

    def __init__(
        self,
        connection: AsyncConnection,
        listing: Listing,
        conditions: Conditions,
        words: Sequence[str],
        matters: Sequence[int] | None,
        sort: str,
        descending: bool,
        limit: int,
    ) -> None:
        self._connection, self._listing, self._limit = connection, listing, limit
        self._sort, self._sign = sort, "<" if descending else ">"
        direction = "desc" if descending else "asc"
        self._order = f"t.{sort} {direction}, t.{listing.id} {direction}"
        self._of_keys = f"t.at {direction}, t.id {direction}"
        self._key = f"t.{sort} as at, t.{listing.id} as id"
        about = {one.about for one in conditions.parts if one.about is not None}
        of_order = frozenset({sort})
        held = next((held for held in listing.indexes[sort] if held <= about), frozenset[str]()) | of_order
        self._parts, known = list(conditions.parts), Condition(listing.known, None, ())
        self._values = dict(conditions.values)
        self._of_a_time = conditions.is_of_a_time
        self._most = RARE_OF_A_TIME if self._of_a_time else RARE
        by_matter = listing.by_matter.get(sort)
        self.is_by_matter = by_matter is not None and all(one.about in by_matter | of_order for one in self._parts)
        self._is_indexed = conditions.is_indexed
        if matters is not None and len(matters) <= SOME_MATTERS:
            self._values["matters"] = list(matters)
            self._parts.append(Condition("t.matter_id = any(cast(:matters as bigint[]))", None, ()))
            self._is_indexed = True
        elif words:
            # As a value: what is said to exist the database may look for among all matters.
            self._values["patterns"] = _patterns(words)
            self._parts.append(
                Condition(
                    "(select m.words like all(cast(:patterns as text[])) from console.matters m"
                    " where m.matter_id = t.matter_id)",
                    None,
                    (),
                )
            )
        self._parts.append(known)
        self._within = [one.sql for one in self._parts if one is known or one.about in held]
        self._beside = [one.sql for one in self._parts if one.sql not in self._within]
        self.is_plain = not self._beside

    async def rows(self, keys: Sequence[After], resume: After | None = None) -> Found:
        """The rows of these keys, up to the limit, in their order."""
        wanted = [key.id for key in keys[: self._limit]]
        found = await rows_by_id(self._connection, self._listing, wanted) if wanted else {}
        full = len(keys) >= self._limit
        return Found([found[key] for key in wanted if key in found], None if full else resume)

    async def first(self, after: After | None) -> list[After]:
        """By an index that holds all that is asked."""
        return await self._keys(self._passing(after, self._limit), after)

    async def matter_by_matter(self, after: After | None) -> list[After]:
        """The first ones of each matter, by an index of matters that holds whatever else is asked."""
        one = self._passing(after, self._limit, "t.matter_id = wanted.matter")
        return await self._keys(
            f"""select t.at, t.id
                  from unnest(cast(:matters as bigint[])) as wanted (matter) cross join lateral ({one}) t
                 order by {self._of_keys} limit {self._limit}""",
            after,
        )

    async def portion(self, after: After | None, portion: int) -> tuple[list[After], After | None]:
        """Those of the next `portion` rows that fit; and the last one looked at, unless there are no more.

        Said in one statement the database would rather read everything and sort it: it cannot know how many fit.
        """
        looked_at = self._passing(after, portion, what="t.*")
        rows = await self._ask(
            f"""
            with passed as materialized (
                select {self._key}, ({all_of(self._beside)}) is true as fits from ({looked_at}) t),
            counted as (
                select t.*, row_number() over (order by {self._of_keys}) as place, count(*) over () as number
                  from passed t)
            select t.* from counted t where fits or place = number order by {self._of_keys}""",
            after,
        )
        keys = [After(row.at, row.id) for row in rows if row.fits]
        return keys, After(rows[-1].at, rows[-1].id) if rows and rows[-1].number == portion else None

    async def otherwise(self, after: After | None) -> list[After] | None:
        """By what is rare, or some matters; None where too many fit, or no index helps."""
        if self.is_by_matter and "matters" in self._values:
            return await self.matter_by_matter(after)
        return await self._rare(after) if self._is_indexed else None

    async def _rare(self, after: After | None) -> list[After] | None:
        """By all the indexes that help together, whatever their order; None where too many fit."""
        # What its facet says is said once: the database would look that up by another index as well, and take longer.
        # Of a certain time there are so few that the other indexes do.
        faceted = [] if self._of_a_time else [one.facets for one in self._parts if one.facets]
        values: dict[str, Any] = {"facets": [wanted[0] for wanted in faceted if len(wanted) == 1]}
        found = [f"{self._listing.facets} @> cast(:facets as text[])"] if values["facets"] else []
        for number, wanted in enumerate(wanted for wanted in faceted if len(wanted) > 1):
            found.append(f"{self._listing.facets} && cast(:facets_{number} as text[])")
            values[f"facets_{number}"] = list(wanted)
        unsaid = [one.sql for one in self._parts if self._of_a_time or not one.facets]
        conditions = all_of([*unsaid, *found, *self._beyond(after)])
        table = self._listing.table
        nested = await self._connection.begin_nested()
        try:
            await self._connection.execute(_BY_BITMAPS)
            rows = await self._ask(
                f"""
                select t.*, count(*) over () as number
                  from (select {self._key} from {table} t where {conditions} limit {self._most + 1}) t
                 order by {self._of_keys} limit {self._limit}""",
                after,
                values,
            )
        finally:
            await nested.rollback()
        if rows and rows[0].number > self._most:
            return None
        return [After(row.at, row.id) for row in rows]

    def _passing(self, after: After | None, limit: int, *conditions: str, what: str | None = None) -> str:
        """The next rows that an index of the order holds together."""
        within = all_of([*conditions, *self._within, *self._beyond(after)])
        return (
            f"select {what or self._key} from {self._listing.table} t where {within}"
            f" order by {self._order} limit {limit}"
        )

    def _beyond(self, after: After | None) -> list[str]:
        """Only what comes after a row."""
        return [] if after is None else [f"(t.{self._sort}, t.{self._listing.id}) {self._sign} (:after_at, :after_id)"]

    async def _keys(self, question: str, after: After | None) -> list[After]:
        return [After(row.at, row.id) for row in await self._ask(question, after)]

    async def _ask(
        self, question: str, after: After | None, values: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        given = {**self._values, **(values or {})}
        if after is not None:
            given |= {"after_at": after.at, "after_id": after.id}
        return (await self._connection.execute(text(question), given)).all()


_BY_VALUES = text("select set_config('plan_cache_mode', 'force_custom_plan', true)")
"""Which index is read depends on how common a value is: a plan for any value reads millions of rows for a rare one."""
_BY_BITMAPS = text("""
    select set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
           set_config('enable_indexonlyscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),
           set_config('jit', 'off', true), set_config('work_mem', '32MB', true)
""")
"""What stops at a number of rows is planned as if the first ones that are looked at would do, which is wrong of what is
rare: so the indexes come first. Preparing for millions of rows would take longer than reading what is found."""


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
