"""Changes of a record of master data: its tag, a merge patch on it, what differs, and what the history keeps. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json, to_jsonable_python

from shared.contract.events import Actor
from shared.contract.refusals import ConditionMissing, Invalid, Stale

Fields = Mapping[str, Any]
F = TypeVar("F", bound=BaseModel)
How = Literal["put", "patch", "post", "import", "event", "sample"]
"""By what a record was changed; `event`: a platform named an enterprise that nobody had registered."""

_NO_CONTENT = frozenset({"updated_at", "entry_code_hash"})
"""What a tag does not speak for: a tag that rested on a secret would let people try for it."""
ANY = "*"


@dataclass(frozen=True)
class Change:
    """A record that is `before` (None: not there) and will be `after`."""

    before: Fields | None
    after: Fields

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """What differs, by field: before and after."""
        before = self.before or {}
        return {name: (before.get(name), value) for name, value in self.after.items() if before.get(name) != value}


@dataclass(frozen=True)
class Author:
    """Who changed records, by what, and in which import."""

    actor: Actor
    how: How
    import_id: int | None = None


def etag_of(fields: Fields) -> str:
    """The tag of a record's content: the same content has the same tag, whenever it was written."""
    content = sorted((name, value) for name, value in fields.items() if name not in _NO_CONTENT)
    return hashlib.sha256(to_json(content)).hexdigest()[:32]


def require_match(etag: str | None, if_match: str | None, *, replacing: bool, record: object = None) -> None:
    """Have the caller have seen what is changed: `etag` is the tag of what is stored, None where nothing is.

    Raises ConditionMissing where a whole record would be replaced unseen, Stale where it is another by now.
    """
    named = (
        {tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")} if if_match is not None else {ANY}
    )
    # `*` is whatever is there: it names nothing that the caller has seen.
    if ANY in named and etag is not None and replacing:
        raise ConditionMissing(
            "if-match-required",
            "It is there already, and what a PUT leaves out is emptied. Send the ETag of the one that you looked at"
            " as If-Match, or change single fields by PATCH.",
        )
    if if_match is not None and (etag is None or not named & {ANY, etag}):
        raise Stale(
            "changed-meanwhile",
            "It is no longer what If-Match names; look at it again.",
            **({} if record is None else {"record": to_jsonable_python(record)}),
        )


def patched(fields: Fields, patch: Fields, model: type[F]) -> F:
    """The record with a JSON Merge Patch (RFC 7396) on it: null takes a value away, what is left out stays.

    Raises Invalid, which names the field.
    """
    target = {name: fields[name] for name in model.model_fields}
    for name, value in patch.items():
        # A list that is taken away is empty; any other value is none, where the record can be without it.
        if value is None and isinstance(target.get(name), list):
            target[name] = []
        else:
            target[name] = _merged(target.get(name), value)
    try:
        return model.model_validate(target)
    except ValidationError as error:
        errors = [
            {"pointer": "/".join(["/body", *map(str, item["loc"])]), "detail": item["msg"]} for item in error.errors()
        ]
        raise Invalid(
            "invalid-request",
            f"{errors[0]['pointer']}: {errors[0]['detail']}",
            title="The request does not fit the contract",
            errors=errors,
        ) from error


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged
