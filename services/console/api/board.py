"""The route of the board: everything that the duty room looks at all day, in one answer."""

from datetime import UTC, datetime, time, timedelta

from pydantic import BaseModel

from services.console.api.answers import AlertRow, CaseRow, alert_row, case_row
from services.console.domain.clock_record import RUNGS
from services.console.store import alert_list, board, progress
from services.console.store.reach import asked_station
from shared.contract.events import Bilingual, Level
from shared.storage.database import Database
from shared.time.clock import Clock, pace_of
from shared.time.instants import SHANGHAI, Instant, instant_on
from shared.web.routes import Routes
from shared.web.scope import Caller

_ALERTS = 30
_RUNG_NAMES = {
    "station_chief": Bilingual(zh="所长", en="station chief"),
    "section": Bilingual(zh="执法科", en="section"),
    "leader": Bilingual(zh="分管领导", en="leader"),
}


class ByLevel(BaseModel):
    white: int = 0
    yellow: int = 0
    red: int = 0


class StationCount(BaseModel):
    """How the open cases of a station stand; `station` is null for those that no station is in charge of."""

    station: str | None
    name: str | None
    open: int
    overdue: int
    red: int
    yellow: int


class RungCount(BaseModel):
    """How many open cases have climbed so far: `rung` is the highest role that was told."""

    rung: str
    name: Bilingual
    count: int


class BoardCounts(BaseModel):
    """How the open cases stand: `waiting` for a team, `due_today` by midnight."""

    open: ByLevel
    overdue: ByLevel
    waiting: int
    due_today: int
    by_station: list[StationCount]
    by_rung: list[RungCount]


class HandledShare(BaseModel):
    """Of the cases opened this month: how many are handled, and of these on time and late. `share` is null for none."""

    share: float | None
    total: int
    handled: int
    finished: int
    on_time: int
    late: int


class Board(BaseModel):
    """The board at `now`; `lag_seconds` is for how long the oldest event that it does not show yet has waited.

    It is null where nobody reads the topics, so that nobody knows.
    """

    now: Instant
    pace: float
    lag_seconds: float | None
    counts: BoardCounts
    overdue: list[CaseRow]
    due_next: list[CaseRow]
    alerts: list[AlertRow]
    handled: HandledShare


def router(database: Database, clock: Clock) -> Routes:
    routes = Routes(tags=["board"])

    @routes.get("/v1/board")
    async def read_board(caller: Caller, station: str | None = None) -> Board:
        """值班看板 · What is overdue, due next and new, and how much there is of it; all of it, or of one station."""
        of, now = asked_station(caller, station), clock.now()
        today = now.astimezone(SHANGHAI).date()
        midnight = instant_on(today + timedelta(days=1), time())
        async with database.transaction() as connection:
            counts = await board.counts(connection, of)
            done = await board.completed_since(connection, today.replace(day=1), of)
            overdue = await board.overdue_cases(connection, of)
            ahead = await board.due_next(connection, of, now)
            due_today = await board.due_until(connection, of, now, midnight)
            newest = await alert_list.list_alerts(
                connection, alert_list.AlertFilter(station=of), descending=True, after=None, limit=_ALERTS
            )
            lag = await progress.lag_seconds(connection, datetime.now(UTC))
        return Board(
            now=now,
            pace=pace_of(clock),
            lag_seconds=lag,
            counts=BoardCounts(
                open=_by_level(counts.open),
                overdue=_by_level(counts.overdue),
                waiting=counts.waiting,
                due_today=due_today,
                by_station=[
                    StationCount.model_validate(one._asdict() | {"station": one.station or None})
                    for one in counts.by_station
                ],
                by_rung=[RungCount(rung=rung, name=_RUNG_NAMES[rung], count=counts.by_rung[rung]) for rung in RUNGS],
            ),
            overdue=[case_row(row) for row in overdue],
            due_next=[case_row(row) for row in ahead],
            alerts=[alert_row(row) for row in newest.rows],
            handled=HandledShare(
                share=done.handled / done.total if done.total else None,
                total=done.total,
                handled=done.handled,
                finished=done.finished,
                on_time=done.on_time,
                late=done.late,
            ),
        )

    return routes


def _by_level(counted: dict[str, int]) -> ByLevel:
    return ByLevel(**{level: counted.get(level, 0) for level in Level})
