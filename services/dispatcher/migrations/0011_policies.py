"""Every dispatch policy that was ever published, with the instant from which it decides."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("""
        create table dispatch.policies (
            position bigint generated always as identity,
            version text not null,
            effective_from timestamptz not null,
            body text not null,
            reason text not null,
            published_by text not null,
            published_at timestamptz not null,
            preview jsonb not null,
            constraint policies_pkey primary key (position),
            constraint policies_version_key unique (version)
        )
    """)
