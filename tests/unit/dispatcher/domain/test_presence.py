"""Two officers at the door: neither one of them alone, nor one who is counted twice."""

import pytest

from services.dispatcher.domain.presence import doubts_of_arrival, require_two_officers
from shared.contract.refusals import Conflict
from shared.contract.words import CaseState


@pytest.mark.parametrize("arrived", [[], ["chen"], ["chen", "chen"]], ids=["nobody", "one", "one twice"])
def test_fewer_than_two_are_refused_with_what_can_be_done(arrived: list[str]) -> None:
    with pytest.raises(Conflict) as refused:
        require_two_officers(arrived, {})
    assert refused.value.code == "second-officer-missing"
    assert refused.value.members["arrived"] == sorted(set(arrived))


@pytest.mark.parametrize(
    ("state", "positioned", "doubts"),
    [
        (CaseState.EN_ROUTE, True, []),
        (CaseState.ON_SITE, False, ["no_position"]),
        (CaseState.REPORTED, True, ["after_report"]),
        (CaseState.REPORTED, False, ["after_report", "no_position"]),
        (CaseState.RETURNED, True, []),
    ],
)
def test_an_arrival_late_or_without_a_position_is_in_doubt(
    state: CaseState, positioned: bool, doubts: list[str]
) -> None:
    assert doubts_of_arrival(state, positioned=positioned) == doubts


def test_two_are_enough() -> None:
    require_two_officers(["chen", "li"], {})


def test_who_was_there_is_named() -> None:
    with pytest.raises(Conflict, match=r"recorded: 陈志强（chen）\. Hand"):
        require_two_officers(["chen"], {"chen": "陈志强"})
    with pytest.raises(Conflict, match=r"recorded: chen\. Hand"):
        require_two_officers(["chen"], {"li": "李明"})
