"""What a process logs while nothing works: neither its own credentials nor those that callers show."""

import socket
from pathlib import Path

import httpx

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
