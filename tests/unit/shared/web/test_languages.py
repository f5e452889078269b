"""Errors in the language of whoever reads them; and no sentence of the code without its Chinese."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.domain.lifecycle import Action
from shared.web.languages import chinese, chinese_title, in_chinese, language_of

ROOT = Path(__file__).parents[4]
REFUSALS = {
    "Conflict",
    "Doubtful",
    "Invalid",
    "NoLongerFits",
    "NotAllowed",
    "Problem",
    "Refused",
    "Stale",
    "TooLarge",
    "Unavailable",
    "Unsupported",
    "_impossible",
    "_not_done",
    "_refused",
    "_unauthenticated",
    "impossible",
    "not_proposed",
    "unusable",
}
NOT_OVER_HTTP = {"commands", "demo", "migrations", "reconcile", "runtime"}


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("*", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("EN-us", "en"),
        ("fr, en;q=0.3", "en"),
        ("fr", "zh-CN"),
        ("de, *;q=0.5", "zh-CN"),
        ("zh;q=0.2, en;q=0.9", "en"),
        ("en;q=0, zh;q=0", "zh-CN"),
        ("en; q = 0.9 , zh;q=0.1", "en"),
        (";;;,q=", "zh-CN"),
    ],
)
def test_the_preferred_language(accept: str | None, language: str) -> None:
    assert language_of(accept) == language


@given(st.text(max_size=60))
def test_whatever_a_caller_accepts_it_is_answered(accept: str) -> None:
    assert language_of(accept) in ("zh-CN", "en")


@given(st.text(max_size=200))
def test_any_sentence_has_some_chinese_problem(sentence: str) -> None:
    told = in_chinese({"type": "t", "title": "Not found", "status": 404, "detail": sentence, "code": 7})
    assert (told["type"], told["title"], told["code"]) == ("t", "未找到", 7)
    assert told["detail"]


def test_what_stands_in_the_holes_is_kept() -> None:
    assert chinese("There is no case {7}, or it is not yours to see.") == "没有案件 {7}，或者您无权查看。"
    assert chinese("data.window: Field required; data.flag: Input should be a valid string") == (
        "data.window：必填；data.flag：须为文本"
    )
    assert chinese("something that nobody translated") is None


def test_of_two_sentences_that_fit_the_one_that_says_more_is_meant() -> None:
    assert chinese("There is no officer x, or it is not yours to see.") == "没有执法人员 x，或者您无权查看。"
    assert chinese("There is no officer x.") == "没有执法人员 x。"


@cache
def refusals() -> list[tuple[str, ast.Call]]:
    """Every call that refuses, and where it stands."""
    found = []
    for part in ("services", "shared"):
        for path in sorted((ROOT / part).rglob("*.py")):
            if NOT_OVER_HTTP & set(path.parts):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = node.func if isinstance(node, ast.Call) else None
                if isinstance(node, ast.Call) and getattr(name, "id", getattr(name, "attr", "")) in REFUSALS:
                    found.append((f"{path.relative_to(ROOT)}:{node.lineno}", node))
    return found


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence that the code refuses with, and where; what stands in the holes is `…`."""
    for place, call in refusals():
        for argument in (*call.args, *(one.value for one in call.keywords if one.arg == "detail")):
            said = text_of(argument)
            if said is not None and re.search(r"[a-z] [a-z]", said):
                yield said, place


def text_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return None


def test_every_refusal_has_its_chinese() -> None:
    found = list(sentences())
    assert len(found) > 80
    missing = [f"{place}: {said}" for said, place in found if chinese(said) is None and chinese_title(said) == said]
    assert not missing, "write their Chinese into shared/web/problems_zh.yaml:\n" + "\n".join(missing)


def test_roles_states_and_actions_are_named_in_chinese() -> None:
    role = chinese("This takes one of the roles platform, admin; yours is officer.")
    assert role == "此操作须由以下角色之一办理：监测平台、系统管理员；您的角色是 执法人员。"
    state = chinese("feedback is not possible in state reported; allowed now: hand-over, decline.")
    assert state == "案件状态为“已反馈，待审核”，不能提交反馈；目前可以：移交、退单。"
    nothing = chinese("depart is not possible in state accepted; allowed now: nothing.")
    assert nothing == "案件状态为“已接单”，不能出发；目前可以：无。"


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_chinese_name(action: Action) -> None:
    assert action.value not in str(chinese(f"{action} is not possible in state open; allowed now: nothing."))


def test_every_title_has_its_chinese() -> None:
    titles = {text_of(one.value) for _, call in refusals() for one in call.keywords if one.arg == "title"}
    assert not [title for title in titles if title is not None and chinese_title(title) == title]
