"""Taking events in: a whole batch read, graded and stored in one unit of work."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain import evidence
from services.alert_ingest.domain.age import doubt_of_age
from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.domain.deduplication import KnownEvent, Receipt, deduplicate
from services.alert_ingest.domain.doubts import source_unproven
from services.alert_ingest.domain.facts import FactValue
from services.alert_ingest.domain.grading import Grade
from services.alert_ingest.domain.parsing import Received, heartbeat, receive
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.handlers import regrading
from services.alert_ingest.handlers.arrivals import Lately, hear
from services.alert_ingest.handlers.batch_grades import grade_batch, reminding_once
from services.alert_ingest.handlers.decisions import Decisions
from services.alert_ingest.store import grades as grade_store
from services.alert_ingest.store import history as history_store
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store import reminders as reminder_store
from services.alert_ingest.store.opening import open_alerts
from services.alert_ingest.store.packed import Bodies
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.cloudevents import Refused, id_of, structured_form
from shared.contract.platforms import HeartbeatEvent
from shared.contract.principal import Credential
from shared.messaging.dead_letters.store import DeadLetters, Letter
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.settings import Settings
from shared.storage.packing import Packer
from shared.telemetry import Telemetry
from shared.time.identifiers import identifier

FOREIGN_SOURCE = "foreign-source"
"""The code of a refusal: the sender's credential does not list the platform that the event is said to come from."""


class Submission(NamedTuple):
    """An event as it came in.

    `structured` gives its structured form, raising Refused where headers and body do not make one.
    `speaks_for` says whether the sender may push what a source says.
    `credential` is by which token it came.
    `dead_letter` is what a refusal makes of it, for the entrance that cannot answer the sender.
    """

    raw: bytes
    structured: Callable[[], bytes]
    entrance: Literal["kafka", "http"]
    origin: str
    dead_letter: Callable[[Refused, datetime], Letter] | None = None
    speaks_for: Callable[[str], bool] = lambda _: True
    credential: Credential | None = None


class Intake:
    """Takes anomaly events in, whichever way they come."""

    def __init__(
        self,
        *,
        settings: Settings,
        units: UnitsOfWork[UnitOfWork],
        letters: DeadLetters,
        books: RuleBooks,
        decisions: Decisions,
        telemetry: Telemetry,
    ) -> None:
        self._settings, self._units, self._letters = settings, units, letters
        self._books, self._decisions, self._telemetry = books, decisions, telemetry
        self._packer = Packer() if settings.packed_alerts else None
        self._lately = Lately()
        self._future_tolerance = timedelta(seconds=settings.future_tolerance_seconds)
        self._tells_platforms_apart = any(platform.sources for platform in settings.platforms().values())

    async def take(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Take a batch of events in; answer a receipt for each, in order, when all of them are durable."""
        again = False
        while True:
            try:
                async with self._units.open() as work:
                    receipts = await self._store(work, submissions, again=again)
            except grade_store.Raced:
                again = True  # another replica, or enterprise, was first with one of them: the next attempt finds it
                continue
            ended = Counter((one.entrance, receipt.status) for one, receipt in zip(submissions, receipts, strict=True))
            for (entrance, status), number in ended.items():
                self._telemetry.records.labels(entrance, status).inc(number)
            return receipts

    async def preview(
        self, connection: AsyncConnection, body: bytes, book: RuleBook, may_know: Callable[[str], bool], now: datetime
    ) -> tuple[dict[str, FactValue], Grade]:
        """Find the facts of the event in structured `body`, and the grade it would get by `book` if it came at `now`.

        What is known of its enterprise counts where the caller `may_know` of it. Nothing is stored. Raises Refused.
        """
        received = self._receive(structured_form(body, ()), book, now)
        code = received.occurrence.enterprise_code
        known = may_know(code)
        classified = {code: await intake_store.classification(connection, code) if known else ()}
        assessment = Assessment.opened_by(received, identifier(now), book, classified)
        earlier = await history_store.earlier_alerts_of(connection, assessment) if known else {}
        old = doubt_of_age(received.event, book.policy, now)
        return assessment.facts(earlier), assessment.grade(earlier).doubted(filter(None, [old]))

    def _read(self, submission: Submission, book: RuleBook, now: datetime) -> Received | HeartbeatEvent | Refused:
        body = submission.raw
        try:
            body = submission.structured()
            beat = heartbeat(body, now=now, future_tolerance=self._future_tolerance)
            received = beat or self._receive(body, book, now)
        except Refused as refusal:
            refusal.members.setdefault("id", id_of(body))  # so that the sender knows which one
            return refusal
        event = received.event if isinstance(received, Received) else received
        if not submission.speaks_for(event.source):
            return Refused(
                FOREIGN_SOURCE, f"your credential does not list `source` {event.source[:100]!r}", id=event.id
            )
        if not isinstance(received, Received):
            return received
        if submission.credential is not None:
            return received._replace(credential=submission.credential)
        if submission.entrance == "kafka" and self._tells_platforms_apart and not self._settings.producers_are_known:
            return received._replace(doubts=(source_unproven(received.event.source),))
        return received

    def _receive(self, body: bytes, book: RuleBook, now: datetime) -> Received:
        return receive(
            body,
            now=now,
            categories=book.categories,
            future_tolerance=self._future_tolerance,
            limit=self._settings.event_body_limit,
        )

    async def _store(self, work: UnitOfWork, submissions: Sequence[Submission], *, again: bool) -> list[Receipt]:
        """Store the batch. Where it is tried `again`, identities may be taken by alerts of other enterprises."""
        connection, now = work.connection, work.now
        book = await self._books.in_force(connection, now)
        batch = [self._read(submission, book, now) for submission in submissions]
        usable = [received for received in batch if isinstance(received, Received)]
        identities = {one: one.identities for one in {received.occurrence for received in usable}}
        named = {one.enterprise_code for one in identities}
        enterprises = await intake_store.lock_enterprises(connection, named)
        events = await intake_store.known_events(connection, (received.identity for received in usable))
        alerts = await intake_store.known_alerts(connection, identities)
        taken = frozenset[bytes]()
        if again:
            taken = await intake_store.taken_identities(connection, {plain for plain, _ in identities.values()})
        deduplication = deduplicate(
            batch,
            {identity: KnownEvent(row.alert_id, row.content_hash) for identity, row in events.items()},
            {occurrence: row.alert_id for occurrence, row in alerts.items()},
            lambda: identifier(now),
        )
        grades = await grade_batch(work, self._books, deduplication, alerts.values(), enterprises, book)
        grades = await reminding_once(work, grades, book)
        bodies = Bodies.of([event.received for event in deduplication.events], self._packer)
        await open_alerts(connection, grades.opened, bodies, identities, taken)
        work.emit(*(evidence.opening(alert, received) for alert, received in grades.opened))
        work.record(*evidence.repeats(deduplication.repeats, {a.alert_id: a.enterprise_code for a in alerts.values()}))
        await reminder_store.count_further(connection, list(grades.counted.values()))
        await intake_store.count_repeats(connection, (event.alert_id for event in deduplication.repeats))
        await grade_store.store_stronger_events(connection, grades.strengthened)
        await regrading.apply_revisions(work, grades.revisions)
        await self._decisions.keep(work, grades.proposals)
        arrived = [submissions[event.place] for event in deduplication.events]
        await intake_store.store_events(
            connection, deduplication.events, bodies, [(one.entrance, one.origin) for one in arrived], now
        )
        levels = {one.alert_id: one.level for one in events.values()}
        levels |= {row.alert_id: row.level for row in alerts.values()}
        receipts = deduplication.receipts_with(levels | grades.levels)
        await self._refuse(work, submissions, receipts)
        beats = [one for one in batch if not isinstance(one, Received | Refused)]
        await hear(work, [event.received for event in deduplication.events], beats, self._lately)
        return receipts

    async def _refuse(self, work: UnitOfWork, submissions: Sequence[Submission], receipts: Sequence[Receipt]) -> None:
        """Store every refused event with its reason.

        The sender over HTTP has its answer: its event is kept as evidence. The one over Kafka has none: its event is
        work that waits for a person.
        """
        letters: list[Letter] = []
        rows: list[dict[str, Any]] = []
        for submission, receipt in zip(submissions, receipts, strict=True):
            if receipt.refusal is None:
                continue
            if submission.dead_letter is not None:
                letters.append(submission.dead_letter(receipt.refusal, work.now))
                continue
            rows.append(
                {
                    "refusal_id": identifier(work.now),
                    "entrance": submission.entrance,
                    "origin": submission.origin,
                    "code": receipt.refusal.code,
                    "detail": receipt.refusal.detail.replace("\x00", "␀"),
                    "body": submission.raw,
                    "refused_at": work.now,
                }
            )
        await intake_store.store_refusals(work.connection, rows)
        work.forward(*await self._letters.keep(work.connection, letters))
