"""The draw of self-reports for verification, provable by everybody. Topic `cases`."""

from uuid import UUID

from shared.contract.events.event_data import EventData
from shared.time.instants import CalendarDate, Instant

DRAW_COMMITTED = "cn.tricolor.draw.committed.v1"
DRAW_PUBLISHED = "cn.tricolor.draw.published.v1"


class DrawCommitted(EventData):
    """The SHA-256 of the secret under which the reports accepted on `day` (in Shanghai) are drawn for verification."""

    day: CalendarDate
    commitment: str
    at: Instant


class DrawnCase(EventData):
    """A case whose report was drawn: verified where it drew less than the share, or `repeat` whatever it drew.

    `number`: the first eight bytes, big-endian, of HMAC-SHA-256(secret, the 16 bytes of `case_id`), divided by 2^64.
    """

    case_id: UUID
    number: float
    share: float
    repeat: bool
    verified: bool
    drawn_at: Instant


class DrawPublished(EventData):
    """The secret of a day, in hexadecimal, and every draw made under it, for everybody to repeat."""

    day: CalendarDate
    commitment: str
    committed_at: Instant
    secret: str
    draws: list[DrawnCase] = []
    at: Instant
