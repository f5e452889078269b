"""What a row of a sheet must be, by kind: the fields of the record, and its code or codes."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from services.dispatcher.domain.entry_codes import EntryCode
from services.dispatcher.domain.fields import Body
from services.dispatcher.domain.master_records import (
    Code,
    EnterpriseFields,
    OfficerFields,
    OutletFields,
    StaffFields,
    StationFields,
)
from shared.contract.codes import Normalised


def _addressable(code: str) -> str:
    """A record's path ends in its code, where no slash can stand."""
    if "/" in code:
        raise PydanticCustomError("slash", "must hold no slash")
    return code


_Key = Annotated[Code, AfterValidator(_addressable)]
_NormalisedKey = Annotated[_Key, Normalised]


class StationRow(StationFields):
    code: _Key


class OfficerRow(OfficerFields):
    code: _Key


class StaffRow(StaffFields):
    code: _Key


class EnterpriseRow(EnterpriseFields):
    code: _NormalisedKey


class OutletRow(OutletFields):
    enterprise_code: _NormalisedKey
    code: _NormalisedKey


class EntryCodeRow(Body):
    """The code at an enterprise's gate; without one, nothing is scanned there."""

    code: _NormalisedKey
    entry_code: EntryCode | None = None


class DutyRow(Body):
    day: date
    station: Code
    officer: Code
