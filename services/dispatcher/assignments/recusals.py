"""Recusal (回避, Administrative Penalty Law art. 43): an officer who must not handle an enterprise's cases."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.fields import Body, Code, EnterpriseCode, Words
from shared.contract.refusals import NotFound


class RecusalBody(Body):
    """A recusal (回避): the officer is given no case of the enterprise from now on."""

    officer: Code
    enterprise_code: EnterpriseCode
    reason: Words


async def recused_from(work: CaseUnitOfWork, enterprise_codes: Collection[str]) -> dict[str, dict[str, str]]:
    """The reason of each officer who must not handle cases of an enterprise, by the enterprise's code."""
    recusals = tables.recusals.c
    out: dict[str, dict[str, str]] = defaultdict(dict)
    for row in await work.connection.execute(
        select(tables.recusals).where(recusals.enterprise_code.in_(enterprise_codes), recusals.ended_at.is_(None))
    ):
        out[row.enterprise_code][row.officer] = row.reason
    return out


async def lock_recusal(work: CaseUnitOfWork, enterprise_code: str, officer: str) -> Row[Any] | None:
    """Lock the recusal of an officer from an enterprise, in force or ended, and return it."""
    recusals = tables.recusals.c
    asked = select(tables.recusals).where(recusals.enterprise_code == enterprise_code, recusals.officer == officer)
    row: Row[Any] | None = (await work.connection.execute(asked.with_for_update())).one_or_none()
    return row


async def keep_recusal(work: CaseUnitOfWork, body: RecusalBody, recorded_by: str) -> Row[Any]:
    """Keep a recusal, or its new reason; return its row."""
    kept = {"reason": body.reason, "recorded_by": recorded_by, "recorded_at": work.now, "ended_at": None}
    row: Row[Any] = (
        await work.connection.execute(
            upsert(tables.recusals)
            .values(officer=body.officer, enterprise_code=body.enterprise_code, **kept)
            .on_conflict_do_update(index_elements=["enterprise_code", "officer"], set_=kept)
            .returning(tables.recusals)
        )
    ).one()
    return row


async def end_recusal(work: CaseUnitOfWork, enterprise_code: str, officer: str) -> Row[Any]:
    """End a recusal and return its row. Raises NotFound for one that is not in force."""
    recusals = tables.recusals.c
    written = await work.connection.execute(
        update(tables.recusals)
        .where(
            recusals.enterprise_code == enterprise_code,
            recusals.officer == officer,
            recusals.ended_at.is_(None),
        )
        .values(ended_at=work.now)
        .returning(tables.recusals)
    )
    row: Row[Any] | None = written.one_or_none()
    if row is None:
        raise NotFound("recusal", f"{enterprise_code}/{officer}")
    return row


async def list_recusals(
    connection: AsyncConnection, officer: str | None, *, after: tuple[str, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """The recusals in force, by enterprise and officer."""
    recusals = tables.recusals.c
    asked = (
        select(tables.recusals)
        .where(recusals.ended_at.is_(None))
        .order_by(recusals.enterprise_code, recusals.officer)
        .limit(limit)
    )
    if officer is not None:
        asked = asked.where(recusals.officer == officer)
    if after is not None:
        asked = asked.where(tuple_(recusals.enterprise_code, recusals.officer) > after)
    return (await connection.execute(asked)).all()
