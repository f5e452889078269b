"""A dispatcher without its topics, for the benchmarks: what it hears is handed to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork, units_of_work
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.handlers.events import handlers, lock_touched
from services.dispatcher.policies.versions import DispatchPolicies
from services.dispatcher.tables import HISTORY
from shared.contract.cloudevents import compose
from shared.contract.events import (
    ALERT_GRADED,
    AlertGraded,
    Bilingual,
    EnterpriseReference,
    Grading,
    Level,
    OutletReference,
)
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.inbox import Inbox
from shared.messaging.kafka import Record
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.database import Database
from shared.storage.migrating import migrate
from shared.time.clock import ManualClock

STATIONS, ENTERPRISES = 20, 1000


@dataclass
class Dispatching:
    database: Database
    clock: ManualClock
    units: UnitsOfWork[CaseUnitOfWork]
    inbox: Inbox[CaseUnitOfWork]


async def prepared(url: str, now: datetime) -> Dispatching:
    """Twenty stations and a thousand enterprises, and nobody to go yet."""
    database, clock = Database(url), ManualClock(now)
    await migrate(database.engine, HISTORY)
    async with database.transaction() as connection:
        await connection.execute(
            insert(tables.stations),
            [
                {"code": f"s{n:02}", "name": f"{n}所", "district": "440306", "streets": [], "updated_at": now}
                for n in range(STATIONS)
            ],
        )
        await connection.execute(
            insert(tables.enterprises),
            [
                {
                    "code": f"E{n:05}",
                    "name": f"某厂{n}",
                    "station": f"s{n % STATIONS:02}",
                    "classification": [],
                    "source": "master",
                    "longitude": 113.8 + n % 31 / 150,
                    "latitude": 22.6 + n % 37 / 180,
                    "updated_at": now,
                }
                for n in range(ENTERPRISES)
            ],
        )
    units = units_of_work(database, Outbox(tables.outbox, clock), clock, Wakeups(), "", DispatchPolicies.shipped())
    return Dispatching(database, clock, units, inbox_of(units))


def inbox_of(units: UnitsOfWork[CaseUnitOfWork]) -> Inbox[CaseUnitOfWork]:
    return Inbox(
        consumer="benchmark",
        units=units,
        table=tables.inbox,
        letters=DeadLetters(tables.dead_letters, "benchmark"),
        handlers=handlers(),
        lock=lock_touched,
    )


async def hear_reds(desk: Dispatching, numbers: Iterable[int]) -> None:
    """A red alert of each of the enterprises, gas and water in turn."""
    now = desk.clock.now()
    records = []
    for number in numbers:
        enterprise = f"E{number % ENTERPRISES:05}"
        alert = AlertGraded(
            alert_id=uuid4(),
            level=Level.RED,
            category="gas_daily_mean_exceedance" if number % 2 else "water_daily_mean_exceedance",
            category_name=Bilingual(zh="日均值超标", en="daily mean above the limit"),
            response="on_site",
            enterprise=EnterpriseReference(code=enterprise),
            outlet=OutletReference(mn=f"M{number}", medium="gas" if number % 2 else "water"),
            district="440306",
            pollutant=None,
            window=None,
            observed=61.2,
            limit=50.0,
            unit="mg/m3",
            received_at=now,
            issued_at=now,
            grading=Grading(
                rule="benchmark",
                rule_book_version="1",
                stated=False,
                facts={},
                reason=Bilingual(zh="日均值超标", en="daily mean above the limit"),
            ),
            doubts=[],
        )
        event = compose(topic="alerts", source="/b", type_=ALERT_GRADED, enterprise=enterprise, time=now, data=alert)
        records.append(Record("alerts", 0, number, event.key, event.value, (), 0))
    await desk.inbox.handle(records)
