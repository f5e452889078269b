"""The life of a case: every way that is open, every other one closed, and what the hand then hears."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.dispatcher import lifecycle
from services.dispatcher.lifecycle import SYSTEM, Action, State, TransitionRefused
from shared.events import CaseKind, CaseType
from shared.roles import Role

ROLES = [*Role, SYSTEM]
SITE = (CaseKind.ON_SITE, CaseKind.VERIFICATION)
REPORT = (CaseKind.SELF_REPORT,)
CHIEFS = "station_chief section leader admin"

# Written out by hand, a line a way: what domain.md and issue 2 say, not what the code says.
WAYS = """
site   open      assign       assigned         system        assigned
site   declined  assign       assigned         system        assigned
site   assigned  accept       accepted         officer       accepted
site   assigned  decline      declined         officer       declined
site   accepted  decline      declined         officer       declined
site   accepted  depart       en_route         officer       departed
site   returned  depart       en_route         officer       departed
site   en_route  arrive       on_site          officer       arrived
site   returned  arrive       on_site          officer       arrived
site   on_site   feedback     reported         officer       feedback_submitted
site   returned  feedback     reported         officer       feedback_submitted
site   reported  approve      approved         CHIEFS        approved
site   reported  return       returned         CHIEFS        returned
site   open      reassign     assigned         CHIEFS        reassigned
site   declined  reassign     assigned         CHIEFS        reassigned
site   assigned  reassign     assigned         CHIEFS        reassigned
site   accepted  reassign     assigned         CHIEFS        reassigned
site   en_route  reassign     assigned         CHIEFS        reassigned
site   on_site   reassign     assigned         CHIEFS        reassigned
site   returned  reassign     assigned         CHIEFS        reassigned
site   UNDER_WAY supersede    superseded       system        closed
site   UNDER_WAY dismiss      dismissed        system        closed
report open      self-report  self_reported    enterprise    self_reported
report returned  self-report  self_reported    enterprise    self_reported
report self_reported approve  accepted_report  CHIEFS        approved
report self_reported return   returned         CHIEFS        returned
report PENDING   supersede    superseded       system        closed
report PENDING   dismiss      dismissed        system        closed
"""
UNDER_WAY = "open declined assigned accepted en_route on_site reported returned"
PENDING = "open self_reported returned"


def ways() -> dict[tuple[CaseKind, State, Action, str], tuple[State, CaseType]]:
    known = {}
    for line in WAYS.strip().splitlines():
        kinds, sources, action, target, by, told = line.split()
        sources = sources.replace("UNDER_WAY", UNDER_WAY).replace("PENDING", PENDING)
        roles = by.replace("CHIEFS", CHIEFS).split()
        for kind, source, role in product(SITE if kinds == "site" else REPORT, sources.split(), roles):
            type_ = CaseType(f"cn.tricolor.case.{told}.v1")
            known[kind, State(source), Action(action), role] = (State(target), type_)
    return known


EXPECTED = ways()


@pytest.mark.parametrize("kind", CaseKind)
@pytest.mark.parametrize("state", State)
def test_every_action_by_every_role(kind: CaseKind, state: State) -> None:
    for action, role in product(Action, ROLES):
        expected = EXPECTED.get((kind, state, action, role))
        if expected is not None:
            transition = lifecycle.follow(kind, state, action, role)
            assert (transition.target, transition.told) == expected, (action, role)
            continue
        with pytest.raises(TransitionRefused) as refused:
            lifecycle.follow(kind, state, action, role)
        assert (refused.value.state, refused.value.action) == (state, action)
        assert refused.value.allowed == lifecycle.allowed(kind, state, role)


@pytest.mark.parametrize("role", ROLES)
def test_what_is_allowed_is_what_can_be_done(role: str) -> None:
    for kind, state in product(CaseKind, State):
        able = [action for action in Action if (kind, state, action, role) in EXPECTED]
        assert sorted(lifecycle.allowed(kind, state, role)) == sorted(able)


def test_a_closed_case_stays_closed() -> None:
    for kind, state, role in product(CaseKind, lifecycle.CLOSED, ROLES):
        assert lifecycle.allowed(kind, state, role) == []


def test_whoever_only_reads_or_pushes_moves_nothing() -> None:
    for kind, state, role in product(CaseKind, State, (Role.PLATFORM, Role.AUDITOR)):
        assert lifecycle.allowed(kind, state, role) == []


def test_every_case_can_still_be_closed() -> None:
    for kind in CaseKind:
        reached, ahead = {State.OPEN}, [State.OPEN]
        onward: dict[State, set[State]] = {}
        while ahead:
            state = ahead.pop()
            onward[state] = {
                target for (k, source, _, _), (target, _) in EXPECTED.items() if (k, source) == (kind, state)
            }
            ahead += onward[state] - reached
            reached |= onward[state]
        ending = reached & lifecycle.CLOSED
        while grown := {state for state in reached if onward.get(state, set()) & ending} - ending:
            ending |= grown
        assert reached == ending, kind


# --- the officers' own steps ---


@pytest.mark.parametrize(
    ("own", "case", "action", "after", "leads"),
    [
        (State.ASSIGNED, State.ASSIGNED, Action.ACCEPT, State.ACCEPTED, True),
        (State.ASSIGNED, State.ACCEPTED, Action.ACCEPT, State.ACCEPTED, False),
        (State.ASSIGNED, State.ON_SITE, Action.ACCEPT, State.ACCEPTED, False),
        (State.ACCEPTED, State.ACCEPTED, Action.DEPART, State.EN_ROUTE, True),
        (State.ACCEPTED, State.ON_SITE, Action.DEPART, State.EN_ROUTE, False),
        (State.RETURNED, State.RETURNED, Action.DEPART, State.EN_ROUTE, True),
        (State.EN_ROUTE, State.EN_ROUTE, Action.ARRIVE, State.ON_SITE, True),
        (State.EN_ROUTE, State.ON_SITE, Action.ARRIVE, State.ON_SITE, False),
        # The phone found its network again after the lead had reported.
        (State.EN_ROUTE, State.REPORTED, Action.ARRIVE, State.ON_SITE, False),
    ],
)
def test_the_case_goes_with_the_first_officer(
    own: State, case: State, action: Action, after: State, leads: bool
) -> None:
    assert lifecycle.step(own, case, action) == (after, leads)


@pytest.mark.parametrize(
    ("own", "case", "action", "allowed"),
    [
        (State.ASSIGNED, State.ASSIGNED, Action.ARRIVE, [Action.ACCEPT, Action.DECLINE]),
        (State.ACCEPTED, State.ACCEPTED, Action.ACCEPT, [Action.DECLINE, Action.DEPART]),
        (State.ON_SITE, State.ON_SITE, Action.ARRIVE, [Action.FEEDBACK]),
        (State.ASSIGNED, State.EN_ROUTE, Action.DEPART, [Action.ACCEPT]),
        (State.EN_ROUTE, State.EN_ROUTE, Action.DECLINE, [Action.ARRIVE]),
        (State.ON_SITE, State.APPROVED, Action.ACCEPT, []),
    ],
)
def test_a_step_out_of_turn_is_refused_with_the_officers_own_ways(
    own: State, case: State, action: Action, allowed: list[Action]
) -> None:
    with pytest.raises(TransitionRefused) as refused:
        lifecycle.require_own(own, case, action)
    assert refused.value.allowed == allowed
    assert refused.value.state is own


@settings(max_examples=200, stateful_step_count=30)
class Visit(RuleBasedStateMachine):
    """Two officers and a reviewer press whatever they like, in any order; the case keeps to its table."""

    def __init__(self) -> None:
        super().__init__()
        self.case = State.ASSIGNED
        self.own = [State.ASSIGNED, State.ASSIGNED]
        self.moves = [State.ASSIGNED]

    @rule(who=st.integers(0, 1), action=st.sampled_from(sorted(lifecycle.STEPS)))
    def take(self, who: int, action: Action) -> None:
        own, case = self.own[who], self.case
        if action not in lifecycle.own_actions(own, case):
            with pytest.raises(TransitionRefused):
                lifecycle.step(own, case, action)
            return
        self.own[who], leads = lifecycle.step(own, case, action)
        assert self.own[who] is not own
        if leads:
            self._move(lifecycle.follow(CaseKind.ON_SITE, case, action, Role.OFFICER).target)

    @rule(action=st.sampled_from([Action.FEEDBACK, Action.APPROVE, Action.RETURN]))
    def handle(self, action: Action) -> None:
        role = Role.OFFICER if action is Action.FEEDBACK else Role.STATION_CHIEF
        if action not in lifecycle.allowed(CaseKind.ON_SITE, self.case, role):
            return
        self._move(lifecycle.follow(CaseKind.ON_SITE, self.case, action, role).target)
        if action is Action.RETURN:
            self.own = [State.RETURNED, State.RETURNED]

    @precondition(lambda self: self.case not in lifecycle.CLOSED)
    @invariant()
    def somebody_can_go_on(self) -> None:
        officers = [action for own in self.own for action in lifecycle.own_actions(own, self.case)]
        chiefs = lifecycle.allowed(CaseKind.ON_SITE, self.case, Role.STATION_CHIEF)
        assert set(officers) - {Action.DECLINE} or set(chiefs) - {Action.REASSIGN}

    @invariant()
    def nobody_is_ahead_of_the_case_on_the_way_there(self) -> None:
        way = [State.ASSIGNED, State.ACCEPTED, State.EN_ROUTE, State.ON_SITE]
        if self.case in way:
            assert way.index(self.case) >= max((way.index(own) for own in self.own if own in way), default=0)

    @invariant()
    def a_report_follows_a_visit(self) -> None:
        if State.REPORTED in self.moves:
            assert State.ON_SITE in self.moves[: self.moves.index(State.REPORTED)]

    def _move(self, state: State) -> None:
        self.case = state
        self.moves.append(state)


test_any_order_of_two_officers_and_a_reviewer = Visit.TestCase


def test_the_diagram_shows_every_way() -> None:
    drawn = lifecycle.diagram()
    for _, source, action, _ in EXPECTED:
        assert f"    {source} --> " in drawn
        assert f": {action}" in drawn
    on_site, self_report = drawn.split("\n\n")
    assert "    reported --> approved: approve" in on_site
    assert "    approved --> [*]" in on_site
    assert "    self_reported --> accepted_report: approve" in self_report
    assert "assigned" not in self_report


def test_the_documentation_shows_the_table_as_it_is() -> None:
    page = (Path(__file__).parents[3] / "docs" / "lifecycle.md").read_text(encoding="utf-8")
    assert [part.strip() for part in page.split("```mermaid")[1:]] == [
        part + "\n```" for part in lifecycle.diagram().split("\n\n")
    ]
