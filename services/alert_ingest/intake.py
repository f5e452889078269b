"""Taking events in: a whole batch read, graded and stored in one transaction, with what is told of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import store, tables
from services.alert_ingest.alert import Alert
from services.alert_ingest.grading import Graded, grade
from services.alert_ingest.reception import Received, receive
from services.alert_ingest.rule_book import RuleBook
from services.alert_ingest.settlement import Known, Receipt, settle
from shared.clock import Clock
from shared.cloudevents import Outgoing, Refused
from shared.database import Database
from shared.events import Topic
from shared.outbox import Outbox
from shared.settings import Settings
from shared.telemetry import Telemetry


@dataclass(frozen=True)
class Submission:
    """An event as it came in.

    `structured` gives its structured form, raising Refused where headers and body do not make one.
    `dead_letter` says how a refusal leaves, for the entrance that has such a way.
    """

    raw: bytes
    structured: Callable[[], bytes]
    entrance: Literal["kafka", "http"]
    origin: str
    dead_letter: Callable[[Refused], Outgoing] | None = None


class Intake:
    """The one way in, for both entrances."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        database: Database,
        outbox: Outbox,
        book: RuleBook,
        telemetry: Telemetry,
    ) -> None:
        self._settings, self._clock, self._database, self._outbox = settings, clock, database, outbox
        self.book, self._telemetry = book, telemetry

    async def take(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Take a batch; answer a receipt for each, in order. What it answers is durable."""
        now = self._clock.now()
        batch = [self._read(submission, now) for submission in submissions]
        while True:
            try:
                async with self._database.transaction() as connection:
                    receipts = await self._store(connection, submissions, batch, now)
            except store.Raced:
                continue  # another replica was first with one of them: the next look finds it there
            for submission, receipt in zip(submissions, receipts, strict=True):
                self._telemetry.records.labels(submission.entrance, receipt.status).inc()
            return receipts

    def try_out(self, body: bytes) -> Graded:
        """The grading that the event in structured `body` would get; nothing is stored. Raises Refused."""
        return grade(self._receive(body, self._clock.now()).event, self.book)

    def _read(self, submission: Submission, now: datetime) -> Received | Refused:
        try:
            return self._receive(submission.structured(), now)
        except Refused as refusal:
            return refusal

    def _receive(self, body: bytes, now: datetime) -> Received:
        return receive(
            body,
            now=now,
            categories=self.book.categories,
            future_tolerance=timedelta(seconds=self._settings.future_tolerance_seconds),
            limit=self._settings.event_body_limit,
        )

    async def _store(
        self,
        connection: AsyncConnection,
        submissions: Sequence[Submission],
        batch: Sequence[Received | Refused],
        now: datetime,
    ) -> list[Receipt]:
        usable = [received for received in batch if isinstance(received, Received)]
        opened: list[Alert] = []

        def open_alert(received: Received) -> Known:
            opened.append(Alert.open(received, self.book, now))
            return Known(opened[-1].alert_id, opened[-1].graded.level)

        settlement = settle(
            batch,
            await store.known_events(connection, (received.identity for received in usable)),
            await store.known_alerts(connection, (received.occurrence for received in usable)),
            open_alert,
        )
        await store.open_alerts(connection, [alert.row() for alert in opened])
        await store.count_repeats(connection, settlement.repeated)
        arrived = [submissions[event.place] for event in settlement.events]
        await store.keep_events(connection, settlement.events, [(one.entrance, one.origin) for one in arrived], now)
        letters = await self._refuse(connection, submissions, settlement.receipts, now)
        graded = [alert.told(self._settings.topic(Topic.ALERTS)) for alert in opened]
        await self._outbox.append(connection, graded + letters)
        return settlement.receipts

    @staticmethod
    async def _refuse(
        connection: AsyncConnection, submissions: Sequence[Submission], receipts: Sequence[Receipt], now: datetime
    ) -> list[Outgoing]:
        """Keep every refused event with its reason; answer the dead letters to send."""
        letters: list[Outgoing] = []
        rows: list[dict[str, Any]] = []
        for submission, receipt in zip(submissions, receipts, strict=True):
            if receipt.refusal is None:
                continue
            refusal_id = uuid4()
            if submission.dead_letter is not None:
                letters.append(submission.dead_letter(receipt.refusal))
                refusal_id = letters[-1].event_id
            rows.append(
                {
                    "refusal_id": refusal_id,
                    "entrance": submission.entrance,
                    "origin": submission.origin,
                    "code": receipt.refusal.code,
                    "detail": receipt.refusal.detail.replace("\x00", "␀"),
                    "body": submission.raw,
                    "refused_at": now,
                }
            )
        if rows:
            await connection.execute(insert(tables.refusals).on_conflict_do_nothing(), rows)
        return letters
