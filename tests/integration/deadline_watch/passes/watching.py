"""A process that watches and does nothing else, in small passes: for tests that kill it in the middle of one.

    python -m tests.integration.deadline_watch.passes.watching DATABASE_URL TOPIC_PREFIX NOW

It prints a line after each pass, and ends when nothing is due any more.
"""

import asyncio
import sys
from datetime import datetime

from services.deadline_watch.passes.watcher import Watcher
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from services.deadline_watch.store.units_of_work import units_of_work
from shared.storage.database import Database
from shared.time.clock import ManualClock


async def main(database_url: str, topic_prefix: str, now: str) -> None:
    clock = ManualClock(datetime.fromisoformat(now))
    units = units_of_work(Database(database_url), clock, topic_prefix)
    watcher = Watcher(units, clock, RuleVersions.shipped(clock), UpcomingSteps())
    while done := await watcher.run_once(limit=10):
        sys.stdout.write(f"{done}\n")
        sys.stdout.flush()


asyncio.run(main(*sys.argv[1:]))
