"""Sample anomalies: events as a monitoring platform pushes them, by the wire contract."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from pydantic_core import to_json

from services.sample.district import DISTRICT, Enterprise, Outlet, district
from shared.contract.cloudevents import STRUCTURED
from shared.contract.events import ANOMALY_DETECTED
from shared.time.clock import Clock
from shared.time.instants import SHANGHAI, shown

PLATFORM = "/platforms/sample-auto-monitoring"
_POLLUTANTS = {
    "gas": ({"code": "a21026", "name": "二氧化硫"}, 50.0, "mg/m3"),
    "water": ({"code": "w01018", "name": "化学需氧量"}, 80.0, "mg/L"),
}


@dataclass(frozen=True)
class Pattern:
    """A kind of anomaly: its category by medium, the period it spans, and observed value over limit."""

    category: dict[str, str]
    period: str
    hours: float
    ratio: tuple[float, float] | None = None


def _by_medium(name: str) -> dict[str, str]:
    return {medium: f"{medium}_{name}" for medium in ("gas", "water")}


WHITE = Pattern({"gas": "approaching_limit", "water": "approaching_limit"}, "hour", 1, (0.82, 0.98))
GAP = Pattern({"gas": "short_data_gap", "water": "short_data_gap"}, "hour", 2)
YELLOW = Pattern(_by_medium("hourly_mean_exceedance"), "hour", 1, (1.05, 1.9))
CONSTANT = Pattern({"gas": "data_constant", "water": "data_constant"}, "hour", 6)
RED = Pattern(_by_medium("daily_mean_exceedance"), "day", 24, (1.1, 1.8))
SEVERE = Pattern(_by_medium("hourly_mean_exceedance"), "hour", 1, (2.1, 3.0))
# Roughly what a district sees: mostly reminders, some yellow, few red.
MIX = [WHITE] * 6 + [GAP] * 2 + [YELLOW] * 4 + [CONSTANT] + [RED] + [SEVERE]


def anomaly(pattern: Pattern, enterprise: Enterprise, outlet: Outlet, now: datetime, choice: random.Random) -> bytes:
    """A structured CloudEvent: `pattern` at `outlet`, over the last whole period before `now`."""
    pollutant, limit, unit = _POLLUTANTS[outlet.medium]
    local = now.astimezone(SHANGHAI)
    end = local.replace(minute=0, second=0, microsecond=0)
    if pattern.period == "day":
        end = end.replace(hour=0)
    data: dict[str, Any] = {
        "category": pattern.category[outlet.medium],
        "enterprise": {"code": enterprise.code, "name": enterprise.name},
        "outlet": {"mn": outlet.mn, "code": outlet.code, "name": outlet.name, "medium": outlet.medium},
        "district": DISTRICT,
        "pollutant": pollutant,
        "period": pattern.period,
        "window": {"start": shown(end - timedelta(hours=pattern.hours)), "end": shown(end)},
        "flag": "N",
        "marking": None,
        "note": "样例数据",
    }
    if pattern.ratio is not None:
        data |= {"observed": round(limit * choice.uniform(*pattern.ratio), 1), "limit": limit, "unit": unit}
    return to_json(
        {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": PLATFORM,
            "type": ANOMALY_DETECTED,
            "subject": enterprise.code,
            "time": shown(now),
            "datacontenttype": "application/json",
            "data": data,
        }
    )


async def push(producer: AIOKafkaProducer, topic: str, enterprise: Enterprise, event: bytes) -> None:
    """Hand an event to Kafka as a platform does: keyed by enterprise, acknowledged before it is forgotten."""
    await producer.send_and_wait(
        topic, event, key=enterprise.code.encode(), headers=[("content-type", STRUCTURED.encode())]
    )


@dataclass(frozen=True)
class Pushed:
    """An anomaly that Kafka has acknowledged."""

    category: str
    enterprise: Enterprise
    outlet: Outlet


async def everyday(
    kafka: dict[str, Any], topic: str, clock: Clock, *, count: int, seconds: float
) -> AsyncIterator[Pushed]:
    """Push `count` anomalies of the usual mix, one every `seconds`, and tell of each."""
    choice, enterprises = random.Random(), district().enterprises  # noqa: S311  a sample
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **kafka)
    try:
        await producer.start()
        for number in range(count):
            if number:
                await asyncio.sleep(seconds)
            pattern, enterprise = choice.choice(MIX), choice.choice(enterprises)
            outlet = choice.choice(enterprise.outlets)
            await push(producer, topic, enterprise, anomaly(pattern, enterprise, outlet, clock.now(), choice))
            yield Pushed(pattern.category[outlet.medium], enterprise, outlet)
    finally:
        await producer.stop()  # one that could not be started as well, or it complains of being left open
