"""How long `serve all --sample` takes until all is ready, on a database that has everything, beside a bare service.

The bare one is a FastAPI app with one route and a pool of asyncpg on the same PostgreSQL, served by uvicorn. In turns;
medians of the wall and of processor time.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from shared.runtime.embedded import EmbeddedPostgres

_TURNS = 5
_BARE = """
import asyncio, sys
from contextlib import asynccontextmanager
from pathlib import Path
import asyncpg, uvicorn
from fastapi import FastAPI

@asynccontextmanager
async def lifespan(app):
    async with asyncpg.create_pool(sys.argv[1].replace("+asyncpg", "")) as pool:
        await pool.fetchval("select 1")
        Path(sys.argv[2]).touch()
        yield

app = FastAPI(lifespan=lifespan)

@app.get("/")
async def index() -> int:
    return 1

uvicorn.run(app, port=0, log_level="error")
"""


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print the median of each, and their ratios."""
    with TemporaryDirectory() as directory:
        ready = Path(directory) / "ready"
        environment = os.environ | {"TRICOLOR_DATABASE_URL": postgres.url()}
        ours = [str(Path(sys.executable).with_name("tricolor")), "serve", "all", "--sample", "--port", "0"]
        ours += ["--data", directory, "--ready-file", str(ready)]
        bare = [sys.executable, "-c", _BARE, postgres.url(), str(ready)]
        _started(ours, environment, ready)  # the first start migrates, and loads the sample
        turns = [(_started(ours, environment, ready), _started(bare, environment, ready)) for _ in range(_TURNS)]
    for at, what in enumerate(("wall", "processor time")):
        own, base = ([turn[which][at] for turn in turns] for which in (0, 1))
        spread = ", ".join(f"{one / other:.1f}" for one, other in zip(own, base, strict=True))
        print(f"serve all, {what}: {median(own):.2f} s; bare service {median(base):.2f} s; ", end="")
        print(f"{median(own) / median(base):.1f} times ({spread})", flush=True)


def _started(command: Sequence[str], environment: dict[str, str], ready: Path) -> tuple[float, float]:
    """Seconds until a process is ready, of the wall and of its processor time."""
    ready.unlink(missing_ok=True)
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603  our own
    while not ready.exists():
        if process.poll() is not None:
            sys.exit(f"{command[:3]} ended with {process.returncode}")
        time.sleep(0.01)
    seconds = time.perf_counter() - began
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    process.send_signal(signal.SIGTERM)
    process.wait()
    return seconds, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
