"""Clocks (rows of `watch.deadlines`) as computed, and computed anew: what is superseded is kept beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, update

from services.deadline_watch import tables
from services.deadline_watch.domain.adjustments import Extension, Pause
from services.deadline_watch.domain.deadlines import Deadline
from services.deadline_watch.domain.due_steps import ahead_of
from services.deadline_watch.store.steps import Ahead, leave_out
from shared.messaging.unit_of_work import UnitOfWork

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
class Change:
    """A clock, a locked row, and what it is computed to be after all that people did to it."""

    was: Row[Any]
    deadline: Deadline
    adjustments: Sequence[Pause | Extension]

    @property
    def paused_at(self) -> datetime | None:
        """Since when the clock stands still after the change."""
        last = next((one for one in reversed(self.adjustments) if isinstance(one, Pause)), None)
        return last.at if last is not None and last.resumed_at is None else None


def computed(deadline: Deadline) -> dict[str, Any]:
    """The columns that hold a deadline as it was computed."""
    explanation = deadline.explanation
    return {
        "due_at": deadline.due_at,
        "due_text": deadline.due_text,
        "provisional": deadline.provisional,
        "policy_version": explanation.policy_version,
        "calendar_version": explanation.calendar_version,
        "explanation": explanation.model_dump(mode="json"),
    }


async def supersede(
    work: UnitOfWork, ahead: Ahead, changes: Sequence[Change], grounds: Grounds
) -> dict[UUID, Row[Any]]:
    """Give the clocks their next version: the one before is kept, its steps ahead are left out, new ones are laid.

    Answers the rows as they are then. What was warned of before is warned of again only if that lies ahead.
    """
    if not changes:
        return {}
    connection, now = work.connection, work.now
    deadlines, ids = tables.deadlines, [change.was.deadline_id for change in changes]
    await connection.execute(insert(tables.deadline_changes), [_kept(change, grounds, now) for change in changes])
    await leave_out(connection, ids, now)
    await connection.execute(
        update(deadlines)
        .where(deadlines.c.deadline_id == bindparam("changed"))
        .values({name: bindparam(name) for name in (*computed(changes[0].deadline), *_BY_PEOPLE)}),
        [
            computed(change.deadline)
            | {
                "changed": change.was.deadline_id,
                "version": change.was.version + 1,
                "paused_at": change.paused_at,
                "adjustments": [one.model_dump(mode="json") for one in change.adjustments],
            }
            for change in changes
        ],
    )
    running = [change for change in changes if change.paused_at is None]
    await ahead.lay(work, [step for change in running for step in _steps(change, now)])
    rows = await connection.execute(select(deadlines).where(deadlines.c.deadline_id.in_(ids)))
    return {row.deadline_id: row for row in rows}


_BY_PEOPLE = ("version", "paused_at", "adjustments")


def _steps(change: Change, now: datetime) -> Sequence[Any]:
    was = change.was
    return ahead_of(change.deadline, was.deadline_id, was.version + 1, was.enterprise_code, after=now)


def _kept(change: Change, grounds: Grounds, now: datetime) -> dict[str, Any]:
    was = change.was
    return vars(grounds) | {
        "deadline_id": was.deadline_id,
        "version": was.version + 1,
        "due_before": was.due_at,
        "due_text_before": was.due_text,
        "provisional_before": was.provisional,
        "explanation_before": was.explanation,
        "due_after": change.deadline.due_at,
        "due_text_after": change.deadline.due_text,
        "at": now,
    }
