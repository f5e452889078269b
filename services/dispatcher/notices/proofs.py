"""What is kept as evidence of notices: that they were sent and what they said, and that they arrived and were seen."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Row, text

from shared.contract.messages import SYSTEM
from shared.contract.notices import NOTICE_DELIVERED
from shared.evidence.domain.facts import alert_chain, case_chain
from shared.evidence.domain.records import Fact
from shared.messaging.unit_of_work import UnitOfWork

SENT, SEEN, ACKNOWLEDGED, FAILED = (
    f"cn.tricolor.notice.{step}.v1" for step in ("sent", "seen", "acknowledged", "failed")
)
ARRIVED = NOTICE_DELIVERED
_KEPT = (
    *("notice_id", "purpose", "recipient_kind", "recipient", "station", "created_at", "channel", "address", "receipt"),
    *("sent_at", "delivered_at", "delivered_by", "seen_at", "acknowledged_at", "failure"),
)
_CASES = text("""
    select distinct n.notice_id, c.case_id, c.enterprise_code
      from dispatch.notices n
      left join dispatch.notice_matters m using (notice_id)
      join dispatch.cases c on c.case_id = coalesce(m.case_id, n.case_id)
     where n.notice_id = any(cast(:notices as uuid[]))
     order by n.notice_id, c.case_id
""")


async def record_notices(
    work: UnitOfWork, type_: str, rows: Sequence[Row[Any]], messages: Mapping[UUID, bytes] | None = None
) -> None:
    """Keep of each notice how far it has come, with every case that it is about; `messages` are what they said."""
    if not rows:
        return
    found = await work.connection.execute(_CASES, {"notices": [row.notice_id for row in rows]})
    about: defaultdict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for one in found:
        about[one.notice_id].append((case_chain(one.case_id), one.enterprise_code))
    for row in rows:
        document = _document(row, (messages or {}).get(row.notice_id))
        for chain, enterprise in about[row.notice_id] or [_apart(row)]:
            work.record(Fact(type_, chain, enterprise, document))


def _apart(notice: Row[Any]) -> tuple[str, str]:
    """What a notice is about that concerns no case."""
    if notice.alert_id is not None and notice.enterprise_code is not None:
        return alert_chain(notice.alert_id), notice.enterprise_code
    return f"notice:{notice.notice_id}", notice.enterprise_code or SYSTEM


def _document(notice: Row[Any], message: bytes | None) -> bytes:
    kept = to_json({name: getattr(notice, name) for name in _KEPT})
    return kept if message is None else b'%b,"message":%b}' % (kept[:-1], message)
