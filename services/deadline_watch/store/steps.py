"""The steps of a clock (warnings, the miss, the rungs) in the database: laid ahead, done, or left out."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain.due_steps import Step
from shared.messaging.unit_of_work import UnitOfWork

_LAY = text("""
    insert into watch.steps
           (deadline_id, version, step, enterprise_code, action, at, recipients, rung, repeat_hours, done_at, outcome)
    select cast(s->>0 as uuid), cast(s->>1 as int), s->>2, s->>3, s->>4, cast(s->>5 as timestamptz),
           cast(s->>6 as jsonb), cast(s->>7 as int), cast(s->>8 as float8), cast(s->>9 as timestamptz), s->>10
      from jsonb_array_elements(cast(:laid as jsonb)) as s
    on conflict do nothing
""")


async def lay(connection: AsyncConnection, steps: Sequence[Step]) -> None:
    """Put `steps` down, each once whoever lays it."""
    if steps:
        # One document, not eleven arrays: a pass lays thousands.
        await connection.execute(_LAY, {"laid": to_json(steps).decode()})


async def leave_out(connection: AsyncConnection, deadline_ids: Iterable[UUID], now: datetime) -> None:
    """Whatever was ahead of these deadlines will not happen."""
    steps = tables.steps.c
    await connection.execute(
        update(tables.steps)
        .where(steps.deadline_id.in_(list(deadline_ids)), steps.done_at.is_(None))
        .values(done_at=now, outcome="void")
    )


class Ahead:
    """Lays steps ahead, and wakes the watcher for them by `look_by` once they are durable."""

    def __init__(self, look_by: Callable[[datetime], None]) -> None:
        self._look_by = look_by

    async def lay(self, work: UnitOfWork, laid: Sequence[Step]) -> None:
        """Store `laid` as steps ahead."""
        await lay(work.connection, laid)
        if laid:
            self._wake(work, min(step.at for step in laid))

    async def look_again(self, work: UnitOfWork, deadline_id: UUID, version: int) -> None:
        """What was left out may apply now: it is ahead again, and the watcher decides. The due time stands."""
        steps = tables.steps.c
        await work.connection.execute(
            update(tables.steps)
            .where(
                steps.deadline_id == deadline_id,
                steps.version == version,
                steps.outcome == "void",
                (steps.action != "warn") | (steps.at > work.now),
            )
            .values(done_at=None, outcome=None)
        )
        self._wake(work, work.now)

    def _wake(self, work: UnitOfWork, at: datetime) -> None:
        work.after_commit(lambda: self._look_by(at))
