"""A clock that a test can shift under running processes: the host's, plus what a file says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path


class ShiftedClock:
    """The host's clock, off by the seconds written in `file`. It jumps as that does, forward and back."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()

    @property
    def offset(self) -> timedelta:
        return timedelta(seconds=float(self._file.read_text()))

    def shift(self, by: timedelta) -> None:
        """Jump. Replaced whole, so that no process reads half of it."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str((self.offset + by).total_seconds()))
        fresh.replace(self._file)

    def set_right(self) -> None:
        """Go by the host's clock."""
        self._file.write_text("0")
