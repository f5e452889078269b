"""What waits for somebody: read from partial indexes of what waits, the oldest first, and counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.work import Kind
from shared.contract.events import CaseKind
from shared.contract.principal import Principal

AT_ONCE = 100
_COUNTED = 10_000
_OPEN = "t.closed_at is null and t.kind is not null"
_NAMED = "coalesce(t.enterprise_name, t.enterprise_code)"


@dataclass(frozen=True)
class Waiting:
    """The rows of one kind: what is selected, from where, under which condition, and in which order.

    `station` is the column by which it is somebody's; without one it concerns the whole bureau.
    """

    select: str
    source: str
    condition: str
    order: str
    station: str | None = "t.station"


def _cases(condition: str, order: str = "t.at, t.case_id") -> Waiting:
    return Waiting(
        f"{_NAMED} as subject, t.enterprise_code, t.case_id, t.alert_id, t.at as since, t.due_at, t.level, t.station",
        "console.cases t",
        f"{_OPEN} and {condition}",
        order,
    )


# Those of other services by their events, and the console's own by its tables: it does not read its own topic.
_LETTERS = """(
    select letter_id, service, topic, code, failed_at from console.waiting_letters
     where decided_at is null and failed_at is not null
    union all
    select letter_id, 'console', topic, code, failed_at from console.dead_letters
     where state = 'waiting' and told_at is not null) t"""
_STOPPED = """(
    select service, topic, partition, code, since from console.stopped_partitions
     where since > coalesce(released_at, '-infinity')
    union all
    select 'console', topic, partition, code, since from console.brakes where released_at is null) t"""
_OF_NO_CASE = "null as enterprise_code, null::uuid as case_id, null::uuid as alert_id, null::timestamptz as due_at"
SOURCES: Mapping[Kind, Waiting] = {
    Kind.REVIEW: _cases(f"t.awaits = 'review' and t.kind <> '{CaseKind.MARKING}'"),
    Kind.MARKING: _cases(f"t.awaits = 'review' and t.kind = '{CaseKind.MARKING}'"),
    Kind.WAITING_CASE: _cases("t.awaits = 'team'"),
    Kind.PROVISIONAL: _cases("t.provisional", "t.due_key, t.case_id"),
    Kind.OLD_ALERT: Waiting(
        f"{_NAMED} as subject, t.enterprise_code, null::uuid as case_id, t.alert_id, t.received_at as since,"
        " null::timestamptz as due_at, t.level, t.station",
        "console.alerts t",
        "t.held and t.dismissed_at is null",
        "t.received_at, t.alert_id",
    ),
    Kind.UNDELIVERED: Waiting(
        "coalesce(e.name, t.enterprise_code) as subject, t.enterprise_code, t.case_id, t.alert_id, t.at as since,"
        " null::timestamptz as due_at, t.level, t.station, t.recipient, t.purpose",
        "console.undelivered t left join console.enterprises e on e.code = t.enterprise_code",
        "t.delivered_at is null",
        "t.at, t.notice_id",
    ),
    Kind.PROPOSAL: Waiting(
        "coalesce(e.name, t.enterprise_code, t.subject) as subject, t.enterprise_code, t.case_id, t.alert_id,"
        " t.proposed_at as since, t.expires_at as due_at,"
        " null as level, t.station, t.name, t.summary, t.service, t.proposal_id",
        "console.proposals t left join console.enterprises e on e.code = t.enterprise_code",
        """t.state = 'open' and t.expires_at > :now and t.proposed_by ->> 'subject' <> :subject
           and (:everything or exists (
                select 1 from jsonb_array_elements(t.recipients) r
                 where r ->> 'role' = :role and coalesce(r ->> 'station', :own_station) = :own_station))""",
        "t.proposed_at, t.proposal_id",
        station=None,
    ),
    Kind.DEAD_LETTER: Waiting(
        f"t.code as subject, {_OF_NO_CASE}, t.failed_at as since,"
        " null as level, null as station, t.service, t.topic, t.letter_id",
        _LETTERS,
        "true",
        "t.failed_at, t.letter_id",
        station=None,
    ),
    Kind.BRAKE: Waiting(
        f"t.topic || '/' || t.partition as subject, {_OF_NO_CASE}, t.since,"
        " null as level, null as station, t.service, t.code",
        _STOPPED,
        "true",
        "t.since",
        station=None,
    ),
}


async def waiting(
    connection: AsyncConnection, kind: Kind, caller: Principal, station: str | None, now: datetime
) -> tuple[Sequence[Row[Any]], int]:
    """What waits of one kind for the caller, the oldest first, and how much that is, counted up to 10,000."""
    source = SOURCES[kind]
    condition, values = source.condition, _values(source.condition, caller, now)
    if station is not None and source.station is not None:
        condition, values = f"{condition} and {source.station} = :station", values | {"station": station}
    found = f"from {source.source} where {condition}"
    rows = (
        await connection.execute(
            text(f"select {source.select} {found} order by {source.order} limit {AT_ONCE}"), values
        )
    ).all()
    if len(rows) < AT_ONCE:
        return rows, len(rows)
    counted = await connection.scalar(text(f"select count(*) from (select 1 {found} limit {_COUNTED}) c"), values)
    return rows, int(counted or 0)


def _values(condition: str, caller: Principal, now: datetime) -> dict[str, Any]:
    given: dict[str, Callable[[], Any]] = {
        "now": lambda: now,
        "subject": lambda: caller.subject,
        "role": lambda: str(caller.role),
        "own_station": lambda: caller.station or "",
        "everything": lambda: caller.role.value in {"admin", "auditor"},
    }
    return {name: value() for name, value in given.items() if f":{name}" in condition}
