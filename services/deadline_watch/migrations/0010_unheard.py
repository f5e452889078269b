"""Clocks that run unheard: notices that did not arrive, by case."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("""
        create table watch.unheard (
            case_id uuid not null,
            notice_id uuid not null,
            enterprise_code text not null,
            since timestamptz not null,
            heard_at timestamptz,
            constraint unheard_pkey primary key (case_id, notice_id)
        )
    """)
