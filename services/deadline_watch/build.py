"""deadline_watch put together from explicit parts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from services.deadline_watch import tables
from services.deadline_watch.handlers.adjust_deadline import Adjustments
from services.deadline_watch.handlers.case_events import CaseEvents
from services.deadline_watch.handlers.change_rules import RuleChanges
from services.deadline_watch.handlers.clock_proposals import ClockProposals
from services.deadline_watch.handlers.rule_proposals import RuleProposals
from services.deadline_watch.passes import auditor, milestones, missing_steps, watcher
from services.deadline_watch.passes.auditor import Auditor
from services.deadline_watch.passes.milestones import MilestoneWatch
from services.deadline_watch.passes.missing_steps import MissingSteps
from services.deadline_watch.passes.watcher import Watcher
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from services.deadline_watch.store.unheard import keep_delivered, keep_undelivered
from services.deadline_watch.store.units_of_work import NAME, units_of_work
from shared.contract.events import CaseType, Topic
from shared.contract.notices import NOTICE_DELIVERED, NOTICE_UNDELIVERED
from shared.messaging.brakes import policy as brake_policy
from shared.messaging.brakes.store import Brakes
from shared.messaging.consumer import GATHERING_SECONDS, Consumer
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.proposals.proposals import Proposals
from shared.messaging.relay import Relay, Room
from shared.runtime.duty import Duty
from shared.runtime.service import Service
from shared.runtime.upkeep import upkeep
from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.replicas import SeenReplicas
from shared.telemetry import Telemetry
from shared.time.clock import Clock
from shared.web.app import create_app
from shared.web.idempotency import Mutations
from shared.web.identity import Identity
from shared.web.routes import Routes


def build(
    settings: Settings,
    clock: Clock,
    *,
    database_url: str,
    kafka: dict[str, Any],
    identity: Identity,
    room: Room | None = None,
    reconciling: Callable[[Database, Telemetry], Duty] | None = None,
) -> Service:
    """The service, not started. Raises Invalid: no deadline is computed with a doubtful policy or calendar.

    `room` is asked before events are relayed, for a broker that keeps only so much. `reconciling` makes the duty that
    proves the chain of all services, where this one has it.
    """
    telemetry = Telemetry(NAME)
    database = Database(database_url)
    outbox = Outbox(tables.outbox, clock)
    units = units_of_work(database, clock, settings.topic_prefix, outbox, settings.evidence_hash)
    letters = DeadLetters(tables.dead_letters, NAME)
    replicas = SeenReplicas(tables.replicas)
    rule_versions = RuleVersions.shipped(clock)
    upcoming = UpcomingSteps()
    milestone_pass = MilestoneWatch(units, rule_versions)
    audit_pass = Auditor(units, clock, telemetry)
    missing = MissingSteps(units, clock, rule_versions, upcoming)
    mutations = Mutations(units, tables.idempotency)
    inbox = Inbox(
        consumer=NAME,
        units=units,
        table=tables.inbox,
        letters=letters,
        # One handler for all of them, so that it is given them together and in order.
        handlers={
            **dict.fromkeys(map(str, CaseType), CaseEvents(rule_versions, upcoming).handle),
            NOTICE_UNDELIVERED: keep_undelivered,
            NOTICE_DELIVERED: keep_delivered,
        },
    )
    braking = brake_policy.load(refusals=settings.refusal_brake)
    brakes = Brakes(tables.brakes, letters, units=units, policy=braking)
    consumer = Consumer(
        name=NAME,
        topics=[settings.topic(Topic.CASES)],
        group=settings.topic(NAME),
        handle=inbox.handle,
        kafka=kafka,
        max_records=settings.poll_records,
        batch=settings.poll_records,
        brakes=brakes,
        gathering=GATHERING_SECONDS,
    )
    watching = Watcher(units, clock, rule_versions, upcoming, consumer.has_unread)
    changes = RuleChanges(rule_versions, upcoming)
    clock_proposals = ClockProposals(Adjustments(rule_versions, upcoming))
    rule_proposals = RuleProposals(changes)
    proposals = Proposals(NAME, tables.proposals, (*clock_proposals.kinds(), *rule_proposals.kinds()))
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
        proposals=proposals,
    )
    app = create_app(
        title="Tricolor deadline_watch",
        description="计时、提醒与督办 · keeps the 6-hour and 5-working-day clocks, warns, and escalates",
        identity=identity,
        telemetry=telemetry,
        checks=kept.checks,
        operations=Path(__file__).parent / "api" / "operations.yaml",
    )

    def routes() -> Iterator[Routes]:
        from services.deadline_watch.api import (  # noqa: PLC0415  see `LateRoutes`
            absences,
            adjustments,
            audit,
            calendar_and_policy,
            deadlines,
        )
        from shared.web.common_routes import common_routes  # noqa: PLC0415

        yield deadlines.router(database, rule_versions)
        yield adjustments.router(clock_proposals, proposals, mutations)
        yield calendar_and_policy.router(database, rule_versions, changes, rule_proposals, proposals, mutations)
        yield absences.router(database, mutations, clock)
        yield audit.router(database)
        yield from common_routes(units, mutations, letters, brakes, replicas, outbox, proposals)

    app.take_when_asked(routes)
    return Service(
        name=NAME,
        app=app,
        database=database,
        outbox=outbox,
        relay=Relay(name=NAME, database=database, outbox=outbox, kafka=kafka, clock=clock, room=room),
        telemetry=telemetry,
        consumers=[consumer],
        duties=[
            Duty("watcher", watching.beat, every_seconds=watcher.BEAT_SECONDS),
            Duty("missing steps", missing.beat, every_seconds=missing_steps.BEAT_SECONDS),
            Duty("milestones", milestone_pass.run_once, every_seconds=milestones.BEAT_SECONDS),
            Duty("auditor", audit_pass.beat, every_seconds=auditor.BEAT_SECONDS),
            *kept.duties,
            *([] if reconciling is None else [reconciling(database, telemetry)]),
        ],
    )
