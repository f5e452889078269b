"""Two officers at the door: who must have been on site before a visit is approved; which arrivals are in doubt. Pure.

Administrative Penalty Law art. 42: law enforcement is carried out by no fewer than two officers.
"""

from collections.abc import Collection, Mapping

from shared.contract.refusals import Conflict
from shared.contract.words import ArrivalDoubt, CaseState

OFFICERS_ON_SITE = 2


def doubts_of_arrival(case: CaseState, *, positioned: bool) -> list[ArrivalDoubt]:
    """What a reviewer has to look at about an arrival that is recorded while the case is in this state."""
    doubts = [ArrivalDoubt.AFTER_REPORT] if case is CaseState.REPORTED else []
    return doubts if positioned else [*doubts, ArrivalDoubt.NO_POSITION]


def require_two_officers(arrived: Collection[str], names: Mapping[str, str]) -> None:
    """Raises Conflict unless the arrival of two different officers is recorded, by themselves or by their chief.

    `names` are those of the officers by their codes, as far as they are known.
    """
    present = sorted(set(arrived))
    named = [f"{names[code]}（{code}）" if code in names else code for code in present]
    if len(present) < OFFICERS_ON_SITE:
        raise Conflict(
            "second-officer-missing",
            f"The arrival of two officers must be recorded before the visit is approved; recorded: "
            f"{', '.join(named) or 'nobody'}. Hand the missing part over to who was there, or record the presence.",
            title="One officer alone does not close a visit",
            arrived=present,
            allowed=["presence", "hand-over", "return"],
        )
