"""The pass that finds platforms and outlets which have fallen silent, and emits an event for each, once."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from services.alert_ingest.domain import silence
from services.alert_ingest.domain.silence import Habit, Key, SilencePolicy, Voice
from services.alert_ingest.store.arrivals import (
    KnownArrivals,
    count_silent,
    listen,
    lock_due,
    mark_silent,
    platforms_heard,
    put_off,
)
from shared.contract.messages import SYSTEM, Event
from shared.contract.platforms import PLATFORM_SILENT, PlatformSilent
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.telemetry import Telemetry
from shared.time.clock import Clock, patience

BEAT_SECONDS = 10.0
_EVERY = timedelta(minutes=1)
_PAUSE = timedelta(minutes=5)
"""A longer time without a pass means that we did not listen."""
_AT_ONCE = 500
_WITH_ITS_PLATFORM = timedelta(hours=1)
"""How long an outlet of a silent platform is left alone: it is silent because that one is."""


class SilenceWatch:
    """Looks once a minute for what has fallen silent.

    While records wait unread nothing is looked for: what is awaited may lie in them.
    """

    def __init__(
        self,
        units: UnitsOfWork[UnitOfWork],
        clock: Clock,
        telemetry: Telemetry,
        has_unread: Callable[[], Awaitable[bool]],
    ) -> None:
        self._units, self._clock, self._has_unread = units, clock, has_unread
        self._silent = telemetry.gauge("tricolor_platforms_silent", "Platforms and outlets found silent", ["voice"])
        self._done_at: datetime | None = None

    async def beat(self) -> int:
        """A pass once a minute; answer how many were found silent."""
        now = self._clock.now()
        if self._done_at is not None and now - self._done_at < _EVERY:
            return 0
        if await self._has_unread():
            return 0
        self._done_at = now
        return await self.run_once()

    async def run_once(self) -> int:
        """Look once, in one unit of work; answer how many were found silent."""
        policy = silence.load()
        async with self._units.open() as work:
            connection, now = work.connection, work.now
            since = await listen(connection, now, patience(self._clock, _PAUSE))
            due = await lock_due(connection, now, _AT_ONCE)
            platforms = await platforms_heard(connection, {key.source for key in due})
            silent: dict[Key, Habit] = {}
            later: dict[Key, datetime | None] = {}
            for key, habit in sorted(due.items()):
                at = _silent_at(key, habit, platforms, silent, policy, since, now)
                if at is not None and at <= now:
                    silent[key] = habit
                else:
                    later[key] = at
            await mark_silent(connection, list(silent), now)
            await put_off(connection, later)
            found = silence.messages(PlatformSilent, silent, policy, now)
            work.emit(*(Event(PLATFORM_SILENT, SYSTEM, one) for one in found))
            counted = await count_silent(connection)
        for voice in Voice:
            self._silent.labels(voice).set(counted.get(voice, 0))
        return len(silent)


def _silent_at(
    key: Key,
    habit: Habit,
    platforms: Mapping[Key, KnownArrivals],
    silent: Collection[Key],
    policy: SilencePolicy,
    listening_since: datetime,
    now: datetime,
) -> datetime | None:
    """From when `key` counts as silent; None: not before it is heard again.

    A platform that sends heartbeats is judged by these, and an event says as much as a heartbeat that it lives.
    """
    own = {voice: platforms.get(Key(key.source, voice)) for voice in (Voice.HEARTBEATS, Voice.EVENTS)}
    beats, events = own[Voice.HEARTBEATS], own[Voice.EVENTS]
    if key.voice is Voice.OUTLETS and (
        any(known is not None and known.silent_since is not None for known in own.values())
        or any(Key(key.source, voice) in silent for voice in own)
    ):
        return now + _WITH_ITS_PLATFORM
    if key.voice is Voice.EVENTS and beats is not None and beats.habit.allowed(policy.heartbeats) is not None:
        return None
    if key.voice is Voice.HEARTBEATS and events is not None:
        habit = replace(habit, heard_at=max(habit.heard_at, events.habit.heard_at))
    return habit.silent_at(policy.allowance(key.voice), listening_since)
