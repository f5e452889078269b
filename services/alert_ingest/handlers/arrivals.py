"""Keeping when platforms and outlets were heard last, and saying so where one had fallen silent."""

from collections.abc import Iterable
from datetime import datetime

from services.alert_ingest.domain import silence
from services.alert_ingest.domain.parsing import Received
from services.alert_ingest.domain.silence import Habit, Key, Voice
from services.alert_ingest.store.arrivals import WRITTEN_EVERY, KnownArrivals, known_arrivals, write_arrivals
from shared.contract.messages import SYSTEM, Event
from shared.contract.platforms import PLATFORM_HEARD, HeartbeatEvent, PlatformHeard
from shared.messaging.unit_of_work import UnitOfWork


async def hear(work: UnitOfWork, events: Iterable[Received], beats: Iterable[HeartbeatEvent]) -> None:
    """Keep that these arrived. It is the last that a batch writes: the row of a platform is shared by all replicas.

    An event says that its platform lives now; a heartbeat, that it lived at its time.
    """
    heard: dict[Key, datetime] = {}
    for received in events:
        source, occurrence = received.event.source, received.occurrence
        heard[Key(source, Voice.EVENTS)] = work.now
        heard[Key(source, Voice.OUTLETS, occurrence.enterprise_code, occurrence.outlet)] = work.now
    for beat in beats:
        key = Key(beat.source, Voice.HEARTBEATS)
        heard[key] = max(min(beat.time, work.now), heard.get(key, beat.time))
    known = await known_arrivals(work.connection, heard)
    habits = {key: habit for key, at in heard.items() if (habit := _after(known.get(key), at, key.voice))}
    policy = silence.load()
    await write_arrivals(work.connection, habits, policy)
    again = {key: known[key].habit for key in habits if key in known and known[key].silent_since is not None}
    found = silence.messages(PlatformHeard, again, policy, work.now)
    work.emit(*(Event(PLATFORM_HEARD, SYSTEM, one) for one in found))


def _after(known: KnownArrivals | None, at: datetime, voice: Voice) -> Habit | None:
    """The habit to be kept; None where this arrival follows the last so closely that it says nothing new."""
    if known is None:
        return Habit(1, at)
    if known.silent_since is None and at - known.habit.heard_at < WRITTEN_EVERY[voice]:
        return None
    after = known.habit.heard_again(at)
    return None if after is known.habit else after
