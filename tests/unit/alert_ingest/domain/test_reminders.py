"""White reminds once: of further whites every one is counted, on one reminder that stands, and none is lost."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.alert_ingest.domain import reminders
from services.alert_ingest.domain.reminders import ReminderKey
from tests.unit.alert_ingest.domain.anomalies import BOOK

keys = st.builds(ReminderKey, st.sampled_from("AB"), st.sampled_from("12"), st.sampled_from(["gap", "limit"]))
whites = st.dictionaries(st.integers(0, 50).map(lambda number: UUID(int=number)), keys)
standing = st.dictionaries(keys, st.integers(100, 120).map(lambda number: UUID(int=number)))


@given(whites, standing)
def test_a_key_is_reminded_of_once_and_the_rest_is_counted(
    new: dict[UUID, ReminderKey], known: dict[ReminderKey, UUID]
) -> None:
    counted = reminders.counted(new, known)
    sent = [alert_id for alert_id in new if alert_id not in counted]
    assert len({new[alert_id] for alert_id in sent}) == len(sent)
    assert {new[alert_id] for alert_id in sent} == set(new.values()) - known.keys()
    stand = known | {new[alert_id]: alert_id for alert_id in sent}
    assert all(counted[alert_id] == stand[new[alert_id]] for alert_id in counted)


def test_a_book_from_before_the_figure_counts_for_a_day() -> None:
    assert reminders.span(BOOK) == timedelta(hours=24)
    assert reminders.span(BOOK.but(policy=BOOK.policy | {"reminder_hours": 6.0})) == timedelta(hours=6)
    policy = {name: value for name, value in BOOK.policy.items() if name != "reminder_hours"}
    assert reminders.span(BOOK.but(policy=policy)) == timedelta(hours=24)
