"""The work of one transaction: what it has to tell, gathered while it changes things, handed over at its end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.cases.wakeups import Changes
from services.dispatcher.notices.store import enqueue
from services.dispatcher.notices.wording.draft import NoticeDraft
from shared.contract.cloudevents import Outgoing, compose
from shared.storage.database import after_commit

SOURCE = "/tricolor/dispatcher"


@dataclass
class Work:
    """One message's, request's or pass's transaction, at its instant."""

    connection: AsyncConnection
    now: datetime
    topic: str
    changes: Changes
    seen: int | None = None
    """The revision of the case that the caller decided on, where the request says so (`If-Match`)."""
    notices: list[NoticeDraft] = field(default_factory=list)
    officers: set[str] = field(default_factory=set)
    _events: list[Outgoing] = field(default_factory=list)

    def tell(self, type_: str, enterprise: str, data: BaseModel) -> None:
        """Have an event of the topic `cases` leave with this transaction."""
        self._events.append(
            compose(topic=self.topic, source=SOURCE, type_=type_, enterprise=enterprise, time=self.now, data=data)
        )

    async def finish(self) -> Sequence[Outgoing]:
        """Store the notices, wake the officers concerned after the commit; answer the events to append."""
        await enqueue(self.connection, self.notices, self.now)
        if self.officers:
            officers = frozenset(self.officers)
            after_commit(self.connection, lambda: self.changes.touch(officers))
        return self._events
