"""What 5,000 officers cost who poll every ten seconds while one answer in a hundred changes, beside a bare route."""

import asyncio
import sys
import time
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Self

from sqlalchemy import text

from benchmarks.dispatching import prepared
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.embedded import EmbeddedPostgres
from shared.storage.database import Database
from shared.time.clock import SystemClock
from shared.time.instants import SHANGHAI
from shared.web.development_issuer import DevelopmentIssuer

OFFICERS, EVERY_SECONDS, ROUNDS = 5_000, 10, 4
CONNECTIONS = 200
_CHANGED = 0.01

# Three open cases an officer, and who has them.
_OFFICERS = """
    insert into dispatch.officers (code, name, station, certified, on_duty, skills, updated_at)
    select 'o' || n, '执法员' || n, 's' || lpad((n % 20)::text, 2, '0'), true, true, '{}', :now
      from generate_series(0, :officers - 1) as n
"""
_CASES = """
    with new as (
        insert into dispatch.cases (case_id, enterprise_code, alert_id, kind, level, state, station, category,
                                    issued_at, opened_at, due_at, due_text, revision)
        select gen_random_uuid(), 'E' || lpad((n % 1000)::text, 5, '0'), gen_random_uuid(), 'on_site', 'red',
               'assigned', 's' || lpad((n % 20)::text, 2, '0'), 'gas_daily_mean_exceedance', :now, :now, :now, 'due', 2
          from generate_series(1, :cases) as n
        returning case_id, enterprise_code),
    numbered as (select *, row_number() over () as n from new)
    insert into dispatch.assignments (assignment_id, case_id, enterprise_code, officer, part, state, round, offered_at,
                                      explanation)
    select gen_random_uuid(), case_id, enterprise_code, 'o' || ((n * 2 + k) % :officers),
           case k when 0 then 'lead' else 'second' end, 'assigned', 1, :now, '{}'
      from numbered, generate_series(0, 1) as k
"""


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print p99 and processor time of both, and the ratio."""
    now = datetime(2026, 3, 3, 9, 0, tzinfo=SHANGHAI)
    desk = await prepared(postgres.url(), now)
    async with desk.database.transaction() as connection:
        await connection.execute(text(_OFFICERS), {"now": now, "officers": OFFICERS})
        await connection.execute(text(_CASES), {"now": now, "cases": OFFICERS * 3 // 2, "officers": OFFICERS})
    async with desk.database.autocommit() as connection:
        await connection.execute(text("vacuum analyze"))
    with TemporaryDirectory() as directory:
        data = Path(directory)
        issuer = DevelopmentIssuer(data)
        tokens = [
            issuer.token(Principal(role=Role.OFFICER, subject=f"o{n}"), "tricolor", SystemClock().now())
            for n in range(OFFICERS)
        ]
        bare = await _Served.started("bare", postgres, data, [f"/v1/officers/o{n}" for n in range(OFFICERS)], tokens)
        feed = await _Served.started("feed", postgres, data, ["/v1/assignments"] * OFFICERS, tokens)
        for _ in range(ROUNDS):
            await bare.measured(None)
            await feed.measured(desk.database)
        for name, served in (("a bare route (base)", bare), ("the assignment feed", feed)):
            await served.ended()
            changed = f", {served.changed:.1%} changed" if served is feed else ""
            print(
                f"{name + ':':34} p50 {served.percentile(50) * 1000:6.1f}  p99 {served.percentile(99) * 1000:6.1f} ms,"
                f" {served.processor:.0%} of a core{changed}"
            )
    print(
        f"ratio:                             p50 {feed.percentile(50) / bare.percentile(50):.2f},"
        f" p99 {feed.percentile(99) / bare.percentile(99):.2f}, processor {feed.processor / bare.processor:.2f}"
    )
    await desk.database.close()


class _Served:
    """A server of its own that is polled in rounds, in turn with the other: a slow minute of the machine hits both."""

    def __init__(self, process: asyncio.subprocess.Process, polls: "Polls") -> None:
        self._process, self._polls = process, polls
        self._used = self._elapsed = 0.0

    @classmethod
    async def started(
        cls, kind: str, postgres: EmbeddedPostgres, data: Path, paths: list[str], tokens: list[str]
    ) -> Self:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.polling_server", kind, postgres.url(), str(data)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        polls = Polls(int(await process.stdout.readline()), paths, tokens)
        await polls.run(OFFICERS / 500, 1.0)  # everybody once, to know what they know
        polls.forget()
        return cls(process, polls)

    async def measured(self, changing: Database | None) -> None:
        """One round of everybody's polls, while `changing` changes."""
        before, began = await self._processor_seconds(), time.monotonic()
        changer = asyncio.create_task(_change(changing)) if changing else None
        await self._polls.run(EVERY_SECONDS, OFFICERS / EVERY_SECONDS / 500)
        self._elapsed += time.monotonic() - began
        if changer is not None:
            changer.cancel()
        self._used += await self._processor_seconds() - before

    async def ended(self) -> None:
        await self._process.communicate(b"")  # which ends its input
        assert self._process.returncode == 0

    def percentile(self, share: int) -> float:
        """Seconds from when a poll was due until its answer."""
        return quantiles(self._polls.seconds, n=100)[share - 1]

    @property
    def changed(self) -> float:
        return self._polls.changed / len(self._polls.seconds)

    @property
    def processor(self) -> float:
        return self._used / self._elapsed

    async def _processor_seconds(self) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        return float(await self._process.stdout.readline())


class Polls:
    """Every officer polls in turn over a few kept connections; a poll is late from the moment that it was due."""

    def __init__(self, port: int, paths: list[str], tokens: list[str]) -> None:
        self._port, self._paths, self._tokens = port, paths, tokens
        self._known: dict[int, str] = {}
        self._due: asyncio.Queue[tuple[int, float]] = asyncio.Queue()
        self.seconds: list[float] = []
        self.changed = 0

    def forget(self) -> None:
        self.seconds, self.changed = [], 0

    async def run(self, seconds: float, pace: float) -> None:
        """500 polls a second times `pace`."""
        workers = [asyncio.create_task(self._work()) for _ in range(CONNECTIONS)]
        began, number = time.monotonic(), 0
        while (now := time.monotonic()) - began < seconds:
            while number < (now - began) * 500 * pace:
                self._due.put_nowait((number % len(self._paths), began + number / 500 / pace))
                number += 1
            await asyncio.sleep(0.002)
        await self._due.join()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while True:
                officer, due = await self._due.get()
                status = await self._poll(reader, writer, officer)
                self.seconds.append(time.monotonic() - due)
                self.changed += status == 200 and bool(self._known)
                self._due.task_done()
        finally:
            writer.close()

    async def _poll(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, officer: int) -> int:
        known = f"If-None-Match: {self._known[officer]}\r\n" if officer in self._known else ""
        writer.write(
            f"GET {self._paths[officer]} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._tokens[officer]}\r\n"
            f"{known}\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        await reader.readexactly(int(headers.get("content-length", 0)))
        status = int(head[0].split()[1])
        assert status in {200, 304}, head
        if "etag" in headers:
            self._known[officer] = headers["etag"]
        return status


async def _change(database: Database) -> None:
    """As many cases move on as make one poll in a hundred see something new."""
    a_second = OFFICERS / EVERY_SECONDS * _CHANGED / 2  # each case has two officers
    number = 0
    while True:
        async with database.transaction() as connection:
            await connection.execute(
                text(
                    "update dispatch.cases set revision = revision + 1 where case_id ="
                    " (select case_id from dispatch.assignments where officer = :officer limit 1)"
                ),
                {"officer": f"o{number * 7 % OFFICERS}"},
            )
        number += 1
        await asyncio.sleep(1 / a_second)
