"""When a partition is stopped, and when one counts as stalled: versioned data, checked when it is loaded.

Pure but for `load`.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contract.yaml_text import read_yaml
from shared.time.instants import Instant

DATA = Path(__file__).with_name("policy.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RefusalLimits(_Strict):
    """Refusals are too many when there are `in_a_row`, or when they are `share` of the last `of_last` records."""

    in_a_row: Annotated[int, Field(ge=1)]
    share: Annotated[float, Field(gt=0, le=1)]
    of_last: Annotated[int, Field(ge=1)]


class BrakePolicy(_Strict):
    """A version of the policy. Without `refusals` none are too many."""

    version: str
    effective_from: Instant
    stated: bool
    refusals: RefusalLimits | None
    unreadable_attempts: Annotated[int, Field(ge=1)]
    stalled_seconds: Annotated[float, Field(gt=0)]
    recipients: Annotated[list[Literal["section", "leader", "admin"]], Field(min_length=1)]


@cache
def load(path: Path = DATA, *, refusals: bool = True) -> BrakePolicy:
    """The policy, without its limits of refusals where an installation does not want them.

    Raises pydantic's ValidationError, which names the entry and the fault.
    """
    policy = BrakePolicy.model_validate(read_yaml(path.read_text(encoding="utf-8")))
    return policy if refusals else policy.model_copy(update={"refusals": None})
