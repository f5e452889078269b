"""What can be wrong with the chain, how it is said, and what mends it. Pure.

A gap is found at the first link that is broken: what follows from an event is owed only once its reader has recorded
it, and what its reader owes only once it was handed over.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel

from shared.contract.events import Bilingual
from shared.time.instants import Instant, shown

LISTED = 1_000
"""How many findings of one link a pass takes up; the next pass finds the others."""
LONGEST_REST = timedelta(hours=1)


class Link(StrEnum):
    """The links, in the order in which they are proved."""

    EVENT_ALERT = "event-without-alert"
    ALERT_EVENT = "alert-without-event"
    REPEATS = "repeats-miscounted"
    ALERT_EMITTED = "alert-not-told"
    RELAYED = "relay-stands-still"
    EVENT_READ = "event-not-heard"
    ALERT_CASE = "alert-without-case"
    CASE_LOST = "case-lost"
    CASE_EMITTED = "case-not-told"
    CASE_CLOCK = "case-without-clock"
    CLOCK_STATE = "clock-not-with-case"
    OUTCOME = "case-without-outcome"
    MISS = "due-not-missed"
    STEP_EMITTED = "step-not-told"
    STEP_DOUBLED = "step-told-twice"
    LETTERS = "dead-letters-waiting"
    BRAKES = "partition-braked"


AWAITING_PEOPLE = frozenset({Link.LETTERS, Link.BRAKES})
"""No gaps, for nothing of these is lost, and of each its service raises an alarm itself; people decide all the same."""


class Remedy(StrEnum):
    PUBLISH = "publish"
    ACT = "act"
    COMPOSE = "compose"


class Wording(NamedTuple):
    """What a finding of a link says, and what people have to do where the machine can do nothing."""

    says: Bilingual
    asks: Bilingual


def _both(zh: str, en: str) -> Bilingual:
    return Bilingual(zh=zh, en=en)


_RESTORE = _both(
    "须由人员从备份恢复或核实，系统不得重复立案",
    "people restore it from a backup, or look into it: made anew it would be doubled",
)
_LOOK = _both("须由人员核实", "people look into it")

WORDINGS: Mapping[Link, Wording] = {
    Link.EVENT_ALERT: Wording(_both("已接收的事件没有预警", "an accepted event has no alert"), _RESTORE),
    Link.ALERT_EVENT: Wording(_both("预警没有其首个事件", "an alert has not its first event"), _RESTORE),
    Link.REPEATS: Wording(
        _both("重复次数与已存事件不符", "the count of repeats is not that of the events kept"),
        _both("须由人员核实：是计数有误，还是事件丢失", "people look: the count may be wrong, or an event lost"),
    ),
    Link.ALERT_EMITTED: Wording(
        _both("预警分级未写入发件箱", "a grade of an alert is in no outbox"),
        _both("已被后续分级取代、撤销或已生效，不再补发", "superseded, dismissed or in effect: not published again"),
    ),
    Link.RELAYED: Wording(
        _both(
            "发件箱中有事件未发布，且近期无任何发布", "events wait in an outbox, and none was handed to Kafka lately"
        ),
        _both("服务的转发未在工作：检查服务与 Kafka", "the service's relay is not at work: see to it, and to Kafka"),
    ),
    Link.EVENT_READ: Wording(
        _both("已发布的事件未被其读者处理", "an event that was handed to Kafka was not acted on by its reader"),
        _LOOK,
    ),
    Link.ALERT_CASE: Wording(
        _both("读者已记录分级，但没有案件或提醒", "a grade was read, and has neither case nor notice"),
        _both("该分级已不生效，不再补立案", "the grade is not in force any more: nothing is opened for it now"),
    ),
    Link.CASE_LOST: Wording(
        _both("已告知或在计时的案件没有记录", "a case that has events, or a running clock, has no record"),
        _RESTORE,
    ),
    Link.CASE_EMITTED: Wording(
        _both("案件的步骤未写入发件箱", "a step of a case is in no outbox"),
        _both("其经过仍在案件时间线中", "what happened is in the case's timeline"),
    ),
    Link.CASE_CLOCK: Wording(
        _both("案件没有时限", "a case has no clock"),
        _both("其时限曾被标记逾期，须从备份恢复", "its clock had been missed: people restore it from a backup"),
    ),
    Link.CLOCK_STATE: Wording(
        _both("案件与其时限的状态不一致", "a case and its clock disagree on whether it has ended"), _LOOK
    ),
    Link.OUTCOME: Wording(_both("已办结案件没有结果", "a closed case has no outcome"), _LOOK),
    Link.MISS: Wording(
        _both("时限已过而未标记逾期", "a due time has passed, and its miss did not fire"),
        _both("值守程序恢复后自动补记：检查 deadline_watch", "the watcher makes up for it: see to deadline_watch"),
    ),
    Link.STEP_EMITTED: Wording(
        _both("已执行的步骤未写入发件箱", "a step of a clock was done and is in no outbox"), _LOOK
    ),
    Link.STEP_DOUBLED: Wording(_both("同一步骤被告知两次", "a step of a clock was published twice"), _LOOK),
    Link.LETTERS: Wording(
        _both("{number} 封死信等待处理，原因：{reason}", "{number} dead letters wait for people, refused as {reason}"),
        _both(
            "由人员决定重投或放弃：tricolor dead-letters list",
            "people retry them or give them up: tricolor dead-letters list",
        ),
    ),
    Link.BRAKES: Wording(
        _both("分区已停止接收，原因：{reason}", "a partition is not read until it is released, stopped by {reason}"),
        _both("查明原因后由人员解除：tricolor brakes list", "people look into it and release it: tricolor brakes list"),
    ),
}

MENDING: Mapping[Remedy, Bilingual] = {
    Remedy.PUBLISH: _both("由发件箱重新发布", "handed to Kafka again from the outbox"),
    Remedy.ACT: _both("读者重新处理该事件", "its reader acts on the event anew"),
    Remedy.COMPOSE: _both("由记录重新生成并发布", "composed again from its record"),
}


class Gap(NamedTuple):
    """A row of a link's question.

    `about` is the alert, case or event that a remedy takes hold of, `detail` who or what else it needs. `handed_at` is
    when the event concerned was handed over last, `first_at` when it was appended. `number` is how many things of one
    kind the row stands for.
    """

    subject: str
    enterprise_code: str | None
    since: datetime
    about: UUID | None = None
    detail: str | None = None
    remedy: Remedy | None = None
    first_at: datetime | None = None
    handed_at: datetime | None = None
    number: int = 1


class Finding(BaseModel):
    """A gap in the chain as people and programs read it. `since` is when the missing part was owed.

    Dead letters that wait are one finding for each service, topic and reason, with their `number`.
    """

    link: Link
    subject: str
    enterprise_code: str | None
    since: Instant
    says: Bilingual
    repair: Bilingual
    repaired: bool
    number: int = 1


class Report(BaseModel):
    """What a pass found. `since` is where it began to look, None for everything that is stored.

    `explained` counts events that were refused and wait as dead letters: not acted on, and not lost. `more` names the
    links of which there are further findings.
    """

    at: Instant
    since: Instant | None
    examined: dict[str, int]
    explained: int
    findings: list[Finding]
    more: list[Link]
    seconds: float

    @property
    def clean(self) -> bool:
        """Whether no link of the chain is broken; something may wait for people."""
        return all(finding.link in AWAITING_PEOPLE for finding in self.findings)

    @property
    def unrepaired(self) -> int:
        return sum(not finding.repaired for finding in self.findings)


def remedy(gap: Gap, now: datetime) -> Remedy | None:
    """What mends the gap now, if anything does.

    An event is handed over again after it has rested for as long as it had been known when it was handed over last:
    twice as long each time, and at most an hour. So a reader that is down for long is not buried in repetitions.
    """
    if gap.first_at is None or gap.handed_at is None or now >= _rested(gap.first_at, gap.handed_at):
        return gap.remedy
    return None


def finding(link: Link, gap: Gap, now: datetime, *, repaired: bool) -> Finding:
    """The gap in words."""
    return Finding(
        link=link,
        subject=gap.subject,
        enterprise_code=gap.enterprise_code,
        since=gap.since,
        says=_filled(WORDINGS[link].says, gap),
        repair=_said(link, gap, now),
        repaired=repaired,
        number=gap.number,
    )


def _filled(words: Bilingual, gap: Gap) -> Bilingual:
    return _both(*(one.format(number=gap.number, reason=gap.detail) for one in (words.zh, words.en)))


def _said(link: Link, gap: Gap, now: datetime) -> Bilingual:
    if gap.remedy is None:
        return WORDINGS[link].asks
    if remedy(gap, now) is not None:
        return MENDING[gap.remedy]
    assert gap.first_at is not None and gap.handed_at is not None  # noqa: S101, PT018  else it had been due
    handed, again = shown(gap.handed_at), shown(_rested(gap.first_at, gap.handed_at))
    return _both(
        f"已于 {handed} 重新发布，读者仍未处理；{again} 起再试",
        f"handed over again at {handed} and not acted on yet; once more from {again} on",
    )


def _rested(first_at: datetime, handed_at: datetime) -> datetime:
    return handed_at + min(handed_at - first_at, LONGEST_REST)


def row_of(row: Any) -> Gap:
    """A gap from a row that has the columns of `Gap`, those that the link's question names."""
    values = {name: value for name, value in row._mapping.items() if name in Gap._fields}
    if values.get("remedy") is not None:
        values["remedy"] = Remedy(values["remedy"])
    return Gap(**values)
