"""Proposals to pause a clock, to let it go on, or to give it more time: what they would change, and what they do."""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from pydantic import BaseModel

from services.deadline_watch.domain.clocks import Clock
from services.deadline_watch.domain.policy import Span
from services.deadline_watch.handlers.adjust_deadline import Adjusting, Adjustments, Cause
from services.deadline_watch.store import clocks
from services.deadline_watch.store.clock_versions import Grounds
from shared.contract.dates import due_in_words
from shared.contract.events import Bilingual
from shared.contract.refusals import NotFound
from shared.contract.roles import OFFICE
from shared.messaging.proposals.people import Matter, Person
from shared.messaging.proposals.proposals import Confirmed, Draft, Kind
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.instants import Instant

_UNKNOWN = "?"
"""Who will confirm a change that is only planned."""
_TITLES = {
    "pause": Bilingual(zh="中止计时", en="Pause of a deadline"),
    "resume": Bilingual(zh="恢复计时", en="Resumption of a deadline"),
    "extend": Bilingual(zh="延长时限", en="Extension of a deadline"),
}


class Adjusted(BaseModel):
    """What confirming the change of a clock did."""

    deadline_id: UUID
    due_at: Instant
    due_text: str
    paused_at: Instant | None


class ClockProposals:
    """Makes proposals about clocks, and changes those whose proposal another person confirms."""

    def __init__(self, adjustments: Adjustments) -> None:
        self._adjustments = adjustments

    def kinds(self) -> Iterable[Kind[UnitOfWork]]:
        for name, title in _TITLES.items():
            yield Kind(name=name, title=title, about="deadline", proposers=OFFICE, confirmers=OFFICE, apply=self._apply)

    async def draft(self, work: UnitOfWork, adjusting: Adjusting, reason: str, ground: str, by: Person) -> Draft:
        """Return the proposal. Raises NotFound where the clock is not theirs, and Conflict where it does not fit."""
        found = await clocks.find(work.connection, adjusting.deadline_id)
        matter = Matter(found.station, found.enterprise_code)
        if not matter.is_proposed_by(by):
            raise NotFound("deadline", adjusting.deadline_id)
        grounds = Grounds(adjusting.cause, reason, ground, by.name, _UNKNOWN)
        planned = await self._adjustments.plan(work, adjusting, grounds)
        clock, span = planned.stored.clock, adjusting.by
        after = {"paused": True} if adjusting.cause == "pause" else {"due_text": planned.deadline.due_text}
        return Draft(
            kind=adjusting.cause,
            subject=str(adjusting.deadline_id),
            matter=matter,
            summary=_summary(adjusting, clock),
            reason=reason,
            ground=ground,
            parameters={} if span is None else {"by": span.model_dump(mode="json")},
            before={"due_text": clock.due_text, "paused": clock.paused_at is not None},
            after=after,
            alert_id=clock.alert_id,
            case_id=clock.case_id,
        )

    async def _apply(self, work: UnitOfWork, confirmed: Confirmed) -> Adjusted:
        by = confirmed.parameters.get("by")
        adjusting = Adjusting(
            cast("Cause", confirmed.kind), UUID(confirmed.subject), None if by is None else Span.model_validate(by)
        )
        grounds = Grounds(
            adjusting.cause,
            confirmed.reason,
            confirmed.ground,
            confirmed.proposed_by.name,
            confirmed.confirmed_by.name,
        )
        clock = await self._adjustments.make(work, adjusting, grounds)
        return Adjusted(
            deadline_id=clock.deadline_id, due_at=clock.due_at, due_text=clock.due_text, paused_at=clock.paused_at
        )


def _summary(adjusting: Adjusting, clock: Clock) -> Bilingual:
    """What would be done. It is read after it was done too, so the end that it names is called the former one."""
    zh, en = {
        "pause": ("中止计时", "pause"),
        "resume": ("恢复计时", "resume"),
        "extend": _extension(adjusting.by),
    }[adjusting.cause]
    due = due_in_words(clock.due_at)
    return Bilingual(
        zh=f"{clock.enterprise_code}的案件{zh}，原到期：{due.zh}",
        en=f"{en} a case of {clock.enterprise_code}, due {due.en} before",
    )


def _extension(by: Span | None) -> tuple[str, str]:
    if by is None:
        return "", ""
    if by.working_days is not None:
        return f"延长 {by.working_days} 个工作日", f"extend by {by.working_days} working days"
    return f"延长 {by.hours:g} 小时", f"extend by {by.hours:g} hours"
