"""Whether the deadline of a case is provisional, as deadline_watch last said."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("alter table dispatch.cases add column provisional boolean")
    # Of open cases the timeline says it; what is closed needs it no more.
    op.execute("""
        update dispatch.cases c
           set provisional = (
                   select cast(t.detail->>'provisional' as boolean)
                     from dispatch.timeline t
                    where t.case_id = c.case_id
                      and t.detail->>'kind' = c.kind
                      and t.detail->>'due_at' is not null
                    order by t.entry_id desc
                    limit 1)
         where c.closed_at is null and c.due_at is not null
    """)
