"""The notices of the dispatcher to enterprises, officers and offices, in Chinese and in English. Pure.

Each notice says what happened, what is asked, by when, and whom to ask.
"""

from services.dispatcher.notices.wording.alerts import self_report_again, self_report_demand, white_reminder
from services.dispatcher.notices.wording.cases import case_offered, ended, nobody_available, returned
from services.dispatcher.notices.wording.consumers import consumer_braked, consumer_stalled
from services.dispatcher.notices.wording.dead_letters import dead_letter_waiting
from services.dispatcher.notices.wording.deadlines import deadline_notices, milestone_notices
from services.dispatcher.notices.wording.digests import Matter, heading, listed
from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.notices.wording.facts import CaseFacts
from services.dispatcher.notices.wording.hand_overs import (
    declined_too_often,
    resumed,
    suspended,
    taken_back,
    taken_in,
    transferred,
    transferred_upward,
    without_hands,
)
from services.dispatcher.notices.wording.interim import interim_accepted
from services.dispatcher.notices.wording.jurisdiction import station_unknown
from services.dispatcher.notices.wording.markings import marking_to_review
from services.dispatcher.notices.wording.platforms import platform_heard, platform_silent
from services.dispatcher.notices.wording.proposals import proposal_decided, proposal_opened
from services.dispatcher.notices.wording.reaching import new_red, notice_undelivered, phone_of, report_waiting

__all__ = [
    "CaseFacts",
    "Matter",
    "NoticeDraft",
    "case_offered",
    "consumer_braked",
    "consumer_stalled",
    "dead_letter_waiting",
    "deadline_notices",
    "declined_too_often",
    "ended",
    "heading",
    "interim_accepted",
    "listed",
    "marking_to_review",
    "milestone_notices",
    "new_red",
    "nobody_available",
    "notice_undelivered",
    "phone_of",
    "platform_heard",
    "platform_silent",
    "proposal_decided",
    "proposal_opened",
    "report_waiting",
    "resumed",
    "returned",
    "self_report_again",
    "self_report_demand",
    "station_unknown",
    "suspended",
    "taken_back",
    "taken_in",
    "transferred",
    "transferred_upward",
    "white_reminder",
    "without_hands",
]
