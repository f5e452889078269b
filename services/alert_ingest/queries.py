"""Reading: alerts with their grading, and the rule book in force."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import ColumnElement, select, tuple_

from services.alert_ingest import tables
from shared.database import Database
from shared.events import Doubt, Grading, Level
from shared.identity import Principal, require
from shared.instants import Instant, instant_of, shown
from shared.paging import Page, PagingQuery
from shared.problems import not_found
from shared.roles import READERS, Role

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
        since: Annotated[AwareDatetime | None, Query(description="received at or after")] = None,
        until: Annotated[AwareDatetime | None, Query(description="received before")] = None,
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
    async def read_alert(alert_id: UUID, caller: Principal = require(*_ALERT_READERS)) -> AlertAnswer:
        """One alert with its grading: the rule, the book's version, the facts, and why no stricter rule applied."""
        async with database.transaction() as connection:
            row = (
                await connection.execute(select(tables.alerts).where(alerts.alert_id == alert_id, *visible_to(caller)))
            ).first()
        if row is None:
            raise not_found("alert", alert_id)
        return AlertAnswer.model_validate(row, from_attributes=True)

    return routes
