"""People and platforms known by a real Keycloak, with the realm that the documentation gives a bureau."""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.sync_api import Browser, expect
from pydantic_core import to_json

from shared.contract.principal import Principal
from shared.contract.refusals import Refusal
from shared.settings import Settings
from shared.web.identity import Identity
from shared.web.identity_provider import IdentityProvider
from shared.web.problems import Problem
from tests.keycloak.server import Keycloak, form_of, missing
from tests.web.browser import person
from tests.web.conftest import NewSystem

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"Keycloak was not run; that needs {missing()}")

Json = dict[str, Any]
BACK = "http://127.0.0.1:5555/sign-in"
PASSWORD = "Anquan-2026"
CLIENT = "tricolor-web"


@pytest.fixture(scope="module")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    side = Keycloak(tmp_path_factory.mktemp("keycloak") / "log")
    side.start()
    try:
        side.import_realm("http://127.0.0.1:5555")
        side.add_user("xixiang-01", "陈志强", PASSWORD, role=["officer"], station=["xixiang"])
        side.add_user("xixiang-chief", "林海", PASSWORD, role=["station_chief"], station=["xixiang"])
        yield side
    finally:
        side.kill()


@dataclass
class Asking:
    """What a service makes of a token, and the clock by which it asks the provider for keys."""

    keycloak: Keycloak
    portal: BlockingPortal
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self._provider = IdentityProvider(self.keycloak.issuer, monotonic=lambda: self.seconds)
        self.forget()

    def forget(self) -> None:
        """Remember no token that was seen valid; the keys stay."""
        self.identity = Identity(
            issuer=self.keycloak.issuer,
            audience=Settings().oidc_audience,
            algorithms=["RS256", "ES256", "EdDSA"],
            key=self._provider.key,
            api_keys={},
        )

    def whose(self, token: str) -> Principal:
        return self.portal.call(self.identity.bearer, token)

    def refuses(self, token: str) -> bool:
        try:
            self.whose(token)
        except Problem as refusal:
            return refusal.status == 401
        except Refusal:
            return False
        return False


@pytest.fixture
def asking(keycloak: Keycloak) -> Iterator[Asking]:
    """A service that knows people by Keycloak, as `Identity.from_settings` has it, under a clock that a test moves."""
    with start_blocking_portal() as portal:
        yield Asking(keycloak, portal)


class RefusedError(Exception):
    """Keycloak showed its form again, with what it says of it, or refused the code."""


def code_flow(
    keycloak: Keycloak,
    code: str,
    password: str = PASSWORD,
    *,
    verifier: str | None = None,
    scope: str = "openid profile",
) -> Json:
    """Sign in as a browser does: Keycloak's page and form, the code, and the tokens for it. Raises RefusedError."""
    endpoint, secret = f"{keycloak.issuer}/protocol/openid-connect", secrets.token_urlsafe(40)
    digest = hashlib.sha256(secret.encode()).digest()
    asked = {
        "client_id": CLIENT,
        "response_type": "code",
        "scope": "openid profile",
        "redirect_uri": BACK,
        "state": "s",
        "nonce": "n",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    with httpx.Client(timeout=60) as browser:
        page = browser.get(f"{endpoint}/auth", params=asked).raise_for_status()
        for cookie in browser.cookies.jar:
            cookie.secure = False  # browsers take loopback as secure, and this client does not
        sent = browser.post(form_of(page.text), data={"username": code, "password": password})
        if sent.status_code != 302:
            raise RefusedError(sent.text)
        answer = parse_qs(urlsplit(sent.headers["location"]).query)
        given = {
            "grant_type": "authorization_code",
            "client_id": CLIENT,
            "code": answer["code"][0],
            "redirect_uri": BACK,
            "code_verifier": verifier or secret,
        }
        tokens = browser.post(f"{endpoint}/token", data=given)
        if not tokens.is_success:
            raise RefusedError(tokens.text)
        found: Json = tokens.json()
        return found


def by_credentials(keycloak: Keycloak, client: str) -> str:
    with keycloak.administration() as api:
        (found,) = api.get("/tricolor/clients", params={"clientId": client}).raise_for_status().json()
        secret = api.get(f"/tricolor/clients/{found['id']}/client-secret").raise_for_status().json()["value"]
    given = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    answer = httpx.post(f"{keycloak.issuer}/protocol/openid-connect/token", data=given, timeout=60)
    return str(answer.raise_for_status().json()["access_token"])


def said(token: str) -> Json:
    claims: Json = jwt.decode(token, options={"verify_signature": False})
    return claims


def test_an_officer_signs_in_by_the_code_flow_with_pkce(keycloak: Keycloak, asking: Asking) -> None:
    tokens = code_flow(keycloak, "xixiang-01")
    caller = asking.whose(tokens["access_token"])
    assert (caller.role, caller.subject, caller.station) == ("officer", "xixiang-01", "xixiang")
    assert caller.credential is not None
    assert caller.credential.id == said(tokens["access_token"])["jti"]
    # It is valid as long as Keycloak says, and what is held open for it ends with it.
    claims = said(tokens["access_token"])
    assert claims["exp"] - claims["iat"] == 3600
    assert asking.portal.call(asking.identity.ends_at, tokens["access_token"]) == claims["exp"]
    # An ID token says who signed in, and opens nothing.
    assert asking.refuses(tokens["id_token"])


def test_a_code_without_its_verifier_and_a_wrong_password_bring_no_token(keycloak: Keycloak) -> None:
    with pytest.raises(RefusedError, match="invalid_grant"):
        code_flow(keycloak, "xixiang-01", verifier="x" * 43)
    with pytest.raises(RefusedError):
        code_flow(keycloak, "xixiang-01", "a wrong one")


def test_a_platform_comes_with_client_credentials(keycloak: Keycloak, asking: Asking) -> None:
    caller = asking.whose(by_credentials(keycloak, "platform-sz-auto"))
    assert (caller.role, caller.sources) == ("platform", ("/platforms/sz-auto-monitoring",))
    assert caller.speaks_for("/platforms/sz-auto-monitoring")
    assert not caller.speaks_for("/platforms/another")


def test_another_audience_issuer_or_algorithm_is_refused(keycloak: Keycloak, asking: Asking) -> None:
    for name, changes in (
        ("another-audience", {"defaultClientScopes": []}),
        ("another-algorithm", {"attributes": {"access.token.signed.response.alg": "HS256"}}),
        ("a-curve", {"attributes": {"access.token.signed.response.alg": "ES256"}}),
    ):
        with keycloak.administration() as api:
            client = {"clientId": name, "serviceAccountsEnabled": True, "defaultClientScopes": ["tricolor"]}
            role = {"claim.name": "tricolor", "claim.value": '{"role": "platform"}', "jsonType.label": "JSON"}
            mapper = {
                "name": "platform",
                "protocol": "openid-connect",
                "protocolMapper": "oidc-hardcoded-claim-mapper",
                "config": role | {"access.token.claim": "true"},
            }
            body = client | {"publicClient": False, "protocolMappers": [mapper]} | changes
            api.post("/tricolor/clients", json=body).raise_for_status()
    elsewhere = by_credentials(keycloak, "another-audience")
    assert "tricolor" not in str(said(elsewhere).get("aud"))
    assert asking.refuses(elsewhere)
    assert jwt.get_unverified_header(by_credentials(keycloak, "another-algorithm"))["alg"] == "HS256"
    assert asking.refuses(by_credentials(keycloak, "another-algorithm"))
    curve = by_credentials(keycloak, "a-curve")  # for which Keycloak has just made a key
    asking.seconds += 10.0  # tokens that name unknown keys do not make us ask without end
    assert asking.whose(curve).role == "platform"
    # Of Keycloak's own master realm: the same server, and another issuer.
    with keycloak.administration() as api:
        assert asking.refuses(api.headers["authorization"].removeprefix("Bearer "))


def test_a_token_made_of_a_real_one_is_refused(keycloak: Keycloak, asking: Asking) -> None:
    token = code_flow(keycloak, "xixiang-01")["access_token"]
    claims, header = said(token) | {"tricolor": {"role": "admin"}}, jwt.get_unverified_header(token)
    assert asking.refuses(jwt.encode(claims, "", algorithm="none", headers={"kid": header["kid"]}))
    head, _, signature = token.split(".")
    body = base64.urlsafe_b64encode(to_json(claims)).rstrip(b"=").decode()
    assert asking.refuses(f"{head}.{body}.{signature}")


def test_keys_are_rotated_without_anybody_signing_in_anew(keycloak: Keycloak, asking: Asking) -> None:
    before = code_flow(keycloak, "xixiang-01")["access_token"]
    assert asking.whose(before).subject == "xixiang-01"
    with keycloak.administration() as api:
        realm = api.get("/tricolor").raise_for_status().json()
        provider = {
            "name": "next key",
            "providerId": "rsa-generated",
            "providerType": "org.keycloak.keys.KeyProvider",
            "parentId": realm["id"],
            "config": {"priority": ["200"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"]},
        }
        api.post("/tricolor/components", json=provider).raise_for_status()
    after = code_flow(keycloak, "xixiang-01")["access_token"]
    assert jwt.get_unverified_header(after)["kid"] != jwt.get_unverified_header(before)["kid"]
    asking.seconds += 10.0
    assert asking.whose(after).subject == "xixiang-01"
    asking.seconds += 1_000.0
    asking.forget()
    assert [asking.whose(token).subject for token in (before, after)] == ["xixiang-01"] * 2

    # What is taken off the list for good verifies nothing any more, once the keys are asked for anew.
    with keycloak.administration() as api:
        keys = {"type": "org.keycloak.keys.KeyProvider", "parent": realm["id"]}
        for one in api.get("/tricolor/components", params=keys).raise_for_status().json():
            if one["providerId"] == "rsa-generated" and one["name"] != "next key":
                api.delete(f"/tricolor/components/{one['id']}").raise_for_status()
    asking.seconds += 100_000.0
    asking.forget()
    assert asking.refuses(before)
    assert asking.whose(after).subject == "xixiang-01"


def test_somebody_who_is_disabled_gets_no_further_token(keycloak: Keycloak, asking: Asking) -> None:
    number = keycloak.add_user("leaving", "离职人员", PASSWORD, role=["officer"], station=["xixiang"])
    tokens = code_flow(keycloak, "leaving")
    assert asking.whose(tokens["access_token"]).subject == "leaving"
    with keycloak.administration() as api:
        user = api.get(f"/tricolor/users/{number}").raise_for_status().json()
        api.put(f"/tricolor/users/{number}", json=user | {"enabled": False}).raise_for_status()
    with pytest.raises(RefusedError):
        code_flow(keycloak, "leaving")
    given = {"grant_type": "refresh_token", "client_id": CLIENT, "refresh_token": tokens["refresh_token"]}
    again = httpx.post(f"{keycloak.issuer}/protocol/openid-connect/token", data=given, timeout=60)
    assert again.status_code == 400


def test_nobody_gives_themselves_a_role(keycloak: Keycloak) -> None:
    """What decides over Tricolor is the administrators' to write, and not shown as one's own to edit."""
    token = code_flow(keycloak, "xixiang-01")["access_token"]
    account = httpx.post(
        f"{keycloak.issuer}/account",
        json={"username": "xixiang-01", "attributes": {"tricolor_role": ["admin"]}},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert not account.is_success
    assert said(code_flow(keycloak, "xixiang-01")["access_token"])["tricolor"]["role"] == "officer"
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        keycloak.add_user("strange", "某人", PASSWORD, role=["god"])


def test_a_chief_signs_in_on_keycloaks_page(keycloak: Keycloak, new_system: NewSystem, chromium: Browser) -> None:
    with new_system("keycloak", TRICOLOR_OIDC_ISSUER=keycloak.issuer, TRICOLOR_OIDC_CLIENT_ID=CLIENT) as office:
        keycloak.change_client(CLIENT, redirectUris=[f"{office.http}/sign-in", BACK], webOrigins=[office.http])
        someone = person(chromium, office.http)
        page = someone.page
        page.goto(f"{office.http}/cases?level=red")
        page.get_by_role("button", name="使用单位账号登录").click()
        expect(page).to_have_url(re.compile(re.escape(keycloak.address)))
        someone.shoot("keycloak-sign-in")
        page.locator("#username").fill("xixiang-chief")
        page.locator("#password").fill(PASSWORD)
        page.locator("#kc-login").click()
        expect(page).to_have_url(re.compile(r"/cases\?level=red$"))
        expect(page.get_by_role("banner")).to_contain_text("所长")
        ours = [error for error in someone.errors if keycloak.address not in error]
        assert not ours, "\n".join(ours)
        someone.context.close()
