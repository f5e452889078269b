"""How fast events are taken in: in batches, against one transaction an event, and grading's share of the cost."""

import random
import time
from collections.abc import Iterable
from datetime import timedelta
from statistics import median

from services.alert_ingest import tables
from services.alert_ingest.build import HISTORY, RULE_BOOK
from services.alert_ingest.grading import grade
from services.alert_ingest.intake import Intake, Submission
from services.alert_ingest.rule_book import RuleBook
from services.sample.anomalies import MIX, anomaly
from services.sample.district import district
from shared.clock import SystemClock
from shared.cloudevents import parse
from shared.database import Database
from shared.embedded import EmbeddedPostgres
from shared.events import AnomalyEvent
from shared.migrating import migrate
from shared.outbox import Outbox
from shared.settings import Settings
from shared.telemetry import Telemetry

BATCH = 500
ROUNDS = 5


def _events(number: int, choice: random.Random) -> Iterable[bytes]:
    """Distinct anomalies of the sample district, spread over past hours so that none repeats another."""
    enterprises, now = district().enterprises, SystemClock().now()
    for one in range(number):
        enterprise = enterprises[one % len(enterprises)]
        at = now - timedelta(days=one // len(enterprises))
        yield anomaly(choice.choice(MIX), enterprise, enterprise.outlets[0], at, choice)


def _submissions(bodies: Iterable[bytes]) -> list[Submission]:
    def submission(body: bytes) -> Submission:
        return Submission(raw=body, structured=lambda: body, entrance="http", origin="benchmark")

    return [submission(body) for body in bodies]


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print events a second for both ways, the ratio round by round, and what grading alone costs."""
    database = Database(postgres.url())
    await migrate(database.engine, HISTORY)
    clock, book = SystemClock(), RuleBook.load(RULE_BOOK)
    intake = Intake(
        settings=Settings(),
        clock=clock,
        database=database,
        outbox=Outbox(tables.outbox, clock),
        book=book,
        telemetry=Telemetry("benchmark"),
    )
    bodies = list(_events(2 * BATCH * (ROUNDS + 1), random.Random(1)))  # noqa: S311  a sample
    batched, single = [], []
    for turn in range(ROUNDS + 1):
        start = 2 * BATCH * turn
        began = time.perf_counter()
        await intake.take(_submissions(bodies[start : start + BATCH]))
        middle = time.perf_counter()
        for one in _submissions(bodies[start + BATCH : start + 2 * BATCH]):
            await intake.take([one])
        if turn:  # the first round warms up
            batched.append(middle - began)
            single.append(time.perf_counter() - middle)
    events = [parse(AnomalyEvent, body) for body in bodies[:BATCH]]
    began = time.perf_counter()
    for event in events:
        grade(event, book)
    grading = time.perf_counter() - began
    ratios = sorted(slow / fast for slow, fast in zip(single, batched, strict=True))
    print(f"intake, batches of {BATCH}:      {BATCH / median(batched):8.0f} events/s")
    print(f"intake, one at a time (base): {BATCH / median(single):8.0f} events/s")
    print(f"batches / one at a time:      {median(ratios):8.1f} times (from {ratios[0]:.1f} to {ratios[-1]:.1f})")
    print(f"grading's share of a batch:   {grading / median(batched):8.1%}")
    await database.close()
