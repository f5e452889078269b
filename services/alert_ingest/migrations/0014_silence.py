"""When platforms and outlets were heard last, and since when this service has listened."""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    """
    create table ingest.arrivals (
        source text not null,
        voice text not null,
        enterprise_code text not null,
        outlet text not null,
        arrivals integer not null,
        first_at timestamptz not null,
        heard_at timestamptz not null,
        usual interval,
        silent_at timestamptz,
        silent_since timestamptz,
        constraint arrivals_pkey primary key (source, voice, enterprise_code, outlet),
        constraint arrivals_voice_check check (voice in ('heartbeats', 'events', 'outlets'))
    )
    """,
    "create index arrivals_silent_at_idx on ingest.arrivals (silent_at) where silent_since is null",
    """
    create table ingest.listening (
        only_row boolean not null,
        since timestamptz not null,
        at timestamptz not null,
        constraint listening_pkey primary key (only_row),
        constraint listening_only_row_check check (only_row)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
