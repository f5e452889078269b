"""The steps of each officer on their own assignment, and whether the case changes its state with them. Pure."""

from typing import NamedTuple

from services.dispatcher.domain.lifecycle import TABLE, Action, refused
from shared.contract.events import CaseKind
from shared.contract.roles import Role
from shared.contract.words import CaseState

STEPS: dict[Action, tuple[frozenset[CaseState], CaseState]] = {
    row.action: (row.sources, row.target)
    for row in TABLE
    if row.action in (Action.ACCEPT, Action.DEPART, Action.ARRIVE) and row.target is not None
}
"""By action, the states it is allowed in and the state after it. The first officer who takes it moves the case too."""
_AFTER = {row.action: row.target for row in TABLE if row.target is not None and CaseKind.ON_SITE in row.kinds}
_STATE_ORDER = (
    _AFTER[Action.ASSIGN],
    *(target for _, target in STEPS.values()),
    _AFTER[Action.FEEDBACK],
)


class OwnStep(NamedTuple):
    """The state of an officer's own assignment after a step, and whether the case goes with it."""

    state: CaseState
    leads: bool


def after(action: Action) -> CaseState:
    """The state of the team's own assignments when their case is assigned, declined or returned: the case's own."""
    return _AFTER[action]


def own_actions(own: CaseState, case: CaseState, *, off_site_first: bool = False) -> list[Action]:
    """What an officer may do whose own assignment is in state `own` while the case is in state `case`."""
    return [
        row.action
        for row in TABLE
        if Role.OFFICER in row.by
        and (off_site_first or row.action is not Action.OFF_SITE_FEEDBACK)
        and _may(own, case, row.action)
    ]


def require_own(own: CaseState, case: CaseState, action: Action, *, off_site_first: bool = False) -> None:
    """Raises Conflict where an officer may not do this now; one's own step taken twice is refused as well."""
    able = own_actions(own, case, off_site_first=off_site_first)
    if action not in able:
        raise refused(own if action in STEPS else case, action, able)


def take(own: CaseState, case: CaseState, action: Action) -> OwnStep:
    """The officer's own step. Raises Conflict.

    The second officer's step behind the first is kept as evidence (two officers on site, Administrative Penalty
    Law art. 42) and moves nothing; it is accepted until the review has ended.
    """
    require_own(own, case, action)
    return OwnStep(STEPS[action][1], _leads(action, case))


def _may(own: CaseState, case: CaseState, action: Action) -> bool:
    if action not in STEPS:
        return _leads(action, case)
    sources, target = STEPS[action]
    behind = case in _STATE_ORDER and _STATE_ORDER.index(case) >= _STATE_ORDER.index(target)
    return own in sources and (behind or _leads(action, case))


def _leads(action: Action, case: CaseState) -> bool:
    return any(case in row.sources for row in TABLE if row.action is action and Role.OFFICER in row.by)
