"""Clocks, the rows of `watch.deadlines`: started, locked, and changed by events.

Whoever changes a clock or its steps holds its row. Several are locked in one order, by case and kind, and clocks are
started before any is locked: so two units of work wait for each other and never in a ring.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import to_json
from sqlalchemy import exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain.adjustments import Adjustment
from services.deadline_watch.domain.clocks import Clock, ComputedClock, State
from services.deadline_watch.domain.deadlines import Deadline
from services.deadline_watch.domain.due_steps import UNANSWERED
from services.deadline_watch.domain.known_deadlines import WrittenDeadline
from shared.contract.events import CaseEvent, Level
from shared.contract.refusals import NotFound
from shared.contract.words import ClockKind
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.identifiers import identifier

Key: TypeAlias = tuple[UUID, ClockKind]
"""What a clock belongs to: one kind of answer to one case."""

_DEADLINES = tables.deadlines.c
_ADJUSTMENTS = TypeAdapter(list[Adjustment], config=ConfigDict(defer_build=True))
COLUMNS = [_DEADLINES[name] for name in Clock._fields]
"""The columns of a `Clock`, in its order."""


def clock_of(row: Sequence[Any]) -> Clock:
    """The clock whose `COLUMNS` are in `row`. By position: a pass reads thousands."""
    return Clock._make((*row[:3], ClockKind(row[3]), Level(row[4]), *row[5:7], State(row[7]), *row[8:]))


def _computed_clock(row: Sequence[Any]) -> ComputedClock:
    *columns, explanation, adjustments = row
    return ComputedClock(clock_of(columns), explanation, _ADJUSTMENTS.validate_python(adjustments))


_COMPUTED = select(*COLUMNS, _DEADLINES.explanation, _DEADLINES.adjustments)


async def known_keys(connection: AsyncConnection, case_ids: Collection[UUID]) -> set[Key]:
    """Which clocks there are of these cases."""
    rows = await connection.execute(
        select(_DEADLINES.case_id, _DEADLINES.kind).where(_DEADLINES.case_id == func.any(list(case_ids)))
    )
    return {(row.case_id, ClockKind(row.kind)) for row in rows}


async def start_all(work: UnitOfWork, starting: Sequence[tuple[CaseEvent, WrittenDeadline]]) -> dict[Key, Clock]:
    """Start a clock of each case as it was computed; those that another unit of work has started are left out."""
    clocks = {(case.case_id, one.deadline.kind): _first_version(case, one.deadline, work.now) for case, one in starting}
    # Each explanation is sent once, however many clocks have it.
    numbers = {text_: number for number, text_ in enumerate(dict.fromkeys(one.explanation for _, one in starting), 1)}
    started = await work.connection.execute(
        _START,
        {
            "clocks": to_json(
                [
                    clocks[case.case_id, one.deadline.kind]._asdict() | {"explanation": numbers[one.explanation]}
                    for case, one in starting
                ]
            ).decode(),
            "explanations": list(numbers),
        },
    )
    return {key: clocks[key] for case_id, kind in started if (key := (case_id, ClockKind(kind)))}


_START = text("""
    with explanations as materialized (
        select number, cast(written as jsonb) as explanation
          from unnest(cast(:explanations as text[])) with ordinality as one (written, number))
    insert into watch.deadlines (deadline_id, case_id, alert_id, kind, level, enterprise_code, station, state,
                                 started_at, due_at, due_text, provisional, version, policy_version, calendar_version,
                                 explanation)
    select new.deadline_id, new.case_id, new.alert_id, new.kind, new.level, new.enterprise_code, new.station,
           new.state, new.started_at, new.due_at, new.due_text, new.provisional, new.version, new.policy_version,
           new.calendar_version, explanations.explanation
      from jsonb_to_recordset(cast(:clocks as jsonb)) as new (
             deadline_id uuid, case_id uuid, alert_id uuid, kind text, level text, enterprise_code text, station text,
             state text, started_at timestamptz, due_at timestamptz, due_text text, provisional boolean, version int,
             policy_version text, calendar_version text, explanation bigint)
      join explanations on explanations.number = new.explanation
     order by new.case_id, new.kind
    on conflict (case_id, kind) do nothing
    returning case_id, kind
""")


def _first_version(case: CaseEvent, deadline: Deadline, now: datetime) -> Clock:
    return Clock(
        deadline_id=identifier(now),
        case_id=case.case_id,
        alert_id=case.alert_id,
        kind=deadline.kind,
        level=case.level,
        enterprise_code=case.enterprise_code,
        station=case.station,
        state=State.OPEN,
        started_at=deadline.started_at,
        due_at=deadline.due_at,
        due_text=deadline.due_text,
        provisional=deadline.provisional,
        version=1,
        policy_version=deadline.explanation.policy_version,
        calendar_version=deadline.explanation.calendar_version,
    )


_LOCK_OF_CASES = (
    select(*COLUMNS)
    .where(text("(case_id, kind) in (select * from unnest(cast(:case_ids as uuid[]), cast(:kinds as text[])))"))
    .order_by(_DEADLINES.case_id, _DEADLINES.kind)
    .with_for_update()
)


async def lock_of_cases(connection: AsyncConnection, keys: Collection[Key]) -> dict[Key, Clock]:
    """Lock the clocks of these cases and return them by key."""
    rows = await connection.execute(
        _LOCK_OF_CASES, {"case_ids": [case_id for case_id, _ in keys], "kinds": [kind.value for _, kind in keys]}
    )
    return {(clock.case_id, clock.kind): clock for clock in map(clock_of, rows)}


async def find(connection: AsyncConnection, deadline_id: UUID) -> Clock:
    """The clock as it stands. Raises NotFound."""
    row = (await connection.execute(select(*COLUMNS).where(_DEADLINES.deadline_id == deadline_id))).one_or_none()
    if row is None:
        raise NotFound("deadline", deadline_id)
    return clock_of(row)


async def lock(connection: AsyncConnection, deadline_id: UUID) -> ComputedClock:
    """Lock a clock and return it. Raises NotFound."""
    row = (
        await connection.execute(_COMPUTED.where(_DEADLINES.deadline_id == deadline_id).with_for_update())
    ).one_or_none()
    if row is None:
        raise NotFound("deadline", deadline_id)
    return _computed_clock(row)


async def lock_all(connection: AsyncConnection, deadline_ids: Collection[UUID]) -> list[ComputedClock]:
    """Lock clocks and return them, the earliest due first."""
    rows = await connection.execute(
        _COMPUTED.where(_DEADLINES.deadline_id.in_(deadline_ids))
        .order_by(_DEADLINES.due_at, _DEADLINES.deadline_id)
        .with_for_update()
    )
    return [_computed_clock(row) for row in rows]


async def ids_of_unfinished(
    connection: AsyncConnection,
    *,
    due_after: datetime | None = None,
    started_before: datetime | None = None,
    started_since: datetime | None = None,
) -> list[UUID]:
    """The deadlines of open cases that lie in a span of time, the earliest due first."""
    conditions = (
        None if due_after is None else _DEADLINES.due_at > due_after,
        None if started_before is None else _DEADLINES.started_at < started_before,
        None if started_since is None else _DEADLINES.started_at >= started_since,
    )
    found = await connection.scalars(
        select(_DEADLINES.deadline_id)
        .where(_DEADLINES.closed_at.is_(None), *(one for one in conditions if one is not None))
        .order_by(_DEADLINES.due_at, _DEADLINES.deadline_id)
    )
    return list(found)


async def lock_without_silence(
    connection: AsyncConnection, policy_versions: Collection[str], limit: int
) -> list[ComputedClock]:
    """Lock self-reports computed by these policies that nobody answered and that lack the step that ends a silence.

    Those that another unit of work holds are left to it, and to the next time.
    """
    steps = tables.steps.c
    lacks = ~exists().where(
        steps.deadline_id == _DEADLINES.deadline_id,
        steps.version == _DEADLINES.version,
        steps.step == UNANSWERED,
    )
    rows = await connection.execute(
        _COMPUTED.where(
            _DEADLINES.kind == ClockKind.SELF_REPORT,
            _DEADLINES.closed_at.is_(None),
            _DEADLINES.answered_at.is_(None),
            _DEADLINES.paused_at.is_(None),
            _DEADLINES.policy_version.in_(policy_versions),
            lacks,
        )
        .order_by(_DEADLINES.due_at, _DEADLINES.deadline_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_computed_clock(row) for row in rows]


async def save_all(connection: AsyncConnection, clocks: Sequence[Clock]) -> None:
    """Store what events of their cases made of clocks that are locked."""
    if clocks:
        changed = [{name: getattr(clock, name) for name in _CHANGED_BY_EVENTS} for clock in clocks]
        await connection.execute(_SAVE, {"clocks": to_json(changed).decode()})


_CHANGED_BY_EVENTS = (
    *("deadline_id", "station", "state"),
    *("answered_at", "returned_at", "met_at", "closed_at", "acted_at"),
)
_SAVE = text("""
    update watch.deadlines d
       set station = changed.station, state = changed.state, answered_at = changed.answered_at,
           returned_at = changed.returned_at, met_at = changed.met_at, closed_at = changed.closed_at,
           acted_at = changed.acted_at
      from jsonb_to_recordset(cast(:clocks as jsonb)) as changed (
             deadline_id uuid, station text, state text, answered_at timestamptz, returned_at timestamptz,
             met_at timestamptz, closed_at timestamptz, acted_at timestamptz)
     where d.deadline_id = changed.deadline_id
""")


def computed_columns(deadline: Deadline) -> dict[str, Any]:
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
