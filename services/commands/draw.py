"""The commands `tricolor draw …`: prove the verification draw of a day."""

import asyncio
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich import table as rich_table
from rich.console import Console
from rich.markup import escape

from services.commands.acting import DATA, Data
from services.dispatcher.domain.draw_proof import CheckedDay, check_before_secrets, check_day
from services.dispatcher.domain.verification_draw import DrawMethod
from shared.contract.events import DrawCommitted, DrawPublished
from shared.contract.refusals import NotFound
from shared.time.instants import CalendarDate

_DAY: TypeAdapter[date] = TypeAdapter(CalendarDate)
app = typer.Typer(no_args_is_help=True, help="The verification draw, repeated and proved.")


@app.callback()
def draw() -> None:
    """The verification draw, repeated and proved."""


@app.command()
def verify(
    day: Annotated[str, typer.Argument(help="The day in Shanghai, as 2026-11-28.")],
    url: Annotated[
        str | None, typer.Option(help="Of the dispatcher: check only what it publishes, as anybody outside can.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    data: Data = DATA,
) -> None:
    """Repeat every draw of a day from what was published, and say for each case whether it holds.

    On the database it is compared with the case files and with every report that was accepted that day, too. Ends with
    1 where anything does not hold.
    """
    try:
        asked = _DAY.validate_python(day)
    except ValidationError:
        raise typer.BadParameter(f"{day} is no day; write it as 2026-11-28") from None
    checked = _from_outside(url, asked) if url is not None else _on_database(asked, data)
    typer.echo(checked.model_dump_json(indent=2)) if as_json else _show(checked)
    sys.exit(0 if checked.passed else 1)


def _on_database(day: date, data: Path) -> CheckedDay:
    from services.dispatcher.cases import draw_records  # noqa: PLC0415  the database, for who has one
    from services.infrastructure import opened_database  # noqa: PLC0415

    async def checked() -> CheckedDay:
        async with opened_database(data, reading=True) as database, database.transaction() as connection:
            committed, published = await draw_records.published_of(connection, day)
            if committed is None and published is None:
                before = await draw_records.recorded_on(connection, day, DrawMethod.HASHED)
                if not before:
                    raise NotFound("draw of", day)
                return check_before_secrets(day, before)
            if published is None:
                sys.exit(_unpublished(day))
            recorded = await draw_records.recorded_on(connection, day, DrawMethod.KEYED)
            accepted = await draw_records.accepted_on(connection, day)
            before = await draw_records.recorded_on(connection, day, DrawMethod.HASHED)
        return check_day(committed, published, recorded, accepted - before.keys())

    try:
        return asyncio.run(checked())
    except NotFound as refusal:
        sys.exit(f"tricolor: {refusal.detail}")


def _from_outside(url: str, day: date) -> CheckedDay:
    import httpx  # noqa: PLC0415  for who asks from outside

    try:
        answer = httpx.get(f"{url.rstrip('/')}/v1/draws/{day}", timeout=30)
    except httpx.HTTPError as error:
        sys.exit(f"tricolor: {url}: {error}")
    if answer.is_error:
        sys.exit(f"tricolor: {url} answers {answer.status_code}: {answer.text[:300]}")
    published = answer.json()
    if published["secret"] is None:
        sys.exit(_unpublished(day))
    committed = DrawCommitted(day=day, commitment=published["commitment"], at=published["committed_at"])
    return check_day(committed, DrawPublished.model_validate({**published, "at": published["published_at"]}), {}, None)


def _unpublished(day: date) -> str:
    return (
        f"tricolor: the secret of {day} is not published yet: the day is not over, or somebody whom it drew has"
        " not been visited"
    )


def _show(checked: CheckedDay) -> None:
    table = rich_table.Table(title=f"{checked.day}: {'pass' if checked.passed else 'FAIL'}")
    for column in ("case", "number", "verified", "draw", "what is wrong"):
        table.add_column(column, no_wrap=column == "case")
    for one in checked.cases:
        verdict = "pass" if one.passed else "FAIL"
        verified = "yes" if one.verified else "no"
        table.add_row(str(one.case_id), f"{one.number:.6f}", verified, verdict, escape("; ".join(one.faults)))
    console = Console()
    console.print(table)
    for fault in checked.faults:
        console.print(f"FAIL {escape(fault)}")
