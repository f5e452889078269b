"""Cases as they are listed: by every filter, in three orders, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.counts import NONE
from services.console.store.completion import COUNTED
from services.console.store.questions import After, Conditions, Found, Listing, page

Sort = Literal["due", "opened", "updated"]
_SORTED = {"due": "due_key", "opened": "opened_at", "updated": "updated_at"}
COLUMNS = (
    "case_id", "kind", "level", "state", "awaits", "overdue", "rung", "enterprise_code", "enterprise_name", "station",
    "category", "outlet", "pollutant", "observed", "limit", "unit", "reason", "address", "team", "issued_at",
    "opened_at", "assigned_at", "accepted_at", "arrived_at", "answered_at", "due_at", "due_key", "due_text",
    "provisional", "closed_at", "outcome", "file_number", "handled", "finished", "on_time", "alert_id", "alert_ids",
    "raised_by", "revision", "updated_at",
)  # fmt: skip
LISTING = Listing(
    table="console.cases",
    id="case_id",
    columns=", ".join(f't."{name}"' for name in COLUMNS),
    known="t.kind is not null",
    joins="left join console.stations s on s.code = t.station",
    extra="s.name as station_name",
)


@dataclass(frozen=True)
class CaseFilter:
    """What cases are asked for; nothing given means any. `station` is the reader's own, `stations` those asked for, an
    empty one for none. `counted`: not superseded by another case; `hour`: opened in this hour of a day in Shanghai.
    """

    station: str | None = None
    question: str | None = None
    levels: Sequence[str] = ()
    is_open: bool | None = None
    states: Sequence[str] = ()
    awaits: Sequence[str] = ()
    kinds: Sequence[str] = ()
    stations: Sequence[str] = ()
    categories: Sequence[str] = ()
    enterprises: Sequence[str] = ()
    officers: Sequence[str] = ()
    outcomes: Sequence[str] = ()
    rungs: Sequence[str] = ()
    overdue: bool | None = None
    provisional: bool | None = None
    handled: bool | None = None
    finished: bool | None = None
    on_time: bool | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None
    opened_since: datetime | None = None
    opened_until: datetime | None = None
    closed_since: datetime | None = None
    closed_until: datetime | None = None
    counted: bool | None = None
    hour: int | None = None

    def conditions(self) -> Conditions:
        """The same in SQL, about the row `t`."""
        found = Conditions()
        found.add(LISTING.known)
        if self.station is not None:
            found.add("t.station = :own_station", own_station=self.station)
        # That only open ones are asked for is said as partial indexes say it.
        found.truth("t.closed_at is null", self.is_open)
        if self.awaits:
            found.truth("t.closed_at is null", True)
            found.among("t.awaits", "awaits", self.awaits)
        found.among("t.state", "states", self.states)
        found.among("t.level", "levels", self.levels)
        found.among("t.kind", "kinds", self.kinds)
        if list(self.stations) == [NONE]:
            found.add("t.station is null")
        else:
            found.among("t.station", "stations", self.stations)
        found.among("(t.category ->> 'code')", "categories", self.categories)
        found.among("t.enterprise_code", "enterprises", self.enterprises)
        found.among("t.outcome", "outcomes", self.outcomes)
        found.among("t.rung", "rungs", self.rungs)
        if self.officers:
            found.add("t.officers && cast(:officers as text[])", officers=list(self.officers))
        found.truth("t.overdue", self.overdue)
        found.truth("t.provisional", self.provisional)
        found.truth("t.handled", self.handled)
        found.truth("t.finished", self.finished)
        found.truth(f"t.{COUNTED}", self.counted)
        if self.on_time is not None:
            found.add("t.on_time = :on_time", on_time=self.on_time)
        if self.hour is not None:
            found.add("extract(hour from t.opened_at at time zone 'Asia/Shanghai') = :hour", hour=self.hour)
        for condition, value in (
            ("t.due_key >= :due_after", self.due_after),
            ("t.due_key < :due_before", self.due_before),
            ("t.opened_at >= :opened_since", self.opened_since),
            ("t.opened_at < :opened_until", self.opened_until),
            ("t.closed_at >= :closed_since", self.closed_since),
            ("t.closed_at < :closed_until", self.closed_until),
        ):
            if value is not None:
                found.add(condition, **{condition.rpartition(":")[2]: value})
        return found


async def list_cases(
    connection: AsyncConnection,
    asked: CaseFilter,
    *,
    sort: Sort,
    descending: bool,
    after: After | None,
    limit: int,
) -> Found:
    """A page of cases, with the names of their stations."""
    return await page(
        connection,
        LISTING,
        asked.conditions(),
        question=asked.question,
        sort=_SORTED[sort],
        descending=descending,
        after=after,
        limit=limit,
    )


def key_of(row: Row[Any], sort: Sort) -> After:
    """Where a page that ends with this row goes on."""
    return After(getattr(row, _SORTED[sort]), row.case_id)
