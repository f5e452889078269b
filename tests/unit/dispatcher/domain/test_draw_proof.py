"""A day's draw is proved from what was published: any change of it afterwards is found."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.domain.draw_proof import RecordedDraw, check_before_secrets, check_day
from services.dispatcher.domain.verification_draw import commitment_to, hashed_number, keyed_number
from shared.contract.events import DrawCommitted, DrawnCase, DrawPublished

DAY, SECRET = date(2026, 11, 28), b"s" * 32
MIDNIGHT = datetime(2026, 11, 27, 16, tzinfo=UTC)
COMMITTED = DrawCommitted(day=DAY, commitment=commitment_to(SECRET), at=MIDNIGHT)


def drawn(number: int, **changes: Any) -> DrawnCase:
    lot = keyed_number(SECRET, UUID(int=number))
    facts = {"case_id": UUID(int=number), "number": lot, "share": 0.1, "repeat": False, "verified": lot < 0.1}
    return DrawnCase.model_validate(facts | {"drawn_at": MIDNIGHT + timedelta(hours=9)} | changes)


def published(*draws: DrawnCase, secret: bytes = SECRET) -> DrawPublished:
    commitment = commitment_to(SECRET)
    return DrawPublished(
        day=DAY, commitment=commitment, committed_at=MIDNIGHT, secret=secret.hex(), draws=list(draws), at=MIDNIGHT
    )


def files(*draws: DrawnCase) -> dict[UUID, RecordedDraw]:
    return {one.case_id: RecordedDraw(one.number, one.verified, one.drawn_at) for one in draws}


@given(st.sets(st.integers(1, 1_000_000), max_size=20))
def test_an_honest_day_passes(numbers: set[int]) -> None:
    draws = [drawn(number) for number in numbers]
    checked = check_day(COMMITTED, published(*draws), files(*draws), {one.case_id for one in draws})
    assert checked.passed
    assert [case.passed for case in checked.cases] == [True] * len(draws)
    assert check_day(COMMITTED, published(*draws), {}, None).passed


@pytest.mark.parametrize(
    "changed",
    [{"number": 0.5}, {"verified": True}, {"share": 1.0}],
    ids=["another number", "verified without being drawn", "another share"],
)
def test_what_was_changed_fails_by_name(changed: dict[str, Any]) -> None:
    honest = next(one for one in map(drawn, range(1, 100)) if not one.verified)
    forged = honest.model_copy(update=changed)
    checked = check_day(COMMITTED, published(drawn(500), forged), {}, None)
    assert not checked.passed
    assert [case.case_id for case in checked.cases if not case.passed] == [forged.case_id]


def test_a_repeat_offender_is_verified_whatever_it_drew() -> None:
    spared = next(one for one in map(drawn, range(1, 100)) if not one.verified)
    assert check_day(
        COMMITTED, published(spared.model_copy(update={"repeat": True, "verified": True})), {}, None
    ).passed


def test_another_secret_than_the_one_committed_to_fails() -> None:
    checked = check_day(COMMITTED, published(secret=b"t" * 32), {}, None)
    assert checked.faults == ["the secret is not the one that was committed to"]


def test_a_commitment_made_when_it_was_known_what_to_draw_fails() -> None:
    late = COMMITTED.model_copy(update={"at": MIDNIGHT + timedelta(hours=9)})
    assert not check_day(late, published(drawn(1)), {}, None).passed
    assert not check_day(None, published(drawn(1)), {}, None).passed


def test_an_accepted_report_that_was_left_out_of_the_draw_fails() -> None:
    checked = check_day(COMMITTED, published(drawn(1)), files(drawn(1)), {UUID(int=1), UUID(int=2)})
    assert not checked.passed
    assert str(UUID(int=2)) in checked.faults[0]


def test_a_case_file_that_says_otherwise_fails() -> None:
    other = {UUID(int=1): RecordedDraw(0.9, False, MIDNIGHT)}
    assert not check_day(COMMITTED, published(drawn(1)), other, {UUID(int=1)}).passed
    assert not check_day(COMMITTED, published(drawn(1)), {}, {UUID(int=1)}).passed


def test_draws_from_before_secrets_are_proved_from_the_case_file() -> None:
    right = {UUID(int=1): RecordedDraw(hashed_number(UUID(int=1)), False, MIDNIGHT)}
    assert check_before_secrets(DAY, right).passed
    assert not check_before_secrets(DAY, {UUID(int=1): RecordedDraw(0.5, False, MIDNIGHT)}).passed
