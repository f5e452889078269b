"""Tokens of an OpenID Connect provider that others wrote: discovery, code flow, keys, and what is not for us."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import oidc_provider_mock
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.integration.shared.web.test_identity_provider import asked, served_by

# The provider's own: what it calls is deprecated in its libraries.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

BACK = "http://localhost/back"
CHIEF = {"tricolor": {"role": "station_chief", "station": "xinan"}}


@pytest.fixture
def issuer() -> Iterator[str]:
    people = [oidc_provider_mock.User(sub="li", claims=CHIEF), oidc_provider_mock.User(sub="nobody")]
    with oidc_provider_mock.run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


async def signed_in(issuer: str, person: str, client_id: str = "tricolor") -> str:
    """The token of `person`, by the code flow."""
    asked_for = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": BACK,
        "scope": "openid",
        "state": "x",
        "nonce": "y",
    }
    async with httpx.AsyncClient(base_url=issuer) as client:
        back = await client.post("/oauth2/authorize", params=asked_for, data={"sub": person})
        (code,) = parse_qs(urlsplit(back.headers["location"]).query)["code"]
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        answer = await client.post("/oauth2/token", data=given, auth=(client_id, "any"))
    return str(answer.json()["id_token"])


async def test_whoever_signs_in_there_is_who_they_are_here(issuer: str, tmp_path: Path) -> None:
    async with served_by(issuer, tmp_path) as client:
        answer = await asked(client, await signed_in(issuer, "li"))
        assert answer.json() == {"subject": "li", "role": "station_chief", "station": "xinan"}
        assert (await client.get("/readyz")).status_code == 200


async def test_what_it_signs_for_others_or_without_a_role_opens_nothing(issuer: str, tmp_path: Path) -> None:
    async with served_by(issuer, tmp_path) as client:
        assert (await asked(client, await signed_in(issuer, "li", client_id="mail"))).status_code == 401
        assert (await asked(client, await signed_in(issuer, "nobody"))).status_code == 401


async def test_what_it_did_not_sign_opens_nothing(issuer: str, tmp_path: Path) -> None:
    token = await signed_in(issuer, "li")
    claims = jwt.decode(token, options={"verify_signature": False})
    header = {name: value for name, value in jwt.get_unverified_header(token).items() if name == "kid"}
    own = rsa.generate_private_key(65537, 2048)
    forged = jwt.encode(claims | {"tricolor": {"role": "admin"}}, own, algorithm="RS256", headers=header)
    async with served_by(issuer, tmp_path) as client:
        assert (await asked(client, forged)).status_code == 401
        for algorithm in ("HS256", "PS256", "RS384"):  # not on the list, whoever signed
            other = jwt.encode(claims, "x" * 64 if algorithm == "HS256" else own, algorithm, headers=header)
            assert (await asked(client, other)).status_code == 401
