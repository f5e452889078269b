"""Setting the entry codes of enterprises (入企码), and taking them away."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select, update

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import entry_codes
from services.dispatcher.domain.master_records import Enterprise
from services.dispatcher.domain.record_changes import Author, Change
from services.dispatcher.master_data import history
from services.dispatcher.master_data.recordsets import recordset
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.evidence.domain.facts import act
from shared.time.instants import shown

SET = "cn.tricolor.enterprise.entry_code_set.v1"
_AT_ONCE = 4
"""How many hashes are made at a time: each keeps a processor busy and 16 MiB of memory."""


async def set_entry_code(work: CaseUnitOfWork, caller: Principal, code: str, entry_code: str | None) -> Enterprise:
    """Keep the hash of an enterprise's entry code, or none. Raises NotFound."""
    rows = await keep_entry_codes(work, {code: entry_code}, Author(caller.actor, "put"))
    if not rows:
        raise NotFound("enterprise", code)
    return Enterprise.of(rows[0]._asdict())


async def keep_entry_codes(work: CaseUnitOfWork, codes: Mapping[str, str | None], author: Author) -> Sequence[Row[Any]]:
    """Keep the hashes of entry codes by enterprise; the history says when each was set, and not what. Returns the rows.

    The hashes are made before any row is locked: they take long, as is meant.
    """
    hashes = await _hashed(codes)
    enterprises = tables.enterprises
    chosen = enterprises.c.code.in_(codes)
    locked = select(enterprises.c.code, enterprises.c.entry_code_set_at).where(chosen)
    before = (await work.connection.execute(locked.order_by(enterprises.c.code).with_for_update())).all()
    if not before:
        return []
    new = recordset(
        enterprises,
        ["code", "entry_code_hash", "entry_code_set_at"],
        [
            {"code": code, "entry_code_hash": hash_, "entry_code_set_at": None if hash_ is None else work.now}
            for code, hash_ in hashes.items()
        ],
    )
    written = (
        update(enterprises)
        .where(enterprises.c.code == new.c.code)
        .values(entry_code_hash=new.c.entry_code_hash, entry_code_set_at=new.c.entry_code_set_at, updated_at=work.now)
        .returning(enterprises)
    )
    rows: Sequence[Row[Any]] = (await work.connection.execute(written)).all()
    changes = [_change(row.code, row.entry_code_set_at, hashes[row.code], work) for row in before]
    await history.keep(work, "enterprises", ["code"], changes, author)
    # That it was set, by whom and when: the code itself is no evidence's to keep.
    for change in changes:
        code = change.after["code"]
        said = {"enterprise_code": code, "entry_code_set_at": change.after["entry_code_set_at"]}
        work.record(act(SET, f"enterprise:{code}", said, enterprise=code, actor=author.actor))
    return rows


async def _hashed(codes: Mapping[str, str | None]) -> dict[str, str | None]:
    room = asyncio.Semaphore(_AT_ONCE)

    async def hashed(code: str, entry_code: str | None) -> str | None:
        if entry_code is None:
            return None
        async with room:
            return await asyncio.to_thread(entry_codes.hashed, code, entry_code)

    made = await asyncio.gather(*(hashed(code, entry_code) for code, entry_code in codes.items()))
    return dict(zip(codes, made, strict=True))


def _change(code: str, set_at: Any, hash_: str | None, work: CaseUnitOfWork) -> Change:
    was, becomes = (
        {"code": code, "entry_code_set_at": None if at is None else shown(at)}
        for at in (set_at, None if hash_ is None else work.now)
    )
    return Change(was, becomes)
