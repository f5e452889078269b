"""The command `tricolor`, as a process of its own."""

import asyncio
import os
import sys
from pathlib import Path


async def tricolor(*arguments: str | Path, url: str = "") -> tuple[int, str, str]:
    """The exit code, and what stands on standard output and standard error."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRICOLOR_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from services.cli import main; main()",
        *map(str, arguments),
        env=environment | {"TRICOLOR_DATABASE_URL": url, "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
