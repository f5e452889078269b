"""Reading an event before it is graded: whether it is usable, and which anomaly it is about."""

import hashlib
from collections.abc import Set
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pydantic_core import to_json

from services.alert_ingest.domain import plain_events
from services.alert_ingest.domain.event_facts import outlet_of
from shared.contract.cloudevents import Refused, parse_json, validated
from shared.contract.events import ANOMALY_DETECTED, AnomalyEvent, Doubt
from shared.contract.platforms import PLATFORM_HEARTBEAT, HeartbeatEvent
from shared.contract.principal import Credential
from shared.time.instants import shown


class Occurrence(NamedTuple):
    """The anomaly itself: the same facts make another event a repeat of it (contract, Identity).

    `outlet` is the MN where the event has one, else the enterprise's code and the outlet's permit number. An outlet
    that events give to two enterprises is two: no alert of one is swallowed as a repeat of the other's.
    """

    outlet: str
    category: str
    pollutant: str
    occurred_at: datetime
    enterprise_code: str

    @property
    def identities(self) -> tuple[bytes, bytes]:
        """What no two alerts of an enterprise have in common, nor as a rule those of several; and the same with the
        enterprise, for an alert of which another one's has the first.
        """
        occurred_at = self.occurred_at.astimezone(UTC).isoformat()
        hashed = hashlib.sha256("\0".join((self.outlet, self.category, self.pollutant, occurred_at)).encode())
        within = hashed.copy()
        within.update(f"\0{self.enterprise_code}".encode())
        return hashed.digest(), within.digest()


class Received(NamedTuple):
    """A usable event: what it says, its structured bytes, and a hash of what makes it the same event.

    `doubts` are those about how it came, beside what it says; `credential` is by which token it came.
    """

    event: AnomalyEvent
    body: bytes
    content_hash: bytes
    occurrence: Occurrence
    doubts: tuple[Doubt, ...] = ()
    credential: Credential | None = None

    @property
    def identity(self) -> tuple[str, str]:
        """Unique by the contract: the platform's own id for this event."""
        return self.event.source, self.event.id


def receive(body: bytes, *, now: datetime, categories: Set[str], future_tolerance: timedelta, limit: int) -> Received:
    """Read the event in structured `body`. Raises Refused with the contract's reason."""
    if len(body) > limit:
        raise Refused("too-large", f"the event has {len(body)} bytes, {limit} are the limit")
    event, content = _read(body)
    if event.data.category not in categories:
        raise Refused("unknown-category", f"`data.category` {_quoted(event.data.category)} is not in the rule book")
    latest, window = now + future_tolerance, event.data.window
    if event.time is not None and event.time > latest:
        raise _in_future("time", event.time)
    if window is not None and window.start > latest:
        raise _in_future("data.window.start", window.start)
    return Received(event, body, hashlib.sha256(content).digest(), _occurrence(event))


def _read(body: bytes) -> tuple[AnomalyEvent, bytes]:
    """The event in `body`, and its content. Raises Refused where it is none."""
    if (plain := plain_events.read(body)) is not None:
        return plain.event, plain.content
    value = parse_json(body)
    if not isinstance(value, dict) or "specversion" not in value:
        raise Refused("not-cloudevents", "a CloudEvent is a JSON object with `specversion`, `id`, `source`, `type`")
    if value.get("type") != ANOMALY_DETECTED:
        raise Refused(
            "unknown-type",
            f"`type` is {_quoted(value.get('type'))}; this topic takes {ANOMALY_DETECTED} and {PLATFORM_HEARTBEAT}",
        )
    return validated(AnomalyEvent, body), content_of(value)


_HEARTBEAT = PLATFORM_HEARTBEAT.encode()


def heartbeat(body: bytes, *, now: datetime, future_tolerance: timedelta) -> HeartbeatEvent | None:
    """The heartbeat in structured `body`; None for any other event. Raises Refused with the contract's reason."""
    # Looked for before it is read: of a thousand events one is a heartbeat.
    if _HEARTBEAT not in body:
        return None
    value = parse_json(body)
    if not isinstance(value, dict) or value.get("type") != PLATFORM_HEARTBEAT:
        return None
    event = validated(HeartbeatEvent, body)
    if event.time > now + future_tolerance:
        raise Refused("time-in-future", f"time is {event.time.isoformat()}, later than the server's clock allows")
    return event


def _in_future(name: str, instant: datetime) -> Refused:
    return Refused("time-in-future", f"{name} is {shown(instant)}, later than the server's clock allows")


def _occurrence(event: AnomalyEvent) -> Occurrence:
    data = event.data
    occurred_at = data.window.start if data.window else event.time
    assert occurred_at is not None  # noqa: S101  the model requires one of the two
    return Occurrence(
        outlet=outlet_of(data),
        category=data.category,
        pollutant=data.pollutant.code if data.pollutant else "",
        occurred_at=occurred_at.astimezone(UTC),
        enterprise_code=data.enterprise.code,
    )


def content_of(value: dict[str, Any]) -> bytes:
    """The same for structured and binary mode, whatever the order of fields; blind to transport extensions."""
    return to_json(_sorted({name: value.get(name) for name in plain_events.CONTENT}))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def _quoted(value: object) -> str:
    return repr(value)[:100]
