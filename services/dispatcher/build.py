"""Building the dispatcher from explicit parts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from services.dispatcher import tables
from services.dispatcher.assignments.feed import recheck
from services.dispatcher.assignments.jurisdiction import follow_registrations
from services.dispatcher.assignments.queue import AssignmentQueue
from services.dispatcher.assignments.without_hands import begin_leaves
from services.dispatcher.cases.enterprise_feed import Recheck
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork, units_of_work
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.evidence.case_files import MakeCaseEvidence, OwnEvidence
from services.dispatcher.evidence.storage import Storage
from services.dispatcher.handlers import draws as draw_days
from services.dispatcher.handlers import follow_ups
from services.dispatcher.handlers.dispatch_policies import PolicyChanges
from services.dispatcher.handlers.events import handlers, lock_touched
from services.dispatcher.handlers.proposals import PolicyProposals
from services.dispatcher.handlers.undelivered import BEAT_SECONDS, UndeliveredNotices
from services.dispatcher.handlers.uploads import Uploads
from services.dispatcher.notices import wording
from services.dispatcher.notices.channels import Channels
from services.dispatcher.notices.delivery import Delivery
from services.dispatcher.policies.versions import DispatchPolicies
from shared.contract.events import ConsumerBraked, ConsumerStalled, DeadLetterWaiting, Topic
from shared.messaging.brakes import policy as brake_policy
from shared.messaging.brakes.store import Brakes
from shared.messaging.consumer import GATHERING_SECONDS, Consumer
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.proposals.proposals import Proposals
from shared.messaging.relay import Relay, Room
from shared.messaging.unit_of_work import UnitsOfWork
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
from shared.web.identity import Identity
from shared.web.routes import Routes

NAME = "dispatcher"
QUEUE_PAGE = 500


@dataclass(frozen=True)
class Parts:
    """What answers requests and acts on events, without what connects it and keeps it going."""

    units: UnitsOfWork[CaseUnitOfWork]
    wakeups: Wakeups
    letters: DeadLetters
    brakes: Brakes[CaseUnitOfWork]
    inbox: Inbox[CaseUnitOfWork]
    uploads: Uploads
    proposals: Proposals[CaseUnitOfWork]
    routes: Callable[[], Iterable[Routes]]


def assemble(
    settings: Settings,
    clock: Clock,
    database: Database,
    outbox: Outbox,
    case_evidence_of: MakeCaseEvidence = OwnEvidence,
) -> Parts:
    """Everything of the dispatcher that needs no broker; the tests put the same together."""
    wakeups = Wakeups()
    policies = DispatchPolicies.shipped()
    units = units_of_work(database, outbox, clock, wakeups, settings.topic_prefix, policies, settings.evidence_hash)
    records = AccessRecords(tables.access_records)
    letters = DeadLetters(tables.dead_letters, NAME)
    braking = brake_policy.load(refusals=settings.refusal_brake)
    brakes = Brakes(tables.brakes, letters, units=units, policy=braking, on_braked=_notify_of_brake)
    inbox = Inbox(
        consumer=NAME, units=units, table=tables.inbox, letters=letters, handlers=handlers(), lock=lock_touched
    )
    storage = Storage.opened(settings.attachments_url, Path(".tricolor") / "attachments")
    unfinished = Uploads(database=database, storage=storage, units=units, clock=clock)
    policy_changes = PolicyChanges(policies, clock)
    policy_proposals = PolicyProposals(policy_changes)

    def routes() -> Iterator[Routes]:
        from services.dispatcher.api import (  # noqa: PLC0415  see `LateRoutes`
            assignment_feed,
            attachments,
            case_evidence,
            cases,
            dispatch_policies,
            doubtful_uploads,
            draws,
            field_work,
            figures,
            hand_over,
            imports,
            leave,
            master_data,
            master_history,
            notices,
            offline_actions,
            outlets,
            receipts,
            review,
            rota,
            teams,
            uploads,
            visits,
        )
        from services.dispatcher.api.mutations import CaseMutations  # noqa: PLC0415
        from shared.web import access_records  # noqa: PLC0415
        from shared.web.common_routes import common_routes  # noqa: PLC0415

        mutations = CaseMutations(units, tables.idempotency)
        yield cases.router(database, wakeups)
        yield assignment_feed.router(database, wakeups, units)
        yield field_work.router(mutations)
        yield offline_actions.router(mutations, database)
        yield review.router(mutations)
        yield draws.router(database)
        yield figures.router(database)
        yield hand_over.router(mutations)
        yield rota.router(mutations, database)
        yield attachments.router(mutations, units, records, storage, unfinished)
        yield access_records.router(database, records)
        yield uploads.router(unfinished)
        yield doubtful_uploads.router(unfinished, database)
        yield leave.router(mutations, database)
        yield teams.router(units)
        yield dispatch_policies.router(units, policies, policy_changes, policy_proposals, mutations)
        yield visits.router(mutations, database)
        yield notices.router(units, mutations)
        yield case_evidence.router(database, units, records, case_evidence_of(database, settings, clock))
        yield receipts.router(units, settings.receipt_keys())
        yield master_data.router(database, mutations)
        yield outlets.router(database, mutations)
        yield master_history.router(database)
        yield imports.router(database, mutations)
        replicas = SeenReplicas(tables.replicas)
        yield from common_routes(units, mutations, letters, brakes, replicas, outbox, policy_proposals.proposals)

    return Parts(units, wakeups, letters, brakes, inbox, unfinished, policy_proposals.proposals, routes)


def build(
    settings: Settings,
    clock: Clock,
    *,
    database_url: str,
    kafka: dict[str, Any],
    identity: Identity,
    room: Room | None = None,
    case_evidence_of: MakeCaseEvidence = OwnEvidence,
) -> Service:
    """The service, not started: nothing is connected yet.

    `case_evidence_of` makes what verifies the evidence of cases, and writes their files.
    `room` is asked before events are relayed, for a broker that keeps only so much.
    """
    telemetry = Telemetry(NAME)
    database = Database(database_url)
    outbox = Outbox(tables.outbox, clock)
    parts = assemble(settings, clock, database, outbox, case_evidence_of)
    units, wakeups = parts.units, parts.wakeups
    consumer = Consumer(
        name=NAME,
        topics=[settings.topic(topic) for topic in (Topic.ALERTS, Topic.DEADLINES, Topic.CONSOLE)],
        group=settings.topic(NAME),
        handle=parts.inbox.handle,
        kafka=kafka,
        max_records=settings.poll_records,
        batch=settings.poll_records,
        brakes=parts.brakes,
    )
    channels = Channels.from_settings(settings)
    delivery = Delivery(units, channels)
    waited_for = UndeliveredNotices(units, channels.names)

    keeping_days = draw_days.DrawDays(units)
    checks = follow_ups.FollowUps(units)
    queue = AssignmentQueue(QUEUE_PAGE)

    async def locate() -> int:
        async with units.open() as work:
            return await follow_registrations(work)

    async def assign_page() -> int:
        async with units.open() as work:
            return await queue.assign_page(work)

    async def begin() -> int:
        async with units.open() as work:
            return await begin_leaves(work)

    kept = upkeep(
        settings,
        tables,
        telemetry,
        units=units,
        outbox=outbox,
        letters=parts.letters,
        replicas=SeenReplicas(tables.replicas),
        consumers={"kafka": consumer},
        braking=parts.brakes.policy,
        proposals=parts.proposals,
        on_overdue=_notify_of_letters,
        on_stalled=_notify_of_stall,
    )
    app = create_app(
        title="Tricolor dispatcher",
        description="立案、派单、反馈与审核 · cases, assignments, self-reports, feedback and review",
        identity=identity,
        telemetry=telemetry,
        checks=kept.checks,
        operations=Path(__file__).parent / "api" / "operations.yaml",
    )
    app.take_when_asked(parts.routes)
    return Service(
        name=NAME,
        app=app,
        database=database,
        outbox=outbox,
        relay=Relay(name=NAME, database=database, outbox=outbox, kafka=kafka, clock=clock, room=room),
        telemetry=telemetry,
        consumers=[consumer],
        duties=[
            Duty("follow-up checks", checks.run_once, every_seconds=follow_ups.BEAT_SECONDS),
            Duty("verification draw", keeping_days.run_once, every_seconds=draw_days.BEAT_SECONDS),
            Duty("unfinished uploads", parts.uploads.sweep, every_seconds=60),
            Duty("delivery", delivery.run_once, every_seconds=5, woken=wakeups.notified, gathering=GATHERING_SECONDS),
            Duty("undelivered notices", waited_for.run_once, every_seconds=BEAT_SECONDS),
            Duty("cases without a station", locate, every_seconds=10, woken=wakeups.registered),
            Duty("waiting cases", assign_page, every_seconds=1, woken=wakeups.queued, resting=queue.resting),
            Duty("leaves that begin", begin, every_seconds=60),
            Duty("assignment feed", partial(recheck, database, wakeups.officers), every_seconds=1),
            Duty("enterprise feed", Recheck(database, wakeups.enterprises).run_once, every_seconds=1),
            *kept.duties,
        ],
        wakes=[wakeups.release_all],
        closing=[delivery.close],
    )


# The dispatcher does not read its own topic: of its own troubles it notifies the office itself.


async def _notify_of_letters(work: CaseUnitOfWork, letters: Sequence[DeadLetterWaiting]) -> None:
    work.notify(draft for letter in letters for draft in wording.dead_letter_waiting(letter))


async def _notify_of_brake(work: CaseUnitOfWork, braked: ConsumerBraked) -> None:
    work.notify(wording.consumer_braked(braked))


async def _notify_of_stall(work: CaseUnitOfWork, stalled: ConsumerStalled) -> None:
    work.notify(wording.consumer_stalled(stalled))
