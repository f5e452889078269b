"""Nothing that the console asks for reads a large table from one end to the other, however its filters are combined."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import product
from typing import Any, get_args

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.terms import terms_of, words_of
from services.console.store import board, work_list
from services.console.store.alert_list import AlertFilter, list_alerts
from services.console.store.case_list import CaseFilter, Sort, key_of, list_cases
from services.console.store.searches import RARE
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.storage.database import Database
from tests.unit.console.domain.events_of_a_case import NINE

ROWS, MATTERS = 4 * RARE, 4_000
LARGE = {"alerts", "cases"}
MOST = ROWS // 2
SORTS: tuple[Sort, ...] = get_args(Sort)
CHIEF = Principal(role=Role.STATION_CHIEF, subject="wang", station="S3")
FILL = (
    """
    insert into console.cases (
        case_id, enterprise_code, alert_id, revision, at, kind, level, state, station, category, officers, opened_at,
        closed_at, outcome, due_at, due_key, overdue, awaits, handled, finished, on_time, matter_id, updated_at)
    select lpad(to_hex(n), 32, '0')::uuid, 'E' || n % 500, gen_random_uuid(), 1, at, 'on_site', 'red',
           case when n % 20 = 0 then 'assigned' else 'approved' end, 'S' || n % 9, '{"code": "c"}',
           array['O' || n % 50], at, case when n % 20 > 0 then at + interval '1 day' end,
           case when n % 20 > 0 then case when n % 4000 = 1 then 'rare' else 'rectified' end end, at, at, n % 200 = 0,
           case when n % 20 = 0 then 'answer' end, n % 20 > 0, n % 20 > 0, case when n % 20 > 0 then n % 8 > 0 end,
           (select min(matter_id) from console.matters) + n % :matters, at
      from generate_series(1, :rows) n, lateral (select cast(:now as timestamptz) - n * interval '1 minute' as at) at
    """,
    """
    insert into console.alerts (alert_id, enterprise_code, revision, level, category, station, received_at, issued_at,
                                held, dismissed_at, doubts, matter_id, updated_at)
    select lpad(to_hex(n), 32, '0')::uuid, 'E' || n % 500, 1, case when n % 4000 = 1 then 'red' else 'white' end,
           '{"code": "c"}', 'S' || n % 9, at, at, n % 500 = 0, case when n % 300 = 0 then at end,
           case when n % 100 = 0 then '[{}]' else '[]' end::jsonb,
           (select min(matter_id) from console.matters) + n % :matters, at
      from generate_series(1, :rows) n, lateral (select cast(:now as timestamptz) - n * interval '1 minute' as at) at
    """,
)
A_DAY = {"opened_since": NINE - timedelta(days=3), "opened_until": NINE - timedelta(days=2)}
CASES: tuple[dict[str, Any], ...] = (
    {},
    {"is_open": True},
    {"is_open": False, "outcomes": ["rare"]},
    {"station": "S3", "outcomes": ["rare"], "levels": ["red"]},
    {"stations": ["S3", "S4"], "outcomes": ["rare", "none"], "on_time": False},
    {"categories": ["none"], "levels": ["red"]},
    {"kinds": ["on_site"], "states": ["none"], "handled": True},
    {"officers": ["O7"], "outcomes": ["rare"]},
    {"enterprises": ["E7"], "finished": False},
    {"overdue": True, "levels": ["yellow"]},
    {"awaits": ["team"]},
    {"handled": True, "finished": False},
    {"closed_since": A_DAY["opened_since"], "closed_until": A_DAY["opened_until"], "outcomes": ["rare"]},
    {"due_before": NINE - timedelta(days=100)},
    {**A_DAY, "counted": True, "hour": 3},
    {"question": "乙"},
    {"question": "公司", "outcomes": ["rare"]},
    {"question": "没有"},
)
ALERTS: tuple[dict[str, Any], ...] = (
    {},
    {"levels": ["red"], "stations": ["S3"]},
    {"levels": ["red", "yellow"], "doubts": True},
    {"categories": ["none"], "held": True},
    {"enterprises": ["E7"], "dismissed": True},
    {"question": "乙"},
    {"question": "公司", "levels": ["red"], "station": "S1"},
)


@pytest.fixture
async def full(database: Database) -> Database:
    words = [words_of((f"第{number}公司", "乙" if number % 40 == 0 else "甲")) for number in range(MATTERS)]
    async with database.transaction() as connection:
        await connection.execute(
            text("""
                insert into console.matters (enterprise_code, outlet, pollutant, category, words, terms)
                select 'E' || n % 500, n::text, '', '', words, string_to_array(terms, ' ')
                  from unnest(cast(:words as text[]), cast(:terms as text[])) with ordinality as t (words, terms, n)
            """),
            {"words": words, "terms": [" ".join(terms_of(one)) for one in words]},
        )
        for statement in FILL:
            await connection.execute(text(statement), {"rows": ROWS, "matters": MATTERS, "now": NINE})
    async with database.autocommit() as connection:
        await connection.execute(text("analyze"))
    return database


Asked = list[tuple[str, Any]]


async def ask_everything(database: Database) -> list[Asked]:
    """Every list with every filter above in every order, the board, and what waits: by transaction, what was asked."""
    asked: list[Asked] = []

    def see(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        asked[-1].append((statement, parameters))

    @asynccontextmanager
    async def seen() -> AsyncIterator[AsyncConnection]:
        asked.append([])
        async with database.transaction() as connection:
            yield connection

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", see)
    for station, caller in ((None, Principal(role=Role.LEADER, subject="li")), ("S3", CHIEF)):
        async with seen() as connection:
            await board.counts(connection, station)
            await board.overdue_cases(connection, station)
            await board.due_next(connection, station, NINE)
            await board.due_until(connection, station, NINE, NINE + timedelta(days=1))
            for kind in work_list.SOURCES:
                await work_list.waiting(connection, kind, caller, station, NINE)
    for filters, sort, last_first in product(CASES, SORTS, (True, False)):
        async with seen() as connection:
            wanted = CaseFilter(**filters)
            await list_cases(connection, wanted, sort=sort, descending=last_first, after=None, limit=51)
    for filters in ALERTS:
        async with seen() as connection:
            await list_alerts(connection, AlertFilter(**filters), descending=True, after=None, limit=51)
    event.remove(engine, "before_cursor_execute", see)
    return asked


def read(plan: Any) -> Iterator[tuple[str, str, float]]:
    """The large tables that a plan reads rows of: how, which one, and how many rows."""
    if plan.get("Relation Name") in LARGE:
        removed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        yield plan["Node Type"], plan["Relation Name"], (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from read(part)


async def explained(database: Database, asked: Asked) -> AsyncIterator[tuple[str, Any]]:
    """The plans of what was asked in a transaction, each as the database was told to plan there."""
    async with database.engine.connect() as connection:
        await connection.execute(text("select 1"))
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for statement, parameters in asked:
            if statement.startswith(("SAVEPOINT", "ROLLBACK")):
                await driver.execute(statement)
            elif "set_config" in statement:
                await driver.fetch(statement, *parameters)
            else:
                (plan,) = await driver.fetchval(f"explain (analyze, format json) {statement}", *parameters)
                yield statement, plan["Plan"]


async def test_no_question_reads_more_than_a_bounded_number_of_rows(full: Database) -> None:
    found: dict[str, Any] = {}
    every = await ask_everything(full)
    for asked in every:
        async for statement, plan in explained(full, asked):
            for how, table, rows in read(plan):
                if how == "Seq Scan" or rows > MOST:
                    found[statement] = (how, table, rows)
    assert found == {}
    assert len({statement for asked in every for statement, _ in asked}) > 50


async def test_what_is_rare_is_found_behind_everything_else(full: Database) -> None:
    async with full.transaction() as connection:
        wanted = CaseFilter(outcomes=["rare"], stations=["S1", "S4", "S7"], levels=["red"])
        found = await list_cases(connection, wanted, sort="opened", descending=True, after=None, limit=51)
        oldest = await list_cases(connection, wanted, sort="opened", descending=True, after=None, limit=1)
        rest = await list_cases(
            connection, wanted, sort="opened", descending=True, after=key_of(oldest.rows[0], "opened"), limit=51
        )
    assert [row.case_id.int for row in found.rows] == [n for n in range(1, ROWS, 4000) if n % 9 in (1, 4, 7)]
    assert found.resume is None
    assert [*oldest.rows, *rest.rows] == [*found.rows]


async def test_a_search_that_no_index_helps_ends_and_says_where_to_go_on(full: Database) -> None:
    async with full.transaction() as connection:
        wanted = CaseFilter(counted=False)
        found = await list_cases(connection, wanted, sort="opened", descending=True, after=None, limit=51)
    assert not found.rows
    assert found.resume is not None
