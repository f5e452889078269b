"""How fast events are taken in: in batches, against one transaction an event, and grading's share of the cost."""

import random
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from statistics import median
from uuid import uuid4

from benchmarks.registered import register
from services.alert_ingest import tables
from services.alert_ingest.domain.assessment import Assessment, earlier_alerts_of_all
from services.alert_ingest.domain.parsing import Received, receive
from services.alert_ingest.domain.rule_book.loading import RULE_BOOK, load
from services.alert_ingest.handlers.decisions import Decisions
from services.alert_ingest.handlers.intake import Intake, Submission
from services.alert_ingest.store.rule_book_versions import RuleBooks
from services.alert_ingest.store.unit_of_work import units_of_work
from services.alert_ingest.tables import HISTORY
from services.sample.anomalies import MIX, anomaly
from services.sample.district import district
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.runtime.embedded import EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.migrating import migrate
from shared.telemetry import Telemetry
from shared.time.clock import SystemClock

BATCH = 500
ROUNDS = 5


def events_of(number: int, choice: random.Random) -> Iterable[bytes]:
    """Distinct anomalies of the sample district, a day apart at each enterprise, the earliest first."""
    enterprises, now = district().enterprises, SystemClock().now()
    for one in range(number):
        enterprise = enterprises[one % len(enterprises)]
        at = now - timedelta(days=(number - one) // len(enterprises))
        yield anomaly(choice.choice(MIX), enterprise, enterprise.outlets[0], at, choice)


def submissions(bodies: Iterable[bytes]) -> list[Submission]:
    def submission(body: bytes) -> Submission:
        return Submission(raw=body, structured=lambda: body, entrance="http", origin="benchmark")

    return [submission(body) for body in bodies]


def intake_of(database: Database, units: UnitsOfWork[UnitOfWork] | None = None) -> Intake:
    """The intake as the service builds it, in `units` where others are given."""
    clock = SystemClock()
    books = RuleBooks(RULE_BOOK.read_text(encoding="utf-8"))
    return Intake(
        settings=Settings(),
        units=units or units_of_work(database, Outbox(tables.outbox, clock), clock, Settings().topic_prefix),
        letters=DeadLetters(tables.dead_letters, "benchmark"),
        books=books,
        decisions=Decisions(books),
        telemetry=Telemetry("benchmark"),
    )


def _received(body: bytes) -> Received:
    return receive(
        body,
        now=SystemClock().now(),
        categories=load(RULE_BOOK).categories,
        future_tolerance=timedelta(minutes=10),
        limit=len(body),
    )


def _grading(batch: list[Received]) -> float:
    """Seconds that the pure part of grading a batch takes: its facts, its history among itself, its explanations."""
    book = load(RULE_BOOK)
    began = time.perf_counter()
    assessment = [Assessment.opened_by(one, uuid4(), book, defaultdict(frozenset)) for one in batch]
    for one, known in zip(assessment, earlier_alerts_of_all(assessment), strict=True):
        one.grade(known)
    return time.perf_counter() - began


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print events a second for both ways, the ratio round by round, and what grading alone costs."""
    database = Database(postgres.url())
    await migrate(database.engine, HISTORY)
    await register(database)
    intake = intake_of(database)
    bodies = list(events_of(2 * BATCH * (ROUNDS + 1), random.Random(1)))
    batched, single = [], []
    for turn in range(ROUNDS + 1):
        start = 2 * BATCH * turn
        began = time.perf_counter()
        await intake.take(submissions(bodies[start : start + BATCH]))
        middle = time.perf_counter()
        for one in submissions(bodies[start + BATCH : start + 2 * BATCH]):
            await intake.take([one])
        if turn:  # the first round warms up
            batched.append(middle - began)
            single.append(time.perf_counter() - middle)
    grading = _grading([_received(body) for body in bodies[:BATCH]])
    ratios = sorted(slow / fast for slow, fast in zip(single, batched, strict=True))
    print(f"intake, batches of {BATCH}:      {BATCH / median(batched):8.0f} events/s")
    print(f"intake, one at a time (base): {BATCH / median(single):8.0f} events/s")
    print(f"batches / one at a time:      {median(ratios):8.1f} times (from {ratios[0]:.1f} to {ratios[-1]:.1f})")
    print(f"grading's share of a batch:   {grading / median(batched):8.1%}")
    await database.close()
