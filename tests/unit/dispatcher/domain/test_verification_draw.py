"""Which accepted self-reports are verified: a reproducible share, and every repeat offender's."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.domain.policy import VerificationPolicy
from services.dispatcher.domain.verification_draw import drawn_number, why_verified

POLICY = VerificationPolicy(share=0.1, repeat_cases=3, repeat_days=90)


@given(st.uuids())
def test_a_lot_is_drawn_once_for_all(case_id: UUID) -> None:
    assert 0 <= drawn_number(case_id) < 1
    assert drawn_number(UUID(str(case_id))) == drawn_number(case_id)


def test_a_lot_can_be_repeated_by_anybody() -> None:
    """As with `printf 00000000000000000000000000000001 | xxd -r -p | sha256sum`."""
    assert drawn_number(UUID(int=1)) == pytest.approx(0x7C3CCD10BB7EC37B / 2**64)


def test_about_the_share_of_policy_is_drawn() -> None:
    drawn = sum(why_verified(UUID(int=number), 1, POLICY) is not None for number in range(10_000))
    assert 900 < drawn < 1100  # 1,000 ± three standard deviations


@given(st.uuids(), st.integers(1, 10))
def test_a_repeat_offender_is_always_verified(case_id: UUID, lately: int) -> None:
    reason = why_verified(case_id, lately, POLICY)
    if lately >= 3:
        assert reason is not None
        assert str(lately) in reason.zh
    else:
        assert (reason is not None) == (drawn_number(case_id) < 0.1)


@given(st.uuids())
def test_a_share_of_nothing_and_of_all(case_id: UUID) -> None:
    assert why_verified(case_id, 1, POLICY.model_copy(update={"share": 0.0})) is None
    assert why_verified(case_id, 1, POLICY.model_copy(update={"share": 1.0})) is not None
