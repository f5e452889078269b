"""Searching among few matters, some and many: whatever way is taken, everything that fits is found, in order, once."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import text

from services.console.domain.terms import terms_of, words_of
from services.console.store.case_list import CaseFilter, Sort, key_of, list_cases
from services.console.store.questions import After
from services.console.store.searches import FEW_MATTERS, SOME_MATTERS
from shared.storage.database import Database

MATTERS, CASES = 2_000, 13_000
LATEST = 11_000
"""The cases of the first matters are the oldest ones: to come by them, all the others are passed."""
NAMES = (("甲", FEW_MATTERS + 50), ("乙", 3), ("丙", SOME_MATTERS + 50))


@pytest.fixture
async def full(database: Database) -> Database:
    words = [
        words_of((f"第{number}公司", *(name for name, upto in NAMES if number < upto))) for number in range(MATTERS)
    ]
    async with database.transaction() as connection:
        await connection.execute(
            text("""
                insert into console.matters (enterprise_code, outlet, pollutant, category, words, terms)
                select 'e' || number, '', '', '', words, string_to_array(terms, ' ')
                  from unnest(cast(:words as text[]), cast(:terms as text[]))
                       with ordinality as t (words, terms, number)
                 order by number
            """),
            {"words": words, "terms": [" ".join(terms_of(one)) for one in words]},
        )
        await connection.execute(
            text("""
                insert into console.cases (case_id, enterprise_code, alert_id, revision, kind, level, state, opened_at,
                                           due_key, updated_at, matter_id, overdue)
                select lpad(to_hex(i), 32, '0')::uuid, 'e', gen_random_uuid(), 1, 'on_site', 'red', 'open',
                       timestamptz '2026-01-01' + i / 2 * interval '1 minute',
                       timestamptz '2026-02-01' - i * interval '1 minute', now(),
                       (select min(matter_id) from console.matters)
                       + case when i < :first then i % :few else :few + i % (:matters - :few) end, i % 3 = 0
                  from generate_series(1, :cases) i
            """),
            {"first": CASES - LATEST, "few": SOME_MATTERS + 50, "matters": MATTERS, "cases": CASES},
        )
        await connection.execute(text("analyze console.cases, console.matters"))
    return database


async def fitting(database: Database, words: Sequence[str], condition: str, order: str) -> list[UUID]:
    """Found without any of it: every case looked at."""
    async with database.autocommit() as connection:
        found = await connection.scalars(
            text(f"""
                select c.case_id from console.cases c join console.matters m using (matter_id)
                 where m.words like all(cast(:patterns as text[])) and {condition} order by {order}
            """),
            {"patterns": [f"%{word}%" for word in words]},
        )
        return list(found)


async def pages(database: Database, asked: CaseFilter, sort: Sort, limit: int) -> tuple[list[UUID], int]:
    """All pages one after another, and how many of them were short of rows although more followed."""
    found: list[UUID] = []
    short, after = 0, None
    async with database.transaction() as connection:
        while True:
            page = await list_cases(connection, asked, sort=sort, descending=sort != "due", after=after, limit=limit)
            found += [row.case_id for row in page.rows]
            last: After | None = key_of(page.rows[-1], sort) if len(page.rows) == limit else page.resume
            if last is None:
                return found, short
            short += page.resume is not None
            after = last


@pytest.mark.parametrize(
    ("question", "words", "is_short"),
    [
        ("公司", ["公司"], False),
        ("甲", ["甲"], False),
        ("乙 公司", ["乙", "公司"], False),
        ("丙", ["丙"], True),
        ("第7公司", ["第7公司"], False),
    ],
)
async def test_every_way_finds_the_same(full: Database, question: str, words: list[str], is_short: bool) -> None:
    found, short = await pages(full, CaseFilter(question=question), "opened", 300)
    assert found == await fitting(full, words, "true", "c.opened_at desc, c.case_id desc")
    assert bool(short) == is_short
    narrowed = CaseFilter(question=question, overdue=True, is_open=True)
    found, _ = await pages(full, narrowed, "due", 200)
    assert found == await fitting(full, words, "c.overdue", "c.due_key, c.case_id")
