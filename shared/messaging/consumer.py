"""Consuming topics: poll, handle, commit the offsets. What fails for now is tried again; nothing is skipped.

It is long for being one class: polling, holding, braking and committing all act on the offsets of one member of the
group, which a rebalance takes away from under them. What needs none of these stands in the modules beside it: joining
and a turn, pace and holds, reading what is damaged, the brakes.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError, KafkaError

from shared.messaging.brakes.guard import Guard
from shared.messaging.brakes.store import Brakes
from shared.messaging.kafka import Record, closed, describe_failure, first_of, is_temporary
from shared.messaging.membership import BATCH_BYTES, TURN_SECONDS, Rebalances, Turn, join
from shared.messaging.pacing import Holds, Pace, backoff, fitting
from shared.messaging.precedence import Precedence
from shared.messaging.reading import Damage, Reader, batch_at

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_GLANCE_SECONDS, _LOOK_SECONDS, _REST_SECONDS = 0.05, 0.4, 10.0
"""Of a consumer that has a bell: how long it looks when none was rung, how long when one was, and how long it rests at
most. What a bell was rung for may reach the broker after a fetch began, which then ends with nothing 0.1 s later."""
GATHERING_SECONDS = 0.15
"""Of a consumer whose work nobody waits for: until then a new alert has its team, which needs the same processor."""
_PATIENCE_SECONDS = 30.0
"""A batch that takes longer is rolled back and comes again, half as large."""
_FAILED_POLLS = 3
_COMMIT_SECONDS = 10.0
_ANSWER_SECONDS = 2.0
_LAST_COMMIT_SECONDS = 1.0

Handle = Callable[[Sequence[Record]], Awaitable[Sequence[Record]]]
"""Acts on records, all or none of them durably, and answers those that it refused: they are dead letters now."""


class Consumer:
    """One member of a consumer group. An offset is committed after `handle`, whose effects are then durable.

    `handle` must be idempotent: after a crash the same records come again. It is given at most `batch` records at a
    time, which succeed or fail together. When it fails for a reason that passes, the partitions are tried apart, and
    each in halves: one whose first record fails is held, with a growing backoff, and the others go on. Any other
    failure is raised, and what it concerns is not committed.

    With `brakes`, a partition of which too much is refused, or a batch cannot be read, is stopped until a person
    releases it; without them the refusals are not counted, and what cannot be read is held and tried for ever.
    """

    def __init__(
        self,
        *,
        name: str,
        topics: Sequence[str],
        group: str,
        handle: Handle,
        kafka: dict[str, Any],
        max_records: int,
        batch: int,
        brakes: Brakes[Any] | None = None,
        gathering: float = 0.0,
    ) -> None:
        """`gathering` is how many seconds records gather after a bell, or after a few: for what nobody waits for."""
        self.name, self._handle, self._gathering = name, handle, gathering
        self._topics, self._group, self._kafka = topics, group, kafka
        self._attempts_to_read = brakes.policy.unreadable_attempts if brakes else 0
        self._guard = Guard(brakes, name)
        self._reader = Reader(max_records, self._rewind)
        self._pace = Pace(batch, TURN_SECONDS, gathering)
        self._holds: Holds[TopicPartition] = Holds(random.Random())  # noqa: S311  jitter
        self._handled: dict[TopicPartition, int] = {}
        """By partition, the offset after the last record handled; empty when all of it is committed."""
        self._reached: dict[TopicPartition, int] = {}
        """The same, since the partition was assigned to this member."""
        self._member: AIOKafkaConsumer | None = None
        self._working = asyncio.Lock()
        self._revoked = False
        self._failed_polls = 0
        self.bell: asyncio.Event | None = None
        """Rung when something was published for this consumer, which then need not ask all the time. See `bells`."""
        self.precedence: Precedence | None = None
        """Whom it gives way to, where they share a process."""
        self._trouble = "nothing went wrong yet"
        self._is_failing = False

    @property
    def topics(self) -> Sequence[str]:
        return self._topics

    async def start(self) -> None:
        """Join the group now; `run` does so by itself. Raises KafkaError when Kafka is away."""
        await self._joined()

    async def stop(self) -> None:
        """Commit what was handled and leave the group. Starting again joins anew."""
        member, self._member = self._member, None
        if member is None:
            return
        try:
            async with asyncio.timeout(_LAST_COMMIT_SECONDS):
                await self._commit(member)
        except (KafkaError, TimeoutError) as error:
            logger.warning("%s: %s; what was handled last comes again", self.name, describe_failure(error))
        await closed(member.stop())

    async def missing(self) -> str | None:
        """Say what keeps this member from its records, for a readiness check; None where nothing does."""
        if self._member is None:
            return f"{self.name}: not connected to Kafka: {self._trouble}"
        assignment = self._member.assignment()
        if not assignment:
            return f"{self.name}: no partitions assigned yet"
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._member.end_offsets(assignment)
        except (KafkaError, TimeoutError):
            return f"{self.name}: Kafka does not answer"
        if (standing := self._standing()) is not None:
            return f"{self.name}: {standing}"
        return None

    def _standing(self) -> str | None:
        """What keeps a connected member from some of its records."""
        if self._is_failing:
            return f"fails: {self._trouble}"
        if self._guard.stopped:
            stopped = sorted(self._guard.stopped.items())
            return "; ".join(f"{one.topic}/{one.partition} {why}" for one, why in stopped)
        if self._holds.held:
            held = ", ".join(sorted(f"{one.topic}/{one.partition}" for one in self._holds.held))
            return f"{held} held up: {self._trouble}"
        return None

    async def run_once(self, wait_seconds: float = 0.0, stopping: asyncio.Event | None = None) -> int:
        """Handle one poll's records and commit; answer how many. Ends early when time is up or `stopping` is set.

        What was not handled comes again. Raises what `handle` raised, unless that passes, and KafkaError.
        """
        member = await self._joined()
        member.resume(*(self._holds.due(time.monotonic()) - self._guard.stopped.keys()) & member.assignment())
        try:
            polled = await self._reader.poll(member, wait_seconds)
        except KafkaError:
            # aiokafka goes on after most. But some failures end it for good: then a new member begins at what is
            # committed.
            self._failed_polls += 1
            if self._failed_polls == _FAILED_POLLS:
                await self.stop()
            raise
        self._failed_polls = 0
        # Nothing is awaited between the poll and the lock: a rebalance waits for the lock, so for these records too.
        async with self._working:
            records = {place: [Record.of(one) for one in messages] for place, messages in polled.records.items()}
            turn = Turn(member, stopping, records)
            try:
                await self._mind_brakes(turn)
                if polled.damage is not None:
                    await self._meet(turn, polled.damage)
                await self._take(turn)
                await self._mind_brakes(turn)
            finally:
                turn.put_back()
            await self._commit(member)
        return turn.handled

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping`. While Kafka is away it tries again, with jitter; other failures are raised."""
        failures, choice = 0, random.Random()  # noqa: S311  jitter
        looking = _GLANCE_SECONDS
        while not stopping.is_set():
            try:
                handled = await self.run_once(_POLL_SECONDS if self.bell is None else looking, stopping)
                failures, self._is_failing, looking = 0, False, _GLANCE_SECONDS
                if self.bell is not None and not handled:
                    looking = _LOOK_SECONDS if await self._rest(self.bell) else _GLANCE_SECONDS
                elif gathering := self._pace.gathering(handled):
                    await self._gather(stopping, gathering)
                if self.precedence is not None and self.precedence.is_claimed():
                    with self._drawing_nothing():
                        await self.precedence.give_way(stopping)
                    looking = _LOOK_SECONDS  # nothing was drawn in advance: a glance could miss what waits
            except Exception as error:
                if not is_temporary(error):
                    raise
                failures += 1
                self._trouble, self._is_failing = describe_failure(error), True
                delay = backoff(failures, choice)
                logger.warning("%s: %s; again in %.1f s", self.name, self._trouble, delay)
                await first_of(stopping, delay)

    async def _rest(self, bell: asyncio.Event) -> bool:
        """Draw nothing until the bell is rung, or for a while: what another process publishes rings none.

        Answers whether it was rung.
        """
        with self._drawing_nothing():
            rung = await first_of(bell, _REST_SECONDS)
            if rung and self._gathering:
                await asyncio.sleep(self._gathering)
            bell.clear()
        return rung

    async def _gather(self, stopping: asyncio.Event, seconds: float) -> None:
        """Let records gather. Beside the embedded broker each of them would be drawn by a request of its own."""
        if self.bell is None:
            await first_of(stopping, seconds)
        else:
            with self._drawing_nothing():
                await first_of(stopping, seconds)

    @contextmanager
    def _drawing_nothing(self) -> Iterator[None]:
        member = self._connected()
        resting = member.assignment() - member.paused()
        member.pause(*resting)
        yield
        member.resume(*resting & member.assignment())

    async def lag(self, *, also_stopped: bool = True, ends: Mapping[TopicPartition, int] | None = None) -> int:
        """How many records of the assigned partitions have not been handled yet. Raises KafkaError when unknown.

        Kafka's answer waits behind a fetch that is under way; a caller that knows the `ends` need not ask for them.
        """
        member = self._connected()
        partitions = member.assignment() if also_stopped else member.assignment() - self._guard.stopped.keys()
        if ends is None:
            ends = await member.end_offsets(partitions)
        return sum([ends[place] - await member.position(place) for place in partitions])

    async def ends(self) -> dict[TopicPartition, tuple[int, int]]:
        """By assigned partition the offset to be handled next, and the end. Raises KafkaError when unknown.

        The end is behind what a transaction has written and not committed, too: that waits as well.
        """
        member = self._connected()
        ends = await member.end_offsets(member.assignment())
        return {
            place: (await member.position(place), max(end, member.highwater(place) or 0)) for place, end in ends.items()
        }

    @property
    def trouble(self) -> str:
        """What went wrong last."""
        return self._trouble

    @property
    def stopped(self) -> frozenset[TopicPartition]:
        """The partitions that wait until a person releases them."""
        return frozenset(self._guard.stopped)

    def _connected(self) -> AIOKafkaConsumer:
        if self._member is None:
            raise KafkaConnectionError(f"{self.name}: not connected")
        return self._member

    async def has_unread(self) -> bool:
        """Whether records of the assigned partitions wait, as far as is known: they may while Kafka does not answer."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self.lag() > 0
        except (KafkaError, TimeoutError):
            return True

    async def _joined(self) -> AIOKafkaConsumer:
        if self._member is not None:
            return self._member
        member = await join(self._topics, self._group, self._kafka, Rebalances(self._revoke, self._assign))
        self._member, self._failed_polls = member, 0
        return member

    async def _take(self, turn: Turn) -> None:
        """Give what was polled to `handle`, partitions that failed last time apart from the others."""
        troubled = self._holds.in_trouble
        going = {place: records for place, records in turn.polled.items() if place not in self._guard.stopped}
        sound = [record for place, records in going.items() if place not in troubled for record in records]
        for records in (sound, *(records for place, records in going.items() if place in troubled)):
            rest = records
            while rest and not self._revoked and not turn.over:
                number = fitting([record.size for record in rest], count=self._pace.records, size=BATCH_BYTES)
                await self._attempt(turn, rest[:number])
                left = self._holds.held | self._guard.stopped.keys()
                rest = [record for record in rest[number:] if not left or record.place not in left]

    async def _attempt(self, turn: Turn, batch: Sequence[Record]) -> bool:
        """Have `batch` handled, and answer whether it was.

        Where it fails for now it is tried by partitions apart, and then in halves; what still fails is held.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                refused = await self._handle(batch)
        except Exception as error:
            if not is_temporary(error):
                raise
            self._trouble = describe_failure(error)
            parts = _by_place(batch)
            if len(parts) > 1 and not turn.over:
                return all([await self._attempt(turn, part) for part in parts.values()])
            if len(batch) > 1 and not turn.over:
                half = len(batch) // 2
                return await self._attempt(turn, batch[:half]) and await self._attempt(turn, batch[half:])
            for place in parts:
                self._hold(turn, place)
            return False
        else:
            reached = turn.reach(batch)
            self._handled |= reached
            self._reached |= reached
            for place in reached:
                self._holds.recovered(place)
            self._guard.count(batch, refused)
            return True
        finally:
            self._pace.took(time.monotonic() - began)

    def _hold(self, turn: Turn, place: TopicPartition) -> None:
        seconds = self._holds.hold(place, time.monotonic())
        turn.pause(place)
        logger.warning("%s: %s/%d held for %.1f s: %s", self.name, place.topic, place.partition, seconds, self._trouble)

    async def _mind_brakes(self, turn: Turn) -> None:
        """Stop what is to be stopped, and go on with what was released."""
        for place in await self._guard.settle(turn.assignment):
            logger.info("%s: %s/%d was released", self.name, place.topic, place.partition)
            self._holds.recovered(place)
            turn.resume(place)
        for place, why in self._guard.stopped.items():
            if turn.pause(place):
                logger.error("%s: %s/%d %s", self.name, place.topic, place.partition, why)

    async def _meet(self, turn: Turn, damage: Damage) -> None:
        """Deal with a batch that cannot be read: try again a few times, then stop until a person decides.

        Where one has decided that it is passed over, keep its bytes and go on after it.
        """
        place, offset = damage.place, damage.offset
        if place in self._guard.stopped or place not in turn.assignment:
            return
        if await self._guard.passes_over(place, offset):
            batch, after = await batch_at(self._kafka, place, offset)
            await self._guard.keep_unread(place, offset, batch, damage.why)
            self._handled[place] = self._reached[place] = after
            self._holds.recovered(place)
            turn.seek(place, after)
            return
        self._trouble = f"offset {offset}: {damage.why.detail}"
        self._hold(turn, place)
        if self._attempts_to_read and self._holds.failures(place) >= self._attempts_to_read:
            self._guard.stop_unreadable(place, offset, damage.why)

    async def _rewind(self, member: AIOKafkaConsumer, place: TopicPartition) -> int:
        """Have what was not handled of `place` come again; answer its first offset."""
        offset = self._reached.get(place)
        if offset is None:
            offset = await member.committed(place)
        if offset is None:
            await member.seek_to_beginning(place)
            beginning: int = await member.position(place)
            return beginning
        member.seek(place, offset)
        return offset

    async def _commit(self, member: AIOKafkaConsumer) -> None:
        """Commit what was handled of the partitions that are still ours. Raises KafkaError or TimeoutError."""
        ours = {place: offset for place, offset in self._handled.items() if place in member.assignment()}
        try:
            if ours:
                async with asyncio.timeout(_COMMIT_SECONDS):
                    await member.commit(ours)
        except (CommitFailedError, IllegalStateError):
            logger.info("%s: the group was rebalanced; what was handled last comes again", self.name)
        self._handled.clear()

    async def _revoke(self) -> None:
        self._revoked = True
        async with self._working:
            pass  # the batch in hand is handled and committed: what comes after it is another member's

    def _assign(self, partitions: Collection[TopicPartition]) -> None:
        self._revoked = False
        self._holds.keep(partitions)
        self._handled.clear()
        self._reached.clear()
        self._guard.reassigned()


def _by_place(records: Sequence[Record]) -> dict[TopicPartition, list[Record]]:
    parts: dict[TopicPartition, list[Record]] = {}
    for record in records:
        parts.setdefault(record.place, []).append(record)
    return parts
