"""Playing the demonstration: the system, a monitoring platform, the people, and the board, until Ctrl-C."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic_core import from_json
from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from services import runner
from services.demo import story
from services.demo.actors import Actors
from services.demo.board import PROMISES, Board
from services.sample.anomalies import MIX, Pattern, anomaly, push
from services.sample.district import District, Enterprise, district
from services.sample.loading import load
from shared.contract.events import Topic
from shared.contract.roles import Role
from shared.messaging.kafka import first_of
from shared.runtime.demonstrations import FASTEST, note_time, noted_time, require_demonstration
from shared.settings import Settings
from shared.time.clock import ScaledClock, SystemClock
from shared.time.instants import shown
from shared.web.development_issuer import DevelopmentIssuer

_TIME_SECONDS = 0.5
_LATECOMERS_SECONDS = 60


async def play(*, settings: Settings, data: Path, port: int, stay: bool) -> bool:
    """Show the story once, then go on until Ctrl-C (or end, without `stay`).

    Answers whether every promise of the board was seen kept. Raises UnsuitableData before anything is written.
    """
    require_demonstration(data, settings.database_url)
    console = Console()
    clock, first = _resume(data)
    console.print("[dim]PostgreSQL, broker and services are starting …[/]")
    stopping = asyncio.Event()
    runner.stop_on_signals(stopping)
    async with (
        runner.running(
            "all", settings=settings, clock=clock, data=data, host="127.0.0.1", port=port, stopping=stopping
        ) as system,
        AsyncExitStack() as stack,
    ):
        if not await runner.until_ready(system):
            return False
        runner.freeze_heap()
        pages = f"{system.http}/"
        console.print(_invitation(pages))
        if not console.is_terminal:  # where the board stands, which names them
            _print_whole(console, "  ".join(f"{name} {value}" for name, value in system.addresses().items()))
        sample = district()
        neglected = {sample.enterprises[scene.enterprise].code for scene in story.SCENES if scene.neglected}
        issuer = DevelopmentIssuer(data)
        extended = {sample.enterprises[scene.enterprise].code for scene in story.SCENES if scene.extended}
        actors = Actors(
            http=system.http,
            issuer=issuer,
            audience=settings.oidc_audience,
            clock=clock,
            neglected=neglected,
            extended=extended,
        )
        stack.push_async_callback(actors.stop)
        admin = await stack.enter_async_context(actors.app(Role.ADMIN, "demonstration"))
        dispatcher = system.services["dispatcher"]
        await load(dispatcher.database, dispatcher.outbox, clock, settings.topic_prefix)
        board = Board(system.addresses(), pages, await _found(admin, first))
        kafka = settings.kafka_client(system.kafka)
        producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **kafka)
        topics = [settings.topic(topic) for topic in (Topic.ALERTS, Topic.CASES, Topic.DEADLINES)]
        listener = AIOKafkaConsumer(
            *topics, auto_offset_reset="latest", isolation_level="read_committed", fetch_max_wait_ms=100, **kafka
        )
        for client in (producer, listener):
            await client.start()
            stack.push_async_callback(client.stop)
        show = await stack.enter_async_context(_shown(console, board, clock))
        async with asyncio.TaskGroup() as group:
            parts = [
                group.create_task(_listen(listener, board, actors, show)),
                group.create_task(_feed(producer, settings, sample, clock)),
                group.create_task(_keep_time(data, clock)),
                group.create_task(_count_reminders(admin, board)),
            ]
            await _direct(clock, system.stopping, board, stay=stay)
            for part in parts:
                part.cancel()
    missing = [promise for promise in PROMISES if promise not in board.kept]
    console.print(f"[dim]stopped at {shown(clock.now())}; data is kept in {data}[/]")
    for promise in () if stay else missing:  # who leaves early knows that they did
        console.print(f"not seen: {promise}")
    return not missing


async def _direct(clock: ScaledClock, stopping: asyncio.Event, board: Board, *, stay: bool) -> None:
    """Turn the speed: readable while people work, hurried through the days that follow, readable again after.

    Without `stay` it ends once all is seen; where the machine is busy, that is some time after the story.
    """
    opened = clock.now()
    for factor, until in ((story.READABLE, story.LAST_READABLE), (story.HURRIED, story.END)):
        clock.set_factor(factor)
        if await first_of(stopping, clock.real_seconds(opened + until - clock.now())):
            return
    clock.set_factor(story.READABLE)
    if stay:
        await stopping.wait()
        return
    for _ in range(_LATECOMERS_SECONDS):
        if board.kept.issuperset(PROMISES) or await first_of(stopping, 1.0):
            return


async def _feed(producer: AIOKafkaProducer, settings: Settings, sample: District, clock: ScaledClock) -> None:
    """A monitoring platform: the scenes of the story at their times, and the everyday between them."""
    opened, choice = clock.now(), random.Random()  # noqa: S311  a demonstration
    topic = settings.topic(Topic.ANOMALY_EVENTS)
    leading = {scene.enterprise for scene in story.SCENES}
    everyday = [one for number, one in enumerate(sample.enterprises) if number not in leading]

    async def send(pattern: Pattern, enterprise: Enterprise) -> None:
        event = anomaly(pattern, enterprise, enterprise.outlets[0], clock.now(), choice)
        await push(producer, topic, enterprise, event)

    for scene in story.SCENES:
        await asyncio.sleep(max(0.0, clock.real_seconds(opened + scene.after - clock.now())))
        await send(scene.pattern, sample.enterprises[scene.enterprise])
    while True:
        await asyncio.sleep(choice.uniform(0.5, 3.0))
        await send(choice.choice(MIX), choice.choice(everyday))


async def _listen(listener: AIOKafkaConsumer, board: Board, actors: Actors, show: Callable[[Text], None]) -> None:
    async for message in listener:
        event = from_json(message.value)
        show(board.hear(event))
        actors.hear(event)


async def _keep_time(data: Path, clock: ScaledClock) -> None:
    """Note the demonstration's time, so that the next one goes on after it."""
    while True:
        note_time(data, clock.now())
        await asyncio.sleep(_TIME_SECONDS)


async def _count_reminders(admin: httpx.AsyncClient, board: Board) -> None:
    while True:
        answer = await admin.get("/v1/notices", params={"purpose": "white_reminder", "limit": 1})
        board.reminded(any(notice["sent_at"] for notice in answer.json()["items"]))
        await asyncio.sleep(1)


async def _found(admin: httpx.AsyncClient, first: bool) -> str:
    """A line on what an earlier demonstration left, to see that nothing is lost."""
    if first:
        return "first run"
    number = still_open = 0
    cursor: str | None = ""
    while cursor is not None:
        page = (await admin.get("/v1/cases", params={"limit": 500} | ({"cursor": cursor} if cursor else {}))).json()
        number += len(page["items"])
        still_open += sum(case["closed_at"] is None for case in page["items"])
        cursor = page["next"]
    return f"found again: {number} cases, {still_open} open"


def _resume(data: Path) -> tuple[ScaledClock, bool]:
    """The clock, standing at the story's opening or at the first morning after the last demonstration.

    Notes its time before anything is written: from now on the directory holds a demonstration.
    """
    data.mkdir(parents=True, exist_ok=True)
    noted = noted_time(data)
    opening = story.opening(SystemClock().now()) if noted is None else story.next_morning(noted)
    clock = ScaledClock(opening, 1, fastest=FASTEST)
    note_time(data, clock.now())
    return clock, noted is None


def _print_whole(console: Console, line: Text | str) -> None:
    """Print a line as one, however long: a file has no width."""
    console.print(line, soft_wrap=True, highlight=False)


def _invitation(pages: str) -> Panel:
    """Where to look, before anything scrolls."""
    return Panel(
        Text.assemble(
            ("在浏览器打开 · open in a browser   ", "bold"),
            (pages, "bold underline"),
            "\n值班控制台 the console；现场执法 field app: /field；企业端 enterprise: /enterprise。"
            "以样例人员身份登录 · sign in as anybody of the sample",
        ),
        title="三色预警响应 Tricolor",
    )


@asynccontextmanager
async def _shown(console: Console, board: Board, clock: ScaledClock) -> AsyncIterator[Callable[[Text], None]]:
    """The live board on a terminal; plain lines where the output goes into a file."""
    if not console.is_terminal:
        yield partial(_print_whole, console)
        return

    def picture() -> RenderableType:
        return board.render(clock.now(), clock.factor, console.height)

    with Live(console=console, screen=True, refresh_per_second=4, get_renderable=picture):
        yield lambda line: None
