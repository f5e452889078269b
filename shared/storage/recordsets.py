"""Rows as one parameter of a hot statement: an array of objects in JSON, as `written` writes it.

It is handed over in bytes. As a text it would be decoded here for the driver to encode it again, which for notices in
Chinese costs twice what writing them does.
"""


def recordset(name: str) -> str:
    """SQL for the rows in the parameter `name`; what follows it names their columns.

    A parameter is :rows for SQLAlchemy, and $1 for the driver itself.
    """
    parameter = name if name.startswith("$") else f":{name}"
    return f"jsonb_to_recordset(cast(convert_from(cast({parameter} as bytea), 'UTF8') as jsonb))"
