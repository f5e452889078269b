"""`tricolor simulate` as a person types it: it pushes, and says what."""

from shared.contract.events import Topic
from shared.settings import Settings
from tests.integration.running.commands import tricolor


async def test_each_anomaly_that_is_pushed_is_printed(settings: Settings, topics: list[str], broker: str) -> None:
    del topics
    code, out, err = await tricolor(
        *("simulate", "--kafka", broker, "--count", "3", "--per-second", "50"),
        TRICOLOR_TOPIC_PREFIX=settings.topic_prefix,
    )
    assert code == 0, err
    first, *pushed, last = out.splitlines()
    assert settings.topic(Topic.ANOMALY_EVENTS) in first
    assert [line.split()[0] for line in pushed] == ["1/3", "2/3", "3/3"]
    assert "pushed 3" in last


async def test_a_broker_that_is_not_there_is_said_in_a_line() -> None:
    code, out, err = await tricolor("simulate", "--kafka", "127.0.0.1:1", "--count", "1")
    assert code == 1
    assert "127.0.0.1:1" in out
    assert "tricolor: 127.0.0.1:1: " in err
    assert "Unclosed" not in err
