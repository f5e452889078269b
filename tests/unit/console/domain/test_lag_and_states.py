"""How far behind a reader is; and the words of states, which are the lifecycle's."""

import pytest

from services.console.domain import states
from services.console.domain.lag import Lag
from services.console.domain.states import Awaits, awaited
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.lifecycle import Action, allowed
from shared.contract.events import CaseKind
from shared.contract.roles import OFFICE
from shared.contract.words import CaseState


def test_the_states_are_those_of_the_lifecycle() -> None:
    named = {state for row in lifecycle.TABLE for state in (*row.sources, row.target) if state is not None}
    assert named == set(CaseState)
    assert {str(one) for one in states.WITHOUT_TEAM} == {str(one) for one in lifecycle.WAITING}
    assert {kind for kind in CaseKind if awaited(kind, "open") is Awaits.TEAM} == lifecycle.ON_SITE


@pytest.mark.parametrize("kind", CaseKind)
def test_what_waits_for_review_is_what_the_office_may_approve(kind: CaseKind) -> None:
    for state in CaseState:
        may = any(Action.APPROVE in allowed(kind, state, role) for role in OFFICE)
        assert not may or awaited(kind, state) is Awaits.REVIEW


def test_lag_is_how_long_the_first_unread_record_has_been_there() -> None:
    lag = Lag[str]()
    assert lag.look({"a": (10, 10)}, 0.0) == {"a": 0.0}
    assert lag.look({"a": (10, 12)}, 1.0) == {"a": 0.0}
    assert lag.look({"a": (10, 20)}, 4.0) == {"a": 3.0}
    assert lag.look({"a": (12, 20)}, 5.0) == {"a": 1.0}  # what came first is read; the rest came later
    assert lag.look({"a": (20, 20)}, 9.0) == {"a": 0.0}
    assert lag.look({"b": (0, 5)}, 10.0) == {"b": 0.0}
