"""Which accepted self-reports are verified: a share that nobody can foretell, and every repeat offender's."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.domain.policy import VerificationPolicy
from services.dispatcher.domain.verification_draw import (
    commitment_to,
    day_of,
    hashed_number,
    keyed_number,
    why_verified,
)

POLICY = VerificationPolicy(share=0.1, repeat_cases=3, repeat_days=90)
SECRETS = st.binary(min_size=32, max_size=32)


@given(SECRETS, st.uuids())
def test_a_lot_is_drawn_once_for_all(secret: bytes, case_id: UUID) -> None:
    assert 0 <= keyed_number(secret, case_id) < 1
    assert keyed_number(secret, UUID(str(case_id))) == keyed_number(secret, case_id)


@given(st.lists(SECRETS, min_size=2, max_size=2, unique=True), st.uuids())
def test_another_secret_draws_another_lot(two: list[bytes], case_id: UUID) -> None:
    assert keyed_number(two[0], case_id) != keyed_number(two[1], case_id)
    assert commitment_to(two[0]) != commitment_to(two[1])


def test_a_lot_can_be_repeated_by_anybody_with_the_secret() -> None:
    """As with `printf 0…01 | xxd -r -p | openssl dgst -sha256 -mac HMAC -macopt hexkey:0…0`."""
    assert keyed_number(bytes(32), UUID(int=1)) == pytest.approx(0x2A354913DAA8D8D2 / 2**64)
    assert commitment_to(bytes(32)) == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"


def test_a_lot_from_before_secrets_can_be_repeated_still() -> None:
    """As with `printf 00000000000000000000000000000001 | xxd -r -p | sha256sum`."""
    assert hashed_number(UUID(int=1)) == pytest.approx(0x7C3CCD10BB7EC37B / 2**64)


def test_a_day_is_shanghais() -> None:
    assert day_of(datetime(2026, 11, 28, 15, 59, tzinfo=UTC)) == date(2026, 11, 28)
    assert day_of(datetime(2026, 11, 28, 16, 0, tzinfo=UTC)) == date(2026, 11, 29)


def test_about_the_share_of_policy_is_drawn() -> None:
    numbers = [keyed_number(bytes(32), UUID(int=number)) for number in range(10_000)]
    drawn = sum(why_verified(number, 1, POLICY) is not None for number in numbers)
    assert 900 < drawn < 1100  # 1,000 ± three standard deviations


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 10))
def test_a_repeat_offender_is_always_verified(number: float, lately: int) -> None:
    reason = why_verified(number, lately, POLICY)
    if lately >= 3:
        assert reason is not None
        assert str(lately) in reason.zh
    else:
        assert (reason is not None) == (number < 0.1)


@given(st.floats(0, 1, exclude_max=True))
def test_a_share_of_nothing_and_of_all(number: float) -> None:
    assert why_verified(number, 1, POLICY.model_copy(update={"share": 0.0})) is None
    assert why_verified(number, 1, POLICY.model_copy(update={"share": 1.0})) is not None
