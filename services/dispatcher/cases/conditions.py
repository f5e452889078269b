"""Conditions on cases in SQL, made of the sets of states that the lifecycle names."""

from sqlalchemy import ColumnElement, and_

from services.dispatcher import tables
from services.dispatcher.domain.lifecycle import JOINABLE, WAITING, Action, sources
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


def takes_in_others() -> ColumnElement[bool]:
    """An open red case whose visit other cases of the enterprise can still join."""
    return and_(open_visit(), _CASES.state.in_(sorted(JOINABLE)))
