"""Brakes: the partitions that this service has stopped reading, and who had it go on."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    """
    create table watch.brakes (
        position bigint generated always as identity,
        topic text not null,
        partition integer not null,
        "offset" bigint not null,
        consumer text not null,
        cause text not null,
        code text not null,
        detail text not null,
        refused integer,
        of_last integer,
        since timestamptz not null,
        policy_version text not null,
        released_at timestamptz,
        released_by text,
        release_reason text,
        pass_over boolean not null default false,
        constraint brakes_pkey primary key (position),
        constraint brakes_cause_check check (cause in ('refusals', 'unreadable')),
        constraint brakes_released_check check (
            (released_at is null) = (released_by is null) and (released_at is null) = (release_reason is null)),
        constraint brakes_pass_over_check check (
            not pass_over or (cause = 'unreadable' and released_at is not null))
    )
    """,
    "create unique index brakes_in_force_idx on watch.brakes (topic, partition) where released_at is null",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
