"""How long a proposal may wait, and who is told of it: versioned data, checked on loading. Pure but for `load`."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.contract.roles import Role
from shared.contract.yaml_text import read_yaml
from shared.time.instants import Instant

DATA = Path(__file__).with_name("policy.yaml")

_Roles = Annotated[tuple[Role, ...], Field(min_length=1)]


class Recipients(BaseModel):
    """Who is told of what waits for a second person: of a station's matters, and of all others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    station: _Roles
    bureau: _Roles


class ProposalPolicy(BaseModel):
    """A version of the policy. Hours are natural hours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    effective_from: Instant
    stated: bool
    open_hours: Annotated[float, Field(gt=0, le=8_784)]
    recipients: Recipients

    @property
    def open(self) -> timedelta:
        return timedelta(hours=self.open_hours)


@cache
def load(path: Path = DATA) -> ProposalPolicy:
    """Raises pydantic's ValidationError, which names the entry and the fault."""
    return ProposalPolicy.model_validate(read_yaml(path.read_text(encoding="utf-8")))
