"""The statements of the intake, set-wise: a batch of 500 takes as many round trips as a batch of one.

Rows are locked in one order everywhere (enterprises by code, alerts by occurrence, events by identity), so that two
replicas that work on the same keys queue up instead of deadlocking.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.deduplication import NewEvent
from services.alert_ingest.domain.parsing import Occurrence
from services.alert_ingest.store.graded_alerts import occurrence_of
from services.alert_ingest.store.grades import Raced
from services.alert_ingest.store.packed import Bodies
from shared.storage.arrays import array, array_of_plain
from shared.storage.copying import copy_rows, is_duplicate
from shared.storage.direct import fetch, fetch_value


class StoredEvent(NamedTuple):
    """What is known of an event that is stored: the alert it belongs to with its level now, and the content's hash."""

    alert_id: UUID
    content_hash: bytes
    level: str


class KnownEnterprise(NamedTuple):
    """How an enterprise is classified, and whether the bureau's master data have it."""

    classification: frozenset[str]
    registered: bool


async def lock_enterprises(connection: AsyncConnection, codes: Iterable[str]) -> dict[str, KnownEnterprise]:
    """Lock the enterprises until the transaction ends; answer what is known of each.

    Whoever grades alerts of an enterprise holds its row: nobody overlooks what another is about to store.
    """
    ordered = sorted(set(codes))
    await fetch(connection, _NAME, array(ordered))
    rows = await fetch(connection, _LOCK, ordered)
    return {code: KnownEnterprise(frozenset(classification), registered) for code, classification, registered in rows}


async def classification(connection: AsyncConnection, code: str) -> frozenset[str]:
    """Return how the enterprise is classified now; not at all where it is unknown."""
    found = await connection.scalar(
        text("select classification from ingest.enterprises where code = :code"), {"code": code}
    )
    return frozenset(found or ())


async def known_events(
    connection: AsyncConnection, identities: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], StoredEvent]:
    """Find those of `identities` that are stored."""
    sources, ids = map(array, _columns(set(identities), 2))
    rows = await fetch(connection, _EVENTS, sources, ids)
    return {(source, id_): StoredEvent(alert_id, hash_, level) for source, id_, hash_, alert_id, level in rows}


async def known_alerts(
    connection: AsyncConnection, identities: Mapping[Occurrence, tuple[bytes, bytes]]
) -> dict[Occurrence, Row[Any]]:
    """Find and lock the alerts of occurrences, as a repeat will change them: by what identifies them."""
    found = await fetch(
        connection,
        _IDENTIFIED,
        _bytes([one for both in identities.values() for one in both]),
        array([occurrence.enterprise_code for occurrence in identities for _ in range(2)]),
    )
    rows: list[Row[Any]] = []
    if found:
        rows += await connection.execute(_ALERTS, {"alert_ids": [alert_id for (alert_id,) in found]})
    if await fetch_value(connection, _ARE_UNIDENTIFIED):
        rows += await _unidentified(connection, identities)
    return {occurrence_of(row): row for row in rows}


async def _unidentified(connection: AsyncConnection, occurrences: Collection[Occurrence]) -> Sequence[Row[Any]]:
    """Those of them that have no identity, being from before there was that: found by what they are of."""
    outlets, categories, pollutants, instants, codes = _columns(occurrences, 5)
    rows = await connection.execute(
        _UNIDENTIFIED,
        {
            "codes": array(codes),
            "outlets": array(outlets),
            "categories": array(categories),
            "pollutants": array(pollutants),
            "instants": array_of_plain([f'"{one}"' for one in instants]),
        },
    )
    return rows.all()


async def taken_identities(connection: AsyncConnection, identities: Iterable[bytes]) -> frozenset[bytes]:
    """Find those of the identities that an alert has, whosever it is."""
    rows = await connection.execute(
        text("""
            select identity from unnest(cast(cast(:identities as text) as bytea[])) as asked (identity)
              join ingest.alerts using (identity)
        """),
        {"identities": _bytes(identities)},
    )
    return frozenset(rows.scalars())


def _bytes(hashes: Iterable[bytes]) -> str:
    """Write hashes as an array of them."""
    return array_of_plain([f'"\\\\x{one.hex()}"' for one in hashes])


async def count_repeats(connection: AsyncConnection, alert_ids: Iterable[UUID]) -> None:
    """Count one repeat for each mention. The rows are locked already, by `known_alerts` or by being new."""
    counted = Counter(alert_ids)
    if counted:
        await fetch(connection, _COUNT, list(counted), list(counted.values()))


_NAME = """
    insert into ingest.enterprises (code) select unnest(cast(cast($1 as text) as text[])) on conflict (code) do nothing
"""
_LOCK = """
    select code, classification, registered_at is not null
      from ingest.enterprises where code = any(cast($1 as text[])) order by code for update
"""
_EVENTS = """
    select e.source, e.id, e.content_hash, a.alert_id, a.level
      from unnest(cast(cast($1 as text) as text[]), cast(cast($2 as text) as text[])) as asked (source, id)
      join ingest.events e using (source, id)
      join ingest.alerts a using (alert_id)
"""
_COUNT = """
    update ingest.alerts a set repeats = a.repeats + counted.repeats
      from unnest(cast($1 as uuid[]), cast($2 as integer[])) as counted (alert_id, repeats)
     where a.alert_id = counted.alert_id
"""
_IDENTIFIED = """
    select a.alert_id
      from unnest(cast(cast($1 as text) as bytea[]), cast(cast($2 as text) as text[]))
           as asked (identity, enterprise_code)
      join ingest.alerts a using (identity, enterprise_code)
"""
_IN_ORDER = "order by outlet, category, pollutant, occurred_at, enterprise_code for update"
_ALERTS = text(f"select * from ingest.alerts where alert_id = any(cast(:alert_ids as uuid[])) {_IN_ORDER}")
_ARE_UNIDENTIFIED = "select exists (select from ingest.alerts where identity is null)"
_UNIDENTIFIED = text(f"""
    select * from ingest.alerts
     where alert_id = any(array(
           select a.alert_id
             from unnest(
                    cast(cast(:outlets as text) as text[]), cast(cast(:categories as text) as text[]),
                    cast(cast(:pollutants as text) as text[]), cast(cast(:instants as text) as timestamptz[]),
                    cast(cast(:codes as text) as text[])
                  ) as asked (outlet, category, pollutant, occurred_at, enterprise_code)
             join ingest.alerts a using (outlet, category, pollutant, occurred_at, enterprise_code)
            where a.identity is null))
    {_IN_ORDER}
""")

_EVENT_COLUMNS = (
    "source",
    "id",
    "enterprise_code",
    "content_hash",
    "body",
    "entrance",
    "origin",
    "alert_id",
    "is_repeat",
    "received_at",
)


async def store_events(
    connection: AsyncConnection,
    events: Sequence[NewEvent],
    bodies: Bodies,
    entrances: Sequence[tuple[str, str]],
    now: datetime,
) -> None:
    """Store accepted events byte for byte, as `bodies` has them; `entrances` are their (entrance, origin).

    Raises Raced when one of them is stored already.
    """
    rows = [
        (
            *event.received.identity,
            event.received.occurrence.enterprise_code,
            event.received.content_hash,
            bodies.stored[event.received.identity],
            entrance,
            origin,
            event.alert_id,
            event.is_repeat,
            now,
        )
        for event, (entrance, origin) in zip(events, entrances, strict=True)
    ]
    rows.sort(key=itemgetter(0, 1))  # in one order, so that replicas that store the same ones never deadlock
    try:
        await copy_rows(connection, tables.events, _EVENT_COLUMNS, rows)
    except DBAPIError as error:
        if is_duplicate(error):
            raise Raced from error
        raise


async def store_refusals(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store refused events, given as the columns of `ingest.refusals`."""
    if rows:
        await connection.execute(insert(tables.refusals), list(rows))


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows turned into `width` columns, for unnest."""
    columns: list[list[Any]] = [[] for _ in range(width)]
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return columns
