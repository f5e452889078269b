"""The outcomes that a case may end in. Pure."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contract.words import DecisiveOutcome

ACCEPTED_REPORT = "accepted_report"
"""A yellow case ends in its accepted self-report."""
MARKING_ACCEPTED = "marking_accepted"
"""The station looked at a marking that took a grade down, and accepted it."""
MARKING_QUESTIONED = "marking_questioned"
"""The station does not believe the marking: officers look on site."""
UPGRADED = "upgraded"
"""The alert rose: the new grade's case goes on from here."""
DOWNGRADED = "downgraded"
"""The alert sank by a reviewed decision: what the lower grade asks for is another case."""

KNOWN: dict[str, str] = {
    "rectified": "已整改",
    "order_to_correct": "责令改正",
    "case_filed_for_penalty": "立案处罚",
    "exempt": "依法不予处罚",
    "observation_period": "给予观察期",
    DecisiveOutcome.FALSE_ALARM: "误报",
    DecisiveOutcome.REPORT_UNTRUE: "自查反馈不实",
}
"""The outcomes that the statistics know by name."""

Outcome = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00]*$"),
    Field(
        description="What the visit comes to. Known: "
        + ", ".join(f"`{code}` {name}" for code, name in KNOWN.items())
        + ". The contract leaves the word open: a bureau may use its own.",
        examples=[str(code) for code in KNOWN],
    ),
]
