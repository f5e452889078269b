"""Alerts stored packed are read, graded again, compared and archived as those that are stored as JSON."""

import pytest
from pydantic_core import from_json
from sqlalchemy import text

from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.packing import is_packed, unpacked
from tests.integration.alert_ingest.conftest import App
from tests.integration.alert_ingest.handlers.test_codes import (  # noqa: F401  the same promises, of packed ones
    test_another_enterprise_at_the_same_outlet_has_an_alert_of_its_own_with_a_doubt,
    test_both_in_one_batch,
)
from tests.integration.alert_ingest.handlers.test_decisions import (  # noqa: F401
    test_a_resend_that_shows_more_than_was_dismissed_opens_it_again,
    test_an_upgrade_that_rested_on_a_dismissed_alert_comes_before_people,
)
from tests.integration.alert_ingest.handlers.test_old_events import (  # noqa: F401
    test_events_move_while_others_come_in_and_nobody_waits,
)
from tests.integration.alert_ingest.handlers.test_unanswered import (  # noqa: F401
    inbox,
    test_silence_that_the_rule_book_does_not_upgrade_is_stored_for_a_backtest,
)
from tests.integration.alert_ingest.handlers.test_what_happened_before import (  # noqa: F401
    emitted,
    test_a_resend_that_shows_more_makes_it_stricter,
    test_an_hour_that_arrives_late_makes_a_later_one_red,
)
from tests.integration.alert_ingest.hourly import alert, hour, push


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"packed_alerts": True})


async def test_it_is_shown_as_it_was_pushed_and_published(app: App, database: Database) -> None:
    events = [hour(number) for number in (1, 2, 3)]
    *_, third = await push(app, *events)
    found = await alert(app, third["alert_id"])
    (published,) = [one["data"] for one in await emitted(database) if one["data"]["alert_id"] == third["alert_id"]]
    assert found["event"] == events[2]
    assert (found["grading"], found["doubts"]) == (published["grading"], published["doubts"])
    assert len(found["grading"]["causes"]) == 2
    assert "enterprise-unregistered" in [one["code"] for one in found["doubts"]]


async def test_it_is_nowhere_else(app: App, database: Database) -> None:
    event = hour(1)
    await push(app, event)
    statement = "select a.*, e.body from ingest.alerts a join ingest.events e using (alert_id)"
    async with database.transaction() as connection:
        row = (await connection.execute(text(statement))).one()
    assert (row.event, row.grading, row.doubts) == (None, None, [])
    assert row.packed_event == row.body
    assert is_packed(row.body)
    assert from_json(unpacked(row.body)) == event
