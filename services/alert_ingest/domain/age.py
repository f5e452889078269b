"""How old an anomaly is when it is received: an old one is graded, and held until a person confirms it (domain.md)."""

from collections.abc import Mapping
from datetime import datetime

from shared.contract.events import AnomalyEvent, Doubt
from shared.time.instants import shown

DEFAULT_DAYS = 30.0
"""For rule books from before there was the figure `confirm_after_days`."""
OLD = "older-than-policy"
_SECONDS_A_DAY = 86_400


def doubt_of_age(event: AnomalyEvent, policy: Mapping[str, float], now: datetime) -> Doubt | None:
    """Return the doubt about an anomaly that asks nothing of anyone before it is confirmed; None for a recent one.

    It counts from the end of what was observed: a year's total is no year old.
    """
    days, window = policy.get("confirm_after_days", DEFAULT_DAYS), event.data.window
    ended = event.time if window is None else window.end or window.start
    if ended is None or (now - ended).total_seconds() <= days * _SECONDS_A_DAY:
        return None
    return Doubt(
        code=OLD,
        zh=f"异常止于 {shown(ended)}，早于接收时间 {days:g} 天以上，经人工确认前不作要求",
        en=f"it ended at {shown(ended)}, more than {days:g} days before it was received: it asks nothing of anyone"
        " before a person confirms it",
    )
