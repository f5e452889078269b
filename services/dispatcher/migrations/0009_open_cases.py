"""The open cases, found among however many are over: reconciliation asks for them."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("create index cases_open_idx on dispatch.cases (case_id) where closed_at is null")
