"""The statements about reminders: which stand, and how many further alerts are counted on each.

Whoever calls these holds the locks of the enterprises concerned (`intake.lock_enterprises`).
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.reminders import ReminderKey
from shared.storage.arrays import array


async def reminders_since(
    connection: AsyncConnection, keys: Collection[ReminderKey], since: datetime
) -> dict[ReminderKey, UUID]:
    """The alerts received after `since` of which enterprises were reminded, and still are white."""
    if not keys:
        return {}
    enterprises, outlets, rules = zip(*sorted(keys), strict=True)
    rows = await connection.execute(
        text("""
            select asked.*, last.alert_id
              from unnest(cast(cast(:enterprises as text) as text[]), cast(cast(:outlets as text) as text[]),
                          cast(cast(:rules as text) as text[])) as asked (enterprise_code, outlet, own_rule)
             cross join lateral (
                   select a.alert_id
                     from ingest.alerts a
                    where (a.enterprise_code, a.outlet, a.own_rule)
                          = (asked.enterprise_code, asked.outlet, asked.own_rule)
                      and a.received_at > :since and a.level = 'white' and a.counted_on is null
                      and a.dismissed_at is null and a.held_since is null
                    order by a.received_at desc, a.alert_id
                    limit 1) last
        """),
        {"enterprises": array(enterprises), "outlets": array(outlets), "rules": array(rules), "since": since},
    )
    return {ReminderKey(row.enterprise_code, row.outlet, row.own_rule): row.alert_id for row in rows}


async def count_further(connection: AsyncConnection, reminders: Collection[UUID]) -> None:
    """Count one further alert on a reminder for each mention of it."""
    further = Counter(reminders)
    if further:
        await connection.execute(
            text("""
                update ingest.alerts a set counted = a.counted + further.counted
                  from unnest(cast(:alert_ids as uuid[]), cast(:counted as integer[])) as further (alert_id, counted)
                 where a.alert_id = further.alert_id
            """),
            {"alert_ids": list(further), "counted": list(further.values())},
        )
