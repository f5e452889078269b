"""Keeping when platforms and outlets were heard last, and saying so where one had fallen silent."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.alert_ingest.domain import silence
from services.alert_ingest.domain.parsing import Received
from services.alert_ingest.domain.silence import Habit, Key, SilencePolicy, Voice
from services.alert_ingest.store.arrivals import WRITTEN_EVERY, KnownArrivals, known_arrivals, write_arrivals
from shared.contract.messages import SYSTEM, Event
from shared.contract.platforms import PLATFORM_HEARD, HeartbeatEvent, PlatformHeard
from shared.messaging.unit_of_work import UnitOfWork

_MOST_REMEMBERED = 100_000


class Lately:
    """What was heard so lately that another arrival says nothing new: it need not be looked up in the database.

    Nothing can have been found silent by then, whoever looks: a silence lasts longer than an arrival is not written.
    """

    def __init__(self) -> None:
        self._until: dict[Key, datetime] = {}

    def without(self, heard: Mapping[Key, datetime]) -> dict[Key, datetime]:
        """Those of `heard` that may say something new."""
        return {key: at for key, at in heard.items() if key not in self._until or at >= self._until[key]}

    def remember(self, known: Mapping[Key, KnownArrivals], policy: SilencePolicy) -> None:
        if len(self._until) > _MOST_REMEMBERED:
            self._until.clear()
        for key, one in known.items():
            allowed = one.habit.allowed(policy.allowance(key.voice))
            if one.silent_since is None and (allowed is None or allowed > WRITTEN_EVERY[key.voice]):
                self._until[key] = one.habit.heard_at + WRITTEN_EVERY[key.voice]


async def hear(work: UnitOfWork, events: Iterable[Received], beats: Iterable[HeartbeatEvent], lately: Lately) -> None:
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
    heard, policy = lately.without(heard), silence.load()
    known = await known_arrivals(work.connection, heard)
    lately.remember(known, policy)
    habits = {key: habit for key, at in heard.items() if (habit := _after(known.get(key), at, key.voice))}
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
