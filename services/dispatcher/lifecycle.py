"""The life of a case (案件): one table of what may follow what, by whose hand, and what is told of it. Pure.

Overdue is a mark, not a state: it neither opens nor closes a way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.events import CaseKind, CaseType
from shared.roles import OFFICE, Role

SYSTEM = "system"
"""The hand of Tricolor itself, acting on an event or by policy."""
ON_SITE = frozenset({CaseKind.ON_SITE, CaseKind.VERIFICATION})
_SELF_REPORT = frozenset({CaseKind.SELF_REPORT})


class State(StrEnum):
    OPEN = "open"
    ASSIGNED = "assigned"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    REPORTED = "reported"
    RETURNED = "returned"
    APPROVED = "approved"
    SELF_REPORTED = "self_reported"
    ACCEPTED_REPORT = "accepted_report"
    SUPERSEDED = "superseded"
    DISMISSED = "dismissed"


class Action(StrEnum):
    ASSIGN = "assign"
    ACCEPT = "accept"
    DECLINE = "decline"
    DEPART = "depart"
    ARRIVE = "arrive"
    FEEDBACK = "feedback"
    SELF_REPORT = "self-report"
    APPROVE = "approve"
    RETURN = "return"
    REASSIGN = "reassign"
    SUPERSEDE = "supersede"
    DISMISS = "dismiss"


CLOSED = frozenset({State.APPROVED, State.ACCEPTED_REPORT, State.SUPERSEDED, State.DISMISSED})
WAITING = frozenset({State.OPEN, State.DECLINED})
"""An on-site case in one of these has no team and needs one."""


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    kinds: frozenset[CaseKind]
    sources: frozenset[State]
    action: Action
    target: State
    by: frozenset[str]
    told: CaseType


def _row(
    kinds: frozenset[CaseKind],
    sources: Iterable[State],
    action: Action,
    target: State,
    by: Iterable[str],
    told: CaseType,
) -> Transition:
    return Transition(kinds, frozenset(sources), action, target, frozenset(by), told)


_S, _A, _T = State, Action, CaseType
_OFFICER, _ENTERPRISE = {Role.OFFICER}, {Role.ENTERPRISE}
_UNDER_WAY = (_S.OPEN, _S.DECLINED, _S.ASSIGNED, _S.ACCEPTED, _S.EN_ROUTE, _S.ON_SITE, _S.RETURNED)
_VISITS = (*_UNDER_WAY, _S.REPORTED)
_REPORTS = (_S.OPEN, _S.SELF_REPORTED, _S.RETURNED)

TABLE: tuple[Transition, ...] = (
    _row(ON_SITE, WAITING, _A.ASSIGN, _S.ASSIGNED, {SYSTEM}, _T.ASSIGNED),
    _row(ON_SITE, {_S.ASSIGNED}, _A.ACCEPT, _S.ACCEPTED, _OFFICER, _T.ACCEPTED),
    _row(ON_SITE, {_S.ASSIGNED, _S.ACCEPTED}, _A.DECLINE, _S.DECLINED, _OFFICER, _T.DECLINED),
    _row(ON_SITE, {_S.ACCEPTED, _S.RETURNED}, _A.DEPART, _S.EN_ROUTE, _OFFICER, _T.DEPARTED),
    _row(ON_SITE, {_S.EN_ROUTE, _S.RETURNED}, _A.ARRIVE, _S.ON_SITE, _OFFICER, _T.ARRIVED),
    # What was returned for its wording is put right at the desk: the visit stands, and no second one is asked for.
    _row(ON_SITE, {_S.ON_SITE, _S.RETURNED}, _A.FEEDBACK, _S.REPORTED, _OFFICER, _T.FEEDBACK_SUBMITTED),
    _row(ON_SITE, {_S.REPORTED}, _A.APPROVE, _S.APPROVED, OFFICE, _T.APPROVED),
    _row(ON_SITE, {_S.REPORTED}, _A.RETURN, _S.RETURNED, OFFICE, _T.RETURNED),
    _row(ON_SITE, _UNDER_WAY, _A.REASSIGN, _S.ASSIGNED, OFFICE, _T.REASSIGNED),
    # The alert was graded anew, or dismissed by two people: what it asked for is asked no more.
    _row(ON_SITE, _VISITS, _A.SUPERSEDE, _S.SUPERSEDED, {SYSTEM}, _T.CLOSED),
    _row(ON_SITE, _VISITS, _A.DISMISS, _S.DISMISSED, {SYSTEM}, _T.CLOSED),
    _row(_SELF_REPORT, {_S.OPEN, _S.RETURNED}, _A.SELF_REPORT, _S.SELF_REPORTED, _ENTERPRISE, _T.SELF_REPORTED),
    _row(_SELF_REPORT, {_S.SELF_REPORTED}, _A.APPROVE, _S.ACCEPTED_REPORT, OFFICE, _T.APPROVED),
    _row(_SELF_REPORT, {_S.SELF_REPORTED}, _A.RETURN, _S.RETURNED, OFFICE, _T.RETURNED),
    _row(_SELF_REPORT, _REPORTS, _A.SUPERSEDE, _S.SUPERSEDED, {SYSTEM}, _T.CLOSED),
    _row(_SELF_REPORT, _REPORTS, _A.DISMISS, _S.DISMISSED, {SYSTEM}, _T.CLOSED),
)

# An officer's own steps: from and to. The case goes with the first officer of the team who takes one.
STEPS: dict[Action, tuple[frozenset[State], State]] = {
    Action.ACCEPT: (frozenset({State.ASSIGNED}), State.ACCEPTED),
    Action.DEPART: (frozenset({State.ACCEPTED, State.RETURNED}), State.EN_ROUTE),
    Action.ARRIVE: (frozenset({State.EN_ROUTE, State.RETURNED}), State.ON_SITE),
}
_VISIT = (State.ASSIGNED, State.ACCEPTED, State.EN_ROUTE, State.ON_SITE, State.REPORTED)


class TransitionRefused(Exception):  # noqa: N818  a refusal is an answer
    """The action may not follow now. `allowed` is what the same hand may do instead."""

    def __init__(self, state: State, action: Action, allowed: list[Action]) -> None:
        super().__init__(f"{action} is not possible in state {state}")
        self.state, self.action, self.allowed = state, action, allowed


def allowed(kind: CaseKind, state: State, role: str) -> list[Action]:
    """What `role` may do with a case of `kind` in `state`, in the order of the table."""
    return [row.action for row in TABLE if kind in row.kinds and state in row.sources and role in row.by]


def follow(kind: CaseKind, state: State, action: Action, role: str) -> Transition:
    """The transition that `action` by `role` makes. Raises TransitionRefused."""
    for row in TABLE:
        if kind in row.kinds and state in row.sources and row.action is action and role in row.by:
            return row
    raise TransitionRefused(state, action, allowed(kind, state, role))


def own_actions(own: State, case: State) -> list[Action]:
    """What an officer may do whose own assignment stands at `own` while the case stands at `case`."""
    return [row.action for row in TABLE if Role.OFFICER in row.by and _may(own, case, row.action)]


def require_own(own: State, case: State, action: Action) -> None:
    """Raises TransitionRefused where an officer may not do this now; one's own step taken twice is refused as well."""
    able = own_actions(own, case)
    if action not in able:
        raise TransitionRefused(own, action, able)


def step(own: State, case: State, action: Action) -> tuple[State, bool]:
    """The state of an officer's own assignment after `action`, and whether the case goes with it.

    The second officer's step behind the first is kept as evidence (two officers at the door, Administrative
    Penalty Law art. 42) and moves nothing; it is taken until the review has ended. Raises TransitionRefused.
    """
    require_own(own, case, action)
    return STEPS[action][1], _leads(action, case)


def _may(own: State, case: State, action: Action) -> bool:
    if action not in STEPS:
        return _leads(action, case)
    sources, target = STEPS[action]
    behind = case in _VISIT and _VISIT.index(case) >= _VISIT.index(target)
    return own in sources and (behind or _leads(action, case))


def _leads(action: Action, case: State) -> bool:
    return any(case in row.sources for row in TABLE if row.action is action)


def diagram() -> str:
    """The table as Mermaid state diagrams, for the documentation."""
    parts = []
    for title, kinds in (("on site (red, verification)", ON_SITE), ("self-report (yellow)", _SELF_REPORT)):
        rows = [row for row in TABLE if row.kinds == kinds]
        lines = ["stateDiagram-v2", f"    %% {title}", "    [*] --> open"]
        lines += [f"    {source} --> {row.target}: {row.action}" for row in rows for source in sorted(row.sources)]
        lines += [f"    {state} --> [*]" for state in dict.fromkeys(row.target for row in rows) if state in CLOSED]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
