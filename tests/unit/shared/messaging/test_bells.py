"""Who is woken by what is published in the same process, and who asks the broker all the time."""

from collections.abc import Sequence

from shared.messaging.bells import Bells, connect
from shared.messaging.consumer import Consumer
from shared.messaging.kafka import Record


async def _act(records: Sequence[Record]) -> Sequence[Record]:
    del records
    return []


def consumer(*topics: str) -> Consumer:
    return Consumer(name="test", topics=topics, group="test", handle=_act, kafka={}, max_records=1, batch=1)


def test_a_bell_is_rung_for_each_of_its_topics() -> None:
    bells = Bells()
    alerts, both = bells.hang(["alerts"]), bells.hang(["alerts", "cases"])
    bells.ring(["cases", "unheard"])
    assert (alerts.is_set(), both.is_set()) == (False, True)
    bells.ring(["alerts"])
    assert alerts.is_set()


def test_who_reads_what_others_write_too_has_none() -> None:
    inside, outside = consumer("alerts", "cases"), consumer("alerts", "anomaly-events")
    connect([], [inside, outside], frozenset({"alerts", "cases"}))
    assert inside.bell is not None
    assert outside.bell is None
