"""An alert: an anomaly with its grade, and the events that say so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from orjson import Fragment

from services.alert_ingest.domain.age import doubt_of_age
from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.domain.doubts import LASTING
from services.alert_ingest.domain.grading import Grade
from shared.contract.cloudevents import written_with
from shared.contract.events import ALERT_GRADED, ALERT_REGRADED, AlertGraded, AlertRegraded, Level
from shared.contract.messages import Event, HashedFile
from shared.contract.principal import Credential
from shared.contract.trusted import made
from shared.time.instants import shown

Cause = Literal["repeat", "history", "unanswered", "untrue", "decision", "confirmed"]
"""Why an alert is graded again: a resend shows more, its past does, nobody answered, the answer
was found untrue, people decided, or a person confirmed an old anomaly."""


class Alert(NamedTuple):
    """An alert with the grade that is issued for it.

    It is issued the moment its grade is stored, which is when the enterprise's hours begin to run (domain.md). One that
    is `held` asks nothing of anyone before a person confirms it. `counted_on` is the alert of the reminder that stood
    when it came, white like it.
    """

    assessment: Assessment
    grade: Grade
    received_at: datetime
    issued_at: datetime
    held: bool = False
    counted_on: UUID | None = None

    @property
    def alert_id(self) -> UUID:
        return self.assessment.entry.alert_id

    def to_event(self, *files: HashedFile, credential: Credential | None = None) -> Event:
        """Return the event `alert.graded`, with enough in it to act without a call back.

        `files` and the `credential` are what is kept as evidence with it.
        """
        data = made(AlertGraded, self._data())
        return Event(
            ALERT_GRADED, data.enterprise.code, data, self.issued_at, files, credential, _written(data, self.grade)
        )

    def to_regraded_event(self, *, previous: Level, revision: int, cause: Cause) -> Event:
        """Return the event `alert.regraded`: the same alert with another grade, whose hours run from its own issue."""
        further = {"previous_level": previous, "revision": revision, "cause": cause}
        data = made(AlertRegraded, self._data() | further)
        return Event(ALERT_REGRADED, data.enterprise.code, data, self.issued_at)

    def _data(self) -> dict[str, Any]:
        data = self.assessment.event.data
        return {
            "alert_id": self.alert_id,
            "level": self.grade.level,
            "category": data.category,
            "category_name": self.grade.name,
            "response": self.grade.response,
            "enterprise": data.enterprise,
            "outlet": data.outlet,
            "district": data.district,
            "pollutant": data.pollutant,
            "window": data.window,
            "observed": data.observed,
            "limit": data.limit,
            "unit": data.unit,
            "received_at": self.received_at,
            "issued_at": self.issued_at,
            "grading": self.grade.grading,
            "doubts": self.grade.doubts,
            "counted_on": self.counted_on,
            "flag": data.flag,
            "marking": data.marking,
            "marking_effective": self.grade.grading.unmarked_level is not None,
            "held": self.held,
        }


def _written(data: AlertGraded, grade: Grade) -> bytes:
    issued_at, window = shown(data.issued_at), data.window
    return written_with(
        data,
        {
            "category_name": data.category_name.__dict__,
            "enterprise": data.enterprise.__dict__,
            "outlet": data.outlet.__dict__,
            "pollutant": data.pollutant and data.pollutant.__dict__,
            "window": window and {"start": shown(window.start), "end": window.end and shown(window.end)},
            "received_at": issued_at if data.received_at is data.issued_at else shown(data.received_at),
            "issued_at": issued_at,
            "grading": Fragment(grade.written),
            "doubts": Fragment(grade.written_doubts),
        },
    )


@dataclass(frozen=True)
class StoredAlert:
    """An alert as it is stored, with what its events show.

    `assessment` is by the book and the classification that the alert was first graded with. `graded_level` is the
    strictest that the rules came to; `grade.level` is lower where people decided so.
    """

    assessment: Assessment
    grade: Grade
    graded_level: Level
    revision: int
    received_at: datetime
    issued_at: datetime
    dismissed: bool
    held: bool = False
    counted_on: UUID | None = None

    @property
    def alert_id(self) -> UUID:
        return self.assessment.entry.alert_id

    @property
    def enterprise_code(self) -> str:
        return self.assessment.entry.enterprise_code

    @property
    def level(self) -> Level:
        return self.grade.level

    @property
    def issued(self) -> Alert:
        """The alert as it was issued last."""
        return Alert(self.assessment, self.grade, self.received_at, self.issued_at, self.held, self.counted_on)

    def revised(self, grade: Grade, cause: Cause, now: datetime) -> "Revision":
        """Return the revision that issues `grade` now.

        What is held stays so until it is confirmed. What a resend or its past lifts is held where it has become old.
        """
        old = doubt_of_age(self.assessment.event, self.assessment.book.policy, now)
        held = self.held and cause != "confirmed"
        if cause in {"repeat", "history"} and old is not None:
            grade, held = grade.doubted([old]), True
        grade = grade.doubted(doubt for doubt in self.grade.doubts if doubt.code in LASTING)
        graded_level = self.graded_level if cause == "decision" else grade.level
        alert = Alert(self.assessment, grade, self.received_at, now, held, self.counted_on)
        return Revision(alert, self.level, self.revision + 1, cause, graded_level)


@dataclass(frozen=True)
class Revision:
    """Another grade for a stored alert, which supersedes the one before."""

    alert: Alert
    previous: Level
    number: int
    cause: Cause
    graded_level: Level

    def to_event(self) -> Event:
        """Return the event `alert.regraded`."""
        return self.alert.to_regraded_event(previous=self.previous, revision=self.number, cause=self.cause)
