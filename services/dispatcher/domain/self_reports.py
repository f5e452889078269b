"""Self-reports (自查反馈): what one must say, and when its times can be true. Pure."""

from datetime import datetime, timedelta
from typing import Self

from pydantic import Field, model_validator

from services.dispatcher.domain.fields import Body, ClaimedTime, Named, Words
from services.dispatcher.domain.policy import ReportPolicy
from shared.contract.refusals import Conflict, Invalid
from shared.time.instants import shown


class SelfReportBody(Body):
    """自查反馈: the cause, what was done about it, when that was finished, and the photographs that show it.

    Where the work goes on the report is an `interim` one (阶段性反馈) and says by when it will be done (`planned_end`).
    """

    cause: Words
    measures: Words
    finished_at: ClaimedTime | None = Field(default=None, description="no later than the report is received")
    interim: bool = Field(default=False, description="the work goes on: say `planned_end`, and no `finished_at`")
    planned_end: ClaimedTime | None = Field(default=None, description="of the work that goes on")
    attachments: Named = Field(default=[])

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.interim and (self.planned_end is None or self.finished_at is not None):
            raise ValueError("an interim report says `planned_end`, and has no `finished_at` yet")
        if not self.interim and (self.finished_at is None or self.planned_end is not None):
            raise ValueError("a final report says `finished_at`; where the work goes on, it is `interim`")
        return self


def check_times(report: SelfReportBody, received_at: datetime, policy: ReportPolicy) -> None:
    """Raises Invalid for a report that cannot be true when it is received, or that puts its end off too long."""
    skew = timedelta(minutes=policy.clock_skew_minutes)
    if report.finished_at is not None and report.finished_at > received_at + skew:
        raise Invalid(
            "finished-in-the-future",
            f"finished_at: {shown(report.finished_at)} lies after this report, received at {shown(received_at)}. Where"
            " the work goes on, send an interim report with its planned end.",
            title="Not finished yet",
        )
    latest = received_at + timedelta(days=policy.interim_days)
    if report.planned_end is not None and not received_at < report.planned_end <= latest:
        raise Invalid(
            "planned-end-out-of-range",
            f"planned_end: {shown(report.planned_end)} must lie after this report, and no later than {shown(latest)}.",
            title="No such end can be planned",
        )


def require_first_interim(report: SelfReportBody, planned_end: datetime | None) -> None:
    """Raises Conflict for a second interim report: an accepted end is moved by two people, not by another report."""
    if report.interim and planned_end is not None:
        raise Conflict(
            "interim-accepted-already",
            f"An interim report was accepted: the final one is due by {shown(planned_end)}. More time is given by an"
            " extension, which your station can propose.",
            title="The end is set",
        )
