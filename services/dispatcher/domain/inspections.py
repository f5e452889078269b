"""The fields of a planned, randomly drawn inspection (双随机抽查)."""

from typing import Self

from pydantic import model_validator

from services.dispatcher.domain.fields import Body, Code, EnterpriseCode, Remark
from shared.time.instants import CalendarDate


class InspectionFields(Body):
    """A planned, randomly drawn inspection (双随机抽查); `plan` is its number on the provincial platform."""

    plan: Code
    enterprise_code: EnterpriseCode
    matters: Remark = ""
    planned_from: CalendarDate
    planned_until: CalendarDate

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.planned_until < self.planned_from:
            raise ValueError("`planned_until` is at or after `planned_from`")
        return self
