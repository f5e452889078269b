"""The outcomes that a case may end in. Pure."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contract.names import ON_SITE_OUTCOMES

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

Outcome = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00]*$"),
    Field(
        description="What the visit comes to. Known: "
        + ", ".join(f"`{code}` {name.zh}" for code, name in ON_SITE_OUTCOMES.items())
        + ". The contract leaves the word open: a bureau may use its own.",
        examples=[str(code) for code in ON_SITE_OUTCOMES],
    ),
]
