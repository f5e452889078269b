"""The commands `tricolor rules …`: check, try, backtest and publish a rule book."""

import asyncio
import csv
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args
from uuid import uuid4

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.domain.comparison import REFUSED, Comparison
from services.alert_ingest.domain.grading import grade, known_facts, outcomes
from services.alert_ingest.domain.history import Counted
from services.alert_ingest.domain.parsing import receive
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.loading import RuleBookInvalid, load
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
from shared.contract.cloudevents import Refused, structured_form
from shared.contract.events import Level
from shared.contract.registrations import Classification
from shared.contract.roles import Role
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.time.instants import instant_of, shown

if TYPE_CHECKING:
    from services.commands.office import Office

app = typer.Typer(no_args_is_help=True, help="The rule book: check, try, backtest and publish one.")

Book = Annotated[Path, typer.Argument(help="A rule book in YAML.", exists=True, dir_okay=False)]
_SHOWN = 20
_WIDTH = 80


@app.command()
def check(file: Book) -> None:
    """Say whether a rule book is valid; name the file, line and rule of everything that does not."""
    book = _loaded(file)
    typer.echo(
        f"{file}: version {book.version}, {len(book.rules)} rules, {len(book.upgrades)} upgrades, "
        f"in force from {shown(book.effective_from)}"
    )
    for level in reversed(Level):
        rules = [rule for rule in book.rules if rule.level is level]
        stated = sum(rule.stated for rule in rules)
        typer.echo(f"  {level}: {len(rules)} rules, {stated} stated by the plan, {len(rules) - stated} inferred")


def _class(text: str) -> str:
    if text not in get_args(Classification):
        raise typer.BadParameter(f"'{text}' is none of {', '.join(get_args(Classification))}")
    return text


@app.command("try")
def try_(
    file: Book,
    event: Annotated[Path, typer.Argument(help="An anomaly event, structured JSON.", exists=True)],
    classification: Annotated[
        list[str] | None,
        typer.Option(help="A class that its enterprise is in, e.g. key_unit; may be repeated.", parser=_class),
    ] = None,
    history: Annotated[
        list[str] | None, typer.Option(help="What a history fact counts, e.g. yellow_7d=3; may be repeated.")
    ] = None,
) -> None:
    """Grade an event by a rule book, and say for every rule whether it holds.

    Nothing is stored and nothing looked up: a history fact that is not given counts the event alone.
    """
    book = _loaded(file)
    counted = _counted(history or (), book)
    settings = Settings()
    try:
        received = receive(
            structured_form(event.read_bytes(), ()),
            now=SystemClock().now(),
            categories=book.categories,
            future_tolerance=timedelta(seconds=settings.future_tolerance_seconds),
            limit=settings.event_body_limit,
        )
    except Refused as refusal:
        sys.exit(f"tricolor: {refusal.code}: {refusal.detail}")
    assessment = Assessment.of(uuid4(), received.event, received.occurrence, book, classification or ())
    past = assessment.history({}) | counted
    graded = grade(assessment.event, book, classification=assessment.classification, history=past)
    facts = known_facts(assessment.event, book, assessment.classification, past)
    tried = {
        "level": graded.level,
        "grading": graded.grading,
        "doubts": graded.doubts,
        "facts": facts,
        "outcomes": outcomes(facts, book),
    }
    typer.echo(to_json(tried, indent=2).decode())


@app.command("backtest")
def backtest_(
    file: Book,
    since: Annotated[
        str, typer.Option(help="Anomalies that occurred from then on: a date in Shanghai, or RFC 3339 with offset.")
    ],
    until: Annotated[str | None, typer.Option(help="… and before then; now if not given.")] = None,
    changed: Annotated[Path | None, typer.Option(help="Write every changed alert to this CSV file.")] = None,
    data: Data = DATA,
) -> None:
    """Grade the stored alerts by a candidate book beside what they were graded. Nothing is stored."""
    from services.alert_ingest.handlers.backtest import backtest  # noqa: PLC0415  only what reads the database
    from services.infrastructure import opened_database  # noqa: PLC0415

    book = _loaded(file)
    try:
        start, end = _instant(since), _instant(until) if until else SystemClock().now()
    except ValueError as error:
        sys.exit(f"tricolor: {error}")
    console = Console(stderr=True)

    async def run() -> Comparison:
        columns = (SpinnerColumn(), TextColumn("alerts"), MofNCompleteColumn(), TimeRemainingColumn())
        async with opened_database(data, reading=True) as database:
            with Progress(*columns, console=console, transient=True) as bar:
                task = bar.add_task("", total=None)
                return await backtest(
                    database,
                    book,
                    since=start,
                    until=end,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )

    comparison = asyncio.run(run())
    _show(comparison)
    if changed is not None:
        with changed.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(["alert_id", "enterprise_code", "category", "occurred_at", "before", "after"])
            writer.writerows([*one[:3], shown(one.occurred_at), one.before, one.after] for one in comparison.changed)


@app.command()
def publish(
    file: Book,
    author: Annotated[str, typer.Option(help="Who proposes it; kept with the user of this machine.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever asks years later.")],
    effective_from: Annotated[str | None, typer.Option(help="RFC 3339 with offset; else the book's own.")] = None,
    role: ByRole = Role.SECTION,
    token: Token = None,
    nobody_else: NobodyElse = False,
    data: Data = DATA,
) -> None:
    """Propose a rule book: confirmed by another person, it decides what comes in from its effective instant on."""
    _loaded(file)
    if nobody_else:
        require_nobody_else()
    body = file.read_text(encoding="utf-8")
    try:
        start = instant_of(effective_from) if effective_from else None
    except ValueError as error:
        sys.exit(f"tricolor: {error}")

    async def proposed(office: "Office") -> tuple[str, str, list[dict[str, Any]]]:
        person = await acting(author, role, None, token, data)
        async with office.ingest.units.open() as work:
            draft = await office.publishing.draft(work, body, start, reason)
            row = await office.ingest.proposals.propose(work, draft, person)
        next_step = f"proposed as {row.proposal_id}: tricolor proposals confirm {row.proposal_id}, by another person"
        return f"version {row.subject} would decide from {row.after['effective_from']}", next_step, row.after["changes"]

    async def published(office: "Office") -> tuple[str, str, list[dict[str, Any]]]:
        person = await acting(author, role, None, token, data)
        async with office.ingest.units.open() as work:
            row = await office.publishing.publish_alone(work, body, start, person, f"{reason}{ALONE}")
        return f"version {row.version} decides from {shown(row.effective_from)}", "", row.changes

    version, next_step, changes = run(published if nobody_else else proposed, data)
    typer.echo(f"{version}; {len(changes)} changes")
    for change in changes:
        typer.echo(f"  {change['where']}: {_brief(change['before'])} → {_brief(change['after'])}")
    if next_step:
        typer.echo(next_step)


def _instant(text: str) -> datetime:
    """An instant with its offset, or the midnight that a date in Shanghai begins with. Raises ValueError."""
    return instant_of(f"{text}T00:00:00+08:00" if len(text) == len("2026-11-25") else text)


def _counted(given: Iterable[str], book: RuleBook) -> dict[str, Counted]:
    """The history facts that `given` sets, each as name=number; it ends the command where one is no fact of `book`."""
    counted = {}
    for one in given:
        name, _, number = one.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if name not in book.history or not 0 <= value < inf:
            known = ", ".join(book.history) or "none"
            sys.exit(f"tricolor: --history {one}: give NAME=NUMBER with a history fact of the book: {known}")
        counted[name] = Counted(value)
    return counted


def _brief(value: Any) -> str:
    """What was or is there, in a line."""
    text = to_json(value).decode()
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"


def _loaded(file: Path) -> RuleBook:
    try:
        return load(file)
    except RuleBookInvalid as error:
        sys.exit(f"tricolor: {error}")


def _show(comparison: Comparison) -> None:
    console = Console()
    table = Table(title=f"{comparison.table.total()} alerts by version {comparison.book.version}")
    table.add_column("was \\ would be")
    after = [*(level.value for level in Level), REFUSED]
    for name in after:
        table.add_column(name, justify="right")
    for before in Level:
        table.add_row(before.value, *(str(comparison.table[before.value, name]) for name in after))
    console.print(table)
    console.print(f"officer visits: {comparison.added_visits:+d}; alerts that change: {len(comparison.changed)}")
    for one in comparison.changed[:_SHOWN]:
        typer.echo(f"  {one.alert_id}  {one.category}  {shown(one.occurred_at)}  {one.before} → {one.after}")
    if len(comparison.changed) > _SHOWN:
        console.print(f"  … and {len(comparison.changed) - _SHOWN} more; --changed FILE lists them all")
