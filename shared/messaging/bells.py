"""Bells: a relay tells the consumers of the same process that something was published for them.

The embedded broker answers a fetch that found nothing only when its time is over, whatever arrives meanwhile. So a
consumer whose topics are all written in its own process rests without asking, until a bell is rung for it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

from shared.messaging.consumer import Consumer
from shared.messaging.relay import Relay


class Bells:
    """A bell for each consumer, rung for each of its topics."""

    def __init__(self) -> None:
        self._of: defaultdict[str, list[asyncio.Event]] = defaultdict(list)

    def hang(self, topics: Iterable[str]) -> asyncio.Event:
        """A new bell for a consumer of these topics."""
        bell = asyncio.Event()
        for topic in topics:
            self._of[topic].append(bell)
        return bell

    def ring(self, topics: Iterable[str]) -> None:
        """Wake the consumers of these topics."""
        for topic in topics:
            for bell in self._of.get(topic, ()):
                bell.set()


def connect(relays: Iterable[Relay], consumers: Sequence[Consumer], written_here: frozenset[str]) -> None:
    """Have the relays of a process ring for those of its consumers that read nothing but what is `written_here`."""
    bells = Bells()
    for consumer in consumers:
        if written_here.issuperset(consumer.topics):
            consumer.bell = bells.hang(consumer.topics)
    for relay in relays:
        relay.published = bells.ring
