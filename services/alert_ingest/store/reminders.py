"""The statements about reminders: which stand, and how many further alerts are counted on each.

Whoever calls these holds the locks of the enterprises concerned (`intake.lock_enterprises`).
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.reminders import ReminderKey
from shared.storage.arrays import array
from shared.storage.direct import fetch

_SINCE = """
    select asked.*, last.alert_id
      from unnest(cast(cast($1 as text) as text[]), cast(cast($2 as text) as text[]),
                  cast(cast($3 as text) as text[])) as asked (enterprise_code, outlet, own_rule)
     cross join lateral (
           select a.alert_id
             from ingest.alerts a
            where (a.enterprise_code, a.outlet, a.own_rule) = (asked.enterprise_code, asked.outlet, asked.own_rule)
              and a.received_at > cast($4 as timestamptz) and a.level = 'white' and a.counted_on is null
              and a.dismissed_at is null and a.held_since is null
            order by a.received_at desc, a.alert_id
            limit 1) last
"""
_COUNT = """
    update ingest.alerts a set counted = a.counted + further.counted
      from unnest(cast($1 as uuid[]), cast($2 as integer[])) as further (alert_id, counted)
     where a.alert_id = further.alert_id
"""


async def reminders_since(
    connection: AsyncConnection, keys: Collection[ReminderKey], since: datetime
) -> dict[ReminderKey, UUID]:
    """The alerts received after `since` of which enterprises were reminded, and still are white."""
    if not keys:
        return {}
    enterprises, outlets, rules = zip(*sorted(keys), strict=True)
    rows = await fetch(connection, _SINCE, array(enterprises), array(outlets), array(rules), since)
    return {ReminderKey(*key): alert_id for *key, alert_id in rows}


async def count_further(connection: AsyncConnection, reminders: Collection[UUID]) -> None:
    """Count one further alert on a reminder for each mention of it."""
    further = Counter(reminders)
    if further:
        await fetch(connection, _COUNT, list(further), list(further.values()))
