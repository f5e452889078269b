"""Changes of a record: its tag says whether it is the same, a patch touches what it names, differences are named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.domain.master_records import EnterpriseFields, OfficerFields
from services.dispatcher.domain.record_changes import Change, etag_of, patched, require_match
from shared.contract.refusals import ConditionMissing, Invalid, Stale

STORED: dict[str, Any] = {
    "code": "91440306MA5000001W",
    "name": "某厂",
    "address": "新安街道1号",
    "district": "440306",
    "street": "新安",
    "grid_cell": None,
    "station": "xinan",
    "longitude": 113.8,
    "latitude": 22.7,
    "classification": ["key_unit"],
    "contacts": [{"name": "王强", "phone": "13800138000", "role": None}],
    "channels": [],
    "source": "master",
}
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=5,
)
_records = st.dictionaries(st.text(max_size=3), _values, max_size=4)


@given(_records, _records)
def test_the_tag_is_the_contents(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert etag_of(one) == etag_of(dict(reversed(one.items())) | {"updated_at": "whenever"})
    if one != other and "updated_at" not in one and "updated_at" not in other:
        assert (etag_of(one) == etag_of(other)) == (repr(sorted(one.items())) == repr(sorted(other.items())))


def test_a_patch_changes_what_it_names_and_nothing_else() -> None:
    record = patched(STORED, {"street": "西乡", "address": None, "contacts": None}, EnterpriseFields)
    before = EnterpriseFields.model_validate({name: STORED[name] for name in EnterpriseFields.model_fields})
    assert record == before.model_copy(update={"street": "西乡", "address": None, "contacts": []})
    assert patched(STORED, {}, EnterpriseFields) == before


@pytest.mark.parametrize(
    ("patch", "at_fault"),
    [
        ({"name": None}, "/body/name"),
        ({"clasification": ["key_unit"]}, "/body/clasification"),
        ({"adress": None}, "/body/adress"),
        ({"longitude": None}, "longitude"),
        ({"classification": "key_unit"}, "/body/classification"),
        ({"contacts": [{"name": "王强"}]}, "/body/contacts/0/phone"),
        ({"contacts": {"name": "王强"}}, "/body/contacts"),
    ],
)
def test_a_patch_that_fits_no_record_is_refused_by_field(patch: dict[str, Any], at_fault: str) -> None:
    with pytest.raises(Invalid, match=at_fault):
        patched(STORED, patch, EnterpriseFields)


def test_taking_away_what_an_officer_must_have_makes_nobody_certified() -> None:
    officer = {name: field.get_default() for name, field in OfficerFields.model_fields.items()}
    officer |= {"name": "张伟", "station": "xinan", "certified": False}
    with pytest.raises(Invalid, match="/body/certified"):
        patched(officer, {"certified": None}, OfficerFields)


@pytest.mark.parametrize("given", ['"a"', "a", 'W/"a"', '"b", "a"'])
def test_whoever_names_what_is_there_may_change_it(given: str) -> None:
    require_match("a", given, replacing=True)


@pytest.mark.parametrize(("etag", "given"), [("a", '"b"'), ("a", ""), (None, '"a"'), (None, "*")])
def test_whoever_names_something_else_may_not(etag: str | None, given: str) -> None:
    with pytest.raises(Stale):
        require_match(etag, given, replacing=True)


def test_what_is_there_is_not_replaced_unseen() -> None:
    require_match(None, None, replacing=True)
    for unseen in (None, "*"):
        require_match("a", unseen, replacing=False)
        with pytest.raises(ConditionMissing):
            require_match("a", unseen, replacing=True)


def test_differences_name_what_was_and_what_is() -> None:
    change = Change({"name": "甲", "street": "新安", "source": "event"}, {"name": "乙", "street": "新安"})
    assert change.differences == {"name": ("甲", "乙")}
    assert Change(None, {"name": "甲", "street": None}).differences == {"name": (None, "甲")}
