"""A poison message at the head of every partition, everything sent three times, and in any order."""

import asyncio

from shared.contract.events import Topic
from tests.faults.conftest import Report
from tests.faults.ledger import READERS
from tests.faults.trial import Trial

EVENTS = 300
_AT_ONCE = 50


async def test_poison_duplicates_and_order(under_trial: Trial, report: Report) -> None:
    trial, platforms = under_trial, under_trial.platforms
    # Nothing was pushed yet: in each partition the rubbish is what its consumers meet first.
    topics, partitions = [trial.settings.topic(topic) for topic in Topic], range(trial.settings.topic_partitions)
    await asyncio.gather(*(platforms.push_rubbish(topic, number) for topic in topics for number in partitions))

    copies = [event for event in [platforms.event() for _ in range(EVENTS)] for _ in range(3)]
    trial.choice.shuffle(copies)
    for start in range(0, len(copies), _AT_ONCE):
        pushed = [
            platforms.push_over_kafka(*copy) if trial.choice.random() < 0.7 else platforms.push_over_http(*copy)
            for copy in copies[start : start + _AT_ONCE]
        ]
        await asyncio.gather(*pushed)

    counts = await trial.settled()
    assert counts["acknowledged events"] == EVENTS
    assert counts["copies of them"] == 3 * EVENTS
    assert counts["refused records"] == len(partitions) * len(topics)
    assert counts["dead letters"] == len(partitions) * sum(len(readers) for readers in READERS.values())
    report(f"rubbish at the head of {counts['refused records']} partitions, {EVENTS} events thrice, shuffled", counts)
