"""The duty rota (值班表): who is on duty on a day. Pure.

Where a station has a rota for a day, those on it are on duty, substitutes in place of the officers they replace.
Where it has none, all its officers are. Leave (请假) comes before either. Days are Shanghai's, midnight to midnight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.contract.events import Bilingual


@dataclass(frozen=True)
class LeavePeriod:
    """Leave from `first_day` to `last_day`, both included."""

    first_day: date
    last_day: date
    reason: str


@dataclass(frozen=True)
class DutyDay:
    """One day: who is on the rota by station, who is on leave, and the substitute of each officer who has one."""

    day: date
    rota: Mapping[str, frozenset[str]] = field(default_factory=dict)
    leaves: Mapping[str, LeavePeriod] = field(default_factory=dict)
    substitutes: Mapping[str, str] = field(default_factory=dict)

    def absence(self, officer: str, station: str, *, on_duty: bool) -> Bilingual | None:
        """Why the officer is not on duty; None for one who is. `on_duty` is the officer's own switch."""
        if not on_duty:
            return Bilingual(zh="不在岗", en="not on duty")
        if (leave := self.leaves.get(officer)) is not None:
            return Bilingual(zh=f"请假至 {leave.last_day}", en=f"on leave until {leave.last_day}")
        if officer in self.substitutes:
            substitute = self.substitutes[officer]
            return Bilingual(zh=f"由 {substitute} 替班", en=f"{substitute} stands in")
        planned = self.rota.get(station)
        if planned is None or officer in planned or officer in self.substitutes.values():
            return None
        return Bilingual(zh=f"{self.day} 不值班", en=f"not on the rota of {self.day}")
