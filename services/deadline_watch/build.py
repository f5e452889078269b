"""deadline_watch put together from explicit parts."""

from typing import Any

from services.deadline_watch import (
    absence_routes,
    act_routes,
    audit,
    audit_routes,
    milestone_watch,
    policy,
    queries,
    regime_routes,
    tables,
    watcher,
)
from services.deadline_watch.acts import Acts
from services.deadline_watch.audit import Auditor
from services.deadline_watch.milestone_watch import MilestoneWatch
from services.deadline_watch.reactions import reaction
from services.deadline_watch.regime_changes import RegimeChanges
from services.deadline_watch.regime_routes import RegimeDesk
from services.deadline_watch.regimes import Regimes
from services.deadline_watch.steps import Ahead
from services.deadline_watch.watcher import Watcher
from shared import housekeeping, retention
from shared.calendar import WorkingCalendar
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

NAME = "deadline_watch"


def build(settings: Settings, clock: Clock, *, database_url: str, kafka: dict[str, Any], identity: Identity) -> Service:
    """Raises PolicyInvalid or CalendarInvalid: no deadline is computed with a doubtful policy or calendar."""
    telemetry = Telemetry(NAME)
    database = Database(database_url)
    outbox = Outbox(tables.outbox, clock)
    letters = DeadLetters(tables.dead_letters, NAME)
    pending = OutboxWatch(database, outbox, clock, telemetry)
    regimes = Regimes(WorkingCalendar.load(), policy.DATA.read_text(encoding="utf-8"), clock)
    topic = settings.topic(Topic.DEADLINES)
    watching = Watcher(database=database, outbox=outbox, clock=clock, topic=topic, regimes=regimes)
    milestones = MilestoneWatch(database=database, outbox=outbox, clock=clock, topic=topic, regimes=regimes)
    auditor = Auditor(database=database, outbox=outbox, clock=clock, topic=topic, telemetry=telemetry)
    ahead = Ahead(watching.look_by)
    keeping = housekeeping.Housekeeping(
        metadata=tables.metadata,
        database=database,
        clock=clock,
        telemetry=telemetry,
        policy=retention.load(),
    )
    mutations = Mutations(database, tables.idempotency, clock)
    inbox = Inbox(
        consumer=NAME,
        database=database,
        table=tables.inbox,
        outbox=outbox,
        letters=letters,
        clock=clock,
        react=reaction(topic, regimes, ahead),
    )
    consumer = Consumer(
        name=NAME,
        topics=[settings.topic(Topic.CASES)],
        group=settings.topic(NAME),
        handle=inbox.handle,
        kafka=kafka,
        max_records=settings.poll_records,
        batch=1,
    )
    unattended = WaitingLetters(
        letters, database=database, outbox=outbox, clock=clock, topic=topic, telemetry=telemetry
    )
    app = create_app(
        title="Tricolor deadline_watch",
        description="计时、提醒与督办 · keeps the 6-hour and 5-working-day clocks, warns, and escalates",
        identity=identity,
        telemetry=telemetry,
        checks={
            "database": lambda: missing_migration(database.engine, tables.HISTORY),
            "kafka": consumer.missing,
            "outbox": pending.stuck,
        },
    )
    desk = RegimeDesk(changes=RegimeChanges(regimes, ahead, topic), mutations=mutations, outbox=outbox, clock=clock)
    for routes in (
        queries.router(database, regimes),
        act_routes.router(Acts(regimes, ahead, topic), mutations, outbox, clock),
        regime_routes.router(database, regimes, desk),
        absence_routes.router(database, mutations, clock),
        audit_routes.router(database),
        dead_letter_routes.router(letters, database, mutations, outbox, clock),
    ):
        app.include_router(routes)
    return Service(
        name=NAME,
        app=app,
        database=database,
        outbox=outbox,
        relay=Relay(name=NAME, database=database, outbox=outbox, kafka=kafka, clock=clock),
        telemetry=telemetry,
        consumers=[consumer],
        duties=[
            Duty("dead letters", unattended.run_once, every_seconds=waiting_letters.BEAT_SECONDS),
            Duty("watcher", watching.beat, every_seconds=watcher.BEAT_SECONDS),
            Duty("milestones", milestones.run_once, every_seconds=milestone_watch.BEAT_SECONDS),
            Duty("auditor", auditor.beat, every_seconds=audit.BEAT_SECONDS),
            Duty("housekeeping", keeping.beat, every_seconds=housekeeping.BEAT_SECONDS),
            pending.duty,
        ],
    )
