"""Deadlines (时限): when an answer must have arrived, and every step of how that was found. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pydantic import BaseModel, ConfigDict

from services.deadline_watch.domain import working_time
from services.deadline_watch.domain.adjustments import Adjustment, Extension, Pause, adjusted, explanation_line
from services.deadline_watch.domain.calendar import Day, WorkingCalendar, deciding_years
from services.deadline_watch.domain.policy import DeadlinePolicy, DeadlineRule, Silence, Warning_
from shared.contract.events import Bilingual
from shared.contract.words import ClockKind
from shared.time.instants import SHANGHAI, aware, instant_on


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
    adjustments: list[Adjustment] = []
    text: Bilingual


@dataclass(frozen=True)
class PlannedWarning:
    """A warning: its name, unique within the deadline, its instant (UTC), and the roles it addresses."""

    name: str
    at: datetime
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Deadline:
    """A deadline as it is computed, with its explanation and what warns of it.

    `due_at` (UTC) is the half-open end: what arrives at that instant is late. `due_text` shows it as 24:00.
    `unanswered_at` is when it counts as unanswered altogether; None where nothing follows from that.
    """

    kind: ClockKind
    started_at: datetime
    due_at: datetime
    due_text: str
    provisional: bool
    explanation: Explanation
    warnings: tuple[PlannedWarning, ...]
    unanswered_at: datetime | None


def compute(
    kind: ClockKind,
    start: datetime,
    policy: DeadlinePolicy,
    calendar: WorkingCalendar,
    adjustments: Sequence[Pause | Extension] = (),
) -> Deadline:
    """The deadline of `kind` for an alert issued at `start`, after `adjustments`. Raises ValueError for a naive start.

    Working days: the day of issue is not counted and the last one ends at 24:00 (Civil Code arts. 200–204), unless the
    policy has it otherwise.
    """
    started_at, rule = aware(start), policy.deadlines[kind]
    if rule.span.working_days is None:
        days: list[ExplainedDay] = []
        due_at = working_time.after(started_at, rule.span, calendar, policy.working_hours)
    else:
        days = _count(started_at, rule, rule.span.working_days, policy.working_hours, calendar)
        due_at = _end_of(days[-1].date, rule, policy.working_hours)
    first_due_at, due_text = due_at, _due_text(due_at)
    text = _lines(rule, started_at, days, first_due_at)
    for adjustment in adjustments:
        due_at = adjusted(due_at, adjustment, rule.span, calendar)
        due_text = _due_text(due_at)
        line = explanation_line(adjustment, due_text)
        text.append(Bilingual(zh=f"  {line.zh}", en=f"  {line.en}"))
    unpublished = _unpublished(days, due_at, calendar) if days else []
    provisional_reason = _provisional(unpublished) if unpublished else None
    text += _ending(rule, due_text, provisional_reason)
    return Deadline(
        kind=kind,
        started_at=started_at,
        due_at=due_at,
        due_text=due_text,
        provisional=provisional_reason is not None,
        explanation=Explanation(
            rule=kind.value,
            stated=rule.stated,
            source=_whole(rule.source),
            policy_version=policy.version,
            calendar_version=calendar.version,
            days=days,
            provisional_reason=provisional_reason,
            adjustments=list(adjustments),
            text=Bilingual(zh="\n".join(line.zh for line in text), en="\n".join(line.en for line in text)),
        ),
        warnings=_warnings(rule, started_at, first_due_at, due_at, policy, calendar),
        unanswered_at=_unanswered_at(policy.silence_of(kind), started_at, first_due_at, due_at),
    )


def is_late(received_at: datetime, due_at: datetime) -> bool:
    """Whether an answer received by the server at `received_at` is late. The instant of `due_at` is."""
    return aware(received_at) >= aware(due_at)


def _count(
    start: datetime, rule: DeadlineRule, wanted: int, working_hours: working_time.Hours, calendar: WorkingCalendar
) -> list[ExplainedDay]:
    """The days up to the last one wanted, the day of issue first."""
    issued = calendar.day(working_time.local_date(start))
    first, reason = _day_of_issue(issued, rule, over=start >= _end_of(issued.date, rule, working_hours))
    number = int(first)
    explained = [ExplainedDay(date=issued.date, counted=first, number=number or None, reason=reason)]
    days = working_time.days_from(issued.date + timedelta(days=1), calendar)
    while number < wanted:
        day = next(days)
        number += day.working
        explained.append(
            ExplainedDay(date=day.date, counted=day.working, number=number if day.working else None, reason=day.reason)
        )
    return explained


def _day_of_issue(issued: Day, rule: DeadlineRule, *, over: bool) -> tuple[bool, Bilingual]:
    """Whether it is the first day, and why; `over` where it had ended before the alert was issued."""
    if rule.start_day == "excluded":
        return False, Bilingual(zh="发出当日不计", en="the day of issue is not counted")
    if not issued.working:
        return False, issued.reason
    if over:
        return False, Bilingual(zh="下班后发出，当日不计", en="issued after the close of business, not counted")
    return True, Bilingual(zh="发出当日计入", en="the day of issue is counted")


def _end_of(day: date, rule: DeadlineRule, working_hours: working_time.Hours) -> datetime:
    """When a working day ends for `rule`, in UTC."""
    if rule.ends == "midnight":
        return working_time.midnight(day + timedelta(days=1))
    return instant_on(day, working_hours[-1][1])


def _unpublished(days: Sequence[ExplainedDay], due_at: datetime, calendar: WorkingCalendar) -> list[int]:
    """The unpublished years whose notices decide on the days counted or skipped and those up to due."""
    first = days[0].date + timedelta(days=not days[0].counted)
    last = working_time.local_date(due_at - timedelta(microseconds=1))
    return [year for year in deciding_years(first, last) if not calendar.is_published(year)]


def _due_text(due_at: datetime) -> str:
    """Midnight is shown as 24:00 of the day that ends there."""
    local = _local(due_at)
    if local.time() == time():
        return f"{local.date() - timedelta(days=1)} 24:00 (+08:00)"
    return f"{local:%Y-%m-%d %H:%M:%S} (+08:00)"


def _warnings(
    rule: DeadlineRule,
    started_at: datetime,
    first_due_at: datetime,
    due_at: datetime,
    policy: DeadlinePolicy,
    calendar: WorkingCalendar,
) -> tuple[PlannedWarning, ...]:
    """What warns of `due_at`; a fixed time after the start is as long before it as it was before the first due time."""

    def moment(warning: Warning_) -> datetime:
        if warning.after is not None:
            at = working_time.after(started_at, warning.after, calendar, policy.working_hours)
            return at + (due_at - first_due_at)
        if warning.share is not None:
            return started_at + (due_at - started_at) * warning.share
        assert warning.last_day_at is not None  # noqa: S101  a warning has exactly one moment
        last = working_time.local_date(due_at - timedelta(microseconds=1))
        return instant_on(last, warning.last_day_at)

    steps = [PlannedWarning(warning.step, moment(warning), tuple(warning.recipients)) for warning in rule.warnings]
    return tuple(sorted(steps, key=lambda step: step.at))


def _unanswered_at(
    silence: Silence | None, started_at: datetime, first_due_at: datetime, due_at: datetime
) -> datetime | None:
    """When it counts as unanswered altogether: time that people gave is no silence.

    Never before it is due: once it was missed its due time stands, and so this instant comes once.
    """
    if silence is None:
        return None
    silent_at = started_at + timedelta(hours=silence.hours) + (due_at - first_due_at)
    return max(silent_at, due_at) + timedelta(minutes=silence.patience_minutes)


def _provisional(years: list[int]) -> Bilingual:
    named = "、".join(map(str, years))
    return Bilingual(
        zh=f"{named}年放假安排尚未公布，按法定节假日和普通周末暂定",
        en=f"the calendar of {', '.join(map(str, years))} is not published: statutory holidays and plain weekends only",
    )


def _lines(
    rule: DeadlineRule, started_at: datetime, days: list[ExplainedDay], first_due_at: datetime
) -> list[Bilingual]:
    """The arithmetic line by line, as a person would write it down."""
    start = f"{_local(started_at):%Y-%m-%d %H:%M:%S} (+08:00)"
    zh, en = rule.starts.zh, rule.starts.en
    lines = [Bilingual(zh=f"{rule.name.zh}：{start} {zh}", en=f"{rule.name.en}: {en} {start}")]
    if rule.span.hours:
        lines.append(
            Bilingual(
                zh=f"  加 {rule.span.hours:g} 小时（自然时间，夜间和节假日照算）",
                en=f"  plus {rule.span.hours:g} clock hours, nights and holidays included",
            )
        )
    for day in days:
        weekday = "一二三四五六日"[day.date.weekday()]
        zh, en = (f"第 {day.number} 日", f"day {day.number}") if day.counted else ("不计", "not counted")
        lines.append(
            Bilingual(
                zh=f"  {day.date} 周{weekday}  {zh}  {day.reason.zh}",
                en=f"  {day.date:%Y-%m-%d %a}  {en}  {day.reason.en}",
            )
        )
    if rule.ends == "close_of_business":
        closing = f"{_local(first_due_at):%H:%M}"
        lines.append(
            Bilingual(zh=f"  末日 {closing} 下班时止", en=f"  the last day ends at the close of business, {closing}")
        )
    return lines


def _ending(rule: DeadlineRule, due_text: str, provisional: Bilingual | None) -> list[Bilingual]:
    lines = [
        Bilingual(
            zh=f"到期：{due_text}，此刻及以后收到为逾期",
            en=f"due: {due_text}; what arrives at that instant or later is late",
        )
    ]
    if provisional is not None:
        lines.append(Bilingual(zh=f"暂定：{provisional.zh}", en=f"provisional: {provisional.en}"))
    inferred = ("", "") if rule.stated else ("（推定）", " (inferred)")
    lines.append(Bilingual(zh=f"依据：{rule.source.zh}{inferred[0]}", en=f"source: {rule.source.en}{inferred[1]}"))
    return lines


def _whole(source: Bilingual) -> str:
    """The source as one text in both languages, as the contract has it."""
    return source.zh if source.zh == source.en else f"{source.zh} {source.en}"


def _local(instant: datetime) -> datetime:
    return instant.astimezone(SHANGHAI)
