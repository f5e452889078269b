"""The statements that recall the past: what counts for a grade, and which grades a late arrival bears on."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.domain.history import HistoryQuery


async def earlier_alerts(
    connection: AsyncConnection, history_queries: Iterable[HistoryQuery], apart: Collection[UUID] = ()
) -> dict[HistoryQuery, list[tuple[datetime, UUID]]]:
    """The stored alerts that each question counts but those `apart`, left to the caller. Dismissed ones never do."""
    asked = list(dict.fromkeys(history_queries))
    if not asked:
        return {}
    rows = await connection.execute(
        text("""
            select asked.place, found.occurred_at, found.alert_id
              from jsonb_to_recordset(cast(:questions as jsonb)) as asked (
                     place integer, enterprise_code text, after timestamptz, before timestamptz, outlet text,
                     pollutant text, rules jsonb, level text, exceeding boolean)
             cross join lateral (
                   select a.occurred_at, a.alert_id
                     from ingest.alerts a
                    where a.enterprise_code = asked.enterprise_code
                      and a.occurred_at > asked.after
                      and a.occurred_at < asked.before
                      and (asked.outlet is null or a.outlet = asked.outlet)
                      and (asked.pollutant is null or a.pollutant = asked.pollutant)
                      and (jsonb_typeof(asked.rules) is distinct from 'array'
                           or jsonb_exists(asked.rules, coalesce(a.own_rule, a.grading->>'rule')))
                      and (asked.level is null or coalesce(a.own_level, a.level) = asked.level)
                      and (a.exceeding or not asked.exceeding)
                      and a.dismissed_at is null
                      and a.alert_id <> all(cast(:apart as uuid[]))
                   ) found
        """),
        {
            "questions": to_json([{"place": place} | vars(query) for place, query in enumerate(asked)]).decode(),
            "apart": list(apart),
        },
    )
    answers: dict[HistoryQuery, list[tuple[datetime, UUID]]] = {query: [] for query in asked}
    for row in rows:
        answers[asked[row.place]].append((row.occurred_at, row.alert_id))
    return answers


async def earlier_alerts_of(
    connection: AsyncConnection, assessment: Assessment
) -> dict[str, list[tuple[datetime, UUID]]]:
    """The answers to the questions of one alert, by history fact."""
    history_queries = assessment.history_queries()
    earlier = await earlier_alerts(connection, history_queries.values(), [assessment.entry.alert_id])
    return {name: earlier[query] for name, query in history_queries.items()}
