"""Whether officers have made a visit: from then on its enterprise may see the clock of it."""

from collections.abc import Iterable
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ColumnElement, and_, exists, false, func, or_, text, true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from shared.contract.disclosure import ENDED_WITHOUT_ANSWER, DisclosurePolicy, Visits
from shared.contract.events import CaseEvent, CaseType
from shared.contract.words import ClockKind

_CASES, _DEADLINES = tables.cases.c, tables.deadlines.c
_KEEP = text("""
    update watch.cases c
       set visited_at = coalesce(c.visited_at, new.visited_at), outcome = coalesce(c.outcome, new.outcome)
      from jsonb_to_recordset(cast(:rows as jsonb)) as new (
             case_id uuid, kind text, visited_at timestamptz, outcome text)
     where c.case_id = new.case_id and c.kind = new.kind
       and (c.visited_at is null and new.visited_at is not null or c.outcome is null and new.outcome is not null)
""")


async def keep_visits(connection: AsyncConnection, events: Iterable[tuple[str, CaseEvent]]) -> None:
    """Store, of cases that are known, when officers first arrived and what they ended in, as the events tell it."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for type_, case in events:
        row = rows.setdefault((str(case.case_id), case.kind), {"visited_at": None, "outcome": None})
        arrived_at = case.arrived_at or (case.at if type_ == CaseType.ARRIVED else None)
        row["visited_at"] = row["visited_at"] or (arrived_at and arrived_at.isoformat())
        row["outcome"] = case.outcome if type_ == CaseType.CLOSED else row["outcome"]
    told = [{"case_id": case_id, "kind": kind} | row for (case_id, kind), row in rows.items() if any(row.values())]
    if told:
        await connection.execute(_KEEP, {"rows": to_json(told).decode()})


def shown_to_enterprises(policy: DisclosurePolicy) -> ColumnElement[bool]:
    """A deadline that is there for its enterprise: what `sight_of_case` says of its case, in SQL."""
    # Of an arrival before visits were kept the mark is known; the outcome is not, and what is not known is not shown.
    arrived = or_(_CASES.visited_at.is_not(None), _CASES.arrived_at.is_not(None))
    closed = _CASES.closed_at.is_not(None)
    answered = func.coalesce(_CASES.outcome, min(ENDED_WITHOUT_ANSWER)).not_in(sorted(ENDED_WITHOUT_ANSWER))
    visits: dict[Visits, ColumnElement[bool]] = {
        Visits.BEFORE_ARRIVAL: true(),
        Visits.ON_ARRIVAL: or_(arrived, and_(closed, answered)),
        Visits.AFTER_CLOSING: and_(closed, or_(arrived, answered)),
    }
    visit = exists().where(
        _CASES.case_id == _DEADLINES.case_id, _CASES.kind == _DEADLINES.kind, visits.get(policy.visits, false())
    )
    own = _DEADLINES.kind.in_([ClockKind.SELF_REPORT, ClockKind.FINAL_REPORT])
    return or_(own, and_(_DEADLINES.kind != ClockKind.MARKING, visit.correlate(tables.deadlines)))
