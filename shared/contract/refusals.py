"""Refusals: what was asked for is not done, for a reason that the caller can understand and act on. Pure.

Domain and handlers raise them; `shared.web.problems` answers them as RFC 9457 problem details.
"""

from typing import Any, ClassVar


class Refusal(Exception):  # noqa: N818  a refusal is an answer
    """The root of the tree.

    `code` names the reason for programs and never changes; `title` is the kind of reason in a few words; `detail` tells
    a person what happened to this request; `members` (`allowed`, `state`, …) stand beside them in the answer.
    """

    title: ClassVar[str] = "Refused"

    def __init__(self, code: str, detail: str, *, title: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.code, self.detail, self.members = code, detail, members
        self.heading = title or self.title


class NotFound(Refusal):
    """It is not there, or not the caller's to see: the two look alike."""

    title = "Not found"

    def __init__(self, what: str, key: object) -> None:
        super().__init__("not-found", f"There is no {what} {key}, or it is not yours to see.")


class NotAllowed(Refusal):
    """The caller may see it, and may not do this."""

    title = "Not allowed"

    def __init__(self, detail: str, *, title: str | None = None, **members: Any) -> None:
        super().__init__("forbidden", detail, title=title, **members)


class Conflict(Refusal):
    """It does not fit the present state; `members` say what that is, and what is allowed now."""

    title = "Not possible now"


class Stale(Refusal):
    """It has changed since the caller looked at it; `members` say how it is now."""

    title = "Changed meanwhile"


class ConditionMissing(Refusal):
    """It would overwrite what is there, and does not say what the caller looked at (`If-Match`)."""

    title = "If-Match is required"


class Invalid(Refusal):
    """What was given cannot be used, now or later."""

    title = "Invalid request"


class TooLarge(Invalid):
    """There is more of it than is taken."""

    title = "Too large"


class Unsupported(Invalid):
    """It is of a kind that is not taken."""

    title = "Not taken"


class Unavailable(Refusal):
    """Something that this needs does not answer just now; nothing was applied, and the same works later."""

    title = "Not available just now"

    def __init__(
        self, code: str, detail: str, *, title: str | None = None, retry_after_seconds: int = 2, **members: Any
    ) -> None:
        super().__init__(code, detail, title=title, **members)
        self.retry_after_seconds = retry_after_seconds
