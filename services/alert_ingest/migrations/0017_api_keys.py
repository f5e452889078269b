"""API keys of platforms, and the nonces of what was signed with them."""

from alembic import op

revision = "0017"
down_revision = "0016"

STATEMENTS = (
    """
    create table ingest.api_keys (
        key_id uuid not null,
        platform text not null,
        shown text not null,
        digest bytea not null,
        signing bytea not null,
        sources text[] not null,
        signed boolean not null,
        created_by text not null,
        created_at timestamptz not null,
        expires_at timestamptz,
        replaces uuid,
        last_used_at timestamptz,
        revoked_at timestamptz,
        revoked_by text,
        revoke_reason text,
        constraint api_keys_pkey primary key (key_id),
        constraint api_keys_digest_key unique (digest)
    )
    """,
    """
    create table ingest.api_key_nonces (
        key_id uuid not null,
        nonce text not null,
        expires_at timestamptz not null,
        constraint api_key_nonces_pkey primary key (key_id, nonce)
    )
    """,
    "create index api_key_nonces_expires_at_idx on ingest.api_key_nonces (key_id, expires_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
