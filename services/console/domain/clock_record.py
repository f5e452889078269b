"""A clock of a case as the read model keeps it: whatever the order in which its events come, the same. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contract.events import DeadlineEvent, DeadlineType
from shared.time.instants import Instant

_RANKS: Mapping[str, int] = {
    type_: rank
    for rank, type_ in enumerate(
        (
            DeadlineType.STARTED,
            DeadlineType.WARNED,
            DeadlineType.MOVED,
            DeadlineType.RESUMED,
            DeadlineType.PAUSED,
            DeadlineType.MISSED,
            DeadlineType.ESCALATED,
            DeadlineType.UNANSWERED,
            DeadlineType.MET,
        )
    )
}
"""Of events of one instant, emitted together, the last in this order says how the clock stands after all of them."""
RUNGS = ("station_chief", "section", "leader")
"""The roles of the ladder (督办层级), the lowest first."""
OVERDUE, MET = "overdue", "met"


class ClockRecord(BaseModel):
    """A clock. `rung` is the highest role that was told that it is overdue."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    deadline_id: UUID
    enterprise_code: str
    case_id: UUID
    alert_id: UUID
    kind: str
    level: str
    state: str
    started_at: Instant
    due_at: Instant
    due_text: str
    provisional: bool
    version: int
    at: Instant
    rank: int
    rung: str | None = None

    @classmethod
    def of(cls, type_: str, event: DeadlineEvent) -> "ClockRecord":
        """The clock as one event alone has it."""
        told: dict[str, Any] = {name: getattr(event, name) for name in cls.model_fields if hasattr(event, name)}
        return cls.model_construct(
            **{**told, "level": str(event.level), "rank": _RANKS[type_], "rung": _rung(type_, event)}
        )

    def merged(self, other: "ClockRecord") -> "ClockRecord":
        """What both say: all of the later one, and the highest rung of either."""
        later = other if (other.at, other.rank, other.version) > (self.at, self.rank, self.version) else self
        return later.model_copy(update={"rung": highest(self.rung, other.rung)})


def highest(*rungs: str | None) -> str | None:
    """The highest of the rungs that there are."""
    return max((rung for rung in rungs if rung is not None), key=RUNGS.index, default=None)


def _rung(type_: str, event: DeadlineEvent) -> str | None:
    if type_ != DeadlineType.ESCALATED:
        return None
    return highest(*(one.role for one in event.recipients if one.role in RUNGS))
