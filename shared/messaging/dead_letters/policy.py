"""How long a dead letter may wait: versioned data, checked when it is loaded."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contract.yaml_text import read_yaml
from shared.time.instants import Instant

DATA = Path(__file__).with_name("policy.yaml")


class DeadLetterPolicy(BaseModel):
    """A version of the policy. Hours are natural hours; `recipients` are notified of what waits longer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    effective_from: Instant
    stated: bool
    waiting_hours: Annotated[float, Field(gt=0)]
    recipients: Annotated[list[Literal["section", "leader"]], Field(min_length=1)]

    @property
    def waiting(self) -> timedelta:
        return timedelta(hours=self.waiting_hours)


@cache
def load(path: Path = DATA) -> DeadLetterPolicy:
    """Load the policy. Raises pydantic's ValidationError, which names the entry and the fault."""
    return DeadLetterPolicy.model_validate(read_yaml(path.read_text(encoding="utf-8")))
