"""Who acts on the command line in what takes two people, and the proposals of the three services."""

import asyncio
import os
import pwd
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import typer

from services.alert_ingest import tables as ingest
from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.alert_ingest.handlers.decisions import Decisions
from services.alert_ingest.handlers.publishing import Publishing
from services.alert_ingest.store import unit_of_work as ingest_units
from services.alert_ingest.store.rule_book_versions import RuleBooks
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
from services.infrastructure import opened_database
from shared.contract.refusals import NotFound, Refusal
from shared.contract.roles import Role
from shared.messaging.outbox import Outbox
from shared.messaging.proposals import store
from shared.messaging.proposals.people import Person
from shared.messaging.proposals.proposals import Proposals
from shared.messaging.unit_of_work import UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock
from shared.web.identity import Identity
from shared.web.problems import Problem

T = TypeVar("T")
Name = Literal["ingest", "dispatcher", "watch"]
DATA = Path(".tricolor")
Data = Annotated[Path, typer.Option(help="Where embedded PostgreSQL is kept, without TRICOLOR_DATABASE_URL.")]
ByRole = Annotated[Role, typer.Option(help="In which role, where no --token says so.")]
Token = Annotated[
    str | None, typer.Option(help="The bearer token of whoever acts, instead of a name: of somebody who signed in.")
]
NobodyElse = Annotated[
    bool,
    typer.Option(
        "--nobody-else",
        help="There is nobody else to confirm it: do it at once, and keep that. Not where people sign in (OIDC).",
    ),
]
ALONE = "（仅一人操作，未经他人批准 · by one person alone）"


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


async def acting(by: str | None, role: Role, station: str | None, token: str | None, data: Path) -> Person:
    """Whoever acts: the bearer of `token`, or the user of this machine under the name of `by`. Raises Problem."""
    if token is not None:
        return Person.of(await Identity.from_settings(Settings(), data).bearer(token))
    if not by or not by.strip():
        raise typer.BadParameter("say who acts: --by, or --token")
    login = f"{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}"
    return Person(role.value, by.strip(), station, login=login)


def require_nobody_else() -> None:
    """End the command where people sign in, so that there is somebody else."""
    if Settings().oidc_issuer is not None:
        sys.exit("tricolor: --nobody-else: people sign in here (TRICOLOR_OIDC_ISSUER), so somebody else can confirm it")


def run(act: Callable[[Office], Awaitable[T]], data: Path) -> T:
    """What `act` answers. A refusal ends the command with its sentence."""

    async def opened() -> T:
        async with opened_database(data) as database:
            return await act(Office(database))

    try:
        return asyncio.run(opened())
    except (Refusal, Problem) as refusal:
        sys.exit(f"tricolor: {refusal.detail}")
