"""The statements of the intake, set-wise: a batch of 500 takes as many round trips as a batch of one.

Rows are locked in one order everywhere (enterprises by code, alerts by occurrence, events by identity), so that two
replicas that work on the same keys queue up instead of deadlocking.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


class KnownEnterprise(NamedTuple):
    """How an enterprise is classified, and whether the bureau's master data have it."""

    classification: frozenset[str]
    registered: bool


async def lock_enterprises(connection: AsyncConnection, codes: Iterable[str]) -> dict[str, KnownEnterprise]:
    """Lock the enterprises until the transaction ends; answer what is known of each.

    Whoever grades alerts of an enterprise holds its row: nobody overlooks what another is about to store.
    """
    values = {"codes": sorted(set(codes))}
    await connection.execute(
        text("""
            insert into ingest.enterprises (code) select unnest(cast(:codes as text[]))
            on conflict (code) do nothing
        """),
        values,
    )
    rows = await connection.execute(
        text("""
            select code, classification, registered_at is not null as registered
              from ingest.enterprises where code = any(:codes) order by code for update
        """),
        values,
    )
    return {row.code: KnownEnterprise(frozenset(row.classification), row.registered) for row in rows}


async def classification(connection: AsyncConnection, code: str) -> frozenset[str]:
    """Return how the enterprise is classified now; not at all where it is unknown."""
    found = await connection.scalar(
        text("select classification from ingest.enterprises where code = :code"), {"code": code}
    )
    return frozenset(found or ())


async def known_events(
    connection: AsyncConnection, identities: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Row[Any]]:
    """Find those of `identities` that are stored: the content's hash, and the alert it belongs to with its level."""
    sources, ids = map(array, _columns(set(identities), 2))
    rows = await connection.execute(
        text("""
            select e.source, e.id, e.content_hash, a.alert_id, a.level
              from unnest(cast(cast(:sources as text) as text[]), cast(cast(:ids as text) as text[]))
                   as asked (source, id)
              join ingest.events e using (source, id)
              join ingest.alerts a using (alert_id)
        """),
        {"sources": sources, "ids": ids},
    )
    return {(row.source, row.id): row for row in rows}


async def known_alerts(connection: AsyncConnection, occurrences: Iterable[Occurrence]) -> dict[Occurrence, Row[Any]]:
    """Find and lock the alerts of `occurrences`, as a repeat will change them: by what identifies them.

    Rows from before there was that have none, and are found by what it is of.
    """
    wanted = set(occurrences)
    outlets, categories, pollutants, instants, codes = zip(*wanted, strict=True) if wanted else [()] * 5
    rows = await connection.execute(
        text("""
            select *
              from ingest.alerts
             where alert_id = any(array(
                   select a.alert_id
                     from unnest(cast(cast(:identities as text) as bytea[]), cast(cast(:whose as text) as text[]))
                          as asked (identity, enterprise_code)
                     join ingest.alerts a using (identity, enterprise_code)
                   union all
                   select a.alert_id
                     from unnest(
                            cast(cast(:outlets as text) as text[]), cast(cast(:categories as text) as text[]),
                            cast(cast(:pollutants as text) as text[]), cast(cast(:instants as text) as timestamptz[]),
                            cast(cast(:codes as text) as text[])
                          ) as asked (outlet, category, pollutant, occurred_at, enterprise_code)
                     join ingest.alerts a using (outlet, category, pollutant, occurred_at, enterprise_code)
                    where a.identity is null))
             order by outlet, category, pollutant, occurred_at, enterprise_code
               for update
        """),
        {
            "identities": _bytes([one for o in wanted for one in o.identities]),
            "whose": array([code for code in codes for _ in range(2)]),
            "codes": array(codes),
            "outlets": array(outlets),
            "categories": array(categories),
            "pollutants": array(pollutants),
            "instants": array_of_plain([f'"{one}"' for one in instants]),
        },
    )
    return {occurrence_of(row): row for row in rows}


async def taken_identities(connection: AsyncConnection, occurrences: Iterable[Occurrence]) -> frozenset[bytes]:
    """Find those of the identities that an alert has, whosever it is."""
    rows = await connection.execute(
        text("""
            select identity from unnest(cast(cast(:identities as text) as bytea[])) as asked (identity)
              join ingest.alerts using (identity)
        """),
        {"identities": _bytes([one.identity for one in set(occurrences)])},
    )
    return frozenset(rows.scalars())


def _bytes(hashes: Iterable[bytes]) -> str:
    """Write hashes as an array of them."""
    return array_of_plain([f'"\\\\x{one.hex()}"' for one in hashes])


async def count_repeats(connection: AsyncConnection, alert_ids: Iterable[UUID]) -> None:
    """Count one repeat for each mention. The rows are locked already, by `known_alerts` or by being new."""
    counted = Counter(alert_ids)
    if counted:
        await connection.execute(
            text("""
                update ingest.alerts a set repeats = a.repeats + counted.repeats
                  from unnest(cast(:alert_ids as uuid[]), cast(:repeats as integer[])) as counted (alert_id, repeats)
                 where a.alert_id = counted.alert_id
            """),
            {"alert_ids": list(counted), "repeats": list(counted.values())},
        )


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
