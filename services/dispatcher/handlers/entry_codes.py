"""Setting the entry code of an enterprise (入企码), and taking it away."""

import asyncio
from typing import Any

from sqlalchemy import update

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import entry_codes
from services.dispatcher.domain.master_records import Enterprise
from services.dispatcher.domain.record_changes import Author, Change
from services.dispatcher.master_data import history, store
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.evidence.domain.facts import act
from shared.time.instants import shown

SET = "cn.tricolor.enterprise.entry_code_set.v1"


async def set_entry_code(work: CaseUnitOfWork, caller: Principal, code: str, entry_code: str | None) -> Enterprise:
    """Keep the hash of an enterprise's entry code, or none; the history says when, and not what. Raises NotFound."""
    present = await store.lock(work.connection, "enterprises", [code])
    if present is None:
        raise NotFound("enterprise", code)
    hash_ = None if entry_code is None else await asyncio.to_thread(entry_codes.hashed, code, entry_code)
    values: dict[str, Any] = {"entry_code_hash": hash_, "entry_code_set_at": None if hash_ is None else work.now}
    enterprises = tables.enterprises
    row = await work.connection.execute(
        update(enterprises)
        .where(enterprises.c.code == code)
        .values(**values, updated_at=work.now)
        .returning(enterprises)
    )
    was, becomes = (
        {"code": code, "entry_code_set_at": None if at is None else shown(at)}
        for at in (present["entry_code_set_at"], values["entry_code_set_at"])
    )
    await history.keep(work, "enterprises", ["code"], [Change(was, becomes)], Author(caller.actor, "put"))
    # That it was set, by whom and when: the code itself is no evidence's to keep.
    said = {"enterprise_code": code, "entry_code_set_at": becomes["entry_code_set_at"]}
    work.record(act(SET, f"enterprise:{code}", said, enterprise=code, actor=caller.actor))
    return Enterprise.of(row.one()._asdict())
