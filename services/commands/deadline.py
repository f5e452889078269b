"""The commands `tricolor deadline …`: a deadline and its arithmetic, explained."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from services.deadline_watch.domain import ladder
from services.deadline_watch.domain.calendar import END, FIRST, WorkingCalendar
from services.deadline_watch.domain.deadlines import compute
from services.deadline_watch.domain.policy import DeadlinePolicy
from services.deadline_watch.domain.rules_in_force import RulesInForce
from shared.contract.events import Level
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.time.instants import instant_of, shown

DATA = Path(".tricolor")

app = typer.Typer(no_args_is_help=True, help="Deadlines, explained.")


@app.callback()
def deadline() -> None:
    """Deadlines, explained."""


@app.command()
def explain(
    level: Annotated[Literal["yellow", "red"], typer.Option(help="Of the alert.")],
    start: Annotated[str, typer.Option(help="When it was issued: RFC 3339 with offset.")],
    data: Annotated[Path, typer.Option(help="Where the embedded database lies, if there is one.")] = DATA,
) -> None:
    """Show the arithmetic of a deadline, and what happens if nobody answers.

    By the calendar and policy in force in the database; by those shipped with the software where there is none.
    """
    try:
        issued = instant_of(start)
    except ValueError as error:
        sys.exit(f"tricolor: --start: {error}")
    if not FIRST <= issued < END:
        sys.exit(f"tricolor: --start: {start} is not between {FIRST.year} and {END.year - 1}")
    is_kept = bool(Settings().database_url) or (data / "postgres").exists()
    shipped = RulesInForce(WorkingCalendar.load(), [DeadlinePolicy.load()])
    rules = asyncio.run(_in_force(data)) if is_kept else shipped
    policy, calendar = rules.policy_at(issued), rules.calendar
    found = compute(policy.kind_of(Level(level)), issued, policy, calendar)
    rungs = ladder.rungs_after_miss(found.kind, found.due_at, policy, calendar)
    ahead = [(one.at, one.name, one.recipients) for one in found.warnings]
    ahead += [(one.at, one.name, one.roles) for one in rungs]
    kept = ("库中现行", "in force") if is_kept else ("随软件提供", "as shipped")
    typer.echo(f"{found.explanation.text.zh}\n\n{found.explanation.text.en}\n")
    typer.echo("若无人答复 · if nobody answers:")
    for at, name, to in ahead:
        typer.echo(f"  {shown(at)[:19].replace('T', ' ')}  {name} → {', '.join(to)}")
    typer.echo(f"\n日历 {calendar.version}，策略 {policy.version}（{kept[0]}）")
    typer.echo(f"calendar {calendar.version}, policy {policy.version} ({kept[1]})")


async def _in_force(data: Path) -> RulesInForce:
    from services.deadline_watch.store.rule_versions import RuleVersions  # noqa: PLC0415  only where there is a database
    from services.infrastructure import opened_database  # noqa: PLC0415

    async with opened_database(data, reading=True) as database, database.transaction() as connection:
        return await RuleVersions.shipped(SystemClock()).in_force(connection)
