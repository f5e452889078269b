"""The life of a case (案件): one table of what may follow what, by whose hand, and what is told of it. Pure.

Overdue is a mark, not a state: it neither opens nor closes a way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.contract.events import CaseKind, CaseType
from shared.contract.refusals import Conflict
from shared.contract.roles import OFFICE, Role

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
    MERGED = "merged"
    SUSPENDED = "suspended"
    TRANSFERRED = "transferred"
    REOPENED = "reopened"


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
    OFF_SITE_FEEDBACK = "off-site-feedback"
    WITHDRAW = "withdraw"
    HAND_OVER = "hand-over"
    TRANSFER = "transfer"
    SUSPEND = "suspend"
    RESUME = "resume"
    REOPEN = "reopen"
    MERGE = "merge"
    UNMERGE = "unmerge"


CLOSED = frozenset({State.APPROVED, State.ACCEPTED_REPORT, State.SUPERSEDED, State.DISMISSED})
WAITING = frozenset({State.OPEN, State.DECLINED, State.TRANSFERRED, State.REOPENED})
"""An on-site case in one of these has no team and needs one."""


@dataclass(frozen=True)
class Transition:
    """One row of the table. Without a `target` the case stays in its state, or goes back to the one it had before."""

    kinds: frozenset[CaseKind]
    sources: frozenset[State]
    action: Action
    target: State | None
    by: frozenset[str]
    told: CaseType

    def after(self, state: State) -> State:
        """The state that a case has after it, which stood in `state`, or goes back to it."""
        return self.target or state


def _row(
    kinds: frozenset[CaseKind],
    sources: Iterable[State],
    action: Action,
    target: State | None,
    by: Iterable[str],
    told: CaseType,
) -> Transition:
    return Transition(kinds, frozenset(sources), action, target, frozenset(by), told)


_S, _A, _T = State, Action, CaseType
_OFFICER, _ENTERPRISE, _SYSTEM = {Role.OFFICER}, {Role.ENTERPRISE}, {SYSTEM}
_ABOVE = OFFICE - {Role.STATION_CHIEF}
_IN_HAND = (_S.ASSIGNED, _S.ACCEPTED, _S.EN_ROUTE, _S.ON_SITE, _S.RETURNED)
_UNDER_WAY = (*sorted(WAITING), *_IN_HAND)
_VISITS = (*_UNDER_WAY, _S.REPORTED, _S.SUSPENDED, _S.MERGED)
_REPORTS = (_S.OPEN, _S.REOPENED, _S.SELF_REPORTED, _S.RETURNED)
JOINABLE = frozenset(_UNDER_WAY)
"""A visit in one of these still takes in another matter of its enterprise (进一次门，查多项事)."""

TABLE: tuple[Transition, ...] = (
    _row(ON_SITE, WAITING, _A.ASSIGN, _S.ASSIGNED, _SYSTEM, _T.ASSIGNED),
    _row(ON_SITE, {_S.ASSIGNED}, _A.ACCEPT, _S.ACCEPTED, _OFFICER, _T.ACCEPTED),
    _row(ON_SITE, {_S.ASSIGNED, _S.ACCEPTED}, _A.DECLINE, _S.DECLINED, _OFFICER, _T.DECLINED),
    _row(ON_SITE, {_S.ACCEPTED, _S.RETURNED}, _A.DEPART, _S.EN_ROUTE, _OFFICER, _T.DEPARTED),
    _row(ON_SITE, {_S.EN_ROUTE, _S.RETURNED}, _A.ARRIVE, _S.ON_SITE, _OFFICER, _T.ARRIVED),
    # What was returned for its wording is put right at the desk: the visit stands, and no second one is asked for.
    _row(ON_SITE, {_S.ON_SITE, _S.RETURNED}, _A.FEEDBACK, _S.REPORTED, _OFFICER, _T.FEEDBACK_SUBMITTED),
    # Where the policy has the positive list checked off site first, the officers may report without a visit.
    _row(ON_SITE, {_S.ACCEPTED}, _A.OFF_SITE_FEEDBACK, _S.REPORTED, _OFFICER, _T.FEEDBACK_SUBMITTED),
    _row(ON_SITE, {_S.REPORTED}, _A.APPROVE, _S.APPROVED, OFFICE, _T.APPROVED),
    _row(ON_SITE, {_S.REPORTED}, _A.RETURN, _S.RETURNED, OFFICE, _T.RETURNED),
    _row(ON_SITE, _UNDER_WAY, _A.REASSIGN, _S.ASSIGNED, OFFICE, _T.REASSIGNED),
    # Nobody accepted in time, or the rota changed before anybody did: the next team is asked.
    _row(ON_SITE, {_S.ASSIGNED}, _A.WITHDRAW, _S.OPEN, _SYSTEM, _T.WITHDRAWN),
    _row(ON_SITE, _IN_HAND, _A.HAND_OVER, None, {*_OFFICER, *OFFICE}, _T.HANDED_OVER),
    _row(ON_SITE, _UNDER_WAY, _A.TRANSFER, _S.TRANSFERRED, OFFICE, _T.TRANSFERRED),
    _row(ON_SITE, _UNDER_WAY, _A.SUSPEND, _S.SUSPENDED, OFFICE, _T.SUSPENDED),
    _row(ON_SITE, {_S.SUSPENDED}, _A.RESUME, None, OFFICE, _T.RESUMED),
    # One door, many matters: the case goes along with another visit to the enterprise, and shares its answers.
    _row(ON_SITE, WAITING, _A.MERGE, _S.MERGED, _SYSTEM, _T.MERGED),
    _row(ON_SITE, {_S.MERGED}, _A.UNMERGE, _S.OPEN, {*OFFICE, SYSTEM}, _T.UNMERGED),
    _row(ON_SITE, {_S.MERGED}, _A.FEEDBACK, None, _SYSTEM, _T.FEEDBACK_SUBMITTED),
    _row(ON_SITE, {_S.MERGED}, _A.RETURN, None, _SYSTEM, _T.RETURNED),
    _row(ON_SITE, {_S.MERGED}, _A.TRANSFER, None, _SYSTEM, _T.TRANSFERRED),
    _row(ON_SITE, {_S.MERGED}, _A.APPROVE, _S.APPROVED, _SYSTEM, _T.APPROVED),
    # The alert was graded anew, or dismissed by two people: what it asked for is asked no more.
    _row(ON_SITE, _VISITS, _A.SUPERSEDE, _S.SUPERSEDED, _SYSTEM, _T.CLOSED),
    _row(ON_SITE, _VISITS, _A.DISMISS, _S.DISMISSED, _SYSTEM, _T.CLOSED),
    # The closed case stays as it is, evidence; what is asked anew is another case with a clock of its own.
    _row(ON_SITE, {_S.APPROVED}, _A.REOPEN, None, _ABOVE, _T.REOPENED),
    _row(
        _SELF_REPORT,
        {_S.OPEN, _S.REOPENED, _S.RETURNED},
        _A.SELF_REPORT,
        _S.SELF_REPORTED,
        _ENTERPRISE,
        _T.SELF_REPORTED,
    ),
    _row(_SELF_REPORT, {_S.SELF_REPORTED}, _A.APPROVE, _S.ACCEPTED_REPORT, OFFICE, _T.APPROVED),
    _row(_SELF_REPORT, {_S.SELF_REPORTED}, _A.RETURN, _S.RETURNED, OFFICE, _T.RETURNED),
    _row(_SELF_REPORT, _REPORTS, _A.SUPERSEDE, _S.SUPERSEDED, _SYSTEM, _T.CLOSED),
    _row(_SELF_REPORT, _REPORTS, _A.DISMISS, _S.DISMISSED, _SYSTEM, _T.CLOSED),
    _row(_SELF_REPORT, {_S.ACCEPTED_REPORT}, _A.REOPEN, None, _ABOVE, _T.REOPENED),
)

# An officer's own steps: from and to. The case goes with the first officer of the team who takes one.
STEPS: dict[Action, tuple[frozenset[State], State]] = {
    Action.ACCEPT: (frozenset({State.ASSIGNED}), State.ACCEPTED),
    Action.DEPART: (frozenset({State.ACCEPTED, State.RETURNED}), State.EN_ROUTE),
    Action.ARRIVE: (frozenset({State.EN_ROUTE, State.RETURNED}), State.ON_SITE),
}
_VISIT = (State.ASSIGNED, State.ACCEPTED, State.EN_ROUTE, State.ON_SITE, State.REPORTED)


def allowed(kind: CaseKind, state: State, role: str) -> list[Action]:
    """What `role` may do with a case of `kind` in `state`, in the order of the table."""
    return [row.action for row in TABLE if kind in row.kinds and state in row.sources and role in row.by]


def follow(kind: CaseKind, state: State, action: Action, role: str) -> Transition:
    """The transition that `action` by `role` makes. Raises Conflict."""
    for row in TABLE:
        if kind in row.kinds and state in row.sources and row.action is action and role in row.by:
            return row
    raise refused(state, action, allowed(kind, state, role))


def own_actions(own: State, case: State, *, off_site_first: bool = False) -> list[Action]:
    """What an officer may do whose own assignment stands at `own` while the case stands at `case`."""
    return [
        row.action
        for row in TABLE
        if Role.OFFICER in row.by
        and (off_site_first or row.action is not Action.OFF_SITE_FEEDBACK)
        and _may(own, case, row.action)
    ]


def require_own(own: State, case: State, action: Action, *, off_site_first: bool = False) -> None:
    """Raises Conflict where an officer may not do this now; one's own step taken twice is refused as well."""
    able = own_actions(own, case, off_site_first=off_site_first)
    if action not in able:
        raise refused(own, action, able)


def step(own: State, case: State, action: Action) -> tuple[State, bool]:
    """The state of an officer's own assignment after `action`, and whether the case goes with it.

    The second officer's step behind the first is kept as evidence (two officers at the door, Administrative
    Penalty Law art. 42) and moves nothing; it is taken until the review has ended. Raises Conflict.
    """
    require_own(own, case, action)
    return STEPS[action][1], _leads(action, case)


def refused(state: State, action: Action, allowed: list[Action]) -> Conflict:
    """`action` may not follow now; `allowed` is what the same role may do instead."""
    return Conflict(
        "transition-refused",
        f"{action} is not possible in state {state}; allowed now: {', '.join(allowed) or 'nothing'}.",
        state=state,
        action=action,
        allowed=allowed,
    )


def _may(own: State, case: State, action: Action) -> bool:
    if action not in STEPS:
        return _leads(action, case)
    sources, target = STEPS[action]
    behind = case in _VISIT and _VISIT.index(case) >= _VISIT.index(target)
    return own in sources and (behind or _leads(action, case))


def _leads(action: Action, case: State) -> bool:
    return any(case in row.sources for row in TABLE if row.action is action and Role.OFFICER in row.by)


def diagram() -> str:
    """The table as Mermaid state diagrams, for the documentation."""
    parts = []
    for title, kinds in (("on site (red, verification)", ON_SITE), ("self-report (yellow)", _SELF_REPORT)):
        rows = [row for row in TABLE if row.kinds == kinds]
        lines = ["stateDiagram-v2", f"    %% {title}", "    [*] --> open", "    [*] --> reopened"]
        lines += [
            f"    {source} --> {row.target or source}: {row.action}" for row in rows for source in sorted(row.sources)
        ]
        lines += [f"    {state} --> [*]" for state in dict.fromkeys(row.target for row in rows) if state in CLOSED]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
