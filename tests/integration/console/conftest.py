"""The console's handlers on a real database, without a broker: events are handed to them as the inbox would."""

from collections.abc import Callable, Sequence
from uuid import uuid4

import pytest

from services.console.handlers.events import handlers, lock_touched
from services.console.store.unit_of_work import ReadModelWork, units_of_work
from services.console.store.wakeups import Wakeups
from shared.messaging.inbox import Received, group_by_handler
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.unit.console.domain.events_of_a_case import NINE, Told


class ReadModel:
    """Merges events into the read model, a batch at a time."""

    def __init__(self, units: UnitsOfWork[ReadModelWork]) -> None:
        self.units, self._handlers = units, handlers()

    async def merge(self, told: Sequence[Told]) -> None:
        async with self.units.open() as work:
            received = [Received(uuid4(), str(one.type_), one.data) for one in told]
            await lock_touched(work, received)
            for handler, some in group_by_handler([(None, one) for one in received], self._handlers):
                await handler(work, some)


@pytest.fixture
def wakeups() -> Wakeups:
    return Wakeups()


@pytest.fixture
def another(wakeups: Wakeups) -> Callable[[Database], ReadModel]:
    """A read model on any database, of this process."""

    def made(database: Database) -> ReadModel:
        return ReadModel(units_of_work(database, ManualClock(NINE), "", wakeups))

    return made


@pytest.fixture
def read_model(database: Database, another: Callable[[Database], ReadModel]) -> ReadModel:
    return another(database)
