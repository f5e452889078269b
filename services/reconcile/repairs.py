"""Mending gaps, each by the way of the service concerned: its relay, its reaction, its own telling.

Every repair may be done twice: what is told again is recognised, and what is acted on anew has no effect that stands.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.alert_ingest.handlers import republish as alerts
from services.alert_ingest.store.rule_book_versions import RuleBooks
from services.dispatcher.cases import republish as cases
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork, units_of_work
from services.dispatcher.cases.wakeups import Changes
from services.infrastructure import FLOWS, OUTBOXES
from services.reconcile.evidence import EVENT, writer_of
from services.reconcile.findings import Gap, Link, Remedy
from shared.contract.events import CaseType, Topic
from shared.contract.messages import Publisher
from shared.messaging.inbox import forget
from shared.messaging.outbox import Outbox
from shared.messaging.replay import relay_again
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock

_OUTBOX = {writer_of(outbox): outbox for outbox in OUTBOXES}
_INBOX = {writer_of(inbox): inbox for _, _, inbox in FLOWS}


class Repairs:
    """Mends the gaps of one link in the caller's transaction; answers how many events leave because of it."""

    def __init__(self, settings: Settings, clock: Clock, database: Database) -> None:
        self._settings, self._clock = settings, clock
        self._ingest = UnitsOfWork(
            database=database,
            outbox=Outbox(_OUTBOX["ingest"], clock),
            clock=clock,
            publisher=Publisher("alert_ingest", settings.topic_prefix),
            make=UnitOfWork,
        )
        self._dispatch = units_of_work(
            database, Outbox(_OUTBOX["dispatch"], clock), clock, Changes(), settings.topic_prefix
        )

    async def mend(self, connection: AsyncConnection, link: Link, remedy: Remedy, gaps: Sequence[Gap]) -> int:
        match link, remedy:
            case (_, Remedy.RELAY):
                return await _relay(connection, gaps)
            case (Link.ALERT_CASE, Remedy.ACT):
                await forget(connection, _INBOX["dispatch"], _abouts(gaps))
                return await relay_again(connection, _OUTBOX["ingest"], _abouts(gaps))
            case (_, Remedy.ACT):
                return await self._act_on_cases(connection, _abouts(gaps))
            case (Link.ALERT_TOLD, Remedy.TELL):
                return await self._republish_alerts(connection, _abouts(gaps))
            case (_, Remedy.TELL):
                return await self._republish_cases(connection, gaps)

    async def _act_on_cases(self, connection: AsyncConnection, case_ids: Sequence[UUID]) -> int:
        """deadline_watch hears again everything that was told of these cases: a clock's state is a function of it."""
        told = await connection.scalars(
            text(f"""
                select o.event_id from dispatch.outbox o
                 where case when o.topic = :topic
                       then cast({EVENT.format("o")}->'data'->>'case_id' as uuid) = any(cast(:case_ids as uuid[])) end
            """),
            {"topic": self._settings.topic(Topic.CASES), "case_ids": case_ids},
        )
        event_ids = told.all()
        await forget(connection, _INBOX["watch"], event_ids)
        return await relay_again(connection, _OUTBOX["dispatch"], event_ids)

    async def _republish_alerts(self, connection: AsyncConnection, alert_ids: Sequence[UUID]) -> int:
        books = RuleBooks(RULE_BOOK.read_text(encoding="utf-8"))
        work = UnitOfWork(connection, self._clock.now())
        number = await alerts.republish(work, books, alert_ids)
        await self._ingest.finish(work)
        return number

    async def _republish_cases(self, connection: AsyncConnection, gaps: Iterable[Gap]) -> int:
        steps: defaultdict[UUID, set[CaseType]] = defaultdict(set)
        for case_id, type_ in _held(gaps):
            steps[case_id].add(CaseType(type_))
        work = CaseUnitOfWork(connection, self._clock.now(), Changes())
        number = await cases.republish(work, steps)
        await self._dispatch.finish(work)
        return number


async def _relay(connection: AsyncConnection, gaps: Iterable[Gap]) -> int:
    by_writer: defaultdict[str, list[UUID]] = defaultdict(list)
    for event_id, writer in _held(gaps):
        by_writer[writer].append(event_id)
    return sum([await relay_again(connection, _OUTBOX[writer], ids) for writer, ids in by_writer.items()])


def _held(gaps: Iterable[Gap]) -> list[tuple[UUID, str]]:
    return [(gap.about, gap.detail) for gap in gaps if gap.about is not None and gap.detail is not None]


def _abouts(gaps: Iterable[Gap]) -> list[UUID]:
    return [gap.about for gap in gaps if gap.about is not None]
