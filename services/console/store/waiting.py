"""What waits for people beside cases: proposals, notices, dead letters, stopped partitions. Each as its events have it.

The event that begins a thing and the one that ends it may come in either order.
"""

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

_PROPOSED = (
    "proposal_id, service, kind, name, summary, subject, station, enterprise_code, alert_id, case_id, proposed_by,"
    " proposed_at, expires_at, recipients, state"
)
PROPOSALS = text(f"""
    insert into console.proposals ({_PROPOSED})
    select {_PROPOSED} from jsonb_populate_recordset(null::console.proposals, cast(:rows as jsonb))
     order by proposal_id
    on conflict (proposal_id) do update set state = excluded.state where proposals.state = 'open'
""")
_NOTICE = (
    "notice_id, enterprise_code, case_id, alert_id, station, level, purpose, recipient_kind, recipient, queued_at, at,"
    " delivered_at"
)
UNDELIVERED = text(f"""
    insert into console.undelivered ({_NOTICE})
    select {_NOTICE} from jsonb_populate_recordset(null::console.undelivered, cast(:rows as jsonb))
     order by notice_id
    on conflict (notice_id) do update
       set at = least(undelivered.at, excluded.at),
           queued_at = coalesce(undelivered.queued_at, excluded.queued_at),
           delivered_at = coalesce(undelivered.delivered_at, excluded.delivered_at)
""")
LETTERS = text("""
    insert into console.waiting_letters as kept (letter_id, service, topic, code, detail, failed_at, decided_at)
    select letter_id, service, topic, code, detail, failed_at, decided_at
      from jsonb_populate_recordset(null::console.waiting_letters, cast(:rows as jsonb))
     order by letter_id
    on conflict (letter_id) do update
       set topic = coalesce(kept.topic, excluded.topic), code = coalesce(kept.code, excluded.code),
           detail = coalesce(kept.detail, excluded.detail), failed_at = coalesce(kept.failed_at, excluded.failed_at),
           decided_at = coalesce(kept.decided_at, excluded.decided_at)
""")
PARTITIONS = text("""
    insert into console.stopped_partitions as kept
           (service, topic, partition, "offset", code, detail, since, released_at)
    select service, topic, partition, "offset", code, detail, since, released_at
      from jsonb_populate_recordset(null::console.stopped_partitions, cast(:rows as jsonb))
     order by service, topic, partition, "offset"
    on conflict (service, topic, partition, "offset") do update
       set code = coalesce(excluded.code, kept.code), detail = coalesce(excluded.detail, kept.detail),
           since = greatest(kept.since, excluded.since), released_at = greatest(kept.released_at, excluded.released_at)
""")


async def keep(connection: AsyncConnection, statement: TextClause, rows: Sequence[dict[str, Any]]) -> None:
    """Keep `rows`, each of a key of its own, by one of the statements above."""
    if rows:
        await connection.execute(statement, {"rows": to_json(rows).decode()})
