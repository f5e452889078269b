"""The proposals of the three services, and what the command line proposes and decides on."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.alert_ingest import tables as ingest
from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.alert_ingest.handlers.decisions import Decisions
from services.alert_ingest.handlers.publishing import Publishing
from services.alert_ingest.store import unit_of_work as ingest_units
from services.alert_ingest.store.rule_book_versions import RuleBooks
from services.commands.acting import Name
from services.deadline_watch import tables as watch
from services.deadline_watch.handlers.adjust_deadline import Adjustments
from services.deadline_watch.handlers.change_rules import RuleChanges
from services.deadline_watch.handlers.clock_proposals import ClockProposals
from services.deadline_watch.handlers.rule_proposals import RuleProposals
from services.deadline_watch.store import units_of_work as watch_units
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from services.dispatcher import tables as dispatch
from services.dispatcher.cases import unit_of_work as dispatch_units
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.handlers.dispatch_policies import PolicyChanges
from services.dispatcher.handlers.proposals import PolicyProposals
from services.dispatcher.policies.versions import DispatchPolicies
from shared.contract.refusals import NotFound
from shared.messaging.outbox import Outbox
from shared.messaging.proposals import store
from shared.messaging.proposals.people import Person
from shared.messaging.proposals.proposals import Proposals
from shared.messaging.unit_of_work import UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock


@dataclass(frozen=True)
class Kept:
    """The proposals of one service, and the units of work in which they are decided on."""

    proposals: Proposals[Any]
    units: UnitsOfWork[Any]


class Office:
    """What the command line proposes and decides on, on the database of the settings."""

    def __init__(self, database: Database) -> None:
        clock, settings = SystemClock(), Settings()
        prefix, hashing = settings.topic_prefix, settings.evidence_hash
        books = RuleBooks(RULE_BOOK.read_text(encoding="utf-8"))
        self.publishing = Publishing(books, clock)
        # The running service's watcher looks for what others stored ahead every few seconds.
        versions, upcoming = RuleVersions.shipped(clock), UpcomingSteps()
        self.rule_changes = RuleChanges(versions, upcoming)
        self.rule_proposals = RuleProposals(self.rule_changes)
        clock_proposals = ClockProposals(Adjustments(versions, upcoming))
        policies = DispatchPolicies.shipped()
        self.database = database
        self.ingest = Kept(
            Decisions(books, [self.publishing.kind]).proposals,
            ingest_units.units_of_work(database, Outbox(ingest.outbox, clock), clock, prefix, hashing),
        )
        self.dispatcher = Kept(
            PolicyProposals(PolicyChanges(policies, clock)).proposals,
            dispatch_units.units_of_work(
                database, Outbox(dispatch.outbox, clock), clock, Wakeups(), prefix, policies, hashing
            ),
        )
        self.watch = Kept(
            Proposals(watch_units.NAME, watch.proposals, (*clock_proposals.kinds(), *self.rule_proposals.kinds())),
            watch_units.units_of_work(database, clock, prefix, hashing=hashing),
        )

    @property
    def all(self) -> dict[Name, Kept]:
        return {"ingest": self.ingest, "dispatcher": self.dispatcher, "watch": self.watch}

    async def where(self, proposal_id: UUID, by: Person) -> Kept:
        """The service that keeps the proposal. Raises NotFound where it is not there, or not theirs to see."""
        for kept in self.all.values():
            async with self.database.autocommit() as connection:
                try:
                    await store.read(connection, kept.proposals.table, proposal_id, by)
                except NotFound:
                    continue
            return kept
        raise NotFound("proposal", proposal_id)
