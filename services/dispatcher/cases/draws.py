"""The days of the verification draw, their secrets, and every draw made under them.

A day has one secret whoever makes it: the first row stands. A draw holds its day's row shared until it commits, and
publishing takes it for itself: so nothing is drawn any more under a secret that was published. No secret leaves this
module but by `publish_over`.
"""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select, case, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import verification_draw
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.domain.verification_draw import SECRET_BYTES, commitment_to, day_of, keyed_number
from shared.contract.events import (
    DRAW_COMMITTED,
    DRAW_PUBLISHED,
    CaseKind,
    DrawCommitted,
    DrawnCase,
    DrawPublished,
)
from shared.contract.messages import SYSTEM, Event
from shared.contract.refusals import Unavailable

GRACE = timedelta(minutes=10)
"""A day is over for good this long after its end: the clocks of replicas agree to within it."""
_AT_ONCE = 50
_DAYS, _DRAWS, _CASES = tables.draw_days.c, tables.draws.c, tables.cases.c


async def commit_to(work: CaseUnitOfWork, days: Sequence[date]) -> int:
    """Make the secrets of those days that have none, and publish what commits to them; answer how many."""
    made = {day: secrets.token_bytes(SECRET_BYTES) for day in days}
    new = (
        upsert(tables.draw_days)
        .values(
            [
                {"day": day, "secret": secret, "commitment": commitment_to(secret), "committed_at": work.now}
                for day, secret in made.items()
            ]
        )
        .on_conflict_do_nothing()
        .returning(_DAYS.day, _DAYS.commitment)
    )
    stored = (await work.connection.execute(new)).all()
    for row in sorted(stored):
        data = DrawCommitted(day=row.day, commitment=row.commitment, at=work.now)
        work.emit(Event(DRAW_COMMITTED, SYSTEM, data))
    return len(stored)


async def known_days(connection: AsyncConnection, days: Sequence[date]) -> set[date]:
    """Which of these days have a secret."""
    return set(await connection.scalars(select(_DAYS.day).where(_DAYS.day.in_(days))))


async def draw(work: CaseUnitOfWork, accepted: Case, cases_lately: int, policy: DispatchPolicy) -> Row[Any]:
    """Draw whether the report of a case is verified, under the secret of today; answer the draw as it is stored.

    Raises Unavailable where the secret was published already: the clock here is far behind that of another replica.
    """
    today = day_of(work.now)
    await commit_to(work, [today])
    found = select(tables.draw_days).where(_DAYS.day == today).with_for_update(read=True)
    secret_of = (await work.connection.execute(found)).one()
    if secret_of.published_at is not None:
        raise Unavailable("draw-over", f"The draw of {today} is over; the clock of this server is behind.")
    number = keyed_number(secret_of.secret, accepted.case_id)
    why = verification_draw.why_verified(number, cases_lately, policy.truth_check)
    stored = await work.connection.execute(
        insert(tables.draws)
        .values(
            case_id=accepted.case_id,
            enterprise_code=accepted.enterprise_code,
            day=today,
            number=number,
            share=policy.truth_check.share,
            repeat=verification_draw.is_repeat(cases_lately, policy.truth_check),
            verified=why is not None,
            policy_version=policy.version,
            drawn_at=work.now,
        )
        .returning(tables.draws)
    )
    row: Row[Any] = stored.one()
    return row


async def publish_over(work: CaseUnitOfWork) -> int:
    """Publish the secrets of days that are over, with their draws; answer how many.

    A day waits until officers have stood at the door of everyone whom it drew, or their visits are off: with its
    secret an enterprise could work out that it was drawn, and the visit would be announced.
    """
    unseen = exists().where(
        _DRAWS.day == _DAYS.day,
        _DRAWS.verified,
        _CASES.raised_by == _DRAWS.case_id,
        _CASES.kind == CaseKind.VERIFICATION,
        _CASES.closed_at.is_(None),
        _CASES.arrived_at.is_(None),
    )
    over = (
        select(tables.draw_days)
        .where(_DAYS.published_at.is_(None), _DAYS.day < day_of(work.now - GRACE), ~unseen)
        .order_by(_DAYS.day)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    days = (await work.connection.execute(over)).all()
    if not days:
        return 0
    of_days: dict[date, list[DrawnCase]] = {row.day: [] for row in days}
    drawn = select(tables.draws).where(_DRAWS.day.in_(of_days)).order_by(_DRAWS.drawn_at, _DRAWS.case_id)
    for row in await work.connection.execute(drawn):
        of_days[row.day].append(DrawnCase.model_validate(row, from_attributes=True))
    await work.connection.execute(update(tables.draw_days).where(_DAYS.day.in_(of_days)).values(published_at=work.now))
    for row in days:
        data = DrawPublished(
            day=row.day,
            commitment=row.commitment,
            committed_at=row.committed_at,
            secret=row.secret.hex(),
            draws=of_days[row.day],
            at=work.now,
        )
        work.emit(Event(DRAW_PUBLISHED, SYSTEM, data))
    return len(days)


async def list_days(connection: AsyncConnection, *, before: date | None, limit: int) -> Sequence[Row[Any]]:
    """The days that were committed to, the latest first; their secrets only where they were published."""
    rows = await connection.execute(
        _public().where(*([] if before is None else [_DAYS.day < before])).order_by(_DAYS.day.desc()).limit(limit)
    )
    listed: Sequence[Row[Any]] = rows.all()
    return listed


async def find_day(connection: AsyncConnection, day: date) -> Row[Any] | None:
    """The same of one day; None where nothing was committed to for it."""
    row: Row[Any] | None = (await connection.execute(_public().where(_DAYS.day == day))).one_or_none()
    return row


async def drawn_on(connection: AsyncConnection, day: date) -> list[DrawnCase]:
    """The draws of a day that was published; none of one that was not."""
    rows = await connection.execute(
        select(tables.draws)
        .join(tables.draw_days, _DAYS.day == _DRAWS.day)
        .where(_DRAWS.day == day, _DAYS.published_at.is_not(None))
        .order_by(_DRAWS.drawn_at, _DRAWS.case_id)
    )
    return [DrawnCase.model_validate(row, from_attributes=True) for row in rows]


_SECRET = case((_DAYS.published_at.is_not(None), func.encode(_DAYS.secret, "hex")))


def _public() -> Select[Any]:
    return select(_DAYS.day, _DAYS.commitment, _DAYS.committed_at, _DAYS.published_at, _SECRET.label("secret"))
