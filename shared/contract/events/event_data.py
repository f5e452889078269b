"""What events of every subject have in common: topics, levels, texts in two languages, who acts, whom it concerns."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Code = Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]


class Topic(StrEnum):
    ANOMALY_EVENTS = "anomaly-events"
    ALERTS = "alerts"
    CASES = "cases"
    MASTER_DATA = "master-data"
    DEADLINES = "deadlines"
    CONSOLE = "console"

    @property
    def dead_letter(self) -> str:
        return f"{self.value}.dead-letter"


class Level(StrEnum):
    """白、黄、红. Ordered by strictness through `rank`."""

    WHITE = "white"
    YELLOW = "yellow"
    RED = "red"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate((Level.WHITE, Level.YELLOW, Level.RED))}


class Bilingual(BaseModel):
    """Text that an enterprise or officer (zh) and an engineer (en) may both read."""

    model_config = ConfigDict(frozen=True)

    zh: str
    en: str


class EventData(BaseModel):
    """The data of an event of our own. Consumers ignore fields that they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Actor(EventData):
    """Who did it. `system` is Tricolor itself, acting on an event or a policy."""

    role: str
    subject: str


class Recipient(EventData):
    """Whom a warning or escalation addresses: a role, at the case's station where the role has one."""

    role: str
    station: str | None = None
