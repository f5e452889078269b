"""The language that a caller reads: Chinese unless `Accept-Language` prefers English.

Code says what is wrong in English, once; its Chinese stands in `problems_zh.yaml`, found by the English sentence.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from shared.contract.names import ROLES, STATES, called
from shared.contract.yaml_text import read_yaml

Language = Literal["zh-CN", "en"]

_DATA = Path(__file__).with_name("problems_zh.yaml")
_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
_HOLE = re.compile(r"\\?\{(\w+)\\?\}")
"""Where a value stands in a sentence, escaped for a pattern or not."""
_NAMED = re.compile(r"([\w./`*-]+): (.+)", re.DOTALL)
"""A field, and what is wrong with it."""
_POINTED = re.compile(r"(/\S*): (.+)", re.DOTALL)
"""The place in a request, and what is wrong there."""
_RAISED = re.compile(r"(?:Value error|Assertion failed), (.+)", re.DOTALL)
"""What a validator of ours raised, as Pydantic passes it on."""
_BETWEEN = re.compile(r"; (?=[\w./`*-]+: )")


def language_of(accept: str | None) -> Language:
    """The language of ours that `Accept-Language` prefers; Chinese where it names neither."""
    wanted: dict[str, float] = {}
    for part in (accept or "").split(","):
        if found := _RANGE.fullmatch(part):
            wanted.setdefault(found[1].lower(), float(found[2] or 1))
    others = wanted.get("*", 0.0)
    return "en" if wanted.get("en", others) > wanted.get("zh", others) else "zh-CN"


def chinese_title(title: str) -> str:
    return str(_catalogue()["titles"].get(title, title))


def chinese(sentence: str) -> str | None:
    """The Chinese of a sentence of the code; None where there is none."""
    parts = _BETWEEN.split(sentence)
    if len(parts) > 1 and all(map(_NAMED.fullmatch, parts)):
        return "；".join(chinese(part) or part for part in parts)
    if found := _POINTED.fullmatch(sentence):
        return f"{found[1]}：{chinese(found[2]) or found[2]}"
    if found := _RAISED.fullmatch(sentence):
        return chinese(found[1]) or found[1]
    for pattern, translation in _sentences():
        if found := pattern.fullmatch(sentence):
            return translation.format_map({name: _part(value, name) for name, value in found.groupdict().items()})
    if found := _NAMED.fullmatch(sentence):
        return f"{found[1]}：{chinese(found[2]) or found[2]}"
    return None


def in_chinese(document: dict[str, Any]) -> dict[str, Any]:
    """A problem as a reader of Chinese gets it. What nobody has translated is told in English, after its Chinese title.

    `type`, `code` and whatever programs read stay as they are.
    """
    title, detail = str(document["title"]), str(document["detail"])
    heading = chinese_title(title)
    told: dict[str, Any] = {"title": heading, "detail": chinese(detail) or f"{heading}：{detail}"}
    errors = document.get("errors")
    if isinstance(errors, list):
        told |= {"errors": [_error(one) for one in errors]}
    return document | told


def _error(error: Any) -> Any:
    if not isinstance(error, dict) or not isinstance(error.get("detail"), str):
        return error
    return error | {"detail": chinese(error["detail"]) or error["detail"]}


def _part(value: str, name: str) -> str:
    """What stands in a hole, in its own Chinese; of roles and actions each, where there are several."""
    if name in {"role", "roles"}:
        return "、".join(called(ROLES, one).zh for one in value.split(", "))
    if name in {"action", "allowed"}:
        return "、".join(str(_catalogue()["actions"].get(one) or _word(one)) for one in value.split(", "))
    if name == "state" and value in STATES:
        return STATES[value].zh
    return _word(value)


def _word(value: str) -> str:
    word = _catalogue()["words"].get(value)
    return str(word) if word is not None else chinese(value) or value


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    read: Mapping[str, Mapping[str, str]] = read_yaml(_DATA.read_text(encoding="utf-8"))
    return read


@cache
def _sentences() -> list[tuple[re.Pattern[str], str]]:
    """The sentences with holes after those without, the ones that say more first: so the closest one fits."""
    found = sorted(_catalogue()["details"].items(), key=lambda one: ("{" in one[0], -len(_HOLE.sub("", one[0]))))
    return [(re.compile(_HOLE.sub(r"(?P<\1>.+?)", re.escape(en)), re.DOTALL), zh) for en, zh in found]
