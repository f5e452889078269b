"""The disclosure table of alert_ingest (信息公开表): which fields of an alert are shown to whom. Pure.

Which alerts are there for whom, and at which grade, is in `store/reach.py`: an enterprise sees a red grade no earlier
than the visit, and until then the alert as it was graded last before.
"""

from collections.abc import Iterable
from typing import Any

from shared.contract.disclosure import EVERYONE, PROPOSALS, Sight, Table, lines
from shared.contract.events import Level
from shared.contract.principal import Principal
from shared.contract.roles import Role

_ALERT = (
    "alert_id level event enterprise_code category received_at issued_at grading doubts repeats counted_on counted"
    " revision dismissed_at"
)
_GRADING = "rule rule_book_version stated facts reason source considered own_rule upgraded_from"
_FORMER = "revision level grading doubts issued_at superseded_at"

TABLE: Table = {
    **PROPOSALS,
    # A person's decision has the reason and the names of those who made it.
    "AlertAnswer": lines(own=f"{_ALERT} case_id", source=f"{_ALERT} held_since", bureau="decision"),
    "WholeAlert": lines(own=f"{_ALERT} case_id former", source=f"{_ALERT} held_since former", bureau="decision"),
    "Confirmation": lines(bureau="alert_id level issued_at"),
    "FormerGrading": lines(own=_FORMER, source=_FORMER, bureau="decision cause"),
    # The earlier alerts that were counted may be red ones; that a marking is reviewed is not announced.
    "Grading": lines(own=_GRADING, source=_GRADING, bureau="causes unmarked_level"),
    "ConfirmedShutdown": lines(
        own="shutdown_id enterprise_code outlet start end kind reason confirmed_at", bureau="proposed_by confirmed_by"
    ),
    "Platform": EVERYONE,
    "PlatformOutlet": EVERYONE,
    "Doubt": EVERYONE,
    "Bilingual": EVERYONE,
    "Health": EVERYONE,
}


def sight_of(caller: Principal) -> Sight:
    """How much the caller sees of an alert within reach."""
    return {Role.ENTERPRISE: Sight.OWN, Role.PLATFORM: Sight.SOURCE}.get(caller.role, Sight.WHOLE)


def shown_gradings(former: Iterable[dict[str, Any]], alert: Any) -> list[dict[str, Any]]:
    """The former gradings of `alert`, a row as its enterprise sees it: without red ones before a visit.

    They are numbered anew and follow one another, so that nothing stands out where one was left out.
    """
    seen = [one for one in former if alert.red_is_shown or one["level"] != Level.RED][: alert.revision - 1]
    ends = [*(one["issued_at"] for one in seen[1:]), alert.issued_at]
    return [
        one | {"revision": number, "superseded_at": end}
        for number, (one, end) in enumerate(zip(seen, ends, strict=False), start=1)
    ]
