"""Words that one service writes into an event and another acts on. Pure."""

from enum import StrEnum


class DecisiveOutcome(StrEnum):
    """An outcome by which an alert is graded or counted otherwise. Any other outcome is a word of the bureau."""

    FALSE_ALARM = "false_alarm"
    """Dismissed by two people, or found so on site."""
    REPORT_UNTRUE = "report_untrue"
    """A verification found that the enterprise did not report truthfully: its alert is graded red for it."""


OFF_SITE_FIRST = "off_site_first"
"""The response by which the rule book has an enterprise on the positive list checked off site first."""


class ClockKind(StrEnum):
    """What a deadline asks for, as its events name it. A case has one of its own kind; others may follow in it."""

    SELF_REPORT = "self_report"
    FINAL_REPORT = "final_report"
    """Of a self-report whose work goes on: the final report, by the end that was accepted with the interim one."""
    ON_SITE = "on_site"
    VERIFICATION = "verification"
    FOLLOW_UP = "follow_up"
    MARKING = "marking"


class ArrivalDoubt(StrEnum):
    """What of an arrival a reviewer has to look at, beside its distance and the code at the gate."""

    AFTER_REPORT = "after_report"
    """It was recorded only when the visit had been reported."""
    NO_POSITION = "no_position"
    """It came without the position of the device."""


class EntryCheck(StrEnum):
    """What an arrival says of the code at the enterprise's gate (入企码)."""

    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    NOT_SCANNED = "not_scanned"
    """The enterprise has a code, and none came with the arrival."""
    NOT_ASKED = "not_asked"
    """The enterprise has none."""


class CaseState(StrEnum):
    """The states of a case, as its events name them; the dispatcher's lifecycle says what may follow what."""

    OPEN = "open"
    ASSIGNED = "assigned"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    REPORTED = "reported"
    RETURNED = "returned"
    APPROVED = "approved"
    SELF_REPORTED = "self_reported"
    INTERIM_REPORTED = "interim_reported"
    RECTIFYING = "rectifying"
    ACCEPTED_REPORT = "accepted_report"
    QUESTIONED = "questioned"
    SCHEDULED = "scheduled"
    SUPERSEDED = "superseded"
    DISMISSED = "dismissed"
    MERGED = "merged"
    SUSPENDED = "suspended"
    TRANSFERRED = "transferred"
    REOPENED = "reopened"
