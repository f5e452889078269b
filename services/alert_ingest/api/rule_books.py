"""The routes of the rule book: read, try, check, backtest and publish one."""

import asyncio
from concurrent.futures import Executor
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import BaseModel, Field, StringConstraints
from pydantic_core import to_json

from services.alert_ingest.domain.grading import Outcome, outcomes
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.diff import changes
from services.alert_ingest.domain.rule_book.loading import RuleBookInvalid, parse
from services.alert_ingest.handlers.backtest import backtest_apart
from services.alert_ingest.handlers.intake import Intake
from services.alert_ingest.handlers.publishing import Publishing
from services.alert_ingest.store.rule_book_versions import RuleBooks, list_rule_books
from shared.contract.commands import Command
from shared.contract.events import Doubt, Grading, Level
from shared.contract.principal import Principal
from shared.contract.refusals import Invalid
from shared.contract.roles import Reach
from shared.messaging.proposals.proposals import Draft, Proposals
from shared.messaging.proposals.views import Proposed
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import Instant
from shared.web.bodies import read_bounded
from shared.web.idempotency import Mutations
from shared.web.paging import Page, PagingQuery
from shared.web.problems import Problem
from shared.web.proposals import propose
from shared.web.routes import Routes
from shared.web.scope import Caller

_LISTED = 1_000
_EVENT = {"$ref": "#/components/schemas/AnomalyEvent"}  # one of the models of the events' routes

Yaml = Annotated[str, StringConstraints(min_length=1, max_length=1_048_576, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")]


class Candidate(Command):
    """A rule book that might come into force, as YAML."""

    book: Yaml


class Trial(Candidate):
    event: dict[str, Any] = Field(description="an anomaly event in structured form")


class Replay(Candidate):
    """`since` and `until` are instants of occurrence; without `until` up to now."""

    since: Instant
    until: Instant | None = None
    at_most: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="end after about as many alerts: the answer says from when to go on (`next_since`), and with how"
        " many (`remaining`)",
    )


class Publication(Candidate):
    reason: Reason
    effective_from: Instant | None = Field(
        default=None, description="else the book's own, and ten seconds from now at the soonest"
    )


class Checked(BaseModel):
    """Whether a book is valid; what is wrong with it by line and rule, or what it changes."""

    valid: bool
    findings: list[str] = []
    version: str | None = None
    changes: list[dict[str, Any]] = []


class Version(BaseModel):
    """A published book: since when it is in force, who proposed and confirmed it and why, what it changed, its text."""

    version: str
    effective_from: Instant
    published_by: str
    confirmed_by: str | None = Field(description="null where it was published before that took two people")
    published_at: Instant
    reason: str
    changes: list[dict[str, Any]]
    body: str = Field(description="as it was written, for a next one to begin with")


class Tried(BaseModel):
    """The grading an event would get, and whether each rule that might decide it holds."""

    level: Level
    grading: Grading
    doubts: list[Doubt]
    outcomes: list[Outcome]


def router(
    *,
    intake: Intake,
    books: RuleBooks,
    database: Database,
    database_url: str,
    mutations: Mutations[UnitOfWork],
    publishing: Publishing,
    proposals: Proposals[UnitOfWork],
    clock: Clock,
    workers: Executor,
) -> Routes:
    routes = Routes(tags=["rule book"])
    _add_reads(routes, books, database, clock)
    _add_trials(routes, intake, books, database, clock)
    _add_backtest(routes, database_url, clock, workers)
    _add_publishing(routes, publishing, proposals, mutations)
    return routes


def _add_reads(routes: Routes, books: RuleBooks, database: Database, clock: Clock) -> None:
    @routes.get("/v1/rule-book")
    async def read_rule_book(version: str | None = None) -> dict[str, Any]:
        """The rule book in force, or any other `version`: each rule, its source, and whether the plan states it."""
        async with database.transaction() as connection:
            if version is None:
                return (await books.in_force(connection, clock.now())).public()
            return (await books.version(connection, version)).public()

    @routes.get("/v1/rule-book/versions")
    async def list_versions(paging: PagingQuery) -> Page[Version]:
        """Every book that was published, the latest first, with its author, reason and changes."""
        after = None if paging.after is None else paging.after_as(int)[0]
        async with database.transaction() as connection:
            await books.in_force(connection, clock.now())  # the shipped one is there before the first event
            rows = await list_rule_books(connection, after=after, limit=paging.limit + 1)
        items = [Version.model_validate(row, from_attributes=True) for row in rows]
        return paging.page(items, [(str(row.position),) for row in rows])


def _add_trials(routes: Routes, intake: Intake, books: RuleBooks, database: Database, clock: Clock) -> None:
    async def tried(body: bytes, caller: Principal, candidate: RuleBook | None) -> Tried:
        """The grading by the `candidate`, or else by the book in force."""

        def may_know(enterprise: str) -> bool:
            del enterprise
            return caller.reach is Reach.DISTRICT

        now = clock.now()
        async with database.transaction() as connection:
            book = candidate or await books.in_force(connection, now)
            facts, grade = await intake.preview(connection, body, book, may_know, now)
        return Tried(level=grade.level, grading=grade.grading, doubts=grade.doubts, outcomes=outcomes(facts, book))

    @routes.post(
        "/v1/rule-book/try",
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _EVENT}}}},
    )
    async def try_event(request: Request, caller: Caller) -> Tried:
        """Grade an event as if it came now, without storing anything. Refused events answer 422 with the reason.

        What happened at its enterprise counts for the bureau's roles only: it may be red, and not disclosed.
        """
        return await tried(await read_bounded(request), caller, None)

    @routes.post("/v1/rule-book/candidate/try")
    async def try_candidate(trial: Trial, caller: Caller) -> Tried:
        """The same with a book that is not in force."""
        book = await _parsed(trial.book)
        return await tried(to_json(trial.event, inf_nan_mode="constants"), caller, book)

    @routes.post("/v1/rule-book/candidate/check")
    async def check_candidate(candidate: Candidate) -> Checked:
        """Check whether a book is valid, and what it would change of the one in force."""
        try:
            book = await asyncio.to_thread(parse, candidate.book)
        except RuleBookInvalid as error:
            return Checked(valid=False, findings=error.findings)
        async with database.transaction() as connection:
            present = await books.in_force(connection, clock.now())
        return Checked(valid=True, version=book.version, changes=changes(present, book))


def _add_backtest(routes: Routes, database_url: str, clock: Clock, workers: Executor) -> None:
    running = asyncio.Lock()

    @routes.post("/v1/rule-book/candidate/backtest")
    async def backtest_candidate(replay: Replay) -> dict[str, Any]:
        """What a book would have made of the alerts stored: old level by new, added visits, the alerts that change.

        It works in a process of its own, one at a time, at some 20,000 alerts a second; the first 1,000 changed
        alerts are listed. In parts of `at_most` alerts it shows how far it is and can be left and gone on with: the
        parts come to the same as the whole. `tricolor rules backtest` shows the progress and lists all of them.
        """
        await _parsed(replay.book)
        if running.locked():
            raise Problem(429, "backtest-running", "Another backtest is running", "Try again when it is done.")
        async with running:
            return await asyncio.get_running_loop().run_in_executor(
                workers,
                backtest_apart,
                database_url,
                replay.book,
                replay.since,
                replay.until or clock.now(),
                _LISTED,
                replay.at_most,
            )


def _add_publishing(
    routes: Routes,
    publishing: Publishing,
    proposals: Proposals[UnitOfWork],
    mutations: Mutations[UnitOfWork],
) -> None:
    @routes.post("/v1/rule-book", status_code=202, response_model=Proposed)
    async def publish(publication: Publication, request: Request, caller: Caller) -> Response:
        """Propose a book. When another person confirms it, it decides from `effective_from` on.

        Alerts keep the version they were graded with.
        """
        await _parsed(publication.book)

        async def draft(work: UnitOfWork) -> Draft:
            return await publishing.draft(work, publication.book, publication.effective_from, publication.reason)

        return await propose(request, caller, proposals, mutations, draft)


async def _parsed(body: str) -> RuleBook:
    """Raises Invalid with every finding."""
    try:
        return await asyncio.to_thread(parse, body)
    except RuleBookInvalid as error:
        raise Invalid(
            "rule-book-invalid", error.findings[0], title="The rule book is not valid", findings=error.findings
        ) from error
