"""The console put together from explicit parts."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from services.console import tables
from services.console.api.by_accept import ByAccept
from services.console.handlers.events import handlers, lock_touched
from services.console.passes import completion_metrics, forgetting, progress
from services.console.passes.completion_metrics import CompletionMetrics
from services.console.passes.progress import Progress
from services.console.store.unit_of_work import NAME, units_of_work
from services.console.store.wakeups import Listener, Wakeups
from shared.contract.events import Topic
from shared.messaging.brakes import policy as brake_policy
from shared.messaging.brakes.store import Brakes
from shared.messaging.consumer import GATHERING_SECONDS, Consumer
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.relay import Relay, Room
from shared.runtime.duty import Duty
from shared.runtime.service import Service
from shared.runtime.upkeep import upkeep
from shared.settings import Settings
from shared.storage.access_records import AccessRecords
from shared.storage.database import Database
from shared.storage.replicas import SeenReplicas
from shared.telemetry import Telemetry
from shared.time.clock import Clock
from shared.web.app import create_app
from shared.web.idempotency import Mutations
from shared.web.identity import Identity
from shared.web.routes import Routes

TOPICS = (Topic.ALERTS, Topic.CASES, Topic.DEADLINES, Topic.MASTER_DATA)
_LISTEN_SECONDS = 1.0


def build(
    settings: Settings,
    clock: Clock,
    *,
    database_url: str,
    kafka: dict[str, Any],
    identity: Identity,
    room: Room | None = None,
) -> Service:
    """The service, not started: nothing is connected yet.

    `room` is asked before events are relayed, for a broker that keeps only so much.
    """
    telemetry = Telemetry(NAME)
    database = Database(database_url)
    outbox = Outbox(tables.outbox, clock)
    wakeups = Wakeups()
    units = units_of_work(database, clock, settings.topic_prefix, wakeups, outbox, settings.evidence_hash)
    letters = DeadLetters(tables.dead_letters, NAME)
    replicas = SeenReplicas(tables.replicas)
    mutations = Mutations(units, tables.idempotency)
    records = AccessRecords(tables.access_records)
    inbox = Inbox(
        consumer=NAME, units=units, table=tables.inbox, letters=letters, handlers=handlers(), lock=lock_touched
    )
    braking = brake_policy.load(refusals=settings.refusal_brake)
    brakes = Brakes(tables.brakes, letters, units=units, policy=braking)
    measured = Progress(database, telemetry)
    consumer = Consumer(
        name=NAME,
        topics=[settings.topic(topic) for topic in TOPICS],
        group=settings.topic(NAME),
        handle=measured.watched(inbox.handle),
        kafka=kafka,
        max_records=settings.poll_records,
        batch=settings.poll_records,
        brakes=brakes,
        gathering=GATHERING_SECONDS,
    )
    figures_told = CompletionMetrics(database, clock, telemetry)
    listener = Listener(database, wakeups)
    kept = upkeep(
        settings,
        tables,
        telemetry,
        units=units,
        outbox=outbox,
        letters=letters,
        replicas=replicas,
        consumers={"kafka": consumer},
        braking=braking,
    )
    app = create_app(
        title="Tricolor console",
        description="值班看板、查询与统计 · the board, lists, search and figures of what the other services know",
        identity=identity,
        telemetry=telemetry,
        checks=kept.checks,
        operations=Path(__file__).parent / "api" / "operations.yaml",
        keeps_proposals=False,
    )

    def routes() -> Iterator[Routes]:
        from services.console.api import (  # noqa: PLC0415  see `LateRoutes`
            board,
            exports,
            figures,
            lists,
            me,
            sign_in,
            stream,
            system,
            work,
        )
        from services.console.api import map as places  # noqa: PLC0415
        from shared.web import access_records  # noqa: PLC0415
        from shared.web.common_routes import common_routes  # noqa: PLC0415

        yield me.router(database, clock)
        yield sign_in.router(database, identity, settings)
        yield board.router(database, clock)
        yield lists.router(database)
        yield exports.router(database, units, clock, records)
        yield access_records.router(database, records)
        yield figures.router(database, units, clock, records)
        yield places.router(database)
        yield work.router(database, clock)
        yield stream.router(database, clock, wakeups)
        yield system.router(database)
        yield from common_routes(units, mutations, letters, brakes, replicas, outbox)

    app.take_when_asked(routes)
    app.add_middleware(ByAccept)
    return Service(
        name=NAME,
        app=app,
        database=database,
        outbox=outbox,
        relay=Relay(name=NAME, database=database, outbox=outbox, kafka=kafka, clock=clock, room=room),
        telemetry=telemetry,
        consumers=[consumer],
        duties=[
            Duty("progress", partial(measured.run_once, consumer), every_seconds=progress.BEAT_SECONDS),
            Duty("figures", figures_told.run_once, every_seconds=completion_metrics.BEAT_SECONDS),
            Duty("changes of others", listener.run_once, every_seconds=_LISTEN_SECONDS),
            Duty("old changes", partial(forgetting.forget_changes, units), every_seconds=forgetting.BEAT_SECONDS),
            *kept.duties,
        ],
        wakes=[wakeups.release_all],
        closing=[listener.close],
    )
