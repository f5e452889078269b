"""The pass that forgets which changes were made long ago: whoever watches again after so long begins anew."""

from datetime import timedelta

from services.console.store import changes
from services.console.store.unit_of_work import ReadModelWork
from shared.messaging.unit_of_work import UnitsOfWork

BEAT_SECONDS = 60.0
KEPT = timedelta(days=1)
_AT_ONCE = 10_000


async def forget_changes(units: UnitsOfWork[ReadModelWork]) -> int:
    """One pass, one unit of work. Answers how many were forgotten."""
    async with units.open() as work:
        return await changes.forget(work.connection, work.now - KEPT, _AT_ONCE)
