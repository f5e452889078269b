"""What callers may write into a request about a deadline: text that can be stored."""

from typing import Annotated

from pydantic import StringConstraints

Sentence = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")
]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
