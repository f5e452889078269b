"""A further step of a clock: nobody answered at all, for as long as the policy allows."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    "alter table watch.steps drop constraint steps_action_check",
    """
    alter table watch.steps add constraint steps_action_check
        check (action in ('warn', 'miss', 'unanswered', 'escalate'))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
