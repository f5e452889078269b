"""POST /v1/events: the three forms, what is refused before it is read, and what an independent client sends."""

from codecs import BOM_UTF8
from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from pydantic_core import to_json

from shared.contract.cloudevents import BATCH, STRUCTURED
from shared.contract.roles import Role
from tests.integration.alert_ingest.conftest import App
from tests.unit.alert_ingest.domain.test_parsing import EVENT, IN_BASE64, changed

ATTRIBUTES = {name: value for name, value in EVENT.items() if name not in ("data", "specversion", "time")}


def sdk_event() -> CloudEvent:
    """The contract's example as the CloudEvents SDK builds it."""
    attributes = {**ATTRIBUTES, "specversion": "1.0", "time": datetime.fromisoformat(EVENT["time"])}
    return CloudEvent(attributes=attributes, data=EVENT["data"])


async def push(app: App, content: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    answer = await app(Role.PLATFORM, "sample").post(
        "/v1/events", content=content, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    return answer.status_code, answer.json()


@pytest.mark.parametrize("form", [to_structured_event, to_binary_event])
async def test_the_cloudevents_sdk_is_understood(app: App, form: Any) -> None:
    message = form(sdk_event())
    answer = await app(Role.PLATFORM, "sdk").post("/v1/events", content=message.body, headers=message.headers)
    assert answer.status_code == 202
    (result,) = answer.json()["results"]
    assert (result["id"], result["status"], result["level"]) == ("5d1c", "accepted", "red")


async def test_structured_and_binary_are_the_same_event(app: App) -> None:
    platform = app(Role.PLATFORM, "sdk")
    statuses = []
    for message in (to_structured_event(sdk_event()), to_binary_event(sdk_event())):
        answer = await platform.post("/v1/events", content=message.body, headers=message.headers)
        statuses.append(answer.json()["results"][0]["status"])
    assert statuses == ["accepted", "duplicate"]


async def test_every_form_of_the_structured_event_is_the_same_event(app: App) -> None:
    """The same forms over Kafka are a matter of `structured_form`, whose test names them all."""
    statuses = []
    for body, headers in (
        (BOM_UTF8 + to_json(EVENT), {"content_type": f"{STRUCTURED}; charset=utf-8", "ce_specversion": "1.0"}),
        (to_json(IN_BASE64), {"content_type": STRUCTURED}),
        (BOM_UTF8 + to_json([IN_BASE64]), {"content_type": BATCH}),
    ):
        _, answer = await push(app, body, **headers)
        statuses.append(answer["results"][0]["status"])
    assert statuses == ["accepted", "duplicate", "duplicate"]


async def test_attributes_in_headers_may_be_percent_encoded(app: App) -> None:
    headers = {f"ce-{name}": str(value) for name, value in EVENT.items() if name not in ("data", "datacontenttype")}
    encoded = headers | {"ce-id": "%E5%BC%82%E5%B8%B8-1", "content-type": "application/json"}
    answer = await app(Role.PLATFORM, "p").post("/v1/events", content=to_json(EVENT["data"]), headers=encoded)
    assert answer.json()["results"][0]["id"] == "异常-1"


async def test_the_stored_alert_explains_itself(app: App) -> None:
    _, answer = await push(app, to_json(EVENT), content_type=STRUCTURED)
    (result,) = answer["results"]
    alert = (await app(Role.AUDITOR, "a").get(f"/v1/alerts/{result['alert_id']}")).json()
    assert alert["event"] == EVENT
    assert alert["received_at"] == "2026-11-23T09:05:00+08:00"
    assert alert["grading"]["rule"] == "gas_daily_mean_exceedance"
    assert alert["grading"]["stated"] is True
    assert "61.2" in alert["grading"]["reason"]["zh"]
    assert [doubt["code"] for doubt in alert["doubts"]] == ["credit-code-check", "enterprise-unregistered"]
    assert (alert["repeats"], alert["case_id"]) == (0, None)


async def test_a_batch_answers_for_each_event(app: App) -> None:
    other = changed(outlet={"mn": "B1"}) | {"id": "2"}
    batch = [EVENT, EVENT, changed(category="noise") | {"id": "3"}, other, other | {"id": "4"}, "no event"]
    status, answer = await push(app, to_json(batch), content_type=BATCH)
    assert status == 202
    assert [result["status"] for result in answer["results"]] == [
        "accepted",
        "duplicate",
        "refused",
        "accepted",
        "repeat",
        "refused",
    ]
    assert answer["results"][2]["error"]["code"] == "unknown-category"
    assert answer["results"][5]["error"]["code"] == "not-cloudevents"


@pytest.mark.parametrize(
    ("content", "content_type", "status", "slug"),
    [
        pytest.param(to_json(EVENT), "application/json", 415, "unsupported-media-type", id="plain JSON"),
        pytest.param(to_json(EVENT), "text/plain", 415, "unsupported-media-type", id="text"),
        pytest.param(b"x" * (256 * 1024 + 1), STRUCTURED, 413, "too-large", id="large body"),
        pytest.param(to_json([EVENT] * 1001), BATCH, 413, "too-large", id="1,001 events"),
        pytest.param(b"[", BATCH, 422, "not-json", id="broken batch"),
        pytest.param(b"{}", BATCH, 422, "not-cloudevents", id="object for a batch"),
        pytest.param(b"[]", BATCH, 422, "not-cloudevents", id="empty batch"),
        pytest.param(b"", STRUCTURED, 422, "not-json", id="empty body"),
    ],
)
async def test_what_is_no_event_is_a_problem(
    app: App, content: bytes, content_type: str, status: int, slug: str
) -> None:
    got, answer = await push(app, content, content_type=content_type)
    assert (got, answer["type"]) == (status, f"urn:tricolor:problem:{slug}")


async def test_only_platforms_push(app: App) -> None:
    for role in (Role.ENTERPRISE, Role.OFFICER, Role.AUDITOR):
        answer = await app(role, "x").post("/v1/events", content=to_json(EVENT), headers={"content-type": STRUCTURED})
        assert answer.status_code == 403
    anonymous = app(Role.PLATFORM, "x")
    for headers, status in (({}, 401), ({"Authorization": "Bearer x.y.z"}, 401), ({"X-API-Key": "a-key"}, 202)):
        anonymous.headers.pop("Authorization", None)
        answer = await anonymous.post(
            "/v1/events", content=to_json(EVENT), headers={"content-type": STRUCTURED, **headers}
        )
        assert answer.status_code == status, headers


async def test_a_refused_event_of_a_batch_is_named_by_its_id(app: App) -> None:
    batch = [
        EVENT,
        EVENT | {"id": "no-type", "type": "something"},
        changed(category="unheard-of") | {"id": "category"},
        changed(window={"start": "20261122"}) | {"id": "digits"},
        EVENT | {"id": "both", "data_base64": "e30="},
        {"id": "bare"},
        EVENT | {"id": "long", "data": EVENT["data"] | {"note": "x" * 300_000}},
        EVENT | {"id": 7},
        7,
    ]
    status, answer = await push(app, to_json(batch), content_type=BATCH)
    assert status == 202
    assert [result["id"] for result in answer["results"]] == [
        "5d1c",
        "no-type",
        "category",
        "digits",
        "both",
        "bare",
        "long",
        None,
        None,
    ]
    assert {result["status"] for result in answer["results"][1:]} == {"refused"}
    assert "a time is a text" in answer["results"][3]["error"]["detail"]


async def test_a_binary_event_whose_body_is_not_json_is_named_by_its_header(app: App) -> None:
    headers = {"ce_specversion": "1.0", "ce_id": "b-1", "ce_source": "/platforms/a", "content_type": "application/json"}
    status, answer = await push(app, b"{", **headers)
    assert (status, answer["results"][0]["id"]) == (422, "b-1")


async def test_why_an_event_was_refused_is_told_in_the_senders_language(app: App) -> None:
    batch = to_json([EVENT, changed(category="unheard-of") | {"id": "other"}])
    for language, words in (("zh", "不在规则库中"), ("en", "is not in the rule book")):
        _, answer = await push(app, batch, content_type=BATCH, accept_language=language)
        assert words in answer["results"][1]["error"]["detail"]
        assert answer["results"][1]["error"]["code"] == "unknown-category"


async def test_an_event_of_a_batch_with_a_key_twice_is_refused_alone(app: App) -> None:
    twice = to_json(EVENT | {"id": "twice"}).replace(b'"observed":', b'"observed":1,"observed":')
    status, answer = await push(app, b"[" + to_json(EVENT) + b" , " + twice + b"]", content_type=BATCH)
    first, second = answer["results"]
    assert (status, first["status"]) == (202, "accepted")
    assert (second["id"], second["status"], second["error"]["code"]) == ("twice", "refused", "not-json")
    assert "'observed' stands twice" in second["error"]["detail"]
