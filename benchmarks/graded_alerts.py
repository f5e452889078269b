"""Graded alerts of the sample district, half of them red or yellow, for the dispatcher of any release.

.venv/bin/python -m benchmarks.graded_alerts FILE NUMBER      writes them, a line of JSON each
"""

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic_core import to_json

from services.sample.district import DISTRICT, Enterprise, district
from shared.contract.cloudevents import compose
from shared.contract.events import ALERT_GRADED, AlertGraded
from shared.settings import Settings
from shared.time.instants import SHANGHAI, shown

NOW = datetime(2026, 3, 3, 0, 5, tzinfo=SHANGHAI)
CHUNK = Settings().poll_records
"""As many are issued at one instant as a consumer takes at once."""
_GRADES = {
    "white": ("approaching_limit", "接近限值", "close to the limit"),
    "yellow": ("gas_hourly_mean_exceedance", "废气小时均值超标", "gas hourly mean above the limit"),
    "red": ("gas_daily_mean_exceedance", "废气日均值超标", "gas daily mean above the limit"),
}
_LEVELS = ("white", "white", "yellow", "red")


def alerts(number: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Enterprise and event of alerts, issued by the chunk; a quarter of them is yellow and a quarter red."""
    enterprises, choice = district().enterprises, random.Random(seed)
    for one in range(number):
        yield alert_of(choice.choice(enterprises), _LEVELS[one % 4], one, choice)


def alert_of(enterprise: Enterprise, level: str, number: int, choice: random.Random) -> tuple[str, bytes]:
    issued = NOW + timedelta(seconds=number // CHUNK)
    category, zh, en = _GRADES[level]
    outlet = enterprise.outlets[0]
    graded = AlertGraded.model_validate_json(
        to_json(
            {
                "alert_id": UUID(int=choice.getrandbits(128), version=4),
                "level": level,
                "category": category,
                "category_name": {"zh": zh, "en": en},
                "response": "on_site",
                "enterprise": {"code": enterprise.code, "name": enterprise.name},
                "outlet": {"mn": outlet.mn, "code": outlet.code, "name": outlet.name, "medium": outlet.medium},
                "district": DISTRICT,
                "pollutant": {"code": "a21026", "name": "二氧化硫"},
                "window": {"start": shown(issued - timedelta(hours=25)), "end": shown(issued - timedelta(hours=1))},
                "observed": round(choice.uniform(51, 120), 1),
                "limit": 50.0,
                "unit": "mg/m3",
                "received_at": shown(issued),
                "issued_at": shown(issued),
                "grading": {
                    "rule": f"{category}-1",
                    "rule_book_version": "2026-11-28.1",
                    "stated": True,
                    "facts": {"ratio": 1.22, "flag": "N", "period": "day", "observed": 61.2, "limit": 50.0},
                    "reason": {"zh": f"{zh}：监测值 61.2，限值 50", "en": f"{en}: observed 61.2, limit 50"},
                    "considered": [
                        {
                            "rule": f"stricter-{rule}",
                            "level": "red",
                            "failed": "observed >= 2 * limit",
                            "zh": "未达到限值的两倍，不适用该条",
                            "en": "below twice the limit, so this rule does not apply",
                        }
                        for rule in range(3)
                    ],
                },
                "doubts": [],
            }
        )
    )
    composed = compose(
        topic="alerts", source="/tricolor/alert_ingest", type_=ALERT_GRADED, enterprise=enterprise.code, time=issued,
        data=graded,
    )  # fmt: skip
    return enterprise.code, composed.value


def write(path: Path, number: int) -> None:
    path.write_bytes(
        b"\n".join(to_json({"key": key, "value": value.decode()}) for key, value in alerts(number, seed=1))
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
