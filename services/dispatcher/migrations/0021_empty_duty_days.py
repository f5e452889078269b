"""The days for which the rota of a station names nobody."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute("""
        create table dispatch.empty_duty_days (
            station text not null,
            day date not null,
            recorded_by text not null,
            recorded_at timestamptz not null,
            constraint empty_duty_days_pkey primary key (station, day)
        )
    """)
