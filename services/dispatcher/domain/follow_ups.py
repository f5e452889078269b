"""What follows an outcome (后续): the date, number or provision that it carries, and the check that it brings. Pure."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from pydantic import Field

from services.dispatcher.domain.fields import Body, Code, Remark
from services.dispatcher.domain.policy import FollowUpPolicy
from shared.contract.refusals import Invalid
from shared.time.instants import SHANGHAI, CalendarDate, instant_on

ORDER, OBSERVATION, FILED, EXEMPT = "order_to_correct", "observation_period", "case_filed_for_penalty", "exempt"
_CARRIES = {"correct_by": ORDER, "observe_until": OBSERVATION, "file_number": FILED}
_NEEDS = {ORDER: "correct_by", OBSERVATION: "observe_until", EXEMPT: "legal_basis"}
_CHECKS = {
    ORDER: ("责令改正期限至 {}，届满复查", "ordered to correct by {}; officers look again then"),
    OBSERVATION: ("观察期至 {}，届满复查", "under observation until {}; officers look again then"),
}


class Consequences(Body):
    """What the outcome carries: `order_to_correct` its date, `observation_period` its end, `exempt` its legal basis."""

    correct_by: CalendarDate | None = Field(default=None, description="责令改正: the last day to correct; checked then")
    observe_until: CalendarDate | None = Field(default=None, description="观察期: its last day; looked at again then")
    legal_basis: Remark | None = Field(
        default=None, description="the item of the no-penalty list, or the provision, that the outcome rests on"
    )
    file_number: Code | None = Field(default=None, description="立案号, now or later by `/file-number`")


class Carried(NamedTuple):
    """What an outcome carries, wherever it was written."""

    correct_by: date | None = None
    observe_until: date | None = None
    legal_basis: str | None = None
    file_number: str | None = None


class Check(NamedTuple):
    """A check to come: of which day, and why in Chinese and in English."""

    day: date
    zh: str
    en: str


def carried_in(written: object) -> Carried:
    """What a report, a decision or a stored row carries."""
    return Carried(*(getattr(written, field) or None for field in Carried._fields))


def decided(outcome: str, by_review: Carried, reported: Carried, *, whole: bool) -> Carried:
    """What an outcome carries by the review, and else as it was reported.

    Not `whole`: of what the review says only what belongs to this outcome, for it said it of several cases.
    """
    said = {
        field: value
        for field, value in by_review._asdict().items()
        if value is not None and (whole or _CARRIES.get(field, outcome) == outcome)
    }
    return reported._replace(**said)


def require_whole(outcome: str, carried: Carried) -> None:
    """Raises Invalid where an outcome lacks what it must carry, or carries what belongs to another one."""
    needed = _NEEDS.get(outcome)
    if needed is not None and not getattr(carried, needed):
        raise _refused(needed, f"{needed}: the outcome {outcome} carries it.")
    for field, belongs_to in _CARRIES.items():
        if outcome != belongs_to and getattr(carried, field):
            raise _refused(field, f"{field}: it belongs to the outcome {belongs_to}, not to {outcome}.")


def require_dates(carried: Carried, today: date, policy: FollowUpPolicy) -> None:
    """Raises Invalid for a date that is over when it is set, or too far ahead."""
    latest = today + timedelta(days=policy.days_at_most)
    for field in ("correct_by", "observe_until"):
        day = getattr(carried, field)
        if day is not None and not today <= day <= latest:
            raise _refused(field, f"{field}: {day} is not between today and {latest}.")


def check_after(outcome: str, carried: Carried) -> Check | None:
    """The check that an outcome brings; None where nothing is looked at again."""
    day = carried.correct_by if outcome == ORDER else carried.observe_until if outcome == OBSERVATION else None
    if day is None:
        return None
    zh, en = _CHECKS[outcome]
    return Check(day, zh.format(day), en.format(day))


def start_of(check: Check) -> datetime:
    """What the clock of a check runs from: its day, which is not counted."""
    return instant_on(check.day, time())


def started_before(now: datetime) -> datetime:
    """Checks whose clock started at or before this begin: their day is over."""
    return now - timedelta(days=1)


def today(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def _refused(field: str, detail: str) -> Invalid:
    return Invalid("outcome-incomplete", detail, title="The outcome is not whole", field=field)
