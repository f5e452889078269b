"""How far a notice has come, by which channels it was tried, and the lists of several matters."""

from alembic import op

revision = "0020"
down_revision = "0019"

STATEMENTS = (
    """
    alter table dispatch.notices
        add column try_number integer not null default 0,
        add column address text,
        add column tried jsonb not null default '[]',
        add column sent_at timestamptz,
        add column delivered_by text,
        add column seen_at timestamptz,
        add column deliver_by timestamptz,
        add column told_at timestamptz,
        add column released_at timestamptz
    """,
    """
    create index notices_deliver_by_idx on dispatch.notices (deliver_by)
        where deliver_by is not null and delivered_at is null and told_at is null
    """,
    """
    create index notices_gathering_idx on dispatch.notices (recipient_kind, recipient)
        where released_at is not null and attempts = 0 and delivered_at is null
    """,
    """
    create index notices_released_at_idx on dispatch.notices (recipient_kind, recipient, released_at)
        where released_at is not null
    """,
    "create index notices_told_at_idx on dispatch.notices (told_at, notice_id) where told_at is not null",
    """
    create table dispatch.notice_matters (
        notice_id uuid not null,
        position bigint generated always as identity,
        occasion text not null,
        purpose text not null,
        enterprise_code text,
        alert_id uuid,
        case_id uuid not null,
        subject jsonb not null,
        body jsonb not null,
        added_at timestamptz not null,
        constraint notice_matters_pkey primary key (notice_id, position),
        constraint notice_matters_occasion_key unique (occasion)
    )
    """,
    "create index notice_matters_case_id_idx on dispatch.notice_matters (case_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
