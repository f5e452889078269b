"""When officers first stood at the door: what an enterprise may see of a visit depends on it."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    "alter table dispatch.cases add column arrived_at timestamptz",
    """
    update dispatch.cases c set arrived_at = first.arrived_at
      from (select case_id, min(arrived_at) as arrived_at from dispatch.assignments group by case_id) as first
     where first.case_id = coalesce(c.merged_into, c.case_id) and first.arrived_at is not null
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
