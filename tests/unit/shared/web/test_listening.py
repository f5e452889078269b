"""An address that is taken is named, with who likely has it and what to do."""

import pytest

from shared.web.server import AddressTaken, listen


def test_an_address_that_is_taken_is_named_in_both_languages() -> None:
    with listen("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(AddressTaken) as taken:
            listen("127.0.0.1", port)
    assert f"127.0.0.1:{port} 已被占用" in str(taken.value)
    assert "--port" in str(taken.value).splitlines()[1]
