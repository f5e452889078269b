"""Proving a day's verification draw afterwards, from what was published of it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from pydantic import BaseModel

from services.dispatcher.domain.verification_draw import commitment_to, hashed_number, keyed_number
from shared.contract.events import DrawCommitted, DrawnCase, DrawPublished


class RecordedDraw(NamedTuple):
    """What the case file says of the draw of a case, written when it was drawn."""

    number: float
    verified: bool
    at: datetime


class CheckedCase(BaseModel):
    """A case of the day: whether its draw can be repeated, and what is wrong where it cannot."""

    case_id: UUID
    passed: bool
    number: float
    verified: bool
    faults: list[str]


class CheckedDay(BaseModel):
    """A day's draw, checked. `faults` are of the day itself: what was committed to is not what was drawn with."""

    day: date
    passed: bool
    faults: list[str]
    cases: list[CheckedCase]


def check_day(
    committed: DrawCommitted | None,
    published: DrawPublished,
    recorded: Mapping[UUID, RecordedDraw],
    accepted: Collection[UUID] | None,
) -> CheckedDay:
    """Repeat every draw of a day from the events published of it.

    `recorded` is what the case files say, and `accepted` are the cases whose reports were accepted that day; both are
    left out by whoever has only what was published.
    """
    secret = bytes.fromhex(published.secret)
    faults = _faults_of_day(committed, published, secret)
    cases = [
        _checked(drawn, keyed_number(secret, drawn.case_id), recorded.get(drawn.case_id), in_file=accepted is not None)
        for drawn in published.draws
    ]
    missing = sorted(set(accepted or ()) - {drawn.case_id for drawn in published.draws})
    faults += [f"{case_id}: its report was accepted that day, and it is not among the draws" for case_id in missing]
    passed = not faults and all(case.passed for case in cases)
    return CheckedDay(day=published.day, passed=passed, faults=faults, cases=cases)


def check_before_secrets(day: date, recorded: Mapping[UUID, RecordedDraw]) -> CheckedDay:
    """Repeat the draws of a day from before days had secrets, from the case files."""
    cases = []
    for case_id, draw in recorded.items():
        number = hashed_number(case_id)
        wrong = [] if number == draw.number else [f"the number is {number!r}, the case file says {draw.number!r}"]
        cases.append(
            CheckedCase(case_id=case_id, passed=not wrong, number=number, verified=draw.verified, faults=wrong)
        )
    return CheckedDay(day=day, passed=all(case.passed for case in cases), faults=[], cases=cases)


def _faults_of_day(committed: DrawCommitted | None, published: DrawPublished, secret: bytes) -> list[str]:
    if committed is None:
        return ["no commitment to the secret was published"]
    faults = []
    if commitment_to(secret) != committed.commitment:
        faults.append("the secret is not the one that was committed to")
    first: Sequence[datetime] = sorted(drawn.drawn_at for drawn in published.draws)[:1]
    if any(committed.at >= at for at in first):
        faults.append("the commitment was not published before the first draw")
    return faults


def _checked(drawn: DrawnCase, number: float, file: RecordedDraw | None, *, in_file: bool) -> CheckedCase:
    faults = []
    if number != drawn.number:
        faults.append(f"the number is {number!r}, published was {drawn.number!r}")
    if drawn.verified != (drawn.repeat or number < drawn.share):
        faults.append(f"verified: {drawn.verified}, although it drew {number:.6f} of a share of {drawn.share:g}")
    if in_file and file is None:
        faults.append("the case file has no draw")
    elif file is not None and (file.number, file.verified) != (drawn.number, drawn.verified):
        faults.append(f"the case file says {file.number!r}, verified: {file.verified}")
    return CheckedCase(case_id=drawn.case_id, passed=not faults, number=number, verified=drawn.verified, faults=faults)
