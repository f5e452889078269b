"""The commands `tricolor calendar …`: preview and import a year of the working-day calendar."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.table import Table

from services.deadline_watch.domain.calendar import Year
from services.deadline_watch.handlers.change_rules import Author, Changed, RuleChanges
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from services.deadline_watch.store.units_of_work import units_of_work
from services.infrastructure import opened_database
from shared.contract.refusals import Invalid
from shared.contract.yaml_text import read_yaml
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.time.instants import shown

DATA = Path(".tricolor")

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
    by: Annotated[str, typer.Option(help="Who imports it.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever asks years later.")],
    dry_run: Annotated[bool, typer.Option(help="Only say what would move.")] = False,
    data: Annotated[Path, typer.Option(help="Where the embedded database lies.")] = DATA,
) -> None:
    """Import or correct a year; running deadlines that it touches move with it."""
    entry = _entry(file, year)

    async def run() -> Changed:
        settings, clock = Settings(), SystemClock()
        # The running service's watcher looks for what others stored ahead every few seconds.
        changes = RuleChanges(RuleVersions.shipped(clock), UpcomingSteps())
        async with (
            opened_database(data) as database,
            units_of_work(database, clock, settings.topic_prefix).open() as work,
        ):
            return await changes.import_year(work, year, entry, Author(by, reason), dry_run=dry_run)

    try:
        _show(asyncio.run(run()))
    except Invalid as error:
        sys.exit(f"tricolor: {error}")


def _entry(file: Path, year: int) -> Year:
    try:
        years = _File.model_validate(read_yaml(file.read_text(encoding="utf-8"))).years
    except (yaml.YAMLError, ValidationError) as error:
        sys.exit(f"tricolor: {file}: {error}")
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
