"""Attachments, and the uploads by which large ones come."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """
    create table dispatch.attachments (
        attachment_id uuid not null,
        case_id uuid not null,
        enterprise_code text not null,
        key text not null,
        name text not null,
        media_type text not null,
        size bigint not null,
        sha256 text not null,
        claimed_at timestamptz,
        added_by text not null,
        added_role text not null,
        added_at timestamptz not null,
        constraint attachments_pkey primary key (attachment_id),
        -- The same bytes are kept once in a case.
        constraint attachments_case_id_sha256_key unique (case_id, sha256),
        constraint attachments_key_key unique (key)
    )
    """,
    """
    create table dispatch.uploads (
        upload_id uuid not null,
        case_id uuid not null,
        enterprise_code text not null,
        length bigint not null,
        name text not null,
        declared_type text,
        claimed_at timestamptz,
        created_by text not null,
        created_role text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        attachment_id uuid,
        constraint uploads_pkey primary key (upload_id)
    )
    """,
    # What is still to come, or to be swept, beside any number of finished ones.
    "create index uploads_unfinished_idx on dispatch.uploads (expires_at) where attachment_id is null",
    """
    create table dispatch.upload_parts (
        upload_id uuid not null,
        start bigint not null,
        length bigint not null,
        key text not null,
        -- Of two who send the same part one is first.
        constraint upload_parts_pkey primary key (upload_id, start),
        constraint upload_parts_length_check check (length > 0)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
