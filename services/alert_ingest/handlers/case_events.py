"""What alert_ingest does on events of cases, deadlines and enterprises.

It stores which case answers an alert, whether and when the enterprise answered, what turned out to be a false alarm,
and how each enterprise is classified: facts that grades depend on.

Every handler acts on all events of its type in a chunk. `lock` has locked their enterprises before, all in one order:
two units of work that meet on some of them never wait for each other in a ring.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from services.alert_ingest.domain.decisions import downgrade_for_answer
from services.alert_ingest.domain.event_facts import LaterFacts
from services.alert_ingest.handlers import regrading
from services.alert_ingest.handlers.decisions import Decisions
from services.alert_ingest.store import case_facts as store
from services.alert_ingest.store import cases as case_store
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store import outlets as outlet_store
from services.alert_ingest.store.graded_alerts import alerts_in_force
from services.alert_ingest.store.grades import mark_unanswered
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import CaseEvent, CaseKind, CaseType, DeadlineEvent, DeadlineType
from shared.contract.registrations import (
    ENTERPRISE_REGISTERED,
    OUTLET_REGISTERED,
    EnterpriseRegistered,
    OutletRegistered,
)
from shared.contract.words import DecisiveOutcome
from shared.messaging.inbox import Handler, Received
from shared.messaging.unit_of_work import UnitOfWork


def handlers(books: RuleBooks, decisions: Decisions) -> Mapping[str, Handler[UnitOfWork]]:
    """By event type, what is done on it."""
    return {
        ENTERPRISE_REGISTERED: register,
        OUTLET_REGISTERED: register_outlets,
        **dict.fromkeys(CaseType, keep_cases),
        CaseType.OPENED: link_cases,
        CaseType.SELF_REPORTED: partial(take_answers, books, decisions),
        CaseType.CLOSED: partial(take_closings, books),
        DeadlineType.UNANSWERED: partial(upgrade_unanswered, books),
    }


async def lock(work: UnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Lock the enterprises that the events concern, before any of them is acted on."""
    codes = (
        event.data.code if isinstance(event.data, EnterpriseRegistered) else event.data.enterprise_code
        for event in events
    )
    await intake_store.lock_enterprises(work.connection, codes)


async def register(work: UnitOfWork, events: Sequence[Received[EnterpriseRegistered]]) -> None:
    """Store how enterprises are classified. The latest registration counts, in whatever order they are received."""
    latest: dict[str, EnterpriseRegistered] = {}
    for event in events:
        if (known := latest.get(event.data.code)) is None or known.at <= event.data.at:
            latest[event.data.code] = event.data
    # Registrations of before they named the station leave the station as it is known otherwise.
    named = [one for one in latest.values() if "station" in one.model_fields_set]
    unnamed = [one for one in latest.values() if "station" not in one.model_fields_set]
    await store.store_registrations(work.connection, named, ("classification", "registered_at", "station"))
    await store.store_registrations(work.connection, unnamed, ("classification", "registered_at"))


async def register_outlets(work: UnitOfWork, events: Sequence[Received[OutletRegistered]]) -> None:
    """Store whose outlets are by master data."""
    await outlet_store.store_registered(work.connection, [event.data for event in events])


async def keep_cases(work: UnitOfWork, events: Sequence[Received[CaseEvent]]) -> None:
    """Store how far the cases are that answer alerts, and which station is in charge of their enterprises."""
    await case_store.keep_cases(work.connection, [(event.type_, event.data) for event in events])


async def link_cases(work: UnitOfWork, events: Sequence[Received[CaseEvent]]) -> None:
    """Store which case answers each alert. A check on site, or of a marking, is a second case beside the first."""
    await keep_cases(work, events)
    cases = {
        alert_id: event.data.case_id
        for event in events
        if event.data.kind in (CaseKind.SELF_REPORT, CaseKind.ON_SITE)
        for alert_id in event.data.alert_ids
    }
    await store.link_cases(work.connection, cases)


async def take_answers(
    books: RuleBooks, decisions: Decisions, work: UnitOfWork, events: Sequence[Received[CaseEvent]]
) -> None:
    """Store when enterprises last answered, by the server's receipt of the answer.

    Where an alert was upgraded for silence before its answer was received here, people decide.
    """
    await keep_cases(work, events)
    answers = _first_of(event.data for event in reversed(events))
    await store.keep_answers(work.connection, answers)
    overtaken = await store.upgraded_although_answered(work.connection, books, answers)
    await decisions.keep(work, [downgrade_for_answer(alert, answered_at) for alert, answered_at in overtaken])


async def take_closings(books: RuleBooks, work: UnitOfWork, events: Sequence[Received[CaseEvent]]) -> None:
    """Store that cases are closed, and what their outcomes say of the alerts: false alarms, and untrue reports."""
    await keep_cases(work, events)
    closed = [event.data for event in events]
    await store.set_once(
        work.connection,
        "found_false_at",
        _first_of(case for case in closed if case.outcome == DecisiveOutcome.FALSE_ALARM),
    )
    untrue = [
        case for case in closed if case.outcome == DecisiveOutcome.REPORT_UNTRUE and case.kind is CaseKind.VERIFICATION
    ]
    if untrue:
        await _enforce(work, books, _first_of(untrue))


async def upgrade_unanswered(books: RuleBooks, work: UnitOfWork, events: Sequence[Received[DeadlineEvent]]) -> None:
    """Grade yellow alerts again, whatever made them so, that nobody answered for as long as deadline_watch allows."""
    clocks = {event.data.alert_id: event.data for event in events if event.data.kind == CaseKind.SELF_REPORT}
    revisions = []
    for stored in await mark_unanswered(work.connection, books, clocks):
        clock = clocks[stored.alert_id]
        hours = (clock.at - clock.silent_since).total_seconds() / 3600
        grade = await regrading.regrade(work.connection, stored, LaterFacts(unanswered_hours=hours))
        if grade.level.rank > stored.level.rank:
            revisions.append(stored.revised(grade, "unanswered", work.now))
    await regrading.apply_revisions(work, revisions)


async def _enforce(work: UnitOfWork, books: RuleBooks, found_untrue: Mapping[UUID, datetime]) -> None:
    """The enterprise did not report truthfully: what it was asked to put right itself is enforced now."""
    await store.set_once(work.connection, "report_untrue_at", found_untrue)
    revisions = []
    for stored in await alerts_in_force(work.connection, books, found_untrue):
        grade = await regrading.regrade(work.connection, stored, LaterFacts(report_untrue=True))
        if grade.level.rank > stored.level.rank:
            revisions.append(stored.revised(grade, "untrue", work.now))
    await regrading.apply_revisions(work, revisions)


def _first_of(cases: Iterable[CaseEvent]) -> dict[UUID, datetime]:
    """By alert, when the first of the events about it happened."""
    first: dict[UUID, datetime] = {}
    for case in cases:
        for alert_id in case.alert_ids:
            first.setdefault(alert_id, case.at)
    return first
