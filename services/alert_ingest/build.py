"""alert_ingest put together from explicit parts."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from services.alert_ingest import tables
from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.alert_ingest.handlers import case_events, shutdowns
from services.alert_ingest.handlers.anomaly_topic import KafkaEntrance
from services.alert_ingest.handlers.api_keys import StoredKeys
from services.alert_ingest.handlers.decisions import Decisions
from services.alert_ingest.handlers.group_commit import GroupCommit
from services.alert_ingest.handlers.intake import Intake
from services.alert_ingest.handlers.publishing import Publishing
from services.alert_ingest.passes import silence
from services.alert_ingest.passes.silence import SilenceWatch
from services.alert_ingest.store import archives
from services.alert_ingest.store.rule_book_versions import RuleBooks
from services.alert_ingest.store.unit_of_work import SERVICE, units_of_work
from shared.contract.events import AnomalyData, AnomalyEvent, Topic
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
from shared.storage import retention
from shared.storage.database import Database
from shared.storage.replicas import SeenReplicas
from shared.telemetry import Telemetry
from shared.time.clock import Clock
from shared.web.app import create_app
from shared.web.idempotency import Mutations
from shared.web.identity import Identity
from shared.web.routes import Routes

NAME = SERVICE


def build(
    settings: Settings,
    clock: Clock,
    *,
    database_url: str,
    kafka: dict[str, Any],
    identity: Identity,
    room: Room | None = None,
) -> Service:
    """Build the service, not started. Raises RuleBookInvalid when the shipped rule book is not valid.

    `room` is asked before events are relayed, for a broker that keeps only so much.
    """
    telemetry = Telemetry(NAME)
    database = Database(database_url)
    outbox = Outbox(tables.outbox, clock, packs=settings.packed_alerts)
    letters = DeadLetters(tables.dead_letters, NAME)
    replicas = SeenReplicas(tables.replicas)
    books = RuleBooks(RULE_BOOK.read_text(encoding="utf-8"))
    units = units_of_work(database, outbox, clock, settings.topic_prefix, settings.evidence_hash)
    publishing = Publishing(books, clock)
    decisions = Decisions(books, [publishing.kind, shutdowns.KIND])
    intake = Intake(
        settings=settings, units=units, letters=letters, books=books, decisions=decisions, telemetry=telemetry
    )
    pushed = GroupCommit(intake.take)
    braking = brake_policy.load(refusals=settings.refusal_brake)
    brakes = Brakes(tables.brakes, letters, units=units, policy=braking)
    anomalies = Consumer(
        name=f"{NAME} events",
        topics=[settings.topic(Topic.ANOMALY_EVENTS)],
        group=settings.topic(NAME),
        handle=KafkaEntrance(intake, NAME).handle,
        kafka=kafka,
        max_records=settings.poll_records,
        batch=settings.poll_records,
        brakes=brakes,
    )
    inbox = Inbox(
        consumer=NAME,
        units=units,
        table=tables.inbox,
        letters=letters,
        handlers=case_events.handlers(books, decisions),
        lock=case_events.lock,
    )
    cases = Consumer(
        name=f"{NAME} cases",
        topics=[settings.topic(topic) for topic in (Topic.CASES, Topic.DEADLINES, Topic.MASTER_DATA)],
        group=settings.topic(f"{NAME}-cases"),
        handle=inbox.handle,
        kafka=kafka,
        max_records=settings.poll_records,
        batch=settings.poll_records,
        brakes=brakes,
        gathering=GATHERING_SECONDS,
    )
    mutations = Mutations(units, tables.idempotency)
    workers = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))

    async def close_workers() -> None:
        workers.shutdown(wait=False, cancel_futures=True)

    silence_watch = SilenceWatch(units, clock, telemetry, anomalies.has_unread)
    kept = upkeep(
        settings,
        tables,
        telemetry,
        units=units,
        outbox=outbox,
        letters=letters,
        replicas=replicas,
        consumers={"kafka": anomalies, "kafka cases": cases},
        braking=braking,
        proposals=decisions.proposals,
        moved=archives.archives(retention.load()),
    )
    app = create_app(
        title="Tricolor alert_ingest",
        description="异常事件接收与分级 · takes anomaly events, grades them white, yellow or red, and says why",
        identity=identity.knowing(StoredKeys(database)),
        telemetry=telemetry,
        checks=kept.checks,
        operations=Path(__file__).parent / "api" / "operations.yaml",
        models=(AnomalyEvent, AnomalyData),
    )

    def routes() -> Iterator[Routes]:
        from services.alert_ingest.api import (  # noqa: PLC0415  see `LateRoutes`
            alerts,
            api_keys,
            events,
            old_anomalies,
            platforms,
            rule_books,
        )
        from services.alert_ingest.api import decisions as decision_routes  # noqa: PLC0415
        from services.alert_ingest.api import shutdowns as shutdown_routes  # noqa: PLC0415
        from shared.web.common_routes import common_routes  # noqa: PLC0415

        yield events.router(pushed, settings.event_body_limit)
        yield api_keys.router(units)
        yield alerts.router(database)
        yield platforms.router(database)
        yield shutdown_routes.router(database, decisions.proposals, mutations, clock)
        yield decision_routes.router(decisions, units, mutations)
        yield old_anomalies.router(books, mutations)
        yield rule_books.router(
            intake=intake,
            books=books,
            database=database,
            database_url=database_url,
            mutations=mutations,
            publishing=publishing,
            proposals=decisions.proposals,
            clock=clock,
            workers=workers,
        )
        yield from common_routes(units, mutations, letters, brakes, replicas, outbox, decisions.proposals)

    app.take_when_asked(routes)
    return Service(
        name=NAME,
        app=app,
        database=database,
        outbox=outbox,
        relay=Relay(name=NAME, database=database, outbox=outbox, kafka=kafka, clock=clock, room=room),
        telemetry=telemetry,
        consumers=[anomalies, cases],
        duties=[
            Duty("silence", silence_watch.beat, every_seconds=silence.BEAT_SECONDS),
            *kept.duties,
        ],
        closing=[close_workers],
        is_crowded=pushed.is_crowded,
    )
