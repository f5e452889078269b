"""From the event that was pushed to the outcome of its case nothing is missing; and if it were, it would show."""

from datetime import timedelta

from sqlalchemy import text

from services.reconcile.findings import Link
from services.sample.anomalies import RED, WHITE, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from shared.time.instants import shown
from tests.scenarios.conftest import STATION
from tests.world import World

REPORT = {"cause": "加药泵故障", "measures": "已更换并复测达标", "finished_at": "2026-03-02T09:00:00+08:00"}


async def lose(world: World, statement: str) -> None:
    """What a wrong hand, or a restored backup, may do to the tables."""
    async with world.services["watch"].database.transaction() as connection:
        await connection.execute(text(statement))


async def test_ten_days_of_every_colour_are_proved_from_end_to_end(the_world: World, enterprise: Enterprise) -> None:
    gas, water = enterprise.outlets
    for pattern, outlet in ((WHITE, gas), (YELLOW, water), (RED, gas)):
        await the_world.push(pattern, enterprise, outlet)
        assert (await the_world.reconcile()).clean  # pushed, and not read yet: nothing was accepted so far
        await the_world.settle()
    assert (await the_world.reconcile()).clean
    await the_world.at("2026-03-02T10:00")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    cases = (await app.get("/dispatch/v1/cases")).json()["items"]
    yellow = next(case for case in cases if case["level"] == "yellow")
    assert (await app.post(f"/dispatch/v1/cases/{yellow['case_id']}/self-report", json=REPORT)).is_success
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    assert (await chief.post(f"/dispatch/v1/cases/{yellow['case_id']}/approve")).is_success
    await the_world.after(days=10)  # the red one is missed, and climbs the ladder

    report = await the_world.reconcile()
    assert report.clean
    assert report.examined["events"] == report.examined["alerts"] == 3
    assert report.examined["cases"] == report.examined["deadlines"] >= 2
    assert report.examined["told on deadlines"] > 5


async def test_a_clock_that_was_lost_runs_again_to_the_same_due(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.after(hours=1)
    (before,) = the_world.heard("deadline.started")
    await lose(the_world, "delete from watch.steps")
    await lose(the_world, "delete from watch.deadlines")

    report = await the_world.reconcile()

    (gap,) = report.findings
    assert (gap.link, gap.enterprise_code, gap.repaired) == (Link.CASE_CLOCK, enterprise.code, True)
    assert gap.says.zh == "案件没有时限"
    assert shown(gap.since) == "2026-03-02T08:30:00+08:00"
    await the_world.settle()
    after = the_world.heard("deadline.started")[-1]
    assert (after["case_id"], after["due_at"]) == (before["case_id"], before["due_at"])
    assert (await the_world.reconcile()).clean
    # And it is missed at its time, once, as if nothing had been.
    await the_world.at("2026-03-02T14:30")
    assert len(the_world.heard("deadline.missed")) == 1


async def test_a_clock_that_did_not_hear_of_the_end_hears_of_it(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.at("2026-03-02T09:30")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    (case,) = (await app.get("/dispatch/v1/cases")).json()["items"]
    await app.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json=REPORT)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    await chief.post(f"/dispatch/v1/cases/{case['case_id']}/approve")
    await the_world.settle()
    await lose(
        the_world,
        f"""update watch.deadlines set state = 'open', closed_at = null, answered_at = null, met_at = null
             where case_id = '{case["case_id"]}'""",
    )

    assert [(one.link, one.repaired) for one in (await the_world.reconcile()).findings] == [(Link.CLOCK_STATE, True)]

    await the_world.settle()
    assert (await the_world.reconcile()).clean
    auditor = await the_world.app(Role.AUDITOR)
    clocks = (await auditor.get("/watch/v1/deadlines")).json()["items"]
    # Where the lot draws the report for a verification, that has a clock of its own.
    assert [clock["state"] for clock in clocks if clock["case_id"] == case["case_id"]] == ["met"]


async def test_the_end_of_a_case_that_was_told_of_nowhere_is_told(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.at("2026-03-02T09:30")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    (case,) = (await app.get("/dispatch/v1/cases")).json()["items"]
    await app.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json=REPORT)
    await the_world.settle()
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    await chief.post(f"/dispatch/v1/cases/{case['case_id']}/approve")
    await lose(the_world, "delete from dispatch.outbox where convert_from(value, 'UTF8') like '%case.closed%'")
    await the_world.settle()
    assert not the_world.heard("case.closed")

    assert [(one.link, one.repaired) for one in (await the_world.reconcile()).findings] == [(Link.CASE_EMITTED, True)]

    await the_world.settle()
    (closed,) = the_world.heard("case.closed")
    assert (closed["outcome"], closed["at"]) == ("accepted_report", "2026-03-02T09:30:00+08:00")
    assert (await the_world.reconcile()).clean


async def test_what_happened_once_did_not_happen_twice(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.at("2026-03-02T13:45")
    await lose(
        the_world,
        """insert into watch.outbox (event_id, topic, key, value, headers, appended_at)
           select gen_random_uuid(), topic, key, value, headers, appended_at from watch.outbox
            where convert_from(value, 'UTF8') like '%deadline.warned%' order by position limit 1""",
    )
    await the_world.settle()
    doubled = await the_world.reconcile()
    assert [(one.link, one.repaired) for one in doubled.findings] == [(Link.STEP_DOUBLED, False)]
    await lose(
        the_world,
        """delete from watch.outbox where position = (select max(position) from watch.outbox
            where convert_from(value, 'UTF8') like '%deadline.warned%')""",
    )


async def test_a_window_leaves_out_what_is_over_and_never_what_is_not(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.after(days=20)
    since = the_world.clock.now() - timedelta(days=1)
    report = await the_world.reconcile(since)
    assert report.clean
    assert (report.examined["alerts"], report.examined["cases"]) == (0, 1)
    await lose(the_world, "update watch.deadlines set state = 'cancelled'")
    assert [one.link for one in (await the_world.reconcile(since)).findings] == [Link.CLOCK_STATE]
    await lose(the_world, "update watch.deadlines set state = 'overdue'")
