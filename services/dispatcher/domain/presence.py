"""Two officers at the door: who must have been on site before a visit is approved; which arrivals are in doubt. Pure.

Administrative Penalty Law art. 42: law enforcement is carried out by no fewer than two officers.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from shared.contract.refusals import Conflict
from shared.contract.words import ArrivalDoubt, CaseState

OFFICERS_ON_SITE = 2


def doubts_of_arrival(case: CaseState, *, positioned: bool) -> list[ArrivalDoubt]:
    """What a reviewer has to look at about an arrival that is recorded while the case is in this state."""
    doubts = [ArrivalDoubt.AFTER_REPORT] if case is CaseState.REPORTED else []
    return doubts if positioned else [*doubts, ArrivalDoubt.NO_POSITION]


def arrived_before(reported_at: datetime | None, arrivals: Mapping[str, datetime | None]) -> set[str]:
    """The officers whose own arrival was there when the visit was reported: afterwards anybody can say so."""
    return {
        officer for officer, at in arrivals.items() if at is not None and (reported_at is None or at <= reported_at)
    }


def require_two_officers(arrived: Collection[str], late: Collection[str] = ()) -> None:
    """Raises Conflict unless the arrival of two different officers is recorded, by themselves or by their chief.

    `late` are those who recorded their own only after the report: it does not count.
    """
    present = sorted(set(arrived))
    if len(present) >= OFFICERS_ON_SITE:
        return
    said_late = sorted(set(late) - set(present))
    recorded = ", ".join(present) or "nobody"
    detail = (
        f"The arrival of two officers must be recorded before the visit is reported; recorded: {recorded}, and only"
        f" after the report: {', '.join(said_late)}. Record the presence with its ground, or return the report."
        if said_late
        else f"The arrival of two officers must be recorded before the visit is approved; recorded: {recorded}. Hand"
        " the missing part over to who was there, or record the presence."
    )
    raise Conflict(
        "second-officer-missing",
        detail,
        title="One officer alone does not close a visit",
        arrived=present,
        arrived_after_report=said_late,
        allowed=["presence", "hand-over", "return"],
    )
