"""Reading and acknowledging one's own notices, and the notice as it is answered."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row

from services.dispatcher.cases.access import require_sight
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import disclosure, reach
from services.dispatcher.domain.reach import NoticeState
from services.dispatcher.handlers.arrivals import emit_arrived
from services.dispatcher.notices import store
from services.dispatcher.notices.digests import matters_of
from services.dispatcher.notices.links import MatterLink, links
from services.dispatcher.notices.proofs import ACKNOWLEDGED, SEEN, record_notices
from services.dispatcher.notices.wording import Matter
from shared.contract.disclosure import Sight, shown, without_numbers
from shared.contract.events import Bilingual
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.time.instants import Instant


class Notice(BaseModel):
    """A message to an enterprise, an officer or an office, and the proof of how far it came.

    `recipient` is the code of an enterprise or officer, or the role of an office, which `station` narrows. `sent_at`
    is when a channel first took it, `delivered_at` when it arrived: by the channel's `receipt`, by the recipient's own
    `fetch`, or as a person recorded (`phone`, `paper`, `in_person`). `tried` are the channels before the present one,
    and `told_at` is when the station was asked to phone. `failure` is what went wrong last, also when a later attempt
    succeeded. `matters` are those of a list.
    """

    model_config = ConfigDict(from_attributes=True)

    notice_id: UUID
    purpose: str
    recipient_kind: Literal["enterprise", "officer", "role"]
    recipient: str
    station: str | None
    enterprise_code: str | None
    alert_id: UUID | None
    case_id: UUID | None
    subject: Bilingual
    body: Bilingual
    matters: list[MatterLink]
    state: NoticeState
    created_at: Instant
    channel: str | None
    address: str | None
    attempts: int
    failure: str | None
    sent_at: Instant | None
    delivered_at: Instant | None
    delivered_by: str | None
    receipt: dict[str, Any] | None
    seen_at: Instant | None
    acknowledged_at: Instant | None
    tried: list[dict[str, Any]]
    told_at: Instant | None

    @classmethod
    def of(cls, row: Row[Any], matters: Sequence[Matter], caller: Principal) -> Self:
        """The answer to `caller` from a row of `dispatch.notices`."""
        notice = cls.model_validate({**row._mapping, "matters": links(matters), "state": state_of(row)})
        sight = Sight.OWN if caller.role is Role.ENTERPRISE else Sight.WHOLE
        return without_numbers(shown(notice, sight, disclosure.TABLE), caller)


def state_of(row: Row[Any]) -> NoticeState:
    """How far a stored notice has come."""
    return reach.state_of(row.sent_at, row.delivered_at, row.seen_at, row.acknowledged_at)


async def read_notices(
    work: CaseUnitOfWork,
    caller: Principal,
    asked: Mapping[str, object],
    *,
    after: tuple[Any, ...] | None,
    limit: int,
    fetched: bool = True,
) -> list[Notice]:
    """The notices that `asked` describes, and one beyond `limit` where there are more.

    Those to the caller that are `fetched` are seen by that.
    """
    rows = await store.list_notices(work.connection, caller, asked, after=after, limit=limit + 1)
    if fetched:
        awaited = {row.notice_id for row in rows if row.delivered_at is None}
        unseen = {row.notice_id for row in rows if row.seen_at is None}
        seen = await store.mark_seen(work.connection, caller, rows[:limit], work.now)
        fresh = [row for row in seen if row.notice_id in unseen and row.seen_at is not None]
        await record_notices(work, SEEN, fresh)
        await emit_arrived(work, [row for row in seen if row.delivered_at is not None and row.notice_id in awaited])
        rows = [*seen, *rows[limit:]]
    matters = await matters_of(work.connection, [row.notice_id for row in rows])
    return [Notice.of(row, matters.get(row.notice_id, []), caller) for row in rows]


async def read_notices_of_case(
    work: CaseUnitOfWork, caller: Principal, case_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> list[Notice]:
    """The notices about a case that the caller sees, and one beyond `limit` where there are more. Raises NotFound."""
    await require_sight(work.connection, case_id, caller)
    rows = await store.list_of_case(work.connection, case_id, after=after, limit=limit + 1)
    matters = await matters_of(work.connection, [row.notice_id for row in rows])
    return [Notice.of(row, matters.get(row.notice_id, []), caller) for row in rows]


async def acknowledge_notice(work: CaseUnitOfWork, caller: Principal, notice_id: UUID) -> Notice:
    """Keep that the caller has read a notice. Raises NotFound for one that is not the caller's."""
    row = await store.acknowledge(work.connection, caller, notice_id, work.now)
    if row.delivered_at == work.now:
        await emit_arrived(work, [row])
    if row.acknowledged_at == work.now:
        await record_notices(work, ACKNOWLEDGED, [row])
    return Notice.of(row, (await matters_of(work.connection, [notice_id])).get(notice_id, []), caller)


async def see_offers(work: CaseUnitOfWork, officer: str, case_ids: Collection[UUID]) -> None:
    """Who fetches what a case asks has seen the notice that offered it."""
    seen = await store.mark_offers_seen(work.connection, officer, case_ids, work.now)
    await record_notices(work, SEEN, seen)
    await emit_arrived(work, [row for row in seen if row.delivered_at == work.now])
