"""Deadlines (时限): when an answer must have arrived, and every step of how that was found. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from services.deadline_watch import arithmetic
from services.deadline_watch.policy import DeadlinePolicy, DeadlineRule, Warning_
from shared.calendar import Day, WorkingCalendar
from shared.events import Bilingual, CaseKind
from shared.instants import SHANGHAI, aware


class ExplainedDay(BaseModel):
    """A day that was counted, with its number, or skipped, and why."""

    model_config = ConfigDict(frozen=True)

    date: date
    counted: bool
    number: int | None
    reason: Bilingual


class Explanation(BaseModel):
    """What a deadline was computed with, for whoever asks years later. Stored, never recomputed for display."""

    model_config = ConfigDict(frozen=True)

    rule: str
    stated: bool
    source: str
    policy_version: str
    calendar_version: str
    days: list[ExplainedDay]
    provisional_reason: Bilingual | None
    text: Bilingual


@dataclass(frozen=True)
class Step:
    """A warning: its name, unique within the deadline, its instant (UTC), and the roles it addresses."""

    name: str
    at: datetime
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Deadline:
    """`due_at` (UTC) is the half-open end: what arrives at that instant is late. `due_text` shows it as 24:00."""

    kind: CaseKind
    started_at: datetime
    due_at: datetime
    due_text: str
    provisional: bool
    explanation: Explanation
    warnings: tuple[Step, ...]


def compute(kind: CaseKind, start: datetime, policy: DeadlinePolicy, calendar: WorkingCalendar) -> Deadline:
    """The deadline of `kind` for an alert issued at `start`. Raises ValueError for a naive start.

    Working days: the day of issue is not counted, and the last one ends at 24:00 (Civil Code arts. 200–204).
    """
    started_at, rule = aware(start), policy.deadlines[kind]
    if rule.span.working_days is None:
        days: list[ExplainedDay] = []
        due_at = arithmetic.after(started_at, rule.span, calendar, policy.working_hours)
        due_text = f"{_local(due_at):%Y-%m-%d %H:%M:%S} (+08:00)"
        unpublished: list[int] = []
    else:
        days, seen = _count(started_at, rule.span.working_days, calendar)
        last = days[-1].date
        due_at = arithmetic.midnight(last + timedelta(days=1))
        due_text = f"{last} 24:00 (+08:00)"
        unpublished = sorted({day.date.year for day in seen if not day.published})
    provisional_reason = _provisional(unpublished) if unpublished else None
    return Deadline(
        kind=kind,
        started_at=started_at,
        due_at=due_at,
        due_text=due_text,
        provisional=provisional_reason is not None,
        explanation=Explanation(
            rule=kind.value,
            stated=rule.stated,
            source=rule.source,
            policy_version=policy.version,
            calendar_version=calendar.version,
            days=days,
            provisional_reason=provisional_reason,
            text=_text(rule, started_at, due_text, days, provisional_reason),
        ),
        warnings=_warnings(rule, started_at, due_at, policy, calendar),
    )


def is_late(received_at: datetime, due_at: datetime) -> bool:
    """Whether an answer received by the server at `received_at` is late. The instant of `due_at` is."""
    return aware(received_at) >= aware(due_at)


def _count(start: datetime, wanted: int, calendar: WorkingCalendar) -> tuple[list[ExplainedDay], list[Day]]:
    """The days up to the last one wanted, as explained and as the calendar gave them; the day of issue first."""
    issued = calendar.day(arithmetic.local_date(start))
    explained = [
        ExplainedDay(
            date=issued.date,
            counted=False,
            number=None,
            reason=Bilingual(zh="发出当日不计", en="the day of issue is not counted"),
        )
    ]
    seen, number = [], 0
    for day in arithmetic.days_from(issued.date + timedelta(days=1), calendar):
        seen.append(day)
        number += day.working
        explained.append(
            ExplainedDay(date=day.date, counted=day.working, number=number if day.working else None, reason=day.reason)
        )
        if number == wanted:
            break
    return explained, seen


def _warnings(
    rule: DeadlineRule, started_at: datetime, due_at: datetime, policy: DeadlinePolicy, calendar: WorkingCalendar
) -> tuple[Step, ...]:
    def moment(warning: Warning_) -> datetime:
        if warning.after is not None:
            return arithmetic.after(started_at, warning.after, calendar, policy.working_hours)
        if warning.share is not None:
            return started_at + (due_at - started_at) * warning.share
        assert warning.last_day_at is not None  # noqa: S101  a warning has exactly one moment
        last = arithmetic.local_date(due_at - timedelta(microseconds=1))
        return aware(datetime.combine(last, warning.last_day_at, SHANGHAI))

    steps = [Step(warning.step, moment(warning), tuple(warning.recipients)) for warning in rule.warnings]
    return tuple(sorted(steps, key=lambda step: step.at))


def _provisional(years: list[int]) -> Bilingual:
    named = "、".join(map(str, years))
    return Bilingual(
        zh=f"{named}年放假安排尚未公布，按法定节假日和普通周末暂定",
        en=f"the calendar of {', '.join(map(str, years))} is not published: statutory holidays and plain weekends only",
    )


def _text(
    rule: DeadlineRule, started_at: datetime, due_text: str, days: list[ExplainedDay], provisional: Bilingual | None
) -> Bilingual:
    """The arithmetic as a person would lay it out, line by line."""
    start = f"{_local(started_at):%Y-%m-%d %H:%M:%S} (+08:00)"
    zh = [f"{rule.name.zh}：{start} 发出预警"]
    en = [f"{rule.name.en}: alert issued {start}"]
    if rule.span.hours is not None:
        zh.append(f"  加 {rule.span.hours:g} 小时（自然时间，夜间和节假日照算）")
        en.append(f"  plus {rule.span.hours:g} clock hours, nights and holidays included")
    for day in days:
        weekday = "一二三四五六日"[day.date.weekday()]
        zh.append(f"  {day.date} 周{weekday}  {f'第 {day.number} 日' if day.counted else '不计'}  {day.reason.zh}")
        en.append(f"  {day.date:%Y-%m-%d %a}  {f'day {day.number}' if day.counted else 'not counted'}  {day.reason.en}")
    zh.append(f"到期：{due_text}，此刻及以后收到为逾期")
    en.append(f"due: {due_text}; what arrives at that instant or later is late")
    if provisional is not None:
        zh.append(f"暂定：{provisional.zh}")
        en.append(f"provisional: {provisional.en}")
    zh.append(f"依据：{rule.source}" + ("" if rule.stated else "（推定）"))
    en.append(f"source: {rule.source}" + ("" if rule.stated else " (inferred)"))
    return Bilingual(zh="\n".join(zh), en="\n".join(en))


def _local(instant: datetime) -> datetime:
    return instant.astimezone(SHANGHAI)
