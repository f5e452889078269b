"""The route of the figures: what was handled and finished, on time and late, in how long; each with its cases."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from services.console.api.table_files import ANSWERS, Format, Pages, keep_export, table
from services.console.domain.exports import FIGURES
from services.console.domain.figures import COUNTS, DEFINITIONS, Grouping, Period, Span, questions, span_of
from services.console.store import figures
from services.console.store.figures import FigureFilter
from services.console.store.reach import station_of
from services.console.store.unit_of_work import ReadModelWork
from shared.contract.codes import normalised
from shared.contract.events import Bilingual, CaseKind, Level
from shared.contract.names import LEVELS, called
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.access_records import AccessRecords
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import CalendarDate, Instant
from shared.web.access_records import Why
from shared.web.routes import Routes
from shared.web.scope import Caller

_ALL = Bilingual(zh="合计", en="All")


class Quantiles(BaseModel):
    """Half, nine in ten and 99 in 100 took no longer; null where nothing is to be counted."""

    p50: float | None
    p90: float | None
    p99: float | None


class Measures(BaseModel):
    """Counts of cases, shares of them, and how long they took in seconds.

    `share` is handled of total, `on_time_share` on time of handled. `cases` has, by count, what to ask
    `GET /v1/cases` for exactly the cases that it counts.
    """

    total: int
    handled: int
    finished: int
    on_time: int
    late: int
    open: int
    overdue: int
    false_alarms: int
    share: float | None
    on_time_share: float | None
    response_seconds: Quantiles
    arrival_seconds: Quantiles
    cases: dict[str, str]


class FigureRow(Measures):
    """The figures of one station, officer, level, category, enterprise, day or hour; `name` is what it is called."""

    key: str
    name: Bilingual | None


class Figures(BaseModel):
    """The figures of the cases opened from `since` to before `until`, at `now`.

    `more` says that there are further rows, with fewer cases. `definitions` says what each figure means.
    """

    now: Instant
    since: CalendarDate
    until: CalendarDate
    by: Grouping
    totals: Measures
    rows: list[FigureRow]
    more: bool
    definitions: dict[str, Bilingual]


@dataclass(frozen=True)
class Asked:
    """What figures are asked for: the cases that count, the days, and what the rows are counted by."""

    now: datetime
    span: Span
    by: Grouping
    filters: dict[str, list[Any]]
    counted: FigureFilter


def router(database: Database, units: UnitsOfWork[ReadModelWork], clock: Clock, records: AccessRecords) -> Routes:
    """Who takes figures away as a table, and why, is kept before the first row is sent, as of lists."""
    routes = Routes(tags=["figures"])

    def asked_for(
        caller: Caller,
        period: Period = Period.MONTH,
        since: Annotated[CalendarDate | None, Query(alias="from")] = None,
        until: CalendarDate | None = None,
        by: Grouping = Grouping.STATION,
        station: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006  FastAPI copies it
        level: Annotated[list[Level], Query()] = [],  # noqa: B006
        kind: Annotated[list[CaseKind], Query()] = [],  # noqa: B006
        category: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
        enterprise: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    ) -> Asked:
        now = clock.now()
        codes = [normalised(one) for one in enterprise]
        return Asked(
            now,
            span_of(now, period, since, until),
            by,
            {"station": station, "level": level, "kind": kind, "category": category, "enterprise": codes},
            FigureFilter(station_of(caller), station, level, kind, category, codes),
        )

    @routes.get("/v1/figures")
    async def read_figures(asked: Annotated[Asked, Depends(asked_for)]) -> Figures:
        """办理统计 · What was handled and finished, on time and late, in how long: in all, and by what is asked for."""
        return await _figures(database, asked)

    @routes.get("/v1/figures.{form}", response_class=StreamingResponse, responses=ANSWERS)
    async def export_figures(
        form: Format, caller: Caller, asked: Annotated[Asked, Depends(asked_for)], request: Request, why: Why = None
    ) -> StreamingResponse:
        """办理统计导出 · The figures asked for as a table, those of all rows last, with what was asked above them."""
        found = await _figures(database, asked)
        total = FigureRow(key="", name=_ALL, **found.totals.model_dump())

        async def pages() -> Pages:
            yield [row.model_dump() for row in (*found.rows, total)]

        await keep_export(units, records, caller, "exportFigures", request, why)
        days = f"{found.since} – {found.until - timedelta(days=1)}"
        title = Bilingual(zh=f"办理统计 {days}", en=f"Figures {days}")
        return await table(form, title, FIGURES, pages(), caller, request, clock, figures.MOST_ROWS, name="figures")

    return routes


async def _figures(database: Database, asked: Asked) -> Figures:
    span, by, filters = asked.span, asked.by, asked.filters
    async with database.transaction() as connection:
        together = await figures.totals(connection, asked.counted, span)
        rows = await figures.rows_by(connection, asked.counted, span, by)
    most = len(rows) if by in (Grouping.DAY, Grouping.HOUR) else figures.MOST_ROWS
    return Figures(
        now=asked.now,
        since=span.since,
        until=span.until,
        by=by,
        totals=Measures(**_measures(together, span, filters, by, None)),
        rows=[
            FigureRow(key=row.key, name=_name(by, row), **_measures(row, span, filters, by, row.key))
            for row in rows[:most]
        ],
        more=len(rows) > most,
        definitions=dict(DEFINITIONS),
    )


def _measures(row: Any, span: Span, filters: dict[str, Any], by: Grouping, key: str | None) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in COUNTS},
        "share": row.handled / row.total if row.total else None,
        "on_time_share": row.on_time / row.handled if row.handled else None,
        "response_seconds": _quantiles(row.response),
        "arrival_seconds": _quantiles(row.arrival),
        "cases": questions(span, filters, by, key),
    }


def _quantiles(found: list[float | None] | None) -> Quantiles:
    p50, p90, p99 = (None, None, None) if found is None else (None if one is None else float(one) for one in found)
    return Quantiles(p50=p50, p90=p90, p99=p99)


def _name(by: Grouping, row: Any) -> Bilingual | None:
    if by is Grouping.CATEGORY:
        return None if row.category is None else Bilingual(zh=row.category["zh"], en=row.category["en"])
    if by is Grouping.LEVEL:
        return called(LEVELS, row.key)
    if by is Grouping.HOUR:
        return Bilingual(zh=f"{row.key}时", en=f"{row.key}:00")
    if by is Grouping.STATION and not row.key:
        return Bilingual(zh="未确定辖区", en="no station")
    return None if row.name is None else Bilingual(zh=row.name, en=row.name)
