"""What becomes of an anomaly: an alert with its grade, regraded or dismissed. Topic `alerts`."""

from typing import Any
from uuid import UUID

from shared.contract.events.anomalies import EnterpriseReference, Marking, OutletReference, Pollutant, Window
from shared.contract.events.event_data import Bilingual, EventData, Level
from shared.time.instants import Instant


class Grading(EventData):
    """The decision and what it was made with: enough to explain it years later.

    `rule` decided: a category's, or the upgrade that lifted what `own_rule` had graded `upgraded_from`. `causes`
    are the earlier alerts that were counted; `considered` says why no stricter rule applied. `unmarked_level` is the
    level without the marking, the data flag or the limit that cannot be one, where that took the grade down.
    """

    rule: str
    rule_book_version: str
    stated: bool
    facts: dict[str, Any]
    reason: Bilingual
    source: str | None = None
    considered: list[dict[str, Any]] = []
    own_rule: str | None = None
    upgraded_from: Level | None = None
    causes: list[UUID] = []
    unmarked_level: Level | None = None


class Doubt(EventData):
    """Something unlikely about a usable event."""

    code: str
    zh: str
    en: str


ALERT_GRADED = "cn.tricolor.alert.graded.v1"


class AlertGraded(EventData):
    """An alert with its grade. `marking_effective`: its `marking`, its data `flag` or a `limit` that cannot be one took
    the grade down, from `grading.unmarked_level`, and is to be reviewed. `held`: it asks nothing of anyone before a
    person confirms it, and is regraded then. A white one of which the enterprise was reminded lately is `counted_on`
    the alert of that reminder, and asks for none of its own.
    """

    alert_id: UUID
    level: Level
    category: str
    category_name: Bilingual
    response: str
    enterprise: EnterpriseReference
    outlet: OutletReference
    district: str | None
    pollutant: Pollutant | None
    window: Window | None
    observed: float | None
    limit: float | None
    unit: str | None
    received_at: Instant
    issued_at: Instant
    grading: Grading
    doubts: list[Doubt]
    flag: str | None = None
    marking: Marking | None = None
    marking_effective: bool = False
    held: bool = False
    counted_on: UUID | None = None


ALERT_REGRADED = "cn.tricolor.alert.regraded.v1"
ALERT_DISMISSED = "cn.tricolor.alert.dismissed.v1"


class AlertRegraded(AlertGraded):
    """An alert whose grade is another one now; `issued_at` is when this one was issued, and its clock runs from there.

    It rises by the rules, because of what came to light later, and sinks only by the reviewed decision of a person.
    """

    previous_level: Level
    revision: int
    cause: str


class AlertDismissed(EventData):
    """An alert that was no evidence of anything: proposed by one person, confirmed by another."""

    alert_id: UUID
    enterprise: EnterpriseReference
    level: Level
    ground: str
    reason: str
    proposed_by: str
    confirmed_by: str
    at: Instant
