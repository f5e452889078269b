"""Importing a sheet: a dry run that judges every row, or the import of all of it, which is recorded."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.imports import apply as import_apply
from services.dispatcher.imports import store as import_store
from services.dispatcher.imports.reading import sheets
from services.dispatcher.imports.reading.columns import Kind, KindName
from services.dispatcher.imports.reading.records import Reading, read_rows
from services.dispatcher.imports.reading.report import ImportAnswer, TriedImport, judge
from services.dispatcher.tables import imports
from shared.contract.principal import Principal
from shared.contract.refusals import ConditionMissing, Invalid, Stale
from shared.evidence.domain.facts import act

IMPORTED = "cn.tricolor.sheet.imported.v1"


@dataclass(frozen=True)
class SentSheet:
    """The file that a caller sent to be imported."""

    name: str | None
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_sheet(kind: Kind, content: bytes) -> Reading:
    """Read the rows of a sent sheet. Raises Invalid for what is no sheet at all."""
    try:
        return read_rows(kind, sheets.read(content))
    except sheets.SheetRefused as refusal:
        raise Invalid(
            "sheet-refused", refusal.en, title="Not a sheet that can be read", zh=refusal.zh, en=refusal.en
        ) from refusal


async def try_sheet(
    connection: AsyncConnection, reading: Reading, sheet: SentSheet, caller: Principal, *, dry_run: bool
) -> TriedImport:
    """What importing the sheet would do to what is stored now."""
    present = await import_store.find(connection, reading)
    further = await import_apply.further_errors(connection, reading, present, caller)
    return judge(reading, present, further, file_name=sheet.name, file_sha256=sheet.sha256, dry_run=dry_run)


async def apply_sheet(
    work: CaseUnitOfWork, caller: Principal, reading: Reading, sheet: SentSheet, if_match: str | None
) -> ImportAnswer:
    """Import a sheet: all that it states is written, or nothing. Raises Stale, Invalid, ConditionMissing."""
    await import_store.hold(work.connection, reading.kind)
    verdict = await try_sheet(work.connection, reading, sheet, caller, dry_run=False)
    _require_applicable(verdict.answer, if_match)
    evidence = insert(imports).values(**_evidence(verdict.answer, caller), at=work.now)
    import_id = (await work.connection.execute(evidence.returning(imports.c.import_id))).scalar_one()
    imported = _evidence(verdict.answer, caller) | {"import_id": import_id}
    work.record(act(IMPORTED, f"import:{import_id}", imported, actor=caller.actor))
    done = await import_apply.apply_changes(work, caller, reading, verdict.changes, import_id)
    return verdict.answer.model_copy(update=done)


async def list_runs(
    connection: AsyncConnection, kind: KindName | None, *, after: int | None, limit: int
) -> Sequence[Row[Any]]:
    """The imports that were applied, the newest first."""
    statement = select(imports).order_by(imports.c.import_id.desc()).limit(limit)
    if kind is not None:
        statement = statement.where(imports.c.kind == kind)
    if after is not None:
        statement = statement.where(imports.c.import_id < after)
    return (await connection.execute(statement)).all()


def _require_applicable(answer: ImportAnswer, if_match: str | None) -> None:
    if if_match is not None and if_match.strip().strip('"') != answer.digest:
        raise Stale(
            "changed-since-dry-run",
            "The file or the stored data are no longer those of the dry run with this digest; run it dry again.",
            title="Changed since the dry run",
            digest=answer.digest,
            counts=answer.counts.model_dump(),
        )
    if answer.errors.total:
        raise Invalid(
            "import-refused",
            f"{answer.counts.refused} of {answer.rows} rows are refused; nothing was imported.",
            title="The sheet has errors",
            counts=answer.counts.model_dump(),
            errors=answer.errors.model_dump(),
        )
    if if_match is None and answer.removed.total:
        raise ConditionMissing(
            "if-match-required",
            f"The sheet takes away {answer.removed.total} days that are planned. Run it dry to see which, and send the"
            " digest of that as If-Match.",
            removed=answer.removed.model_dump(),
        )


def _evidence(answer: ImportAnswer, caller: Principal) -> dict[str, Any]:
    said = answer.model_dump(include={"kind", "file_name", "file_sha256", "rows"})
    counted = answer.counts.model_dump(exclude={"refused"})
    return said | counted | {"actor_role": caller.role, "actor_subject": caller.subject}
