"""Queueing notices: each occasion is notified of once, alone or in a list of what goes to one recipient."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.domain import reach
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.domain.reach import Pace
from services.dispatcher.notices.digests import Queued, gather, row_of
from services.dispatcher.notices.wording import NoticeDraft
from shared.contract.cloudevents import written
from shared.storage.recordsets import recordset
from shared.time.identifiers import identifier


async def enqueue(
    connection: AsyncConnection, drafts: Sequence[NoticeDraft], now: datetime, policy: DispatchPolicy
) -> None:
    """Store `drafts` for delivery. One whose occasion is stored already was notified of, and is left alone."""
    queued = [_queued(draft, now, policy) for draft in drafts]
    await _store(connection, [one for one in queued if one.pace is Pace.AT_ONCE], now)
    await gather(connection, [one for one in queued if one.pace is not Pace.AT_ONCE], now, policy.digest)


def _queued(draft: NoticeDraft, now: datetime, policy: DispatchPolicy) -> Queued:
    window = reach.delivery_window(draft.purpose, draft.recipient_kind, policy.reach)
    # A list is of cases: what is about none goes alone.
    at_once = draft.at_once or draft.case_id is None
    pace = reach.pace_of(draft.purpose, draft.recipient_kind, at_once=at_once)
    return Queued(draft, pace, None if window is None else now + window)


async def _store(connection: AsyncConnection, queued: Sequence[Queued], now: datetime) -> None:
    if queued:
        drafts = [row_of(one.draft) | {"notice_id": identifier(now), "deliver_by": one.deliver_by} for one in queued]
        await connection.execute(_STORE, {"drafts": written(drafts), "now": now})


_STORE = text(f"""
    insert into dispatch.notices (notice_id, occasion, purpose, recipient_kind, recipient, station,
                                  enterprise_code, alert_id, case_id, subject, body, created_at, attempts,
                                  attempt_at, deliver_by)
    select notice_id, occasion, purpose, recipient_kind, recipient, station,
           enterprise_code, alert_id, case_id, subject, body, :now, 0, :now, deliver_by
      from {recordset("drafts")} as new (
             notice_id uuid, occasion text, purpose text, recipient_kind text, recipient text, station text,
             enterprise_code text, alert_id uuid, case_id uuid, subject jsonb, body jsonb,
             deliver_by timestamptz)
     order by occasion
    on conflict (occasion) do nothing
""")
