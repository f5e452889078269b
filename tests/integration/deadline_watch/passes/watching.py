"""A process that watches and does nothing else, in small passes: for tests that kill it in the middle of one.

    python -m tests.integration.deadline_watch.watching DATABASE_URL TOPIC NOW

It prints a line after each pass, and ends when nothing is due any more.
"""

import asyncio
import sys
from datetime import datetime

from services.deadline_watch import tables
from services.deadline_watch.domain import policy
from services.deadline_watch.domain.calendar import WorkingCalendar
from services.deadline_watch.passes.watcher import Watcher
from services.deadline_watch.store.rule_versions import Regimes
from shared.messaging.outbox import Outbox
from shared.storage.database import Database
from shared.time.clock import ManualClock


async def main(database_url: str, topic: str, now: str) -> None:
    clock = ManualClock(datetime.fromisoformat(now))
    watcher = Watcher(
        database=Database(database_url),
        outbox=Outbox(tables.outbox, clock),
        clock=clock,
        topic=topic,
        regimes=Regimes(WorkingCalendar.load(), policy.DATA.read_text(encoding="utf-8"), clock),
    )
    while done := await watcher.run_once(limit=10):
        sys.stdout.write(f"{done}\n")
        sys.stdout.flush()


asyncio.run(main(*sys.argv[1:]))
