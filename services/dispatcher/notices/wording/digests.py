"""The list (汇总) of what goes to one person about several cases. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.dispatcher.notices.wording.phrases import lines, text
from shared.contract.events import Bilingual


@dataclass(frozen=True)
class Matter:
    """A notice about a case, as it stands in a list."""

    purpose: str
    enterprise_code: str | None
    alert_id: UUID | None
    case_id: UUID
    subject: Bilingual


def heading(cases: int) -> tuple[Bilingual, Bilingual]:
    """The subject of a list of several matters, which are of so many cases, and what it begins with."""
    counted = text(f"{cases}起案件", f"{cases} cases" if cases > 1 else "1 case")
    return text(f"【汇总】{counted.zh}待您关注", f"[Digest] {counted.en} for your attention"), text(
        f"下列{counted.zh}请逐一处理，详情见各案件页面。",
        f"Please look at each of these matters of {counted.en}; the cases have the details.",
    )


def listed(matters: Sequence[tuple[Bilingual, UUID]], first: int = 1) -> Bilingual:
    """The matters of a list, a line each, by subject and case: numbered from `first` on."""
    return lines(
        *(
            Bilingual(
                zh=f"{number}. {subject.zh}（案件编号：{case_id}）", en=f"{number}. {subject.en} (case {case_id})"
            )
            for number, (subject, case_id) in enumerate(matters, first)
        )
    )
