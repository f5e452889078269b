"""The on-site record says of the arrivals what was recorded of them at the time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.case_file.document import Pairs
from services.case_file.known import Gathered
from services.case_file.on_site_record import record_of_visits
from shared.time.instants import SHANGHAI

ARRIVED = datetime(2026, 3, 2, 11, tzinfo=SHANGHAI)
POSITION = {"longitude": 113.9, "latitude": 22.6}
_REPORT = dict.fromkeys(
    ("findings", "measures", "outcome", "correct_by", "observe_until", "legal_basis", "file_number", "claimed_at")
)


def doubts_shown(
    detail: Mapping[str, Any], *, reported_after: timedelta, position: Mapping[str, float] | None = None
) -> str:
    """What the record shows as in doubt about an officer whose arrival's entry says `detail`."""
    assignment = {
        "officer": "wu",
        "round": 0,
        "part": "second",
        "arrived_at": ARRIVED,
        "position": position,
        "entry_check": None,
    }
    case = Gathered(
        case={"enterprise_code": "E"},
        enterprise={"name": None, "address": None},
        station="",
        people={"wu": {"name": "吴", "certificate": None}},
        assignments=[assignment],
        arrivals=[{"at": ARRIVED, "detail": {"officer": "wu", **detail}}],
        feedbacks=[_REPORT | {"received_at": ARRIVED + reported_after}],
        alerts=[],
        timeline=[],
        self_reports=[],
        attachments=[],
        notices=[],
        deadlines=[],
        changes=[],
    )
    (facts,) = (block for block in record_of_visits(case, {}).blocks if isinstance(block, Pairs))
    return dict(facts.rows).get("到场存疑", "")


def test_a_doubt_stands_whatever_was_reported_later() -> None:
    """The report that the arrival came after was returned, and made once more."""
    shown = doubts_shown({"doubts": ["after_report"]}, reported_after=timedelta(hours=1), position=POSITION)
    assert shown == "吴：反馈之后才登记到场"


def test_nothing_is_found_that_was_not_recorded() -> None:
    assert doubts_shown({"doubts": []}, reported_after=timedelta(hours=-1)) == ""


@pytest.mark.parametrize(
    ("hours", "position", "expected"),
    [(1, POSITION, ""), (1, None, "吴：未提供定位"), (-1, None, "吴：反馈之后才登记到场、未提供定位")],
)
def test_of_old_arrivals_which_say_nothing_the_doubts_are_reckoned(
    hours: int, position: Mapping[str, float] | None, expected: str
) -> None:
    assert doubts_shown({}, reported_after=timedelta(hours=hours), position=position) == expected
