"""What the console does about the events of the other services: it keeps what they say, and decides nothing."""

from collections.abc import Collection, Sequence
from typing import Any

from services.console.handlers import master_data, waiting
from services.console.handlers.alerts import AlertEvents
from services.console.handlers.cases import CaseEvents
from services.console.store.enterprises import lock_enterprises
from services.console.store.targets import LIVE, Target
from services.console.store.unit_of_work import ReadModelWork
from shared.contract.events import (
    ALERT_DISMISSED,
    ALERT_GRADED,
    ALERT_REGRADED,
    FILE_NUMBER_RECORDED,
    AlertDismissed,
    AlertGraded,
    CaseType,
    DeadlineType,
)
from shared.contract.registrations import EnterpriseRegistered
from shared.messaging.inbox import Handler, Received


def handlers(target: Target = LIVE) -> dict[str, Handler[ReadModelWork]]:
    """By event type, what the console does about events of it."""
    # One handler for all that is about cases, so that a batch is merged at once.
    cases, alerts = CaseEvents(target).handle, AlertEvents(target).handle
    return {
        **dict.fromkeys(map(str, CaseType), cases),
        **dict.fromkeys(map(str, DeadlineType), cases),
        FILE_NUMBER_RECORDED: cases,
        **dict.fromkeys((ALERT_GRADED, ALERT_REGRADED, ALERT_DISMISSED), alerts),
        **master_data.HANDLERS,
        **waiting.HANDLERS,
    }


async def lock_touched(work: ReadModelWork, events: Sequence[Received[Any]]) -> None:
    """Lock the enterprises that a batch is about, all at once: batches wait for each other, never in a ring."""
    await lock_codes(work, {code for event in events if (code := enterprise_of(event.data)) is not None})


async def lock_codes(work: ReadModelWork, codes: Collection[str]) -> None:
    """Lock these enterprises: nothing else is written about them until this unit of work ends."""
    await lock_enterprises(work.connection, codes)


def enterprise_of(data: object) -> str | None:
    """The enterprise that an event is about, if any."""
    match data:
        case AlertGraded() | AlertDismissed():
            return data.enterprise.code
        case EnterpriseRegistered():
            return data.code
        case _:
            return getattr(data, "enterprise_code", None)
