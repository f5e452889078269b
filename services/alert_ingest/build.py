"""alert_ingest put together from explicit parts."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from services.alert_ingest import decision_routes, entrances, queries, resting, rule_book_routes, tables
from services.alert_ingest.intake import Intake
from services.alert_ingest.reactions import Reactions
from services.alert_ingest.rule_book.source import RULE_BOOK
from services.alert_ingest.rule_books import RuleBooks
from services.alert_ingest.unanswered import SecondLook
from shared import housekeeping, retention
from shared.clock import Clock
from shared.consumer import Consumer
from shared.database import Database
from shared.dead_letters import routes as dead_letter_routes
from shared.dead_letters import waiting as waiting_letters
from shared.dead_letters.store import DeadLetters
from shared.dead_letters.waiting import WaitingLetters
from shared.duty import Duty
from shared.events import Topic
from shared.http import create_app
from shared.idempotency import Mutations
from shared.identity import Identity
from shared.inbox import Inbox
from shared.migrating import missing_migration
from shared.outbox import Outbox
from shared.outbox_watch import OutboxWatch
from shared.relay import Relay
from shared.service import Service
from shared.settings import Settings
from shared.telemetry import Telemetry

NAME = "alert_ingest"


def build(settings: Settings, clock: Clock, *, database_url: str, kafka: dict[str, Any], identity: Identity) -> Service:
    """Raises RuleBookInvalid when the rule book does not stand up: nothing is graded with a doubtful one."""
    telemetry = Telemetry(NAME)
    database = Database(database_url)
    outbox = Outbox(tables.outbox, clock)
    letters = DeadLetters(tables.dead_letters, NAME)
    pending = OutboxWatch(database, outbox, clock, telemetry)
    books = RuleBooks(RULE_BOOK.read_text(encoding="utf-8"))
    intake = Intake(
        settings=settings,
        clock=clock,
        database=database,
        outbox=outbox,
        letters=letters,
        books=books,
        telemetry=telemetry,
    )
    events = Consumer(
        name=f"{NAME} events",
        topics=[settings.topic(Topic.ANOMALY_EVENTS)],
        group=settings.topic(NAME),
        handle=entrances.KafkaEntrance(intake, clock, NAME).handle,
        kafka=kafka,
        max_records=settings.poll_records,
        batch=settings.poll_records,
    )
    topic = settings.topic(Topic.ALERTS)
    inbox = Inbox(
        consumer=NAME,
        database=database,
        table=tables.inbox,
        outbox=outbox,
        letters=letters,
        clock=clock,
        react=Reactions(books, topic).react,
    )
    cases = Consumer(
        name=f"{NAME} cases",
        topics=[settings.topic(Topic.CASES), settings.topic(Topic.DEADLINES)],
        group=settings.topic(f"{NAME}-cases"),
        handle=inbox.handle,
        kafka=kafka,
        max_records=settings.poll_records,
        batch=1,
    )
    second_look = SecondLook(database=database, outbox=outbox, books=books, clock=clock, cases=cases, topic=topic)
    policy = retention.load()
    keeping = housekeeping.Housekeeping(
        metadata=tables.metadata,
        database=database,
        clock=clock,
        telemetry=telemetry,
        policy=policy,
        moved=resting.archives(policy),
    )
    mutations = Mutations(database, tables.idempotency, clock)
    workers = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))

    async def close_workers() -> None:
        workers.shutdown(wait=False, cancel_futures=True)

    unattended = WaitingLetters(
        letters, database=database, outbox=outbox, clock=clock, topic=topic, telemetry=telemetry
    )
    app = create_app(
        title="Tricolor alert_ingest",
        description="异常事件接收与分级 · takes anomaly events, grades them white, yellow or red, and says why",
        identity=identity,
        telemetry=telemetry,
        checks={
            "database": lambda: missing_migration(database.engine, tables.HISTORY),
            "kafka": events.missing,
            "kafka cases": cases.missing,
            "outbox": pending.stuck,
        },
    )
    app.include_router(entrances.router(intake, settings.event_body_limit))
    app.include_router(queries.router(database))
    desk = decision_routes.DecisionDesk(mutations=mutations, outbox=outbox, books=books, clock=clock, topic=topic)
    app.include_router(decision_routes.router(database, desk))
    app.include_router(
        rule_book_routes.router(
            intake=intake,
            books=books,
            database=database,
            database_url=database_url,
            mutations=mutations,
            clock=clock,
            workers=workers,
        )
    )
    app.include_router(dead_letter_routes.router(letters, database, mutations, outbox, clock))
    return Service(
        name=NAME,
        app=app,
        database=database,
        outbox=outbox,
        relay=Relay(name=NAME, database=database, outbox=outbox, kafka=kafka, clock=clock),
        telemetry=telemetry,
        consumers=[events, cases],
        duties=[
            Duty("dead letters", unattended.run_once, every_seconds=waiting_letters.BEAT_SECONDS),
            Duty("unanswered alerts", second_look.run_once, every_seconds=30),
            Duty("housekeeping", keeping.beat, every_seconds=housekeeping.BEAT_SECONDS),
            pending.duty,
        ],
        closing=[close_workers],
    )
