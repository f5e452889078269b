"""How often somebody may ask: so many requests a minute for each person, platform, and address without a name.

Counted in memory, by each process for itself. With several processes a caller may ask so many times more often; that
bounds what one of them is made to do, which is what it is for. A store that all share would cost every request a round
trip, and be one more thing without which nothing is answered.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from math import ceil
from time import time
from typing import Any, Literal

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from shared.settings import Settings
from shared.web.problems import Problem

Kind = Literal["person", "platform", "address"]
_SCOPE_KEY = "tricolor.rate"


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


class Rates:
    """Counts requests by who asks."""

    def __init__(self, limits: Mapping[Kind, str]) -> None:
        """`limits` as `6000/minute`; a kind without one asks as often as it likes."""
        self._limits: dict[Kind, RateLimitItem] = {kind: parse(text) for kind, text in limits.items()}
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

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
        limit = self._limits.get(kind)
        if limit is None:
            return
        allowed = self._limiter.hit(limit, kind, who)
        stats = self._limiter.get_window_stats(limit, kind, who)
        again = max(ceil(stats.reset_time - time()), 1)
        standing = Standing(kind, limit.amount, limit.get_expiry(), max(stats.remaining, 0), again)
        scope[_SCOPE_KEY] = standing
        if not allowed:
            raise Problem(
                429,
                "too-many-requests",
                "Too many requests",
                f"More than {limit.amount} requests in {limit.get_expiry()} seconds; wait {again} seconds.",
                headers={"Retry-After": str(again)},
            )


def headers_of(scope: Mapping[str, Any]) -> Mapping[str, str]:
    """What an answer says of the caller's requests, if they were counted."""
    standing = scope.get(_SCOPE_KEY)
    return standing.headers if isinstance(standing, Standing) else {}
