"""Deduplicating a batch of received events: which open alerts, repeat one, are duplicates or conflict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from uuid import UUID

from services.alert_ingest.domain.parsing import Occurrence, Received
from shared.contract.cloudevents import Refused
from shared.contract.platforms import HeartbeatEvent


class KnownEvent(NamedTuple):
    """An event that is stored: the alert it belongs to, and the hash that tells whether another is the same."""

    alert_id: UUID
    content_hash: bytes


class Receipt(NamedTuple):
    """What became of one submitted event. `id` is the event's, where it could be read; `level` is the alert's now."""

    status: Literal["accepted", "duplicate", "repeat", "refused"]
    id: str | None = None
    alert_id: UUID | None = None
    level: str | None = None
    refusal: Refused | None = None


class NewEvent(NamedTuple):
    """An event to be kept: its place in the batch, and the alert it opened or repeats."""

    place: int
    received: Received
    alert_id: UUID
    is_repeat: bool


@dataclass
class Deduplication:
    """What became of each event of a batch, in its order, and the events that have to be stored."""

    receipts: list[Receipt] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)

    @property
    def opened(self) -> list[NewEvent]:
        return [event for event in self.events if not event.is_repeat]

    @property
    def repeats(self) -> list[NewEvent]:
        return [event for event in self.events if event.is_repeat]

    def receipts_with(self, levels: Mapping[UUID, str]) -> list[Receipt]:
        """Return the receipts, each with the level of its alert."""
        return [
            receipt if alert_id is None else Receipt(receipt.status, receipt.id, alert_id, levels[alert_id])
            for receipt in self.receipts
            for alert_id in [receipt.alert_id]
        ]


def deduplicate(
    batch: Sequence[Received | HeartbeatEvent | Refused],
    events: Mapping[tuple[str, str], KnownEvent],
    alerts: Mapping[Occurrence, UUID],
    new_id: Callable[[], UUID],
) -> Deduplication:
    """Decide for each event of `batch`, in order: it opens an alert, repeats one, is a duplicate, or is refused.

    `events` and `alerts` are the stored ones that the batch may have events of.

    The same event with the same content is a duplicate and changes nothing; with other content the first
    is kept and it is refused. Another event of a known occurrence is a repeat. Any other one opens an alert,
    called by a `new_id`. (Contract, Identity.) A heartbeat is accepted, and is no event of any alert.
    """
    seen_events, seen_alerts, deduplication = dict(events), dict(alerts), Deduplication()
    for place, received in enumerate(batch):
        if isinstance(received, Refused):
            deduplication.receipts.append(Receipt("refused", received.members.get("id"), refusal=received))
            continue
        if not isinstance(received, Received):
            deduplication.receipts.append(Receipt("accepted", received.id or None))
            continue
        event_id, identity = received.event.id, received.identity
        first = seen_events.get(identity)
        if first is not None:
            if first.content_hash == received.content_hash:
                receipt = Receipt("duplicate", event_id, first.alert_id)
            else:
                receipt = Receipt("refused", event_id, refusal=_conflict(received))
        else:
            alert_id = seen_alerts.get(received.occurrence)
            is_repeat = alert_id is not None
            if alert_id is None:
                alert_id = seen_alerts[received.occurrence] = new_id()
            seen_events[identity] = KnownEvent(alert_id, received.content_hash)
            deduplication.events.append(NewEvent(place, received, alert_id, is_repeat))
            receipt = Receipt("repeat" if is_repeat else "accepted", event_id, alert_id)
        deduplication.receipts.append(receipt)
    return deduplication


def _conflict(received: Received) -> Refused:
    source, event_id = received.identity
    return Refused("id-conflict", f"{source} already sent another event as {event_id!r}; the first one stands")
