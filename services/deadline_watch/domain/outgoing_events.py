"""The events of the topic `deadlines`: what has happened to a clock, a milestone, or the system itself. Pure."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from services.deadline_watch.domain.policy import Milestone
from shared.contract.events import (
    AUDIT_FAILED,
    MILESTONE_MISSED,
    AuditFailed,
    Bilingual,
    CaseKind,
    DeadlineEvent,
    DeadlineType,
    MilestoneMissed,
    Recipient,
)
from shared.contract.messages import SYSTEM, Event

_AT_STATION = frozenset({"officer", "station_chief"})
_CONCERN_ALL = frozenset({DeadlineType.MOVED, DeadlineType.PAUSED, DeadlineType.RESUMED})
_ANSWERING = {
    CaseKind.SELF_REPORT: ["enterprise"],
    CaseKind.ON_SITE: ["officer", "station_chief"],
    CaseKind.VERIFICATION: ["officer", "station_chief"],
}


def milestone_missed(row: Any, milestone: Milestone, at: datetime) -> Event:
    """An event about a milestone, a row of `watch.milestones` beside that of its case."""
    return Event(
        MILESTONE_MISSED,
        row.enterprise_code,
        MilestoneMissed(
            case_id=row.case_id,
            alert_id=row.alert_id,
            kind=row.kind,
            level=row.level,
            enterprise_code=row.enterprise_code,
            station=row.station,
            milestone=row.milestone,
            name=milestone.name,
            started_at=row.started_at,
            due_at=row.due_at,
            at=at,
            policy_version=row.policy_version,
            calendar_version=row.calendar_version,
            recipients=_recipients(milestone.recipients, row.station),
        ),
    )


def audit_failed(finding: str, subject: str, detail: Bilingual, at: datetime) -> Event:
    """An event about something that the auditor found amiss. It has no enterprise: the system itself is meant."""
    return Event(AUDIT_FAILED, SYSTEM, AuditFailed(finding=finding, subject=subject, detail=detail, at=at))


def deadline_event(
    type_: DeadlineType,
    deadline: Any,
    at: datetime,
    *,
    state: str | None = None,
    step: str | None = None,
    rung: int | None = None,
    recipients: Sequence[str] = (),
    reason: Bilingual | None = None,
    previous_due_at: datetime | None = None,
) -> Event:
    """An event about `deadline`, a row of `watch.deadlines`; `state` where it is changing in this unit of work.

    A change of the due time, a pause or a resumption addresses whoever must answer.
    """
    if type_ in _CONCERN_ALL and not (type_ is DeadlineType.MOVED and deadline.due_at == previous_due_at):
        recipients = _ANSWERING[CaseKind(deadline.kind)]
    return Event(
        type_,
        deadline.enterprise_code,
        DeadlineEvent(
            deadline_id=deadline.deadline_id,
            case_id=deadline.case_id,
            alert_id=deadline.alert_id,
            kind=deadline.kind,
            level=deadline.level,
            enterprise_code=deadline.enterprise_code,
            station=deadline.station,
            started_at=deadline.started_at,
            due_at=deadline.due_at,
            due_text=deadline.due_text,
            provisional=deadline.provisional,
            state=state or deadline.state,
            at=at,
            policy_version=deadline.policy_version,
            calendar_version=deadline.calendar_version,
            step=step,
            rung=rung,
            recipients=_recipients(recipients, deadline.station),
            reason=reason,
            version=deadline.version,
            previous_due_at=previous_due_at,
        ),
    )


def _recipients(roles: Sequence[str], station: str | None) -> list[Recipient]:
    return [_recipient(role, station if role in _AT_STATION else None) for role in roles]


@lru_cache(maxsize=1_000)
def _recipient(role: str, station: str | None) -> Recipient:
    return Recipient(role=role, station=station)
