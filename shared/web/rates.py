"""How often somebody may ask: so many requests a minute for each person, platform, and address without a name.

Counted in memory, by each process for itself. With several processes a caller may ask so many times more often; that
bounds what one of them is made to do, which is what it is for. A store that all share would cost every request a round
trip, and be one more thing without which nothing is answered.
"""

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from math import ceil, floor
from time import time
from typing import Any, Literal, NamedTuple, Self

from shared.settings import Settings
from shared.web.problems import Problem

Kind = Literal["person", "platform", "address"]
_SCOPE_KEY = "tricolor.rate"
_RATE = re.compile(r"([0-9]+)\s*(?:/|per)\s*([1-9][0-9]*)?\s*(second|minute|hour|day|month|year)s?", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "month": 2_592_000, "year": 31_104_000}


class Rate(NamedTuple):
    """So many requests in so many seconds."""

    amount: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `6000/minute`, `100 per 2 hours`. Raises ValueError."""
        match = _RATE.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"'{text}' is no rate of requests: write one as 6000/minute or 100 per 2 hours")
        return cls(int(match[1]), int(match[2] or 1) * _SECONDS[match[3].lower()])


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a caller's requests."""

    kind: Kind
    quota: int
    window_seconds: int
    left: int
    again_in_seconds: int

    @property
    def headers(self) -> Mapping[str, str]:
        """As the IETF's draft on RateLimit fields (draft-ietf-httpapi-ratelimit-headers) has it."""
        return {
            "RateLimit-Policy": f'"{self.kind}";q={self.quota};w={self.window_seconds}',
            "RateLimit": f'"{self.kind}";r={self.left};t={self.again_in_seconds}',
        }


class Windows:
    """Counts who asks in windows of time. Of the window before, as much counts as is not over for as long as one lasts.

    Nothing is forgotten by a thread, as in the package `limits`: while one starts, nothing else of the process is done.
    """

    def __init__(self, rate: Rate) -> None:
        self.amount, self.seconds = rate
        self._window, self._counts, self._before = 0, dict[str, int](), dict[str, int]()

    def count(self, who: str, now: float) -> tuple[bool, int, float]:
        """Count a request, if it is allowed; answer whether it is, how many are left, and in how long it is more."""
        window, passed = divmod(now, self.seconds)
        if window != self._window:
            self._before = self._counts if window == self._window + 1 else {}
            self._counts, self._window = {}, int(window)
        ahead, before, counted = self.seconds - passed, self._before.get(who, 0), self._counts.get(who, 0)
        weight = before * ahead / self.seconds
        allowed = floor(weight + counted) < self.amount
        if allowed:
            counted = self._counts[who] = counted + 1
        again = ahead % (self.seconds / before) if before else ahead
        return allowed, max(self.amount - floor(weight + counted), 0), again


class Rates:
    """Counts requests by who asks."""

    def __init__(self, limits: Mapping[Kind, str]) -> None:
        """`limits` as `6000/minute`; a kind without one asks as often as it likes."""
        self._windows: dict[Kind, Windows] = {kind: Windows(Rate.parse(text)) for kind, text in limits.items()}

    @classmethod
    def from_settings(cls, settings: Settings) -> "Rates":
        given: dict[Kind, str | None] = {
            "person": settings.person_rate,
            "platform": settings.platform_rate,
            "address": settings.address_rate,
        }
        return cls({kind: text for kind, text in given.items() if text})

    def count(self, scope: MutableMapping[str, Any], kind: Kind, who: str) -> None:
        """Count a request; the answer to it says what is left. Raises Problem 429."""
        windows = self._windows.get(kind)
        if windows is None:
            return
        allowed, left, seconds = windows.count(who, time())
        again = max(ceil(seconds), 1)
        scope[_SCOPE_KEY] = Standing(kind, windows.amount, windows.seconds, left, again)
        if not allowed:
            raise Problem(
                429,
                "too-many-requests",
                "Too many requests",
                f"More than {windows.amount} requests in {windows.seconds} seconds; wait {again} seconds.",
                headers={"Retry-After": str(again)},
            )


def headers_of(scope: Mapping[str, Any]) -> Mapping[str, str]:
    """What an answer says of the caller's requests, if they were counted."""
    standing = scope.get(_SCOPE_KEY)
    return standing.headers if isinstance(standing, Standing) else {}
