"""What the events of the services come to as evidence: about what, who, where, and by which policies. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from shared.contract.cloudevents import Outgoing
from shared.contract.events import Actor, AlertGraded, CaseEvent, DrawCommitted, DrawPublished
from shared.contract.messages import SYSTEM, Event
from shared.evidence.domain.records import Fact

TRICOLOR = Actor(role="system", subject=SYSTEM)
"""Who acts where nobody called: Tricolor itself, on an event or a policy."""
_ABOUT = (("case_id", "case"), ("alert_id", "alert"), ("proposal_id", "proposal"), ("letter_id", "dead-letter"))
_ACTORS = ("actor", "decided_by", "proposed_by")


def case_chain(case_id: object) -> str:
    return f"case:{case_id}"


def alert_chain(alert_id: object) -> str:
    return f"alert:{alert_id}"


def act(
    type_: str,
    chain: str,
    said: object,
    *,
    enterprise: str = SYSTEM,
    actor: Actor | None = None,
    policy: Mapping[str, str] | None = None,
) -> Fact:
    """The fact of something that somebody did and no event tells of; `said` is all of it, kept as JSON."""
    return Fact(type_, chain, enterprise, to_json(said), actor=actor, policy=policy or {})


def fact_of(event: Event, published: Outgoing) -> Fact:
    """The fact that an event tells of; its document is the event as it is published."""
    if type(event.data) is AlertGraded:
        return _of_alert(event, event.data, published)
    data, fields = event.data, event.data.__dict__  # asking a model for what it does not have is slow
    return Fact(
        type_=str(event.type_),
        chain=_chain(data, fields, event.enterprise),
        enterprise=event.enterprise,
        document=published.value,
        actor=_actor(fields),
        claimed_at=fields.get("claimed_at"),
        event_id=published.event_id,
        files=event.files,
        policy=_policy(data, fields),
        where=_where(data, fields),
        credential=event.credential,
    )


def _of_alert(event: Event, alert: AlertGraded, published: Outgoing) -> Fact:
    """The same of what there is most of, at half the cost: it is known what such an event says, and does not."""
    outlet = alert.outlet.mn or alert.outlet.code
    where = {"district": alert.district, "outlet": outlet}
    return Fact(
        type_=event.type_,
        chain=alert_chain(alert.alert_id),
        enterprise=event.enterprise,
        document=published.value,
        event_id=published.event_id,
        files=event.files,
        policy={"rule_book": alert.grading.rule_book_version},
        where={name: value for name, value in where.items() if value is not None},
        credential=event.credential,
    )


def _chain(data: BaseModel, fields: Mapping[str, Any], enterprise: str) -> str:
    for name, kind in _ABOUT:
        if (about := fields.get(name)) is not None:
            return f"{kind}:{about}"
    if isinstance(data, DrawCommitted | DrawPublished):
        return f"draw:{data.day}"
    return SYSTEM if enterprise == SYSTEM else f"enterprise:{enterprise}"


def _actor(fields: Mapping[str, Any]) -> Actor | None:
    """Who did it, where the event says so; else it was whoever called."""
    for name in _ACTORS:
        if isinstance(actor := fields.get(name), Actor):
            return actor
    return None


def _policy(data: BaseModel, fields: Mapping[str, Any]) -> dict[str, str]:
    """The versions of what it was decided by."""
    if isinstance(data, AlertGraded):
        return {"rule_book": data.grading.rule_book_version}
    found = {"policy": fields.get("policy_version"), "calendar": fields.get("calendar_version")}
    return {name: version for name, version in found.items() if version is not None}


def _where(data: BaseModel, fields: Mapping[str, Any]) -> dict[str, str]:
    """Where it was: the station in charge, the outlet, and the place that a device claimed."""
    outlet = fields.get("outlet")
    found = {
        "district": fields.get("district"),
        "outlet": outlet and (getattr(outlet, "mn", None) or getattr(outlet, "code", None)),
        "station": fields.get("station"),
    }
    if isinstance(data, CaseEvent):
        found["position"] = _position(data.detail.get("position"))
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _position(claimed: Any) -> str | None:
    """Longitude and latitude as text: a record has no fractions."""
    if not isinstance(claimed, dict):
        return None
    return f"{claimed.get('longitude')},{claimed.get('latitude')}"
