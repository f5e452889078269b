"""The statements that find the earlier alerts which history facts count."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.domain.history import HistoryQuery


async def earlier_alerts(
    connection: AsyncConnection, queries: Iterable[HistoryQuery], apart: Collection[UUID] = ()
) -> dict[HistoryQuery, list[tuple[datetime, UUID]]]:
    """Find the stored alerts that each query counts, without `apart`, dismissed and held ones."""
    distinct = list(dict.fromkeys(queries))
    if not distinct:
        return {}
    rows = await connection.execute(
        text("""
            select query.place, found.occurred_at, found.alert_id
              from jsonb_to_recordset(cast(:queries as jsonb)) as query (
                     place integer, enterprise_code text, after timestamptz, before timestamptz, outlet text,
                     pollutant text, rules jsonb, level text, exceeding boolean)
             cross join lateral (
                   select a.occurred_at, a.alert_id
                     from ingest.alerts a
                    where a.enterprise_code = query.enterprise_code
                      and a.occurred_at > query.after
                      and a.occurred_at < query.before
                      and (query.outlet is null or a.outlet = query.outlet)
                      and (query.pollutant is null or a.pollutant = query.pollutant)
                      and (jsonb_typeof(query.rules) is distinct from 'array'
                           or jsonb_exists(query.rules, coalesce(a.own_rule, a.grading->>'rule')))
                      and (query.level is null or coalesce(a.own_level, a.level) = query.level)
                      and (a.exceeding or not query.exceeding)
                      and a.dismissed_at is null and a.held_since is null
                      and a.alert_id <> all(cast(:apart as uuid[]))
                   ) found
        """),
        {
            "queries": orjson.dumps(
                [{"place": place, **query._asdict()} for place, query in enumerate(distinct)]
            ).decode(),
            "apart": list(apart),
        },
    )
    answers: dict[HistoryQuery, list[tuple[datetime, UUID]]] = {query: [] for query in distinct}
    for row in rows:
        answers[distinct[row.place]].append((row.occurred_at, row.alert_id))
    return answers


async def earlier_alerts_of(
    connection: AsyncConnection, assessment: Assessment
) -> dict[str, list[tuple[datetime, UUID]]]:
    """Find the earlier alerts that count for one alert, by history fact."""
    queries = assessment.history_queries
    earlier = await earlier_alerts(connection, queries.values(), [assessment.entry.alert_id])
    return {name: earlier[query] for name, query in queries.items()}
