"""When the times of a self-report can be true."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.dispatcher.domain.policy import ReportPolicy
from services.dispatcher.domain.self_reports import SelfReportBody, check_times, require_first_interim
from shared.contract.refusals import Conflict, Invalid

NOW, POLICY = datetime(2026, 3, 2, 1, tzinfo=UTC), ReportPolicy(clock_skew_minutes=5, interim_days=30)
WORDS = {"cause": "c", "measures": "m"}
SPANS = st.timedeltas(timedelta(days=-60), timedelta(days=60))


@given(SPANS)
def test_nothing_is_finished_after_its_report_but_for_the_skew_of_clocks(span: timedelta) -> None:
    report = SelfReportBody.model_validate(WORDS | {"finished_at": NOW + span})
    if span <= timedelta(minutes=5):
        check_times(report, NOW, POLICY)
    else:
        with pytest.raises(Invalid) as refused:
            check_times(report, NOW, POLICY)
        assert refused.value.code == "finished-in-the-future"


@given(SPANS)
def test_a_planned_end_lies_ahead_and_not_too_far(span: timedelta) -> None:
    report = SelfReportBody.model_validate(WORDS | {"interim": True, "planned_end": NOW + span})
    if timedelta(0) < span <= timedelta(days=30):
        check_times(report, NOW, POLICY)
    else:
        with pytest.raises(Invalid) as refused:
            check_times(report, NOW, POLICY)
        assert refused.value.code == "planned-end-out-of-range"


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"interim": True},
        {"planned_end": NOW},
        {"finished_at": NOW, "planned_end": NOW},
        {"interim": True, "finished_at": NOW, "planned_end": NOW},
        {"finished_at": "20261128"},
        {"finished_at": 20261128},
        {"finished_at": "2026-11-28T09:00:00"},
    ],
)
def test_a_report_says_one_of_the_two_and_as_a_time(times: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SelfReportBody.model_validate(WORDS | times)


def test_an_end_once_accepted_is_not_moved_by_another_report() -> None:
    interim = SelfReportBody.model_validate(WORDS | {"interim": True, "planned_end": NOW})
    require_first_interim(interim, None)
    with pytest.raises(Conflict):
        require_first_interim(interim, NOW)
    require_first_interim(SelfReportBody.model_validate(WORDS | {"finished_at": NOW}), NOW)
