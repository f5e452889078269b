"""Which data directories hold a demonstration: its clock runs ahead, so nothing real may be written beside it.

A demonstration notes its time in its directory from the first moment on; that note is the mark.
"""

from datetime import datetime
from pathlib import Path

from shared.runtime.unsuitable_data import UnsuitableData
from shared.time.clock import Clock, ScaledClock, SystemClock
from shared.time.instants import shown

FASTEST = 10_000.0
"""How many seconds may pass in a real one, at most."""
_NOTE = "demonstration-time"
_DATABASE = "postgres"


def is_demonstration(data: Path) -> bool:
    return (data / _NOTE).exists()


def has_database(data: Path) -> bool:
    """Whether an embedded database was ever made in `data`."""
    return (data / _DATABASE).exists()


def noted_time(data: Path) -> datetime | None:
    """The time that the demonstration in `data` has come to; None where there is none."""
    return datetime.fromisoformat((data / _NOTE).read_text()) if is_demonstration(data) else None


def note_time(data: Path, now: datetime) -> None:
    """Note what time the demonstration in `data` has come to, whole even where the process ends meanwhile."""
    fresh = data / f"{_NOTE}.new"
    fresh.write_text(shown(now))
    fresh.replace(data / _NOTE)


def clock_of(data: Path) -> Clock:
    """The clock that what is in `data` was written by: of a demonstration one that goes on from its time."""
    noted = noted_time(data)
    return SystemClock() if noted is None else ScaledClock(noted, 1, fastest=FASTEST)


def require_real(data: Path) -> None:
    """Raise UnsuitableData where a demonstration is: what the host's clock dates would stand before what is there."""
    if is_demonstration(data):
        raise UnsuitableData(
            f"{data} 是演示数据，演示的时钟比实际快，不能写入真实业务：请用 --data 另选目录，或删除 {data}。\n"
            f"{data} holds a demonstration, whose clock runs ahead, so nothing real is written there: "
            f"choose another directory with --data, or delete {data}."
        )


def require_demonstration(data: Path, database_url: str | None) -> None:
    """Raise UnsuitableData where a demonstration would be written among real data."""
    if database_url:
        raise UnsuitableData(
            "演示只使用自带的数据库，以免写入真实业务：请先取消环境变量 TRICOLOR_DATABASE_URL。\n"
            "A demonstration uses a database of its own, so that nothing of it comes among real data: "
            "unset TRICOLOR_DATABASE_URL first."
        )
    if has_database(data) and not is_demonstration(data):
        raise UnsuitableData(
            f"{data} 已有真实业务数据，演示不写入其中：请用 --data 另选目录。\n"
            f"{data} holds real data, and a demonstration is not written among them: "
            "choose another directory with --data."
        )
