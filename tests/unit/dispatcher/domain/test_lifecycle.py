"""The life of a case: every way that is open, every other one closed, and what whoever asks is then answered."""

import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.dispatcher import tables
from services.dispatcher.cases import conditions
from services.dispatcher.domain import lifecycle, own_steps
from services.dispatcher.domain.lifecycle import SYSTEM, Action
from shared.contract.events import CaseKind, CaseType
from shared.contract.refusals import Conflict
from shared.contract.roles import Role
from shared.contract.words import CaseState

ROLES = [*Role, SYSTEM]
SITE = (CaseKind.ON_SITE, CaseKind.VERIFICATION, CaseKind.FOLLOW_UP)
KINDS = {
    "site": SITE,
    "report": (CaseKind.SELF_REPORT,),
    "check": (CaseKind.FOLLOW_UP,),
    "mark": (CaseKind.MARKING,),
}
CHIEFS = "station_chief section leader admin"

# Written out by hand, a line a way: what domain.md and issue 2 say, not what the code says.
WAYS = """
site   WAITING   assign       assigned         system        assigned
site   accepted  off-site-feedback reported    officer       feedback_submitted
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
site   UNDER_WAY reassign     assigned         CHIEFS        reassigned
site   assigned  withdraw     open             system        withdrawn
site   IN_HAND   hand-over    -                officer       handed_over
site   IN_HAND   hand-over    -                CHIEFS        handed_over
site   UNDER_WAY transfer     transferred      CHIEFS        transferred
site   UNDER_WAY suspend      suspended        CHIEFS        suspended
site   suspended resume       -                CHIEFS        resumed
site   WAITING   merge        merged           system        merged
site   merged    unmerge      open             CHIEFS        unmerged
site   merged    unmerge      open             system        unmerged
site   merged    feedback     -                system        feedback_submitted
site   merged    return       -                system        returned
site   merged    transfer     -                system        transferred
site   merged    approve      approved         system        approved
site   approved  reopen       -                ABOVE         reopened
site   ANY_VISIT supersede    superseded       system        closed
site   ANY_VISIT dismiss      dismissed        system        closed
check  scheduled begin-check  open             system        due_for_check
check  scheduled dismiss      dismissed        system        closed
mark   self_reported approve  accepted_report  CHIEFS        approved
mark   self_reported return   questioned       CHIEFS        returned
mark   accepted_report reopen -                ABOVE         reopened
mark   questioned reopen      -                ABOVE         reopened
report GOING_ON  self-report  self_reported    enterprise    self_reported
report PENDING   interim-report interim_reported enterprise  self_reported
report interim_reported approve rectifying     CHIEFS        interim_accepted
report interim_reported return  returned       CHIEFS        returned
report self_reported approve  accepted_report  CHIEFS        approved
report self_reported return   returned         CHIEFS        returned
report PENDING   merge        merged           system        merged
report merged    unmerge      -                system        unmerged
report merged    self-report  -                system        self_reported
report merged    interim-report -              system        self_reported
report merged    accept-interim -              system        interim_accepted
report merged    return       -                system        returned
report merged    approve      accepted_report  system        approved
report ANSWERING supersede    superseded       system        closed
report ANSWERING dismiss      dismissed        system        closed
report accepted_report reopen -                ABOVE         reopened
"""
_WAITING = "open declined transferred reopened"
_IN_HAND = "assigned accepted en_route on_site returned"
WORDS = {
    "ANY_VISIT": f"{_WAITING} {_IN_HAND} reported suspended merged",
    "UNDER_WAY": f"{_WAITING} {_IN_HAND}",
    "WAITING": _WAITING,
    "IN_HAND": _IN_HAND,
    "ANSWERING": "open reopened self_reported returned merged interim_reported rectifying",
    "GOING_ON": "open reopened returned interim_reported rectifying",
    "PENDING": "open reopened returned",
    "CHIEFS": CHIEFS,
    "ABOVE": "section leader admin",
}


def ways() -> dict[tuple[CaseKind, CaseState, Action, str], tuple[CaseState | None, CaseType]]:
    known: dict[tuple[CaseKind, CaseState, Action, str], tuple[CaseState | None, CaseType]] = {}
    for line in WAYS.strip().splitlines():
        kinds, sources, action, target, by, told = line.split()
        roles = WORDS.get(by, by).split()
        for kind, source, role in product(KINDS[kinds], WORDS.get(sources, sources).split(), roles):
            type_ = CaseType(f"cn.tricolor.case.{told}.v1")
            stays_or_goes_back = target == "-"
            known[kind, CaseState(source), Action(action), role] = (
                None if stays_or_goes_back else CaseState(target),
                type_,
            )
    return known


EXPECTED = ways()


@pytest.mark.parametrize("kind", CaseKind)
@pytest.mark.parametrize("state", CaseState)
def test_every_action_by_every_role(kind: CaseKind, state: CaseState) -> None:
    for action, role in product(Action, ROLES):
        expected = EXPECTED.get((kind, state, action, role))
        if expected is not None:
            transition = lifecycle.follow(kind, state, action, role)
            assert (transition.target, transition.event) == expected, (action, role)
            continue
        with pytest.raises(Conflict) as refused:
            lifecycle.follow(kind, state, action, role)
        assert (refused.value.members["state"], refused.value.members["action"]) == (state, action)
        assert refused.value.members["allowed"] == lifecycle.allowed(kind, state, role)


@pytest.mark.parametrize("role", ROLES)
def test_what_is_allowed_is_what_can_be_done(role: str) -> None:
    for kind, state in product(CaseKind, CaseState):
        able = [action for action in Action if (kind, state, action, role) in EXPECTED]
        assert sorted(lifecycle.allowed(kind, state, role)) == sorted(able)


def test_a_closed_case_stays_closed() -> None:
    for kind, state, role in product(CaseKind, lifecycle.CLOSED, ROLES):
        for action in lifecycle.allowed(kind, state, role):
            assert action is Action.REOPEN  # which opens another case, and leaves this one as it is
            assert lifecycle.follow(kind, state, action, role).after(state) is state


def test_whoever_only_reads_or_pushes_moves_nothing() -> None:
    for kind, state, role in product(CaseKind, CaseState, (Role.PLATFORM, Role.AUDITOR)):
        assert lifecycle.allowed(kind, state, role) == []


def test_every_case_can_still_be_closed() -> None:
    for kind in CaseKind:
        first = lifecycle.opening(kind, 0).state
        reached, ahead = {first}, [first]
        onward: dict[CaseState, set[CaseState]] = {}
        while ahead:
            state = ahead.pop()
            onward[state] = {
                target or state for (k, source, _, _), (target, _) in EXPECTED.items() if (k, source) == (kind, state)
            }
            ahead += onward[state] - reached
            reached |= onward[state]
        ending = reached & lifecycle.CLOSED
        while grown := {state for state in reached if onward.get(state, set()) & ending} - ending:
            ending |= grown
        assert reached == ending, kind


# --- the table decides alone ---


@dataclass(frozen=True)
class Stored:
    kind: CaseKind
    state: CaseState
    state_before: CaseState | None = None


def test_the_table_says_state_events_and_closing() -> None:
    for (kind, state, action, role), (target, type_) in EXPECTED.items():
        before = {CaseState.SUSPENDED: CaseState.ACCEPTED, CaseState.MERGED: CaseState.RETURNED}.get(state)
        case = Stored(kind, state, before)
        steps = lifecycle.apply(case, action, role, outcome="rectified")
        goes_back = action is Action.RESUME or (action is Action.UNMERGE and target is None)
        after = before if goes_back else target or state
        ends = after in lifecycle.CLOSED and action is not Action.REOPEN
        assert [step.event for step in steps] == list(dict.fromkeys([type_, *([CaseType.CLOSED] * ends)]))
        assert {step.state for step in steps} == {after}
        assert {step.outcome for step in steps} == {"rectified" if ends else None}
        assert [step.closes for step in steps] == [False] * (len(steps) - 1) + [ends]


def test_what_is_not_in_the_table_is_not_applied() -> None:
    with pytest.raises(Conflict) as refused:
        lifecycle.apply(
            Stored(CaseKind.ON_SITE, CaseState.OPEN), Action.APPROVE, Role.STATION_CHIEF, outcome="rectified"
        )
    assert refused.value.members["allowed"] == [Action.REASSIGN, Action.TRANSFER, Action.SUSPEND]


@pytest.mark.parametrize(
    ("kind", "state", "action", "role"),
    [
        (CaseKind.ON_SITE, CaseState.REPORTED, Action.APPROVE, Role.SECTION),
        (CaseKind.ON_SITE, CaseState.EN_ROUTE, Action.SUPERSEDE, SYSTEM),
        (CaseKind.SELF_REPORT, CaseState.OPEN, Action.DISMISS, SYSTEM),
    ],
)
def test_no_case_ends_without_an_outcome(kind: CaseKind, state: CaseState, action: Action, role: str) -> None:
    with pytest.raises(ValueError, match="outcome"):
        lifecycle.apply(Stored(kind, state), action, role)


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.ASSIGNED, CaseState.ON_SITE, CaseState.RETURNED])
def test_a_suspended_case_goes_back_to_where_it_was(state: CaseState) -> None:
    (suspended,) = lifecycle.apply(Stored(CaseKind.ON_SITE, state), Action.SUSPEND, Role.SECTION)
    assert (suspended.state, suspended.state_before) == (CaseState.SUSPENDED, state)
    (resumed,) = lifecycle.apply(Stored(CaseKind.ON_SITE, CaseState.SUSPENDED, state), Action.RESUME, Role.SECTION)
    assert (resumed.state, resumed.state_before) == (state, None)


@pytest.mark.parametrize("state", sorted(lifecycle.AWAITS_REPORT))
@pytest.mark.parametrize(
    ("happens", "after"),
    [
        ([], None),
        ([Action.SELF_REPORT], CaseState.SELF_REPORTED),
        ([Action.SELF_REPORT, Action.RETURN], CaseState.RETURNED),
        ([Action.SELF_REPORT, Action.RETURN, Action.SELF_REPORT], CaseState.SELF_REPORTED),
    ],
)
def test_a_matter_on_its_own_again_is_as_far_as_the_case_that_it_joined(
    state: CaseState, happens: list[Action], after: CaseState | None
) -> None:
    case = Stored(CaseKind.SELF_REPORT, state)
    for action in (Action.MERGE, *happens):
        (step,) = lifecycle.apply(case, action, SYSTEM)
        assert step.state is CaseState.MERGED
        case = Stored(CaseKind.SELF_REPORT, step.state, step.state_before)
    (alone,) = lifecycle.apply(case, Action.UNMERGE, SYSTEM)
    assert (alone.state, alone.state_before) == (after or state, None)


def test_the_named_sets_are_those_of_the_table() -> None:
    def sources(action: Action) -> set[CaseState]:
        return {state for row in lifecycle.TABLE if row.action is action for state in row.sources}

    assert sources(Action.ASSIGN) == lifecycle.sources(CaseKind.ON_SITE, Action.MERGE) == lifecycle.WAITING
    assert lifecycle.sources(CaseKind.SELF_REPORT, Action.MERGE) == lifecycle.AWAITS_REPORT
    assert sources(Action.REASSIGN) == lifecycle.JOINABLE
    assert sources(Action.REOPEN) == lifecycle.CLOSED - lifecycle.ENDED_UNANSWERED
    assert {row.target for row in lifecycle.TABLE if row.event is CaseType.CLOSED} == lifecycle.ENDED_UNANSWERED


def test_sql_names_the_sets_of_the_table() -> None:
    """The migrated database has the same partial indexes: `test_migrations` compares the two."""
    indexes = {str(one.name): one.dialect_options["postgresql"]["where"] for one in tables.cases.indexes}
    for sql, states in (
        (indexes["cases_queue_idx"], lifecycle.WAITING),
        (indexes["cases_fresh_idx"], lifecycle.WAITING),
        (indexes["cases_joinable_idx"], lifecycle.JOINABLE),
        (conditions.waits_for_team(), lifecycle.WAITING),
    ):
        written = str(sql.compile(compile_kwargs={"literal_binds": True}))
        assert (
            set(re.findall(r"'(\w+)'", written.split("state IN" if "state IN" in written else "state in")[1])) == states
        )


# --- the officers' own steps ---


@pytest.mark.parametrize(
    ("own", "case", "action", "after", "leads"),
    [
        (CaseState.ASSIGNED, CaseState.ASSIGNED, Action.ACCEPT, CaseState.ACCEPTED, True),
        (CaseState.ASSIGNED, CaseState.ACCEPTED, Action.ACCEPT, CaseState.ACCEPTED, False),
        (CaseState.ASSIGNED, CaseState.ON_SITE, Action.ACCEPT, CaseState.ACCEPTED, False),
        (CaseState.ACCEPTED, CaseState.ACCEPTED, Action.DEPART, CaseState.EN_ROUTE, True),
        (CaseState.ACCEPTED, CaseState.ON_SITE, Action.DEPART, CaseState.EN_ROUTE, False),
        (CaseState.RETURNED, CaseState.RETURNED, Action.DEPART, CaseState.EN_ROUTE, True),
        (CaseState.EN_ROUTE, CaseState.EN_ROUTE, Action.ARRIVE, CaseState.ON_SITE, True),
        (CaseState.EN_ROUTE, CaseState.ON_SITE, Action.ARRIVE, CaseState.ON_SITE, False),
        # The phone found its network again after the lead had reported.
        (CaseState.EN_ROUTE, CaseState.REPORTED, Action.ARRIVE, CaseState.ON_SITE, False),
    ],
)
def test_the_case_goes_with_the_first_officer(
    own: CaseState, case: CaseState, action: Action, after: CaseState, leads: bool
) -> None:
    assert own_steps.take(own, case, action) == (after, leads)


@pytest.mark.parametrize(
    ("own", "case", "action", "allowed"),
    [
        (CaseState.ASSIGNED, CaseState.ASSIGNED, Action.ARRIVE, [Action.ACCEPT, Action.DECLINE, Action.HAND_OVER]),
        (CaseState.ACCEPTED, CaseState.ACCEPTED, Action.ACCEPT, [Action.DECLINE, Action.DEPART, Action.HAND_OVER]),
        (CaseState.ON_SITE, CaseState.ON_SITE, Action.ARRIVE, [Action.FEEDBACK, Action.HAND_OVER]),
        (CaseState.ASSIGNED, CaseState.EN_ROUTE, Action.DEPART, [Action.ACCEPT, Action.HAND_OVER]),
        (CaseState.EN_ROUTE, CaseState.EN_ROUTE, Action.DECLINE, [Action.ARRIVE, Action.HAND_OVER]),
        (CaseState.EN_ROUTE, CaseState.SUSPENDED, Action.ARRIVE, []),
        # Reporting without a visit is for the positive list only.
        (
            CaseState.ACCEPTED,
            CaseState.ACCEPTED,
            Action.OFF_SITE_FEEDBACK,
            [Action.DECLINE, Action.DEPART, Action.HAND_OVER],
        ),
        (CaseState.ON_SITE, CaseState.APPROVED, Action.ACCEPT, []),
    ],
)
def test_a_step_out_of_turn_is_refused_with_the_officers_own_ways(
    own: CaseState, case: CaseState, action: Action, allowed: list[Action]
) -> None:
    with pytest.raises(Conflict) as refused:
        own_steps.require_own(own, case, action)
    assert refused.value.members["allowed"] == allowed
    assert refused.value.members["state"] is own


def test_a_positive_list_case_may_be_reported_without_a_visit() -> None:
    assert Action.OFF_SITE_FEEDBACK in own_steps.own_actions(
        CaseState.ACCEPTED, CaseState.ACCEPTED, off_site_first=True
    )
    assert Action.OFF_SITE_FEEDBACK not in own_steps.own_actions(
        CaseState.ACCEPTED, CaseState.ON_SITE, off_site_first=True
    )


@settings(max_examples=300, stateful_step_count=40)
class Visit(RuleBasedStateMachine):
    """Two officers, a chief, the section and the system press whatever they like; the case keeps to its table."""

    def __init__(self) -> None:
        super().__init__()
        self.case = CaseState.OPEN
        self.before: CaseState | None = None
        self.own: list[CaseState] = []
        self.moves: list[CaseState] = []
        self.closed_as: CaseState | None = None

    @rule(who=st.integers(0, 1), action=st.sampled_from(sorted(own_steps.STEPS)))
    def take(self, who: int, action: Action) -> None:
        if not self.own:
            return
        own, case = self.own[who], self.case
        if action not in own_steps.own_actions(own, case):
            with pytest.raises(Conflict):
                own_steps.take(own, case, action)
            return
        self.own[who], leads = own_steps.take(own, case, action)
        assert self.own[who] is not own
        if leads:
            self._move(action, lifecycle.follow(CaseKind.ON_SITE, case, action, Role.OFFICER).after(case))

    @rule(
        action=st.sampled_from([action for action in Action if action not in own_steps.STEPS]),
        role=st.sampled_from([Role.OFFICER, Role.STATION_CHIEF, Role.SECTION, SYSTEM]),
    )
    def handle(self, action: Action, role: str) -> None:
        state = self.case
        if action not in lifecycle.allowed(CaseKind.ON_SITE, state, role):
            with pytest.raises(Conflict):
                lifecycle.follow(CaseKind.ON_SITE, state, action, role)
            return
        transition = lifecycle.follow(CaseKind.ON_SITE, state, action, role)
        if action is Action.SUSPEND:
            self.before = state
        target = self.before if action is Action.RESUME else transition.after(state)
        assert target is not None
        self._move(action, target)
        if action in {Action.ASSIGN, Action.REASSIGN}:
            self.own = [CaseState.ASSIGNED, CaseState.ASSIGNED]
        elif action is Action.RETURN and self.own:
            self.own = [CaseState.RETURNED, CaseState.RETURNED]
        elif self.case in lifecycle.WAITING | lifecycle.CLOSED | {CaseState.MERGED}:
            self.own = []

    @invariant()
    def somebody_can_go_on(self) -> None:
        """No state but a closed one is a dead end for everybody."""
        if self.case in lifecycle.CLOSED:
            return
        officers = [action for own in self.own for action in own_steps.own_actions(own, self.case)]
        others = [
            a for role in (Role.STATION_CHIEF, SYSTEM) for a in lifecycle.allowed(CaseKind.ON_SITE, self.case, role)
        ]
        assert set(officers) | set(others)

    @invariant()
    def closed_stays_closed(self) -> None:
        if self.closed_as is None and self.case in lifecycle.CLOSED:
            self.closed_as = self.case
        assert self.closed_as in {None, self.case}

    @invariant()
    def nobody_is_ahead_of_the_case_on_the_way_there(self) -> None:
        way = [CaseState.ASSIGNED, CaseState.ACCEPTED, CaseState.EN_ROUTE, CaseState.ON_SITE]
        if self.case in way:
            assert way.index(self.case) >= max((way.index(own) for own in self.own if own in way), default=0)

    @invariant()
    def a_waiting_case_has_no_team(self) -> None:
        assert not (self.case in lifecycle.WAITING and self.own)

    @invariant()
    def a_report_follows_a_visit_or_an_off_site_check(self) -> None:
        if CaseState.REPORTED in self.moves:
            assert {CaseState.ON_SITE, CaseState.ACCEPTED} & set(self.moves[: self.moves.index(CaseState.REPORTED)])

    def _move(self, action: Action, state: CaseState) -> None:
        assert state in CaseState
        self.case = state
        self.moves.append(state)


test_any_order_of_everybody = Visit.TestCase


def test_the_diagram_shows_every_way() -> None:
    drawn = lifecycle.diagram()
    for _, source, action, _ in EXPECTED:
        assert f"    {source} --> " in drawn
        assert f": {action}" in drawn
    on_site, self_report, *_ = drawn.split("\n\n")
    assert "    reported --> approved: approve" in on_site
    assert "    approved --> [*]" in on_site
    assert "    self_reported --> accepted_report: approve" in self_report
    assert "assigned" not in self_report


def test_the_documentation_shows_the_table_as_it_is() -> None:
    page = (Path(__file__).parents[4] / "docs" / "lifecycle.md").read_text(encoding="utf-8")
    assert [part.strip() for part in page.split("```mermaid")[1:]] == [
        part + "\n```" for part in lifecycle.diagram().split("\n\n")
    ]
