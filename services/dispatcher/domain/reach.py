"""Reaching people (告知与送达): how a notice comes to its recipient, how long that may take, and what waits for others.

Pure. A notice is queued, sent, delivered, seen and acknowledged, each at an instant of its own.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.lifecycle import CaseStatus
from services.dispatcher.domain.policy import DigestPolicy, ReachPolicy
from shared.contract.roles import Role
from shared.contract.words import CaseState

IN_APP, VENDOR = "in_app", "vendor"
"""The app, into which recipients look; the vendor of the enterprise app, who knows an enterprise by its code."""

RecipientKind = Literal["enterprise", "officer", "role"]


class NoticeState(StrEnum):
    """How far a notice has come. `sent`: a channel took it; `delivered`: it arrived, by a receipt or a record."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    ACKNOWLEDGED = "acknowledged"


def state_of(
    sent_at: datetime | None, delivered_at: datetime | None, seen_at: datetime | None, acknowledged_at: datetime | None
) -> NoticeState:
    """The state of a notice that has these instants, the furthest first."""
    if acknowledged_at is not None:
        return NoticeState.ACKNOWLEDGED
    if seen_at is not None:
        return NoticeState.SEEN
    if delivered_at is not None:
        return NoticeState.DELIVERED
    return NoticeState.QUEUED if sent_at is None else NoticeState.SENT


class Address(NamedTuple):
    """Where somebody is reached by a channel: a number, an account, or none where the channel knows the recipient."""

    channel: str
    address: str | None = None


def order_of(
    kind: RecipientKind, people: Sequence[Sequence[Address]], configured: Collection[str]
) -> list[tuple[Address, ...]]:
    """The tries for a recipient, in order, each an address or, for an office, one address of everybody in it.

    The app where there is no other: there every notice can be read at any time, whatever else is tried.
    """
    known = [[one for one in person if one.channel in configured or one.channel == IN_APP] for person in people]
    if kind == "role":
        everybody = tuple(dict.fromkeys(person[0] for person in known if person))
        return [everybody or (Address(IN_APP),)]
    own = list(dict.fromkeys(one for person in known for one in person))
    if kind == "enterprise" and VENDOR in configured and Address(VENDOR) not in own:
        own.insert(0, Address(VENDOR))
    return [(one,) for one in own] or [(Address(IN_APP),)]


# --- what starts or reminds of a clock ---

_OF_A_CLOCK = frozenset(
    {
        "self_report_demand",
        "case_offered",
        "taken_in",
        "resumed",
        "returned",
        "deadline_warned",
        "deadline_missed",
        "deadline_moved",
        "deadline_resumed",
    }
)


def delivery_window(purpose: str, kind: RecipientKind, policy: ReachPolicy) -> timedelta | None:
    """How long a notice may take to arrive on a channel; None where nobody's clock depends on it.

    Only who must answer is waited for: where an office stays silent, the ladder climbs past it.
    """
    return window_of(kind, policy) if purpose in _OF_A_CLOCK and kind != "role" else None


def window_of(kind: RecipientKind, policy: ReachPolicy) -> timedelta:
    """How long a try may take for an enterprise, whose clock has hours, or for officers, whose clock has days."""
    return timedelta(minutes=policy.yellow_minutes if kind == "enterprise" else policy.red_minutes)


def still_asks(case: CaseStatus, kind: RecipientKind) -> bool:
    """Whether a case still asks something of its enterprise, or of its officers.

    A matter that joined another case asks what it would on its own: it is answered with that case.
    """
    role = Role.ENTERPRISE if kind == "enterprise" else Role.OFFICER
    state = case.state_before if case.state is CaseState.MERGED and case.state_before else case.state
    return bool(lifecycle.allowed(case.kind, state, role))


# --- one message a person and hour ---


class Pace(StrEnum):
    """Whether a notice goes alone, in a list of what a pass brings, or in one list an hour."""

    AT_ONCE = "at_once"
    TOGETHER = "together"
    HOURLY = "hourly"


_LISTED = frozenset(
    {
        "deadline_warned",
        "deadline_missed",
        "deadline_escalated",
        "deadline_moved",
        "deadline_paused",
        "deadline_resumed",
        "milestone_missed",
    }
)
"""To an office in one list an hour; to who must answer in a list of the pass, for theirs is the clock."""
_LISTED_BY_PASS = frozenset(
    {
        "nobody_available",
        "taken_back",
        "taken_in",
        "suspended",
        "resumed",
        "case_ended",
        "report_waiting",
        "notice_undelivered",
        "proposal_opened",
        "proposal_decided",
    }
)


def pace_of(purpose: str, kind: RecipientKind, *, at_once: bool) -> Pace:
    """How a notice goes. What asks for something the first time, a new red and a first miss (`at_once`) go alone."""
    if at_once:
        return Pace.AT_ONCE
    if purpose in _LISTED:
        return Pace.HOURLY if kind == "role" else Pace.TOGETHER
    return Pace.TOGETHER if purpose in _LISTED_BY_PASS else Pace.AT_ONCE


def released_at(pace: Pace, now: datetime, last: datetime | None, policy: DigestPolicy) -> datetime:
    """When a list that begins `now` is sent; `last` is when the one before it was, or will be."""
    gathered = now + timedelta(seconds=policy.gather_seconds)
    if pace is not Pace.HOURLY or last is None:
        return gathered
    return max(gathered, last + timedelta(hours=policy.hours))
