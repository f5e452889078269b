"""What a consumer has trouble with: refused records that wait, partitions stopped or stalled."""

from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.contract.events.event_data import EventData, Recipient
from shared.time.instants import Instant

DEAD_LETTER_WAITING = "cn.tricolor.dead_letter.waiting.v1"


class DeadLetterWaiting(EventData):
    """A record that `service` refused has waited for a person longer than the policy allows."""

    letter_id: UUID
    service: str
    topic: str
    origin: str
    code: str
    detail: str
    attempt: int
    failed_at: Instant
    at: Instant
    policy_version: str
    recipients: list[Recipient] = []


DEAD_LETTER_DECIDED = "cn.tricolor.dead_letter.decided.v1"


class DeadLetterDecided(EventData):
    """A dead letter waits no more: a person had it sent again, or discarded it."""

    letter_id: UUID
    service: str
    state: Literal["retried", "discarded"]
    at: Instant


CONSUMER_BRAKED = "cn.tricolor.consumer.braked.v1"
CONSUMER_RELEASED = "cn.tricolor.consumer.released.v1"
CONSUMER_STALLED = "cn.tricolor.consumer.stalled.v1"


class BrakeCause(StrEnum):
    """Why a partition is stopped: most of what it brings is refused, or a batch of it cannot be read."""

    REFUSALS = "refusals"
    UNREADABLE = "unreadable"


class ConsumerBraked(EventData):
    """`service` has stopped reading a partition, at `offset`, until a person releases it.

    `code` is the commonest reason of the refusals, or the failure to read; `refused` of the last `of_last` records were
    refused.
    """

    service: str
    consumer: str
    topic: str
    partition: int
    offset: int
    cause: BrakeCause
    code: str
    detail: str
    refused: int | None = None
    of_last: int | None = None
    at: Instant
    policy_version: str
    recipients: list[Recipient] = []


class ConsumerReleased(EventData):
    """A person had `service` go on with a partition that it had stopped reading at `offset`."""

    service: str
    consumer: str
    topic: str
    partition: int
    offset: int
    at: Instant


class ConsumerStalled(EventData):
    """Records wait in a partition, and `service` has handled none of them for longer than the policy allows."""

    service: str
    consumer: str
    topic: str
    partition: int
    offset: int
    waiting: int
    seconds: float
    detail: str
    at: Instant
    policy_version: str
    recipients: list[Recipient] = []
