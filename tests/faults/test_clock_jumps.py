"""The services' clock jumps an hour forward and back, while steps come due."""

import asyncio
from datetime import timedelta

from tests.faults.conftest import Report
from tests.faults.trial import Trial

HOUR = timedelta(hours=1)
_BETWEEN_SECONDS = (2.0, 4.0)


async def test_the_clock_jumps_an_hour_either_way(under_trial: Trial, report: Report) -> None:
    trial, choice = under_trial, under_trial.choice
    # Nine hours forward in all, so that everything of an unanswered case comes due; each hour back is gone over again.
    jumps = [HOUR] * 13 + [-HOUR] * 4
    choice.shuffle(jumps)
    async with trial.under_load():
        for jump in jumps:
            await asyncio.sleep(choice.uniform(*_BETWEEN_SECONDS))
            trial.system.clock.shift(jump)
    assert trial.system.clock.offset == 9 * HOUR
    counts = await trial.settled()
    assert counts["steps owed to unanswered cases"] > 0
    report(f"{jumps.count(HOUR)} jumps of an hour forward, {jumps.count(-HOUR)} back", counts)
