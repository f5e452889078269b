"""Making models of values that are ours, without validating them.

What a decision consists of was computed a line before, from values that were checked when they came in: validating it
again costs more than computing it. Never for what somebody sends.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def made(model: type[M], values: Mapping[str, Any]) -> M:
    """A `model` of these values, which are of its fields' types, its defaults beside them, in the order of the fields.

    Raises TypeError where a field that has no default is missing, or one is given that it does not have.
    """
    defaults, required, names = _defaults(model)
    fields = {**defaults, **values}
    all_given = len(values) == len(names)
    if len(fields) != len(names) or not (all_given or required <= values.keys()):
        raise TypeError(f"{model.__name__} is not made of {', '.join(values)}")
    one = model.__new__(model)
    keep = object.__setattr__  # the models are frozen
    keep(one, "__dict__", fields)
    keep(one, "__pydantic_fields_set__", names if all_given else set(values))
    keep(one, "__pydantic_extra__", None)
    keep(one, "__pydantic_private__", None)
    return one


@cache
def _defaults(model: type[BaseModel]) -> tuple[dict[str, Any], frozenset[str], set[str]]:
    """Every field with its default, None where it has none; those that have none; and the names of all."""
    fields = model.model_fields
    required = frozenset(name for name, field in fields.items() if field.is_required())
    return {name: field.get_default(call_default_factory=True) for name, field in fields.items()}, required, {*fields}
