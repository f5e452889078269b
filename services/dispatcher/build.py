"""The dispatcher put together from explicit parts."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import (
    assignment_feed,
    attachment_routes,
    hand_over_routes,
    imports,
    leave_routes,
    master_data,
    notices,
    officer_routes,
    offline_routes,
    outlets,
    queries,
    review_routes,
    rota_routes,
    tables,
    team_routes,
    upload_routes,
    visit_routes,
    wording,
)
from services.dispatcher.changes import Changes
from services.dispatcher.delivery import Delivery
from services.dispatcher.desk import Desk
from services.dispatcher.reactions import reaction
from services.dispatcher.storage import Storage
from services.dispatcher.uploads import Uploads
from services.dispatcher.waiting import WaitingCases
from services.dispatcher.work import Work
from shared import housekeeping, retention
from shared.clock import Clock
from shared.consumer import Consumer
from shared.database import Database
from shared.dead_letters import routes as dead_letter_routes
from shared.dead_letters import waiting as waiting_letters
from shared.dead_letters.store import DeadLetters
from shared.dead_letters.waiting import WaitingLetters
from shared.duty import Duty
from shared.events import DeadLetterWaiting, Topic
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

NAME = "dispatcher"
_WAITING_CASES = 500


def build(settings: Settings, clock: Clock, *, database_url: str, kafka: dict[str, Any], identity: Identity) -> Service:
    """Everything explicit; nothing is connected until the service starts."""
    telemetry = Telemetry(NAME)
    database = Database(database_url)
    outbox = Outbox(tables.outbox, clock)
    letters = DeadLetters(tables.dead_letters, NAME)
    pending = OutboxWatch(database, outbox, clock, telemetry)
    changes = Changes()
    topic = settings.topic(Topic.CASES)
    inbox = Inbox(
        consumer=NAME,
        database=database,
        table=tables.inbox,
        outbox=outbox,
        letters=letters,
        clock=clock,
        react=reaction(topic, changes),
    )
    consumer = Consumer(
        name=NAME,
        topics=[settings.topic(Topic.ALERTS), settings.topic(Topic.DEADLINES)],
        group=settings.topic(NAME),
        handle=inbox.handle,
        kafka=kafka,
        max_records=settings.poll_records,
        batch=1,
    )
    delivery = Delivery(database, clock, settings.enterprise_channel_url)

    waiting = WaitingCases(_WAITING_CASES)

    async def assign_waiting() -> int:
        async with database.transaction() as connection:
            work = Work(connection, clock.now(), topic, changes)
            assigned = await waiting.assign(work)
            await outbox.append(connection, await work.finish())
        return assigned

    async def tell_the_office(connection: AsyncConnection, told: Sequence[DeadLetterWaiting], now: datetime) -> None:
        """The dispatcher does not read its own topic: of its own letters it hears here."""
        drafts = [draft for letter in told for draft in wording.dead_letter_waiting(letter)]
        await notices.enqueue(connection, drafts, now)

    unattended = WaitingLetters(
        letters, database=database, outbox=outbox, clock=clock, topic=topic, telemetry=telemetry, hear=tell_the_office
    )
    app = create_app(
        title="Tricolor dispatcher",
        description="立案、派单、反馈与审核 · cases, assignments, self-reports, feedback and review",
        identity=identity,
        telemetry=telemetry,
        checks={
            "database": lambda: missing_migration(database.engine, tables.HISTORY),
            "kafka": consumer.missing,
            "outbox": pending.stuck,
        },
    )
    keeping = housekeeping.Housekeeping(
        metadata=tables.metadata,
        database=database,
        clock=clock,
        telemetry=telemetry,
        policy=retention.load(),
    )
    mutations = Mutations(database, tables.idempotency, clock)
    desk = Desk(database=database, mutations=mutations, outbox=outbox, clock=clock, topic=topic, changes=changes)
    storage = Storage.opened(settings.attachments_url, Path(".tricolor") / "attachments")
    uploads = Uploads(database=database, storage=storage, desk=desk, clock=clock)
    for routes in (
        queries.router(database),
        assignment_feed.router(database, changes),
        officer_routes.router(desk),
        offline_routes.router(desk, database),
        review_routes.router(desk),
        hand_over_routes.router(desk),
        rota_routes.router(desk, database),
        attachment_routes.router(desk, database, storage),
        upload_routes.router(uploads),
        leave_routes.router(desk, database),
        team_routes.router(database, clock, changes),
        visit_routes.router(desk, database),
        notices.router(database, mutations, clock),
        master_data.router(database, mutations, clock, desk),
        outlets.router(database, mutations, clock),
        imports.router(database, desk),
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
            Duty("unfinished uploads", uploads.sweep, every_seconds=60),
            Duty("delivery", delivery.run_once, every_seconds=0.5),
            Duty("waiting cases", assign_waiting, every_seconds=1),
            Duty("assignment feed", partial(assignment_feed.recheck, database, changes), every_seconds=1),
            Duty("housekeeping", keeping.beat, every_seconds=housekeeping.BEAT_SECONDS),
            pending.duty,
        ],
        wakes=[changes.release_all],
        closing=[delivery.close],
    )
