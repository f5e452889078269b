"""docs/operations/retention.md speaks of every table there is."""

from pathlib import Path

from services.alert_ingest import tables as ingest
from services.console import tables as console
from services.deadline_watch import tables as watch
from services.dispatcher import tables as dispatch

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "retention.md"


def test_every_table_has_its_place() -> None:
    page = PAGE.read_text(encoding="utf-8")
    tables = [name for tables in (ingest, dispatch, watch, console) for name in tables.metadata.tables]
    assert [name for name in tables if f"`{name}`" not in page] == []
