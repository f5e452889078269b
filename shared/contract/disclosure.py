"""Who sees what (信息公开范围): how much a caller sees of a matter, and which fields a record shows to whom.

Each service has one table of its own records, and every answer about a matter passes through it. A field without a
line in it is not shown to anybody outside the bureau. Pure but for `load`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict

from shared.contract.events import CaseKind
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.contract.words import DecisiveOutcome
from shared.contract.yaml_text import read_yaml
from shared.masking import masked_numbers
from shared.time.instants import Instant

DATA = Path(__file__).with_name("disclosure.yaml")

ENDED_WITHOUT_ANSWER = frozenset({"upgraded", "downgraded", DecisiveOutcome.FALSE_ALARM})
"""Outcomes of a case that was closed without a visit: its alert asked for it no more."""


class Visits(StrEnum):
    """From when an enterprise sees that there is a visit."""

    BEFORE_ARRIVAL = "before_arrival"
    ON_ARRIVAL = "on_arrival"
    AFTER_CLOSING = "after_closing"


class DisclosurePolicy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    effective_from: Instant
    stated: bool
    visits: Visits


@cache
def load(path: Path = DATA) -> DisclosurePolicy:
    """Raises pydantic's ValidationError, which names the entry and the fault."""
    return DisclosurePolicy.model_validate(read_yaml(path.read_text(encoding="utf-8")))


class Sight(StrEnum):
    """How much a caller sees of a matter that is the caller's to see at all."""

    WHOLE = "whole"
    """The bureau's own people, each within reach of their station or their cases."""
    OWN = "own"
    """An enterprise, of what it is asked to answer itself: white and yellow alerts, self-reports, notices to it."""
    VISIT = "visit"
    """An enterprise, of a visit whose case is open."""
    OUTCOME = "outcome"
    """An enterprise, of a visit whose case is closed."""
    SOURCE = "source"
    """A platform, of what came of its own events."""
    REGISTER = "register"
    """The bureau's people, of records of people whom they need not reach: no telephone numbers, no addresses."""


def sight_of_case(
    policy: DisclosurePolicy, caller: Principal, kind: CaseKind, *, arrived: bool, closed: bool, answered: bool
) -> Sight | None:
    """How much a caller within reach sees of a case, its clock and its files; None: for this caller it is not there.

    `answered` says that a closed case was not ended because its alert asked for it no more.
    """
    if caller.role is not Role.ENTERPRISE:
        return Sight.WHOLE
    if kind is CaseKind.SELF_REPORT:
        return Sight.OWN
    if kind is CaseKind.MARKING:
        return None
    shown = {
        Visits.BEFORE_ARRIVAL: True,
        Visits.ON_ARRIVAL: arrived or (closed and answered),
        Visits.AFTER_CLOSING: closed and (arrived or answered),
    }
    if not shown[policy.visits]:
        return None
    return Sight.OUTCOME if closed else Sight.VISIT


Line = frozenset[Sight]
Table = Mapping[str, Mapping[str, Line]]
"""By record, by field (`*` for all of them), who outside the bureau sees it too.

The bureau sees all within reach. What routes answer that are the bureau's alone has no lines, and is shown to nobody
else.
"""

EVERYONE: Mapping[str, Line] = {"*": frozenset(Sight)}
"""The lines of a record that is about no matter: whoever may call the route sees it."""


def lines(
    *, bureau: str = "", own: str = "", visit: str = "", outcome: str = "", source: str = "", register: str = ""
) -> Mapping[str, Line]:
    """The lines of a record: to each sight the fields that it sees. `outcome` sees what `visit` does, and more."""
    seen = {
        Sight.WHOLE: f"{bureau} {own} {visit} {outcome} {source} {register}",
        Sight.OWN: own,
        Sight.VISIT: visit,
        Sight.OUTCOME: f"{visit} {outcome}",
        Sight.SOURCE: source,
        Sight.REGISTER: register,
    }
    fields = seen[Sight.WHOLE].split()
    return {field: frozenset(sight for sight, named in seen.items() if field in named.split()) for field in fields}


_PROPOSAL = (
    "proposal_id service kind name state subject summary reason ground station enterprise_code alert_id proposed_by"
    " proposed_role proposed_at expires_at policy_version decided_at explanation"
)
_OF_THE_BUREAU = "case_id proposed_station proposed_login decided_by decided_role decided_station decided_login"
PROPOSALS: Table = {
    # An enterprise sees what it proposed itself and what came of it, and not who decided, or on which case.
    "Proposal": lines(own=_PROPOSAL, bureau=_OF_THE_BUREAU),
    "WholeProposal": lines(own=f"{_PROPOSAL} parameters", bureau=f"{_OF_THE_BUREAU} before after result"),
    "Bilingual": EVERYONE,
}
"""The lines of proposals, which every service keeps."""


def sees(table: Table, record: str, field: str, sight: Sight) -> bool:
    """Whether `sight` is shown the field of the record."""
    known = table.get(record, {})
    return sight is Sight.WHOLE or sight in known.get(field, known.get("*", frozenset()))


M = TypeVar("M", bound=BaseModel)


def shown(record: M, sight: Sight, table: Table) -> M:
    """The record as `sight` sees it: what has no line for it is empty, in records within it too."""
    if sight is Sight.WHOLE:
        return record
    name, values = type(record).__name__, {}
    for field, definition in type(record).model_fields.items():
        value = getattr(record, field)
        if not sees(table, name, field, sight):
            values[field] = empty(definition.annotation, value)
        elif isinstance(value, BaseModel):
            values[field] = shown(value, sight, table)
        elif isinstance(value, list):
            values[field] = [shown(one, sight, table) if isinstance(one, BaseModel) else one for one in value]
    return record.model_copy(update=values)


def empty(annotation: Any, value: object = None) -> object:
    """What stands in an answer for a value that is not shown: nothing, as far as the field's type allows.

    Raises TypeError for a field that cannot be without a value: the table must show it, or another record be answered.
    """
    if annotation in (None, Any) or type(None) in get_args(annotation):
        return None
    for kind, nothing in _NOTHING.items():
        if annotation is kind or type(value) is kind:
            return nothing()
    raise TypeError(f"{annotation} has no empty value")


def without_numbers(record: M, caller: Principal) -> M:
    """The record as somebody reads it who need not call anybody: an auditor sees telephone numbers masked."""
    return record if caller.role is not Role.AUDITOR else record.model_copy(update=_masked_fields(record))


def _masked_fields(record: BaseModel) -> dict[str, Any]:
    return {name: _masked(getattr(record, name)) for name in type(record).model_fields}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked_numbers(value) if type(value) is str else value
    if isinstance(value, BaseModel):
        return value.model_copy(update=_masked_fields(value))
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if isinstance(value, dict):
        return {name: _masked(one) for name, one in value.items()}
    return value


_NOTHING: Mapping[type, Callable[[], object]] = {kind: kind for kind in (bool, int, str, list, dict)}
