"""White reminds once (不重复提醒): further whites of one outlet and category are counted on the reminder. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from services.alert_ingest.domain.alert import Alert
from services.alert_ingest.domain.rule_book.book import RuleBook
from shared.contract.events import Level

FIGURE = "reminder_hours"
_HOURS = 24.0
"""In books from before it was a figure of theirs."""


class ReminderKey(NamedTuple):
    """What an enterprise is reminded of once: a category, by the rule that decided, at an outlet."""

    enterprise_code: str
    outlet: str
    rule: str


def span(book: RuleBook) -> timedelta:
    """For how long a reminder stands for further ones."""
    return timedelta(hours=book.policy.get(FIGURE, _HOURS))


def keys_of(alerts: Sequence[Alert]) -> dict[UUID, ReminderKey]:
    """What the white ones among the alerts remind of, in their order; one that is held reminds of nothing yet."""
    entries = [alert.assessment.entry for alert in alerts if alert.grade.level is Level.WHITE and not alert.held]
    return {entry.alert_id: ReminderKey(entry.enterprise_code, entry.outlet, entry.rule) for entry in entries}


def counted(whites: Mapping[UUID, ReminderKey], reminders: Mapping[ReminderKey, UUID]) -> dict[UUID, UUID]:
    """Which of these whites are counted on which alert: on that of the reminder that stands, or on the first of them.

    `reminders` are those that stand already.
    """
    known = dict(reminders)
    found = {alert_id: known.setdefault(key, alert_id) for alert_id, key in whites.items()}
    return {alert_id: reminder for alert_id, reminder in found.items() if reminder != alert_id}
