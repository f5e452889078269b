"""The command `tricolor replay`: have events that were told before told again, from the outboxes."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from sqlalchemy import Table

from services.infrastructure import FLOWS, OUTBOXES, opened_database
from shared.contract.codes import normalised
from shared.contract.events import Topic
from shared.contract.messages import SYSTEM
from shared.messaging.replay import Found, Selection, find
from shared.messaging.replay import replay as mark
from shared.settings import Settings
from shared.time.instants import instant_of

app = typer.Typer()

DATA = Path(".tricolor")
_OURS = (Topic.ALERTS, Topic.CASES, Topic.DEADLINES, Topic.MASTER_DATA, Topic.CONSOLE)
TOPICS = [name for topic in _OURS for name in (topic.value, topic.dead_letter)]
TOPICS.append(Topic.ANOMALY_EVENTS.dead_letter)
_NOT_OURS = (
    "anomaly-events is written by the platforms, not by us: what was accepted of it stands in ingest.events, byte for"
    " byte, and needs no telling again. A platform may push an event again at any time; it is recognised."
)


class NotReplayable(Exception):  # noqa: N818  a refusal is an answer
    """What is asked for cannot be told again from here; the message says why."""


class _Replayed(NamedTuple):
    outbox: Table
    found: Found
    again: int


@app.command()
def replay(
    topic: Annotated[
        str, typer.Option(help="alerts, cases, deadlines, master-data, console, or one of their dead-letter topics.")
    ],
    since: Annotated[str, typer.Option(help="Events stored from then on: RFC 3339 with offset.")],
    until: Annotated[str | None, typer.Option(help="… and before then; to the last one if not given.")] = None,
    key: Annotated[str | None, typer.Option(help="Only events of this enterprise.")] = None,
    unread: Annotated[
        bool, typer.Option("--unread/--all", help="Only what one of our services has not acted on, or everything.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Only count.")] = False,
    data: Annotated[Path, typer.Option(help="Where the embedded database lies.")] = DATA,
) -> None:
    """Have events published again, in their order, from the outboxes: a lost topic is rebuilt like that.

    The relays of the running services publish them, before anything newer; without any, they go out when one starts.
    Our own services have recorded what they acted on, and act on nothing twice.
    """
    try:
        start, end = instant_of(since), instant_of(until) if until else None
        selection = selected(Settings(), topic, start, until=end, key=_key(key), unread=unread)
    except (NotReplayable, ValueError) as error:
        sys.exit(f"tricolor: {error}")
    replayed = asyncio.run(_run(data, selection, dry_run=dry_run))
    if not replayed:
        typer.echo(f"no outbox has anything like that for {selection.topic}: 0 are published again")
    for outbox, found, again in replayed:
        done = f"{found.published} would be published again" if dry_run else f"{again} are published again"
        typer.echo(f"{outbox.fullname}: {done}, {found.waiting} wait for their first time or were asked for before")


def _key(given: str | None) -> str | None:
    """The key that events of an enterprise have; what concerns the system itself has a name instead of a code."""
    return given if given in (None, SYSTEM) else normalised(given)


def selected(
    settings: Settings, topic: str, since: datetime, *, until: datetime | None, key: str | None, unread: bool
) -> Selection:
    """What is asked for. Raises NotReplayable; ValueError where `until` is not after `since`."""
    name = topic.removeprefix(settings.topic_prefix)
    if name == Topic.ANOMALY_EVENTS:
        raise NotReplayable(_NOT_OURS)
    if name not in TOPICS:
        raise NotReplayable(f"there is no topic {topic!r}; those told from an outbox: {', '.join(TOPICS)}")
    if until is not None and until <= since:
        raise ValueError("--until is not later than --since")
    readers = [inbox for _, flow, inbox in FLOWS if flow == name] if unread else []
    if unread and not readers:
        raise NotReplayable(f"none of our services reads {name}: use --all")
    return Selection(settings.topic(name), since, until, key, readers)


async def _run(data: Path, selection: Selection, *, dry_run: bool) -> list[_Replayed]:
    """What each outbox has of the selection, and how much of it is published again."""
    replayed: list[_Replayed] = []
    async with opened_database(data, reading=dry_run) as database:
        for outbox in OUTBOXES:
            async with database.transaction() as connection:
                found = await find(connection, outbox, selection)
            again = 0 if dry_run else await mark(database, outbox, selection)
            if found != Found(0, 0):
                replayed.append(_Replayed(outbox, found, again))
    return replayed
