"""Who may go (谁可以出勤): the one rule that all ways of giving cases to officers ask, for today and ahead. Pure.

Certified, of the station in charge, not recused, and on duty. Where a station has a rota for a day, those on it are on
duty, substitutes in place of the officers they replace; a rota that names nobody means nobody. Where it has none, all
its officers are. Leave (请假) comes before either. Days are Shanghai's, midnight to midnight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple

from shared.contract.dates import day_in_words
from shared.contract.events import Bilingual
from shared.time.instants import instant_on


class Barrier(StrEnum):
    """What keeps an officer from a case."""

    RECUSED = "recused"
    UNCERTIFIED = "uncertified"
    OTHER_STATION = "other_station"
    OFF_DUTY = "off_duty"
    ON_LEAVE = "on_leave"
    SUBSTITUTED = "substituted"
    NOT_ON_ROTA = "not_on_rota"


ROTA = frozenset({Barrier.SUBSTITUTED, Barrier.NOT_ON_ROTA})
"""What was given to an officer on duty may still be accepted when the duty is over."""
ABSENCES = ROTA | {Barrier.OFF_DUTY, Barrier.ON_LEAVE}
"""A chief who calls somebody in expressly (召回) goes past these, and past nothing else."""


class Hindrance(NamedTuple):
    """Why an officer may not go; `reason` completes the sentence "the officer is …" in English."""

    barrier: Barrier
    reason: Bilingual


@dataclass(frozen=True)
class Person:
    """An officer as master data have them. `on_duty` is the officer's own switch."""

    code: str
    name: str
    station: str
    certified: bool = True
    on_duty: bool = True


@dataclass(frozen=True)
class LeavePeriod:
    """Leave from `first_day` to `last_day`, both included."""

    first_day: date
    last_day: date
    reason: str


@dataclass(frozen=True)
class DutyDay:
    """One day: who is on the rota by station, who is on leave, and the name of the substitute of each who has one."""

    day: date
    rota: Mapping[str, frozenset[str]] = field(default_factory=dict)
    leaves: Mapping[str, LeavePeriod] = field(default_factory=dict)
    substitutes: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def absence(self, person: Person) -> Hindrance | None:
        """Why the officer is not on duty; None for one who is."""
        if not person.on_duty:
            return Hindrance(Barrier.OFF_DUTY, Bilingual(zh="不在岗", en="not on duty"))
        if (leave := self.leaves.get(person.code)) is not None:
            last = day_in_words(leave.last_day)
            return Hindrance(Barrier.ON_LEAVE, Bilingual(zh=f"请假至{last.zh}", en=f"on leave until {last.en}"))
        if person.code in self.substitutes:
            code = self.substitutes[person.code]
            name = self.names.get(code, code)
            return Hindrance(Barrier.SUBSTITUTED, Bilingual(zh=f"由{name}替班", en=f"replaced by {name}"))
        planned = self.rota.get(person.station)
        if planned is None or person.code in planned or person.code in self.substitutes.values():
            return None
        day = day_in_words(self.day)
        return Hindrance(Barrier.NOT_ON_ROTA, Bilingual(zh=f"{day.zh}不值班", en=f"not on the rota of {day.en}"))


def hindrance(person: Person, day: DutyDay, *, station: str | None = None) -> Hindrance | None:
    """Why an officer may not go for `station` on a day, whatever the case; None for one who may."""
    if not person.certified:
        return Hindrance(Barrier.UNCERTIFIED, Bilingual(zh="无执法证", en="not certified"))
    if station is not None and station != person.station:
        return Hindrance(Barrier.OTHER_STATION, Bilingual(zh="已调往其他执法所", en="of another station now"))
    return day.absence(person)


def barred(
    found: Hindrance | None, *, recused: str | None = None, past: frozenset[Barrier] = frozenset()
) -> Hindrance | None:
    """Why an officer with this hindrance may not go to an enterprise; None for one who may.

    `recused` is the reason of the officer's recusal there, `past` what does not keep the officer from this case.
    """
    if recused is not None:
        words = Bilingual(zh=f"回避：{recused}", en=f"recused from this enterprise (回避): {recused}")
        return Hindrance(Barrier.RECUSED, words)
    return None if found is None or found.barrier in past else found


def unable_throughout(
    person: Person, days: Sequence[DutyDay], due_at: datetime | None, *, station: str | None = None
) -> tuple[DutyDay, Hindrance] | None:
    """Whether an officer may go on none of these days before a case is due: from which day on, and why.

    Without a due time (not known yet, or past already) all of them count.
    """
    reached = [day for day in days if due_at is None or instant_on(day.day, time()) < due_at]
    found = [hindrance(person, day, station=station) for day in reached]
    if not found or (first := found[0]) is None or None in found:
        return None
    return reached[0], first
