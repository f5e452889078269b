"""`tricolor demo`, ended by Ctrl-C while a browser looks on: whole and without an error."""

import os
import re
import signal
import subprocess
from pathlib import Path

import httpx

from shared.contract.roles import Role
from tests.integration.running.processes import bearing, until
from tests.processes import SERVE

DEMO = [*SERVE[:-1], "demo"]


def test_ctrl_c_ends_it_under_the_eyes_of_a_browser(tmp_path: Path) -> None:
    out, log, data = tmp_path / "out", tmp_path / "log", tmp_path / "data"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRICOLOR_")}
    with (
        out.open("wb") as said,
        log.open("wb") as complained,
        subprocess.Popen(  # noqa: S603  our own
            [*DEMO, "--port", "0", "--data", str(data)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=complained,
        ) as process,
    ):
        try:
            until(lambda: "预警分级" in out.read_text() or process.poll() is not None)
            told, _, _ = out.read_text().partition("预警分级")
            address = re.search(r"http://127\.0\.0\.1:\d+", told)
            assert address is not None, log.read_text()[-4000:]  # before the first event scrolls it away
            headers = bearing(data, Role.SECTION, "section")
            with (
                httpx.Client(base_url=address[0], headers=headers, timeout=60) as browser,
                browser.stream("GET", "/console/v1/stream") as stream,
            ):
                lines = stream.iter_lines()
                assert next(lines) == "event: clock"
                process.send_signal(signal.SIGINT)
                list(lines)  # a stream that was cut would raise
            assert process.wait(timeout=60) == 0  # the machine may be busy with more than this
        finally:
            process.kill()
    assert "stopped at" in out.read_text()
    assert log.read_text() == ""
