"""Watchers killed in mid-pass, two at a time, and hosts whose clock jumps: nothing doubled, nothing skipped."""

import asyncio
import random
import sys
from datetime import datetime, timedelta

from sqlalchemy import text

from services.deadline_watch.passes.watcher import Watcher
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from services.deadline_watch.store.units_of_work import units_of_work
from shared.contract.events import CaseKind
from shared.time.instants import aware
from tests.integration.deadline_watch.office import Office, shanghai

NUMBER = 400


async def test_killed_in_mid_pass_again_and_again_each_step_happens_once(office: Office, database_url: str) -> None:
    cases = [await office.opened() for _ in range(NUMBER)]
    now, prefix = shanghai("2026-03-02T16:30").isoformat(), office.settings.topic_prefix
    chance, kills = random.Random(4), 0

    async def replica() -> int:
        """Start one, let it do a pass or some, and kill it with whatever it has in hand. Answers 1 if it was killed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integration.deadline_watch.passes.watching", database_url, prefix, now),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        for _ in range(chance.randint(1, 5)):  # of some forty passes
            if not await process.stdout.readline():
                break
        await asyncio.sleep(chance.random() * 0.02)
        if process.returncode is None:
            process.kill()
        await process.stdout.read()
        code = await process.wait()
        assert code in {0, -9}
        return int(code == -9)

    while await _ahead(office):
        kills += sum(await asyncio.gather(replica(), replica()))
    assert kills >= 6
    counts = await office.emitted_counts()
    assert (counts["deadline.missed"], counts["case.escalated"]) == (NUMBER, 2 * NUMBER)
    assert counts["deadline.warned"] == 0  # too late to help
    for case in cases[:: NUMBER // 20]:
        assert await office.escalated_to(case) == ["station_chief", "section"]


async def test_a_clock_that_jumps_back_repeats_nothing_and_one_that_jumps_on_skips_nothing(office: Office) -> None:
    case, red = await office.opened(), await office.opened(CaseKind.ON_SITE)
    clock = _Host(office.clock.now())
    units = units_of_work(office.database, clock, office.settings.topic_prefix)
    watcher = Watcher(units, clock, RuleVersions.shipped(clock), UpcomingSteps())
    chance = random.Random(7)
    for _ in range(800):  # eight days and some, a quarter of an hour a look, wrong by up to half an hour
        clock.true += timedelta(minutes=15)
        clock.wrong = timedelta(minutes=chance.randint(-30, 30))
        while await watcher.beat():
            pass
    clock.wrong = timedelta(0)
    while await watcher.run_once():
        pass
    assert await office.names(case) == [
        *("deadline.started", "deadline.warned", "deadline.warned", "deadline.missed"),
        *("case.escalated", "case.escalated", "deadline.unanswered"),
        *["case.escalated"] * 8,  # the section, every day at 16:30 until somebody acts
    ]
    for one in (case, red):
        steps = [event["step"] for event in await office.emitted(case=one) if event["step"]]
        assert len(steps) == len(set(steps))
    assert steps[:5] == ["warned-half", "warned-eighty", "warned-last-day", "missed", "rung-1-station-chief"]


async def test_it_sleeps_while_nothing_is_due_and_is_awake_for_what_is_laid_ahead(office: Office) -> None:
    assert await office.watcher.beat() == 0  # a look, and then a nap
    case = await office.opened()  # in the same process: it is woken for it
    office.clock.move_to(shanghai("2026-03-02T11:30"))
    assert await office.watcher.beat() == 1
    assert (await office.names(case))[-1] == "deadline.warned"
    assert await office.watcher.beat() == 0
    async with office.database.transaction() as connection:  # elsewhere: it is seen after the nap
        await connection.execute(text("update watch.steps set at = :now where step = 'warned-5h'"), {"now": case.at})
    assert await office.watcher.beat() == 0
    assert await office.watcher.run_once() == 1


async def _ahead(office: Office) -> int:
    rows = await office._rows("steps")
    return sum(row["done_at"] is None and row["at"] <= shanghai("2026-03-02T16:30") for row in rows)


class _Host:
    """A host whose clock is set wrong, now so, now otherwise."""

    def __init__(self, start: datetime) -> None:
        self.true, self.wrong = start, timedelta(0)

    def now(self) -> datetime:
        return aware(self.true + self.wrong)

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()
