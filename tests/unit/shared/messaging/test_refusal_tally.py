"""When the refusals of a partition are too many: so many in a row, or a share of the last so many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.messaging.brakes import policy
from shared.messaging.brakes.policy import RefusalLimits
from shared.messaging.brakes.tally import Excess, RefusalTally

limits = st.builds(
    RefusalLimits,
    in_a_row=st.integers(1, 20),
    share=st.floats(0.05, 1, allow_nan=False),
    of_last=st.integers(1, 40),
)


def excesses(tally: RefusalTally, outcomes: list[bool]) -> list[Excess | None]:
    return [tally.count(refused=outcome) for outcome in outcomes]


def test_the_policy_shipped_is_valid() -> None:
    shipped = policy.load()
    assert shipped.refusals == RefusalLimits(in_a_row=200, share=0.5, of_last=2000)
    assert set(shipped.recipients) == {"section", "admin"}
    assert policy.load(refusals=False) == shipped.model_copy(update={"refusals": None})


def test_limits_that_stop_everything_cannot_be() -> None:
    for fault in ({"in_a_row": 0}, {"share": 0}, {"share": 1.1}, {"of_last": 0}):
        with pytest.raises(ValidationError):
            RefusalLimits.model_validate({"in_a_row": 1, "share": 0.5, "of_last": 1} | fault)


@given(limits, st.lists(st.booleans(), max_size=200))
def test_it_says_what_counting_afresh_says(limits: RefusalLimits, outcomes: list[bool]) -> None:
    for number, excess in enumerate(excesses(RefusalTally(limits), outcomes), start=1):
        so_far = outcomes[:number]
        in_a_row = next((back for back, outcome in enumerate(reversed(so_far)) if not outcome), number)
        last = so_far[-limits.of_last :]
        too_often = len(last) == limits.of_last and sum(last) >= limits.share * limits.of_last
        assert (excess is not None) == (in_a_row >= limits.in_a_row or too_often)
        if excess is not None:
            assert sum(so_far[-excess.of :]) == excess.refused <= excess.of <= number


@given(limits, st.lists(st.booleans(), max_size=100))
def test_what_is_usable_never_stops_a_partition(limits: RefusalLimits, before: list[bool]) -> None:
    tally = RefusalTally(limits)
    excesses(tally, before)
    assert excesses(tally, [False] * limits.of_last)[-1] is None


@given(st.integers(1, 199), st.integers(1, 30))
def test_now_and_then_a_bad_one_stops_nothing(bad: int, rounds: int) -> None:
    """As shipped: a platform may send 199 of which nothing can be used, when twice as many are good."""
    shipped = policy.load().refusals
    assert shipped is not None
    assert not any(excesses(RefusalTally(shipped), ([True] * bad + [False] * (2 * bad)) * rounds))
