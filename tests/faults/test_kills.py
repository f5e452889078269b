"""kill -9 at random instants under load, one by one and all at once, while clocks run out."""

import asyncio
import os
from datetime import timedelta

from tests.faults.conftest import Report
from tests.faults.system import MEMBERS
from tests.faults.trial import Trial

KILLS = int(os.environ.get("TRICOLOR_FAULTS_KILLS") or 50)
_PASSING = timedelta(hours=9)
"""So much time passes meanwhile: six hours and the ladder after them, so that steps come due under fire."""
_BETWEEN_SECONDS = (0.3, 5.0)


async def test_kills_at_random_instants(under_trial: Trial, report: Report) -> None:
    choice, killed = under_trial.choice, dict.fromkeys(MEMBERS, 0)
    async with under_trial.under_load():
        for _ in range(KILLS):
            await asyncio.sleep(choice.uniform(*_BETWEEN_SECONDS))
            name = choice.choice(list(MEMBERS))
            under_trial.system.kill(name)
            under_trial.system.clock.shift(_PASSING / KILLS)
            killed[name] += 1
    counts = await under_trial.settled()
    report(", ".join(f"{times} kills of {name}" for name, times in killed.items()), counts)


async def test_all_are_killed_at_once(under_trial: Trial, report: Report) -> None:
    times = max(1, KILLS // 10)
    async with under_trial.under_load():
        for _ in range(times):
            await under_trial.system.ready()
            await asyncio.sleep(under_trial.choice.uniform(1.0, 6.0))
            under_trial.system.kill(*MEMBERS)
            under_trial.system.clock.shift(_PASSING / times)
    counts = await under_trial.settled()
    report(f"{times} times all {len(MEMBERS)} killed at once", counts)
