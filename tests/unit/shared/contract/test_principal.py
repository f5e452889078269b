"""What a caller is known to belong to."""

from shared.contract.principal import Principal
from shared.contract.roles import Role


def test_an_enterprise_is_named_by_its_code_unless_it_says_otherwise() -> None:
    assert Principal(role=Role.ENTERPRISE, subject="E1").own_enterprises == ("E1",)
    assert Principal(role=Role.ENTERPRISE, subject="张三", enterprise="E1").own_enterprises == ("E1",)


def test_one_person_answers_for_several_enterprises() -> None:
    caller = Principal(role=Role.ENTERPRISE, subject="张三", enterprises=("E1", "E2"))
    assert caller.own_enterprises == ("E1", "E2")
    assert caller.is_of("E2")
    assert not caller.is_of("张三")
    assert not caller.is_of(None)


def test_an_officer_answers_for_no_enterprise() -> None:
    assert not Principal(role=Role.OFFICER, subject="E1").is_of("E1")


def test_a_platform_speaks_for_the_sources_listed_and_for_all_where_none_is() -> None:
    listed = Principal(role=Role.PLATFORM, subject="p", sources=("/a",))
    assert listed.speaks_for("/a")
    assert not listed.speaks_for("/b")
    assert not listed.speaks_for(None)
    assert Principal(role=Role.PLATFORM, subject="p").speaks_for("/b")
