"""By schedule: every ten minutes, by one replica for all of them, with metrics that say when all was well last."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from services.reconcile.findings import Link
from services.reconcile.reconciler import Reconciler
from services.reconcile.schedule import Schedule
from services.runner import builds
from services.sample.anomalies import RED
from services.sample.district import district
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import ScaledClock
from shared.web.identity import Identity
from tests.integration.reconcile.damages import DAMAGES, inflict
from tests.world import World

ENTERPRISE = district().enterprises[0]
CLEAN, FOUND = "tricolor_reconcile_last_clean_timestamp_seconds", "tricolor_reconcile_findings"


def replica(world: World) -> tuple[Schedule, Telemetry]:
    telemetry = Telemetry("reconcile-test")
    database = world.services["watch"].database
    return Schedule(settings=world.settings, clock=world.clock, database=database, telemetry=telemetry), telemetry


async def seconds_since_the_last(world: World) -> int:
    """By its heartbeat."""
    async with world.services["watch"].database.transaction() as connection:
        at = await connection.scalar(text("select at from watch.heartbeats where duty = 'reconcile'"))
    return round((world.clock.now() - at).total_seconds()) if isinstance(at, datetime) else -1


async def test_one_replica_proves_for_all_and_every_metric_shows_it(bare_world: World) -> None:
    (one, first), (other, second) = replica(bare_world), replica(bare_world)
    await bare_world.push(RED, ENTERPRISE)
    await bare_world.settle()
    await asyncio.gather(one.beat(), other.beat())
    began = bare_world.clock.now().timestamp()
    bare_world.clock.advance(timedelta(minutes=9, seconds=59))
    await one.beat()
    await other.beat()
    assert await seconds_since_the_last(bare_world) == 599
    for telemetry in (first, second):
        assert telemetry.registry.get_sample_value(CLEAN) == began
        assert telemetry.registry.get_sample_value(FOUND, {"link": Link.EVENT_READ}) == 0

    bare_world.clock.advance(timedelta(seconds=1))
    await inflict(bare_world, DAMAGES["a clock is gone"], ENTERPRISE)
    await other.beat()
    await one.beat()
    assert await seconds_since_the_last(bare_world) == 0
    for telemetry in (first, second):
        assert telemetry.registry.get_sample_value(CLEAN) == began
        assert telemetry.registry.get_sample_value(FOUND, {"link": Link.CASE_CLOCK}) == 1
    repaired = [one.registry.get_sample_value("tricolor_reconcile_repaired_total") for one in (first, second)]
    assert repaired == [0, 1]
    await bare_world.settle()
    (alarm,) = [one for one in bare_world.heard("audit.failed") if one["finding"] == Link.CASE_CLOCK]
    assert alarm["detail"]["zh"] == "案件没有时限"

    bare_world.clock.advance(timedelta(minutes=10))
    await one.beat()
    await other.beat()
    for telemetry in (first, second):
        assert telemetry.registry.get_sample_value(CLEAN) == bare_world.clock.now().timestamp()
        assert telemetry.registry.get_sample_value(FOUND, {"link": Link.CASE_CLOCK}) == 0


async def test_a_pass_that_takes_long_is_at_work_a_fifth_of_the_time(bare_world: World) -> None:
    (one, _), (other, _) = replica(bare_world), replica(bare_world)
    await one.beat()
    async with bare_world.services["watch"].database.transaction() as connection:
        await connection.execute(
            text("update watch.heartbeats set detail = detail || '{\"seconds\": 300}' where duty = 'reconcile'")
        )
    bare_world.clock.advance(timedelta(minutes=24))
    await other.beat()
    assert await seconds_since_the_last(bare_world) == 24 * 60
    bare_world.clock.advance(timedelta(minutes=1))
    await other.beat()
    assert await seconds_since_the_last(bare_world) == 0


async def test_a_narrower_look_does_not_count_as_proof(bare_world: World) -> None:
    await bare_world.reconcile()
    bare_world.clock.advance(timedelta(hours=1))
    await bare_world.reconcile(bare_world.clock.now() - timedelta(days=1))
    assert await seconds_since_the_last(bare_world) == 3600
    await bare_world.reconcile(bare_world.clock.now() - timedelta(days=7))
    assert await seconds_since_the_last(bare_world) == 0


async def test_while_one_is_at_work_another_lets_it(bare_world: World) -> None:
    (schedule, _), database = replica(bare_world), bare_world.services["watch"].database
    async with database.alone("tricolor.reconcile"):
        assert await schedule.beat() == 0
    async with database.transaction() as connection:
        assert await connection.scalar(text("select count(*) from watch.heartbeats where duty = 'reconcile'")) == 0
    await schedule.beat()
    assert await seconds_since_the_last(bare_world) == 0


async def test_where_another_schema_is_out_of_reach_nothing_is_claimed(
    bare_world: World, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    (schedule, telemetry) = replica(bare_world)
    async with database.transaction() as connection:
        await connection.execute(text("alter schema dispatch rename to elsewhere"))
    await schedule.beat()
    assert "all schemas" in caplog.text
    assert telemetry.registry.get_sample_value(FOUND, {"link": Link.EVENT_READ}) is None


async def test_deadline_watch_has_the_duty_and_a_hurried_clock_the_same_real_grace(
    bare_world: World, database_url: str, data_directory: Path
) -> None:
    settings, clock = bare_world.settings, bare_world.clock
    watch = builds(settings, clock)["watch"](
        settings,
        clock,
        database_url=database_url,
        kafka=settings.kafka_client("unused:1"),
        identity=Identity.from_settings(settings, data_directory),
    )
    assert watch.duties[-1].name == "reconcile"
    hurried = ScaledClock(clock.now(), 60)
    reconciler = Reconciler(settings=settings, clock=hurried, database=watch.database)
    assert reconciler.grace == timedelta(hours=5)
    await watch.stop()
