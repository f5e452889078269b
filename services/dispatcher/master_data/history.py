"""The history of master data: who changed what of which record, and when. Only ever added to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.domain.record_changes import Author, Change
from services.dispatcher.master_data.recordsets import recordset
from services.dispatcher.tables import master_history
from shared.contract.messages import SYSTEM
from shared.evidence.domain.facts import act
from shared.messaging.unit_of_work import UnitOfWork

_DUTY = {"rota": "rota", "substitutions": "substitution", "leaves": "leave", "recusals": "recusal"}
"""What no event tells of: each change of it is kept as evidence of its own."""


async def keep(work: UnitOfWork, kind: str, key: Sequence[str], changes: Sequence[Change], author: Author) -> None:
    """Add an entry for each record that is new or another now."""
    entries = [
        {
            "kind": kind,
            "record": record_name(str(change.after[part]) for part in key),
            "enterprise_code": _enterprise(kind, change),
            "change": "new" if change.before is None else "changed",
            "changes": differences,
            "actor_role": author.actor.role,
            "actor_subject": author.actor.subject,
            "how": author.how,
            "import_id": author.import_id,
            "at": work.now,
        }
        for change in changes
        if (differences := change.differences) or change.before is None
    ]
    if entries:
        names = [*entries[0]]
        new = recordset(master_history, names, entries)
        await work.connection.execute(
            insert(master_history).from_select(names, select(*(new.c[name] for name in names)))
        )
    if (named := _DUTY.get(kind)) is not None:
        for entry in entries:
            enterprise = str(entry["enterprise_code"] or SYSTEM)
            chain = f"{named}:{entry['record']}"
            work.record(act(f"cn.tricolor.{named}.changed.v1", chain, entry, enterprise=enterprise, actor=author.actor))


async def keep_rota(
    work: UnitOfWork, station: str, before: Mapping[date, list[str]], after: Mapping[date, list[str]], author: Author
) -> None:
    """Add an entry for each week of a station's rota whose days have other officers now."""
    weeks: dict[str, list[date]] = defaultdict(list)
    for day in sorted({*before, *after}):
        year, number, _ = day.isocalendar()
        weeks[f"{year}-W{number:02}"].append(day)
    changes = []
    for week, days in weeks.items():
        named = {"station": station, "week": week}
        was = {day.isoformat(): before.get(day) for day in days}
        becomes = {day.isoformat(): sorted(after[day]) if day in after else None for day in days}
        changes.append(Change(named | was if before.keys() & days else None, named | becomes))
    await keep(work, "rota", ["station", "week"], changes, author)


async def list_entries(
    connection: AsyncConnection, kind: str, key: Sequence[str], *, after: int | None, limit: int
) -> Sequence[Row[Any]]:
    """The changes of a record, the newest first, from the one after `after` on."""
    columns = master_history.c
    asked = (
        select(master_history)
        .where(columns.kind == kind, columns.record == record_name(key))
        .order_by(columns.entry_id.desc())
        .limit(limit)
    )
    if after is not None:
        asked = asked.where(columns.entry_id < after)
    return (await connection.execute(asked)).all()


def record_name(key: Iterable[str]) -> str:
    """A record's key as one text; no code holds a slash."""
    return "/".join(key)


def _enterprise(kind: str, change: Change) -> str | None:
    code: str | None = change.after["code"] if kind == "enterprises" else change.after.get("enterprise_code")
    return code
