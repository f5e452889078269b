"""What an open case waits for, by its kind and state: words of the contract that the read model sorts by. Pure."""

from enum import StrEnum

from shared.contract.events import CaseKind
from shared.contract.words import CaseState


class Awaits(StrEnum):
    """What has to happen next to an open case."""

    TEAM = "team"
    """Officers, and there are none to go."""
    ANSWER = "answer"
    """The enterprise's report, or what the officers find."""
    REVIEW = "review"
    """Somebody of the station to accept or return what was reported."""
    DAY = "day"
    """The day of the follow-up check."""
    OTHER = "other"
    """The case that it joined, or whoever suspended it."""


SUPERSEDED = CaseState.SUPERSEDED
"""A case that ended because its alert was graded anew: another one is counted instead."""
_NOT_ON_SITE = frozenset({CaseKind.SELF_REPORT, CaseKind.MARKING})
WITHOUT_TEAM = frozenset({CaseState.OPEN, CaseState.DECLINED, CaseState.TRANSFERRED, CaseState.REOPENED})
_REPORTED = frozenset({CaseState.REPORTED, CaseState.SELF_REPORTED, CaseState.INTERIM_REPORTED})
_ASIDE = frozenset({CaseState.MERGED, CaseState.SUSPENDED})


def awaited(kind: CaseKind, state: str) -> Awaits:
    """What an open case of `kind` in `state` waits for."""
    if state in _REPORTED:
        return Awaits.REVIEW
    if state in _ASIDE:
        return Awaits.OTHER
    if state == CaseState.SCHEDULED:
        return Awaits.DAY
    if kind not in _NOT_ON_SITE and state in WITHOUT_TEAM:
        return Awaits.TEAM
    return Awaits.ANSWER
