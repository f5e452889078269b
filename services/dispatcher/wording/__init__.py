"""What the dispatcher tells enterprises, officers and offices, in Chinese and in English. Pure.

Each notice says what happened, what is asked, by when, and whom to ask.
"""

from services.dispatcher.wording.alerts import self_report_demand, white_reminder
from services.dispatcher.wording.cases import case_offered, ended, nobody_available, returned
from services.dispatcher.wording.deadlines import deadline_notices, milestone_notices
from services.dispatcher.wording.draft import NoticeDraft

__all__ = [
    "NoticeDraft",
    "case_offered",
    "deadline_notices",
    "ended",
    "milestone_notices",
    "nobody_available",
    "returned",
    "self_report_demand",
    "white_reminder",
]
