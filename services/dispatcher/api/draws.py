"""The public routes of the verification draw: what was committed to, and afterwards what was drawn."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from services.dispatcher.cases import draws
from shared.contract.events import DrawnCase
from shared.contract.refusals import NotFound
from shared.storage.database import Database
from shared.time.instants import CalendarDate, Instant
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes


class DrawDay(BaseModel):
    """A day of the draw. `commitment` is the SHA-256 of `secret`, which stays empty until it is published."""

    model_config = ConfigDict(from_attributes=True)

    day: CalendarDate
    commitment: str
    committed_at: Instant
    published_at: Instant | None
    secret: str | None


class WholeDrawDay(DrawDay):
    """A day of the draw with the draws made under its secret, once it is published."""

    draws: list[DrawnCase] = []


def router(database: Database) -> Routes:
    routes = Routes(tags=["draws"])

    @routes.get("/v1/draws")
    async def list_draw_days(paging: PagingQuery) -> Page[DrawDay]:
        """抽签公示：承诺值与事后公布的密钥 · The days of the verification draw, the latest first. Open to everybody."""
        before = None if paging.after is None else paging.after_as(date.fromisoformat)[0]
        async with database.transaction() as connection:
            rows = await draws.list_days(connection, before=before, limit=paging.limit + 1)
        return paging.page([DrawDay.model_validate(row) for row in rows], [(row.day.isoformat(),) for row in rows])

    @routes.get("/v1/draws/{day}")
    async def read_draw_day(day: CalendarDate) -> WholeDrawDay:
        """One day, and once it is published every draw made on it, for whoever repeats them. Open to everybody."""
        async with database.transaction() as connection:
            row = await draws.find_day(connection, day)
            drawn = await draws.drawn_on(connection, day)
        if row is None:
            raise NotFound("draw of", day)
        return WholeDrawDay.model_validate({**row._mapping, "draws": drawn})

    return routes
