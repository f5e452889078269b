"""Sending notices and keeping the proof. Nothing is given up: what fails is tried again, later and later."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy import Row, text

from services.dispatcher.domain.reach import Address, order_of
from services.dispatcher.notices.addresses import Addressee, Reachable, reachable
from services.dispatcher.notices.channels import AT_ONCE, SECONDS_EACH, Channels, Message, Undelivered
from services.dispatcher.notices.digests import matters_of
from services.dispatcher.notices.links import links
from services.dispatcher.notices.proofs import SENT, record_notices
from shared.messaging.unit_of_work import UnitsOfWork

_BATCH = 100
# How long a claimed notice is ours: longer than a whole batch takes when the vendor never answers.
_LEASE = timedelta(seconds=_BATCH / AT_ONCE * SECONDS_EACH + 30)
RECEIPT = "receipt"
"""`delivered_by`: the channel says that it arrived."""


class SendingResult(BaseModel):
    """The result of one attempt: taken by the channel, with a receipt, or failed and to be tried again."""

    notice_id: UUID
    channel: str
    address: str | None
    of_try: int
    try_number: int
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    delivered_by: str | None = None
    receipt: dict[str, Any] | None = None
    failure: str | None = None
    attempt_at: datetime | None = None


class Claimed(NamedTuple):
    """A notice that is ours to send, what it says, and the tries that there are for its recipient, in order."""

    notice: Row[Any]
    message: Message
    order: Sequence[Sequence[Address]]


class Delivery:
    """The pass that sends. Any number of replicas may run it: each notice is leased by one at a time."""

    def __init__(self, units: UnitsOfWork[Any], channels: Channels) -> None:
        self._units, self._clock, self._channels = units, units.clock, channels

    async def run_once(self) -> int:
        """Try each notice that is due, up to a batch; return how many. No transaction is open meanwhile."""
        due = await self._claim()
        results = await asyncio.gather(*(self._attempt(claimed) for claimed in due))
        if results:
            await self._record(results, {claimed.notice.notice_id: claimed.message for claimed in due})
        return len(results)

    async def close(self) -> None:
        await self._channels.close()

    async def _claim(self) -> list[Claimed]:
        now = self._clock.now()
        async with self._units.database.transaction() as connection:
            claimed = await connection.execute(
                text("""
                    update dispatch.notices n
                       set attempts = n.attempts + 1, attempt_at = :lease_ends
                      from (select notice_id
                              from dispatch.notices
                             where delivered_at is null and attempt_at <= :now
                             order by attempt_at
                             limit :batch
                               for update skip locked) as due
                     where n.notice_id = due.notice_id
                    returning n.*
                """),
                {"now": now, "lease_ends": now + _LEASE, "batch": _BATCH},
            )
            rows = claimed.all()
            if not rows:
                return []
            people = await reachable(connection, {_addressee(row) for row in rows})
            lists = await matters_of(connection, [row.notice_id for row in rows])
        return [
            Claimed(
                row,
                Message.model_validate(row).model_copy(update={"matters": links(lists.get(row.notice_id, []))}),
                order_of(row.recipient_kind, people.get(_addressee(row), Reachable()).people, self._channels.names),
            )
            for row in rows
        ]

    async def _attempt(self, claimed: Claimed) -> SendingResult:
        notice, message, order = claimed
        number = min(notice.try_number, len(order) - 1)
        addresses = order[number]
        channel, address = _names(addresses)
        result = SendingResult(
            notice_id=notice.notice_id,
            channel=channel,
            address=address,
            of_try=notice.try_number,
            try_number=number,
        )
        try:
            taken = await self._channels.send(message, addresses)
        except Undelivered as failure:
            again = self._clock.now() + backoff(notice.attempts)
            # Once all were tried they are tried in turn, until one takes it.
            following = (number + 1) % len(order) if notice.told_at is not None else number
            return result.model_copy(update={"failure": str(failure), "attempt_at": again, "try_number": following})
        now = self._clock.now()
        arrived = {"delivered_at": now, "delivered_by": RECEIPT} if taken.delivered else {}
        return result.model_copy(update={"sent_at": now, "receipt": taken.receipt} | arrived)

    async def _record(self, results: Sequence[SendingResult], messages: Mapping[UUID, Message]) -> None:
        """Store the results: the first receipt of a try is kept, and the last failure beside it.

        Where the next try was begun meanwhile only how far the notice came is kept of this one.
        """
        async with self._units.open() as work:
            written = await work.connection.execute(
                text("""
                    update dispatch.notices n
                       set sent_at = coalesce(n.sent_at, result.sent_at),
                           delivered_by = case when n.delivered_at is null then result.delivered_by
                                               else n.delivered_by end,
                           delivered_at = coalesce(n.delivered_at, result.delivered_at),
                           failure = coalesce(result.failure, n.failure),
                           channel = case when current then result.channel else n.channel end,
                           address = case when current then result.address else n.address end,
                           receipt = case when current then coalesce(n.receipt, result.receipt) else n.receipt end,
                           attempt_at = case when current then coalesce(result.attempt_at, 'infinity')
                                             else n.attempt_at end,
                           try_number = case when current then result.try_number else n.try_number end
                      from (select r.*, m.try_number = r.of_try as current
                              from jsonb_to_recordset(cast(:results as jsonb)) as r (
                                     notice_id uuid, channel text, address text, of_try integer, try_number integer,
                                     sent_at timestamptz, delivered_at timestamptz, delivered_by text, receipt jsonb,
                                     failure text, attempt_at timestamptz)
                              join dispatch.notices m on m.notice_id = r.notice_id
                             order by r.notice_id
                               for update of m) as result
                     where n.notice_id = result.notice_id
                    returning n.*
                """),
                {"results": to_json(results).decode()},
            )
            taken = {one.notice_id for one in results if one.sent_at is not None}
            sent = [row for row in written if row.notice_id in taken]
            await record_notices(work, SENT, sent, {id_: messages[id_].content for id_ in taken})


def _addressee(notice: Row[Any]) -> Addressee:
    return Addressee(notice.recipient_kind, notice.recipient, notice.station)


def _names(addresses: Sequence[Address]) -> tuple[str, str | None]:
    """The channels and the addresses of a try, as they are kept with the notice."""
    channels = dict.fromkeys(one.channel for one in addresses)
    known = [one.address for one in addresses if one.address is not None]
    return ", ".join(channels), ", ".join(known) or None


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 30 seconds, doubled each time, an hour at most."""
    return min(timedelta(seconds=30) * (1 << min(attempts - 1, 7)), timedelta(hours=1))
