"""A deadline whole, as it is answered: with its explanation, its steps, and what changed it."""

from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch.domain import disclosure
from services.deadline_watch.domain.clocks import State
from services.deadline_watch.domain.deadlines import Explanation
from services.deadline_watch.store import queries
from shared.contract.disclosure import Sight, shown
from shared.contract.events import Level
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.time.instants import Instant


class DeadlineAnswer(BaseModel):
    """A deadline. `due_at` is the half-open end: what arrives at that instant is late.

    `unheard_since` is when it became known that a notice which starts the clock or reminds of it had not arrived.
    """

    deadline_id: UUID
    case_id: UUID
    alert_id: UUID
    kind: str
    level: Level
    enterprise_code: str
    station: str | None
    started_at: Instant
    due_at: Instant
    due_text: str
    state: State
    provisional: bool
    answered_at: Instant | None
    returned_at: Instant | None
    met_at: Instant | None
    missed_at: Instant | None
    closed_at: Instant | None
    paused_at: Instant | None
    version: int
    unheard_since: Instant | None
    explanation: Explanation


class StepAnswer(BaseModel):
    """A warning, the miss, a rung, or the end of a silence: ahead, fired, or void because it no longer applied."""

    step: str
    action: str
    at: Instant
    recipients: list[str]
    done_at: Instant | None
    outcome: str | None


class ChangeAnswer(BaseModel):
    """What brought a version of the deadline about: the due time it superseded, why, and who approved."""

    version: int
    cause: str
    cause_version: str | None
    due_before: Instant
    due_text_before: str
    provisional_before: bool
    due_after: Instant
    due_text_after: str
    reason: str
    ground: str
    requested_by: str
    approver: str | None
    at: Instant
    explanation_before: Explanation


class DeadlineWithSteps(DeadlineAnswer):
    steps: list[StepAnswer]
    changes: list[ChangeAnswer]


async def read_deadline(connection: AsyncConnection, deadline_id: UUID, caller: Principal) -> DeadlineWithSteps:
    """The deadline whole, if the caller may see it. Raises NotFound."""
    row = await queries.find_deadline(connection, caller, deadline_id)
    if row is None:
        raise NotFound("deadline", deadline_id)
    steps = await queries.steps_of(connection, deadline_id)
    changes = await queries.changes_of(connection, deadline_id)
    sight = disclosure.sight_of(caller, row)
    reached = disclosure.shown_steps(sight, [step._asdict() for step in steps])
    values: dict[str, Any] = dict(row._mapping) | {
        "steps": [StepAnswer.model_validate(step) for step in reached],
        "changes": [ChangeAnswer.model_validate(change, from_attributes=True) for change in changes],
    }
    return as_seen(DeadlineWithSteps.model_validate(values), sight)


D = TypeVar("D", bound=DeadlineAnswer)


def as_seen(deadline: D, sight: Sight) -> D:
    """The deadline as `sight` sees it."""
    seen: dict[str, Any] = {"explanation": disclosure.shown_explanation(sight, deadline.explanation)}
    if isinstance(deadline, DeadlineWithSteps):
        seen["changes"] = [
            change.model_copy(
                update={"explanation_before": disclosure.shown_explanation(sight, change.explanation_before)}
            )
            for change in deadline.changes
        ]
    return shown(deadline.model_copy(update=seen), sight, disclosure.TABLE)
