"""Proposals: what takes two people. Decisions about alerts become some of them."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    """
    create table ingest.proposals (
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
    "create unique index proposals_open_idx on ingest.proposals (kind, subject) where state = 'open'",
    "create index proposals_expires_at_idx on ingest.proposals (expires_at) where state = 'open'",
    "create index proposals_proposed_at_idx on ingest.proposals (proposed_at, proposal_id)",
    "create index proposals_subject_idx on ingest.proposals (subject)",
    "create index proposals_alert_id_idx on ingest.proposals (alert_id)",
    "alter table ingest.rule_books add column confirmed_by text",
    # What the release before decides while both run, and what it decided: no proposal waits unseen.
    """
    create function ingest.copy_decision() returns trigger language plpgsql as $$
    begin
        insert into ingest.proposals as known (
               proposal_id, kind, subject, station, enterprise_code, alert_id, state, summary, reason, ground,
               parameters, proposed_by, proposed_role, proposed_at, expires_at, policy_version,
               decided_by, decided_role, decided_at, explanation)
        select new.decision_id, new.kind, new.alert_id::text, e.station, a.enterprise_code, new.alert_id,
               case new.state when 'proposed' then 'open' else new.state end,
               jsonb_build_object('zh', '企业 ' || a.enterprise_code || ' 的预警' ||
                                        case new.kind when 'dismiss' then '按误报撤销' else '降级' end,
                                  'en', new.kind || ' an alert of ' || a.enterprise_code),
               new.reason, coalesce(new.ground, ''),
               jsonb_strip_nulls(jsonb_build_object('alert_id', new.alert_id, 'level', new.level)),
               new.proposed_by,
               case when new.proposed_by like 'system:%' then 'system' else 'unknown' end,
               new.proposed_at, new.proposed_at + interval '30 days', 'before 2026-11-28.1',
               new.reviewed_by, case when new.reviewed_by is not null then 'unknown' end, new.reviewed_at,
               new.review_reason
          from ingest.alerts a left join ingest.enterprises e on e.code = a.enterprise_code
         where a.alert_id = new.alert_id
        on conflict do nothing;
        update ingest.proposals
           set state = new.state, decided_by = new.reviewed_by, decided_role = 'unknown',
               decided_at = new.reviewed_at, explanation = new.review_reason
         where proposal_id = new.decision_id and state = 'open' and new.state <> 'proposed';
        return null;
    end $$
    """,
    "create trigger copy_decision after insert or update on ingest.decisions"
    " for each row execute function ingest.copy_decision()",
    "update ingest.decisions set state = state",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
