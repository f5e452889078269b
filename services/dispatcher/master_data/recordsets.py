"""Rows sent to the database as one parameter, however many they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import Table, bindparam, column, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import TableValuedAlias


def recordset(table: Table, names: Sequence[str], records: Sequence[Mapping[str, Any]]) -> TableValuedAlias:
    """Rows of the columns `names` of `table`, sent as one parameter."""
    columns = [column(name, table.c[name].type) for name in names]
    sent = func.jsonb_to_recordset(bindparam(None, to_jsonable_python(records), JSONB))
    return sent.table_valued(*columns, name="sent").render_derived(with_types=True)
