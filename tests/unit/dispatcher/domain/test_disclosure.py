"""The dispatcher's disclosure table: no step of a visit is shown to its enterprise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain import disclosure
from services.dispatcher.domain.lifecycle import CLOSED, ENDED_UNANSWERED, ON_SITE
from shared.contract.disclosure import Sight, load, sees, shown
from shared.contract.events import CaseKind, CaseType
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.contract.words import CaseState

ENTERPRISE = Principal(role=Role.ENTERPRISE, subject="E1")
OUTSIDE = (Sight.OWN, Sight.VISIT, Sight.OUTCOME)


@given(st.sampled_from(sorted(ON_SITE)), st.sampled_from(CaseState), st.booleans())
def test_an_enterprise_sees_of_an_open_visit_that_it_is_under_way_and_no_step(
    kind: CaseKind, state: CaseState, arrived: bool
) -> None:
    seen = disclosure.shown_state(ENTERPRISE, kind, state, arrived=arrived)
    assert seen in CLOSED or seen is (CaseState.ON_SITE if arrived else CaseState.OPEN)
    assert (seen is state) or state not in CLOSED


@given(st.sampled_from(sorted(ON_SITE)), st.sampled_from(CaseState))
def test_of_a_visit_nobody_made_only_an_answer_given_off_site_is_shown(kind: CaseKind, state: CaseState) -> None:
    sight = disclosure.sight_of(load(), ENTERPRISE, kind, state, arrived=False)
    assert (sight is Sight.OUTCOME) == (state in CLOSED - ENDED_UNANSWERED)


@pytest.mark.parametrize("sight", OUTSIDE)
def test_what_is_not_shown_is_empty_as_far_as_its_type_allows(sight: Sight) -> None:
    case = CaseAnswer.model_validate(
        {
            "case_id": "01900000-0000-7000-8000-000000000000",
            "kind": "on_site",
            "level": "red",
            "state": "approved",
            "overdue": True,
            "enterprise_code": "E1",
            "enterprise_name": "某厂",
            "category": "c",
            "station": "s",
            "team": [{"officer": "chen", "name": "陈", "part": "lead"}],
            "alert_ids": [],
            "issued_at": "2026-03-02T08:30:00+08:00",
            "opened_at": "2026-03-02T08:30:00+08:00",
            "closed_at": "2026-03-02T09:30:00+08:00",
            "outcome": "rectified",
            "due_at": None,
            "due_text": None,
            "raised_by": "01900000-0000-7000-8000-000000000001",
            "merged_into": None,
            "off_site_first": True,
            "revision": 7,
            "matters": [],
            "undelivered": [],
            "allowed": [],
        }
    )
    seen = shown(case, sight, disclosure.TABLE)
    assert (seen.raised_by, seen.off_site_first) == (None, False)
    assert seen.revision == (7 if sight is Sight.OWN else 0)
    assert bool(seen.team) == (sight is not Sight.OWN)
    assert bool(seen.outcome) == (sight is not Sight.VISIT)


@pytest.mark.parametrize("sight", OUTSIDE)
def test_internal_steps_are_entries_for_the_bureau_only(sight: Sight) -> None:
    internal = (
        *(CaseType.ASSIGNED, CaseType.ACCEPTED, CaseType.DECLINED, CaseType.DEPARTED, CaseType.REASSIGNED),
        *(CaseType.WITHDRAWN, CaseType.HANDED_OVER, CaseType.TRANSFERRED, CaseType.SUSPENDED, CaseType.RESUMED),
        *("cn.tricolor.case.truth_check.v1", "cn.tricolor.case.escalated.v1", "cn.tricolor.something.new.v1"),
    )
    for type_ in internal:
        assert not disclosure.sees_entry(sight, type_, by_role="officer")
        assert disclosure.sees_entry(Sight.WHOLE, type_, by_role="officer")
        assert disclosure.sees_entry(sight, type_, by_role=Role.ENTERPRISE)


def test_a_platform_is_shown_nothing_of_a_case() -> None:
    assert not any(sees(disclosure.TABLE, "CaseAnswer", field, Sight.SOURCE) for field in CaseAnswer.model_fields)
