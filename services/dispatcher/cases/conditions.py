"""Conditions on cases in SQL, made of the sets of states that the lifecycle names."""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Uuid, and_, case, cast, exists, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from services.dispatcher import tables
from services.dispatcher.domain.follow_ups import FILED
from services.dispatcher.domain.lifecycle import CLOSED, ENDED_UNANSWERED, ON_SITE, WAITING, Action, sources
from shared.contract.disclosure import DisclosurePolicy, Visits
from shared.contract.events import CaseKind
from shared.contract.words import CaseState

_CASES = tables.cases.c
_NOT_ON_SITE = sorted({*CaseKind} - ON_SITE)


def waits_for_team() -> ColumnElement[bool]:
    """A case on site that has no team and needs one."""
    return and_(_CASES.kind.not_in(_NOT_ON_SITE), _CASES.state.in_(sorted(WAITING)))


def offered() -> ColumnElement[bool]:
    """A case on site whose team has not accepted it: it could still go to another."""
    states = sources(CaseKind.ON_SITE, Action.WITHDRAW)
    return and_(_CASES.kind.not_in(_NOT_ON_SITE), _CASES.state.in_(sorted(states)))


def waits_for_review() -> ColumnElement[bool]:
    """A final self-report that nobody has accepted or returned."""
    return and_(_CASES.kind == CaseKind.SELF_REPORT, _CASES.state == CaseState.SELF_REPORTED)


def open_visit() -> ColumnElement[bool]:
    """A red case that is not closed."""
    return and_(_CASES.kind == CaseKind.ON_SITE, _CASES.closed_at.is_(None))


def awaits_file_number() -> ColumnElement[bool]:
    """A case that was filed for penalty, and whose file has no number here yet."""
    return and_(_CASES.outcome == FILED, _CASES.file_number.is_(None))


def is_finished() -> ColumnElement[bool]:
    """A case that ended in an outcome, with every check that followed, and whose penalty file has its number."""
    check = tables.cases.alias("later_check")
    open_check = exists().where(
        check.c.alert_id == _CASES.alert_id,
        check.c.kind == CaseKind.FOLLOW_UP,
        check.c.closed_at.is_(None),
        check.c.case_id != _CASES.case_id,
    )
    numbered = func.coalesce(~awaits_file_number(), true())
    return and_(_CASES.closed_at.is_not(None), ~open_check.correlate(tables.cases), numbered)


def is_unfinished() -> ColumnElement[bool]:
    """A case that is handled, and not finished."""
    return and_(_CASES.closed_at.is_not(None), ~is_finished())


def checks_of_case() -> ScalarSelect[Any]:
    """The follow-up checks that a case brought."""
    check = tables.cases.alias("check")
    return (
        select(func.coalesce(func.array_agg(check.c.case_id), cast([], ARRAY(Uuid))))
        .where(check.c.raised_by == _CASES.case_id, check.c.kind == CaseKind.FOLLOW_UP)
        .correlate(tables.cases)
        .scalar_subquery()
    )


def shown_to_enterprises(policy: DisclosurePolicy) -> ColumnElement[bool]:
    """A case that is there for its enterprise: what `disclosure.sight_of` says, in SQL."""
    arrived, closed = _CASES.arrived_at.is_not(None), _CASES.closed_at.is_not(None)
    answered = _CASES.state.not_in(sorted(ENDED_UNANSWERED))
    visits: dict[Visits, ColumnElement[bool]] = {
        Visits.BEFORE_ARRIVAL: true(),
        Visits.ON_ARRIVAL: or_(arrived, and_(closed, answered)),
        Visits.AFTER_CLOSING: and_(closed, or_(arrived, answered)),
    }
    visit = and_(_CASES.kind != CaseKind.MARKING, visits.get(policy.visits, false()))
    return or_(_CASES.kind == CaseKind.SELF_REPORT, visit)


def state_for_enterprises() -> ColumnElement[str]:
    """The state of a case as its enterprise sees it: what `disclosure.shown_state` says, in SQL."""
    whole = or_(_CASES.kind == CaseKind.SELF_REPORT, _CASES.state.in_(sorted(CLOSED)))
    return case(
        (whole, _CASES.state), (_CASES.arrived_at.is_not(None), CaseState.ON_SITE.value), else_=CaseState.OPEN.value
    )
