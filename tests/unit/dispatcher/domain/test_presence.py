"""Two officers at the door: neither one of them alone, nor one who is counted twice."""

import pytest

from services.dispatcher.domain.presence import require_two_officers
from shared.contract.refusals import Conflict


@pytest.mark.parametrize("arrived", [[], ["chen"], ["chen", "chen"]], ids=["nobody", "one", "one twice"])
def test_fewer_than_two_are_refused_with_what_can_be_done(arrived: list[str]) -> None:
    with pytest.raises(Conflict) as refused:
        require_two_officers(arrived)
    assert refused.value.code == "second-officer-missing"
    assert refused.value.members["arrived"] == sorted(set(arrived))


def test_two_are_enough() -> None:
    require_two_officers(["chen", "li"])
