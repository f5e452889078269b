"""What is told of a clock: the events of the topic `deadlines`. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.cloudevents import Outgoing, compose
from shared.events import Bilingual, DeadlineEvent, DeadlineType, Recipient

SOURCE = "/tricolor/deadline_watch"
_AT_STATION = frozenset({"officer", "station_chief"})


def told_of(
    type_: DeadlineType,
    deadline: Any,
    topic: str,
    now: datetime,
    *,
    state: str | None = None,
    step: str | None = None,
    rung: int | None = None,
    recipients: Sequence[str] = (),
    reason: Bilingual | None = None,
) -> Outgoing:
    """An event about `deadline`, a row of `watch.deadlines`; `state` where it is changing in this transaction."""
    return compose(
        topic=topic,
        source=SOURCE,
        type_=type_,
        enterprise=deadline.enterprise_code,
        time=now,
        data=DeadlineEvent(
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
            at=now,
            policy_version=deadline.policy_version,
            calendar_version=deadline.calendar_version,
            step=step,
            rung=rung,
            recipients=[
                Recipient(role=role, station=deadline.station if role in _AT_STATION else None) for role in recipients
            ],
            reason=reason,
        ),
    )
