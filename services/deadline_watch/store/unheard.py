"""Clocks that run unheard: a notice that starts one or reminds of it has not arrived, and somebody is to phone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.deadline_watch import tables
from shared.contract.notices import NoticeDelivered, NoticeUndelivered
from shared.messaging.inbox import Received
from shared.messaging.unit_of_work import UnitOfWork

_UNHEARD = tables.unheard.c


async def keep_undelivered(work: UnitOfWork, events: Sequence[Received[NoticeUndelivered]]) -> None:
    """Keep that notices did not arrive."""
    for event in events:
        notice = event.data
        await work.connection.execute(
            upsert(tables.unheard)
            .values(
                case_id=notice.case_id,
                notice_id=notice.notice_id,
                enterprise_code=notice.enterprise_code,
                since=notice.at,
            )
            .on_conflict_do_nothing()
        )


async def keep_delivered(work: UnitOfWork, events: Sequence[Received[NoticeDelivered]]) -> None:
    """Keep that notices arrived after all."""
    for event in events:
        await work.connection.execute(
            update(tables.unheard)
            .where(_UNHEARD.case_id == event.data.case_id, _UNHEARD.notice_id == event.data.notice_id)
            .values(heard_at=event.data.delivered_at)
        )


def unheard_since() -> ScalarSelect[Any]:
    """Since when a notice of the clock's case has been known not to have arrived, beside `watch.deadlines`."""
    return (
        select(func.min(_UNHEARD.since))
        .where(_UNHEARD.case_id == tables.deadlines.c.case_id, _UNHEARD.heard_at.is_(None))
        .correlate(tables.deadlines)
        .scalar_subquery()
    )
