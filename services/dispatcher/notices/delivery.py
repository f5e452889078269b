"""Delivering notices and keeping the proof. Nothing is given up: what fails is tried again, later and later."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy import Row, text

from services.dispatcher.notices.channels import AT_ONCE, SECONDS_EACH, Channel, InApp, Message, Undelivered, Vendor
from shared.storage.database import Database
from shared.time.clock import Clock

_BATCH = 100
# How long a claimed notice is ours: longer than a whole batch takes when the vendor never answers.
_LEASE = timedelta(seconds=_BATCH / AT_ONCE * SECONDS_EACH + 30)


class DeliveryResult(BaseModel):
    """The result of one attempt: delivered with a receipt, or failed and to be tried again at `attempt_at`."""

    notice_id: UUID
    channel: str
    delivered_at: datetime | None = None
    receipt: dict[str, Any] | None = None
    failure: str | None = None
    attempt_at: datetime | None = None


class Delivery:
    """The pass that delivers. Any number of replicas may run it: each notice is leased by one at a time.

    A notice in the app can be read as soon as it is stored; its delivery is recorded with the next pass.
    """

    def __init__(self, database: Database, clock: Clock, channel_url: str | None) -> None:
        self._database, self._clock = database, clock
        self._app: Channel = InApp()
        self._to_enterprises: Channel = Vendor(channel_url) if channel_url else self._app

    async def run_once(self) -> int:
        """Try each notice that is due, up to a batch; return how many. No transaction is open meanwhile."""
        due = await self._claim()
        results = await asyncio.gather(*(self._attempt(notice) for notice in due))
        if results:
            await self._record(results)
        return len(results)

    async def close(self) -> None:
        await self._to_enterprises.close()

    async def _claim(self) -> Sequence[Row[Any]]:
        now = self._clock.now()
        async with self._database.transaction() as connection:
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
            return claimed.all()

    async def _attempt(self, notice: Row[Any]) -> DeliveryResult:
        channel = self._to_enterprises if notice.recipient_kind == "enterprise" else self._app
        try:
            receipt = await channel.deliver(Message.model_validate(notice))
        except Undelivered as failure:
            again = self._clock.now() + backoff(notice.attempts)
            return DeliveryResult(
                notice_id=notice.notice_id, channel=channel.name, failure=str(failure), attempt_at=again
            )
        return DeliveryResult(
            notice_id=notice.notice_id, channel=channel.name, delivered_at=self._clock.now(), receipt=receipt
        )

    async def _record(self, results: Sequence[DeliveryResult]) -> None:
        """Store the results: the first receipt is kept, and the last failure beside it."""
        async with self._database.transaction() as connection:
            await connection.execute(
                text("""
                    update dispatch.notices n
                       set channel = result.channel, delivered_at = result.delivered_at, receipt = result.receipt,
                           failure = coalesce(result.failure, n.failure),
                           attempt_at = coalesce(result.attempt_at, n.attempt_at)
                      from jsonb_to_recordset(cast(:results as jsonb)) as result (
                             notice_id uuid, channel text, delivered_at timestamptz, receipt jsonb, failure text,
                             attempt_at timestamptz)
                     where n.notice_id = result.notice_id and n.delivered_at is null
                """),
                {"results": to_json(results).decode()},
            )


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 30 seconds, doubled each time, an hour at most."""
    return min(timedelta(seconds=30) * (1 << min(attempts - 1, 7)), timedelta(hours=1))
