"""What evidence costs, in what is taken in and in what people do, beside the same without it; how fast it verifies.

It is left out in this benchmark only. Processor time of this process and of the database's together, in turns: the
machine may be shared.
"""

import random
import time
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import text

from benchmarks.dispatching import inbox_of
from benchmarks.intake import BATCH, events_of, intake_of, submissions
from benchmarks.state_change import MEASURED, desk_of, handled
from benchmarks.topic import server_seconds
from services.alert_ingest import tables
from services.alert_ingest.store.unit_of_work import units_of_work
from services.alert_ingest.tables import HISTORY
from services.dispatcher import tables as dispatch
from shared.evidence.signing import KeySigner, private_key
from shared.evidence.tables import EvidenceTables
from shared.evidence.tree import EvidenceTree
from shared.evidence.verification.store import verify_store
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.runtime.embedded import EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.migrating import migrate
from shared.time.clock import SystemClock

BATCHES, LOTS, ACTS = 12, 6, 5
"""`ACTS` are the steps of a visit: it is accepted, departed for, arrived at and reported; and it is opened before."""
W = TypeVar("W", bound=UnitOfWork)


class _WithoutEvidence(UnitsOfWork[W]):
    """Units of work whose events leave as ever, and are recorded nowhere else."""

    async def flush(self, work: UnitOfWork) -> None:
        await work.before_outbox()
        events = [self._publisher.compose(event, work.now) for event in work.emitted]
        await self._outbox.append(work.connection, [*events, *work.forwarded])


def without_evidence(units: UnitsOfWork[W]) -> UnitsOfWork[W]:
    other = copy(units)
    other.__class__ = _WithoutEvidence
    return other


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print both costs with their ratio, turn by turn, and how many records verify in a second of one core."""
    async with Database(postgres.url()).autocommit() as connection:
        directory = Path(str(await connection.scalar(text("show data_directory"))))
        for name in ("taken_with", "taken_without", "done_with", "done_without"):
            await connection.execute(text(f"create database {name}"))
    await _intake(postgres, directory)
    await _acts(postgres, directory)


async def _cost(directory: Path, work: Callable[[], Awaitable[Any]]) -> float:
    """Processor seconds of `work`, here and in the database."""
    there, here = server_seconds(directory), time.process_time()
    await work()
    return time.process_time() - here + server_seconds(directory) - there


def _show(what: str, number: int, plain: list[float], kept: list[float]) -> None:
    ratios = sorted(more / less for more, less in zip(kept, plain, strict=True))
    print(
        f"{what}: {median(kept) / number * 1e6:7.0f} µs with evidence, {median(plain) / number * 1e6:7.0f} µs without"
        f" (base): {sum(kept) / sum(plain):.3f} in all, median of turns {median(ratios):.3f}"
        f" (from {ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


async def _intake(postgres: EmbeddedPostgres, directory: Path) -> None:
    clock, choice = SystemClock(), random.Random(1)
    databases = {name: Database(postgres.url(f"taken_{name}")) for name in ("with", "without")}
    for database in databases.values():
        await migrate(database.engine, HISTORY)
    bodies = list(events_of(BATCH * (BATCHES + 1), choice))
    plain = without_evidence(
        units_of_work(databases["without"], Outbox(tables.outbox, clock), clock, Settings().topic_prefix)
    )
    ways = {"with": intake_of(databases["with"]), "without": intake_of(databases["without"], plain)}
    costs: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(BATCHES + 1):
        batch = bodies[turn * BATCH : (turn + 1) * BATCH]
        for name in sorted(ways, reverse=bool(turn % 2)):
            taken = await _cost(directory, partial(ways[name].take, submissions(batch)))
            if turn:  # the first warms up
                costs[name].append(taken)
    _show(f"an event of a batch of {BATCH}", BATCH, costs["without"], costs["with"])
    await _verification(databases["with"], tables.evidence)
    for database in databases.values():
        await database.close()


async def _acts(postgres: EmbeddedPostgres, directory: Path) -> None:
    kept = await desk_of(postgres.url("done_with"), 0)
    plain = await desk_of(postgres.url("done_without"), 0)
    units = without_evidence(plain.units)
    plain = replace(plain, units=units, inbox=inbox_of(units))
    desks = {"with": kept, "without": plain}
    costs: dict[str, list[float]] = {name: [] for name in desks}
    for turn in range(LOTS + 1):
        for name in sorted(desks, reverse=bool(turn % 2)):
            taken = await _cost(directory, partial(handled, desks[name], turn))
            if turn:
                costs[name].append(taken)
    _show(f"one of {ACTS} acts of a visit, each alone", MEASURED * ACTS, costs["without"], costs["with"])
    await _verification(kept.database, dispatch.evidence)
    for desk in desks.values():
        await desk.database.close()


async def _verification(database: Database, evidence: EvidenceTables) -> None:
    """Verify what was taken in, some of it signed, until it is clear how fast that is."""
    with TemporaryDirectory() as keys:
        signer = KeySigner(f"tricolor/{evidence.schema}", private_key(None, Path(keys)))
        await EvidenceTree(evidence, database, SystemClock(), signer).run_once()
    rates = []
    for _ in range(5):
        async with database.transaction() as connection:
            began = time.process_time()
            found = await verify_store(connection, evidence, SystemClock(), keys=[signer.key])
            rates.append(found.records / (time.process_time() - began))
            assert found.passed, found.faults[:3]
    print(
        f"verified, a second of one core: {median(rates):,.0f} records (from {min(rates):,.0f} to {max(rates):,.0f}) of"
        f" {found.records:,} in {found.chains:,} chains, with the tree over {found.leaves:,} heads"
    )
