"""What is kept as evidence of the events that platforms push: each with the hash of its bytes. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from uuid import UUID

from pydantic_core import to_json

from services.alert_ingest.domain.alert import Alert
from services.alert_ingest.domain.deduplication import NewEvent
from services.alert_ingest.domain.parsing import Received
from shared.contract.messages import Event, HashedFile
from shared.evidence.domain.facts import alert_chain
from shared.evidence.domain.records import Fact

REPEATED = "cn.tricolor.alert.repeated.v1"


def opening(alert: Alert, received: Received) -> Event:
    """The event that tells of a new alert, with the platform's event that it rests on."""
    return alert.to_event(_hashed(received), credential=received.credential)


def repeats(events: Iterable[NewEvent], enterprises: Mapping[UUID, str]) -> list[Fact]:
    """The facts that the same anomaly came again, under another number; `enterprises` are those of the alerts."""
    return [
        Fact(
            type_=REPEATED,
            chain=alert_chain(event.alert_id),
            enterprise=enterprises.get(event.alert_id, event.received.occurrence.enterprise_code),
            document=to_json({"alert_id": event.alert_id, "source": source, "id": id_}),
            files=(_hashed(event.received),),
            credential=event.received.credential,
        )
        for event in events
        for source, id_ in [event.received.identity]
    ]


def _hashed(received: Received) -> HashedFile:
    source, id_ = received.identity
    body = received.body
    return HashedFile(f"{source} {id_}", hashlib.sha256(body).hexdigest(), len(body))
