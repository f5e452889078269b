"""What a change of calendar or policy does to the clocks that run. Pure.

A running clock follows the law as it stands; a clock that was missed stays missed, and an answer that was in time stays
in time. Both are counted, so that people see where a change came too late to matter.
"""

from collections import Counter
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from services.deadline_watch.domain.adjustments import Adjustment, Extension, Pause
from services.deadline_watch.domain.deadlines import Deadline, compute, is_late
from services.deadline_watch.domain.rules_in_force import Regime
from shared.contract.events import CaseKind
from shared.time.instants import Instant

LISTED = 1_000
_ADJUSTMENTS = TypeAdapter(list[Adjustment])
_VERSIONS = {"calendar_version", "policy_version"}

Fate = Literal["moved", "final", "recomputed", "missed_stands", "answer_stands"]


class Moved(BaseModel):
    """A clock that a change reaches, and what becomes of it.

    `moved`: it is due at another instant. `final`: at the same one, and no longer provisional. `recomputed`: at the
    same one, by another arithmetic. `missed_stands`, `answer_stands`: it would be due at another, and stays as it is.
    """

    deadline_id: UUID
    case_id: UUID
    enterprise_code: str
    kind: str
    fate: Fate
    due_before: Instant
    due_after: Instant
    due_text_after: str
    provisional_before: bool
    provisional_after: bool
    becomes_overdue: bool


class Moves(BaseModel):
    """How many clocks a change reaches; the first thousand of them are listed. `by` counts moves by their hours."""

    examined: int = 0
    moved: int = 0
    made_final: int = 0
    becoming_overdue: int = 0
    missed_standing: int = 0
    answers_standing: int = 0
    by: Counter[str] = Counter()
    items: list[Moved] = []

    def count(self, moved: Moved) -> None:
        self.moved += moved.fate == "moved"
        self.made_final += moved.provisional_before and not moved.provisional_after and moved.fate in _FOLLOWING
        self.becoming_overdue += moved.becomes_overdue
        self.missed_standing += moved.fate == "missed_stands"
        self.answers_standing += moved.fate == "answer_stands"
        if moved.fate == "moved":
            hours = (moved.due_after - moved.due_before).total_seconds() / 3600
            self.by[f"{hours:+g} h"] += 1
        if len(self.items) < LISTED:
            self.items.append(moved)


_FOLLOWING = frozenset({"moved", "final", "recomputed"})


def adjustments_of(row: Any) -> list[Pause | Extension]:
    """What people did to a clock, a row of `watch.deadlines`."""
    return _ADJUSTMENTS.validate_python(row.adjustments)


def recomputed(row: Any, regime: Regime) -> Deadline | None:
    """The clock under `regime`, or None where nothing of it changes but the names of the versions."""
    kind, policy = CaseKind(row.kind), regime.policy_at(row.started_at)
    deadline = compute(kind, row.started_at, policy, regime.calendar, adjustments_of(row))
    before = {"adjustments": []} | row.explanation
    now = deadline.explanation.model_dump(mode="json")
    same = all(before.get(name) == value for name, value in now.items() if name not in _VERSIONS)
    same_rule = regime.policy(row.policy_version).deadlines[kind] == policy.deadlines[kind]
    return None if same and same_rule and deadline.due_at == row.due_at else deadline


def moved(row: Any, deadline: Deadline, now: datetime) -> Moved:
    """What becomes of a clock that `recomputed` would change."""
    fate = _fate(row, deadline)
    return Moved(
        deadline_id=row.deadline_id,
        case_id=row.case_id,
        enterprise_code=row.enterprise_code,
        kind=row.kind,
        fate=fate,
        due_before=row.due_at,
        due_after=deadline.due_at,
        due_text_after=deadline.due_text,
        provisional_before=row.provisional,
        provisional_after=deadline.provisional,
        becomes_overdue=(
            fate == "moved"
            and row.answered_at is None
            and row.paused_at is None
            and not is_late(now, row.due_at)
            and is_late(now, deadline.due_at)
        ),
    )


def follows(fate: Fate) -> bool:
    """Whether the clock is changed at all."""
    return fate in _FOLLOWING


def _fate(row: Any, deadline: Deadline) -> Fate:
    if deadline.due_at == row.due_at:
        if row.missed_at is not None:
            return "missed_stands"
        return "final" if row.provisional and not deadline.provisional else "recomputed"
    if row.missed_at is not None:
        return "missed_stands"
    if row.met_at is not None and is_late(row.met_at, deadline.due_at):
        return "answer_stands"
    return "moved"
