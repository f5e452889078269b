"""The pass that gives the board's figures to Prometheus, so that any other dashboard shows the same numbers."""

from services.console.domain.completion import Completion
from services.console.store import board
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import Clock
from shared.time.instants import SHANGHAI

BEAT_SECONDS = 15.0


class CompletionMetrics:
    """Sets the gauges from the counts that are kept beside the rows: no case is read for it."""

    def __init__(self, database: Database, clock: Clock, telemetry: Telemetry) -> None:
        self._database, self._clock = database, clock
        self._open = telemetry.gauge(
            "tricolor_open_cases", "Open cases (在办案件)", ["station", "kind", "level", "overdue", "awaits"]
        )
        self._month = telemetry.gauge(
            "tricolor_month_cases",
            "Of the cases opened this month: total, handled (已办理), finished (已办结), on_time, late, ...",
            ["station", "level", "figure"],
        )

    async def run_once(self) -> int:
        """Set them once. Answers 0: looking is no work that leads to more."""
        today = self._clock.now().astimezone(SHANGHAI).date()
        async with self._database.transaction() as connection:
            standings = await board.standings(connection)
            month = await board.completed_by_station_and_level(connection, today.replace(day=1))
        self._open.clear()
        self._month.clear()
        for standing, cases in standings:
            self._open.labels(
                standing.station, standing.kind, standing.level, str(standing.overdue).lower(), standing.awaits
            ).inc(cases)
        for station, level, completion in month:
            for figure, cases in zip(Completion._fields, completion, strict=True):
                self._month.labels(station, level, figure).set(cases)
        return 0
