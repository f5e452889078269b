"""The statements that find the earlier alerts which history facts count."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.domain.history import HistoryQuery
from shared.storage.direct import fetch
from shared.storage.recordsets import recordset

_COLUMNS = ("place", *HistoryQuery._fields)
# `offset 0` has PostgreSQL look through the enterprise's own alerts for each query, by their index. Until it has
# counted what a table holds it takes nearly all alerts for dismissed or held, and reads all of them for all queries.
_EARLIER = f"""
    select query.place, found.occurred_at, found.alert_id
      from {recordset("$1")} as query (
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
              and a.alert_id <> all(cast($2 as uuid[]))
           offset 0) found
"""


async def earlier_alerts(
    connection: AsyncConnection, queries: Iterable[HistoryQuery], apart: Collection[UUID] = ()
) -> dict[HistoryQuery, list[tuple[datetime, UUID]]]:
    """Find the stored alerts that each query counts, without `apart`, dismissed and held ones."""
    distinct = list(dict.fromkeys(queries))
    if not distinct:
        return {}
    asked = [dict(zip(_COLUMNS, (place, *query), strict=True)) for place, query in enumerate(distinct)]
    answers: list[list[tuple[datetime, UUID]]] = [[] for _ in distinct]
    for place, occurred_at, alert_id in await fetch(connection, _EARLIER, orjson.dumps(asked), list(apart)):
        answers[place].append((occurred_at, alert_id))
    return dict(zip(distinct, answers, strict=True))


async def earlier_alerts_of(
    connection: AsyncConnection, assessment: Assessment
) -> dict[str, list[tuple[datetime, UUID]]]:
    """Find the earlier alerts that count for one alert, by history fact."""
    queries = assessment.history_queries
    earlier = await earlier_alerts(connection, queries.values(), [assessment.entry.alert_id])
    return {name: earlier[query] for name, query in queries.items()}
