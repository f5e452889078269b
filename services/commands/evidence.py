"""The commands `tricolor evidence …`: verify what happened, and hand out the file of a case."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import text

from services.commands.acting import DATA, Data
from services.dispatcher import tables as dispatch
from services.dispatcher.evidence.storage import Storage
from services.dispatcher.evidence.verification import verify_files
from services.infrastructure import EVIDENCE, opened_database
from shared.contract.refusals import NotFound
from shared.evidence.anchors import AnchorFiles
from shared.evidence.domain.facts import case_chain
from shared.evidence.timestamps import Authority
from shared.evidence.verification.findings import Verified
from shared.evidence.verification.store import verify_store
from shared.runtime.demonstrations import clock_of
from shared.runtime.unsuitable_data import UnsuitableData
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock

app = typer.Typer(
    no_args_is_help=True, help="Evidence: verify that nothing was changed, and export the file of a case."
)


@app.callback()
def evidence() -> None:
    """Evidence: verify that nothing was changed, and export the file of a case."""


@dataclass(frozen=True)
class _Asked:
    case: UUID | None
    anchors: Path | None
    clock: Clock


@app.command()
def verify(
    case: Annotated[
        UUID | None, typer.Option(help="Only what concerns this case: its own chains and its alerts'.")
    ] = None,
    anchors: Annotated[
        Path | None,
        typer.Option(
            help="The signed roots that were kept elsewhere, with the public keys: compare the store with them.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    data: Data = DATA,
) -> None:
    """Verify every record, chain, tree and signed root, and name what does not fit, the first one first.

    Ends with 1 where anything does not, or where there is nothing to verify.
    """
    anchors = anchors or next((one for one in [data / "evidence"] if one.is_dir()), None)
    found = asyncio.run(_verified(_Asked(case, anchors, clock_of(data)), data, quiet=as_json))
    if as_json:
        typer.echo(to_json([_told(one) for one in found], indent=2))
    else:
        _show(found)
    sys.exit(0 if all(one.passed for one in found) else 1)


async def _verified(asked: _Asked, data: Path, *, quiet: bool) -> list[Verified]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True, quiet=quiet)
    async with opened_database(data, reading=True) as database:
        storage = Storage.opened(Settings().attachments_url, data / "attachments")
        if asked.case is not None:
            await _require_case(database, asked.case)
        with Progress(*columns, console=console) as progress:
            found = [await _verified_one(database, schema, asked, progress) for schema in EVIDENCE]
            (cases,) = (one for one in found if one.schema == dispatch.HISTORY.schema)
            task = progress.add_task("files", total=len(cases.files))
            async with database.transaction() as connection:
                for fault in await verify_files(
                    connection, storage, cases.files, lambda seen: progress.update(task, completed=seen)
                ):
                    cases.add(fault)
    return found


async def _require_case(database: Database, case: UUID) -> None:
    """Raise UnsuitableData where neither a case nor a record of one is: a case that was deleted still has its chain."""
    async with database.transaction() as connection:
        known = await connection.scalar(
            text(f"""
                select exists (select from {dispatch.cases.fullname} where case_id = :case)
                    or exists (select from {dispatch.evidence.records.fullname} where chain = :chain)
                    or exists (select from {dispatch.evidence.leaves.fullname} where chain = :chain)
            """),
            {"case": case, "chain": case_chain(case)},
        )
    if not known:
        raise UnsuitableData(f"没有编号为 {case} 的案件。\nThere is no case {case}.")


async def _verified_one(database: Database, schema: str, asked: _Asked, progress: Progress) -> Verified:
    from services.case_file.exporting import chains_of  # noqa: PLC0415  the case file, for who asks for a case

    tables = EVIDENCE[schema]
    files = None if asked.anchors is None else AnchorFiles(asked.anchors / schema)
    async with database.transaction() as connection:
        await connection.execute(text("set transaction isolation level repeatable read, read only"))
        chains = None if asked.case is None else await chains_of(connection, asked.case)
        total = None if chains else await connection.scalar(text(f"select count(*) from {tables.records.fullname}"))
        task = progress.add_task(schema, total=total)
        found = await verify_store(
            connection,
            tables,
            asked.clock,
            chains=chains,
            keys=() if files is None else files.keys,
            anchors=files if files is not None and files.directory.is_dir() else None,
            authority=Authority.of(Settings()),
            progress=lambda seen: progress.update(task, completed=seen),
        )
        progress.update(task, completed=found.records, total=total or found.records)
    return found


@app.command()
def export(
    case: Annotated[UUID, typer.Argument(help="The case.")],
    into: Annotated[Path, typer.Option(help="The directory to write the bundle into.", file_okay=False)] = Path(),
    data: Data = DATA,
) -> None:
    """Write the file of a case: records, files, explanations, proofs, a verifier, and a page and a PDF to print."""
    from services.case_file.exporting import CaseFiles  # noqa: PLC0415  it takes long to load, and verifying needs none

    async def written() -> Path:
        async with opened_database(data, reading=True) as database:
            exported = CaseFiles(database, Settings(), clock_of(data), data)
            into.mkdir(parents=True, exist_ok=True)
            return await exported.write(case, into)

    try:
        typer.echo(asyncio.run(written()))
    except NotFound as refusal:
        sys.exit(f"tricolor: {refusal.detail}")


_COUNTS = ("schema", "passed", "records", "chains", "leaves", "roots", "anchors", "stamps")


def _told(one: Verified) -> dict[str, Any]:
    """What a verification came to, for programs."""
    counts = {name: getattr(one, name) for name in _COUNTS}
    return counts | {"files": len(one.files), "faults": [asdict(fault) for fault in one.faults]}


def _show(found: Sequence[Verified]) -> None:
    console = Console()
    for one in found:
        mark = "[green]✓[/]" if one.passed else "[red]✗[/]"
        what = f"{one.records} records in {one.chains} chains, {len(one.files)} files"
        under = f"{one.leaves} heads under {one.roots} signed roots, {one.anchors} compared with those kept elsewhere"
        under += f", {one.stamps} stamped" if one.stamps else ""
        console.print(f"{mark} {one.schema}: {what}; {under}")
        for fault in one.faults[:20]:
            console.print(f"  [red]✗[/] {escape(str(fault))}")
        if len(one.faults) > 20:
            console.print(f"  … and {len(one.faults) - 20} more")
