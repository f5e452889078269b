"""The figures of completion, defined once (办理、办结): handled, finished, on time, late. Pure.

The board, the lists, the figures, the exports and the metrics all count what these say of a case.

- *Counted* is every case but those superseded by another one, which is counted instead.
- *Handled* (已办理) is a counted case that ended in an outcome.
- *Finished* (已办结) is a handled one whose every follow-up check ended too, and whose penalty file has its number.
- *On time* (按期) is a handled one none of whose clocks is missed; any other handled one is *late* (逾期办理).
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from services.console.domain.case_record import NEVER, CaseRecord
from services.console.domain.clock_record import OVERDUE, ClockRecord
from services.console.domain.states import SUPERSEDED, awaited
from shared.contract.events import CaseKind
from shared.contract.words import ClockKind, DecisiveOutcome

FILED = "case_filed_for_penalty"


class Completion(NamedTuple):
    """What is counted of a case; all false for one that is not counted."""

    total: bool
    handled: bool
    finished: bool
    on_time: bool
    late: bool
    false_alarms: bool


def completion_of(case: CaseRecord) -> Completion:
    """What is counted of a case as it stands in its row."""
    counted = case.kind is not None and case.state != SUPERSEDED
    handled = counted and case.handled
    return Completion(
        total=counted,
        handled=handled,
        finished=handled and case.finished,
        on_time=handled and case.on_time is True,
        late=handled and case.on_time is False,
        false_alarms=handled and case.outcome == DecisiveOutcome.FALSE_ALARM,
    )


def concluded(case: CaseRecord, clocks: Collection[ClockRecord], checks: Collection[UUID]) -> CaseRecord:
    """The case with what follows from its events, its `clocks`, and the open follow-up `checks` of its alert.

    A report that was accepted as interim makes the final one's clock the case's own.
    """
    own_kind = ClockKind.FINAL_REPORT if case.planned_end is not None else case.kind
    own = next((clock for clock in clocks if clock.kind == own_kind), None)
    is_open = case.kind is not None and case.closed_at is None
    overdue = is_open and own is not None and own.state == OVERDUE
    handled = case.kind is not None and case.closed_at is not None and case.state != SUPERSEDED
    numbered = case.outcome != FILED or case.file_number is not None
    latest = max((clock.at for clock in clocks), default=None)
    values: dict[str, Any] = {
        "due_at": own and own.due_at,
        "due_key": NEVER if own is None else own.due_at,
        "due_text": own and own.due_text,
        "provisional": own is not None and own.provisional,
        "overdue": overdue,
        "rung": own.rung if overdue and own is not None else None,
        "awaits": awaited(CaseKind(case.kind), case.state or "") if is_open and case.kind is not None else None,
        "handled": handled,
        "finished": handled and numbered and not {*checks} - {case.case_id},
        "on_time": None if not handled else all(clock.state != OVERDUE for clock in clocks),
        "updated_at": max(at for at in (case.at, latest, case.file_number_at) if at is not None),
    }
    return case.model_copy(update=values)


def open_checks(family: Collection[CaseRecord]) -> Mapping[UUID, set[UUID]]:
    """By alert, its follow-up checks that are not closed."""
    found: dict[UUID, set[UUID]] = {}
    for case in family:
        checks = found.setdefault(case.alert_id, set())
        if case.kind == CaseKind.FOLLOW_UP and case.closed_at is None:
            checks.add(case.case_id)
    return found
