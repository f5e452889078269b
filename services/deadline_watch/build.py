"""deadline_watch put together from explicit parts."""

from pathlib import Path
from typing import Any

from services.deadline_watch import queries, tables
from services.deadline_watch.policy import DeadlinePolicy
from services.deadline_watch.reactions import reaction
from services.deadline_watch.watcher import Watcher
from shared.calendar import WorkingCalendar
from shared.clock import Clock
from shared.database import Database
from shared.duty import Duty
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

NAME = "deadline_watch"
HISTORY = History("watch", Path(__file__).parent / "migrations")


def build(settings: Settings, clock: Clock, *, database_url: str, kafka: dict[str, Any], identity: Identity) -> Service:
    """Raises PolicyInvalid or CalendarInvalid: no deadline is computed with a doubtful policy or calendar."""
    telemetry = Telemetry(NAME)
    database = Database(database_url)
    outbox = Outbox(tables.outbox, clock)
    policy, calendar = DeadlinePolicy.load(), WorkingCalendar.load()
    topic = settings.topic(Topic.DEADLINES)
    inbox = Inbox(
        consumer=NAME,
        database=database,
        table=tables.inbox,
        outbox=outbox,
        clock=clock,
        react=reaction(topic, policy, calendar),
    )
    consumer = Consumer(
        name=NAME,
        topics=[settings.topic(Topic.CASES)],
        group=settings.topic(NAME),
        handle=inbox.handle,
        kafka=kafka,
        max_records=settings.poll_records,
    )
    watcher = Watcher(database=database, outbox=outbox, clock=clock, topic=topic, policy=policy, calendar=calendar)
    app = create_app(
        title="Tricolor deadline_watch",
        description="计时、提醒与督办 · keeps the 6-hour and 5-working-day clocks, warns, and escalates",
        identity=identity,
        telemetry=telemetry,
        checks={
            "database": lambda: missing_migration(database.engine, HISTORY),
            "kafka": consumer.missing_assignment,
        },
    )
    app.include_router(queries.router(database, policy, calendar))
    return Service(
        name=NAME,
        app=app,
        database=database,
        outbox=outbox,
        relay=Relay(name=NAME, database=database, outbox=outbox, kafka=kafka, clock=clock),
        telemetry=telemetry,
        consumers=[consumer],
        duties=[Duty("watcher", watcher.run_once, every_seconds=0.25)],
    )
