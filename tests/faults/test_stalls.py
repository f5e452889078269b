"""Connections that stall for five seconds or break, in the middle of a transaction and at its very end."""

import asyncio
import random
from collections import Counter

from tests.faults.conftest import Report
from tests.faults.proxy import Link
from tests.faults.trial import Trial

STALL_SECONDS = 5.0
_LOAD_SECONDS = 60.0
_SHARE = 0.004
"""Of the requests within transactions. A transaction takes ten or so, so this spoils some four in a hundred."""
_COMMIT_SHARE = 0.02


class Mischief:
    """Spoils transactions by chance: what a client sends to PostgreSQL passes through here.

    The worst is a commit of which the client is never told: it is durable, and whoever asked must not do it twice.
    """

    def __init__(self, choice: random.Random) -> None:
        self._choice = choice
        self.done: Counter[str] = Counter()

    async def meddle(self, link: Link, request: bytes) -> None:
        if b"COMMIT;" in request or b"ROLLBACK;" in request:
            link.in_transaction = False
            if b"COMMIT;" in request and self._choice.random() < _COMMIT_SHARE:
                self.done["commits never answered"] += 1
                link.deaf = True
        elif b"BEGIN" in request[:20]:
            link.in_transaction = True
        elif link.in_transaction and self._choice.random() < _SHARE:
            if self._choice.random() < 0.5:
                self.done["cuts within a transaction"] += 1
                link.cut()
            else:
                self.done["stalls within a transaction"] += 1
                await asyncio.sleep(STALL_SECONDS)


async def test_transactions_are_cut_and_stalled(under_trial: Trial, report: Report) -> None:
    trial, mischief = under_trial, Mischief(under_trial.choice)
    async with trial.under_load():
        trial.postgres.meddle = mischief.meddle
        await asyncio.sleep(_LOAD_SECONDS)
        trial.postgres.meddle = None
    assert set(mischief.done) >= {
        "cuts within a transaction",
        "stalls within a transaction",
        "commits never answered",
    }, mischief.done
    counts = await trial.settled()
    report(", ".join(f"{times} {what}" for what, times in mischief.done.items()), counts)


async def test_all_connections_stall_and_break(under_trial: Trial, report: Report) -> None:
    trial, choice = under_trial, under_trial.choice
    cut = stalls = 0
    async with trial.under_load():
        for _ in range(8):
            for proxy in (trial.postgres, trial.kafka):
                await asyncio.sleep(choice.uniform(0.5, 3.0))
                if choice.random() < 0.5:
                    cut += proxy.cut()
                else:
                    stalls += 1
                    await proxy.stall(STALL_SECONDS)
    counts = await trial.settled()
    report(f"{cut} connections to PostgreSQL and Kafka cut, {stalls} times all of one stalled for 5 s", counts)
