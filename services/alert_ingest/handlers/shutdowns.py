"""Shutdowns of enterprises: one declares, another confirms, and missing data within are excused."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from services.alert_ingest.domain.event_facts import Evidence
from services.alert_ingest.domain.parsing import Received
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.shutdowns import Excuses, Shutdown, ShutdownKind, Span, check_declared, load
from services.alert_ingest.store import shutdowns as store
from services.alert_ingest.store.decisions import stations_of
from shared.contract.events import AnomalyData, Bilingual
from shared.contract.refusals import NotFound
from shared.contract.roles import OFFICE, Role
from shared.messaging.proposals.people import Matter, Person
from shared.messaging.proposals.proposals import Confirmed, Draft, Kind
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.instants import instant_of, shown

DECLARERS = OFFICE | {Role.OFFICER, Role.ENTERPRISE}
_NAME = "shutdown"


async def draft(work: UnitOfWork, span: Span, by: Person) -> Draft:
    """Return the proposal of a shutdown. Raises NotFound for another's enterprise, and Invalid for its span."""
    code = span.enterprise_code
    stations = await stations_of(work.connection, [code])
    matter = Matter(stations.get(code), code)
    if code not in stations or not matter.is_proposed_by(by):
        raise NotFound("enterprise", code)
    check_declared(span, load(), work.now)
    parameters = asdict(span) | {"start": shown(span.start), "end": shown(span.end)}
    return Draft(
        kind=_NAME,
        subject=f"{code}/{span.outlet or '*'}/{shown(span.start)}",
        matter=matter,
        summary=span.in_words,
        reason=span.reason,
        ground=span.kind,
        parameters=parameters,
        after=parameters,
    )


async def _confirm(work: UnitOfWork, confirmed: Confirmed) -> None:
    given = confirmed.parameters
    shutdown = Shutdown(
        enterprise_code=given["enterprise_code"],
        outlet=given["outlet"],
        start=instant_of(given["start"]),
        end=instant_of(given["end"]),
        kind=ShutdownKind(given["kind"]),
        reason=given["reason"],
        shutdown_id=confirmed.proposal_id,
    )
    names = {"proposed_by": confirmed.proposed_by.name, "confirmed_by": confirmed.confirmed_by.name}
    await store.store_shutdown(work.connection, shutdown, **names, now=work.now)


KIND: Kind[UnitOfWork] = Kind(
    name=_NAME,
    title=Bilingual(zh="停产申报", en="Declared shutdown"),
    about="shutdown",
    proposers=DECLARERS,
    confirmers=OFFICE,
    apply=_confirm,
)


async def excuses_of(work: UnitOfWork, batch: Sequence[Received], book: RuleBook) -> Excuses:
    """Find what confirmed shutdowns excuse of a batch: none that an alert, stored or of the batch, contradicts."""
    policy = load()
    data = [one.event.data for one in batch if one.event.data.category in policy.excuses]
    windows = [one.window for one in data if one.window is not None and one.window.end is not None]
    if not windows:
        return Excuses((), policy)
    found = await store.shutdowns_of(
        work.connection,
        {one.enterprise.code for one in data},
        min(one.start for one in windows),
        max(one.end for one in windows if one.end is not None),
    )
    believed = []
    for shutdown in found:
        if not any(shutdown.covers(one) for one in data):
            continue
        seen: list[tuple[AnomalyData | Evidence, datetime]] = [
            *((one.event.data, one.occurrence.occurred_at) for one in batch),
            *await store.seen_during(work.connection, shutdown),
        ]
        if not any(shutdown.is_contradicted_by(one, at, book) for one, at in seen):
            believed.append(shutdown)
    return Excuses(believed, policy)
