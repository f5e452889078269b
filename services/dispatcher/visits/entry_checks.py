"""Comparing what was scanned at the gate with the enterprise's entry code: recorded, and never a reason to refuse."""

import asyncio

from sqlalchemy import select

from services.dispatcher import tables
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import entry_codes
from shared.contract.words import EntryCheck


async def entry_check(work: CaseUnitOfWork, case: Case, scanned: str | None) -> EntryCheck:
    """What this arrival says of the entry code of the case's enterprise."""
    enterprises = tables.enterprises.c
    kept = await work.connection.scalar(
        select(enterprises.entry_code_hash).where(enterprises.code == case.enterprise_code)
    )
    return await asyncio.to_thread(entry_codes.check, case.enterprise_code, kept, scanned)
