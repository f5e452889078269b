"""The figures of completion in SQL, about rows of `console.cases`, as `domain/completion.py` defines them."""

from collections.abc import Mapping

from services.console.domain.completion import Completion
from services.console.domain.states import SUPERSEDED
from shared.contract.words import DecisiveOutcome

COUNTED = f"state <> '{SUPERSEDED}'"
"""Of known cases: no other one is counted in its stead."""
MEASURES: Mapping[str, str] = {
    "total": "true",
    "handled": "handled",
    "finished": "handled and finished",
    "on_time": "handled and on_time",
    "late": "handled and not on_time",
    "false_alarms": f"handled and outcome = '{DecisiveOutcome.FALSE_ALARM}'",
}
"""By figure, whether a counted case is counted in it."""
assert tuple(MEASURES) == Completion._fields  # noqa: S101  a figure that is not defined, or not asked for, is a fault

COUNTS = ", ".join(f"count(*) filter (where {condition}) as {name}" for name, condition in MEASURES.items())
