"""The statement that stores new alerts.

Whoever calls it holds the locks of the enterprises concerned (`intake.lock_enterprises`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import orjson
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.alert import Alert
from services.alert_ingest.domain.parsing import Occurrence, Received
from services.alert_ingest.store.grades import Raced, event_of
from services.alert_ingest.store.packed import Bodies
from shared.storage.copying import copy_rows, is_duplicate

_COLUMNS = (
    "alert_id",
    "enterprise_code",
    "outlet",
    "category",
    "pollutant",
    "occurred_at",
    "level",
    "received_at",
    "issued_at",
    "source",
    "own_rule",
    "own_level",
    "exceeding",
    "classification",
    "deciding_event",
    "graded_level",
    "identity",
    "held_since",
    "counted_on",
)
_AS_JSON, _PACKED = ("event", "grading", "doubts"), ("packed_event", "packed_grade", "doubts", "causes")


async def open_alerts(
    connection: AsyncConnection,
    opened: Sequence[tuple[Alert, Received]],
    bodies: Bodies,
    identities: Mapping[Occurrence, tuple[bytes, bytes]],
    taken: Set[bytes],
) -> None:
    """Store new alerts, each with the event that opened it, which `bodies` has as it is stored.

    `identities` are those of their occurrences, and `taken` those that alerts of other enterprises have. Raises Raced
    where one is there already.
    """
    if not opened:
        return
    # In one order everywhere: two replicas that store the same ones wait for each other and never deadlock.
    ordered = sorted(opened, key=lambda one: one[1].occurrence)
    columns, documents = _documents(ordered, bodies)
    free = _identities([identities[received.occurrence] for _, received in ordered], taken)
    rows = [
        (*_row(alert, received, identity), *document)
        for (alert, received), identity, document in zip(ordered, free, documents, strict=True)
    ]
    try:
        await copy_rows(connection, tables.alerts, (*_COLUMNS, *columns), rows)
    except DBAPIError as error:
        if is_duplicate(error):
            raise Raced from error
        raise


def _documents(opened: Sequence[tuple[Alert, Received]], bodies: Bodies) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    """The columns of event and grading, and what each alert has in them."""
    if bodies.packer is None:
        return _AS_JSON, [
            (received.body.decode(), alert.grade.written.decode(), alert.grade.written_doubts.decode())
            for alert, received in opened
        ]
    grades = bodies.packer.pack([b"[%b,%b]" % (alert.grade.written, alert.grade.written_doubts) for alert, _ in opened])
    return _PACKED, [
        (bodies.stored[received.identity], grade, "[]", alert.grade.grading.causes or None)
        for (alert, received), grade in zip(opened, grades, strict=True)
    ]


def _identities(identities: Iterable[tuple[bytes, bytes]], taken: Set[bytes]) -> Iterator[bytes]:
    """The identity of each new alert: with its enterprise, where the one without is another's."""
    given = set(taken)
    for identity, within in identities:
        yield within if identity in given else identity
        given.add(identity)


def _row(alert: Alert, received: Received, identity: bytes) -> tuple[Any, ...]:
    """The columns of a new alert, opened by `received`."""
    occurrence, assessment, grade = received.occurrence, alert.assessment, alert.grade
    entry = assessment.entry
    return (
        alert.alert_id,
        occurrence.enterprise_code,
        occurrence.outlet,
        occurrence.category,
        occurrence.pollutant,
        occurrence.occurred_at,
        grade.level,
        alert.received_at,
        alert.issued_at,
        received.event.source,
        entry.rule,
        entry.level,
        entry.exceeding,
        sorted(assessment.classification),
        None if assessment.event is received.event else orjson.dumps(event_of(assessment)).decode(),
        grade.level,
        identity,
        alert.issued_at if alert.held else None,
        alert.counted_on,
    )
