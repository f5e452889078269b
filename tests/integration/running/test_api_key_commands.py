"""API keys on the command line: made, listed without the key, rotated and revoked."""

from pydantic_core import from_json

from tests.integration.running.commands import tricolor

SOURCE = "/platforms/sz-auto"


async def test_a_key_is_shown_once_and_ends(database_url: str) -> None:
    create = ("api-keys", "create", "sz-auto", "--source", SOURCE, "--by", "王")
    code, key, said = await tricolor(*create, url=database_url)
    assert code == 0, said
    assert key.startswith("tck_")
    assert "shown this once" in said

    code, listed, err = await tricolor("api-keys", "list", "--json", url=database_url)
    assert code == 0, err
    (known,) = from_json(listed)
    assert (known["platform"], known["sources"], known["last_used_at"]) == ("sz-auto", [SOURCE], None)
    assert key.strip() not in listed

    rotate = ("api-keys", "rotate", known["key_id"], "--by", "王", "--overlap-hours", "1", "--json")
    code, rotated, err = await tricolor(*rotate, url=database_url)
    assert code == 0, err
    new = from_json(rotated)
    assert (new["replaces"], new["key"] != key.strip()) == (known["key_id"], True)

    revoke = ("api-keys", "revoke", new["key_id"], "--by", "王", "--reason", "泄露")
    code, said, err = await tricolor(*revoke, url=database_url)
    assert (code, "is revoked" in said) == (0, True), err
    code, _, err = await tricolor(*revoke, url=database_url)
    assert (code, "make another" in err) == (1, True)
    code, text, err = await tricolor("api-keys", "list", url=database_url)
    assert code == 0, err
    assert "泄露" in text


async def test_a_key_that_cannot_be_is_said_to_be_none(database_url: str) -> None:
    code, _, err = await tricolor(
        "api-keys", "create", "x", "--source", SOURCE, "--by", "王", "--days", "9999", url=database_url
    )
    assert (code, "days" in err) == (1, True)
