"""The verification draw under the secret of its day."""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    """
    create table dispatch.draw_days (
        day date not null,
        secret bytea not null,
        commitment text not null,
        committed_at timestamptz not null,
        published_at timestamptz,
        constraint draw_days_pkey primary key (day)
    )
    """,
    "create index draw_days_unpublished_idx on dispatch.draw_days (day) where published_at is null",
    """
    create table dispatch.draws (
        case_id uuid not null,
        enterprise_code text not null,
        day date not null,
        number double precision not null,
        share double precision not null,
        repeat boolean not null,
        verified boolean not null,
        policy_version text not null,
        drawn_at timestamptz not null,
        constraint draws_pkey primary key (case_id)
    )
    """,
    "create index draws_day_idx on dispatch.draws (day, drawn_at)",
    "create index cases_raised_by_idx on dispatch.cases (raised_by) where raised_by is not null",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
