"""Tokens that nobody issued for this: expired, for others, unsigned, signed by another way or with another's key."""

import base64
import hmac
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic_core import to_json

from shared.web.development_issuer import DEVELOPMENT_ISSUER, DevelopmentIssuer

PEM, RAW, SPKI = serialization.Encoding.PEM, serialization.Encoding.Raw, serialization.PublicFormat.SubjectPublicKeyInfo


def claims(**changed: Any) -> dict[str, Any]:
    now = time.time()
    admin = {"iss": DEVELOPMENT_ISSUER, "aud": "tricolor", "sub": "mallory", "iat": now, "exp": now + 600}
    return admin | {"tricolor": {"role": "admin"}} | changed


def part(value: object) -> str:
    return base64.urlsafe_b64encode(value if isinstance(value, bytes) else to_json(value)).decode().rstrip("=")


def by_hand(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"") -> str:
    return f"{part(header)}.{part(payload)}.{part(signature)}"


async def refused(app: httpx.AsyncClient, token: str) -> None:
    for path in ("/ingest/v1/alerts", "/dispatch/v1/cases", "/watch/v1/deadlines"):
        answer = await app.get(path, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:tricolor:problem:unauthenticated"), path


@pytest.fixture
def issuers_key(data_directory: Path) -> Ed25519PrivateKey:
    DevelopmentIssuer(data_directory)
    key = serialization.load_pem_private_key((data_directory / "development-issuer.pem").read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


async def test_the_issuers_own_is_taken(stranger: httpx.AsyncClient, issuers_key: Ed25519PrivateKey) -> None:
    """Without this the refusals below would show nothing."""
    token = jwt.encode(claims(), issuers_key, algorithm="EdDSA")
    answer = await stranger.get("/dispatch/v1/cases", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": time.time() - 3600},
        {"aud": "another-service"},
        {"aud": ["a", "b"]},
        {"iss": "https://elsewhere.example"},
        {"nbf": time.time() + 3600},
        {"iat": time.time() + 3600},
        {"sub": ""},
        {"sub": "a\x00b"},
        {"tricolor": {"role": "emperor"}},
        {"tricolor": "admin"},
        {"tricolor": {"role": ["admin"]}},
    ],
)
async def test_one_that_is_not_for_here_and_now_is_refused(
    stranger: httpx.AsyncClient, issuers_key: Ed25519PrivateKey, changed: dict[str, Any]
) -> None:
    await refused(stranger, jwt.encode(claims(**changed), issuers_key, algorithm="EdDSA"))


@pytest.mark.parametrize("claim", ["exp", "sub", "aud", "iss"])
async def test_one_that_leaves_something_out_is_refused(
    stranger: httpx.AsyncClient, issuers_key: Ed25519PrivateKey, claim: str
) -> None:
    left = {name: value for name, value in claims().items() if name != claim}
    await refused(stranger, jwt.encode(left, issuers_key, algorithm="EdDSA"))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
async def test_one_that_is_not_signed_is_refused(stranger: httpx.AsyncClient, algorithm: str) -> None:
    await refused(stranger, by_hand({"alg": algorithm, "typ": "JWT"}, claims()))
    await refused(stranger, by_hand({"alg": algorithm, "typ": "JWT"}, claims(), b"anything"))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_the_public_key_is_no_password(
    stranger: httpx.AsyncClient, issuers_key: Ed25519PrivateKey, algorithm: str
) -> None:
    """Key confusion: what everybody may know, used as the secret of another algorithm."""
    public: Ed25519PublicKey = issuers_key.public_key()
    header = {"alg": algorithm, "typ": "JWT"}
    for secret in (
        public.public_bytes(PEM, SPKI),
        public.public_bytes(RAW, serialization.PublicFormat.Raw),
        public.public_bytes(serialization.Encoding.DER, SPKI),
        b"",
    ):
        content = f"{part(header)}.{part(claims())}"
        digest = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[algorithm]
        await refused(stranger, f"{content}.{part(hmac.digest(secret, content.encode(), digest))}")


async def test_another_key_is_another_issuer(stranger: httpx.AsyncClient) -> None:
    await refused(stranger, jwt.encode(claims(), Ed25519PrivateKey.generate(), algorithm="EdDSA"))
    await refused(stranger, jwt.encode(claims(), rsa.generate_private_key(65537, 2048), algorithm="RS256"))
    await refused(stranger, jwt.encode(claims(), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"))


async def test_a_key_that_the_token_brings_along_is_not_used(stranger: httpx.AsyncClient) -> None:
    """`jwk`, `jku`, `x5u` and a `kid` that is a path: a token does not say what it is verified with."""
    own = Ed25519PrivateKey.generate()
    public = own.public_key().public_bytes(RAW, serialization.PublicFormat.Raw)
    for header in (
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": part(public)}},
        {"jku": "https://elsewhere.example/jwks.json"},
        {"x5u": "https://elsewhere.example/chain.pem"},
        {"kid": "../../../../dev/null"},
        {"kid": "' or '1'='1"},
        {"crit": ["exp"], "exp": 1},
    ):
        await refused(stranger, jwt.encode(claims(), own, algorithm="EdDSA", headers=header))


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "....", "eyJ" + "A" * 20_000, "a.b.c.d.e", "\x7f"])
async def test_what_is_no_token_is_refused(stranger: httpx.AsyncClient, token: str) -> None:
    answer = await stranger.get("/dispatch/v1/cases", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_a_changed_payload_is_not_what_was_signed(
    stranger: httpx.AsyncClient, issuers_key: Ed25519PrivateKey
) -> None:
    officer = claims(tricolor={"role": "officer", "station": "xinan"})
    header, _, signature = jwt.encode(officer, issuers_key, algorithm="EdDSA").split(".")
    await refused(stranger, f"{header}.{part(claims())}.{signature}")


async def test_a_token_does_not_say_how_far_it_reaches(
    stranger: httpx.AsyncClient, issuers_key: Ed25519PrivateKey
) -> None:
    chief = claims(sub="chief", tricolor={"role": "station_chief", "station": "elsewhere", "reach": "district"})
    token = jwt.encode(chief, issuers_key, algorithm="EdDSA")
    answer = await stranger.put(
        "/dispatch/v1/officers/xinan-01",
        json={"name": "陈志强", "station": "xinan"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 403
