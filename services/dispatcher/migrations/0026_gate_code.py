"""The entry code that hangs at an enterprise's gate, as a hash; and what an officer's arrival said of it."""

from alembic import op

revision = "0026"
down_revision = "0025"

STATEMENTS = (
    "alter table dispatch.enterprises add column entry_code_hash text",
    "alter table dispatch.enterprises add column entry_code_set_at timestamptz",
    """
    alter table dispatch.assignments add column entry_check text
      constraint assignments_entry_check_check
      check (entry_check in ('matched', 'not_matched', 'not_scanned', 'not_asked'))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
