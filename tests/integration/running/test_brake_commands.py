"""`tricolor brakes …` as a person types it, over the partitions of all three services."""

from datetime import UTC, datetime

from aiokafka import TopicPartition
from pydantic_core import from_json

from services.alert_ingest import tables as ingest
from services.deadline_watch import tables as watch
from shared.contract.messages import Publisher
from shared.messaging.brakes import policy
from shared.messaging.brakes.store import Brakes, Unreadable
from shared.messaging.brakes.tally import Excess
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.running.commands import tricolor


async def test_from_the_list_to_the_release(database: Database, database_url: str) -> None:
    clock = ManualClock(datetime(2026, 11, 23, 1, 5, tzinfo=UTC))
    for tables, service, place, why in (
        (ingest, "alert_ingest", TopicPartition("anomaly-events", 1), Excess(200, 200)),
        (watch, "deadline_watch", TopicPartition("cases", 0), Unreadable("BadGzipFile", "not [bold]gzip\x1b[31m")),
    ):
        units = UnitsOfWork(
            database=database,
            outbox=Outbox(tables.outbox, clock),
            clock=clock,
            publisher=Publisher(service, ""),
            make=UnitOfWork,
        )
        letters = DeadLetters(tables.dead_letters, service)
        await Brakes(tables.brakes, letters, units=units, policy=policy.load()).put_on(service, place, 7, why)

    async def run(*arguments: str) -> tuple[int, str, str]:
        return await tricolor("brakes", *arguments, url=database_url)

    code, out, err = await run("list")
    assert code == 0, err
    assert all(text in out for text in ("anomaly-events/1", "200 of the last 200", "cases/0", "[bold]gzip"))
    assert "\x1b[31m" not in out
    by = ("--by", "zhao", "--reason", "the platform was told")
    code, out, err = await run("release", "ingest", "anomaly-events/1", *by)
    assert (code, "is released" in out) == (0, True), err
    code, _, err = await run("release", "ingest", "anomaly-events/1", *by)
    assert (code, "was released by zhao" in err) == (1, True)
    code, _, err = await run("release", "watch", "cases", *by)
    assert (code, "topic/partition" in err) == (2, True)
    code, out, err = await run("release", "watch", "cases/0", "--pass-over", *by)
    assert code == 0, err
    _, out, _ = await run("list", "--json")
    assert from_json(out) == {"ingest": [], "dispatcher": [], "watch": [], "console": []}
    _, out, _ = await run("list", "--all", "--json", "--service", "watch")
    ((brake,),) = from_json(out).values()
    assert (brake["partition"], brake["pass_over"], brake["released_by"]) == (0, True, "zhao")
