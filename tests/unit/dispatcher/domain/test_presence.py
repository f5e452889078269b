"""Two officers at the door: neither one of them alone, nor one who is counted twice."""

from datetime import datetime, timedelta

import pytest

from services.dispatcher.domain.presence import arrived_before, doubts_of_arrival, require_two_officers
from shared.contract.refusals import Conflict
from shared.contract.words import CaseState
from shared.time.instants import SHANGHAI


@pytest.mark.parametrize("arrived", [[], ["chen"], ["chen", "chen"]], ids=["nobody", "one", "one twice"])
def test_fewer_than_two_are_refused_with_what_can_be_done(arrived: list[str]) -> None:
    with pytest.raises(Conflict) as refused:
        require_two_officers(arrived)
    assert refused.value.code == "second-officer-missing"
    assert refused.value.members["arrived"] == sorted(set(arrived))


def test_an_arrival_recorded_after_the_report_does_not_count_and_is_named() -> None:
    reported_at = datetime(2026, 3, 2, 11, tzinfo=SHANGHAI)
    arrivals = {"chen": reported_at, "li": reported_at + timedelta(seconds=1), "wang": None}
    assert arrived_before(reported_at, arrivals) == {"chen"}
    with pytest.raises(Conflict) as refused:
        require_two_officers(["chen"], ["li"])
    assert refused.value.members["arrived_after_report"] == ["li"]
    require_two_officers(["chen", "li"], ["li"])  # the chief has it on record with a ground


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
    require_two_officers(["chen", "li"])
