"""Whether one enterprise that floods its topic stalls the rest: the rest alone, and with as many events of one outlet.

Both wait in the topic before the intake starts, in turns, each on a database and topics of its own. An event is done
when the batch that it came in is stored; the relay runs beside.
"""

import asyncio
import os
import random
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import text

from benchmarks.registered import register
from benchmarks.topic import events_of, fill, spread
from services.alert_ingest.build import build
from services.alert_ingest.tables import HISTORY
from services.sample.anomalies import MIX, anomaly
from services.sample.district import district
from shared.contract.events import Topic
from shared.runtime.embedded import EmbeddedBroker, EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.migrating import migrate
from shared.time.clock import SystemClock
from shared.web.identity import Identity

REST, TURNS = int(os.environ.get("HOT_REST", "2000")), 3
_APART = timedelta(minutes=11)
_DONE = text("select count(*) from ingest.events where enterprise_code <> :hot")


class Fared(NamedTuple):
    """How the rest fared: seconds until half of it, nearly all and all was stored; and the cost of each event."""

    half: float
    most: float
    all: float
    processor: float


def flooded(choice: random.Random) -> Iterable[tuple[bytes, bytes]]:
    """The rest, and after each of its events one of the same outlet."""
    hot, now = district().enterprises[7], SystemClock().now()
    for number, event in enumerate(events_of(REST, choice)):
        yield event
        at = now - _APART * (REST - number)
        yield hot.code.encode(), anomaly(choice.choice(MIX), hot, hot.outlets[0], at, choice)


async def fared(postgres: EmbeddedPostgres, kafka: str, turn: int, *, is_hot: bool) -> Fared:
    """Have the events of one turn taken in, with those of the hot enterprise or without."""
    name, hot = f"hot_{turn}_{is_hot}".lower(), district().enterprises[7].code
    settings, choice = Settings(topic_prefix=f"{name}-", packed_alerts=True), random.Random(turn)
    base = Database(postgres.url())
    async with base.autocommit() as connection:
        await connection.execute(text(f"create database {name}"))
    await EmbeddedBroker(kafka).ensure_topics(
        [settings.topic(topic) for one in Topic for topic in (one, one.dead_letter)]
    )
    events = [*(flooded(choice) if is_hot else events_of(REST, choice))]
    await fill(settings, kafka, events)
    with TemporaryDirectory() as directory:
        url, identity = postgres.url(name), Identity.from_settings(settings, Path(directory))
        database = Database(url)
        await migrate(database.engine, HISTORY)
        await register(database)
        client = settings.kafka_client(kafka)
        service = build(settings, SystemClock(), database_url=url, kafka=client, identity=identity)
        anomalies, stopping, done = service.consumers[0], asyncio.Event(), 0
        await service.relay.start()
        await anomalies.start()
        while await anomalies.missing() is not None:  # noqa: ASYNC110  it tells of it only when asked
            await asyncio.sleep(0.05)
        relaying = asyncio.create_task(service._relay(stopping))
        stored = list[tuple[float, int]]()
        began, used = time.perf_counter(), _used()
        async with database.autocommit() as connection:
            while done < len(events):
                done += await anomalies.run_once(0.5)
                at = time.perf_counter() - began
                stored.append((at, await connection.scalar(_DONE, {"hot": hot}) or 0))
        used = _used() - used
        stopping.set()
        service.outbox.appended.set()
        await relaying
        await service.stop()
        await database.close()
    async with base.autocommit() as connection:
        await connection.execute(text(f"drop database {name}"))
    await base.close()
    number = stored[-1][1]
    half, most, last = (next(at for at, done in stored if done >= number * part) for part in (0.5, 0.99, 1))
    return Fared(half, most, last, used / len(events))


def _used() -> float:
    return sum(os.times()[:2])


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print how the rest fares with a hot enterprise beside it, and without."""
    broker = EmbeddedBroker()
    pairs = []
    for turn in range(TURNS + 1):
        alone = await fared(postgres, broker.bootstrap_servers, turn, is_hot=False)
        beside = await fared(postgres, broker.bootstrap_servers, turn, is_hot=True)
        if turn:  # the first turn warms up
            pairs.append((alone, beside))
    for name in ("half", "most", "all"):
        alone, beside = (median(getattr(one[place], name) for one in pairs) for place in (0, 1))
        ratios = spread(getattr(hot, name) / getattr(rest, name) for rest, hot in pairs)
        print(f"hot enterprise, {name:4} of the rest: after {alone:6.2f} s alone, {beside:6.2f} s beside it: {ratios}")
    print(
        f"hot enterprise, processor time an event: {median(rest.processor for rest, _ in pairs) * 1e6:.0f} µs alone,"
        f" {median(hot.processor for _, hot in pairs) * 1e6:.0f} beside:"
        f" {spread(hot.processor / rest.processor for rest, hot in pairs)}"
    )
