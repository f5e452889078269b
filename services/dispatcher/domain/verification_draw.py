"""The verification draw (真实性核查): which accepted self-reports officers verify on site. Pure.

A hash of the case's number decides, so that anybody can repeat the draw years later and nobody can steer it.
"""

import hashlib
from uuid import UUID

from services.dispatcher.domain.policy import VerificationPolicy
from shared.contract.events import Bilingual

_SPACE = 2**64


def drawn_number(case_id: UUID) -> float:
    """The number that a case draws, evenly spread over [0, 1): eight bytes of the SHA-256 of its identifier."""
    return int.from_bytes(hashlib.sha256(case_id.bytes).digest()[:8]) / _SPACE


def why_verified(case_id: UUID, cases_lately: int, policy: VerificationPolicy) -> Bilingual | None:
    """Why the accepted report of a case is verified on site; None where it is not.

    `cases_lately` counts what the enterprise was alerted of, yellow or red, over the policy's span, this one among
    them, false alarms apart.
    """
    if cases_lately >= policy.repeat_cases:
        return Bilingual(
            zh=f"{policy.repeat_days} 日内第 {cases_lately} 件黄色或红色案件，自查反馈须现场核查",
            en=f"case {cases_lately} of the enterprise within {policy.repeat_days} days: its reports are verified",
        )
    if drawn_number(case_id) < policy.share:
        return Bilingual(
            zh=f"按 {policy.share:.0%} 比例抽中现场核查（抽签值 {drawn_number(case_id):.6f}）",
            en=f"drawn for verification, {policy.share:.0%} of accepted reports (lot {drawn_number(case_id):.6f})",
        )
    return None
