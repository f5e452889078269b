"""Whatever is POSTed to `/v1/events`: an answer that says what became of each event, and never a 5xx.

An error that is not answered as a problem is raised through the client, with its traceback.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import httpx
from pydantic_core import from_json, to_json
from sqlalchemy import text

from services.alert_ingest.api.events import Results
from shared.contract.cloudevents import BATCH
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.service import Service
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from tests.fuzz.conftest import EVENTS, NOW
from tests.fuzz.mutations import Mutations, Sent

_AT_ONCE = 8
_PROBLEM = {"type", "title", "status", "detail", "instance"}


@dataclass
class Platform:
    """A client that checks every answer, and counts what became of its events."""

    http: httpx.AsyncClient
    outcomes: Counter[str] = field(default_factory=Counter)
    alerts: set[str] = field(default_factory=set)

    async def push(self, part: Sequence[Sent], *, batched: bool) -> None:
        if batched and part:
            body = b"[" + b",".join(sent.body for sent in part) + b"]"
            answer = await self.http.post("/v1/events", content=body, headers={"content-type": BATCH})
            self._account(answer, len(part))
            return
        for sent in part:
            headers = [(_raw(name), value) for name, value in sent.headers]
            self._account(await self.http.post("/v1/events", content=sent.body, headers=headers), 1)

    def _account(self, answer: httpx.Response, events: int) -> None:
        assert answer.status_code in {202, 413, 415, 422}, answer.text
        if answer.status_code != 202:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json().keys() >= _PROBLEM
            assert answer.json()["detail"]
        told = answer.json().get("results")
        if told is None:  # the request as a whole was none
            assert answer.status_code != 202
            self.outcomes["refused unread"] += events
            return
        results = Results.model_validate({"results": told}).results
        for result in results:
            self.outcomes[result.status] += 1
            assert (result.error is not None) == (result.status == "refused")
            assert (result.alert_id is not None) == (result.status != "refused")
            if result.alert_id is not None:
                self.alerts.add(str(result.alert_id))


async def push(platform: Platform, part: Sequence[Sent], choice: random.Random) -> None:
    """One by one or as a batch, and as a batch mostly without those that would make it no JSON as a whole."""
    batched = choice.random() < 0.5
    apart = [sent for sent in part if batched and not _is_json(sent.body)] if choice.random() < 0.8 else []
    await platform.push([sent for sent in part if sent not in apart], batched=batched)
    await platform.push(apart, batched=False)


def _is_json(body: bytes) -> bool:
    try:
        from_json(body)
    except ValueError:
        return False
    return True


def _raw(name: str) -> bytes:
    return name.encode("ascii", "ignore")  # no server hands on anything else


async def test_every_request_is_answered_and_what_is_accepted_is_stored(
    service: Service, settings: Settings, data_directory: Path
) -> None:
    principal = Principal(role=Role.PLATFORM, subject="fuzz")
    token = DevelopmentIssuer(data_directory).token(principal, settings.oidc_audience, SystemClock().now())
    mutated, choice = iter(Mutations(seed=7, now=NOW)), random.Random(7)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app),
        base_url="http://ingest",
        headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
    ) as client:
        platform, left = Platform(client), EVENTS
        while left:
            parts = []
            for _ in range(_AT_ONCE):
                part = list(islice(mutated, min(left, choice.choice((1, 5, 20, 40)))))
                parts.append(part)
                left -= len(part)
            await asyncio.gather(*(push(platform, part, choice) for part in parts if part))
    async with service.database.transaction() as connection:
        kept = Counter({
            "repeat" if row.is_repeat else "accepted": row.number
            for row in await connection.execute(
                text("select is_repeat, count(*) as number from ingest.events group by is_repeat")
            )
        })  # fmt: skip
        alerts = {str(one) for one in await connection.scalars(text("select alert_id from ingest.alerts"))}
        refusals = await connection.scalar(text("select count(*) from ingest.refusals"))
    outcomes = platform.outcomes
    assert {name: outcomes[name] for name in ("accepted", "repeat")} == kept
    assert outcomes["refused"] == refusals
    assert platform.alerts == alerts
    assert min(outcomes[one] for one in ("accepted", "duplicate", "repeat", "refused")) > EVENTS // 400
    print(f"HTTP: {dict(outcomes)}")  # noqa: T201  the figures are what the run is for


async def test_a_thousand_bad_events_in_one_batch_are_a_thousand_answers(
    service: Service, settings: Settings, data_directory: Path
) -> None:
    token = DevelopmentIssuer(data_directory).token(
        Principal(role=Role.PLATFORM, subject="fuzz"), settings.oidc_audience, SystemClock().now()
    )
    bad = [{"specversion": "1.0", "id": str(number), "deep": [number] * 100} for number in range(1_000)]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app),
        base_url="http://ingest",
        headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
    ) as client:
        answer = await client.post("/v1/events", content=to_json(bad), headers={"content-type": BATCH})
    assert answer.status_code == 422
    assert Counter(result["error"]["code"] for result in answer.json()["results"]) == {"unknown-type": 1_000}
