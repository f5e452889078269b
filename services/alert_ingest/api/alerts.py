"""The routes that read alerts with their gradings, and how often alerts were false."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, computed_field

from services.alert_ingest.domain import disclosure
from services.alert_ingest.store import alerts as store
from services.alert_ingest.store.packed import read
from shared.contract.codes import Normalised
from shared.contract.disclosure import shown
from shared.contract.events import Doubt, Grading, Level
from shared.contract.refusals import NotFound
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.instants import Instant, instant_of
from shared.time.instants import shown as written
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller


class AlertAnswer(BaseModel):
    """An alert (预警): the event as accepted, its grade, and why.

    A white one that came while a reminder stood is `counted_on` the alert of that reminder, whose `counted` grows; the
    enterprise is not reminded again.
    """

    alert_id: UUID
    level: Level
    event: dict[str, Any]
    enterprise_code: str
    category: str
    received_at: Instant
    issued_at: Instant
    grading: Grading
    doubts: list[Doubt]
    repeats: int
    counted_on: UUID | None
    counted: int
    case_id: UUID | None
    revision: int
    dismissed_at: Instant | None
    decision: dict[str, Any] | None
    held_since: Instant | None


class FormerGrading(BaseModel):
    """A grade that another one superseded, and what brought that about."""

    revision: int
    level: Level
    grading: Grading
    doubts: list[Doubt]
    decision: dict[str, Any] | None
    issued_at: Instant
    superseded_at: Instant
    cause: str


class WholeAlert(AlertAnswer):
    """With every grade it had before, the first one first."""

    former: list[FormerGrading]


class FalseAlarms(BaseModel):
    """How many alerts were dismissed by two people, or ended as a false alarm on site."""

    key: str | None
    alerts: int
    false_alarms: int

    @computed_field  # type: ignore[prop-decorator]  # as pydantic documents it
    @property
    def rate(self) -> float:
        """Between 0 and 1."""
        return self.false_alarms / self.alerts


def router(database: Database) -> Routes:
    routes = Routes(tags=["alerts"])

    @routes.get("/v1/alerts")
    async def list_alerts(
        paging: PagingQuery,
        level: Level | None = None,
        enterprise: Annotated[str | None, Normalised] = None,
        category: str | None = None,
        held: Annotated[bool | None, Query(description="those that ask nothing before a person confirms them")] = None,
        since: Annotated[Instant | None, Query(description="received at or after")] = None,
        until: Annotated[Instant | None, Query(description="received before")] = None,
        *,
        alert_id: Annotated[
            list[UUID], Query(default_factory=list, max_length=100, description="these alone, where they are there")
        ],
        caller: Caller,
    ) -> Page[AlertAnswer]:
        """Alerts, the latest first. An enterprise sees its own, a platform its sources', a station its enterprises'."""
        async with database.transaction() as connection:
            rows = await store.list_alerts(
                connection,
                caller,
                level=level,
                enterprise=enterprise,
                category=category,
                held=held,
                since=since,
                until=until,
                alert_ids=alert_id or None,
                after=None if paging.after is None else paging.after_as(instant_of, UUID),
                limit=paging.limit + 1,
            )
        alerts = [AlertAnswer.model_validate(row) for row in rows]
        return paging.page(
            [shown(alert, disclosure.sight_of(caller), disclosure.TABLE) for alert in alerts],
            [(written(row["received_at"]), str(row["alert_id"])) for row in rows],
        )

    @routes.get("/v1/alerts/{alert_id}")
    async def read_alert(alert_id: UUID, caller: Caller) -> WholeAlert:
        """One alert with its grading: the rule, the book's version, the facts, and why no stricter rule applied."""
        async with database.transaction() as connection:
            row = await store.find_alert(connection, alert_id, caller)
            if row is None:
                raise NotFound("alert", alert_id)
            former = [read(one) for one in await store.former_gradings(connection, alert_id)]
        if caller.role is Role.ENTERPRISE:
            former = disclosure.shown_gradings(former, row)
        whole = WholeAlert.model_validate(read(row) | {"former": former})
        return shown(whole, disclosure.sight_of(caller), disclosure.TABLE)

    @routes.get("/v1/false-alarms")
    async def count_false_alarms(
        paging: PagingQuery,
        by: Literal["platform", "category", "outlet"],
        since: Annotated[Instant | None, Query(description="received at or after")] = None,
        until: Annotated[Instant | None, Query(description="received before")] = None,
        *,
        caller: Caller,
    ) -> Page[FalseAlarms]:
        """The share of false alarms by platform, category or outlet, where there are most of them first."""
        passed = 0 if paging.after is None else paging.after_as(_rank)[0]
        async with database.transaction() as connection:
            rows = await store.count_false_alarms(
                connection, caller, by=by, since=since, until=until, passed=passed, limit=paging.limit + 1
            )
        return paging.page(
            [FalseAlarms.model_validate(row, from_attributes=True) for row in rows],
            [(str(passed + place),) for place in range(1, len(rows) + 1)],
        )

    return routes


def _rank(part: str) -> int:
    """Read from a cursor how many counts were passed. Raises ValueError for what no table reaches."""
    if not 0 <= (rank := int(part)) < 2**31:
        raise ValueError(part)
    return rank
