"""The ladder (督办升级): who must act next, and when, once a deadline has been missed. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.deadline_watch.domain import working_time
from services.deadline_watch.domain.calendar import WorkingCalendar
from services.deadline_watch.domain.policy import DeadlinePolicy
from shared.contract.words import ClockKind


@dataclass(frozen=True)
class DueRung:
    """A rung and when it is due (UTC). `name` is unique within the deadline; `rung` counts from 1."""

    name: str
    rung: int
    roles: tuple[str, ...]
    at: datetime
    repeat_hours: float | None


def rungs_after_miss(
    kind: ClockKind, missed_at: datetime, policy: DeadlinePolicy, calendar: WorkingCalendar
) -> tuple[DueRung, ...]:
    """The rungs for a deadline that passed unanswered at `missed_at`, lowest first."""
    return tuple(
        DueRung(
            name=f"rung-{number}-{rung.step}",
            rung=number,
            roles=tuple(rung.roles),
            at=working_time.after(missed_at, rung.after, calendar, policy.working_hours),
            repeat_hours=rung.repeat_hours,
        )
        for number, rung in enumerate(policy.deadlines[kind].ladder, 1)
    )


_NEXT_UP = {"station_chief": "section", "section": "leader", "leader": "leader"}


def recipients(roles: Sequence[str], absent: Collection[str]) -> list[str]:
    """Those of `roles` who are there, and for each that is `absent` the next level up; the leader is never left out."""
    found: dict[str, None] = {}
    for role in roles:
        while role in absent and role != _NEXT_UP[role]:
            role = _NEXT_UP[role]  # noqa: PLW2901  that is the climb
        found[role] = None
    return list(found)


def next_repeat(first_at: datetime, repeat_hours: float, now: datetime) -> tuple[int, datetime]:
    """The first repetition after `now` of a rung first due at `first_at`: its number from 1, and its instant.

    Repetitions that passed while nobody watched are left out: one reminder says as much as five.
    """
    every = timedelta(hours=repeat_hours)
    number = max(1, (now - first_at) // every + 1)
    return number, first_at + number * every
