"""alert_ingest put together from explicit parts."""

from pathlib import Path
from typing import Any

from services.alert_ingest import entrances, queries, reactions, rule_book_routes, tables
from services.alert_ingest.intake import Intake
from services.alert_ingest.rule_book import RuleBook
from shared.clock import Clock
from shared.database import Database
from shared.events import Topic
from shared.http import create_app
from shared.identity import Identity
from shared.inbox import Inbox
from shared.kafka import Consumer
from shared.migrating import History, missing_migration
from shared.outbox import Outbox, Relay
from shared.service import Service
from shared.settings import Settings
from shared.telemetry import Telemetry

NAME = "alert_ingest"
HISTORY = History("ingest", Path(__file__).parent / "migrations")
RULE_BOOK = Path(__file__).parent / "rule_book.yaml"


def build(settings: Settings, clock: Clock, *, database_url: str, kafka: dict[str, Any], identity: Identity) -> Service:
    """Raises RuleBookInvalid when the rule book does not stand up: nothing is graded with a doubtful one."""
    telemetry = Telemetry(NAME)
    database = Database(database_url)
    outbox = Outbox(tables.outbox, clock)
    intake = Intake(
        settings=settings,
        clock=clock,
        database=database,
        outbox=outbox,
        book=RuleBook.load(RULE_BOOK),
        telemetry=telemetry,
    )
    events = Consumer(
        name=f"{NAME} events",
        topics=[settings.topic(Topic.ANOMALY_EVENTS)],
        group=settings.topic(NAME),
        handle=entrances.KafkaEntrance(intake, clock, NAME).handle,
        kafka=kafka,
        max_records=settings.poll_records,
    )
    inbox = Inbox(
        consumer=NAME, database=database, table=tables.inbox, outbox=outbox, clock=clock, react=reactions.react
    )
    cases = Consumer(
        name=f"{NAME} cases",
        topics=[settings.topic(Topic.CASES)],
        group=settings.topic(f"{NAME}-cases"),
        handle=inbox.handle,
        kafka=kafka,
        max_records=settings.poll_records,
    )
    app = create_app(
        title="Tricolor alert_ingest",
        description="异常事件接收与分级 · takes anomaly events, grades them white, yellow or red, and says why",
        identity=identity,
        telemetry=telemetry,
        checks={
            "database": lambda: missing_migration(database.engine, HISTORY),
            "kafka": events.missing_assignment,
        },
    )
    app.include_router(entrances.router(intake, settings.event_body_limit))
    app.include_router(queries.router(database))
    app.include_router(rule_book_routes.router(intake))
    return Service(
        name=NAME,
        app=app,
        database=database,
        outbox=outbox,
        relay=Relay(name=NAME, database=database, outbox=outbox, kafka=kafka, clock=clock),
        telemetry=telemetry,
        consumers=[events, cases],
    )
