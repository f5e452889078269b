"""The second look at yellow alerts that nobody answered: a duty, since no event tells of silence."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, text, update

from services.alert_ingest import tables
from services.alert_ingest.domain.facts import LaterFacts
from services.alert_ingest.handlers import regrading
from services.alert_ingest.store.grades import stored_alert
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.messaging.consumer import Consumer
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork

_ALERTS = tables.alerts.c
_ENTERPRISES = 50


class SecondLook:
    """Grades alerts again whose time to be answered has passed."""

    def __init__(
        self,
        units: UnitsOfWork[UnitOfWork],
        books: RuleBooks,
        cases: Consumer,
    ) -> None:
        self._units, self._books, self._cases = units, books, cases

    async def run_once(self) -> int:
        """Look at the alerts of some enterprises in one unit of work; answer at how many.

        Not while word of cases and clocks is unread: the answer, or a pause, may be among it.
        """
        if not await self._is_any_due() or await self._cases.lag():
            return 0
        async with self._units.open() as work:
            connection, now = work.connection, work.now
            codes = await connection.scalars(
                text("""
                    select code from ingest.enterprises
                     where code in (select enterprise_code from ingest.alerts
                                     where look_again_at <= :now and clock_paused_at is null)
                     order by code limit :enterprises
                       for update skip locked
                """),
                {"now": now, "enterprises": _ENTERPRISES},
            )
            rows = (
                await connection.execute(
                    select(tables.alerts).where(_ALERTS.enterprise_code.in_(codes.all()), *_due(now)).with_for_update()
                )
            ).all()
            revisions = []
            for row in rows:
                stored = await stored_alert(connection, self._books, row)
                hours = (now - row.issued_at - row.excused).total_seconds() / 3600
                grade = await regrading.regrade(connection, stored, LaterFacts(unanswered_hours=hours))
                if grade.level.rank > stored.level.rank:
                    revisions.append(stored.revised(grade, "unanswered", now))
            await connection.execute(
                update(tables.alerts)
                .where(_ALERTS.alert_id.in_([row.alert_id for row in rows]))
                .values(look_again_at=None)
            )
            await regrading.apply_revisions(work, revisions)
        return len(rows)

    async def _is_any_due(self) -> bool:
        async with self._units.database.transaction() as connection:
            return bool(await connection.scalar(select(exists().where(*_due(self._units.clock.now())))))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_ALERTS.look_again_at <= now, _ALERTS.clock_paused_at.is_(None))
