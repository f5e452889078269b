"""The disclosure table of the dispatcher (信息公开表): role × kind of matter × state × field. Pure.

Every route, list, feed, timeline, notice and file passes through it. The bureau's people see whole what is within
their reach; a platform sees nothing here. A field without a line is shown to nobody else.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from services.dispatcher.domain.lifecycle import CLOSED, ENDED_UNANSWERED
from services.dispatcher.domain.master_records import Enterprise, Officer, Staff, Stored
from shared.contract import disclosure
from shared.contract.disclosure import EVERYONE, PROPOSALS, DisclosurePolicy, Sight, Table, lines
from shared.contract.events import CaseKind, CaseType, DeadlineType
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.contract.words import CaseState

_VISIT = (
    "case_id kind level state enterprise_code enterprise_name category station team alert_ids issued_at opened_at"
    " due_at due_text overdue merged_into matters allowed"
)
_JOINED = "case_id category due_at due_text"
_FILE = "attachment_id case_id name media_type size sha256 claimed_at added_by added_at"
_ENTERPRISE = (
    "code name address district street grid_cell station longitude latitude classification contacts source updated_at"
)
_UPLOAD = "upload_id case_id name declared_type found_type doubt length created_by created_at expires_at"
_MOMENT = "type state at claimed_at actor_role actor_subject"

TABLE: Table = {
    **PROPOSALS,
    # A superseded self-report says neither what raised another case nor that one follows; steps of a visit are not
    # even countable.
    "CaseAnswer": lines(
        own="case_id kind level state overdue enterprise_code enterprise_name category station alert_ids issued_at"
        " opened_at closed_at outcome due_at due_text planned_end merged_into matters revision allowed",
        visit=_VISIT,
        outcome="closed_at outcome correct_by observe_until legal_basis handled finished",
        bureau="raised_by off_site_first undelivered file_number follow_ups",
    ),
    "TeamMember": lines(visit="officer name part"),
    "JoinedCase": lines(own=_JOINED, visit=_JOINED),
    "UndeliveredNotice": lines(
        bureau="notice_id purpose recipient_kind recipient created_at told_at delivered_at delivered_by"
    ),
    "JoinedInspection": lines(visit="inspection_id plan matters planned_until"),
    # Which entries there are at all is in `TIMELINE`.
    "Entry": lines(own=f"{_MOMENT} reason detail", visit=_MOMENT),
    # Which files there are at all is in `sees_file_of`.
    "Attachment": lines(own=f"{_FILE} overruling", visit=_FILE),
    "Upload": lines(own=_UPLOAD, visit=_UPLOAD),
    # Who took a doubtful file is told to whoever sent it; of the bureau's own files nothing of the kind is.
    "Overruling": lines(own="doubt reason at", bureau="by_role by_subject"),
    "Notice": lines(
        own="notice_id purpose recipient_kind recipient station enterprise_code alert_id case_id subject body"
        " created_at channel address attempts failure state sent_at delivered_at delivered_by receipt seen_at"
        " acknowledged_at matters",
        # What was tried, and that the station was told, is the bureau's record.
        bureau="tried told_at",
    ),
    "MatterLink": lines(own="purpose enterprise_code alert_id case_id subject href"),
    "Enterprise": lines(own=f"{_ENTERPRISE} channels etag entry_code_set_at", register=_ENTERPRISE),
    "Contact": lines(own="name role phone", register="name role"),
    "ChannelAddress": lines(own="channel address"),
    "Officer": lines(
        register="code name station certified certificate on_duty skills updated_at", bureau="phone channels etag"
    ),
    "Staff": lines(register="code name role station updated_at", bureau="phone channels etag"),
    "Outlet": lines(own="enterprise_code code mn name medium longitude latitude updated_at etag"),
    # What is published of the draw is for everybody; what is not, no route reads.
    "DrawDay": EVERYONE,
    "WholeDrawDay": EVERYONE,
    "DrawnCase": EVERYONE,
    "Health": EVERYONE,
    "Bilingual": EVERYONE,
    "ServerSentEvent": EVERYONE,
}


@dataclass(frozen=True)
class EntryLine:
    """What a kind of entry of the timeline shows outside the bureau, and to which sights it is there."""

    sights: frozenset[Sight]
    reason: bool = False
    actor: bool = False
    detail: frozenset[str] = frozenset()


NOTHING_MORE = EntryLine(frozenset())
"""That it happened, and when."""


_OWN, _VISITED, _AFTERWARDS = (
    frozenset({Sight.OWN}),
    frozenset({Sight.VISIT, Sight.OUTCOME}),
    frozenset({Sight.OWN, Sight.OUTCOME}),
)
_CLOCK = EntryLine(
    _OWN,
    detail=frozenset(["deadline_id", "started_at", "due_at", "due_text", "provisional", "previous_due_at", "version"]),
)

TIMELINE: Mapping[str, EntryLine] = {
    CaseType.OPENED: EntryLine(_OWN),
    CaseType.SELF_REPORTED: EntryLine(_OWN),
    CaseType.RETURNED: EntryLine(_OWN, reason=True),
    CaseType.APPROVED: EntryLine(_OWN),
    CaseType.INTERIM_ACCEPTED: EntryLine(_OWN, detail=frozenset(["planned_end"])),
    CaseType.CLOSED: EntryLine(_AFTERWARDS),
    CaseType.REOPENED: EntryLine(_OWN),
    CaseType.MERGED: EntryLine(_OWN, detail=frozenset(["merged_into", "takes_in"])),
    CaseType.UNMERGED: EntryLine(_OWN, detail=frozenset(["merged_into"])),
    CaseType.ARRIVED: EntryLine(_VISITED, actor=True),
    DeadlineType.STARTED: _CLOCK,
    DeadlineType.WARNED: _CLOCK,
    DeadlineType.MISSED: _CLOCK,
    DeadlineType.MET: _CLOCK,
    DeadlineType.MOVED: _CLOCK,
    DeadlineType.PAUSED: _CLOCK,
    DeadlineType.RESUMED: _CLOCK,
}
"""By type of entry; one without a line is there for the bureau only. What an enterprise did itself it sees whole."""


def sight_of(
    policy: DisclosurePolicy, caller: Principal, kind: CaseKind, state: CaseState, *, arrived: bool
) -> Sight | None:
    """How much a caller within reach sees of a case in `state`; None: for this caller it is not there."""
    closed, answered = state in CLOSED, state not in ENDED_UNANSWERED
    return disclosure.sight_of_case(policy, caller, kind, arrived=arrived, closed=closed, answered=answered)


def shown_state(caller: Principal, kind: CaseKind, state: CaseState, *, arrived: bool) -> CaseState:
    """The state of a case as a caller sees it: of a visit an enterprise sees that it is under way, and no steps."""
    if caller.role is not Role.ENTERPRISE or kind is CaseKind.SELF_REPORT or state in CLOSED:
        return state
    return CaseState.ON_SITE if arrived else CaseState.OPEN


def shown_outcome(sight: Sight, state: CaseState, outcome: str | None) -> str | None:
    """The outcome as `sight` sees it: that a self-report was superseded does not say by what."""
    return None if sight is Sight.OWN and state is CaseState.SUPERSEDED else outcome


def sees_entry(sight: Sight, type_: str, by_role: str) -> bool:
    """Whether an entry of this type, written by somebody of `by_role`, is there for `sight`."""
    line = TIMELINE.get(type_)
    return sight is Sight.WHOLE or by_role == Role.ENTERPRISE or (line is not None and sight in line.sights)


def sees_file_of(sight: Sight, state: CaseState, added_role: str) -> bool:
    """Whether a file that somebody of `added_role` added to a case in `state` is there for `sight`."""
    return added_role in roles_of_files(sight, state)


def sight_of_record(caller: Principal, record: Stored) -> Sight:
    """How much a caller sees of a record of master data.

    Telephone numbers and addresses are for those who may have to call: the station's own officers and chief, the
    section and those above; and oneself.
    """
    match record:
        case Enterprise() if caller.role is Role.ENTERPRISE:
            return Sight.OWN
        case Enterprise() | Officer() | Staff():
            above = caller.role in {Role.SECTION, Role.LEADER, Role.ADMIN}
            beside = caller.role in {Role.OFFICER, Role.STATION_CHIEF} and caller.is_at(record.station)
            return Sight.WHOLE if above or beside or record.code == caller.subject else Sight.REGISTER
        case _:
            return Sight.WHOLE


def shown_changes(sight: Sight, changes: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """What differs in a change of a record, as `sight` sees it: of numbers and addresses only that they changed."""
    hidden = frozenset() if sight is Sight.WHOLE else REACHED_BY
    return {field: [None, None] if field in hidden else [*values] for field, values in changes.items()}


REACHED_BY = frozenset({"phone", "contacts", "channels"})
"""The fields that say how people are reached."""


def roles_of_files(sight: Sight, state: CaseState) -> Collection[Role]:
    """Whose files of a case in `state` are there for `sight`: everybody's, or the enterprise's own."""
    return frozenset(Role) if sight is Sight.WHOLE or state in CLOSED else frozenset({Role.ENTERPRISE})
