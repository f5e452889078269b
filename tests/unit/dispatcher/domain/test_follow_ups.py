"""What an outcome carries, and the check that it brings."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.dispatcher.domain import follow_ups
from services.dispatcher.domain.follow_ups import Carried
from services.dispatcher.domain.policy import DispatchPolicy, FollowUpPolicy
from shared.contract.names import ON_SITE_OUTCOMES
from shared.contract.refusals import Invalid
from shared.contract.words import DecisiveOutcome

TODAY, POLICY = date(2026, 3, 2), FollowUpPolicy(days_at_most=60)
DATES = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("outcome", "carried"),
    [
        ("order_to_correct", Carried(correct_by=TODAY)),
        ("observation_period", Carried(observe_until=TODAY)),
        ("exempt", Carried(legal_basis="《清单》第 3 项")),
        ("case_filed_for_penalty", Carried()),
        ("case_filed_for_penalty", Carried(file_number="12")),
        ("rectified", Carried()),
        ("a word of the bureau", Carried(legal_basis="第九条")),
    ],
)
def test_what_is_whole(outcome: str, carried: Carried) -> None:
    follow_ups.require_whole(outcome, carried)


@pytest.mark.parametrize(
    ("outcome", "carried", "field"),
    [
        ("order_to_correct", Carried(), "correct_by"),
        ("order_to_correct", Carried(correct_by=TODAY, file_number="12"), "file_number"),
        ("observation_period", Carried(correct_by=TODAY), "observe_until"),
        ("exempt", Carried(), "legal_basis"),
        ("rectified", Carried(correct_by=TODAY), "correct_by"),
    ],
)
def test_what_is_not_names_the_field(outcome: str, carried: Carried, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        follow_ups.require_whole(outcome, carried)
    assert refused.value.members["field"] == field


SHIPPED = DispatchPolicy.load()


@pytest.mark.parametrize("outcome", ["zzz", "order_to_corect", "Rectified", "accepted_report", "移送公安机关"])
def test_an_outcome_that_is_not_listed_is_refused_with_the_list(outcome: str) -> None:
    with pytest.raises(Invalid) as refused:
        SHIPPED.require_outcome(outcome, None)
    assert refused.value.code == "unknown-outcome"
    assert refused.value.members["outcomes"] == list(ON_SITE_OUTCOMES)
    assert "order_to_correct（责令改正）" in refused.value.detail


def test_what_the_policy_lists_is_taken_and_a_bureaus_own_may_ask_for_its_basis() -> None:
    for outcome in ON_SITE_OUTCOMES:
        SHIPPED.require_outcome(outcome, None)
    own = {"code": "移送公安机关", "legal_basis": True}
    policy = DispatchPolicy.model_validate(
        SHIPPED.model_dump() | {"outcomes": [*({"code": code} for code in DecisiveOutcome), own]}
    )
    policy.require_outcome("移送公安机关", "《行政处罚法》第二十七条")
    for outcome in ("移送公安机关", "rectified"):
        with pytest.raises(Invalid):
            policy.require_outcome(outcome, None)


@pytest.mark.parametrize("codes", [["rectified"], ["false_alarm", "report_untrue", "false_alarm"], []])
def test_a_list_without_what_decides_or_with_one_twice_is_no_policy(codes: list[str]) -> None:
    with pytest.raises(ValidationError):
        DispatchPolicy.model_validate(SHIPPED.model_dump() | {"outcomes": [{"code": code} for code in codes]})


@given(DATES)
def test_a_date_lies_between_today_and_the_latest(day: date) -> None:
    possible = TODAY <= day <= TODAY + timedelta(days=60)
    for carried in (Carried(correct_by=day), Carried(observe_until=day)):
        if possible:
            follow_ups.require_dates(carried, TODAY, POLICY)
        else:
            with pytest.raises(Invalid):
                follow_ups.require_dates(carried, TODAY, POLICY)


@given(DATES, st.sampled_from(["order_to_correct", "observation_period"]))
def test_a_check_begins_when_its_day_is_over_and_not_before(day: date, outcome: str) -> None:
    check = follow_ups.check_after(outcome, Carried(correct_by=day, observe_until=day))
    assert check is not None
    assert check.day == day
    midnight = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)  # 24:00 of the day in Shanghai
    start = follow_ups.start_of(check)
    assert start <= follow_ups.started_before(midnight)
    assert start > follow_ups.started_before(midnight - timedelta(microseconds=1))


def test_other_outcomes_bring_no_check() -> None:
    for outcome in ("rectified", "exempt", "case_filed_for_penalty"):
        assert follow_ups.check_after(outcome, Carried(correct_by=TODAY)) is None


def test_of_several_cases_each_takes_of_the_review_what_belongs_to_it() -> None:
    review = Carried(correct_by=TODAY, file_number="12")
    assert follow_ups.decided("order_to_correct", review, Carried(), whole=False) == Carried(correct_by=TODAY)
    assert follow_ups.decided("rectified", review, Carried(), whole=False) == Carried()
    assert follow_ups.decided("rectified", review, Carried(), whole=True) == review
    reported = Carried(correct_by=date(2026, 4, 1))
    assert follow_ups.decided("order_to_correct", Carried(), reported, whole=True) == reported
