"""Each link damaged, found at the first place where it is broken, mended by the normal path, and nothing doubled."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from services.deadline_watch.handlers.repair import Repair as WatchRepair
from services.dispatcher.handlers.repair import Repair as DispatcherRepair
from services.reconcile.findings import Link, Report
from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise, district
from tests.integration.reconcile.damages import DAMAGES, inflict
from tests.world import World

ENTERPRISES = district().enterprises


async def chains(world: World, names: Iterable[str], enterprises: Iterable[Enterprise]) -> dict[str, Enterprise]:
    """An enterprise for each damage, with a chain of the pattern it is for, at rest."""
    chosen = dict(zip(names, enterprises, strict=False))
    for name, enterprise in chosen.items():
        await world.push(DAMAGES[name].pattern, enterprise)
    await world.settle()
    await world.after(minutes=10)
    return chosen


def seen(report: Report) -> set[tuple[str | None, Link, bool]]:
    return {(one.enterprise_code, one.link, one.repaired) for one in report.findings}


async def counted(world: World) -> Counter[str]:
    """How many alerts, cases, clocks and notices there are; that nobody took a notice is told as time passes."""
    async with world.services["watch"].database.transaction() as connection:
        rows = await connection.execute(
            text("""
                select 'alerts' as name, count(*) as number from ingest.alerts
                union all select 'cases', count(*) from dispatch.cases
                union all select 'clocks', count(*) from watch.deadlines
                union all select 'notices', count(*) from dispatch.notices where purpose <> 'notice_undelivered'
                union all select 'steps', count(*) from watch.steps
            """)
        )
        return Counter({row.name: row.number for row in rows})


async def test_what_can_be_mended_is_and_nothing_is_doubled(bare_world: World) -> None:
    names = [name for name, damage in DAMAGES.items() if damage.mended]
    chosen = await chains(bare_world, names, ENTERPRISES)
    assert (await bare_world.reconcile()).clean
    before = await counted(bare_world)
    for name, enterprise in chosen.items():
        await inflict(bare_world, DAMAGES[name], enterprise)

    told = await bare_world.reconcile(repair=False)
    expected = {(chosen[name].code, DAMAGES[name].link) for name in names}
    assert {(code, link) for code, link, _ in seen(told)} == expected
    assert told.unrepaired == len(names)

    report = await bare_world.reconcile()
    assert seen(report) == {(code, link, True) for code, link in expected}
    # Asked again before anything comes of it: what waits to be relayed is named as that, and not taken up twice.
    again = await bare_world.reconcile()
    assert {(one.link, one.repaired) for one in again.findings} == {(Link.RELAYED, False)}

    await bare_world.settle()
    await bare_world.after(minutes=10)
    assert (await bare_world.reconcile()).clean
    assert await counted(bare_world) == before


async def test_what_only_people_can_mend_is_reported_until_they_have(bare_world: World) -> None:
    names = [name for name, damage in DAMAGES.items() if not damage.mended]
    chosen = await chains(bare_world, names, ENTERPRISES)
    before = await counted(bare_world)
    for name, enterprise in chosen.items():
        await inflict(bare_world, DAMAGES[name], enterprise)
    damaged = await counted(bare_world)
    assert damaged != before

    expected = {(chosen[name].code, DAMAGES[name].link, False) for name in names}
    for _ in range(2):
        report = await bare_world.reconcile()
        assert seen(report) == expected
        assert all(one.repair.zh and one.repair.en for one in report.findings)
        await bare_world.settle()
    assert await counted(bare_world) == damaged
    # Told once each, however often it is found.
    failures = Counter((one["finding"], one["subject"]) for one in bare_world.heard("audit.failed"))
    assert {finding for finding, _ in failures} >= {link for _, link, _ in expected}
    assert set(failures.values()) == {1}


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_is_lost_the_chain_is_whole_again_or_the_gap_reported(bare_world: World, seed: int) -> None:
    choice = random.Random(seed)
    left: set[tuple[str | None, Link, bool]] = set()
    for start in (0, 12, 24):
        names = choice.sample(sorted(DAMAGES), 6)
        chosen = await chains(bare_world, names, ENTERPRISES[start : start + 12])
        lost = choice.sample(names, choice.randint(1, 6))
        for name in lost:
            await inflict(bare_world, DAMAGES[name], chosen[name])
        left |= {(chosen[name].code, DAMAGES[name].link, False) for name in lost if not DAMAGES[name].mended}
        await bare_world.reconcile()
        await bare_world.settle()
        await bare_world.after(minutes=10)
        assert seen(await bare_world.reconcile()) == left
        whole = [name for name in names if name not in lost or DAMAGES[name].mended]
        async with bare_world.services["watch"].database.transaction() as connection:
            doubled = await connection.execute(
                text("""
                    select c.alert_id from dispatch.cases c where c.enterprise_code = any(:codes)
                     group by c.alert_id, c.kind having count(*) > 1
                    union all
                    select d.case_id from watch.deadlines d where d.enterprise_code = any(:codes)
                     group by d.case_id, d.kind having count(*) > 1
                """),
                {"codes": [chosen[name].code for name in whole]},
            )
            assert doubled.all() == []


async def test_what_is_on_its_way_is_no_gap(bare_world: World) -> None:
    await bare_world.push(RED, ENTERPRISES[0])
    ingest, watch = bare_world.services["ingest"], bare_world.services["watch"]
    while not await ingest.consumers[0].run_once(wait_seconds=0.5):
        pass
    assert (await bare_world.reconcile()).clean
    await bare_world.relay("ingest")
    assert (await bare_world.reconcile()).clean
    # Nobody hears it for longer than the grace: it is handed over again, then rests twice as long each time.
    handed_over = []
    for minute in range(0, 60, 5):
        bare_world.clock.advance(timedelta(minutes=5))
        (gap,) = [one for one in (await bare_world.reconcile()).findings if one.subject.endswith(" dispatch")]
        assert gap.link is Link.EVENT_READ
        if gap.repaired:
            handed_over.append(minute)
            await bare_world.relay("ingest")
    assert handed_over == [0, 5, 15, 35]
    await bare_world.settle()
    assert (await bare_world.reconcile()).clean
    async with watch.database.transaction() as connection:
        assert await connection.scalar(text("select count(*) from dispatch.cases")) == 1


async def hear_the_last(world: World) -> None:
    """Have the dispatcher know what the intake emitted last."""
    async with world.services["watch"].database.transaction() as connection:
        await connection.execute(
            text("""
                insert into dispatch.inbox (event_id, type, received_at)
                select event_id, 'graded', :now from ingest.outbox order by position desc limit 1
            """),
            {"now": world.clock.now()},
        )


async def test_what_waits_for_a_reader_that_is_behind_is_on_its_way_and_what_it_passed_over_is_not(
    bare_world: World,
) -> None:
    waits, passed_over = ENTERPRISES[:2]
    ingest = bare_world.services["ingest"]
    for pattern, enterprise in ((RED, waits), (RED, passed_over), (YELLOW, passed_over)):
        await bare_world.push(pattern, enterprise)
        while not await ingest.consumers[0].run_once(wait_seconds=0.5):
            pass
        await bare_world.relay("ingest")
        bare_world.clock.advance(timedelta(seconds=1))
    bare_world.clock.advance(timedelta(minutes=10))
    await hear_the_last(bare_world)

    async def unheard() -> set[str | None]:
        report = await bare_world.reconcile(repair=False)
        return {
            one.enterprise_code
            for one in report.findings
            if one.link is Link.EVENT_READ and one.subject.endswith(" dispatch")
        }

    assert await unheard() == {passed_over.code}
    await bare_world.push(RED, ENTERPRISES[2])  # in a partition where nothing waits
    while not await ingest.consumers[0].run_once(wait_seconds=0.5):
        pass
    await bare_world.relay("ingest")
    await hear_the_last(bare_world)
    assert await unheard() == {passed_over.code}
    bare_world.clock.advance(timedelta(minutes=5))  # in which it has read nothing
    assert await unheard() == {waits.code, passed_over.code}


async def test_what_waits_behind_a_brake_is_left_there_and_the_brake_is_named(bare_world: World) -> None:
    await bare_world.push(RED, ENTERPRISES[0])
    ingest, watch = bare_world.services["ingest"], bare_world.services["watch"]
    while not await ingest.consumers[0].run_once(wait_seconds=0.5):
        pass
    await bare_world.relay("ingest")
    async with watch.database.transaction() as connection:
        await connection.execute(
            text("""
                insert into dispatch.brakes (topic, partition, "offset", consumer, cause, code, detail, since,
                                             policy_version)
                values (:topic, 0, 0, 'dispatcher', 'refusals', 'invalid-event', '', :since, 'a')
            """),
            {"topic": bare_world.settings.topic("alerts"), "since": bare_world.clock.now()},
        )
    bare_world.clock.advance(timedelta(minutes=10))
    report = await bare_world.reconcile()
    found = {(one.link, one.subject.rpartition(" ")[2], one.repaired) for one in report.findings}
    place = f"{bare_world.settings.topic('alerts')}/0"
    assert found == {
        (Link.EVENT_READ, "dispatch", False),
        (Link.EVENT_READ, "console", True),  # which is not stopped
        (Link.BRAKES, place, False),
    }
    assert not report.clean
    (brake,) = [one for one in report.findings if one.link is Link.BRAKES]
    assert brake.subject == f"dispatch.brakes {bare_world.settings.topic('alerts')}/0"
    assert "invalid-event" in brake.says.en


async def test_a_relay_that_stands_still_is_found_and_one_at_work_is_not(bare_world: World) -> None:
    await bare_world.push(RED, ENTERPRISES[0])
    ingest = bare_world.services["ingest"]
    while not await ingest.consumers[0].run_once(wait_seconds=0.5):
        pass
    bare_world.clock.advance(timedelta(minutes=5))
    (gap,) = (await bare_world.reconcile()).findings
    assert (gap.link, gap.repaired) == (Link.RELAYED, False)
    assert (gap.subject, gap.since) == ("ingest.outbox", datetime.fromisoformat("2026-03-02T08:30:00+08:00"))
    # Something else left a moment ago: this one is next in line.
    await bare_world.push(RED, ENTERPRISES[1])
    while not await ingest.consumers[0].run_once(wait_seconds=0.5):
        pass
    await ingest.relay.run_once(limit=1)
    bare_world.clock.advance(timedelta(minutes=4))
    assert {one.link for one in (await bare_world.reconcile()).findings} == set()


async def test_a_refused_event_explains_its_gap(bare_world: World) -> None:
    await bare_world.push(YELLOW, ENTERPRISES[0])
    ingest, watch = bare_world.services["ingest"], bare_world.services["watch"]
    while not await ingest.consumers[0].run_once(wait_seconds=0.5):
        pass
    async with watch.database.transaction() as connection:
        await connection.execute(
            text("""
                update ingest.outbox set value = convert_to(
                    jsonb_set(convert_from(value, 'UTF8')::jsonb, '{data,category_name}', '7')::text, 'UTF8')
            """)
        )
    await bare_world.settle()
    await bare_world.after(minutes=10)
    assert len(bare_world.dead_letters("alerts")) == 2  # of each of its readers
    report = await bare_world.reconcile()
    assert (report.clean, report.explained) == (True, 1)
    # Nothing is lost, and yet it is not said to be all well: a letter waits for people.
    of_console, letter = sorted(report.findings, key=lambda one: one.subject)
    assert of_console.subject.startswith("console.dead_letters ")
    assert (letter.link, letter.number, letter.repaired, report.unrepaired) == (Link.LETTERS, 1, False, 2)
    assert letter.subject.startswith("dispatch.dead_letters ")
    assert letter.subject.endswith("alerts invalid-event")
    assert "invalid-event" in letter.says.en
    assert bare_world.heard("audit.failed") == []  # the dispatcher raises the alarm, once it has waited too long


@pytest.mark.parametrize("name", ["a reminder is gone", "a clock is gone"])
async def test_a_remedy_of_two_services_that_a_crash_cut_in_half_is_taken_up_again(
    bare_world: World, name: str
) -> None:
    """The reader has forgotten, and the process died before the writer published again."""
    damage, enterprise, settings = DAMAGES[name], ENTERPRISES[0], bare_world.settings
    await chains(bare_world, [name], ENTERPRISES)
    before = await counted(bare_world)
    await inflict(bare_world, damage, enterprise)
    database = bare_world.services["watch"].database
    outbox, act_anew = {
        Link.ALERT_CASE: ("ingest.outbox", DispatcherRepair.of(settings, bare_world.clock, database).act_anew),
        Link.CASE_CLOCK: ("dispatch.outbox", WatchRepair.of(settings, bare_world.clock, database).act_anew),
    }[damage.link]
    async with database.transaction() as connection:
        event_ids = (await connection.scalars(text(f"select event_id from {outbox}"))).all()
    assert await act_anew(event_ids) > 0

    report = await bare_world.reconcile()

    assert seen(report) >= {(enterprise.code, Link.EVENT_READ, True)}
    await bare_world.settle()
    await bare_world.after(minutes=10)
    assert (await bare_world.reconcile()).findings == []
    assert await counted(bare_world) == before
