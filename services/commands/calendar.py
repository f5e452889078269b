"""The commands `tricolor calendar …`: preview and import a year of the working-day calendar."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.table import Table

from services.commands.acting import (
    ALONE,
    DATA,
    ByRole,
    Data,
    NobodyElse,
    Token,
    acting,
    require_nobody_else,
    run,
)
from services.deadline_watch.domain.calendar import Year
from services.deadline_watch.handlers.change_rules import Author, Changed
from shared.contract.roles import Role
from shared.contract.yaml_text import faults_of, read_yaml
from shared.time.instants import shown

if TYPE_CHECKING:
    from services.commands.office import Office

app = typer.Typer(no_args_is_help=True, help="The working-day calendar.")


class _File(BaseModel):
    """As in services/deadline_watch/domain/calendar.yaml; an import gets a version of its own."""

    model_config = ConfigDict(extra="forbid")

    version: str | None = None
    years: dict[int, Year]


@app.callback()
def calendar() -> None:
    """The working-day calendar: which version is in force decides every deadline in working days."""


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(help="YAML as in services/deadline_watch/domain/calendar.yaml.", exists=True, dir_okay=False),
    ],
    year: Annotated[int, typer.Option(help="Which of its years.")],
    by: Annotated[str, typer.Option(help="Who proposes it; kept with the user of this machine.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever asks years later.")],
    dry_run: Annotated[bool, typer.Option(help="Only say what would move.")] = False,
    role: ByRole = Role.SECTION,
    token: Token = None,
    nobody_else: NobodyElse = False,
    data: Data = DATA,
) -> None:
    """Propose to import or correct a year; confirmed by another person, it moves the running deadlines it touches."""
    entry = _entry(file, year)
    keeps_local = "local_days_off" not in entry.model_fields_set
    if nobody_else:
        require_nobody_else()

    async def changed(office: "Office") -> Changed:
        person = await acting(by, role, None, token, data)
        author = Author(person.name, reason if dry_run else f"{reason}{ALONE}", actor=person.actor)
        async with office.watch.units.open() as work:
            return await office.rule_changes.import_year(
                work, year, entry, author, dry_run=dry_run, keeps_local=keeps_local
            )

    async def proposed(office: "Office") -> tuple[UUID, Changed]:
        person = await acting(by, role, None, token, data)
        async with office.watch.units.open() as work:
            author = Author(person.name, reason)
            draft = await office.rule_proposals.year(work, year, entry, author, keeps_local=keeps_local)
            row = await office.watch.proposals.propose(work, draft, person)
        return row.proposal_id, Changed.model_validate(row.after)

    if dry_run or nobody_else:
        _show(run(changed, data))
        return
    proposal_id, preview = run(proposed, data)
    _show(preview)
    typer.echo(f"proposed as {proposal_id}; another person confirms it: tricolor proposals confirm {proposal_id}")


def _entry(file: Path, year: int) -> Year:
    try:
        years = _File.model_validate(read_yaml(file.read_text(encoding="utf-8"))).years
    except (yaml.YAMLError, ValidationError) as error:
        sys.exit(f"tricolor: {file}: {faults_of(error)}")
    if year not in years:
        sys.exit(f"tricolor: {file} has no year {year}")
    return years[year]


def _show(changed: Changed) -> None:
    console, moves = Console(), changed.moves
    would = "would be" if changed.dry_run else "is"
    typer.echo(f"calendar {changed.version} {would} in force: {moves.examined} open deadlines examined")
    table = Table()
    for column in ("case", "enterprise", "kind", "fate", "due", "due then"):
        table.add_column(column)
    for item in moves.items:
        due, then = shown(item.due_before), shown(item.due_after)
        table.add_row(str(item.case_id), item.enterprise_code, item.kind, item.fate, due, then)
    if moves.items:
        console.print(table)
    typer.echo(
        f"{moves.moved} move, {moves.made_final} become final, {moves.becoming_overdue} become overdue; "
        f"{moves.missed_standing} misses and {moves.answers_standing} answers stand as they are"
    )
