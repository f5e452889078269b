"""The statements that store what cases and enterprises mean for grades: who is classified how, answered, untrue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.alert import StoredAlert
from services.alert_ingest.store.graded_alerts import stored_alert
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.registrations import EnterpriseRegistered

Once = Literal["found_false_at", "report_untrue_at"]
"""The columns of `ingest.alerts` that keep the first instant they were given."""


async def store_registrations(
    connection: AsyncConnection, registered: Sequence[EnterpriseRegistered], columns: Sequence[str]
) -> None:
    """Store these `columns` of registrations, one for each enterprise, where no later one is stored."""
    if not registered:
        return
    registered_at = tables.enterprises.c.registered_at
    given = insert(tables.enterprises).values(
        [
            {"code": one.code, "classification": one.classification, "registered_at": one.at, "station": one.station}
            for one in registered
        ]
    )
    await connection.execute(
        given.on_conflict_do_update(
            index_elements=["code"],
            set_={column: given.excluded[column] for column in columns},
            where=registered_at.is_(None) | (registered_at <= given.excluded.registered_at),
        )
    )


async def link_cases(connection: AsyncConnection, cases: Mapping[UUID, UUID]) -> None:
    """Store which case answers each alert."""
    await connection.execute(
        text("""
            update ingest.alerts a set case_id = new.case_id
              from unnest(cast(:alert_ids as uuid[]), cast(:case_ids as uuid[])) as new (alert_id, case_id)
             where a.alert_id = new.alert_id
        """),
        {"alert_ids": list(cases), "case_ids": list(cases.values())},
    )


async def set_once(connection: AsyncConnection, column: Once, instants: Mapping[UUID, datetime]) -> None:
    """Set an instant of alerts that have none yet."""
    if instants:
        await connection.execute(
            text(f"""
                update ingest.alerts a set {column} = coalesce(a.{column}, new.at)
                  from unnest(cast(:alert_ids as uuid[]), cast(:instants as timestamptz[])) as new (alert_id, at)
                 where a.alert_id = new.alert_id
            """),
            {"alert_ids": list(instants), "instants": list(instants.values())},
        )


async def keep_answers(connection: AsyncConnection, instants: Mapping[UUID, datetime]) -> None:
    """Store when the enterprise last answered each alert."""
    if instants:
        await connection.execute(
            text("""
                update ingest.alerts a set answered_at = greatest(a.answered_at, new.at)
                  from unnest(cast(:alert_ids as uuid[]), cast(:instants as timestamptz[])) as new (alert_id, at)
                 where a.alert_id = new.alert_id
            """),
            {"alert_ids": list(instants), "instants": list(instants.values())},
        )


async def upgraded_although_answered(
    connection: AsyncConnection, books: RuleBooks, answers: Mapping[UUID, datetime]
) -> list[tuple[StoredAlert, datetime]]:
    """Find the red alerts that were upgraded for silence although the enterprise had answered, and when it had."""
    rows = await connection.execute(
        text("""
            select a.*, new.at as self_reported_at
              from unnest(cast(:alert_ids as uuid[]), cast(:instants as timestamptz[])) as new (alert_id, at)
              join ingest.alerts a using (alert_id)
             where a.level = 'red' and a.dismissed_at is null
               and exists (select 1 from ingest.former_gradings f
                            where f.alert_id = a.alert_id and f.cause = 'unanswered' and f.superseded_at > new.at)
        """),
        {"alert_ids": list(answers), "instants": list(answers.values())},
    )
    return [(await stored_alert(connection, books, row), row.self_reported_at) for row in rows.all()]
