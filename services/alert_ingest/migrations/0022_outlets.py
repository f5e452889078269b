"""Whose each outlet is, by its MN: the first that an event said so far; master data add what they have registered."""

from alembic import op

revision = "0022"
down_revision = "0021"

STATEMENTS = (
    """
    create table ingest.outlets (
        mn text not null,
        enterprise_code text not null,
        registered_at timestamptz,
        constraint outlets_pkey primary key (mn)
    )
    """,
    # An outlet without an MN is written as its enterprise's code, a stroke and its permit number.
    """
    insert into ingest.outlets (mn, enterprise_code)
    select distinct on (outlet) outlet, enterprise_code
      from ingest.alerts
     where not starts_with(outlet, enterprise_code || '/')
     order by outlet, received_at, alert_id
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
