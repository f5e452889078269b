"""Hourly means at one outlet, as a platform pushes them, for the tests of what happened before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from pydantic_core import to_json

from shared.contract.cloudevents import BATCH
from shared.contract.roles import Role
from shared.time.instants import SHANGHAI
from tests.integration.alert_ingest.conftest import App
from tests.unit.alert_ingest.domain.test_parsing import changed

Json = dict[str, Any]
MIDNIGHT = datetime(2026, 11, 22, tzinfo=SHANGHAI)
ENTERPRISE = "91440300MA5EXAMPLE"
_ids = count(1)


def hour(number: int, value: float = 61.0, **changes: Any) -> Json:
    """The mean of an hour of 2026-11-22, with the limit 50: above it yellow, from 40 on a reminder."""
    start = MIDNIGHT + timedelta(hours=number)
    end = start + timedelta(hours=1)
    data: Json = {
        "category": "gas_hourly_mean_exceedance" if value > 50 else "approaching_limit",
        "period": "hour",
        "window": {"start": start.isoformat(), "end": end.isoformat()},
        "observed": value,
    }
    return changed(**(data | changes)) | {"id": f"hour-{next(_ids)}", "time": None}


async def push(app: App, *events: Json) -> list[Json]:
    """The results, one for each event; they come in one batch."""
    answer = await app(Role.PLATFORM, "p").post("/v1/events", content=to_json(events), headers={"content-type": BATCH})
    assert answer.status_code == 202, answer.text
    results: list[Json] = answer.json()["results"]
    return results


async def alert(app: App, alert_id: str) -> Json:
    found: Json = (await app(Role.AUDITOR, "a").get(f"/v1/alerts/{alert_id}")).json()
    return found


async def levels(app: App, alert_ids: Sequence[str]) -> list[str]:
    return [(await alert(app, one))["level"] for one in alert_ids]
