"""What a case may end in."""

from enum import StrEnum


class Outcome(StrEnum):
    """Findings of a visit: 已整改 · 责令改正 · 立案处罚 · 依法不予处罚 · 给予观察期 · 误报."""

    RECTIFIED = "rectified"
    ORDER_TO_CORRECT = "order_to_correct"
    CASE_FILED_FOR_PENALTY = "case_filed_for_penalty"
    EXEMPT = "exempt"
    OBSERVATION_PERIOD = "observation_period"
    FALSE_ALARM = "false_alarm"


ACCEPTED_REPORT = "accepted_report"
"""A yellow case ends in its accepted self-report."""
