"""Versions of a clock: computed anew, it has its next one, and the one before is kept beside it with its arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import bindparam, insert, select, update

from services.deadline_watch import tables
from services.deadline_watch.domain.adjustments import Extension, Pause
from services.deadline_watch.domain.clocks import Clock, ComputedClock
from services.deadline_watch.domain.deadlines import Deadline
from services.deadline_watch.domain.due_steps import ClockStep, steps_ahead
from services.deadline_watch.store.clocks import COLUMNS, clock_of, computed_columns
from services.deadline_watch.store.steps import UpcomingSteps, leave_out
from shared.evidence.domain.facts import case_chain
from shared.evidence.domain.records import Fact
from shared.messaging.unit_of_work import UnitOfWork

CHANGED = "cn.tricolor.deadline.changed.v1"
Cause = Literal["calendar", "policy", "pause", "resume", "extend"]


@dataclass(frozen=True)
class Grounds:
    """Why a clock is changed, by whose wish, and who approved; `cause_version` names the calendar or policy."""

    cause: Cause
    reason: str
    ground: str
    requested_by: str
    approver: str | None = None
    cause_version: str | None = None


@dataclass(frozen=True)
class NextVersion:
    """A clock, locked, and what it is computed to be after all that people did to it."""

    before: ComputedClock
    deadline: Deadline
    adjustments: Sequence[Pause | Extension]

    @property
    def paused_at(self) -> datetime | None:
        """Since when the clock stands still after the change."""
        last = next((one for one in reversed(self.adjustments) if isinstance(one, Pause)), None)
        return last.at if last is not None and last.resumed_at is None else None


async def supersede(
    work: UnitOfWork, upcoming: UpcomingSteps, versions: Sequence[NextVersion], grounds: Grounds
) -> dict[UUID, Clock]:
    """Give the clocks their next version and return them as they are then, by identifier.

    The version before is kept, its steps ahead are left out and new ones stored. What was warned of before is warned of
    again only if that lies ahead.
    """
    if not versions:
        return {}
    connection, ids = work.connection, [one.before.clock.deadline_id for one in versions]
    changes = [_superseded(one, grounds, work.now) for one in versions]
    await connection.execute(insert(tables.deadline_changes), changes)
    work.record(*(_fact(one.before.clock, change) for one, change in zip(versions, changes, strict=True)))
    await leave_out(connection, ids, work.now)
    await connection.execute(
        update(tables.deadlines)
        .where(tables.deadlines.c.deadline_id == bindparam("changed"))
        .values({name: bindparam(name) for name in (*computed_columns(versions[0].deadline), *_BY_PEOPLE)}),
        [
            computed_columns(one.deadline)
            | {
                "changed": one.before.clock.deadline_id,
                "version": one.before.clock.version + 1,
                "paused_at": one.paused_at,
                "adjustments": [adjustment.model_dump(mode="json") for adjustment in one.adjustments],
            }
            for one in versions
        ],
    )
    running = [one for one in versions if one.paused_at is None]
    await upcoming.add(work, [step for one in running for step in _steps(one, work.now)])
    rows = await connection.execute(select(*COLUMNS).where(tables.deadlines.c.deadline_id.in_(ids)))
    return {clock.deadline_id: clock for clock in map(clock_of, rows)}


_BY_PEOPLE = ("version", "paused_at", "adjustments")


def _steps(version: NextVersion, now: datetime) -> Sequence[ClockStep]:
    clock = version.before.clock
    return steps_ahead(version.deadline, clock.deadline_id, clock.version + 1, clock.enterprise_code, after=now)


def _superseded(version: NextVersion, grounds: Grounds, now: datetime) -> dict[str, Any]:
    clock = version.before.clock
    return vars(grounds) | {
        "deadline_id": clock.deadline_id,
        "version": clock.version + 1,
        "due_before": clock.due_at,
        "due_text_before": clock.due_text,
        "provisional_before": clock.provisional,
        "explanation_before": version.before.explanation,
        "due_after": version.deadline.due_at,
        "due_text_after": version.deadline.due_text,
        "at": now,
    }


def _fact(clock: Clock, change: dict[str, Any]) -> Fact:
    """What is kept as evidence of a change: the due time and the arithmetic before it, why, and by whom."""
    version = change["cause_version"]
    return Fact(
        type_=CHANGED,
        chain=case_chain(clock.case_id),
        enterprise=clock.enterprise_code,
        document=to_json(change | {"case_id": clock.case_id}),
        policy={} if version is None else {change["cause"]: version},
    )
