"""Proposals: what takes two people."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    """
    create table dispatch.proposals (
        proposal_id uuid not null,
        kind text not null,
        subject text not null,
        station text,
        enterprise_code text,
        alert_id uuid,
        case_id uuid,
        state text not null,
        summary jsonb not null,
        reason text not null,
        ground text not null,
        parameters jsonb not null,
        before jsonb,
        after jsonb,
        proposed_by text not null,
        proposed_role text not null,
        proposed_station text,
        proposed_login text,
        proposed_at timestamptz not null,
        expires_at timestamptz not null,
        policy_version text not null,
        decided_by text,
        decided_role text,
        decided_station text,
        decided_login text,
        decided_at timestamptz,
        explanation text,
        result jsonb,
        constraint proposals_pkey primary key (proposal_id),
        constraint proposals_state_check
            check (state in ('open', 'confirmed', 'rejected', 'withdrawn', 'expired', 'failed')),
        constraint proposals_decided_check check (
            (state = 'open') = (decided_at is null) and (decided_at is null) = (decided_by is null)),
        -- Two people: whoever proposed it does not decide on it, under another name on the same machine either.
        constraint proposals_two_people_check check (
            state not in ('confirmed', 'rejected', 'failed') or decided_by <> proposed_by),
        constraint proposals_two_logins_check check (state <> 'confirmed' or decided_login <> proposed_login)
    )
    """,
    "create unique index proposals_open_idx on dispatch.proposals (kind, subject) where state = 'open'",
    "create index proposals_expires_at_idx on dispatch.proposals (expires_at) where state = 'open'",
    "create index proposals_proposed_at_idx on dispatch.proposals (proposed_at, proposal_id)",
    "create index proposals_subject_idx on dispatch.proposals (subject)",
    "alter table dispatch.policies add column confirmed_by text",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
