"""What a batch of received events comes to: new alerts, repeats, duplicates, conflicts. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from services.alert_ingest.reception import Occurrence, Received
from shared.cloudevents import Refused


@dataclass(frozen=True)
class Known:
    """An alert as far as a receipt tells of it; with the hash of the event, where an event was looked up."""

    alert_id: UUID
    level: str
    content_hash: bytes = b""


@dataclass(frozen=True)
class Receipt:
    """What became of one submitted event. `id` is the event's, where it could be read."""

    status: Literal["accepted", "duplicate", "repeat", "refused"]
    id: str | None = None
    alert_id: UUID | None = None
    level: str | None = None
    refusal: Refused | None = None


@dataclass(frozen=True)
class NewEvent:
    """An event to be kept: its place in the batch, and the alert it opened or repeats."""

    place: int
    received: Received
    alert_id: UUID
    is_repeat: bool


@dataclass
class Settlement:
    """`receipts` in the order of the batch; the rest is what has to be written."""

    receipts: list[Receipt] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)

    @property
    def opened(self) -> list[NewEvent]:
        return [event for event in self.events if not event.is_repeat]

    @property
    def repeated(self) -> list[UUID]:
        return [event.alert_id for event in self.events if event.is_repeat]


def settle(
    batch: Sequence[Received | Refused],
    events: Mapping[tuple[str, str], Known],
    alerts: Mapping[Occurrence, Known],
    open_alert: Callable[[Received], Known],
) -> Settlement:
    """Go through `batch` in order, knowing the stored `events` and `alerts` it meets.

    The same event with the same content is a duplicate and changes nothing; with other content the first
    stands and it is refused. Another event of a known occurrence is a repeat. Any other one opens an alert.
    (Contract, Identity.)
    """
    seen_events, seen_alerts, settlement = dict(events), dict(alerts), Settlement()
    for place, received in enumerate(batch):
        if isinstance(received, Refused):
            settlement.receipts.append(Receipt("refused", refusal=received))
            continue
        event_id = received.event.id
        first = seen_events.get(received.identity)
        if first is not None:
            if first.content_hash == received.content_hash:
                receipt = Receipt("duplicate", event_id, first.alert_id, first.level)
            else:
                receipt = Receipt("refused", event_id, refusal=_conflict(received))
        else:
            alert = seen_alerts.get(received.occurrence)
            is_repeat = alert is not None
            if alert is None:
                alert = seen_alerts[received.occurrence] = open_alert(received)
            seen_events[received.identity] = Known(alert.alert_id, alert.level, received.content_hash)
            settlement.events.append(NewEvent(place, received, alert.alert_id, is_repeat))
            receipt = Receipt("repeat" if is_repeat else "accepted", event_id, alert.alert_id, alert.level)
        settlement.receipts.append(receipt)
    return settlement


def _conflict(received: Received) -> Refused:
    source, event_id = received.identity
    return Refused("id-conflict", f"{source} already sent another event as {event_id!r}; the first one stands")
