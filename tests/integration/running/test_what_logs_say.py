"""What a process logs while nothing works: neither its own credentials nor those that callers show."""

import socket
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic_core import from_json

from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.time.clock import SystemClock
from shared.time.instants import shown
from shared.web.development_issuer import DevelopmentIssuer
from tests.integration.running.processes import started, until

OWN = ("s3cret-database", "s3cret-kafka", "s3cret-platform")
SHOWN = ("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxMzgwMDEzODAwMCJ9.c2lnbmF0dXJl", "tck_shown-by-a-caller-0123456789")


def test_a_log_holds_no_credentials(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "TRICOLOR_DATABASE_URL": f"postgresql://tricolor:{OWN[0]}@127.0.0.1:1/tricolor",
        "TRICOLOR_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "TRICOLOR_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "TRICOLOR_KAFKA_SASL_USERNAME": "tricolor",
        "TRICOLOR_KAFKA_SASL_PASSWORD": OWN[1],
        "TRICOLOR_PLATFORM_API_KEYS": f'{{"sample": "{OWN[2]}"}}',
    }
    with started(tmp_path, "ingest", port=port, **settings) as process:
        base = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            try:
                return httpx.get(f"{base}/healthz").is_success
            except httpx.TransportError:
                return False

        until(answers)
        for headers in ({"Authorization": f"Bearer {SHOWN[0]}"}, {"X-API-Key": SHOWN[1]}, {"X-API-Key": OWN[2]}):
            said = httpx.get(f"{base}/v1/alerts?enterprise=13800138000", headers=headers)
            assert said.status_code in (401, 503)
        ready = httpx.get(f"{base}/readyz")
        assert ready.status_code == 503
        until(lambda: "waiting" in process.log.read_text())
        log = process.log.read_text() + ready.text
    for secret in (*OWN, *SHOWN, "13800138000"):
        assert secret not in log


NAMES = ("王敬之", "欧阳雪梅", "诸葛明", "慕容秋水", "司徒远山")
PHONES = ("13912345678", "13887654321", "0755-27778888")
VENDOR = "vendor-s3cret"
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "/platforms/mine",
    "type": "cn.tricolor.anomaly.detected.v1",
    "data": {
        "category": "gas_daily_mean_exceedance",
        "district": "440306",
        "pollutant": {"code": "a21026", "name": "二氧化硫"},
        "period": "day",
        "observed": 161.2,
        "limit": 50.0,
        "unit": "mg/m3",
        "note": f"联系人{NAMES[0]}，电话{PHONES[0]}",
    },
}


def test_what_people_do_all_day_leaves_nobodys_name_number_or_token_in_a_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The main scenario over HTTP and Kafka, with vendors that do not answer and callers who make mistakes."""
    channel = f'{{"sms": {{"url": "http://tricolor:{VENDOR}@127.0.0.1:9/sms", "receipt_key": "{VENDOR}"}}}}'
    settings = {
        "TRICOLOR_NOTICE_CHANNELS": channel,
        "TRICOLOR_ENTERPRISE_CHANNEL_URL": f"http://127.0.0.1:9/?token={VENDOR}",
        "TRICOLOR_EVIDENCE_WEBHOOK": f"http://tricolor:{VENDOR}@127.0.0.1:9/",
        "TRICOLOR_OUTGOING_PRIVATE_NETWORKS": '["127.0.0.0/8"]',
    }
    with started(tmp_path, "all", port=0, **settings) as process:
        until(lambda: process.ready.exists() or process.process.poll() is not None)
        assert process.ready.exists(), process.log.read_text()[-4000:]
        http = from_json(process.ready.read_bytes())["http"]
        with ExitStack() as clients:
            key = _a_day(tmp_path, http, clients)
        until(lambda: "did not take the root" in process.log.read_text())
        process.process.terminate()
        assert process.process.wait(120) == 0
        log = process.log.read_text() + "".join(capfd.readouterr())
    tokens = [line for line in (tmp_path / "tokens").read_text().splitlines() if line]
    assert len(tokens) == 4
    for secret in (*NAMES, *PHONES, VENDOR, key, *tokens):
        assert secret not in log, [line for line in log.splitlines() if secret in line]


def _a_day(data: Path, http: str, clients: ExitStack) -> str:
    """An alert, its case, a report and a review, by people whose names and numbers are known; answers an API key."""

    def app(role: Role, subject: str, station: str | None = None) -> httpx.Client:
        principal = Principal(role=role, subject=subject, station=station)
        token = DevelopmentIssuer(data).token(principal, "tricolor", SystemClock().now())
        with (data / "tokens").open("a") as tokens:
            tokens.write(f"{token}\n")
        headers = {"Authorization": f"Bearer {token}"}
        return clients.enter_context(httpx.Client(base_url=http, headers=headers, timeout=60))

    code, station = "91440306MA5000001W", "xinan"
    admin, chief = app(Role.ADMIN, NAMES[4]), app(Role.STATION_CHIEF, NAMES[3], station=station)
    own, stranger = app(Role.ENTERPRISE, code), app(Role.ENTERPRISE, "91440300MA5OTHER00")
    contact = {"name": NAMES[0], "phone": PHONES[0], "role": "环保负责人"}
    enterprise: dict[str, Any] = {"name": "某电子有限公司", "district": "440306", "street": "新安", "station": station}
    enterprise |= {"contacts": [contact], "channels": [{"channel": "sms", "address": PHONES[0]}]}
    person: dict[str, Any] = {
        "station": station,
        "phone": PHONES[1],
        "channels": [{"channel": "sms", "address": PHONES[1]}],
    }
    for path, body in (
        (f"stations/{station}", {"name": "新安所", "district": "440306", "streets": ["新安"]}),
        ("officers/xinan-01", {"name": NAMES[1], **person}),
        ("officers/xinan-02", {"name": NAMES[2], **person}),
        (f"enterprises/{code}", enterprise),
    ):
        written = admin.put(f"/dispatch/v1/{path}", json=body)
        assert written.is_success, written.text
    made = admin.post("/ingest/v1/api-keys", json={"platform": "mine", "sources": ["/platforms/mine"]})
    key = str(made.json()["key"])
    window = {name: shown(SystemClock().now() - timedelta(days=days)) for name, days in (("start", 1), ("end", 0))}
    outlet = {"mn": "A440306000001", "medium": "gas"}
    event = EVENT | {
        "subject": code,
        "data": EVENT["data"] | {"enterprise": {"code": code, "name": "某电子"}, "outlet": outlet, "window": window},
    }
    headers = {"X-API-Key": key, "Content-Type": "application/cloudevents+json"}
    pushed = httpx.post(f"{http}/ingest/v1/events", json=event, headers=headers, timeout=60)
    assert pushed.is_success, pushed.text
    spoilt = event | {"id": "2", "data": {"note": NAMES[0] + PHONES[0]}}
    assert httpx.post(f"{http}/ingest/v1/events", json=spoilt, headers=headers, timeout=60).status_code == 422

    until(lambda: chief.get("/dispatch/v1/cases").json()["items"])
    (case,) = chief.get("/dispatch/v1/cases").json()["items"]
    path = f"/dispatch/v1/cases/{case['case_id']}"
    # Everybody makes mistakes: what is refused quotes what was sent, to whoever sent it.
    said = f"{NAMES[3]} {PHONES[2]}"
    mistakes = [
        stranger.get(path, params={"name": said}),
        chief.post(f"{path}/reassign", json={"reason": said, "team": [said]}),
        chief.post(f"{path}/suspend", json={"reason": 7, said: said}),
        chief.get(f"/dispatch/v1/enterprises/{PHONES[0]}"),
        own.post(f"{path}/self-report", json={"cause": said, "measures": said, "finished_at": said}),
        httpx.get(f"{http}{path}", headers={"Authorization": f"Bearer {own.headers['authorization'][7:-3]}aaa"}),
        httpx.get(f"{http}{path}?token={key}", headers={"X-API-Key": f"{key}x"}),
    ]
    assert all(400 <= answer.status_code < 500 for answer in mistakes), [answer.status_code for answer in mistakes]
    until(lambda: any(one["tried"] or one["failure"] for one in chief.get(f"{path}/notices").json()["items"]))
    return key
