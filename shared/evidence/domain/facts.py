"""What the events of the services come to as evidence: about what, who, where, and by which policies. Pure."""

from typing import Any

from pydantic import BaseModel

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


def fact_of(event: Event, published: Outgoing) -> Fact:
    """The fact that an event tells of; its document is the event as it is published."""
    data = event.data
    return Fact(
        type_=str(event.type_),
        chain=_chain(data, event.enterprise),
        enterprise=event.enterprise,
        document=published.value,
        actor=_actor(data),
        claimed_at=getattr(data, "claimed_at", None),
        event_id=published.event_id,
        files=event.files,
        policy=_policy(data),
        where=_where(data),
    )


def _chain(data: BaseModel, enterprise: str) -> str:
    for name, kind in _ABOUT:
        if (about := getattr(data, name, None)) is not None:
            return f"{kind}:{about}"
    if isinstance(data, DrawCommitted | DrawPublished):
        return f"draw:{data.day}"
    return SYSTEM if enterprise == SYSTEM else f"enterprise:{enterprise}"


def _actor(data: BaseModel) -> Actor | None:
    """Who did it, where the event says so; else it was whoever called."""
    for name in _ACTORS:
        if isinstance(actor := getattr(data, name, None), Actor):
            return actor
    return None


def _policy(data: BaseModel) -> dict[str, str]:
    """The versions of what it was decided by."""
    if isinstance(data, AlertGraded):
        return {"rule_book": data.grading.rule_book_version}
    found = {"policy": getattr(data, "policy_version", None), "calendar": getattr(data, "calendar_version", None)}
    return {name: version for name, version in found.items() if version is not None}


def _where(data: BaseModel) -> dict[str, str]:
    """Where it was: the station in charge, the outlet, and the place that a device claimed."""
    outlet = getattr(data, "outlet", None)
    found = {
        "district": getattr(data, "district", None),
        "outlet": outlet and (getattr(outlet, "mn", None) or getattr(outlet, "code", None)),
        "station": getattr(data, "station", None),
    }
    if isinstance(data, CaseEvent):
        found["position"] = _position(data.detail.get("position"))
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _position(claimed: Any) -> str | None:
    """Longitude and latitude as text: a record has no fractions."""
    if not isinstance(claimed, dict):
        return None
    return f"{claimed.get('longitude')},{claimed.get('latitude')}"
