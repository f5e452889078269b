"""The dispatcher put together from explicit parts."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.api import (
    assignment_feed,
    attachments,
    cases,
    field_work,
    hand_over,
    imports,
    leave,
    master_data,
    notices,
    offline_actions,
    outlets,
    review,
    rota,
    teams,
    uploads,
    visits,
)
from services.dispatcher.api.desk import Desk
from services.dispatcher.assignments.queue import WaitingCases
from services.dispatcher.cases.unit_of_work import Work
from services.dispatcher.cases.wakeups import Changes
from services.dispatcher.evidence.storage import Storage
from services.dispatcher.handlers.events import reaction
from services.dispatcher.handlers.uploads import Uploads
from services.dispatcher.notices import wording
from services.dispatcher.notices.delivery import Delivery
from services.dispatcher.notices.store import enqueue
from shared.contract.events import DeadLetterWaiting, Topic
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letters import overdue as waiting_letters
from shared.messaging.dead_letters.overdue import WaitingLetters
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.relay import Relay
from shared.runtime.duty import Duty
from shared.runtime.outbox_watch import OutboxWatch
from shared.runtime.service import Service
from shared.settings import Settings
from shared.storage import housekeeping, retention
from shared.storage.database import Database
from shared.storage.migrating import missing_migration
from shared.telemetry import Telemetry
from shared.time.clock import Clock
from shared.web import dead_letters as dead_letter_routes
from shared.web.app import create_app
from shared.web.idempotency import Mutations
from shared.web.identity import Identity

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
        await enqueue(connection, drafts, now)

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
    unfinished = Uploads(database=database, storage=storage, desk=desk, clock=clock)
    for routes in (
        cases.router(database),
        assignment_feed.router(database, changes),
        field_work.router(desk),
        offline_actions.router(desk, database),
        review.router(desk),
        hand_over.router(desk),
        rota.router(desk, database),
        attachments.router(desk, database, storage),
        uploads.router(unfinished),
        leave.router(desk, database),
        teams.router(database, clock, changes),
        visits.router(desk, database),
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
            Duty("unfinished uploads", unfinished.sweep, every_seconds=60),
            Duty("delivery", delivery.run_once, every_seconds=0.5),
            Duty("waiting cases", assign_waiting, every_seconds=1),
            Duty("assignment feed", partial(assignment_feed.recheck, database, changes), every_seconds=1),
            Duty("housekeeping", keeping.beat, every_seconds=housekeeping.BEAT_SECONDS),
            pending.duty,
        ],
        wakes=[changes.release_all],
        closing=[delivery.close],
    )
