"""The disclosure table of deadline_watch (信息公开表): which fields of a deadline are shown to whom. Pure.

Which deadlines are there for whom is in `store/queries.py`. The clock of a visit shows its enterprise when the visit
has to be answered, and nothing of how far it is or of who is pressed for it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.deadline_watch.domain.deadlines import Explanation
from shared.contract.disclosure import EVERYONE, PROPOSALS, Sight, Table, lines
from shared.contract.events import Bilingual
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.contract.words import ClockKind

_CLOCK = (
    "deadline_id case_id alert_id kind level enterprise_code station started_at due_at due_text state provisional"
    " version explanation"
)
_MARKS = "answered_at returned_at met_at missed_at closed_at paused_at"
_DUE = "version cause cause_version due_before due_text_before provisional_before due_after due_text_after at"
_EXPLAINED = "rule stated source policy_version calendar_version days provisional_reason adjustments text"

TABLE: Table = {
    **PROPOSALS,
    "DeadlineAnswer": lines(
        own=f"{_CLOCK} {_MARKS}", visit=_CLOCK, outcome="met_at missed_at closed_at", bureau="unheard_since"
    ),
    "DeadlineWithSteps": lines(
        own=f"{_CLOCK} {_MARKS} steps changes",
        visit=f"{_CLOCK} changes",
        outcome="met_at missed_at closed_at",
        bureau="unheard_since",
    ),
    # Which steps there are at all is in `shown_steps`.
    "StepAnswer": lines(own="step action at recipients done_at outcome"),
    "ChangeAnswer": lines(
        own=f"{_DUE} reason ground explanation_before",
        visit=f"{_DUE} explanation_before",
        bureau="requested_by approver",
    ),
    "Explanation": lines(own=_EXPLAINED, visit=_EXPLAINED),
    "Pause": lines(
        own="reason ground at kind resumed_at resume_reason",
        visit="at kind resumed_at",
        bureau="requested_by approver resumed_by",
    ),
    "Extension": lines(own="reason ground at kind by", visit="at kind by", bureau="requested_by approver"),
    "ExplainedDay": EVERYONE,
    "Span": EVERYONE,
    "Bilingual": EVERYONE,
    "YearAnswer": EVERYONE,
    "YearEnd": EVERYONE,
    "Notice": EVERYONE,
    "LocalDay": EVERYONE,
    "Health": EVERYONE,
}


def sight_of(caller: Principal, deadline: Any) -> Sight:
    """How much the caller sees of a deadline, a row that is there for the caller."""
    if caller.role is not Role.ENTERPRISE:
        return Sight.WHOLE
    if deadline.kind in (ClockKind.SELF_REPORT, ClockKind.FINAL_REPORT):
        return Sight.OWN
    return Sight.VISIT if deadline.closed_at is None else Sight.OUTCOME


def shown_steps(sight: Sight, steps: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The steps as `sight` sees them: an enterprise those that reach it, and not whom else they reach."""
    if sight is Sight.WHOLE:
        return [dict(step) for step in steps]
    reached = (step for step in steps if Role.ENTERPRISE in step["recipients"] or step["action"] == "miss")
    return [{**step, "recipients": [one for one in step["recipients"] if one == Role.ENTERPRISE]} for step in reached]


def shown_explanation(sight: Sight, explanation: Explanation) -> Explanation:
    """The explanation as `sight` sees it: outside the bureau without the lines that say who asked for more time."""
    if sight is Sight.WHOLE or not explanation.adjustments:
        return explanation
    names = [f"{one.requested_by} → {one.approver}" for one in explanation.adjustments]

    def without(text: str) -> str:
        return "\n".join(line for line in text.split("\n") if not any(name in line for name in names))

    text = Bilingual(zh=without(explanation.text.zh), en=without(explanation.text.en))
    return explanation.model_copy(update={"text": text})
