"""The queues of cases that wait for a team, by station; and what other cases of an enterprise can join."""

from alembic import op

revision = "0025"
down_revision = "0024"

_WAITS = (
    "kind in ('follow_up', 'on_site', 'verification')"
    " and state in ('declined', 'open', 'reopened', 'transferred') and not held_above"
)
STATEMENTS = (
    "alter table dispatch.cases add column passed_over integer",
    f"create index cases_queue_idx on dispatch.cases (station, opened_at, case_id) where {_WAITS}",
    f"create index cases_fresh_idx on dispatch.cases (opened_at, case_id)"
    f" where {_WAITS} and passed_over is distinct from revision",
    "drop index dispatch.cases_waiting_idx",
    """
    create index cases_joinable_idx on dispatch.cases (enterprise_code)
     where state in ('accepted', 'assigned', 'declined', 'en_route', 'on_site', 'open', 'reopened', 'returned',
                     'transferred')
    """,
    """
    create table dispatch.assignment_queues (
        station text not null,
        able text[] not null,
        looked_at timestamptz not null,
        constraint assignment_queues_pkey primary key (station)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
