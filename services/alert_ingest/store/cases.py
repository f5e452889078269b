"""The cases that answer alerts, as their events tell of them: whose they are, whether officers arrived, the end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.events import CaseEvent, CaseType

# What is known already stays: an event that is received again, or late, takes nothing back.
_KEEP = text("""
    insert into ingest.cases as known
           (alert_id, case_id, enterprise_code, closed_at, kind, arrived_at, outcome, officers)
    select alert_id, case_id, enterprise_code, closed_at, kind, arrived_at, outcome, officers
      from jsonb_to_recordset(:rows) as new (
             alert_id uuid, case_id uuid, enterprise_code text, closed_at timestamptz, kind text,
             arrived_at timestamptz, outcome text, officers text[])
     order by alert_id, case_id
    on conflict (alert_id, case_id) do update
       set closed_at = coalesce(excluded.closed_at, known.closed_at),
           kind = excluded.kind,
           arrived_at = coalesce(known.arrived_at, excluded.arrived_at),
           outcome = coalesce(excluded.outcome, known.outcome),
           officers = array(select distinct unnest(known.officers || excluded.officers))
""").bindparams(bindparam("rows", type_=JSONB))
_STATIONS = text("""
    update ingest.enterprises e set station = new.station
      from unnest(cast(:codes as text[]), cast(:stations as text[])) as new (code, station)
     where e.code = new.code and (e.registered_at is null or e.station is null)
       and e.station is distinct from new.station
""")


async def keep_cases(connection: AsyncConnection, events: Sequence[tuple[str, CaseEvent]]) -> None:
    """Store what the events, given in order with their types, say of the cases and of who is in charge of them."""
    rows: dict[tuple[UUID, UUID], dict[str, Any]] = {}
    stations: dict[str, str] = {}
    for type_, case in events:
        if case.station is not None:
            stations[case.enterprise_code] = case.station
        for alert_id in case.alert_ids:
            row = rows.setdefault((alert_id, case.case_id), _row(alert_id, case))
            row["officers"] = sorted({*row["officers"], *(member.officer for member in case.team)})
            row["arrived_at"] = row["arrived_at"] or _arrival(type_, case)
            if type_ == CaseType.CLOSED:
                row |= {"closed_at": case.at, "outcome": case.outcome}
    if rows:
        await connection.execute(_KEEP, {"rows": [_json(row) for row in rows.values()]})
    if stations:
        await connection.execute(_STATIONS, {"codes": [*stations], "stations": [*stations.values()]})


def _row(alert_id: UUID, case: CaseEvent) -> dict[str, Any]:
    return {
        "alert_id": alert_id,
        "case_id": case.case_id,
        "enterprise_code": case.enterprise_code,
        "closed_at": None,
        "kind": case.kind,
        "arrived_at": None,
        "outcome": None,
        "officers": [],
    }


def _arrival(type_: str, case: CaseEvent) -> datetime | None:
    """When officers arrived; an event of a version that does not tell it is itself the arrival, or says nothing."""
    return case.arrived_at or (case.at if type_ == CaseType.ARRIVED else None)


def _json(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value
        for name, value in row.items()
    }
