"""Keeping what waits for people: proposals, notices that did not arrive, dead letters, stopped partitions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause

from services.console.store import waiting
from services.console.store.unit_of_work import ReadModelWork
from shared.contract.events import (
    CONSUMER_BRAKED,
    CONSUMER_RELEASED,
    DEAD_LETTER_DECIDED,
    DEAD_LETTER_WAITING,
    PROPOSAL_DECIDED,
    PROPOSAL_OPENED,
    ConsumerBraked,
    ConsumerReleased,
    DeadLetterDecided,
    DeadLetterWaiting,
    ProposalDecided,
    ProposalOpened,
    ProposalState,
)
from shared.contract.notices import NOTICE_DELIVERED, NOTICE_UNDELIVERED, NoticeDelivered, NoticeUndelivered
from shared.messaging.inbox import Handler, Received

Row = dict[str, Any]


def _proposal(proposal: ProposalOpened) -> Row:
    row = proposal.model_dump(mode="json")
    return {"state": ProposalState.OPEN, **row}


def _decided(proposal: ProposalDecided) -> Row:
    return proposal.model_dump(mode="json")


def _undelivered(notice: NoticeUndelivered) -> Row:
    return notice.model_dump(mode="json")


def _delivered(notice: NoticeDelivered) -> Row:
    return notice.model_dump(mode="json")


def _letter(letter: DeadLetterWaiting) -> Row:
    return letter.model_dump(mode="json")


def _letter_decided(letter: DeadLetterDecided) -> Row:
    return {"letter_id": letter.letter_id, "service": letter.service, "decided_at": letter.at}


def _stopped(braked: ConsumerBraked) -> Row:
    return braked.model_dump(mode="json") | {"since": braked.at}


def _released(released: ConsumerReleased) -> Row:
    return released.model_dump(mode="json") | {"released_at": released.at}


def _keeping(statement: TextClause, row_of: Callable[[Any], Row], *key: str) -> Handler[ReadModelWork]:
    """A handler that keeps a row for each event; of several of one key in a batch, one event says what all say."""

    async def keep(work: ReadModelWork, events: Sequence[Received[Any]]) -> None:
        rows = {tuple(str(getattr(event.data, name)) for name in key): row_of(event.data) for event in events}
        await waiting.keep(work.connection, statement, list(rows.values()))
        work.changed_work()

    return keep


_PARTITION = ("service", "topic", "partition", "offset")
HANDLERS: Mapping[str, Handler[ReadModelWork]] = {
    PROPOSAL_OPENED: _keeping(waiting.PROPOSALS, _proposal, "proposal_id"),
    PROPOSAL_DECIDED: _keeping(waiting.PROPOSALS, _decided, "proposal_id"),
    NOTICE_UNDELIVERED: _keeping(waiting.UNDELIVERED, _undelivered, "notice_id"),
    NOTICE_DELIVERED: _keeping(waiting.UNDELIVERED, _delivered, "notice_id"),
    DEAD_LETTER_WAITING: _keeping(waiting.LETTERS, _letter, "letter_id"),
    DEAD_LETTER_DECIDED: _keeping(waiting.LETTERS, _letter_decided, "letter_id"),
    CONSUMER_BRAKED: _keeping(waiting.PARTITIONS, _stopped, *_PARTITION),
    CONSUMER_RELEASED: _keeping(waiting.PARTITIONS, _released, *_PARTITION),
}
