"""The read model, and what every service has beside its tables."""

from alembic import op

from shared.evidence.protection import creation

revision = "0001"
down_revision = None

STATEMENTS = (
    """
        create table console.inbox (
            event_id uuid not null,
            type text not null,
            received_at timestamptz not null,
            constraint inbox_pkey primary key (event_id)
        )
    """,
    """
        create table console.outbox (
            position bigint generated always as identity,
            event_id uuid not null,
            topic text not null,
            key bytea,
            value bytea not null,
            headers jsonb not null,
            appended_at timestamptz not null,
            published_at timestamptz,
            constraint outbox_pkey primary key (position),
            constraint outbox_event_id_key unique (event_id)
        )
    """,
    "create index outbox_pending_idx on console.outbox (position) where published_at is null",
    """
        create table console.outbox_archive (
            position bigint not null,
            event_id uuid not null,
            topic text not null,
            key bytea,
            value bytea not null,
            headers jsonb not null,
            appended_at timestamptz not null,
            published_at timestamptz,
            constraint outbox_archive_pkey primary key (event_id, appended_at)
        ) partition by range (appended_at)
    """,
    """
    create view console.outbox_all as
    select position, event_id, topic, key, value, headers, appended_at, published_at from console.outbox
    union all
    select position, event_id, topic, key, value, headers, appended_at, published_at from console.outbox_archive
    """,
    """
        create table console.idempotency (
            subject text not null,
            key text not null,
            fingerprint bytea not null,
            status integer,
            body bytea,
            received_at timestamptz not null,
            constraint idempotency_pkey primary key (subject, key)
        )
    """,
    """
        create table console.dead_letters (
            position bigint generated always as identity,
            letter_id uuid not null,
            topic text not null,
            origin text not null,
            consumer text not null,
            key bytea,
            body bytea not null,
            headers jsonb not null,
            code text not null,
            detail text not null,
            failed_at timestamptz not null,
            first_id uuid not null,
            attempt integer not null,
            state text not null,
            decided_at timestamptz,
            decided_by text,
            reason text,
            told_at timestamptz,
            constraint dead_letters_pkey primary key (position),
            constraint dead_letters_state_check check (state in ('waiting', 'retried', 'discarded')),
            constraint dead_letters_decided_check
                check ((state = 'waiting') = (decided_at is null) and (decided_at is null) = (decided_by is null)),
            constraint dead_letters_reason_check check (state <> 'discarded' or reason is not null),
            constraint dead_letters_letter_id_key unique (letter_id)
        )
    """,
    "create index dead_letters_first_id_idx on console.dead_letters (first_id)",
    "create index dead_letters_waiting_idx on console.dead_letters (code, position) where state = 'waiting'",
    """
        create table console.brakes (
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
            pass_over boolean default false not null,
            constraint brakes_pkey primary key (position),
            constraint brakes_cause_check check (cause in ('refusals', 'unreadable')),
            constraint brakes_released_check check (
                (released_at is null) = (released_by is null) and (released_at is null) = (release_reason is null)),
            constraint brakes_pass_over_check
                check (not pass_over or (cause = 'unreadable' and released_at is not null))
        )
    """,
    "create unique index brakes_in_force_idx on console.brakes (topic, partition) where released_at is null",
    """
        create table console.retention_log (
            entry_id bigint generated always as identity,
            at timestamptz not null,
            table_name text not null,
            action text not null,
            month date,
            rows bigint not null,
            policy_version text not null,
            constraint retention_log_pkey primary key (entry_id),
            constraint retention_log_action_check check (action in ('dropped', 'forgotten')),
            constraint retention_log_month_check check ((action = 'dropped') = (month is not null))
        )
    """,
    """
        create table console.cases (
            case_id uuid not null,
            enterprise_code text not null,
            alert_id uuid not null,
            revision integer not null,
            at timestamptz,
            kind text,
            level text,
            state text,
            station text,
            enterprise_name text,
            category jsonb,
            outlet jsonb,
            pollutant jsonb,
            observed double precision,
            "limit" double precision,
            unit text,
            reason jsonb,
            address text,
            position jsonb,
            team jsonb default '[]' not null,
            officers text[] default '{}' not null,
            alert_ids uuid[] default '{}' not null,
            raised_by uuid,
            planned_end timestamptz,
            issued_at timestamptz,
            opened_at timestamptz,
            assigned_at timestamptz,
            accepted_at timestamptz,
            arrived_at timestamptz,
            answered_at timestamptz,
            closed_at timestamptz,
            outcome text,
            file_number text,
            file_number_at timestamptz,
            due_at timestamptz,
            due_key timestamptz not null,
            due_text text,
            provisional boolean default false not null,
            overdue boolean default false not null,
            rung text,
            awaits text,
            handled boolean default false not null,
            finished boolean default false not null,
            on_time boolean,
            matter_id bigint,
            updated_at timestamptz not null,
            constraint cases_pkey primary key (case_id, enterprise_code)
        )
    """,
    "create index cases_alert_idx on console.cases (alert_id)",
    "create index cases_awaits_idx on console.cases (awaits, at, case_id) where closed_at is null and kind is not null",
    "create index cases_category_idx on console.cases ((category ->> 'code'), opened_at, case_id)",
    "create index cases_due_idx on console.cases (due_key, case_id) where kind is not null",
    "create index cases_enterprise_idx on console.cases (enterprise_code, opened_at, case_id)",
    "create index cases_matter_idx on console.cases (matter_id, opened_at, case_id)",
    "create index cases_officers_idx on console.cases using gin (officers)"
    " where closed_at is null and kind is not null",
    "create index cases_open_due_idx on console.cases (due_key, case_id) where closed_at is null and kind is not null",
    "create index cases_open_matter_idx on console.cases (matter_id, due_key, case_id)"
    " where closed_at is null and kind is not null",
    "create index cases_open_opened_idx on console.cases (opened_at, case_id)"
    " where closed_at is null and kind is not null",
    "create index cases_open_station_idx on console.cases (station, due_key, case_id)"
    " where closed_at is null and kind is not null",
    "create index cases_opened_idx on console.cases (opened_at, case_id) where kind is not null",
    "create index cases_overdue_idx on console.cases (due_key, case_id) where overdue",
    "create index cases_overdue_station_idx on console.cases (station, due_key, case_id) where overdue",
    "create index cases_provisional_idx on console.cases (due_key, case_id) where provisional and closed_at is null",
    "create index cases_station_idx on console.cases (station, opened_at, case_id) where kind is not null",
    "create index cases_unfinished_idx on console.cases (closed_at, case_id) where handled and not finished",
    "create index cases_updated_idx on console.cases (updated_at, case_id) where kind is not null",
    """
        create table console.deadlines (
            deadline_id uuid not null,
            enterprise_code text not null,
            case_id uuid not null,
            alert_id uuid not null,
            kind text not null,
            level text not null,
            state text not null,
            started_at timestamptz not null,
            due_at timestamptz not null,
            due_text text not null,
            provisional boolean not null,
            version integer not null,
            at timestamptz not null,
            rank integer not null,
            rung text,
            constraint deadlines_pkey primary key (deadline_id, enterprise_code)
        )
    """,
    "create index deadlines_case_idx on console.deadlines (case_id)",
    """
        create table console.alerts (
            alert_id uuid not null,
            enterprise_code text not null,
            revision integer not null,
            level text,
            category jsonb,
            enterprise_name text,
            station text,
            outlet jsonb,
            pollutant jsonb,
            observed double precision,
            "limit" double precision,
            unit text,
            reason jsonb,
            rule text,
            rule_book_version text,
            received_at timestamptz,
            issued_at timestamptz,
            district text,
            held boolean default false not null,
            counted_on uuid,
            doubts jsonb default '[]' not null,
            dismissed_at timestamptz,
            matter_id bigint,
            updated_at timestamptz not null,
            constraint alerts_pkey primary key (alert_id, enterprise_code)
        )
    """,
    "create index alerts_category_idx on console.alerts ((category ->> 'code'), issued_at, alert_id)",
    "create index alerts_dismissed_idx on console.alerts (issued_at, alert_id) where dismissed_at is not null",
    "create index alerts_doubtful_idx on console.alerts (issued_at, alert_id) where doubts <> '[]'",
    "create index alerts_enterprise_idx on console.alerts (enterprise_code, issued_at, alert_id)",
    "create index alerts_held_idx on console.alerts (received_at, alert_id) where held",
    "create index alerts_issued_idx on console.alerts (issued_at, alert_id) where level is not null",
    "create index alerts_matter_idx on console.alerts (matter_id, issued_at, alert_id)",
    "create index alerts_station_idx on console.alerts (station, issued_at, alert_id) where level is not null",
    """
        create table console.matters (
            matter_id bigint generated always as identity,
            enterprise_code text not null,
            outlet text not null,
            pollutant text not null,
            category text not null,
            words text not null,
            terms text[] not null,
            constraint matters_pkey primary key (matter_id),
            constraint matters_enterprise_code_outlet_pollutant_category_key
                unique (enterprise_code, outlet, pollutant, category)
        )
    """,
    "create index matters_terms_idx on console.matters using gin (terms)",
    """
        create table console.open_counts (
            station text not null,
            kind text not null,
            level text not null,
            overdue boolean not null,
            rung text not null,
            awaits text not null,
            cases bigint not null,
            constraint open_counts_pkey primary key (station, kind, level, overdue, rung, awaits)
        )
    """,
    """
        create table console.day_counts (
            day date not null,
            station text not null,
            kind text not null,
            level text not null,
            category text not null,
            total bigint not null,
            handled bigint not null,
            finished bigint not null,
            on_time bigint not null,
            late bigint not null,
            false_alarms bigint not null,
            constraint day_counts_pkey primary key (day, station, kind, level, category)
        )
    """,
    """
        create table console.changes (
            number bigint generated always as identity,
            at timestamptz not null,
            subject text not null,
            id uuid not null,
            stations text[] not null,
            constraint changes_pkey primary key (number),
            constraint changes_subject_check check (subject in ('case', 'alert'))
        )
    """,
    """
        create table console.enterprises (
            code text not null,
            name text,
            address text,
            district text,
            street text,
            grid_cell text,
            station text,
            longitude double precision,
            latitude double precision,
            classification jsonb default '[]' not null,
            at timestamptz,
            constraint enterprises_pkey primary key (code)
        )
    """,
    """
        create table console.outlets (
            enterprise_code text not null,
            code text not null,
            mn text,
            name text not null,
            medium text not null,
            longitude double precision,
            latitude double precision,
            at timestamptz not null,
            constraint outlets_pkey primary key (enterprise_code, code)
        )
    """,
    """
        create table console.stations (
            code text not null,
            name text not null,
            district text not null,
            streets jsonb not null,
            longitude double precision,
            latitude double precision,
            at timestamptz not null,
            constraint stations_pkey primary key (code)
        )
    """,
    """
        create table console.officers (
            code text not null,
            name text not null,
            station text not null,
            certified boolean not null,
            on_duty boolean not null,
            at timestamptz not null,
            constraint officers_pkey primary key (code)
        )
    """,
    """
        create table console.staff (
            code text not null,
            name text not null,
            role text not null,
            station text,
            at timestamptz not null,
            constraint staff_pkey primary key (code)
        )
    """,
    """
        create table console.proposals (
            proposal_id uuid not null,
            service text not null,
            kind text not null,
            name jsonb not null,
            summary jsonb not null,
            subject text not null,
            station text,
            enterprise_code text,
            alert_id uuid,
            case_id uuid,
            proposed_by jsonb not null,
            proposed_at timestamptz not null,
            expires_at timestamptz not null,
            recipients jsonb not null,
            state text not null,
            constraint proposals_pkey primary key (proposal_id)
        )
    """,
    "create index proposals_open_idx on console.proposals (proposed_at, proposal_id) where state = 'open'",
    """
        create table console.undelivered (
            notice_id uuid not null,
            enterprise_code text not null,
            case_id uuid not null,
            alert_id uuid not null,
            station text,
            level text not null,
            purpose text not null,
            recipient_kind text not null,
            recipient text not null,
            queued_at timestamptz,
            at timestamptz not null,
            delivered_at timestamptz,
            constraint undelivered_pkey primary key (notice_id)
        )
    """,
    "create index undelivered_waiting_idx on console.undelivered (at, notice_id) where delivered_at is null",
    """
        create table console.waiting_letters (
            letter_id uuid not null,
            service text not null,
            topic text,
            code text,
            detail text,
            failed_at timestamptz,
            decided_at timestamptz,
            constraint waiting_letters_pkey primary key (letter_id)
        )
    """,
    "create index waiting_letters_waiting_idx on console.waiting_letters (failed_at, letter_id)"
    " where decided_at is null",
    """
        create table console.stopped_partitions (
            service text not null,
            topic text not null,
            partition integer not null,
            "offset" bigint not null,
            code text,
            detail text,
            since timestamptz,
            released_at timestamptz,
            constraint stopped_partitions_pkey primary key (service, topic, partition, "offset")
        )
    """,
    """
        create table console.progress (
            topic text not null,
            partition integer not null,
            position bigint not null,
            ends_at bigint not null,
            lag_seconds double precision not null,
            last_event_at timestamptz,
            measured_at timestamptz not null,
            constraint progress_pkey primary key (topic, partition)
        )
    """,
    """
        create table console.rebuilds (
            rebuild_id bigint generated always as identity,
            started_at timestamptz not null,
            step text not null,
            done bigint not null,
            total bigint not null,
            finished_at timestamptz,
            constraint rebuilds_pkey primary key (rebuild_id)
        )
    """,
)


def upgrade() -> None:
    for statement in (*STATEMENTS, *creation("console")):
        op.execute(statement)
