"""Adjustments (时限变更): what people did to a running clock: paused it, or gave it more time. Pure.

They are kept with the deadline, so that it can be computed again under another calendar or policy, and comes to what
the same adjustments mean there. Nothing else ever lengthens a deadline (domain.md, Ladder).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.deadline_watch.domain import working_time
from services.deadline_watch.domain.calendar import WorkingCalendar
from services.deadline_watch.domain.policy import Span
from shared.contract.dates import due_in_words, instant_in_words
from shared.contract.events import Bilingual
from shared.time.instants import Instant, shown


class _Adjustment(BaseModel):
    """Every adjustment has a reason, a legal ground, and two people."""

    model_config = ConfigDict(frozen=True)

    reason: str
    ground: str
    requested_by: str
    approver: str
    at: Instant


class Pause(_Adjustment):
    """The clock stood still from `at` until `resumed_at`; None while it still does."""

    kind: Literal["pause"] = "pause"
    resumed_at: Instant | None = None
    resumed_by: str | None = None
    resume_reason: str | None = None


class Extension(_Adjustment):
    """The clock has `by` more: natural hours, or working days."""

    kind: Literal["extend"] = "extend"
    by: Span


Adjustment = Annotated[Pause | Extension, Field(discriminator="kind")]


def adjusted(due_at: datetime, adjustment: Pause | Extension, span: Span, calendar: WorkingCalendar) -> datetime:
    """When a clock of `span` is due after an adjustment, having been due at `due_at` before it.

    What was left when it was paused is left when it is resumed, to the second: of natural time where the span is in
    hours, of working days where it is in working days.
    """
    if isinstance(adjustment, Pause):
        if adjustment.resumed_at is None:
            return due_at
        if span.working_days is None:
            return adjustment.resumed_at + (due_at - adjustment.at)
        left = working_time.working_time(adjustment.at, due_at, calendar)
        return working_time.add_working_time(adjustment.resumed_at, left, calendar)
    if adjustment.by.working_days is not None:
        return working_time.add_working_time(due_at, timedelta(days=adjustment.by.working_days), calendar)
    return due_at + timedelta(hours=adjustment.by.hours or 0)


def explanation_line(adjustment: Pause | Extension, due_text: str) -> Bilingual:
    """The line of a deadline's explanation about an adjustment, after which it was due at `due_text`."""
    return _line(adjustment, lambda at: Bilingual(zh=shown(at), en=shown(at)), Bilingual(zh=due_text, en=due_text))


def notice_line(adjustment: Pause | Extension, due_at: datetime) -> Bilingual:
    """The same as a notice says it: when, why, and when it is due now."""
    return _line(adjustment, instant_in_words, due_in_words(due_at))


def _line(adjustment: Pause | Extension, written: Callable[[datetime], Bilingual], due: Bilingual) -> Bilingual:
    by, at = f"{adjustment.requested_by} → {adjustment.approver}", written(adjustment.at)
    why = f"{adjustment.reason}（{adjustment.ground}；{by}）"
    why_en = f"{adjustment.reason} ({adjustment.ground}; {by})"
    if isinstance(adjustment, Extension):
        zh, en = _in_words(adjustment.by)
        return Bilingual(
            zh=f"{at.zh} 延长 {zh}：{why}，到期改为 {due.zh}",
            en=f"{at.en} extended by {en}: {why_en}; now due {due.en}",
        )
    if adjustment.resumed_at is None:
        return Bilingual(zh=f"{at.zh} 起中止计时：{why}", en=f"{at.en} paused: {why_en}")
    until = written(adjustment.resumed_at)
    return Bilingual(
        zh=f"{at.zh} 至 {until.zh} 中止计时：{why}，到期改为 {due.zh}",
        en=f"paused {at.en} to {until.en}: {why_en}; now due {due.en}",
    )


def _in_words(span: Span) -> tuple[str, str]:
    if span.working_days is not None:
        return f"{span.working_days} 个工作日", f"{span.working_days} working days"
    return f"{span.hours:g} 小时", f"{span.hours:g} hours"
