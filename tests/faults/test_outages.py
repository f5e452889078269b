"""The broker and PostgreSQL stopped and started under load: in order, and as by a power cut."""

import asyncio

from tests.faults.conftest import Report
from tests.faults.system import MEMBERS
from tests.faults.trial import Trial

_WORKING_SECONDS, _AWAY_SECONDS = (4.0, 8.0), (1.0, 12.0)


async def test_the_broker_is_away(under_trial: Trial, report: Report) -> None:
    trial, choice = under_trial, under_trial.choice
    async with trial.under_load():
        for end in (trial.broker.stop, trial.broker.kill, trial.broker.stop):
            await asyncio.sleep(choice.uniform(*_WORKING_SECONDS))
            await asyncio.to_thread(end)
            await asyncio.sleep(choice.uniform(*_AWAY_SECONDS))
            await asyncio.to_thread(trial.broker.start)
        await asyncio.sleep(choice.uniform(*_WORKING_SECONDS))
    report("Kafka stopped twice and killed once, and started again", await trial.settled())


async def test_postgresql_is_away(under_trial: Trial, report: Report) -> None:
    trial, choice = under_trial, under_trial.choice
    async with trial.under_load():
        for end in (trial.server.stop, trial.server.crash, trial.server.stop, trial.server.crash):
            await asyncio.sleep(choice.uniform(*_WORKING_SECONDS))
            await end()
            await asyncio.sleep(choice.uniform(*_AWAY_SECONDS))
            await trial.server.start()
        await asyncio.sleep(choice.uniform(*_WORKING_SECONDS))
    report("PostgreSQL stopped twice and crashed twice, and started again", await trial.settled())


async def test_everything_goes_at_once(under_trial: Trial, report: Report) -> None:
    """The power cut: broker, database and every service; they come back in any order."""
    trial, choice = under_trial, under_trial.choice
    async with trial.under_load():
        await asyncio.sleep(choice.uniform(*_WORKING_SECONDS))
        trial.system.kill(*MEMBERS)
        await asyncio.gather(asyncio.to_thread(trial.broker.kill), trial.server.crash())
        await asyncio.sleep(choice.uniform(*_AWAY_SECONDS))
        starts = [trial.server.start(), asyncio.to_thread(trial.broker.start)]
        choice.shuffle(starts)
        for start in starts:
            await start
        await trial.system.ready()
        await asyncio.sleep(choice.uniform(*_WORKING_SECONDS))
    report("services, Kafka and PostgreSQL ended at once, as by a power cut", await trial.settled())
