"""Keeping the days of the verification draw: committed to before they begin, published when they are over."""

from datetime import timedelta

from services.dispatcher.cases import draws
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.verification_draw import day_of
from shared.messaging.unit_of_work import UnitsOfWork

BEAT_SECONDS = 10.0


class DrawDays:
    """Promises: every day has a published commitment when it begins, and its secret is published once it can be.

    Today's is made where it is missing: the service did not run yesterday.
    """

    def __init__(self, units: UnitsOfWork[CaseUnitOfWork]) -> None:
        self._units = units

    async def run_once(self) -> int:
        """One pass, one unit of work. Answers how many days it committed to or published."""
        async with self._units.open() as work:
            today = day_of(work.now)
            wanted = [today, today + timedelta(days=1)]
            missing = sorted(set(wanted) - await draws.known_days(work.connection, wanted))
            made = await draws.commit_to(work, missing) if missing else 0
            return made + await draws.publish_over(work)
