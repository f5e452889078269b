"""The table of who may call what: whole, or refused when it is read."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.contract import scope
from shared.contract.roles import Reach, Role


def read(tmp_path: Path, text: str) -> scope.Scope:
    path = tmp_path / "scope.yaml"
    path.write_text(text, encoding="utf-8")
    return scope.load(path)


def test_a_line_says_how_far_each_role_reaches(tmp_path: Path) -> None:
    table = read(tmp_path, "roles: [officer, admin]\noperations: {readCase: own district, writeCase: . district}")
    assert table.reach("readCase", Role.OFFICER) is Reach.OWN
    assert table.reach("writeCase", Role.OFFICER) is None
    assert table.roles_of("writeCase") == [Role.ADMIN]


def test_what_has_no_line_is_nobodys(tmp_path: Path) -> None:
    table = read(tmp_path, "roles: [officer, admin]\noperations: {}")
    assert table.reach("readCase", Role.ADMIN) is None
    assert not table.is_open("readCase")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("roles: [officer, admin]\noperations: {readCase: own}", "1 words for 2 roles"),
        ("roles: [officer]\noperations: {readCase: everything}", "'own', 'station' or 'district'"),
        ("roles: [chieftain]\noperations: {}", "roles"),
        ("roles: [officer]\noperations: {readCase: own}\nopen: {readCase: why not}", "it is open, and has a line too"),
    ],
)
def test_a_faulty_table_is_not_read(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        read(tmp_path, text)


def test_the_table_in_force_has_a_column_for_every_role() -> None:
    table = scope.load()
    assert set(table.roles) == set(Role)
    assert all(why.strip() for why in table.open.values())
