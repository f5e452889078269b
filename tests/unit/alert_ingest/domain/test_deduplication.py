"""Duplicates, repeats and conflicts, in every order and however a stream is cut into batches."""

from itertools import count
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.alert_ingest.domain.deduplication import Deduplication, KnownEvent, deduplicate
from services.alert_ingest.domain.parsing import Occurrence, Received
from shared.contract.cloudevents import Refused
from tests.unit.alert_ingest.domain.test_parsing import EVENT, changed, read


def received(event_id: int, outlet: int = 0, observed: float = 61.2) -> Received:
    return read(changed(outlet={"mn": f"MN{outlet}"}, observed=observed) | {"id": str(event_id)})


class Store:
    """What the database would hold after each batch."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, str], KnownEvent] = {}
        self.alerts: dict[Occurrence, UUID] = {}
        self.repeats: dict[UUID, int] = {}
        self._numbers = count(1)

    def _new_id(self) -> UUID:
        return UUID(int=next(self._numbers))

    def take(self, batch: list[Received | Refused]) -> Deduplication:
        deduplication = deduplicate(batch, self.events, self.alerts, self._new_id)
        for event in deduplication.events:
            known = KnownEvent(event.alert_id, event.received.content_hash)
            assert self.events.setdefault(event.received.identity, known) is known
            assert self.alerts.setdefault(event.received.occurrence, event.alert_id) == event.alert_id
        for event in deduplication.repeats:
            self.repeats[event.alert_id] = self.repeats.get(event.alert_id, 0) + 1
        return deduplication


def statuses(deduplication: Deduplication) -> list[str]:
    return [receipt.status for receipt in deduplication.receipts]


def test_the_first_opens_the_second_repeats_the_same_is_a_duplicate() -> None:
    deduplication = Store().take([received(1), received(2), received(1), received(3, outlet=1)])
    assert statuses(deduplication) == ["accepted", "repeat", "duplicate", "accepted"]
    assert len({receipt.alert_id for receipt in deduplication.receipts}) == 2


def test_another_enterprises_event_is_no_repeat_at_the_same_outlet() -> None:
    other = read(changed(outlet={"mn": "MN0"}, enterprise={"code": "ANOTHER"}) | {"id": "2"})
    deduplication = Store().take([received(1), other, received(3)])
    assert statuses(deduplication) == ["accepted", "accepted", "repeat"]
    assert deduplication.receipts[0].alert_id == deduplication.receipts[2].alert_id
    first, second = (one.received.occurrence for one in deduplication.opened)
    assert first.identities[0] == second.identities[0]
    assert first.identities[1] != second.identities[1]


def test_a_receipt_shows_the_level_its_alert_came_to() -> None:
    deduplication = Store().take([received(1), Refused("not-json", "…"), received(2)])
    (alert,) = deduplication.opened
    levels = [receipt.level for receipt in deduplication.receipts_with({alert.alert_id: "red"})]
    assert levels == ["red", None, "red"]


def test_other_content_under_a_known_id_is_refused_and_the_first_stands() -> None:
    store = Store()
    store.take([received(1)])
    deduplication = store.take([received(1, observed=99.0)])
    assert statuses(deduplication) == ["refused"]
    refusal = deduplication.receipts[0].refusal
    assert refusal is not None
    assert refusal.code == "id-conflict"
    assert deduplication.events == []


def test_a_refused_event_leaves_its_neighbours_alone() -> None:
    refusal = Refused("not-json", "…")
    deduplication = Store().take([received(1), refusal, received(2, outlet=1)])
    assert statuses(deduplication) == ["accepted", "refused", "accepted"]
    assert deduplication.receipts[1].refusal is refusal


events = st.builds(received, st.integers(0, 6), st.integers(0, 2), st.sampled_from([1.0, 2.0]))


@given(st.lists(events, max_size=20), st.integers(1, 20))
def test_how_the_stream_is_cut_into_batches_makes_no_difference(stream: list[Received], size: int) -> None:
    whole, cut = Store(), Store()
    at_once = whole.take(list(stream))
    in_parts = [
        receipt
        for start in range(0, len(stream), size)
        for receipt in cut.take(list(stream[start : start + size])).receipts
    ]
    assert statuses(at_once) == [receipt.status for receipt in in_parts]
    assert (whole.events, whole.repeats) == (cut.events, cut.repeats)


@given(st.lists(events, max_size=20))
def test_sending_everything_again_changes_nothing(stream: list[Received]) -> None:
    store = Store()
    store.take(list(stream))
    before = (dict(store.events), dict(store.repeats))
    again = store.take(list(stream))
    assert (store.events, store.repeats) == before
    assert set(statuses(again)) <= {"duplicate", "refused"}


def test_the_example_is_one_event() -> None:
    assert statuses(Store().take([read(EVENT), read(EVENT)])) == ["accepted", "duplicate"]
