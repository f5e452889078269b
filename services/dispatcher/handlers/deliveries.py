"""How it becomes known that a notice arrived: a channel's receipt, or the record of who phoned or handed it over."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row, select, update

from services.dispatcher import tables
from services.dispatcher.assignments import teams
from services.dispatcher.cases.steps import StepDetails, note
from services.dispatcher.cases.store import lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.fields import Body, ClaimedTime, Remark, Words
from services.dispatcher.domain.reach import NoticeState
from services.dispatcher.handlers.arrivals import emit_arrived
from services.dispatcher.handlers.notices import Notice, state_of
from services.dispatcher.notices import undelivered
from services.dispatcher.notices.delivery import RECEIPT
from services.dispatcher.notices.digests import matters_of
from services.dispatcher.notices.proofs import ARRIVED, FAILED, record_notices
from shared.contract.notices import NOTICE_DELIVERED
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, Invalid, NotFound
from shared.contract.roles import Reach
from shared.time.instants import shown

_NOTICES = tables.notices.c

Person = Annotated[Words, Field(max_length=200)]


class DeliveryBody(Body):
    """A notice that a person gave by phone, on paper or in person: when, to whom, and who witnessed it."""

    means: Literal["phone", "paper", "in_person"]
    at: ClaimedTime
    received_by: Person
    witness: Person
    remark: Remark | None = None


class ReceiptBody(Body):
    """What a channel says of a notice that it took: that it arrived, or that it will not."""

    notice_id: UUID
    status: Literal["delivered", "failed"]
    at: ClaimedTime | None = None
    id: Annotated[Remark, Field(max_length=200)] | None = None
    detail: Remark | None = None


class ReceiptKept(BaseModel):
    """How far the notice has come."""

    notice_id: UUID
    state: NoticeState


async def record_delivery(work: CaseUnitOfWork, caller: Principal, notice_id: UUID, body: DeliveryBody) -> Notice:
    """Keep that a person gave a notice to its recipient. Raises NotFound, Invalid, Conflict."""
    case_ids = await undelivered.cases_of(work.connection, notice_id)
    cases = await lock_all(work, case_ids)
    notice = await _lock(work, notice_id)
    stations = {case.station for case in cases}
    if notice is not None and not cases and notice.enterprise_code is not None:
        stations = set((await teams.stations_in_charge(work, {notice.enterprise_code})).values())
    if notice is None or notice.recipient_kind == "role" or not _may_record(caller, stations):
        raise NotFound("notice", notice_id)
    _require_valid(work, caller, notice, body)
    record = {
        "means": body.means,
        "received_by": body.received_by,
        "witness": body.witness,
        "remark": body.remark,
        "recorded_by": caller.subject,
        "recorded_role": caller.role,
        "recorded_at": shown(work.now),
    }
    row = await _update(
        work, notice, delivered_at=body.at, delivered_by=body.means, receipt=record, tried=_tried(work, notice)
    )
    await emit_arrived(work, [row])
    detail = {"notice_id": str(notice_id), "purpose": notice.purpose, "recipient": notice.recipient, **record}
    if not cases:
        await record_notices(work, ARRIVED, [row])
    for case in cases:
        await note(work, case, NOTICE_DELIVERED, StepDetails(caller.actor, claimed_at=body.at, detail=detail))
    return Notice.of(row, (await matters_of(work.connection, [notice_id])).get(notice_id, []), caller)


def _may_record(caller: Principal, stations: set[str | None]) -> bool:
    return caller.reach is Reach.DISTRICT or (caller.station is not None and caller.station in stations)


def _require_valid(work: CaseUnitOfWork, caller: Principal, notice: Row[Any], body: DeliveryBody) -> None:
    if notice.delivered_at is not None:
        raise Conflict(
            "delivered-already",
            f"The notice arrived at {shown(notice.delivered_at)}, as its record shows; that stands.",
            title="Delivered already",
            delivered_at=shown(notice.delivered_at),
        )
    if not notice.created_at <= body.at <= work.now:
        raise Invalid("impossible-time", "at: not before the notice was written, and not after now.")
    if body.witness in (caller.subject, body.received_by):
        raise Invalid("no-witness", "witness: another person than whoever gave the notice and whoever took it.")


def _tried(work: CaseUnitOfWork, notice: Row[Any]) -> list[dict[str, Any]]:
    return [*notice.tried, undelivered.try_of(notice, work.now)]


async def take_receipt(work: CaseUnitOfWork, channel: str, body: ReceiptBody) -> ReceiptKept:
    """Keep the receipt of a channel. Raises NotFound for a notice that the channel was never given.

    The server's time of receipt counts; the channel's own is kept beside it. A second receipt changes nothing.
    """
    notice = await _lock(work, body.notice_id)
    if notice is None or channel not in _channels_of(notice):
        raise NotFound("notice", body.notice_id)
    receipt = {**(notice.receipt or {}), "channel": channel, **body.model_dump(mode="json", exclude={"notice_id"})}
    if notice.delivered_at is not None:
        row = notice
    elif body.status == "delivered":
        row = await _update(work, notice, delivered_at=work.now, delivered_by=RECEIPT, receipt=receipt)
        await record_notices(work, ARRIVED, [row])
        await emit_arrived(work, [row])
    else:
        values: dict[str, Any] = {"failure": f"{channel}: {body.detail or 'not delivered'}"}
        if channel in _names(notice.channel):  # of a channel before it nothing more is expected
            values["receipt"] = receipt
            if notice.deliver_by is not None:
                values["deliver_by"] = min(notice.deliver_by, work.now)
        row = await _update(work, notice, **values)
        await record_notices(work, FAILED, [row])
    return ReceiptKept(notice_id=row.notice_id, state=state_of(row))


def _channels_of(notice: Row[Any]) -> set[str]:
    """The channels that were given the notice."""
    return _names(notice.channel).union(*(_names(one["channel"]) for one in notice.tried))


def _names(channel: str | None) -> set[str]:
    """The channels of one try."""
    return set() if channel is None else set(channel.split(", "))


async def _lock(work: CaseUnitOfWork, notice_id: UUID) -> Row[Any] | None:
    found = await work.connection.execute(
        select(tables.notices).where(_NOTICES.notice_id == notice_id).with_for_update()
    )
    return found.one_or_none()


async def _update(work: CaseUnitOfWork, notice: Row[Any], **values: Any) -> Row[Any]:
    written = await work.connection.execute(
        update(tables.notices).where(_NOTICES.notice_id == notice.notice_id).values(**values).returning(tables.notices)
    )
    row: Row[Any] = written.one()
    return row
