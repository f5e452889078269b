"""What cases and alerts are about: each combination of enterprise, outlet, pollutant and category once, in words."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.alert_record import AlertRecord
from services.console.domain.case_record import CaseRecord
from services.console.domain.terms import terms_of, together, words_of


class MatterKey(NamedTuple):
    """What makes two cases the same matter."""

    enterprise_code: str
    outlet: str
    pollutant: str
    category: str


_KEY = ", ".join(MatterKey._fields)
_ASKED = "unnest({}) as asked ({})".format(", ".join(f"cast(:{name} as text[])" for name in MatterKey._fields), _KEY)
_FIND = text(f"""
    select m.matter_id, {", ".join(f"m.{name}" for name in MatterKey._fields)}, m.words
      from {_ASKED} join console.matters m using ({_KEY})
""")
_KEEP = text(f"""
    insert into console.matters ({_KEY}, words, terms)
    select {_KEY}, words, string_to_array(terms, ' ')
      from unnest({", ".join(f"cast(:{name} as text[])" for name in MatterKey._fields)},
                  cast(:words as text[]), cast(:terms as text[])) as new ({_KEY}, words, terms)
     order by {_KEY}
    on conflict ({_KEY}) do update set words = excluded.words, terms = excluded.terms
    returning matter_id, {_KEY}
""")


def key_of(record: CaseRecord | AlertRecord) -> MatterKey:
    """The matter of a case or an alert."""
    outlet, pollutant, category = record.outlet or {}, record.pollutant or {}, record.category or {}
    return MatterKey(
        record.enterprise_code,
        outlet.get("mn") or outlet.get("code") or "",
        pollutant.get("code") or "",
        category.get("code") or "",
    )


def _words(record: CaseRecord | AlertRecord) -> str:
    outlet, pollutant, category = record.outlet or {}, record.pollutant or {}, record.category or {}
    named = (
        *(outlet.get(name) for name in ("mn", "code", "name")),
        *(pollutant.get(name) for name in ("code", "name")),
        *(category.get(name) for name in ("code", "zh", "en")),
    )
    return words_of((record.enterprise_name, record.enterprise_code, *named))


async def matters_of(connection: AsyncConnection, records: Iterable[CaseRecord | AlertRecord]) -> dict[MatterKey, int]:
    """The numbers of the matters that these records are about; their words are kept where they are new."""
    wanted: dict[MatterKey, str] = {}
    for record in records:
        key = key_of(record)
        wanted[key] = together(wanted.get(key, ""), _words(record))
    if not wanted:
        return {}
    rows = (await connection.execute(_FIND, _columns(list(wanted)))).all()
    known = {MatterKey(*(getattr(row, name) for name in MatterKey._fields)): row for row in rows}
    numbers = {key: row.matter_id for key, row in known.items()}
    merged = {key: together(known[key].words if key in known else "", words) for key, words in wanted.items()}
    fresh = [key for key, words in merged.items() if key not in known or known[key].words != words]
    if fresh:
        words = [merged[key] for key in fresh]
        kept = await connection.execute(
            _KEEP, _columns(fresh) | {"words": words, "terms": [" ".join(terms_of(one)) for one in words]}
        )
        numbers |= {MatterKey(*row[1:]): row.matter_id for row in kept}
    return numbers


def _columns(keys: Sequence[MatterKey]) -> dict[str, list[str]]:
    return {name: [getattr(key, name) for key in keys] for name in MatterKey._fields}
