"""The life of a case (案件): one table of what may follow what, by whom, and which events that emits. Pure.

Overdue is a mark, not a state: it neither opens nor closes a way. Two thirds of the module are the table and what its
columns are made of, which are read as one; a state or a step that stood elsewhere would be looked for here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple, Protocol

from shared.contract.events import CaseKind, CaseType
from shared.contract.refusals import Conflict
from shared.contract.roles import OFFICE, Role
from shared.contract.words import CaseState

SYSTEM = "system"
"""The role of Tricolor itself, acting on an event or by policy."""
ON_SITE = frozenset({CaseKind.ON_SITE, CaseKind.VERIFICATION, CaseKind.FOLLOW_UP})
_SELF_REPORT, _FOLLOW_UP = frozenset({CaseKind.SELF_REPORT}), frozenset({CaseKind.FOLLOW_UP})
_MARKING = frozenset({CaseKind.MARKING})


class Action(StrEnum):
    ASSIGN = "assign"
    ACCEPT = "accept"
    DECLINE = "decline"
    DEPART = "depart"
    ARRIVE = "arrive"
    FEEDBACK = "feedback"
    SELF_REPORT = "self-report"
    INTERIM_REPORT = "interim-report"
    ACCEPT_INTERIM = "accept-interim"
    BEGIN_CHECK = "begin-check"
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


CLOSED = frozenset(
    {
        CaseState.APPROVED,
        CaseState.ACCEPTED_REPORT,
        CaseState.QUESTIONED,
        CaseState.SUPERSEDED,
        CaseState.DISMISSED,
    }
)
WAITING = frozenset({CaseState.OPEN, CaseState.DECLINED, CaseState.TRANSFERRED, CaseState.REOPENED})
"""An on-site case in one of these has no team and needs one."""
ENDED_UNANSWERED = frozenset({CaseState.SUPERSEDED, CaseState.DISMISSED})
"""A case closed in one of these because its alert asks for it no more."""


class CaseStatus(Protocol):
    """What decides what may be done with a case; `state_before` is what a suspended case goes back to."""

    @property
    def kind(self) -> CaseKind: ...
    @property
    def state(self) -> CaseState: ...
    @property
    def state_before(self) -> CaseState | None: ...


class CaseStep(NamedTuple):
    """One step of a case: the event it emits, the state after it, and the outcome where it ends the case."""

    event: CaseType
    state: CaseState
    state_before: CaseState | None = None
    outcome: str | None = None

    @property
    def arrives(self) -> bool:
        return self.event is CaseType.ARRIVED

    @property
    def closes(self) -> bool:
        return self.event is CaseType.CLOSED


@dataclass(frozen=True)
class Transition:
    """One row of the table. Without a `target` the case stays in its state, or goes back to the one it had before."""

    kinds: frozenset[CaseKind]
    sources: frozenset[CaseState]
    action: Action
    target: CaseState | None
    by: frozenset[str]
    event: CaseType

    def after(self, state: CaseState) -> CaseState:
        """The state that a case has after it, which stood in `state`, or goes back to it."""
        return self.target or state

    @property
    def closes(self) -> bool:
        return self.target in CLOSED

    @property
    def emits(self) -> tuple[CaseType, ...]:
        """Its event, and the closing where it ends the case."""
        return tuple(dict.fromkeys((self.event, CaseType.CLOSED))) if self.closes else (self.event,)


def _row(
    kinds: frozenset[CaseKind],
    sources: Iterable[CaseState],
    action: Action,
    target: CaseState | None,
    by: Iterable[str],
    event: CaseType,
) -> Transition:
    return Transition(kinds, frozenset(sources), action, target, frozenset(by), event)


_S, _A, _T = CaseState, Action, CaseType
_OFFICER, _ENTERPRISE, _SYSTEM = {Role.OFFICER}, {Role.ENTERPRISE}, {SYSTEM}
_ABOVE = OFFICE - {Role.STATION_CHIEF}
_IN_HAND = (_S.ASSIGNED, _S.ACCEPTED, _S.EN_ROUTE, _S.ON_SITE, _S.RETURNED)
_UNDER_WAY = (*sorted(WAITING), *_IN_HAND)
_VISITS = (*_UNDER_WAY, _S.REPORTED, _S.SUSPENDED, _S.MERGED)
_UNANSWERED = (_S.OPEN, _S.REOPENED, _S.RETURNED)
_INTERIM = (_S.INTERIM_REPORTED, _S.RECTIFYING)
_REPORTS = (*_UNANSWERED, *_INTERIM, _S.SELF_REPORTED, _S.MERGED)
JOINABLE = frozenset(_UNDER_WAY)
"""A visit in one of these still takes in another matter of its enterprise (进一次门，查多项事)."""
AWAITS_REPORT = frozenset(_UNANSWERED)
"""A self-report in one of these takes in another matter of its enterprise: one report will answer both."""

TABLE: tuple[Transition, ...] = (
    _row(ON_SITE, WAITING, _A.ASSIGN, _S.ASSIGNED, _SYSTEM, _T.ASSIGNED),
    _row(ON_SITE, {_S.ASSIGNED}, _A.ACCEPT, _S.ACCEPTED, _OFFICER, _T.ACCEPTED),
    _row(ON_SITE, {_S.ASSIGNED, _S.ACCEPTED}, _A.DECLINE, _S.DECLINED, _OFFICER, _T.DECLINED),
    _row(ON_SITE, {_S.ACCEPTED, _S.RETURNED}, _A.DEPART, _S.EN_ROUTE, _OFFICER, _T.DEPARTED),
    _row(ON_SITE, {_S.EN_ROUTE, _S.RETURNED}, _A.ARRIVE, _S.ON_SITE, _OFFICER, _T.ARRIVED),
    # What was returned for its wording is put right without another visit: no second one is asked for.
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
    # The case joins another visit to the enterprise, and shares its answers (进一次门，查多项事).
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
    # A follow-up waits for the day by which what was ordered should be done; then it is a visit like any other.
    _row(_FOLLOW_UP, {_S.SCHEDULED}, _A.BEGIN_CHECK, _S.OPEN, _SYSTEM, _T.DUE_FOR_CHECK),
    _row(_FOLLOW_UP, {_S.SCHEDULED}, _A.DISMISS, _S.DISMISSED, _SYSTEM, _T.CLOSED),
    _row(_SELF_REPORT, (*_UNANSWERED, *_INTERIM), _A.SELF_REPORT, _S.SELF_REPORTED, _ENTERPRISE, _T.SELF_REPORTED),
    # Where the work goes on the report says so, and when it will end: accepted, it keeps the case open until then.
    _row(_SELF_REPORT, _UNANSWERED, _A.INTERIM_REPORT, _S.INTERIM_REPORTED, _ENTERPRISE, _T.SELF_REPORTED),
    _row(_SELF_REPORT, {_S.INTERIM_REPORTED}, _A.APPROVE, _S.RECTIFYING, OFFICE, _T.INTERIM_ACCEPTED),
    _row(_SELF_REPORT, {_S.INTERIM_REPORTED}, _A.RETURN, _S.RETURNED, OFFICE, _T.RETURNED),
    _row(_SELF_REPORT, {_S.SELF_REPORTED}, _A.APPROVE, _S.ACCEPTED_REPORT, OFFICE, _T.APPROVED),
    _row(_SELF_REPORT, {_S.SELF_REPORTED}, _A.RETURN, _S.RETURNED, OFFICE, _T.RETURNED),
    # The matter joins another of the enterprise, whose report and review answer it too (一案一答).
    _row(_SELF_REPORT, _UNANSWERED, _A.MERGE, _S.MERGED, _SYSTEM, _T.MERGED),
    _row(_SELF_REPORT, {_S.MERGED}, _A.UNMERGE, None, _SYSTEM, _T.UNMERGED),
    _row(_SELF_REPORT, {_S.MERGED}, _A.SELF_REPORT, None, _SYSTEM, _T.SELF_REPORTED),
    _row(_SELF_REPORT, {_S.MERGED}, _A.INTERIM_REPORT, None, _SYSTEM, _T.SELF_REPORTED),
    _row(_SELF_REPORT, {_S.MERGED}, _A.ACCEPT_INTERIM, None, _SYSTEM, _T.INTERIM_ACCEPTED),
    _row(_SELF_REPORT, {_S.MERGED}, _A.RETURN, None, _SYSTEM, _T.RETURNED),
    _row(_SELF_REPORT, {_S.MERGED}, _A.APPROVE, _S.ACCEPTED_REPORT, _SYSTEM, _T.APPROVED),
    _row(_SELF_REPORT, _REPORTS, _A.SUPERSEDE, _S.SUPERSEDED, _SYSTEM, _T.CLOSED),
    _row(_SELF_REPORT, _REPORTS, _A.DISMISS, _S.DISMISSED, _SYSTEM, _T.CLOSED),
    _row(_SELF_REPORT, {_S.ACCEPTED_REPORT}, _A.REOPEN, None, _ABOVE, _T.REOPENED),
    # The station looks at a marking that took a grade down: it accepts it, or has officers look on site.
    _row(_MARKING, {_S.SELF_REPORTED}, _A.APPROVE, _S.ACCEPTED_REPORT, OFFICE, _T.APPROVED),
    _row(_MARKING, {_S.SELF_REPORTED}, _A.RETURN, _S.QUESTIONED, OFFICE, _T.RETURNED),
    _row(_MARKING, {_S.ACCEPTED_REPORT, _S.QUESTIONED}, _A.REOPEN, None, _ABOVE, _T.REOPENED),
)

_EVENTS = {row.action: row.event for row in TABLE}
_ALONE_AFTER = {
    Action.SELF_REPORT: CaseState.SELF_REPORTED,
    Action.INTERIM_REPORT: CaseState.INTERIM_REPORTED,
    Action.ACCEPT_INTERIM: CaseState.RECTIFYING,
    Action.RETURN: CaseState.RETURNED,
}
"""The state that a joined self-report has on its own, once the one that it joined was answered or returned."""


@lru_cache(maxsize=1_024)
def _ways(kind: CaseKind, state: CaseState, role: str) -> tuple[Transition, ...]:
    """The rows of the table that `role` may go by; looked for once, for every step asks."""
    return tuple(row for row in TABLE if kind in row.kinds and state in row.sources and role in row.by)


def allowed(kind: CaseKind, state: CaseState, role: str) -> list[Action]:
    """What `role` may do with a case of `kind` in `state`, in the order of the table."""
    return [row.action for row in _ways(kind, state, role)]


@cache
def sources(kind: CaseKind, action: Action) -> frozenset[CaseState]:
    """The states in which `action` may be done with a case of `kind`, by whichever role."""
    return frozenset(state for row in TABLE if row.action is action and kind in row.kinds for state in row.sources)


def may(case: CaseStatus, action: Action, role: str) -> bool:
    return any(row.action is action for row in _ways(case.kind, case.state, role))


def follow(kind: CaseKind, state: CaseState, action: Action, role: str) -> Transition:
    """The transition that `action` by `role` makes. Raises Conflict."""
    for row in _ways(kind, state, role):
        if row.action is action:
            return row
    raise refused(state, action, allowed(kind, state, role))


def apply(case: CaseStatus, action: Action, role: str, *, outcome: str | None = None) -> tuple[CaseStep, ...]:
    """The steps, in order, that a case takes when `role` does `action` with it. Raises Conflict.

    What ends the case needs an `outcome`, and its last step is the closing.
    """
    row = follow(case.kind, case.state, action, role)
    if row.closes and outcome is None:
        raise ValueError(f"{action} ends the case, and a case ends by an outcome")
    state, before = _states_after(case, row)
    return tuple(CaseStep(event, state, before, outcome if row.closes else None) for event in row.emits)


def _states_after(case: CaseStatus, row: Transition) -> tuple[CaseState, CaseState | None]:
    """The state of a case after a transition, and the one that it goes back to, if any.

    A suspended case goes back to where it was. So does a self-report that joined another one, and what has been
    answered or returned with that one is so on its own.
    """
    reports = case.kind is CaseKind.SELF_REPORT
    if row.action is Action.SUSPEND or (row.action is Action.MERGE and reports):
        return row.after(case.state), case.state
    if row.action is Action.RESUME or (row.action is Action.UNMERGE and reports):
        if case.state_before is None:
            raise ValueError(f"a {case.state} case keeps the state that it goes back to")
        return case.state_before, None
    if case.state is CaseState.MERGED and reports and row.action in _ALONE_AFTER:
        return case.state, _ALONE_AFTER[row.action]
    return row.after(case.state), case.state_before


def beside(case: CaseStatus, action: Action) -> CaseStep:
    """A step that leaves a case in whatever state it is: `action` happens to something that belongs to the case.

    The second officer follows the first, another case joins its visit, a planned inspection joins or leaves it.
    """
    return CaseStep(_EVENTS[action], case.state, case.state_before)


_FIRST = {CaseKind.FOLLOW_UP: CaseState.SCHEDULED, CaseKind.MARKING: CaseState.SELF_REPORTED}
"""A follow-up waits for its day. A marking is the operator's own statement: it waits for review from the start."""


def opening(kind: CaseKind, reopening: int) -> CaseStep:
    """The first step of a case of `kind`; `reopening` counts how often its alert was asked for anew."""
    return CaseStep(CaseType.OPENED, _FIRST.get(kind) or (CaseState.REOPENED if reopening else CaseState.OPEN))


def refused(state: CaseState, action: str, allowed: list[Action]) -> Conflict:
    """`action` may not follow now; `allowed` is what the same role may do instead."""
    return Conflict(
        "transition-refused",
        f"{action} is not possible in state {state}; allowed now: {', '.join(allowed) or 'nothing'}.",
        state=state,
        action=action,
        allowed=allowed,
    )


def diagram() -> str:
    """The table as Mermaid state diagrams, for the documentation."""
    parts = []
    for title, kinds in (
        ("on site (red, verification, follow-up)", ON_SITE),
        ("self-report (yellow)", _SELF_REPORT),
        ("follow-up, before its day", _FOLLOW_UP),
        ("marking", _MARKING),
    ):
        rows, kind = [row for row in TABLE if row.kinds == kinds], min(kinds - _FIRST.keys() or kinds)
        lines = ["stateDiagram-v2", f"    %% {title}"]
        lines += [f"    [*] --> {state}" for state in dict.fromkeys(opening(kind, again).state for again in (0, 1))]
        lines += [
            f"    {source} --> {row.target or source}: {row.action}" for row in rows for source in sorted(row.sources)
        ]
        lines += [f"    {state} --> [*]" for state in dict.fromkeys(row.target for row in rows) if state in CLOSED]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
