"""What a change of calendar or policy does to the clocks that run. Pure.

A running clock follows the law as it stands; a clock that was missed stays missed, and an answer that was in time stays
in time. Both are counted, so that people see where a change came too late to matter.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.deadline_watch.domain.calendar import WorkingCalendar
from services.deadline_watch.domain.clocks import Clock, ComputedClock
from services.deadline_watch.domain.deadlines import Deadline, compute, is_late
from services.deadline_watch.domain.rules_in_force import RulesInForce
from services.deadline_watch.domain.working_time import local_date, midnight
from shared.contract.events import Bilingual
from shared.time.instants import Instant

LISTED = 1_000
_YEAR = 366
_VERSIONS = {"calendar_version", "policy_version"}

Effect = Literal["moved", "final", "recomputed", "missed_stands", "answer_stands"]


class ChangedDay(BaseModel):
    """A day that a change of the calendar makes a working day, or none, and why it is that now."""

    date: date
    working: bool
    reason: Bilingual


class AffectedClock(BaseModel):
    """A clock that a change reaches, and under `fate` what becomes of it.

    `moved`: it is due at another instant. `final`: at the same one, and no longer provisional. `recomputed`: at the
    same one, by another arithmetic. `missed_stands`, `answer_stands`: it would be due at another, and stays as it is.
    `because` are the days that move it; where there are none, the rule does that counts them.
    """

    deadline_id: UUID
    case_id: UUID
    enterprise_code: str
    kind: str
    fate: Effect
    due_before: Instant
    due_after: Instant
    due_text_after: str
    provisional_before: bool
    provisional_after: bool
    becomes_overdue: bool
    because: list[ChangedDay] = []

    @property
    def is_changed(self) -> bool:
        """Whether the clock follows the change, instead of staying as it is."""
        return self.fate in _CHANGED


class AffectedClocks(BaseModel):
    """How many clocks a change reaches; the first thousand of them are listed. `by` counts moves by their hours."""

    examined: int = 0
    moved: int = 0
    made_final: int = 0
    becoming_overdue: int = 0
    missed_standing: int = 0
    answers_standing: int = 0
    by: Counter[str] = Counter()
    items: list[AffectedClock] = []

    def count(self, affected: AffectedClock) -> None:
        self.moved += affected.fate == "moved"
        self.made_final += affected.provisional_before and not affected.provisional_after and affected.is_changed
        self.becoming_overdue += affected.becomes_overdue
        self.missed_standing += affected.fate == "missed_stands"
        self.answers_standing += affected.fate == "answer_stands"
        if affected.fate == "moved":
            hours = (affected.due_after - affected.due_before).total_seconds() / 3600
            self.by[f"{hours:+g} h"] += 1
        if len(self.items) < LISTED:
            self.items.append(affected)


_CHANGED = frozenset({"moved", "final", "recomputed"})


def changed_days(before: WorkingCalendar, after: WorkingCalendar) -> list[ChangedDay]:
    """The days on which people work by one of two calendars and do not by the other, in their order."""
    days = (date(year, 1, 1) + timedelta(days=number) for year in sorted(after.years) for number in range(_YEAR))
    return [
        ChangedDay(date=day, working=now.working, reason=now.reason)
        for day in dict.fromkeys(days)
        if (now := after.day(day)).working != before.day(day).working
    ]


def reasons(affected: AffectedClock, started_at: datetime, days: Sequence[ChangedDay]) -> list[ChangedDay]:
    """Those of the changed days that lie between the start of a clock that moves and the later of its two ends."""
    if affected.fate != "moved":
        return []
    first, last = local_date(started_at), max(affected.due_before, affected.due_after)
    return [day for day in days if first <= day.date and midnight(day.date) < last]


def recomputed(stored: ComputedClock, rules: RulesInForce) -> Deadline | None:
    """The clock under `rules`, or None where nothing of it changes but the names of the versions."""
    clock, policy = stored.clock, rules.policy_at(stored.clock.started_at)
    deadline = compute(clock.kind, clock.started_at, policy, rules.calendar, stored.adjustments)
    before = {"adjustments": []} | dict(stored.explanation)
    now = deadline.explanation.model_dump(mode="json")
    same = all(before.get(name) == value for name, value in now.items() if name not in _VERSIONS)
    policy_before = rules.policy(clock.policy_version)
    same_rule = policy_before.deadlines[clock.kind] == policy.deadlines[clock.kind] and policy_before.silence_of(
        clock.kind
    ) == policy.silence_of(clock.kind)
    return None if same and same_rule and deadline.due_at == clock.due_at else deadline


def affected(clock: Clock, deadline: Deadline, now: datetime) -> AffectedClock:
    """What becomes of a clock that `recomputed` would change to `deadline`."""
    effect = _effect(clock, deadline)
    return AffectedClock(
        deadline_id=clock.deadline_id,
        case_id=clock.case_id,
        enterprise_code=clock.enterprise_code,
        kind=clock.kind,
        fate=effect,
        due_before=clock.due_at,
        due_after=deadline.due_at,
        due_text_after=deadline.due_text,
        provisional_before=clock.provisional,
        provisional_after=deadline.provisional,
        becomes_overdue=(
            effect == "moved"
            and clock.answered_at is None
            and clock.paused_at is None
            and not is_late(now, clock.due_at)
            and is_late(now, deadline.due_at)
        ),
    )


def _effect(clock: Clock, deadline: Deadline) -> Effect:
    if deadline.due_at == clock.due_at:
        if clock.missed_at is not None:
            return "missed_stands"
        return "final" if clock.provisional and not deadline.provisional else "recomputed"
    if clock.missed_at is not None:
        return "missed_stands"
    if clock.met_at is not None and is_late(clock.met_at, deadline.due_at):
        return "answer_stands"
    return "moved"
