"""Publishing that a notice arrived which its station had been told of as undelivered."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.notices import undelivered
from shared.contract.messages import Event
from shared.contract.notices import NOTICE_DELIVERED, NoticeDelivered

_ABOUT = ("case_id", "alert_id", "kind", "level", "enterprise_code", "station")


async def emit_arrived(work: CaseUnitOfWork, arrived: Sequence[Row[Any]]) -> None:
    """Emit, for each case that they are about, that these notices arrived, of those that a station was told of."""
    late = {row.notice_id: row for row in arrived if row.told_at is not None}
    if not late:
        return
    about = await undelivered.cases_of_all(work.connection, late.values())
    cases = tables.cases.c
    rows = await work.connection.execute(
        select(*(cases[name] for name in _ABOUT)).where(
            cases.case_id.in_({one for ids in about.values() for one in ids})
        )
    )
    known = {row.case_id: row for row in rows}
    for notice_id, case_ids in about.items():
        for case in (known[one] for one in case_ids if one in known):
            notice = late[notice_id]
            data = NoticeDelivered(
                notice_id=notice_id,
                purpose=notice.purpose,
                recipient_kind=notice.recipient_kind,
                recipient=notice.recipient,
                delivered_at=notice.delivered_at,
                delivered_by=notice.delivered_by,
                at=work.now,
                **{name: getattr(case, name) for name in _ABOUT},
            )
            work.emit(Event(NOTICE_DELIVERED, case.enterprise_code, data))
