"""How PostgreSQL would carry out the statements that a test saw: which tables it would read from end to end."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from shared.storage.database import Database

_PLANNED = ("select", "insert", "update", "delete", "with")


class Statements:
    """The statements that went to some databases, each once, with the parameters that it had first; and how many."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.number = 0
        self._drivers: list[Any] = []

    @contextmanager
    def of(self, *databases: Database) -> Iterator[None]:
        """Keep what goes to these databases while the block runs, by SQLAlchemy or by the driver itself."""
        engines = [database.engine.sync_engine for database in databases]
        for engine in engines:
            event.listen(engine, "before_cursor_execute", self._see)
            event.listen(engine, "checkout", self._listen)
        try:
            yield
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", self._see)
                event.remove(engine, "checkout", self._listen)
            for driver in self._drivers:
                driver.remove_query_logger(self._see_direct)

    def _see(self, _: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        self.number += 1
        self.seen.setdefault(statement, parameters[0] if isinstance(parameters, list) else parameters)

    def _listen(self, connection: Any, *_: Any) -> None:
        connection.driver_connection.add_query_logger(self._see_direct)
        self._drivers.append(connection.driver_connection)

    def _see_direct(self, query: Any) -> None:
        if query.query.lstrip().lower().startswith(_PLANNED):  # not how a transaction begins and ends
            self._see(None, None, query.query, query.args)

    async def reading_whole(self, database: Database, large: Collection[str]) -> dict[str, list[str]]:
        """The statements that would read any of the `large` tables from end to end, and which."""
        found = {}
        async with database.transaction() as connection:
            await connection.execute(text("select 1"))
            driver: Any = (await connection.get_raw_connection()).driver_connection
            for statement, parameters in self.seen.items():
                if statement.lstrip().lower().startswith(_PLANNED):
                    plan = await driver.fetchval(f"explain (format json, verbose) {statement}", *parameters)
                    if read := sorted({*scans(plan[0]["Plan"])} & {*large}):
                        found[" ".join(statement.split())] = read
        return found


def scans(plan: Any) -> Iterator[str]:
    """The tables that a plan reads from one end to the other, as schema and name."""
    if plan["Node Type"] == "Seq Scan":
        yield f"{plan['Schema']}.{plan['Relation Name']}"
    for part in plan.get("Plans", ()):
        yield from scans(part)
