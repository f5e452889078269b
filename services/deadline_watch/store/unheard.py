"""Clocks that run unheard: a notice that starts one or reminds of it has not arrived, and somebody is to phone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, func, select, text

from services.deadline_watch import tables
from shared.contract.cloudevents import written
from shared.contract.notices import NoticeDelivered, NoticeUndelivered
from shared.messaging.inbox import Received
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.recordsets import recordset

_UNHEARD = tables.unheard.c
_KEEP = text(f"""
    insert into watch.unheard (case_id, notice_id, enterprise_code, since)
    select case_id, notice_id, enterprise_code, since
      from {recordset("notices")} as late (case_id uuid, notice_id uuid, enterprise_code text, since timestamptz)
        on conflict do nothing
""")
_HEARD = text(f"""
    update watch.unheard u
       set heard_at = arrived.at
      from {recordset("notices")} as arrived (case_id uuid, notice_id uuid, at timestamptz)
     where u.case_id = arrived.case_id and u.notice_id = arrived.notice_id
""")


async def keep_undelivered(work: UnitOfWork, events: Sequence[Received[NoticeUndelivered]]) -> None:
    """Keep that notices did not arrive."""
    late = [
        {
            "case_id": event.data.case_id,
            "notice_id": event.data.notice_id,
            "enterprise_code": event.data.enterprise_code,
            "since": event.data.at,
        }
        for event in events
    ]
    await work.connection.execute(_KEEP, {"notices": written(late)})


async def keep_delivered(work: UnitOfWork, events: Sequence[Received[NoticeDelivered]]) -> None:
    """Keep that notices arrived after all; of two events of one notice in a batch the last holds."""
    arrived = {
        (event.data.case_id, event.data.notice_id): {
            "case_id": event.data.case_id,
            "notice_id": event.data.notice_id,
            "at": event.data.delivered_at,
        }
        for event in events
    }
    await work.connection.execute(_HEARD, {"notices": written([*arrived.values()])})


def unheard_since() -> ScalarSelect[Any]:
    """Since when a notice of the clock's case has been known not to have arrived, beside `watch.deadlines`."""
    return (
        select(func.min(_UNHEARD.since))
        .where(_UNHEARD.case_id == tables.deadlines.c.case_id, _UNHEARD.heard_at.is_(None))
        .correlate(tables.deadlines)
        .scalar_subquery()
    )
