"""Errors in the language of whoever reads them; and no sentence of the code without its Chinese."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

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


def test_what_a_field_of_a_body_lacks_has_its_chinese() -> None:
    """Pydantic answers what a validator raises, so these sentences are read over HTTP too."""
    found = list(sentences_of_validators())
    assert len(found) > 10
    missing = [f"{place}: {said}" for said, place in found if chinese(said) is None]
    assert not missing, "write their Chinese into shared/web/problems_zh.yaml:\n" + "\n".join(missing)


def sentences_of_validators() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "services").rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and "validator" in "".join(map(ast.dump, function.decorator_list)):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ValueError":
                        said = text_of(node.args[0])
                        if said is not None:
                            yield said, f"{path.relative_to(ROOT)}:{node.lineno}"


TIME = "a time is a text with date, time and offset from UTC, such as 2026-11-23T09:05:00+08:00"


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        (
            f"/finished_at: Value error, {TIME}; '2026-11-22T00:00:00' has no offset from UTC",
            "/finished_at：时间须写明日期、时刻和时区，如 2026-11-23T09:05:00+08:00；'2026-11-22T00:00:00' 没有时区",
        ),
        (
            f"/query/since: Value error, {TIME}; this is 'now'",
            "/query/since：时间须写明日期、时刻和时区，如 2026-11-23T09:05:00+08:00；此处为 'now'",
        ),
        (
            "/body: Value error, a final report says `finished_at`; where the work goes on, it is `interim`",
            "/body：最终报告须写 `finished_at`；整改仍在进行的，请提交阶段性报告（`interim`）",
        ),
        (
            "The bearer token is not valid: Signature verification failed",
            "令牌无效：签名验证不通过，此令牌不是由本系统认可的签发者签发的",
        ),
        ("The bearer token is not valid: Not enough segments", "令牌无效：不是 JWT 格式"),
        ("week: 2026-W99 is no ISO week (Invalid week: 99).", "week：2026-W99 不是 ISO 周（该年没有第 99 周）。"),
    ],
)
def test_what_a_sentence_begins_with_does_not_fall_into_a_hole(sentence: str, told: str) -> None:
    assert chinese(sentence) == told


NO_JSON = (
    "x",
    "",
    "{",
    '{"a":1,}',
    "[1,2",
    "{a:1}",
    '{"a" 1}',
    "1 2",
    '"\1"',
    '"\\x"',
    "tru",
    "trux",
    "[1 2]",
    '{"a":1 "b"}',
    "01",
    "[1,]",
    '"\\ud800"',
    "[" * 300,
    "NaN",
    "-",
    '"abc',
    "1e",
)


@pytest.mark.parametrize("body", NO_JSON)
def test_what_json_lacks_is_said_in_chinese(body: str) -> None:
    with pytest.raises(ValueError, match=" at line ") as found:
        from_json(body, allow_inf_nan=False)
    told = chinese(f"the body is not JSON: {found.value}")
    assert told is not None
    assert not re.search("[a-z]{3}", told.replace("true、false 或 null", "")), told


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "e30.e30.e30", "Zm9v.Zm9v.Zm9v"])
def test_why_a_token_is_not_valid_is_said_in_chinese(token: str) -> None:
    with pytest.raises(jwt.PyJWTError) as found:
        jwt.decode(token, b"k" * 32, algorithms=["HS256"])
    told = chinese(f"The bearer token is not valid: {found.value}")
    assert told is not None
    assert not re.search("[a-z]{3}", told), told


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
