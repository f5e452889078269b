"""The events of the topic `deadlines`: what has happened to a clock, a milestone, or the system itself. Pure."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from services.deadline_watch.domain.clocks import Clock, State
from services.deadline_watch.domain.milestones import StartedMilestone
from services.deadline_watch.domain.policy import Milestone
from shared.contract.events import (
    AUDIT_FAILED,
    MILESTONE_MISSED,
    AuditFailed,
    Bilingual,
    DeadlineEvent,
    DeadlineType,
    MilestoneMissed,
    Recipient,
)
from shared.contract.messages import SYSTEM, Event
from shared.contract.words import ClockKind

_AT_STATION = frozenset({"officer", "station_chief"})
_CONCERN_ALL = frozenset({DeadlineType.MOVED, DeadlineType.PAUSED, DeadlineType.RESUMED})
_ANSWERING = {
    ClockKind.SELF_REPORT: ["enterprise"],
    ClockKind.FINAL_REPORT: ["enterprise"],
    ClockKind.ON_SITE: ["officer", "station_chief"],
    ClockKind.VERIFICATION: ["officer", "station_chief"],
    ClockKind.FOLLOW_UP: ["officer", "station_chief"],
    ClockKind.MARKING: ["station_chief"],
}


def milestone_missed(started: StartedMilestone, milestone: Milestone, at: datetime) -> Event:
    """The event of a milestone that was not reached in time; `milestone` is its entry in the policy."""
    return Event(
        MILESTONE_MISSED,
        started.enterprise_code,
        MilestoneMissed(
            case_id=started.case_id,
            alert_id=started.alert_id,
            kind=started.kind,
            level=started.level,
            enterprise_code=started.enterprise_code,
            station=started.station,
            milestone=started.key,
            name=milestone.name,
            started_at=started.started_at,
            due_at=started.due_at,
            at=at,
            policy_version=started.policy_version,
            calendar_version=started.calendar_version,
            recipients=_recipients(milestone.recipients, started.station),
            awaited=milestone.ends,
        ),
    )


def audit_failed(finding: str, subject: str, detail: Bilingual, at: datetime) -> Event:
    """The event of something that the auditor found amiss. It has no enterprise: the system itself is meant."""
    return Event(AUDIT_FAILED, SYSTEM, AuditFailed(finding=finding, subject=subject, detail=detail, at=at))


def deadline_event(
    type_: DeadlineType,
    clock: Clock,
    at: datetime,
    *,
    state: State | None = None,
    step: str | None = None,
    rung: int | None = None,
    recipients: Sequence[str] = (),
    reason: Bilingual | None = None,
    previous_due_at: datetime | None = None,
) -> Event:
    """The event of what has happened to `clock`; `state` where it is changing in this unit of work.

    A change of the due time, a pause or a resumption addresses whoever must answer.
    """
    if type_ in _CONCERN_ALL and not (type_ is DeadlineType.MOVED and clock.due_at == previous_due_at):
        recipients = _ANSWERING[clock.kind]
    return Event(
        type_,
        clock.enterprise_code,
        DeadlineEvent(
            deadline_id=clock.deadline_id,
            case_id=clock.case_id,
            alert_id=clock.alert_id,
            kind=clock.kind,
            level=clock.level,
            enterprise_code=clock.enterprise_code,
            station=clock.station,
            started_at=clock.started_at,
            due_at=clock.due_at,
            due_text=clock.due_text,
            provisional=clock.provisional,
            state=state or clock.state,
            at=at,
            policy_version=clock.policy_version,
            calendar_version=clock.calendar_version,
            step=step,
            rung=rung,
            recipients=_recipients(recipients, clock.station),
            reason=reason,
            version=clock.version,
            previous_due_at=previous_due_at,
            returned_at=clock.returned_at,
        ),
    )


def _recipients(roles: Sequence[str], station: str | None) -> list[Recipient]:
    return [_recipient(role, station if role in _AT_STATION else None) for role in roles]


@lru_cache(maxsize=1_000)
def _recipient(role: str, station: str | None) -> Recipient:
    return Recipient(role=role, station=station)
