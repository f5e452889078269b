"""What lists are filtered by, in an inverted index: so that what is rare is found among millions of rows."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    "create index cases_closed_idx on console.cases (closed_at) where closed_at is not null",
    """
    create index cases_facets_idx on console.cases using gin ((officers || array_remove(array[
        'station=' || station, 'level=' || level, 'kind=' || kind, 'state=' || state, 'outcome=' || outcome,
        'rung=' || rung, 'awaits=' || awaits, 'provisional=' || nullif(provisional::text, 'false'),
        'on_time=' || nullif(on_time::text, 'true'), 'handled=' || nullif(handled::text, 'true'),
        'finished=' || nullif(finished::text, 'true'), 'category=' || (category ->> 'code')], null)))
        with (gin_pending_list_limit = 256)
    """,
    """
    create index alerts_facets_idx on console.alerts using gin ((array_remove(array[
        'station=' || station, 'level=' || level, 'category=' || (category ->> 'code')], null)))
        with (gin_pending_list_limit = 256)
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
