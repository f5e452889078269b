"""The routes of the calendar and the deadline policy: read them, preview a change, make it."""

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from services.deadline_watch.domain import calendar
from services.deadline_watch.domain.calendar import END, FIRST, LocalDay, Notice, Year
from services.deadline_watch.domain.fields import Sentence
from services.deadline_watch.handlers.change_rules import Author, Changed, RuleChanges
from services.deadline_watch.handlers.rule_proposals import RuleProposals
from services.deadline_watch.store import rule_versions
from services.deadline_watch.store.rule_versions import RuleVersions
from shared.contract.commands import Command
from shared.contract.refusals import NotFound
from shared.contract.yaml_text import faults_of
from shared.messaging.proposals.proposals import Draft, Proposals
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.database import Database
from shared.time.instants import CalendarDate, Instant
from shared.web.idempotency import Mutations
from shared.web.paging import Page, PagingQuery
from shared.web.proposals import PROPOSED, propose
from shared.web.routes import Routes
from shared.web.scope import Caller

_UNNAMED = "节假日"

YearNumber = Annotated[int, Path(ge=FIRST.year, lt=END.year)]
DryRun = Annotated[bool, Query(description="only say what would move")]
Days = dict[str, list[CalendarDate]] | list[CalendarDate]
Yaml = Annotated[str, StringConstraints(min_length=1, max_length=1_048_576, pattern=r"^[^\x00]*$")]


class YearEnd(BaseModel):
    """What the notice of the next year says of a year's last days, in place of what its own says."""

    days_off: dict[str, list[CalendarDate]]
    make_up_days: dict[str, list[CalendarDate]]

    @classmethod
    def of(cls, year: int, following: Year | None) -> "YearEnd":
        def within(days: dict[str, list[CalendarDate]]) -> dict[str, list[CalendarDate]]:
            moved = {name: [day for day in dates if day.year == year] for name, dates in days.items()}
            return {name: dates for name, dates in moved.items() if dates}

        if following is None:
            return cls(days_off={}, make_up_days={})
        return cls(days_off=within(following.days_off), make_up_days=within(following.make_up_days))


class YearAnswer(BaseModel):
    """The calendar's entry for a year, and the version of the calendar it is read from.

    Its last days, from 27 December on, are final (`end_published`) when the notice of the next year is published too.
    """

    year: int
    version: str
    published: bool
    notice: Notice | None
    days_off: dict[str, list[CalendarDate]]
    make_up_days: dict[str, list[CalendarDate]]
    local_days_off: dict[CalendarDate, LocalDay]
    by_next_notice: YearEnd
    end_published: bool


class YearImport(Command):
    """A year as its notice has it: days off and make-up working days, by holiday or as plain lists.

    A notice may name days of the year before, from 27 December on.

    Local days off stay as they are unless they are given.
    """

    days_off: Days
    make_up_days: Days = Field(default_factory=dict)
    notice: Notice | None = None
    published: bool = True
    local_days_off: dict[CalendarDate, LocalDay] | None = None
    reason: Sentence = "节假日安排的通知 · notice of the year's holidays"


class LocalImport(LocalDay):
    """A day that is no working day here, by a local order that `ground` names."""


class Publication(Command):
    policy: Yaml
    reason: Sentence
    effective_from: Instant | None = Field(default=None, description="else the policy's own")


class PolicyVersion(BaseModel):
    """A published deadline policy, whole, and what moved when it was published."""

    version: str
    effective_from: Instant
    published_by: str
    confirmed_by: str | None = Field(description="null where it was published before that took two people")
    published_at: Instant
    reason: str
    body: str
    moves: dict[str, Any]


class CalendarVersion(BaseModel):
    """A calendar that was in force: which year was imported, why, by whom, and what moved."""

    version: str
    year: int | None
    reason: str
    imported_by: str
    confirmed_by: str | None = Field(description="null where it was imported before that took two people")
    imported_at: Instant
    moves: dict[str, Any]


def router(
    database: Database,
    versions: RuleVersions,
    changes: RuleChanges,
    rule_proposals: RuleProposals,
    proposals: Proposals[UnitOfWork],
    mutations: Mutations[UnitOfWork],
) -> Routes:
    routes = Routes(tags=["calendar and policy"])
    _add_calendar(routes, database, versions)
    _add_calendar_changes(routes, changes, rule_proposals, proposals, mutations)
    _add_policies(routes, database, versions)
    _add_publishing(routes, changes, rule_proposals, proposals, mutations)
    return routes


def _add_calendar(routes: Routes, database: Database, versions: RuleVersions) -> None:
    @routes.get("/v1/calendar/versions")
    async def list_calendars(paging: PagingQuery) -> Page[CalendarVersion]:
        """Every calendar that was in force, the latest first."""
        after = None if paging.after is None else paging.after_as(int)[0]
        async with database.transaction() as connection:
            await versions.in_force(connection)  # the shipped one is there before the first clock
            rows = await rule_versions.list_calendars(connection, after=after, limit=paging.limit + 1)
        items = [CalendarVersion.model_validate(row, from_attributes=True) for row in rows]
        return paging.page(items, [(str(row.position),) for row in rows])

    @routes.get("/v1/calendar/{year}")
    async def read_year(year: YearNumber) -> YearAnswer:
        """The calendar's entry for a year: days off, make-up days, and the notice it rests on."""
        async with database.transaction() as connection:
            in_force = (await versions.in_force(connection)).calendar
        entry = in_force.years.get(year)
        if entry is None:
            raise NotFound("calendar for the year", year)
        return YearAnswer(
            year=year,
            version=in_force.version,
            by_next_notice=YearEnd.of(year, in_force.years.get(year + 1)),
            end_published=in_force.is_published(year) and in_force.is_published(year + 1),
            **entry.model_dump(),
        )


def _add_calendar_changes(
    routes: Routes,
    changes: RuleChanges,
    rule_proposals: RuleProposals,
    proposals: Proposals[UnitOfWork],
    mutations: Mutations[UnitOfWork],
) -> None:
    @routes.put("/v1/calendar/{year}", response_model=Changed, responses=PROPOSED)
    async def import_year(
        year: YearNumber,
        given: YearImport,
        request: Request,
        dry_run: DryRun = False,
        *,
        caller: Caller,
    ) -> Response:
        """Propose to import or correct a year; the proposal shows how many running deadlines move and by how much.

        With `dry_run` nothing is proposed, and 200 answers the same preview.
        """
        entry, author = _year(given), Author(caller.subject, given.reason)
        keeps_local = given.local_days_off is None

        async def preview(work: UnitOfWork) -> Changed:
            return await changes.import_year(work, year, entry, author, dry_run=True, keeps_local=keeps_local)

        async def draft(work: UnitOfWork) -> Draft:
            return await rule_proposals.year(work, year, entry, author, keeps_local=keeps_local)

        if dry_run:
            return await mutations.run(request, caller, preview)
        return await propose(request, caller, proposals, mutations, draft)

    @routes.put("/v1/calendar/local-days-off/{day}", response_model=Changed, responses=PROPOSED)
    async def add_local_day_off(
        day: CalendarDate,
        given: LocalImport,
        request: Request,
        dry_run: DryRun = False,
        *,
        caller: Caller,
    ) -> Response:
        """Propose that a day is none of the working days here: a typhoon shutdown, by the order that `ground` names.

        With `dry_run` nothing is proposed, and 200 answers the preview.
        """
        local = LocalDay(name=given.name, ground=given.ground)
        author = Author(caller.subject, f"{given.name}（{given.ground}）")

        async def preview(work: UnitOfWork) -> Changed:
            return await changes.add_local_day_off(work, day, local, author, dry_run=True)

        async def draft(work: UnitOfWork) -> Draft:
            return await rule_proposals.local_day_off(work, day, local, author)

        if dry_run:
            return await mutations.run(request, caller, preview)
        return await propose(request, caller, proposals, mutations, draft)


def _add_policies(routes: Routes, database: Database, versions: RuleVersions) -> None:
    @routes.get("/v1/deadline-policies")
    async def list_policies(paging: PagingQuery) -> Page[PolicyVersion]:
        """Every deadline policy that was published, the latest first."""
        after = None if paging.after is None else paging.after_as(int)[0]
        async with database.transaction() as connection:
            await versions.in_force(connection)
            rows = await rule_versions.list_policies(connection, after=after, limit=paging.limit + 1)
        items = [PolicyVersion.model_validate(row, from_attributes=True) for row in rows]
        return paging.page(items, [(str(row.position),) for row in rows])


def _add_publishing(
    routes: Routes,
    changes: RuleChanges,
    rule_proposals: RuleProposals,
    proposals: Proposals[UnitOfWork],
    mutations: Mutations[UnitOfWork],
) -> None:
    @routes.post("/v1/deadline-policies", response_model=Changed, responses=PROPOSED)
    async def publish(given: Publication, request: Request, dry_run: DryRun = False, *, caller: Caller) -> Response:
        """Propose a policy: it decides for clocks that start from its instant on, and those that run move to it.

        With `dry_run` nothing is proposed, and 200 answers the preview.
        """
        author = Author(caller.subject, given.reason)

        async def preview(work: UnitOfWork) -> Changed:
            return await changes.publish_policy(work, given.policy, given.effective_from, author, dry_run=True)

        async def draft(work: UnitOfWork) -> Draft:
            return await rule_proposals.policy(work, given.policy, given.effective_from, author)

        if dry_run:
            return await mutations.run(request, caller, preview)
        return await propose(request, caller, proposals, mutations, draft)


def _year(given: YearImport) -> Year:
    try:
        return Year(
            published=given.published,
            notice=given.notice,
            days_off=_named(given.days_off),
            make_up_days=_named(given.make_up_days),
            local_days_off=given.local_days_off or {},
        )
    except ValidationError as error:
        raise calendar.invalid(faults_of(error)) from error


def _named(days: Days) -> dict[str, list[CalendarDate]]:
    if isinstance(days, dict):
        return days
    return {_UNNAMED: days} if days else {}
