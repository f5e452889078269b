"""What a change of people, rota, leave or recusal did to cases, as the answers to it say. Pure."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from shared.contract.events import Bilingual
from shared.contract.words import CaseState


class Kept(BaseModel):
    """A case that stays with an officer who may not go for it: why, and from which day on. Its chief was told."""

    case_id: UUID
    state: CaseState
    officer: str
    name: str
    from_day: date
    reason: Bilingual


class Replanned(BaseModel):
    """What a change did to cases: `replanned` ones get another team; `kept` ones stay, for the chief to hand over."""

    replanned: list[UUID] = []
    kept: list[Kept] = []


class PlannedInVain(BaseModel):
    """An officer on the rota of a day who may not go on it, and why."""

    day: date
    officer: str
    name: str
    reason: Bilingual
