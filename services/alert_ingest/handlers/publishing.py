"""Publishing a rule book, which takes two people: one proposes the book, another brings it into force."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row

from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.dates import instant_in_words
from shared.contract.events import Actor, Bilingual
from shared.contract.roles import Role
from shared.evidence.domain.facts import act
from shared.evidence.domain.records import Fact
from shared.messaging.proposals.people import Matter, Person
from shared.messaging.proposals.proposals import Confirmed, Draft, Kind
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.clock import Clock
from shared.time.instants import Instant, instant_of, shown

AUTHORS = frozenset({Role.SECTION, Role.ADMIN})
_NAME = "rule_book"
PUBLISHED = "cn.tricolor.rule_book.published.v1"


class Published(BaseModel):
    """What confirming the proposal of a rule book did."""

    version: str
    effective_from: Instant


class Publishing:
    """Proposes rule books, and publishes those that another person confirms."""

    def __init__(self, books: RuleBooks, clock: Clock) -> None:
        self._books, self._clock = books, clock
        self.kind = Kind(
            name=_NAME,
            title=Bilingual(zh="规则库发布", en="Publication of a rule book"),
            about="rule book",
            proposers=AUTHORS,
            confirmers=AUTHORS | {Role.LEADER},
            apply=self._publish,
        )

    async def draft(self, work: UnitOfWork, body: str, effective_from: datetime | None, reason: str) -> Draft:
        """Return the proposal to publish the book in `body`. Raises as publishing it now would."""
        book, changed = await self._books.preview(work.connection, body, effective_from, work.now)
        before = await self._books.in_force(work.connection, work.now)
        since = instant_in_words(book.effective_from)
        return Draft(
            kind=_NAME,
            subject=book.version,
            matter=Matter(),
            summary=Bilingual(
                zh=f"规则库 {book.version}，自{since.zh}起施行，{len(changed)} 处变更",
                en=f"rule book {book.version} from {since.en}, {len(changed)} changes",
            ),
            reason=reason,
            ground=reason,
            parameters={"book": body, "effective_from": effective_from and shown(effective_from)},
            before={"version": before.version},
            after={"version": book.version, "effective_from": shown(book.effective_from), "changes": changed},
        )

    async def publish_alone(
        self, work: UnitOfWork, body: str, effective_from: datetime | None, author: Person, reason: str
    ) -> Row[Any]:
        """Publish the book where there is nobody else who could confirm it; nobody stands for having done so."""
        row = await self._books.publish(
            work.connection,
            body,
            effective_from=effective_from,
            author=author.name,
            confirmed_by=None,
            reason=reason,
            clock=self._clock,
        )
        work.record(_published(row, author.actor))
        return row

    async def _publish(self, work: UnitOfWork, confirmed: Confirmed) -> Published:
        effective_from = confirmed.parameters["effective_from"]
        row = await self._books.publish(
            work.connection,
            confirmed.parameters["book"],
            effective_from=effective_from and instant_of(effective_from),
            author=confirmed.proposed_by.name,
            confirmed_by=confirmed.confirmed_by.name,
            reason=confirmed.reason,
            clock=self._clock,
        )
        work.record(_published(row, confirmed.confirmed_by.actor))
        return Published(version=row.version, effective_from=row.effective_from)


def _published(row: Row[Any], by: Actor) -> Fact:
    return act(PUBLISHED, "rule-book", dict(row._mapping), actor=by, policy={"rule_book": row.version})
