"""What was heard lately is not looked up again, as long as another arrival would say nothing new."""

from datetime import UTC, datetime, timedelta

from services.alert_ingest.domain.silence import Habit, Key, Voice, load
from services.alert_ingest.handlers.arrivals import Lately
from services.alert_ingest.store.arrivals import KnownArrivals

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
PLATFORM, OUTLET = Key("/platform", Voice.EVENTS), Key("/platform", Voice.OUTLETS, "91440300MA5EXAMPLE", "A1")
SECOND = timedelta(seconds=1)


def test_what_was_heard_lately_is_not_looked_up() -> None:
    lately = Lately()
    heard = {PLATFORM: NOW, OUTLET: NOW}
    assert lately.without(heard) == heard
    lately.remember({key: KnownArrivals(Habit(30, NOW, SECOND), None) for key in heard}, load())
    assert lately.without(heard) == {}
    assert lately.without(dict.fromkeys(heard, NOW + 9 * SECOND)) == {}
    assert lately.without(dict.fromkeys(heard, NOW + 10 * SECOND)) == {PLATFORM: NOW + 10 * SECOND}
    assert lately.without(dict.fromkeys(heard, NOW + 3_600 * SECOND)) == dict.fromkeys(heard, NOW + 3_600 * SECOND)


def test_what_had_fallen_silent_is_looked_up() -> None:
    lately = Lately()
    lately.remember({PLATFORM: KnownArrivals(Habit(30, NOW, SECOND), NOW)}, load())
    assert lately.without({PLATFORM: NOW}) == {PLATFORM: NOW}


def test_what_may_fall_silent_sooner_is_looked_up() -> None:
    lately = Lately()
    policy = load()
    quick = policy.model_copy(update={"events": policy.events.model_copy(update={"shortest_hours": 0.001, "times": 1})})
    lately.remember({PLATFORM: KnownArrivals(Habit(30, NOW, SECOND), None)}, quick)
    assert lately.without({PLATFORM: NOW}) == {PLATFORM: NOW}
