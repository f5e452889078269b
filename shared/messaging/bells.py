"""Bells: a relay tells the consumers of the same process that something was published for them.

The embedded broker answers a fetch that found nothing only when its time is over, whatever arrives meanwhile. So a
consumer beside that broker rests without asking, until a bell is rung for it: by the relay that wrote to one of its
topics, or, where others write to them, as soon as the broker was written to.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from shared.messaging.consumer import Consumer
from shared.messaging.relay import Relay

_ELSEWHERE = ""
"""In place of a topic: those that other processes write."""
_LOOK_SECONDS = 0.04


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


def connect(relays: Iterable[Relay], consumers: Sequence[Consumer], written_here: frozenset[str]) -> Bells:
    """Have the relays of a process ring for its consumers of what is `written_here`.

    Consumers of other topics have a bell as well, for `ring_when_written`.
    """
    bells = Bells()
    for consumer in consumers:
        elsewhere = not written_here.issuperset(consumer.topics)
        consumer.bell = bells.hang([*consumer.topics, _ELSEWHERE] if elsewhere else consumer.topics)
    for relay in relays:
        relay.published = bells.ring
    return bells


async def ring_when_written(bells: Bells, was_written_to: Callable[[], bool]) -> None:
    """Ring for the consumers of what others write, whenever the broker of this process was written to. For ever."""
    loop = asyncio.get_running_loop()
    next_look: asyncio.TimerHandle

    def look() -> None:
        nonlocal next_look
        next_look = loop.call_later(_LOOK_SECONDS, look)  # a task that slept would cost three times as much
        if was_written_to():
            bells.ring([_ELSEWHERE])

    next_look = loop.call_later(_LOOK_SECONDS, look)
    try:
        await loop.create_future()
    finally:
        next_look.cancel()
