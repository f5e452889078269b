"""Dead letters as rows: the work list. Those that the outbox sent before are on it from the start."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """
    create table ingest.dead_letters (
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
        constraint dead_letters_letter_id_key unique (letter_id),
        constraint dead_letters_state_check check (state in ('waiting', 'retried', 'discarded')),
        constraint dead_letters_decided_check check (
            (state = 'waiting') = (decided_at is null) and (decided_at is null) = (decided_by is null)),
        -- What is given up is given up for a reason.
        constraint dead_letters_reason_check check (state <> 'discarded' or reason is not null)
    )
    """,
    "create index dead_letters_waiting_idx on ingest.dead_letters (code, position) where state = 'waiting'",
    "create index dead_letters_first_id_idx on ingest.dead_letters (first_id)",
    # A letter in the outbox has the record's own headers and then five of ours, values in hex: error-code,
    # error-detail, consumer, origin, failed-at. A text cannot hold NUL, which the detail may: it is shown as ␀.
    """
    insert into ingest.dead_letters (letter_id, topic, origin, consumer, key, body, headers, code, detail, failed_at,
                                       first_id, attempt, state)
    select event_id, regexp_replace(topic, '[.]dead-letter$', ''),
           convert_from(decode(headers -> -2 ->> 1, 'hex'), 'UTF8'),
           convert_from(decode(headers -> -3 ->> 1, 'hex'), 'UTF8'), key, value,
           headers - -1 - -1 - -1 - -1 - -1,
           convert_from(decode(headers -> -5 ->> 1, 'hex'), 'UTF8'),
           coalesce(convert_from(decode((
               select string_agg(case pair[1] when '00' then 'e29080' else pair[1] end, '' order by number)
                 from regexp_matches(headers -> -4 ->> 1, '..', 'g') with ordinality as detail (pair, number)
           ), 'hex'), 'UTF8'), ''),
           convert_from(decode(headers -> -1 ->> 1, 'hex'), 'UTF8')::timestamptz, event_id, 1, 'waiting'
      from ingest.outbox
     where topic like '%.dead-letter'
     order by position
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
