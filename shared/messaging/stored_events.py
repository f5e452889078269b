"""How an outbox stores an event: as it is published, packed, or by naming its record of evidence, which has it packed.

A name is a tenth of what is packed. The record is stored in the same transaction and the same schema, is kept longer
than any outbox, and never changes.
"""

from collections.abc import Iterable, Sequence

from pydantic_core import to_json

from shared.contract.cloudevents import STRUCTURED_HEADERS, Headers
from shared.evidence.domain.facts import alert_chain
from shared.evidence.domain.records import Record
from shared.storage.packing import MARKS, NAME_MARK

_CHAINS = alert_chain("")
"""Events about alerts alone are named: what emits as many as need it emits no others."""
_NUMBER, _NAME = 4, len(NAME_MARK) + 4 + 16
"""Bytes of the record's number in its chain, and of all of a name."""


def named(record: Record) -> bytes | None:
    """The name of a record; None where it has none."""
    if not record.chain.startswith(_CHAINS) or record.number >> 8 * _NUMBER:
        return None
    name = NAME_MARK + record.number.to_bytes(_NUMBER) + bytes.fromhex(record.chain[len(_CHAINS) :].replace("-", ""))
    return name if len(name) == _NAME else None


def unnamed(schema: str | None, value: str) -> str:
    """SQL of what is stored as `value`, or of what that names: the event as it is published, or packed."""
    number = f"('x' || encode(substr({value}, 2, {_NUMBER}), 'hex'))::bit({8 * _NUMBER})::bigint"
    return f"""
        case when substr({value}, 1, 1) = '\\x{NAME_MARK.hex()}'::bytea and length({value}) = {_NAME}
             then coalesce((select e.document from {schema}.evidence e
                             where e.chain = '{_CHAINS}' || encode(substr({value}, {2 + _NUMBER}), 'hex')::uuid
                               and e.number = {number}), {value})
             else {value} end"""


def is_marked(value: str) -> str:
    """SQL of whether what is stored as `value` is not what is published."""
    marks = ", ".join(f"'\\x{mark.hex()}'::bytea" for mark in MARKS)
    return f"substr({value}, 1, 1) in ({marks})"


_OF_OURS = "null"
"""In place of the headers that every event of ours has, where nobody reads it who would not know."""


def headers_written(headers: Headers, *, short: bool = False) -> str:
    """Write `headers` as JSON, values in hex. A name with NUL, which PostgreSQL would not take, is in hex too."""
    if short and headers == STRUCTURED_HEADERS:
        return _OF_OURS
    pairs = [(name, None if value is None else value.hex()) for name, value in headers]
    return to_json(
        [[None, value, name.encode().hex()] if "\x00" in name else [name, value] for name, value in pairs]
    ).decode()


def headers_read(written: Iterable[Sequence[str | None]] | None) -> Headers:
    """Read the headers that `headers_written` wrote."""
    if written is None:
        return STRUCTURED_HEADERS
    return tuple(
        (
            bytes.fromhex(hidden[0] or "").decode() if name is None else name,
            None if value is None else bytes.fromhex(value),
        )
        for name, value, *hidden in written
    )
