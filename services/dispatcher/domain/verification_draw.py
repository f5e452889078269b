"""The verification draw (真实性核查抽签): which accepted self-reports officers verify on site. Pure.

The number of a case is the HMAC-SHA-256 of its identifier under the secret of the day (in Shanghai) on which its report
was accepted. The SHA-256 of the secret was published before the day began, so that nobody can change the draw; the
secret is published afterwards, so that nobody can foretell it and everybody can repeat it. Until November 2026 the
number was the SHA-256 of the identifier alone.
"""

import hashlib
import hmac
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.dispatcher.domain.policy import VerificationPolicy
from shared.contract.events import Bilingual
from shared.time.instants import SHANGHAI, aware

SECRET_BYTES = 32
_SPACE = 2**64


class DrawMethod(StrEnum):
    """How the number of a case comes about."""

    HASHED = "sha256"
    """Until November 2026: whoever knew the case's identifier could foretell it."""
    KEYED = "hmac-sha256"


def day_of(instant: datetime) -> date:
    """The day in Shanghai under whose secret what happens at `instant` is drawn."""
    return aware(instant).astimezone(SHANGHAI).date()


def commitment_to(secret: bytes) -> str:
    """What is published of a secret before anything is drawn under it: its SHA-256, in hexadecimal."""
    return hashlib.sha256(secret).hexdigest()


def keyed_number(secret: bytes, case_id: UUID) -> float:
    """The number that a case draws, evenly spread over [0, 1): the first eight bytes of the HMAC of its identifier."""
    return int.from_bytes(hmac.digest(secret, case_id.bytes, "sha256")[:8]) / _SPACE


def hashed_number(case_id: UUID) -> float:
    """The number that a case drew before days had secrets."""
    return int.from_bytes(hashlib.sha256(case_id.bytes).digest()[:8]) / _SPACE


def is_repeat(cases_lately: int, policy: VerificationPolicy) -> bool:
    """Whether the enterprise has so many cases that its reports are verified whatever they draw.

    `cases_lately` counts what the enterprise was alerted of, yellow or red, over the policy's span, this one among
    them, false alarms apart.
    """
    return cases_lately >= policy.repeat_cases


def why_verified(number: float, cases_lately: int, policy: VerificationPolicy) -> Bilingual | None:
    """Why the accepted report of a case that drew `number` is verified on site; None where it is not."""
    if is_repeat(cases_lately, policy):
        return Bilingual(
            zh=f"{policy.repeat_days} 日内第 {cases_lately} 件黄色或红色案件，自查反馈须现场核查",
            en=f"case {cases_lately} of the enterprise within {policy.repeat_days} days: its reports are verified",
        )
    if number < policy.share:
        return Bilingual(
            zh=f"按 {policy.share:.0%} 比例抽中现场核查（抽签值 {number:.6f}）",
            en=f"drawn for verification, {policy.share:.0%} of accepted reports (lot {number:.6f})",
        )
    return None
