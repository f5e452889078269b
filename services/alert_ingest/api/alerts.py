"""Reading alerts with their gradings, and how often alerts were false."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, computed_field
from sqlalchemy import ColumnElement, func, or_, select, tuple_

from services.alert_ingest import tables
from shared.contract.events import Doubt, Grading, Level
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import READERS, Role
from shared.storage.database import Database
from shared.time.instants import Instant, instant_of, shown
from shared.web.identity import require
from shared.web.paging import Page, PagingQuery

_ALERT_READERS = READERS | {Role.OFFICER, Role.PLATFORM, Role.ENTERPRISE}


class AlertAnswer(BaseModel):
    """An alert (预警): the event as accepted, its grade, and why."""

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
    case_id: UUID | None
    revision: int
    dismissed_at: Instant | None
    decision: dict[str, Any] | None


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


def router(database: Database) -> APIRouter:
    routes = APIRouter(tags=["alerts"])
    alerts = tables.alerts.c

    def visible_to(caller: Principal) -> list[ColumnElement[bool]]:
        if caller.role is Role.ENTERPRISE:
            return [alerts.enterprise_code == caller.enterprise]
        return []

    @routes.get("/v1/alerts")
    async def list_alerts(
        paging: PagingQuery,
        level: Level | None = None,
        enterprise: str | None = None,
        category: str | None = None,
        since: Annotated[Instant | None, Query(description="received at or after")] = None,
        until: Annotated[Instant | None, Query(description="received before")] = None,
        caller: Principal = require(*_ALERT_READERS),
    ) -> Page[AlertAnswer]:
        """Alerts, the latest first. An enterprise sees its own."""
        asked = (
            None if level is None else alerts.level == level,
            None if enterprise is None else alerts.enterprise_code == enterprise,
            None if category is None else alerts.category == category,
            None if since is None else alerts.received_at >= since,
            None if until is None else alerts.received_at < until,
            None
            if paging.after is None
            else tuple_(alerts.received_at, alerts.alert_id) < paging.after_as(instant_of, UUID),
        )
        async with database.transaction() as connection:
            rows = (
                await connection.execute(
                    select(tables.alerts)
                    .where(*visible_to(caller), *(one for one in asked if one is not None))
                    .order_by(alerts.received_at.desc(), alerts.alert_id.desc())
                    .limit(paging.limit + 1)
                )
            ).all()
        return paging.page(
            [AlertAnswer.model_validate(row, from_attributes=True) for row in rows],
            [(shown(row.received_at), str(row.alert_id)) for row in rows],
        )

    @routes.get("/v1/alerts/{alert_id}")
    async def read_alert(alert_id: UUID, caller: Principal = require(*_ALERT_READERS)) -> WholeAlert:
        """One alert with its grading: the rule, the book's version, the facts, and why no stricter rule applied."""
        async with database.transaction() as connection:
            row = (
                await connection.execute(select(tables.alerts).where(alerts.alert_id == alert_id, *visible_to(caller)))
            ).first()
            if row is None:
                raise NotFound("alert", alert_id)
            former = await connection.execute(
                select(tables.former_gradings)
                .where(tables.former_gradings.c.alert_id == alert_id)
                .order_by(tables.former_gradings.c.revision)
            )
            return WholeAlert.model_validate(row._asdict() | {"former": [one._asdict() for one in former]})

    @routes.get("/v1/false-alarms")
    async def count_false_alarms(
        by: Literal["platform", "category", "outlet"],
        since: Annotated[Instant | None, Query(description="received at or after")] = None,
        until: Annotated[Instant | None, Query(description="received before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        caller: Principal = require(*READERS),
    ) -> list[FalseAlarms]:
        """The share of false alarms by platform, category or outlet, where there are most of them first."""
        del caller
        key = {"platform": alerts.source, "category": alerts.category, "outlet": alerts.outlet}[by]
        was_false = or_(alerts.dismissed_at.is_not(None), alerts.found_false_at.is_not(None))
        asked = (
            None if since is None else alerts.received_at >= since,
            None if until is None else alerts.received_at < until,
        )
        counted, false = func.count(), func.count().filter(was_false)
        async with database.transaction() as connection:
            rows = await connection.execute(
                select(key.label("key"), counted.label("alerts"), false.label("false_alarms"))
                .where(*(one for one in asked if one is not None))
                .group_by(key)
                .order_by(false.desc(), counted.desc(), key)
                .limit(limit)
            )
        return [FalseAlarms.model_validate(row, from_attributes=True) for row in rows]

    return routes
