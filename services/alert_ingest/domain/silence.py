"""When a platform or an outlet has been silent for longer than is its habit. Pure but for `load`.

Its habit is the usual interval between arrivals: an average in which the latest twenty count most.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from shared.contract.events import Recipient
from shared.contract.platforms import PlatformSilent, SilentOutlet
from shared.contract.yaml_text import read_yaml
from shared.time.instants import Instant

DATA = Path(__file__).with_name("silence.yaml")
_REMEMBERED = 20


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Voice(StrEnum):
    """By what something is heard: a platform by its heartbeats and its events, an outlet by events about it."""

    HEARTBEATS = "heartbeats"
    EVENTS = "events"
    OUTLETS = "outlets"


class Key(NamedTuple):
    """What is heard: a platform, or with the last two an outlet of it."""

    source: str
    voice: Voice
    enterprise_code: str = ""
    outlet: str = ""


class Allowance(_Strict):
    """How long a silence may last, in natural hours, and how many arrivals make a habit."""

    after: Annotated[int, Field(ge=2)]
    shortest_hours: Annotated[float, Field(gt=0)]
    times: Annotated[float, Field(ge=1)]


class SilencePolicy(_Strict):
    """A version of the policy; `recipients` are notified of what falls silent."""

    version: str
    effective_from: Instant
    stated: bool
    heartbeats: Allowance
    events: Allowance
    outlets: Allowance
    recipients: Annotated[list[Literal["section", "leader", "admin"]], Field(min_length=1)]

    def allowance(self, voice: Voice) -> Allowance:
        return {
            Voice.HEARTBEATS: self.heartbeats,
            Voice.EVENTS: self.events,
            Voice.OUTLETS: self.outlets,
        }[voice]


@cache
def load(path: Path = DATA) -> SilencePolicy:
    """Load the policy. Raises pydantic's ValidationError, which names the entry and the fault."""
    return SilencePolicy.model_validate(read_yaml(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Habit:
    """How often something is heard: `usual` is the interval between two arrivals, None before the second."""

    arrivals: int
    heard_at: datetime
    usual: timedelta | None = None

    def heard_again(self, at: datetime) -> "Habit":
        """The habit after an arrival at `at`; one from before the latest changes nothing."""
        if at <= self.heard_at:
            return self
        interval = at - self.heard_at
        usual = (
            interval if self.usual is None else self.usual + (interval - self.usual) / min(self.arrivals, _REMEMBERED)
        )
        return Habit(self.arrivals + 1, at, usual)

    def allowed(self, allowance: Allowance) -> timedelta | None:
        """For how long it may be silent; None while its habit is not known."""
        if self.usual is None or self.arrivals < allowance.after:
            return None
        return max(timedelta(hours=allowance.shortest_hours), self.usual * allowance.times)

    def silent_at(self, allowance: Allowance, listening_since: datetime | None = None) -> datetime | None:
        """From when it counts as silent, unless it is heard before; None while its habit is not known.

        While we did not listen ourselves, nobody was silent: the time runs from `listening_since` at the earliest.
        """
        allowed = self.allowed(allowance)
        if allowed is None:
            return None
        return max(self.heard_at, listening_since or self.heard_at) + allowed


M = TypeVar("M", bound=PlatformSilent)


def messages(kind: type[M], found: Mapping[Key, Habit], policy: SilencePolicy, now: datetime) -> Iterable[M]:
    """What is said of those that fell silent, or are heard again: a message for each platform, and one for its outlets.

    So a network that fails is one matter, however many outlets hang on it.
    """
    for (source, _), keys in groupby(sorted(found), key=lambda key: (key.source, key.voice is Voice.OUTLETS)):
        habits = {key: found[key] for key in keys}
        allowed = [habit.allowed(policy.allowance(key.voice)) or now - habit.heard_at for key, habit in habits.items()]
        yield kind(
            source=source,
            outlets=[
                SilentOutlet(enterprise_code=key.enterprise_code, outlet=key.outlet, heard_at=habit.heard_at)
                for key, habit in habits.items()
                if key.voice is Voice.OUTLETS
            ],
            heard_at=max(habit.heard_at for habit in habits.values()),
            allowed_hours=max(allowed).total_seconds() / 3600,
            at=now,
            policy_version=policy.version,
            recipients=[Recipient(role=role) for role in policy.recipients],
        )
