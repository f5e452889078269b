"""The command `tricolor reconcile`: prove the chain, mend what is missing, and say what is left."""

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.commands.listing import Block, show
from services.infrastructure import opened_database
from services.reconcile.findings import Finding, Link, Report
from services.reconcile.reconciler import Reconciler
from shared.runtime.demonstrations import clock_of
from shared.settings import Settings
from shared.time.instants import instant_of, shown

app = typer.Typer()

DATA = Path(".tricolor")
NOT_REPAIRED, REPAIRED = 1, 3
_SHOWN = 50


@app.command()
def reconcile(
    since: Annotated[str | None, typer.Option(help="RFC 3339 with offset; everything stored, if not given.")] = None,
    repair: Annotated[bool, typer.Option(help="Mend what can be mended, or only report it.")] = True,
    json: Annotated[bool, typer.Option("--json", help="The whole report, for programs.")] = False,
    data: Annotated[Path, typer.Option(help="Where the embedded database lies.")] = DATA,
) -> None:
    """Prove that every accepted event has its alert, case, clock and outcome, and mend what is missing.

    Repairs go out with the relays of the running services; run it again to see the chain whole. Ends with 0 where
    everything is, 1 where something is left for people (also a dead letter that waits, or a stopped partition), 3 where
    everything that was missing has been mended.
    """
    try:
        start = instant_of(since) if since else None
    except ValueError as error:
        sys.exit(f"tricolor: --since: {error}")

    async def run() -> Report:
        async with opened_database(data, reading=not repair) as database:
            reconciler = Reconciler(settings=Settings(), clock=clock_of(data), database=database)
            return await reconciler.run(start, repair=repair)

    report = asyncio.run(run())
    if json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report)
    if report.findings:
        sys.exit(NOT_REPAIRED if report.unrepaired else REPAIRED)


def _show(report: Report) -> None:
    console = Console()
    looked = ", ".join(f"{number} {name}" for name, number in report.examined.items())
    refused = f"{report.explained} of these events were refused by their readers and wait as dead letters"
    console.print(f"examined: {looked}; {refused} ({report.seconds} s)")
    if not report.findings:
        console.print("链条完整 · the chain is whole")
        return
    if report.clean:
        console.print("链条无断裂，但有事项等待人员处理 · no link is broken, but something waits for people")
    show("待处理 · what was found", map(_block, report.findings[:_SHOWN]), none="")
    numbers: Counter[Link] = Counter()
    for one in report.findings:
        numbers[one.link] += one.number
    for link, number in numbers.items():
        more = " and more, for a later pass" if link in report.more else ""
        console.print(f"{link}: {number}{more}")
    mended = len(report.findings) - report.unrepaired
    console.print(f"{mended} mended: run it again to see them through; {report.unrepaired} left to people or to time")


def _block(one: Finding) -> Block:
    done = "✓ " if one.repaired else ""
    lines = (one.says.zh, one.says.en, f"→ {done}{one.repair.zh}", f"→ {done}{one.repair.en}")
    return Block([one.link, one.subject, one.enterprise_code or "—", shown(one.since)], lines)
