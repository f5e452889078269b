"""Recusal (回避, Administrative Penalty Law art. 43): an officer who must not handle an enterprise's cases."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import Work
from services.dispatcher.domain.fields import Body, Code, Words


class RecusalBody(Body):
    """回避: the officer is given no case of the enterprise from now on."""

    officer: Code
    enterprise_code: Code
    reason: Words


async def recused_from(work: Work, enterprise_codes: Collection[str]) -> dict[str, dict[str, str]]:
    """The reason of each officer who must not handle cases of an enterprise, by the enterprise's code."""
    recusals = tables.recusals.c
    out: dict[str, dict[str, str]] = defaultdict(dict)
    for row in await work.connection.execute(
        select(tables.recusals).where(recusals.enterprise_code.in_(enterprise_codes), recusals.ended_at.is_(None))
    ):
        out[row.enterprise_code][row.officer] = row.reason
    return out


async def keep_recusal(work: Work, body: RecusalBody, recorded_by: str) -> Row[Any]:
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
