"""The outcomes that a case may end in. Pure."""

from collections.abc import Collection
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contract.names import ON_SITE_OUTCOMES
from shared.contract.refusals import Invalid

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

OutcomeCode = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00]*$")
]
Outcome = Annotated[
    OutcomeCode,
    Field(
        description="What the visit comes to, of those that the dispatch policy lists (`outcomes`). As shipped: "
        + ", ".join(f"`{code}` {name.zh}" for code, name in ON_SITE_OUTCOMES.items())
        + ". A bureau may list its own; one that is not listed is refused.",
        examples=[str(code) for code in ON_SITE_OUTCOMES],
    ),
]


def require_listed(outcome: str, listed: Collection[str]) -> None:
    """Raises Invalid for an outcome that the policy does not list: a slip of the pen would close a case for good."""
    if outcome in listed:
        return
    called = (f"{code}（{ON_SITE_OUTCOMES[code].zh}）" if code in ON_SITE_OUTCOMES else code for code in listed)
    raise Invalid(
        "unknown-outcome",
        f"outcome: {outcome} is none of the outcomes that the dispatch policy lists: {', '.join(called)}.",
        title="Unknown outcome",
        field="outcome",
        outcomes=list(listed),
    )
