"""Events of every earlier contract version stay readable: golden files, written by the models of their own time.

Where the contract grows, the last two tests ask for the golden file of what is new:

    .venv/bin/python -m tests.golden.write NAME     (see there; NAME is the revision's)
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json, to_json

from services.alert_ingest.domain.parsing import Received, receive
from shared.contract.asyncapi import document
from shared.contract.cloudevents import CloudEvent, compose, data_as, parse, structured_form
from shared.contract.events import ANOMALY_DETECTED, Level
from shared.contract.platforms import PLATFORM_HEARTBEAT
from tests.golden.write import CONTRACT, example, form, models

NOW = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)
PLATFORMS = CONTRACT / "anomaly.detected"
TOLD = sorted(path for path in CONTRACT.glob("*/*.json") if path.parent != PLATFORMS)


def named(path: Path) -> str:
    return f"{path.parent.name} {path.stem}"


def golden(type_: str, revision: str) -> Any:
    """What the golden event tells, as the present models read it."""
    event = parse(CloudEvent, (CONTRACT / type_ / f"{revision}.json").read_bytes())
    return data_as(models()[event.type], event)


def lost(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """The fields of `before` that `after` does not have, or has with another value."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            yield from lost(value, after.get(name, "nothing"), f"{path}/{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            yield from lost(one, other, f"{path}/*")
    elif before != after:
        yield f"{path}: {before!r} became {after!r}"


@pytest.mark.parametrize("path", TOLD, ids=named)
def test_what_was_told_is_read_and_would_be_told_again(path: Path) -> None:
    """A field that was removed, renamed, retyped or has come to be required is noticed here."""
    before = from_json(path.read_bytes())
    event = parse(CloudEvent, path.read_bytes())
    data = data_as(models()[event.type], event)
    again = compose(
        topic="alerts", source=event.source, type_=event.type, enterprise=event.subject or "", time=NOW, data=data
    )
    assert list(lost(before["data"], from_json(again.value)["data"])) == []
    assert f"cn.tricolor.{path.parent.name}.v1" == event.type


def test_what_was_not_told_yet_is_known_for_that() -> None:
    first = golden("alert.graded", "5b7bf56")
    assert (first.grading.source, first.grading.own_rule, first.grading.causes) == (None, None, [])
    assert golden("alert.graded", "faa8419").grading.upgraded_from is Level.WHITE
    assert golden("case.opened", "5b7bf56").revision == 0
    assert golden("case.opened", "bc6a296").revision == 2
    started = golden("deadline.started", "5b7bf56")
    assert (started.version, started.previous_due_at) == (0, None)
    assert golden("deadline.started", "68ca57c").version == 2


def anomalies() -> dict[str, Received]:
    """The golden anomaly in each way that a platform may send it, as the intake takes it in."""
    return {
        path.stem: receive(
            structured_form(
                to_json(message["body"]), [(name, value.encode()) for name, value in message["headers"].items()]
            ),
            now=NOW,
            categories={"gas_daily_mean_exceedance"},
            future_tolerance=timedelta(minutes=10),
            limit=10_000,
        )
        for path in PLATFORMS.glob("*.json")
        for message in [from_json(path.read_bytes())]
    }


def test_an_anomaly_is_the_same_in_every_mode() -> None:
    received = anomalies()
    assert set(received) == {"structured", "binary-kafka", "binary-http", "sparse"}
    whole = [received[name] for name in ("structured", "binary-kafka", "binary-http")]
    assert len({(one.identity, one.content_hash, one.occurrence) for one in whole}) == 1
    data = whole[0].event.data
    assert (data.observed, data.limit, data.evidence[0]["kind"]) == (61.2, 50.0, "curve")
    assert received["sparse"].occurrence.outlet == "91440300MA5EXAMPLE/DA001"


def test_every_type_of_the_contract_has_a_golden_file() -> None:
    """In the form it has now, whole and sparse: what is not kept now cannot be read later."""
    types = set(document()["components"]["messages"])
    assert types == set(models()) | {ANOMALY_DETECTED, PLATFORM_HEARTBEAT}  # what platforms write
    missing = [
        f"{type_} {'sparse' if sparse else 'whole'}"
        for type_, model in models().items()
        for sparse in (False, True)
        if form(from_json(model.model_validate_json(example(model, sparse=sparse)).model_dump_json()))
        not in [
            form(from_json(path.read_bytes())["data"])
            for path in (CONTRACT / type_.removeprefix("cn.tricolor.").removesuffix(".v1")).glob("*.json")
        ]
    ]
    assert missing == [], "write them: .venv/bin/python -m tests.golden.write NAME"
