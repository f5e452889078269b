"""Events about a case, its clock and its alert, as the services emit them, to be told in any order."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contract.events import (
    Actor,
    AlertDismissed,
    AlertGraded,
    AlertRegraded,
    Bilingual,
    CaseEvent,
    CaseKind,
    CaseType,
    Category,
    DeadlineEvent,
    DeadlineType,
    EnterpriseReference,
    Grading,
    Level,
    OutletReference,
    Pollutant,
    Recipient,
    TeamMember,
)

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
CASE, ALERT, DEADLINE = UUID(int=1), UUID(int=2), UUID(int=3)
CODE, NAME = "91440306MA5000001W", "深圳某某电子有限公司"
CATEGORY = Category(code="gas_daily_mean_exceedance", zh="废气日均值超标", en="daily mean exceeded")
REASON = Bilingual(zh="日均值超标", en="daily mean exceeded")


@dataclass(frozen=True)
class Told:
    """An event with its type."""

    type_: str
    data: Any


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def step(type_: CaseType, state: str, revision: int, minutes: float, **more: Any) -> Told:
    """A step of the red case, `minutes` after nine."""
    values: dict[str, Any] = {
        "case_id": CASE,
        "kind": CaseKind.ON_SITE,
        "level": Level.RED,
        "state": state,
        "enterprise_code": CODE,
        "enterprise_name": NAME,
        "station": "xinan",
        "alert_ids": [ALERT],
        "alert_id": ALERT,
        "issued_at": at(-1),
        "at": at(minutes),
        "revision": revision,
        "actor": Actor(role="system", subject="tricolor"),
        "category": CATEGORY,
        "outlet": OutletReference(mn="A440306000001", name="锅炉废气排放口"),
        "pollutant": Pollutant(code="a21026", name="二氧化硫"),
        "observed": 61.2,
        "limit": 50.0,
        "unit": "mg/m3",
        "alert_reason": REASON,
    }
    return Told(type_, CaseEvent.model_construct(**{**values, **more}))


def clock(type_: DeadlineType, state: str, minutes: float, **more: Any) -> Told:
    """What happens to the case's clock."""
    values: dict[str, Any] = {
        "deadline_id": DEADLINE,
        "case_id": CASE,
        "alert_id": ALERT,
        "kind": "on_site",
        "level": Level.RED,
        "enterprise_code": CODE,
        "station": "xinan",
        "started_at": at(-1),
        "due_at": at(60),
        "due_text": "3月2日（周一）10:00",
        "provisional": False,
        "state": state,
        "at": at(minutes),
        "policy_version": "p",
        "calendar_version": "c",
    }
    return Told(type_, DeadlineEvent(**{**values, **more}))


def grade(level: Level, revision: int, minutes: float, **more: Any) -> Told:
    """A grade of the alert."""
    values: dict[str, Any] = {
        "alert_id": ALERT,
        "level": level,
        "category": CATEGORY.code,
        "category_name": Bilingual(zh=CATEGORY.zh, en=CATEGORY.en),
        "response": "on_site",
        "enterprise": EnterpriseReference(code=CODE, name=NAME),
        "outlet": OutletReference(mn="A440306000001"),
        "district": "440306",
        "pollutant": None,
        "window": None,
        "observed": 61.2,
        "limit": 50.0,
        "unit": "mg/m3",
        "received_at": at(-2),
        "issued_at": at(minutes),
        "grading": Grading(rule="r", rule_book_version="1", stated=True, facts={}, reason=REASON),
        "doubts": [],
        **more,
    }
    if revision == 1:
        return Told("cn.tricolor.alert.graded.v1", AlertGraded(**values))
    regraded = {"previous_level": Level.YELLOW, "revision": revision, "cause": "silence"}
    return Told("cn.tricolor.alert.regraded.v1", AlertRegraded(**values, **regraded))


def dismissed(minutes: float) -> Told:
    """The alert is no evidence of anything."""
    told = AlertDismissed(
        alert_id=ALERT,
        enterprise=EnterpriseReference(code=CODE),
        level=Level.RED,
        ground="g",
        reason="r",
        proposed_by="a",
        confirmed_by="b",
        at=at(minutes),
    )
    return Told("cn.tricolor.alert.dismissed.v1", told)


TEAM = [TeamMember(officer=f"xinan-0{number}", name="陈", part=part) for number, part in ((1, "lead"), (2, "second"))]
LIFE = [
    step(CaseType.OPENED, "open", 1, 0),
    step(CaseType.ASSIGNED, "assigned", 2, 1, team=TEAM),
    step(CaseType.ACCEPTED, "accepted", 3, 5, team=TEAM),
    step(CaseType.ARRIVED, "on_site", 4, 30, team=TEAM, arrived_at=at(30)),
    step(CaseType.FEEDBACK_SUBMITTED, "reported", 5, 50, team=TEAM, arrived_at=at(30)),
    step(CaseType.RETURNED, "returned", 6, 70, team=TEAM, arrived_at=at(30)),
    step(CaseType.FEEDBACK_SUBMITTED, "reported", 7, 90, team=TEAM, arrived_at=at(30)),
    step(CaseType.APPROVED, "approved", 8, 100, team=TEAM, arrived_at=at(30)),
    step(CaseType.CLOSED, "approved", 9, 100, team=TEAM, arrived_at=at(30), outcome="rectified"),
]
CLOCK = [
    clock(DeadlineType.STARTED, "open", 0),
    clock(DeadlineType.WARNED, "warned", 30),
    clock(DeadlineType.MET, "met", 50),
    clock(DeadlineType.MISSED, "overdue", 70),
    clock(DeadlineType.ESCALATED, "overdue", 70, rung=1, recipients=[Recipient(role="station_chief", station="xinan")]),
    clock(DeadlineType.ESCALATED, "overdue", 80, rung=2, recipients=[Recipient(role="section")]),
]
