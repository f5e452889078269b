"""Conditions on cases in SQL, made of the sets of states that the lifecycle names."""

from sqlalchemy import ColumnElement, and_, case, false, or_, true

from services.dispatcher import tables
from services.dispatcher.domain.lifecycle import (
    AWAITS_REPORT,
    CLOSED,
    ENDED_UNANSWERED,
    JOINABLE,
    WAITING,
    Action,
    CaseState,
    sources,
)
from shared.contract.disclosure import DisclosurePolicy, Visits
from shared.contract.events import CaseKind

_CASES = tables.cases.c


def waits_for_team() -> ColumnElement[bool]:
    """A case on site that has no team and needs one."""
    return and_(_CASES.kind != CaseKind.SELF_REPORT, _CASES.state.in_(sorted(WAITING)))


def offered() -> ColumnElement[bool]:
    """A case on site whose team has not accepted it: it could still go to another."""
    states = sources(CaseKind.ON_SITE, Action.WITHDRAW)
    return and_(_CASES.kind != CaseKind.SELF_REPORT, _CASES.state.in_(sorted(states)))


def waits_for_review() -> ColumnElement[bool]:
    """A self-report that nobody has accepted or returned."""
    states = sources(CaseKind.SELF_REPORT, Action.APPROVE)
    return and_(_CASES.kind == CaseKind.SELF_REPORT, _CASES.state.in_(sorted(states)))


def open_visit() -> ColumnElement[bool]:
    """A red case that is not closed."""
    return and_(_CASES.kind == CaseKind.ON_SITE, _CASES.closed_at.is_(None))


def takes_in(kind: CaseKind) -> ColumnElement[bool]:
    """A case that another one of `kind`, of the same enterprise, can join.

    A self-report joins one that nobody has answered; what is for officers joins a visit, of whichever kind.
    """
    if kind is CaseKind.SELF_REPORT:
        return and_(_CASES.kind == kind, _CASES.state.in_(sorted(AWAITS_REPORT)))
    return and_(_CASES.kind != CaseKind.SELF_REPORT, _CASES.state.in_(sorted(JOINABLE)))


def shown_to_enterprises(policy: DisclosurePolicy) -> ColumnElement[bool]:
    """A case that is there for its enterprise: what `disclosure.sight_of` says, in SQL."""
    arrived, closed = _CASES.arrived_at.is_not(None), _CASES.closed_at.is_not(None)
    answered = _CASES.state.not_in(sorted(ENDED_UNANSWERED))
    visits: dict[Visits, ColumnElement[bool]] = {
        Visits.BEFORE_ARRIVAL: true(),
        Visits.ON_ARRIVAL: or_(arrived, and_(closed, answered)),
        Visits.AFTER_CLOSING: and_(closed, or_(arrived, answered)),
    }
    return or_(_CASES.kind == CaseKind.SELF_REPORT, visits.get(policy.visits, false()))


def state_for_enterprises() -> ColumnElement[str]:
    """The state of a case as its enterprise sees it: what `disclosure.shown_state` says, in SQL."""
    whole = or_(_CASES.kind == CaseKind.SELF_REPORT, _CASES.state.in_(sorted(CLOSED)))
    return case(
        (whole, _CASES.state), (_CASES.arrived_at.is_not(None), CaseState.ON_SITE.value), else_=CaseState.OPEN.value
    )
