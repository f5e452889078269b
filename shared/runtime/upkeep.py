"""What keeps a service in order beside its own work, alike in all of them: duties, and checks of its readiness."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import MetaData

from shared.contract.events import ConsumerStalled, DeadLetterWaiting
from shared.evidence.tables import EvidenceTables
from shared.messaging.brakes.policy import BrakePolicy
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letters import overdue
from shared.messaging.dead_letters.overdue import WaitingLetters
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.outbox import Outbox
from shared.messaging.proposals import expiring
from shared.messaging.proposals.expiring import ExpiringProposals
from shared.messaging.proposals.proposals import Proposals
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork, nothing_more
from shared.runtime.consumer_watch import ConsumerWatch
from shared.runtime.duty import Duty
from shared.runtime.evidence_keeping import evidence_duties
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.outbox_watch import OutboxWatch
from shared.settings import Settings
from shared.storage import housekeeping, retention
from shared.storage.archive import ArchivedTable
from shared.storage.housekeeping import Housekeeping
from shared.storage.migrating import History, missing_migration
from shared.storage.replicas import SeenReplicas
from shared.storage.retention import Archive
from shared.telemetry import Telemetry

W = TypeVar("W", bound=UnitOfWork)


class Tables(Protocol):
    """What every service's `tables` has of what is used here."""

    HISTORY: History
    metadata: MetaData
    evidence: EvidenceTables


@dataclass(frozen=True)
class Upkeep:
    duties: Sequence[Duty]
    checks: Mapping[str, Callable[[], Awaitable[str | None]]]
    """Of the database, the outbox and the consumers, for `create_app`."""


def upkeep(
    settings: Settings,
    tables: Tables,
    telemetry: Telemetry,
    *,
    units: UnitsOfWork[W],
    outbox: Outbox,
    letters: DeadLetters,
    replicas: SeenReplicas,
    consumers: Mapping[str, Consumer],
    braking: BrakePolicy,
    proposals: Proposals[W] | None = None,
    moved: Sequence[tuple[ArchivedTable, Archive]] = (),
    on_overdue: Callable[[W, Sequence[DeadLetterWaiting]], Awaitable[None]] = nothing_more,
    on_stalled: Callable[[W, ConsumerStalled], Awaitable[None]] = nothing_more,
) -> Upkeep:
    """Put it together: `consumers` by the names of their checks, `moved` and the rest as their keepers take them."""
    database, clock = units.database, units.clock
    pending = OutboxWatch(database, outbox, clock, telemetry)
    watching = ConsumerWatch(
        list(consumers.values()),
        service=letters.service,
        units=units,
        policy=braking,
        telemetry=telemetry,
        on_stalled=on_stalled,
    )
    unattended = WaitingLetters(letters, units=units, telemetry=telemetry, on_overdue=on_overdue)
    keeping = Housekeeping(
        metadata=tables.metadata,
        database=database,
        clock=clock,
        telemetry=telemetry,
        policy=retention.load(),
        moved=moved,
    )
    duties = [
        Duty("dead letters", unattended.run_once, every_seconds=overdue.BEAT_SECONDS),
        Duty("housekeeping", keeping.beat, every_seconds=housekeeping.BEAT_SECONDS),
        *evidence_duties(settings, tables.evidence, database, clock),
        pending.duty,
        Heartbeat(database, replicas).duty,
        watching.duty,
    ]
    if proposals is not None:
        run_once = ExpiringProposals(proposals, units).run_once
        duties.append(Duty("proposals", run_once, every_seconds=expiring.BEAT_SECONDS))
    return Upkeep(
        duties,
        {
            "database": lambda: missing_migration(database.engine, tables.HISTORY),
            **{name: consumer.missing for name, consumer in consumers.items()},
            "outbox": pending.stuck,
            "records": watching.stalled,
        },
    )
